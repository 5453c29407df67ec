"""Heat maps and contours: a value for each place of a plane."""

from __future__ import annotations

import numpy as np
import plotly.express as px
import plotly.graph_objects as go

FAMILY = "heat map"


def heatmap() -> go.Figure:
    """Life expectancy of the Americas, country by country and year by year."""
    americas = px.data.gapminder().query("continent == 'Americas'")
    return px.imshow(
        americas.pivot(index="country", columns="year", values="lifeExp"), aspect="auto", text_auto=".0f"
    )


def annotated_heatmap() -> go.Figure:
    """Medals with the number in each cell."""
    medals = px.data.medals_wide(indexed=True)
    return px.imshow(medals, text_auto=True, color_continuous_scale="Blues")


def correlation_matrix() -> go.Figure:
    """How four measures of a flower go together, on a scale with zero in the middle."""
    sizes = px.data.iris().iloc[:, :4].corr()
    return px.imshow(sizes, zmin=-1, zmax=1, color_continuous_scale="RdBu_r", text_auto=".2f")


def density_heatmap() -> go.Figure:
    """How many bills fall into each cell of a grid, with both histograms."""
    return px.density_heatmap(
        px.data.tips(), x="total_bill", y="tip", marginal_x="histogram", marginal_y="histogram"
    )


def density_contour() -> go.Figure:
    """Lines of equal density of two measures."""
    return px.density_contour(px.data.iris(), x="sepal_width", y="sepal_length", color="species")


def contour() -> go.Figure:
    """Lines of equal height of a surface, filled."""
    x = np.linspace(-3, 3, 61)
    height = np.sin(x)[None, :] * np.cos(x)[:, None]
    return go.Figure(
        go.Contour(x=x, y=x, z=height, colorscale="RdBu", contours={"showlabels": True}),
        {"title": {"text": "sin x · cos y"}},
    )


def holoviews_heat_map() -> object:
    """Bills by day and time of day as a HoloViews element, drawn by Plotly."""
    import holoviews as hv

    bills = px.data.tips().groupby(["day", "time"], as_index=False)["total_bill"].mean()
    return hv.HeatMap(bills, ["time", "day"], "total_bill", label="Mean bill")


CHARTS = (
    ("Heat map", "matrix grid colour table years countries", heatmap),
    ("Annotated heat map", "matrix text numbers cells confusion matrix", annotated_heatmap),
    ("Correlation matrix", "diverging colour scale pairwise heatmap", correlation_matrix),
    ("Density heat map", "two dimensional histogram 2d bins distribution heatmap", density_heatmap),
    ("Density contours", "two dimensional distribution kernel lines", density_contour),
    ("Contour plot", "isolines level height surface topographic", contour),
    ("HoloViews heat map", "matrix grid heatmap hvplot", holoviews_heat_map),
)
