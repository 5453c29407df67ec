"""The dashboards, handed out lazily: `from dashboards import GapminderExplorer`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from dashboards.parts.catalogue import DASHBOARDS, load

_SLUGS = {item.class_name: item.slug for item in DASHBOARDS}
# What joins dashboards with each other, and with pictures and pages of one's own.
_PARTS = {
    "LinkedPlotly": "linked_plotly",
    "link_selections": "linking",
    "notebook_extension": "browser_cures",
}

__all__ = [*_SLUGS, *_PARTS]


def __getattr__(name: str) -> Any:
    if name in _SLUGS:
        return load(_SLUGS[name])
    if name in _PARTS:
        return getattr(import_module(f"dashboards.parts.{_PARTS[name]}"), name)
    raise AttributeError(
        f"module {__name__!r} has no attribute {name!r}; it has {', '.join(sorted(__all__))}"
    )


def __dir__() -> list[str]:
    return sorted(__all__)
