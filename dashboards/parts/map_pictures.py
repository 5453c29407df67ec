"""The pictures that only maps have: from the choices and a table to figure specs, without a pane in sight."""

from __future__ import annotations

from typing import Any

import numpy as np

from dashboards.parts.charts.layout import empty_spec
from dashboards.parts.charts.map import Places, View, map_spec
from dashboards.parts.charts.ranking import ranking_spec
from dashboards.parts.charts.shading import Shading, make_shading
from dashboards.parts.explorer_scene import Scene
from dashboards.parts.limits import RANKED_BARS
from dashboards.parts.map_state import EVERYWHERE, ZOOMS, MapState
from data_sources import AnyOf, InPolygon, Predicate
from data_sources.boundaries import LATITUDE, LONGITUDE

__all__ = ["map_state", "places_of", "ranked", "ranking", "region_map", "ring_of", "rows_of"]


def region_map(scene: Scene) -> dict[str, Any]:
    """Draw the measure by region, what is not selected faded; the lasso that selects stays around it."""
    state = map_state(scene)
    if state.measure is None:
        return empty_spec("This table has no column of numbers. Map one under “Data”.", scene.mode)
    rows, values = rows_of(state), scene.now.numbers(state.measure)
    there = rows >= 0
    where = scene.where()
    shown = np.where(there, values[rows], np.nan) if len(values) else np.full(len(rows), np.nan)
    lacking = int((there & ~np.isfinite(shown)).sum()) + int((~there).sum())
    missing = f" ({lacking:,} without a value)" if lacking else ""
    column = scene.table.columns[state.measure]
    return map_spec(
        places_of(state),
        shown,
        None if where is None else there & where[rows],
        shading_of(scene),
        _view(state),
        title=f"{scene.label(state.measure)}{scene.when}{scene.counted()}{missing}",
        value_title=column.title,
        unit=column.unit,
        mode=scene.mode,
        ring=ring_of(state.selection.get(state.owner("map"))),
        note="" if len(rows) == len(state.located.regions) else "grey: not in the table",
    )


def ranking(scene: Scene) -> dict[str, Any]:
    """Draw the regions from the highest to the lowest value, what is not selected in grey."""
    state = map_state(scene)
    if state.measure is None:
        return empty_spec("This table has no column of numbers. Map one under “Data”.", scene.mode)
    rows, values, shading = ranked(scene), scene.now.numbers(state.measure), shading_of(scene)
    known = int(np.isfinite(values).sum())
    column = scene.table.columns[state.measure]
    highest = f"highest {len(rows):,} of {known:,} first" if len(rows) < known else "highest first"
    return ranking_spec(
        [str(name) for name in state.names[rows]],
        values[rows],
        scene.passing("ranking")[rows],
        shading.place(values[rows]),
        shading.coloraxis(""),
        title=f"{column.label}, the {highest}{scene.when}",
        value_title=column.title,
        unit=column.unit,
        scale="log" if shading.kind == "log" else "linear",
        value_range=_reach(scene, shading),
        mode=scene.mode,
    )


def ranked(scene: Scene) -> np.ndarray:
    """Return the rows behind the bars of the ranking, the highest first; of very many the selected."""
    values = scene.now.numbers(scene.state.measure)
    order = np.argsort(-values, kind="stable")
    order = order[np.isfinite(values[order])]
    if len(order) <= RANKED_BARS:
        return order
    chosen = order[scene.passing("ranking")[order]]
    return (chosen if len(chosen) else order)[:RANKED_BARS]


def rows_of(state: MapState) -> np.ndarray:
    """Return for each region of the map the row of the present time, -1 for none: int, shape (regions,)."""

    def make() -> np.ndarray:
        codes = state.now.coding(state.located.column).codes
        row = np.full(len(state.located.places), -1)
        row[codes] = np.arange(len(codes))
        return row[state.located.places >= 0]

    return state.remember(("map rows", state.time), make)


def places_of(state: MapState) -> Places:
    """Return the regions that the table knows at any time, in the order of its categories."""

    def make() -> Places:
        located, regions = state.located, state.located.regions
        on_map = located.places[located.places >= 0]
        names = np.array(located.table.keys(located.column), dtype=object)[located.places >= 0]
        if (regions.is_world and located.by != "name") or all(not isinstance(name, str) for name in names):
            names = np.array(
                [regions.names[place] or str(name) for place, name in zip(on_map, names, strict=True)]
            )
        return Places(
            [regions.keys[place] for place in on_map],
            [str(name) for name in names],
            regions.lon[on_map],
            regions.lat[on_map],
            regions.drawn[on_map],
            regions.geojson,
            f"{regions.name}-{id(regions):x}",
        )

    return state.remember(("places",), make)


def shading_of(scene: Scene) -> Shading:
    """Return the colour scale of the measure: of all times, so that colours keep their meaning."""
    state = map_state(scene)

    def make() -> Shading:
        values = scene.table.numbers(state.measure)
        regions = len(scene.table.keys(state.located.column))
        complete = len(values) == regions * max(len(scene.table.times), 1) and np.isfinite(values).all()
        return make_shading(values, state.shading, state.palette, missing=not complete)

    return state.remember(("shading", state.measure, state.shading, state.palette), make)


def ring_of(predicate: Predicate | None) -> tuple[tuple[float, float], ...]:
    """Return the outline of the lasso behind a predicate; empty when there is none."""
    first = predicate.predicates[0] if isinstance(predicate, AnyOf) and predicate.predicates else predicate
    if isinstance(first, InPolygon) and (first.x, first.y) == (LONGITUDE, LATITUDE):
        return first.vertices
    return ()


def map_state(scene: Scene) -> MapState:
    """Return the state of a scene, which is that of a map."""
    assert isinstance(scene.state, MapState)
    return scene.state


def _view(state: MapState) -> View:
    regions = state.located.regions
    if regions.geojson is None:
        return View(state.projection, None if state.zoom == EVERYWHERE else ZOOMS[state.zoom])

    def make() -> tuple[float, float, float, float]:
        corners = np.array(
            [
                corner
                for feature in regions.geojson["features"]  # type: ignore[index]
                for polygon in feature["geometry"]["coordinates"]
                for corner in polygon[0]
            ]
        )
        (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
        margin = 0.03 * max(east - west, north - south)
        return float(west - margin), float(east + margin), float(south - margin), float(north + margin)

    return View(state.projection, state.remember(("frame",), make), fitted=True)


def _reach(scene: Scene, shading: Shading) -> tuple[float, float] | None:
    """Return the ends of the value axis: those of all times."""
    if shading.kind == "log":
        return shading.low / 1.3, shading.high * 1.1
    values = scene.table.numbers(scene.state.measure)
    known = values[np.isfinite(values)]
    if not len(known):
        return None
    low, high = min(float(known.min()), 0.0), max(float(known.max()), 0.0)
    margin = 0.04 * (high - low) or 1.0
    return (low - margin if low < 0 else 0.0), (high + margin if high > 0 else 0.0)
