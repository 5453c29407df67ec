"""The pages that `bench_worldmap` drives: our map, and the one that one writes first.

The plain way builds ``px.choropleth`` anew for each year and the linked figures for each selection, and
assigns them to plain panes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import panel as pn
import plotly.express as px
import plotly.graph_objects as go

from dashboards.parts.shell import make_page
from dashboards.worldmap import WorldMap
from data_sources import Table
from data_sources.boundaries import read_boundaries

__all__ = ["NAMES", "REGIONS", "YEARS", "fields", "fields_page", "ours", "plain_fields", "plain_world"]

NAMES = ("map", "histogram", "ranking", "lines")
REGIONS = 3_000
YEARS = tuple(range(2001, 2013))
_CORNERS = 24


@cache
def shapes() -> dict[str, Any]:
    """Return a GeoJSON of 3,000 regions that fill a rectangle, each with a wavy border of 24 corners."""
    columns, rows = 75, REGIONS // 75
    features = []
    for number in range(REGIONS):
        west, south = (number % columns) * 0.5 - 18.75, (number // columns) * 0.5 - 10
        ring = []
        for corner in range(_CORNERS):
            angle = -2 * math.pi * corner / _CORNERS
            reach = 0.25 * (1 + 0.08 * math.sin(5 * angle + number))
            ring.append([west + reach * math.cos(angle), south + reach * math.sin(angle)])
        features.append(
            {
                "type": "Feature",
                "id": f"R{number:04d}",
                "properties": {"region": f"R{number:04d}"},
                "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
            }
        )
    assert rows * columns == REGIONS
    return {"type": "FeatureCollection", "features": features}


@cache
def values() -> pd.DataFrame:
    """Return a number for each of the 3,000 regions in each of 12 years."""
    rng = np.random.default_rng(0)
    start = rng.gamma(3.0, 12.0, REGIONS)
    parts = [
        pd.DataFrame(
            {
                "region": [f"R{number:04d}" for number in range(REGIONS)],
                "year": year,
                "rate": np.round(start * (1 + 0.05 * place) + rng.normal(0, 2, REGIONS) ** 2, 2),
            }
        )
        for place, year in enumerate(YEARS)
    ]
    return pd.concat(parts, ignore_index=True)


def ours() -> Any:
    """Show our map of Gapminder."""
    return make_page(WorldMap).page


def fields() -> WorldMap:
    """Return our map of the 3,000 regions."""
    regions = read_boundaries(json.dumps(shapes()).encode(), "regions.geojson")
    return WorldMap(Table(values(), name="rates", label="region", time="year"), regions)


def fields_page() -> Any:
    """Show our map of the 3,000 regions."""
    return make_page(fields).page


def plain_world() -> Any:
    """Show Gapminder the plain way."""
    frame = px.data.gapminder()

    def draw(rows: pd.DataFrame) -> go.Figure:
        return px.choropleth(rows, locations="iso_alpha", color="lifeExp", hover_name="country")

    return _plain_page(frame, "country", "lifeExp", draw)


def plain_fields() -> Any:
    """Show the 3,000 regions the plain way."""

    def draw(rows: pd.DataFrame) -> go.Figure:
        figure = px.choropleth(
            rows, geojson=shapes(), locations="region", featureidkey="id", color="rate", hover_name="region"
        )
        return figure.update_geos(fitbounds="locations", visible=False)

    return _plain_page(values(), "region", "rate", draw)


def _plain_page(
    frame: pd.DataFrame, key: str, measure: str, draw: Callable[[pd.DataFrame], go.Figure]
) -> Any:
    pn.extension("plotly")
    years = sorted(int(year) for year in frame.year.unique())
    slider = pn.widgets.DiscreteSlider(options=years, value=years[-1])
    chosen: dict[str, Any] = {"keys": None}

    def figures(year: int, drawn: tuple[str, ...] = NAMES) -> dict[str, go.Figure]:
        now = frame[frame.year == year]
        part = now if chosen["keys"] is None else now[now[key].isin(chosen["keys"])]
        always = frame[frame[key].isin(part[key])]
        makers: dict[str, Callable[[], go.Figure]] = {
            "map": lambda: draw(now).update_layout(dragmode="lasso"),
            "histogram": lambda: px.histogram(part, x=measure),
            "ranking": lambda: px.bar(
                part.sort_values(measure, ascending=False).head(400), x=key, y=measure, color=measure
            ),
            "lines": lambda: px.line(
                always.groupby("year", as_index=False)[measure].mean(), x="year", y=measure
            ),
        }
        return {name: makers[name]() for name in drawn}

    heights = {"map": 468, "histogram": 224, "ranking": 224, "lines": 330}
    panes = {
        name: pn.pane.Plotly(
            figure,
            height=heights[name],
            width=610 if name == "map" else 400,
            css_classes=[f"view-{name}"],
            config={"topojsonURL": "assets/topojson/"},
        )
        for name, figure in figures(years[-1]).items()
    }

    def stepped(event: Any) -> None:
        for name, figure in figures(event.new).items():
            panes[name].object = figure

    def brushed(event: Any) -> None:
        if not event.new or not event.new.get("points"):
            return
        chosen["keys"] = {point.get("hovertext") for point in event.new["points"]}
        for name, figure in figures(slider.value, NAMES[1:]).items():
            panes[name].object = figure

    slider.param.watch(stepped, "value")
    panes["map"].param.watch(brushed, "selected_data", onlychanged=False)
    return pn.Column(
        slider, pn.Row(panes["map"], pn.Column(panes["histogram"], panes["ranking"])), panes["lines"]
    )
