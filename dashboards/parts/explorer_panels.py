"""The panels of an explorer: histogram, bars or bubbles for each category; from a scene to a figure spec."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dashboards.parts.charts.facets import BarPanel, BubblePanel, facets_spec
from dashboards.parts.charts.layout import empty_spec
from dashboards.parts.explorer_scene import Scene, evenly, lowered, measure_of
from dashboards.parts.limits import BARS_SHOWN, BUBBLES_SHOWN
from data_sources import IsIn

__all__ = ["facets"]


def facets(scene: Scene) -> dict[str, Any]:
    """Draw a panel a category: histogram, bars of a second dimension, or bubbles."""
    state = scene.state
    if state.facets is None:
        return empty_spec("Panels need categories. Map a dimension under “Data”.", scene.mode)
    if state.kind == "scatter" and (state.x is None or state.y is None):
        return empty_spec("Bubbles need two columns of numbers. Map them under “Data”.", scene.mode)
    if state.kind == "histogram" and state.measure is None:
        return empty_spec("This table has no column of numbers. Map one under “Data”.", scene.mode)
    if not len(scene.now):
        return empty_spec("There are no rows here. Choose or drop another table under “Data”.", scene.mode)
    panels: Sequence[BarPanel | BubblePanel]
    if state.kind == "histogram":
        panels, extra = _histogram_panels(scene)
    elif state.kind == "bar":
        panels, extra = _bar_panels(scene)
    else:
        panels, extra = _bubble_panels(scene)
    return facets_spec(panels, arrangement=state.arrangement, axes=state.axes, mode=scene.mode, **extra)


def _histogram_panels(scene: Scene) -> tuple[list[BarPanel], dict[str, Any]]:
    state, now = scene.state, scene.now
    weight = now.weight if state.weighted else None
    whole = now.histogram(state.measure, state.edges, by=state.facets, weight=weight)
    part = now.histogram(
        state.measure, state.edges, by=state.facets, weight=weight, where=scene.where("facets")
    )
    shades = scene.colors(state.facets)
    middle, width = (state.edges[:-1] + state.edges[1:]) / 2, np.diff(state.edges)
    panels = [
        BarPanel(str(key), shades[key], middle, width, whole.counts[i], part.counts[i])
        for i, key in enumerate(whole.keys)
    ]
    return panels, {
        "title": f"{scene.label(state.measure)} by {lowered(scene.label(state.facets))}{scene.when}",
        "x_title": scene.axis(state.measure),
        "y_title": scene.axis(weight),
        "x_range": (state.edges[0], state.edges[-1]),
        "y_range": (0.0, 1.05 * float(whole.counts.max(initial=0)) or 1.0),
    }


def _bar_panels(scene: Scene) -> tuple[list[BarPanel], dict[str, Any]]:
    state, now = scene.state, scene.now
    measure, second = measure_of(state.height), state.second_dimension
    keys = now.keys(state.facets)
    shades, where = scene.colors(state.facets), scene.passing("facets")
    panels = []
    names: list[str] = []
    for key in keys:
        inside = now.mask(IsIn(state.facets, (key,)))
        whole, part = (
            now.group(second, measure, where=mask, top=BARS_SHOWN) for mask in (inside, inside & where)
        )
        names = [str(name) for name in whole.keys]
        place = np.arange(len(names), dtype=float)
        panels.append(
            BarPanel(str(key), shades[key], place, np.full(len(names), 0.8), whole.values, part.values)
        )
    top = max((float(panel.whole.max(initial=0)) for panel in panels), default=1.0)
    return panels, {
        "title": f"{scene.label(state.height)} by {lowered(scene.label(second))}{scene.when}",
        "x_title": scene.axis(second),
        "y_title": scene.axis(state.height),
        "x_range": (-0.5, len(names) - 0.5),
        "y_range": (0.0, 1.05 * top or 1.0),
        "ticks": names,
    }


def _bubble_panels(scene: Scene) -> tuple[list[BubblePanel], dict[str, Any]]:
    state, now = scene.state, scene.now
    measure = measure_of(state.height)
    x, y = now.numbers(state.x), now.numbers(state.y)
    size = np.ones(len(now)) if measure is None else now.numbers(measure)
    drawn = np.isfinite(x) & np.isfinite(y) & (size > 0) & ((x > 0) if state.log_x else True)
    rows = evenly(np.flatnonzero(drawn), BUBBLES_SHOWN)
    rows = rows[np.argsort(-size[rows], kind="stable")]
    codes, shades, names = now.coding(state.facets).codes, scene.colors(state.facets), state.names
    selected = scene.passing("facets")
    panels = []
    for place, key in enumerate(now.keys(state.facets)):
        mine = rows[codes[rows] == place]
        panels.append(
            BubblePanel(str(key), shades[key], x[mine], y[mine], size[mine], names[mine], selected[mine])
        )
    shown = "" if len(rows) == drawn.sum() else f" – {len(rows):,} of {int(drawn.sum()):,} shown"
    return panels, {
        "title": f"{scene.label(state.y)} over {lowered(scene.label(state.x))}{scene.when}{shown}",
        "x_title": scene.axis(state.x),
        "y_title": scene.axis(state.y),
        "x_range": _padded(scene.table.numbers(state.x), state.log_x),
        "y_range": _padded(scene.table.numbers(state.y), log=False),
        "log_x": state.log_x,
        "largest": _largest(scene.table.numbers(measure)) if measure else 4.0,
        "size_title": scene.label(state.height) if measure else "",
    }


def _largest(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.max(initial=0.0))


def _padded(values: np.ndarray, log: bool) -> tuple[float, float] | None:
    known = values[np.isfinite(values) & ((values > 0) if log else True)]
    if not len(known):
        return None
    low, high = float(known.min()), float(known.max())
    if log:
        return low / 1.25, high * 1.25
    margin = 0.05 * (high - low) or 1.0
    return low - margin, high + margin
