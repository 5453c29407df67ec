"""Attributes of figures by their dotted names: read, walk, compare; for LinkedPlotly and its thinning."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

__all__ = ["attributes", "dotted", "same", "value_at"]

# plotly.js attributes hold no underscore but these (error_x, copy_xstyle, plot_bgcolor, paper_bgcolor):
# all others stand for a dot ("marker_color").
_UNDERSCORED = re.compile(r"(?<!error)(?<!copy)(?<!\bplot)(?<!\bpaper)_")


def dotted(attribute: str) -> str:
    """Write an attribute with dots: "marker_color" is "marker.color", "error_x.array" stays.

    Parameters
    ----------
    attribute : str
        In dots or underscores.
    """
    return _UNDERSCORED.sub(".", attribute)


def value_at(values: Any, path: str) -> Any:
    """Read a dotted path of plain nested mappings; None where there is nothing.

    Parameters
    ----------
    values : mapping
        A trace or layout dict.
    path : str
        Dotted; items of lists in brackets: ``images[0].source``.
    """
    for key in path.replace("[", ".").replace("]", "").split("."):
        if isinstance(values, Mapping):
            values = values.get(key)
        elif isinstance(values, list | tuple) and key.isdigit() and int(key) < len(values):
            values = values[int(key)]
        else:
            return None
    return values


def attributes(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Go through all values with their dotted names.

    Parameters
    ----------
    values : mapping
        A trace dict, or a container in it.
    prefix : str
        Dotted name of the container, with a dot behind it.
    """
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from attributes(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def same(one: Any, other: Any) -> bool:
    """Tell whether two values would draw the same; a doubt is a no.

    Parameters
    ----------
    one, other : object
        Scalars, texts, sequences, arrays.
    """
    if one is other:
        return True
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        if one is None or other is None:
            return False
        one, other = np.asarray(one), np.asarray(other)
        if one.shape != other.shape or one.dtype.kind != other.dtype.kind:
            return False
        return np.array_equal(one, other, equal_nan=one.dtype.kind in "fc")
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    if type(one) is not type(other) and not numbers:
        return False
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    return bool(one == other)
