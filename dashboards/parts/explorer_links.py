"""How the pictures of an explorer answer in a saved file: for each row the bar, bin or sector it counts in.

Each function takes a scene with nothing selected and returns plain data for the function of the same name in
`static/explorer.js`. The JavaScript adds up rows; everything that ranks, collects or names is done here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dashboards.parts.escape import escape
from dashboards.parts.explorer_pictures import bar_stack, tree_of
from dashboards.parts.explorer_scene import Scene, evenly, measure_of
from dashboards.parts.figure_diff import Spec
from dashboards.parts.limits import BARS_SHOWN, BUBBLES_SHOWN, RUG_TICKS, SEGMENTED_ROWS, SEGMENTS_A_BAR
from dashboards.parts.theme import CATEGORICAL
from data_sources import IsIn

__all__ = ["EXPLORER_LINKS", "Link", "counted_title", "stack_colors"]

Link = Callable[[Scene, Spec], dict[str, Any]]


def counted_title(scene: Scene, spec: Spec) -> list[str]:
    """Split the title of a picture around the count of what is selected."""
    before, _, after = spec["layout"]["title"]["text"].rpartition(escape(scene.counted()))
    return [before, after]


def stack_colors(scene: Scene) -> list[str]:
    """Return the colour of each category of the stack, in order; of the one bar without a stack."""
    state = scene.state
    if state.stack is None:
        return [CATEGORICAL[0]]
    colors = scene.colors(state.stack)
    return [colors[key] for key in scene.now.coding(state.stack).keys]


def histogram(scene: Scene, spec: Spec) -> dict[str, Any]:
    """Count rows by bin and category; the rug is coloured by row."""
    state, now = scene.state, scene.now
    values = now.numbers(state.measure)
    places = _bins(values, state.edges)
    lanes = np.zeros(len(now), dtype=np.int32) if state.stack is None else now.coding(state.stack).codes
    bins, keys = len(state.edges) - 1, 1 if state.stack is None else len(now.coding(state.stack).keys)
    ticks = evenly(np.flatnonzero(np.isfinite(values)), RUG_TICKS)
    return {
        "cells": np.where(places >= 0, lanes * bins + places, -1),
        "bins": bins,
        "keys": keys,
        "weight": now.weight if state.weighted else None,
        "ticks": [ticks[lanes[ticks] == lane] for lane in range(keys)],
        "colors": stack_colors(scene),
        "title": counted_title(scene, spec),
    }


def bars(scene: Scene, spec: Spec) -> dict[str, Any]:
    """Add up rows by segment."""
    state, now = scene.state, scene.now
    measure, stack = measure_of(state.height), bar_stack(scene)
    if len(now.keys(state.bars)) > BARS_SHOWN or len(now) > SEGMENTED_ROWS:
        cells = now.group(state.bars, measure, top=BARS_SHOWN).cells
    else:
        found = now.segments(state.bars, measure, limit=SEGMENTS_A_BAR)
        rank = {key: place for place, key in enumerate(stack.keys)}
        order = np.argsort([rank[key] for key in found.bars], kind="stable")
        moved = np.empty(len(order), dtype=np.int32)
        moved[order] = np.arange(len(order), dtype=np.int32)
        cells = moved[found.cells] if len(order) else found.cells
    totals = stack.totals()[stack.bar]
    return {
        "cells": cells,
        "count": len(stack.bar),
        "term": measure,
        "scale": state.scale,
        "share": np.divide(1.0, totals, out=np.zeros_like(totals), where=totals > 0),
        "bar": stack.bar,
        "members": [list(members) for members in stack.members],
        "others": [list(others) for others in stack.others],
        "column": state.bars,
        "detail": now.label or (now.hierarchy[-1] if now.hierarchy else ""),
        "keys": [str(key) for key in stack.keys],
    }


def hierarchy(scene: Scene, spec: Spec) -> dict[str, Any]:
    """Add up rows by sector, and from the leaves to the root."""
    state, tree = scene.state, tree_of(scene)
    depth = np.array([len(path) for path in tree.paths])
    place = {id: number for number, id in enumerate(tree.ids)}
    return {
        "cells": tree.cells,
        "above": np.array([place.get(parent, -1) for parent in tree.parents], dtype=np.int32),
        "levels": np.searchsorted(depth, np.arange(int(depth.max(initial=0)) + 1)),
        "term": measure_of(state.height),
        "shade": state.shade,
        "whole": tree.values,
        "ends": list(scene.ends(state.shade)) if state.shade else [0.0, 1.0],
        "ids": tree.ids,
        "labels": tree.labels,
        "columns": list(tree.columns),
        "paths": [list(path) for path in tree.paths],
        "others": [list(others) for others in tree.others],
    }


def facets(scene: Scene, spec: Spec) -> dict[str, Any]:
    """Count rows by panel and bar; bubbles are coloured by row."""
    state, now = scene.state, scene.now
    panels = now.coding(state.facets)
    common = {
        "kind": state.kind,
        "column": state.facets,
        "keys": panels.keys,
        "across": {"histogram": state.measure, "bar": None, "scatter": state.x}[state.kind],
        "up": state.y if state.kind == "scatter" else None,
        "log": state.kind == "scatter" and state.log_x,
    }
    if state.kind == "histogram":
        places, bins = _bins(now.numbers(state.measure), state.edges), len(state.edges) - 1
        cells = np.where(places >= 0, panels.codes * bins + places, -1)
        return {**common, "cells": cells, "bars": bins, "term": now.weight if state.weighted else None}
    if state.kind == "bar":
        measure, second = measure_of(state.height), state.second_dimension
        cells, count = np.full(len(now), -1), 0
        for place, key in enumerate(panels.keys):
            found = now.group(second, measure, where=now.mask(IsIn(state.facets, (key,))), top=BARS_SHOWN)
            count = len(found.keys)
            cells = np.where(panels.codes == place, place * count + found.cells, cells)
        return {**common, "cells": cells, "bars": count, "term": measure}
    measure = measure_of(state.height)
    x, y = now.numbers(state.x), now.numbers(state.y)
    size = np.ones(len(now)) if measure is None else now.numbers(measure)
    drawn = np.isfinite(x) & np.isfinite(y) & (size > 0) & ((x > 0) if state.log_x else True)
    rows = evenly(np.flatnonzero(drawn), BUBBLES_SHOWN)
    rows = rows[np.argsort(-size[rows], kind="stable")]
    colors = scene.colors(state.facets)
    return {
        **common,
        "bubbles": [rows[panels.codes[rows] == place] for place in range(len(panels.keys))],
        "colors": [colors[key] for key in panels.keys],
    }


def lines(scene: Scene, spec: Spec) -> dict[str, Any]:
    """Average or add up rows by time, for each category or, of a few, for each name."""
    state, table = scene.state, scene.table
    times = table.coding(str(table.time))
    whole = table.lines(state.measure, by=state.stack)
    stack = None if state.stack is None else table.coding(state.stack)
    context = len(whole.keys)
    return {
        "measure": state.measure,
        "times": times.codes,
        "count": len(whole.times),
        "stack": state.stack,
        "shown": [0] if stack is None else [stack.places[key] for key in whole.keys],
        "names": ["all"] if stack is None else [str(key) for key in stack.keys],
        "colors": stack_colors(scene),
        "label": table.label,
        "context": context,
        "line": spec["data"][context] if len(spec["data"]) > context else None,
        "whole": whole.values,
        "title": counted_title(scene, spec),
    }


def _bins(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return the bin of each value, -1 for none."""
    places = np.searchsorted(edges, values, side="right") - 1
    return np.where(np.isnan(values) | (places >= len(edges) - 1), -1, places)


EXPLORER_LINKS: Mapping[str, Link] = {
    "histogram": histogram,
    "bars": bars,
    "facets": facets,
    "lines": lines,
    "sunburst": hierarchy,
    "treemap": hierarchy,
}
