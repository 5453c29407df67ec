"""Hierarchical charts: parts of parts of a whole, to drill into."""

from __future__ import annotations

import plotly.express as px
import plotly.graph_objects as go

FAMILY = "hierarchical"


def sunburst() -> go.Figure:
    """The people of the world by continent and country, as rings; the colour is their length of life."""
    countries = px.data.gapminder().query("year == 2007")
    return px.sunburst(
        countries, path=[px.Constant("World"), "continent", "country"], values="pop", color="lifeExp"
    )


def treemap() -> go.Figure:
    """The same as nested rectangles, with room for names."""
    countries = px.data.gapminder().query("year == 2007")
    return px.treemap(
        countries, path=[px.Constant("World"), "continent", "country"], values="pop", color="lifeExp"
    )


def icicle() -> go.Figure:
    """Bills by day, time and sex, level by level from left to right."""
    return px.icicle(px.data.tips(), path=[px.Constant("all"), "day", "time", "sex"], values="total_bill")


CHARTS = (
    ("Sunburst", "hierarchy tree rings drill down levels parent child part of whole", sunburst),
    ("Treemap", "hierarchy tree nested rectangles drill down levels part of whole", treemap),
    ("Icicle", "hierarchy tree partition drill down levels part of whole flame", icicle),
)
