"""Statistical charts: distributions, and many variables at once."""

from __future__ import annotations

import plotly.express as px
import plotly.graph_objects as go

FAMILY = "statistical"


def histogram() -> go.Figure:
    """How life expectancy spreads over 142 countries."""
    return px.histogram(px.data.gapminder().query("year == 2007"), x="lifeExp", color="continent")


def histogram_with_rug() -> go.Figure:
    """The same with one tick a country above it."""
    countries = px.data.gapminder().query("year == 2007")
    return px.histogram(countries, x="lifeExp", marginal="rug", hover_name="country", color="continent")


def box() -> go.Figure:
    """Median, quartiles and outliers of bills, by day."""
    return px.box(px.data.tips(), x="day", y="total_bill", color="smoker", points="outliers")


def violin() -> go.Figure:
    """The shape of a distribution, with the box inside and all points beside it."""
    return px.violin(px.data.tips(), x="sex", y="tip", box=True, points="all")


def strip() -> go.Figure:
    """Every value as a point, moved apart a little."""
    return px.strip(px.data.tips(), x="day", y="tip", color="time")


def ecdf() -> go.Figure:
    """Which share of the bills is below an amount."""
    return px.ecdf(px.data.tips(), x="total_bill", color="sex")


def error_bars() -> go.Figure:
    """Means with their standard deviation."""
    irises = px.data.iris().groupby("species", as_index=False)["petal_length"].agg(["mean", "std"])
    return px.scatter(irises, x="species", y="mean", error_y="std")


def scatter_matrix() -> go.Figure:
    """Every variable against every other."""
    sizes = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    return px.scatter_matrix(px.data.iris(), dimensions=sizes, color="species")


def marginals() -> go.Figure:
    """Points with the distribution along each axis."""
    return px.scatter(
        px.data.iris(),
        x="sepal_width",
        y="sepal_length",
        color="species",
        marginal_x="box",
        marginal_y="violin",
    )


def parallel_coordinates() -> go.Figure:
    """One line a flower over four axes; brush an axis to follow some of them."""
    return px.parallel_coordinates(
        px.data.iris(),
        dimensions=["sepal_length", "sepal_width", "petal_length", "petal_width"],
        color="species_id",
    )


def parallel_categories() -> go.Figure:
    """How groups split and join over several columns."""
    return px.parallel_categories(px.data.tips(), dimensions=["sex", "smoker", "day", "time"])


def holoviews_violins() -> object:
    """Distributions of tips by day as a HoloViews element, drawn by Plotly."""
    import holoviews as hv

    return hv.Violin(px.data.tips(), "day", "tip", label="Tips by day")


CHARTS = (
    ("Histogram", "distribution bins frequency count stacked", histogram),
    ("Histogram with rug", "distribution marginal ticks bins", histogram_with_rug),
    ("Box plot", "distribution quartile median outlier whisker", box),
    ("Violin plot", "distribution density kernel shape", violin),
    ("Strip chart", "distribution jitter points categories", strip),
    ("Cumulative distribution", "ecdf distribution percentile share below", ecdf),
    ("Error bars", "uncertainty mean standard deviation confidence", error_bars),
    ("Scatter matrix", "splom pairs pairwise correlation many variables", scatter_matrix),
    ("Scatter with marginals", "distribution joint box violin axis", marginals),
    ("Parallel coordinates", "many variables multivariate axes brush", parallel_coordinates),
    ("Parallel categories", "alluvial flow groups contingency", parallel_categories),
    ("HoloViews violins", "distribution density hvplot", holoviews_violins),
)
