"""Figures of Python and of a saved file as plain values, so that they can be compared; for its tests."""

from __future__ import annotations

import base64
import random
from pathlib import Path
from typing import Any

import numpy as np

from dashboards.parts import static_file
from dashboards.parts.explorer_pictures import tree_of
from dashboards.parts.explorer_scene import Scene
from dashboards.parts.linked_explorer import LinkedExplorer
from dashboards.parts.static_pack import joined
from data_sources import AllOf, AnyOf, InPolygon, Interval, IsIn, Predicate, Selection
from data_sources.boundaries import LATITUDE, LONGITUDE

SCRIPTS = ("linking", "explorer", "map")
FIGURES = """([moment, selection, mode, names]) => {
  const kept = ([key, value]) => value != null && key !== "template"
  const plain = (v) => ArrayBuffer.isView(v) || Array.isArray(v) ? Array.from(v, plain)
    : v !== null && typeof v === "object"
      ? Object.fromEntries(Object.entries(v).filter(kept).map(([k, w]) => [k, plain(w)]))
    : typeof v === "number" && !Number.isFinite(v) ? null : v
  const scene = new explorer.Scene(window.data, window.ready, selection, moment, mode)
  return Object.fromEntries(names.map((name) => [name, plain(scene.figure(name))]))
}"""


def scripts() -> str:
    """The JavaScript that computes; no page, no Plotly."""
    folder = Path(static_file.__file__).parent / "static"
    return "\n".join((folder / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)


def packed(explorer: LinkedExplorer) -> str:
    """The data of a saved file, not compressed."""
    return base64.b64encode(joined(explorer.static_view().data)).decode()


def plain(value: Any) -> Any:
    """Reduce a figure to what JSON can say; what is None is not there, whole floats are whole."""
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, dict):
        kept = {str(key): plain(one) for key, one in value.items() if one is not None}
        return {key: one for key, one in kept.items() if key != "template"}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return int(value) if isinstance(value, float) and value.is_integer() else value


def differing(one: Any, other: Any, path: str) -> list[str]:
    """List where two plain values differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted(one.keys() | other.keys())
        return [found for key in keys for found in differing(one.get(key), other.get(key), f"{path}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [found for place, (a, b) in pairs for found in differing(a, b, f"{path}[{place}]")]
    return [] if one == other else [f"{path}: Python {str(one)[:80]}, the file {str(other)[:80]}"]


def figures(explorer: LinkedExplorer) -> dict[str, Any]:
    """What Python draws at present."""
    return {
        name: plain(draw(Scene(explorer.state, explorer.theme), **explorer._extra(name)))
        for name, draw in explorer.drawn.items()
    }


def some_selection(explorer: LinkedExplorer, chance: random.Random) -> Selection:
    """Draw a selection as hands make them: brushes, bins, bars, panels, sectors, the legend, a lasso."""
    state, selection = explorer.state, Selection()
    ends = state.edges[0], state.edges[-1]

    def brush(column: str, low: float, high: float, closed: Any = "both") -> Interval:
        return Interval(column, *sorted(chance.uniform(low, high) for _ in range(2)), closed=closed)

    def keys(column: str) -> tuple[Any, ...]:
        known = state.table.keys(column)
        return tuple(chance.sample(known, chance.randint(1, min(4, len(known)))))

    made: dict[str, Predicate | None] = {
        "histogram": brush(str(state.measure), *ends, closed=chance.choice(["left", "both"])),
        "legend": IsIn(state.stack, keys(state.stack)) if state.stack else None,
    }
    if "bars" in explorer.drawn:
        tree = tree_of(Scene(state, explorer.theme))
        made["bars"] = IsIn(state.bars, keys(state.bars))
        made["tree"] = tree.predicate(str(chance.choice(tree.ids)))
        panel = IsIn(state.facets, keys(state.facets)[:1])
        inner: Predicate = brush(str(state.measure), *ends)
        if state.kind == "scatter":
            xs, ys = (state.table.numbers(name) for name in (state.x, state.y))
            corners = [(chance.choice(xs), chance.choice(ys)) for _ in range(5)]
            inner = InPolygon(state.x, state.y, tuple(corners), log_x=state.log_x)
        made["facets"] = AllOf((panel, inner))
    if "map" in explorer.drawn:
        lons, lats = (state.table.numbers(name) for name in (LONGITUDE, LATITUDE))
        corners = [(float(chance.choice(lons)), float(chance.choice(lats))) for _ in range(6)]
        lasso = InPolygon(LONGITUDE, LATITUDE, tuple(corners))
        made["map"] = chance.choice([lasso, AnyOf((lasso, lasso)), None])
        made["ranking"] = IsIn(state.located.column, keys(state.located.column) * 3)  # type: ignore[attr-defined]
    for view, predicate in made.items():
        if predicate is not None and chance.random() < 0.4:
            selection = selection.with_predicate(state.owner(view), predicate)
    return selection
