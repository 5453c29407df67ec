"""How the pictures that only maps have answer in a saved file; for the world map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dashboards.parts.charts.map import DOTS, SHAPES
from dashboards.parts.charts.ranking import short_name
from dashboards.parts.explorer_links import EXPLORER_LINKS, Link, counted_title
from dashboards.parts.explorer_scene import Scene
from dashboards.parts.figure_diff import Spec
from dashboards.parts.map_pictures import map_state, places_of, ranked, rows_of
from data_sources.boundaries import LATITUDE, LONGITUDE

__all__ = ["MAP_LINKS"]


def region_map(scene: Scene, spec: Spec) -> dict[str, Any]:
    """Fade what is not selected; the regions of each trace, and the row behind each region."""
    state, places = map_state(scene), places_of(map_state(scene))
    keys = np.array(scene.table.keys(state.located.column), dtype=object)[state.located.places >= 0]
    return {
        "column": state.located.column,
        "lon": LONGITUDE,
        "lat": LATITUDE,
        "keys": keys.tolist(),
        "rows": rows_of(state),
        "traces": [places.of_trace(SHAPES), places.of_trace(DOTS)],
        "title": counted_title(scene, spec),
    }


def ranking(scene: Scene, spec: Spec) -> dict[str, Any]:
    """Colour the bars that are selected; the row behind each bar."""
    rows = ranked(scene)
    return {
        "column": map_state(scene).located.column,
        "rows": rows,
        "values": scene.now.numbers(str(scene.state.measure))[rows],
        "names": [short_name(str(name)) for name in scene.state.names[rows]],
    }


MAP_LINKS: Mapping[str, Link] = {**EXPLORER_LINKS, "map": region_map, "ranking": ranking}
