"""What a brush or click in a picture of a table means as a predicate, and back; pure functions."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from dashboards.parts.plotly_events import Brush, Point
from data_sources import AllOf, InPolygon, Interval, IsIn, Predicate

__all__ = ["bin_predicate", "outlines", "panel_predicate", "range_predicate", "toggled"]


def range_predicate(brush: Brush | None, column: str, span: float) -> Predicate | None:
    """Read a brush along the horizontal axis.

    Parameters
    ----------
    brush : Brush or None
    column : str
        What the axis shows.
    span : float
        Length of the axis; the ends are rounded to a thousandth of it, which is what a hand can mean.
    """
    if brush is None or brush.x is None:
        return None
    digits = 3 - math.floor(math.log10(span)) if span > 0 else 3
    low, high = (round(float(end), digits) for end in brush.x)
    return Interval(column, low, high, closed="both")


def bin_predicate(point: Point, column: str, edges: np.ndarray) -> Predicate | None:
    """Read a click on a bar of a histogram.

    Parameters
    ----------
    point : Point
    column : str
    edges : ndarray of float, shape (bins + 1,)
    """
    place = int((edges <= float(point.x)).sum()) - 1
    if not 0 <= place < len(edges) - 1:
        return None
    return Interval(column, float(edges[place]), float(edges[place + 1]))


def panel_predicate(
    brush: Brush,
    facets: str,
    keys: Sequence[Hashable],
    across: str | None,
    up: str | None,
    log_x: bool = False,
) -> Predicate | None:
    """Read a brush in one panel of several.

    Parameters
    ----------
    brush : Brush
    facets : str
        The dimension with one panel a category.
    keys : sequence
        Its categories, in the order of the panels.
    across, up : str or None
        Columns on the axes; None where an axis shows no column: a brush along it selects the whole panel.
    log_x : bool
        The horizontal axis is logarithmic.
    """
    place = int(brush.xaxis[1:] or 1) - 1
    if not 0 <= place < len(keys):
        return None
    inside: list[Predicate] = [IsIn(facets, (keys[place],))]
    if brush.vertices and across and up:
        inside.append(InPolygon(across, up, brush.vertices, log_x=log_x))
    else:
        for column, ends in ((across, brush.x), (up, brush.y)):
            if column is not None and ends is not None:
                low, high = (float(f"{end:.5g}") for end in ends)
                inside.append(Interval(column, low, high, closed="both"))
    return AllOf(tuple(inside))


def toggled(
    before: tuple[Hashable, ...], clicked: tuple[Hashable, ...], point: Point
) -> tuple[Hashable, ...]:
    """Return which categories are chosen after a click.

    Parameters
    ----------
    before : tuple
        Chosen so far.
    clicked : tuple
        What the clicked bar stands for: one category, or the collected others.
    point : Point
        With Shift, Ctrl or Command held the click adds to or takes from what is chosen.
    """
    if point.modifiers & {"shift", "ctrl", "meta"}:
        if set(clicked) <= set(before):
            return tuple(old for old in before if old not in clicked)
        return (*before, *(key for key in clicked if key not in before))
    return () if before == clicked else clicked


def outlines(
    predicate: Predicate | None, keys: Sequence[Hashable] = (), top: float = 1.0
) -> list[dict[str, Any]]:
    """Return the outline of the brush that made a predicate, as ``layout.selections``.

    Parameters
    ----------
    predicate : Predicate or None
    keys : sequence
        Categories of the panels, where there are several.
    top : float
        Upper end of a vertical axis that starts at 0: a brush over a range is as high as the axis. In data
        units, since Plotly dims nothing outside of an outline whose height is a share of the axis.

    Returns
    -------
    list of dict
        Empty for a predicate that no brush makes.
    """
    number, inner = "", [predicate]
    if isinstance(predicate, AllOf):
        panel = next((part for part in predicate.predicates if isinstance(part, IsIn)), None)
        if panel is None or not panel.values or panel.values[0] not in keys:
            return []
        place = list(keys).index(panel.values[0])
        number, inner = ("" if place == 0 else str(place + 1)), list(predicate.predicates)
    axes = {"xref": f"x{number}", "yref": f"y{number}"}
    for part in inner:
        if isinstance(part, InPolygon):
            path = "M" + "L".join(f"{x},{y}" for x, y in part.vertices) + "Z"
            return [{"type": "path", "path": path, **axes}]
    intervals = [part for part in inner if isinstance(part, Interval)]
    if not intervals or any(part.low is None or part.high is None for part in intervals):
        return []
    if any(part.closed != "both" for part in intervals):
        return []  # a clicked bin: it is framed, so that it can be clicked again
    box = {"type": "rect", "x0": intervals[0].low, "x1": intervals[0].high, **axes}
    if len(intervals) == 2:
        return [{**box, "y0": intervals[1].low, "y1": intervals[1].high}]
    return [{**box, "y0": 0, "y1": top}]
