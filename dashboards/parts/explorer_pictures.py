"""The pictures of an explorer: from its choices and a table to figure specs, without a pane in sight."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Literal

import numpy as np

from dashboards.parts.charts.bars import Stack, bars_spec
from dashboards.parts.charts.hierarchy import hierarchy_spec
from dashboards.parts.charts.histogram import Rug, histogram_spec
from dashboards.parts.charts.layout import empty_spec
from dashboards.parts.charts.lines import lines_spec
from dashboards.parts.explorer_panels import facets
from dashboards.parts.explorer_scene import Scene, evenly, lowered, measure_of
from dashboards.parts.limits import (
    BARS_SHOWN,
    NAMED_LINES,
    RUG_TICKS,
    SEGMENTED_ROWS,
    SEGMENTS_A_BAR,
)
from dashboards.parts.theme import CATEGORICAL
from data_sources import Interval, Segments, Tree

__all__ = ["bar_stack", "bars", "facets", "histogram", "lines", "sunburst", "tree_of", "treemap"]


def histogram(scene: Scene, hidden: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Draw the histogram of the measure, stacked by the categories, with its rug."""
    state, now = scene.state, scene.now
    if state.measure is None:
        return empty_spec("This table has no column of numbers. Map one under “Data”.", scene.mode)
    edges = state.edges
    weight = now.weight if state.weighted else None
    ask = {"by": state.stack, "weight": weight}
    whole = now.histogram(state.measure, edges, **ask)
    part = now.histogram(state.measure, edges, **ask, where=scene.where("histogram"))
    keys = [str(key) for key in whole.keys]
    shades = {str(key): shade for key, shade in _stack_colors(scene, whole.keys).items()}
    missing = f" ({whole.missing:,} without a value)" if whole.missing else ""
    return histogram_spec(
        edges,
        keys,
        part.counts,
        whole.counts,
        colors=shades,
        title=f"{scene.label(state.measure)}{scene.when}{scene.counted()}{missing}",
        axis_title=scene.axis(state.measure),
        count_title=scene.axis(weight),
        mode=scene.mode,
        top=_top(scene, weight),
        names=_names_by_bin(scene, edges),
        rug=_rug(scene, keys),
        hidden=hidden,
        as_whole_number=weight is None,
        framed=_framed_bin(scene),
    )


def _framed_bin(scene: Scene) -> tuple[float, float] | None:
    """Return the ends of the bin that a click in the histogram selected: half open, as bins are."""
    chosen = scene.state.selection.get(scene.state.owner("histogram"))
    if not isinstance(chosen, Interval) or chosen.closed != "left":
        return None
    if not isinstance(chosen.low, float | int) or not isinstance(chosen.high, float | int):
        return None
    return float(chosen.low), float(chosen.high)


def bars(scene: Scene, chosen: tuple[Hashable, ...] = ()) -> dict[str, Any]:
    """Draw a bar a category, built of one segment a row (or of one bar each where there are too many)."""
    state = scene.state
    if state.bars is None:
        return empty_spec("This table has no categories. Map a dimension under “Data”.", scene.mode)
    stack = bar_stack(scene)
    height = scene.label(state.height)
    return bars_spec(
        stack,
        title=f"{height} by {lowered(scene.label(state.bars))}{scene.when}",
        axis_title=scene.axis(state.bars),
        value_title=f"Share of {lowered(height)}" if state.scale == "share" else scene.axis(state.height),
        color_title=scene.axis(state.shade) if state.shade else "",
        color_range=scene.ends(state.shade) if state.shade else (0.0, 1.0),
        scale=state.scale,
        mode=scene.mode,
        top=_bar_top(scene),
        chosen=chosen,
    )


def bar_stack(scene: Scene) -> Stack:
    """Return the segments of the bars; their order is that of the last time, so that bars do not jump."""
    state, now = scene.state, scene.now
    measure = measure_of(state.height)
    if len(now.keys(state.bars)) > BARS_SHOWN or len(now) > SEGMENTED_ROWS:
        whole, part = (
            now.group(state.bars, measure, state.shade, top=BARS_SHOWN, where=where)
            for where in (None, scene.where("bars"))
        )
        place = np.arange(len(whole.keys))
        labels = [
            f"{key} ({_list(whole.others)})" if key == whole.others_key else str(key) for key in whole.keys
        ]
        members = [whole.others if key == whole.others_key else (key,) for key in whole.keys]
        shades = _shades(whole.colors, len(place))
        others = [()] * len(place)
        return Stack(list(whole.keys), place, whole.values, part.values, shades, labels, members, others)
    whole_segments, part_segments = (
        now.segments(state.bars, measure, state.shade, where=where, limit=SEGMENTS_A_BAR)
        for where in (None, scene.where("bars"))
    )
    order = _bar_order(scene)
    rank = {key: place for place, key in enumerate(order)}
    place = np.array([rank[key] for key in whole_segments.bars], dtype=int)
    sort = np.argsort(place, kind="stable")
    return Stack(
        order,
        place[sort],
        whole_segments.values[sort],
        part_segments.values[sort],
        _shades(whole_segments.colors, len(place))[sort],
        [_segment_name(whole_segments, int(i)) for i in sort],
        [(key,) for key in order],
        [whole_segments.others[i] for i in sort],
    )


def sunburst(scene: Scene) -> dict[str, Any]:
    """Draw the hierarchy as rings."""
    return _tree(scene, "sunburst")


def treemap(scene: Scene) -> dict[str, Any]:
    """Draw the same hierarchy as nested rectangles."""
    return _tree(scene, "treemap")


def tree_of(scene: Scene, where: np.ndarray | None = None) -> Tree:
    """Return the hierarchy of the present time; `where` changes values and colours, never the nodes."""
    state = scene.state
    return scene.now.tree(state.path_columns(), measure_of(state.height), state.shade, where=where)


def _tree(scene: Scene, kind: Literal["sunburst", "treemap"]) -> dict[str, Any]:
    state = scene.state
    if state.path is None:
        return empty_spec("A hierarchy needs a dimension. Map one under “Data”.", scene.mode)
    where = scene.where("tree")
    whole = tree_of(scene)
    part = whole if where is None else tree_of(scene, where)
    share = np.divide(part.values, whole.values, out=np.zeros(len(whole.values)), where=whole.values > 0)
    return hierarchy_spec(
        kind,
        list(whole.ids),
        list(whole.labels),
        list(whole.parents),
        whole.values,
        _shades(whole.colors, len(whole.ids)),
        _shades(part.colors, len(whole.ids)),
        share,
        title=f"{scene.label(state.height)} by {lowered(' › '.join(state.path_columns()))}{scene.when}",
        size_title=scene.label(state.height),
        color_title=scene.axis(state.shade) if state.shade else "",
        color_range=scene.ends(state.shade) if state.shade else (0.0, 1.0),
        mode=scene.mode,
    )


def lines(scene: Scene) -> dict[str, Any]:
    """Draw the measure over time: categories as a whole in grey, what is selected in colour.

    A few who are selected get a line each, with their names; more are joined by category.
    """
    state, table = scene.state, scene.table
    if table.time is None or state.measure is None or len(table.times) < 2:
        return empty_spec("Time lines need a column of times. Map one under “Data”.", scene.mode)
    whole = table.lines(state.measure, by=state.stack)
    chosen = scene.where()
    shades = {str(key): shade for key, shade in _stack_colors(scene, whole.keys).items()}
    if chosen is None:
        part = whole
    else:
        rows, by, keys = followed(scene, chosen), state.stack, list(whole.keys)
        if table.label is not None and 0 < chosen.sum() <= NAMED_LINES:
            by, keys = table.label, list(state.names[chosen])
            groups = np.full(len(keys), whole.keys[0])
            if state.stack is not None:
                coding = scene.now.coding(state.stack)
                groups = coding.keys[coding.codes[chosen]]
            shades |= {str(key): shades[str(group)] for key, group in zip(keys, groups, strict=True)}
        part = table.lines(state.measure, by=by, where=rows, keys=keys)
    low, high = scene.ends(state.measure)
    low, high = np.nanmin([low, *whole.values.ravel()]), np.nanmax([high, *whole.values.ravel()])
    margin = 0.04 * (high - low) or 1.0
    return lines_spec(
        np.array(whole.times.tolist()),
        {str(key): _drawn(values) for key, values in zip(whole.keys, whole.values, strict=True)},
        {str(key): _drawn(values) for key, values in zip(part.keys, part.values, strict=True)},
        colors=shades,
        title=f"{scene.label(state.measure)} over time{scene.counted()}",
        time_title=table.columns[table.time].label,
        value_title=scene.axis(state.measure),
        # As far as any one of them reaches: on a fixed axis a brush repaints the lines alone.
        value_range=(float(low - margin), float(high + margin)),
        now=state.time,
        mode=scene.mode,
    )


def _drawn(values: np.ndarray, digits: int = 7) -> np.ndarray:
    """Round to what a picture and its hover can show: 17 digits are most of what a brush would send."""
    size = np.abs(values)
    size[~(np.isfinite(size) & (size > 0))] = 1.0
    places = 10.0 ** (digits - 1 - np.floor(np.log10(size)))
    return np.round(values * places) / places


def followed(scene: Scene, chosen: np.ndarray) -> np.ndarray:
    """Return the rows, at all times, of those who are selected now: countries followed through time."""
    table, label = scene.table, scene.table.label
    if label is None:
        return (
            scene.passing() if len(scene.now) == len(table) else np.asarray(table.mask(scene.state.selection))
        )
    mine = np.unique(scene.now.coding(label).codes[chosen])
    return np.isin(table.coding(label).codes, mine)


# -- parts of pictures --------------------------------------------------------------------------


def _rug(scene: Scene, keys: list[str]) -> Rug:
    state, now = scene.state, scene.now
    values = now.numbers(state.measure)
    rows = evenly(np.flatnonzero(np.isfinite(values)), RUG_TICKS)
    lanes = np.zeros(len(now), dtype=int) if state.stack is None else now.coding(state.stack).codes
    return Rug(values[rows], lanes[rows], state.names[rows], scene.passing("histogram")[rows])


def _names_by_bin(scene: Scene, edges: np.ndarray) -> list[list[str]] | None:
    """Return who is in each bin, when rows have names and are few."""
    now, state = scene.now, scene.state
    if now.label is None or len(now) > RUG_TICKS:
        return None
    values = now.numbers(state.measure)
    places = np.searchsorted(edges, values, side="right") - 1
    names = state.names
    return [sorted(names[places == place]) for place in range(len(edges) - 1)]


def _stack_colors(scene: Scene, keys: np.ndarray) -> dict[Any, str]:
    stack = scene.state.stack
    return dict.fromkeys(keys, CATEGORICAL[0]) if stack is None else scene.colors(stack)


def _top(scene: Scene, weight: str | None) -> float:
    """Return the upper end of the count axis: the highest bin of all times, so that it stays put."""
    state = scene.state

    def make() -> float:
        moments = (moment.histogram(state.measure, state.edges, weight=weight) for moment in state.moments)
        return 1.08 * max(float(moment.counts.max(initial=0)) for moment in moments) or 1.0

    return state.remember(("top", state.measure, state.width, weight, state.time is None), make)


def _bar_order(scene: Scene) -> list[Hashable]:
    """Return the bars, the highest first: as at the last time, so that bars stay where they are."""
    state = scene.state
    if scene.table.columns[state.bars].order is not None and state.bars.endswith(" band"):
        return scene.table.keys(state.bars)
    last = state.moments[-1]
    return list(last.group(state.bars, measure_of(state.height), by_size=True).keys)


def _bar_top(scene: Scene) -> float:
    state = scene.state

    def make() -> float:
        moments = (moment.group(state.bars, measure_of(state.height)) for moment in state.moments)
        return 1.05 * max(float(moment.values.max(initial=0)) for moment in moments) or 1.0

    return state.remember(("bar top", state.bars, state.height, state.time is None), make)


def _segment_name(segments: Segments, place: int) -> str:
    key = str(segments.keys[place])
    return f"{key} ({_list(segments.others[place])}; click for all)" if segments.others[place] else key


def _list(names: tuple[Hashable, ...], shown: int = 2) -> str:
    more = f" and {len(names) - shown:,} more" if len(names) > shown else ""
    return ", ".join(str(name) for name in names[:shown]) + more


def _shades(colors: np.ndarray | None, count: int) -> np.ndarray:
    return np.full(count, np.nan) if colors is None else colors
