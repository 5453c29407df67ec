"""The dashboards, handed out lazily: `from dashboards import GapminderExplorer`."""

from __future__ import annotations

from typing import Any

from dashboards.parts.catalogue import DASHBOARDS, load

__all__ = [item.class_name for item in DASHBOARDS]

_SLUGS = {item.class_name: item.slug for item in DASHBOARDS}


def __getattr__(name: str) -> Any:
    if name in _SLUGS:
        return load(_SLUGS[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(sorted(_SLUGS))}")


def __dir__() -> list[str]:
    return sorted(__all__)
