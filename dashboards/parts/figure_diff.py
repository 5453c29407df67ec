"""What differs between two figure specs, as the smallest in-place patch; pure, used by the views.

A *spec* is a figure as plain data: ``{"data": [trace, …], "layout": {…}}`` with numpy arrays for the
columns. Dashboards write one pure function from state to spec; the difference to what is on the screen
is computed here, so nobody writes patch code by hand and nothing is sent twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Patch", "Spec", "difference"]

Spec = Mapping[str, Any]


class Patch(NamedTuple):
    """An in-place change: trace index → {dotted attribute: value}, and {dotted layout attribute: value}."""

    traces: dict[int | str, dict[str, Any]]
    layout: dict[str, Any]

    def __bool__(self) -> bool:
        return bool(self.traces) or bool(self.layout)


def difference(old: Spec, new: Spec) -> Patch | None:
    """Compare two specs.

    Parameters
    ----------
    old, new : mapping
        Figure specs.

    Returns
    -------
    Patch or None
        None when the structure differs (number, type, axes or uid of the traces), so that the figure
        must be replaced as a whole. An attribute that is gone is patched to None; the template is left out.
    """
    if [_identity(trace) for trace in old["data"]] != [_identity(trace) for trace in new["data"]]:
        return None
    traces: dict[int | str, dict[str, Any]] = {}
    for place, (before, after) in enumerate(zip(old["data"], new["data"], strict=True)):
        if changed := dict(_changes(before, after, "")):
            traces[place] = changed
    return Patch(traces, dict(_changes(old.get("layout", {}), new.get("layout", {}), "")))


def _identity(trace: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(trace.get(key) for key in ("type", "uid", "xaxis", "yaxis", "orientation", "mode"))


def _changes(old: Mapping[str, Any], new: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key in old.keys() | new.keys():
        before, after = old.get(key), new.get(key)
        if key == "template" and prefix == "":
            continue  # a view's theme has its own door: LinkedPlotly.set_theme
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _changes(before, after, f"{prefix}{key}.")
        elif not _equal(before, after):
            yield f"{prefix}{key}", after


def _equal(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        one, other = np.asarray(one), np.asarray(other)
        if one.shape != other.shape or one.dtype != other.dtype:
            return False
        return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        if len(one) != len(other):
            return False
        if one and isinstance(one[0], str) and isinstance(other[0], str):
            return list(one) == list(other)  # names and texts, compared at once
        return all(_equal(a, b) for a, b in zip(one, other, strict=True))
    return bool(one == other)
