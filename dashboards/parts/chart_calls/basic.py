"""Basic charts: points, lines, bars, parts of a whole, flows."""

from __future__ import annotations

import plotly.express as px
import plotly.graph_objects as go

FAMILY = "basic"


def scatter() -> go.Figure:
    """Petals of 150 irises: one point a flower, one colour a species."""
    return px.scatter(px.data.iris(), x="petal_width", y="petal_length", color="species")


def bubbles() -> go.Figure:
    """Wealth against length of life in 2007, on a logarithmic axis; the area is the population."""
    countries = px.data.gapminder().query("year == 2007")
    return px.scatter(
        countries,
        x="gdpPercap",
        y="lifeExp",
        size="pop",
        color="continent",
        hover_name="country",
        log_x=True,
        size_max=45,
    )


def facets() -> go.Figure:
    """The same plot once a continent, side by side, on axes that can be compared."""
    countries = px.data.gapminder().query("year == 2007")
    return px.scatter(countries, x="gdpPercap", y="lifeExp", facet_col="continent", log_x=True)


def line() -> go.Figure:
    """How the life expectancy of two neighbours grew."""
    oceania = px.data.gapminder().query("continent == 'Oceania'")
    return px.line(oceania, x="year", y="lifeExp", color="country", markers=True)


def area() -> go.Figure:
    """Populations on top of each other: each part and their sum over time."""
    people = px.data.gapminder().groupby(["year", "continent"], as_index=False)["pop"].sum()
    return px.area(people, x="year", y="pop", color="continent")


def bar() -> go.Figure:
    """Medals won by three nations, stacked by their kind."""
    return px.bar(px.data.medals_long(), x="nation", y="count", color="medal", title="Medals")


def grouped_bar() -> go.Figure:
    """Bars side by side, to compare within a group, with the values written on them."""
    return px.bar(
        px.data.medals_long(), x="medal", y="count", color="nation", barmode="group", text_auto=True
    )


def horizontal_bar() -> go.Figure:
    """The ten most populous countries, sorted, with room for their names."""
    largest = px.data.gapminder().query("year == 2007").nlargest(10, "pop").sort_values("pop")
    return px.bar(largest, x="pop", y="country", orientation="h", color="lifeExp")


def pie() -> go.Figure:
    """Shares of a whole; small ones are better read from a bar."""
    people = px.data.gapminder().query("year == 2007").groupby("continent", as_index=False)["pop"].sum()
    return px.pie(people, values="pop", names="continent", hole=0.45)


def funnel() -> go.Figure:
    """How many are left after each step."""
    return px.funnel(
        x=[1200, 640, 310, 120], y=["Opened the page", "Chose a chart", "Edited it", "Copied the code"]
    )


def waterfall() -> go.Figure:
    """How single gains and losses add up."""
    return go.Figure(
        go.Waterfall(
            x=["Sales", "Services", "Wages", "Rent", "Profit"],
            y=[60, 25, -40, -12, None],
            measure=["relative", "relative", "relative", "relative", "total"],
        )
    )


def timeline() -> go.Figure:
    """What was done when, one bar a task."""
    tasks = [
        {"task": "Collect", "start": "2026-01-05", "end": "2026-02-10"},
        {"task": "Label", "start": "2026-02-01", "end": "2026-03-15"},
        {"task": "Train", "start": "2026-03-10", "end": "2026-04-01"},
    ]
    return px.timeline(tasks, x_start="start", x_end="end", y="task", color="task")


def wind_rose() -> go.Figure:
    """How often the wind blows from where, and how strong: bars around a compass."""
    return px.bar_polar(px.data.wind(), r="frequency", theta="direction", color="strength")


def radar() -> go.Figure:
    """Several properties of one thing as a closed line."""
    return px.line_polar(
        r=[4, 5, 2, 3, 4], theta=["speed", "memory", "accuracy", "price", "ease"], line_close=True
    )


def ternary() -> go.Figure:
    """Three shares that add up to one: votes in 58 districts of Montreal."""
    return px.scatter_ternary(
        px.data.election(), a="Joly", b="Coderre", c="Bergeron", color="winner", hover_name="district"
    )


def sankey() -> go.Figure:
    """What flows from where to where, and how much."""
    return go.Figure(
        go.Sankey(
            node={"label": ["Browser", "Python", "Table", "Figure", "Picture"], "pad": 20},
            link={
                "source": [0, 1, 1, 2, 3],
                "target": [1, 2, 3, 3, 4],
                "value": [5, 3, 2, 3, 5],
                "color": "rgba(128, 128, 128, 0.4)",
            },
        )
    )


def candlestick() -> go.Figure:
    """Opening, highest, lowest and closing price of each day."""
    return go.Figure(
        go.Candlestick(
            x=["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06"],
            open=[20, 22, 21, 24, 23],
            high=[23, 24, 25, 26, 25],
            low=[19, 20, 20, 22, 20],
            close=[22, 21, 24, 23, 21],
        )
    )


def stocks() -> go.Figure:
    """Prices over time, with buttons and a slider to choose the span."""
    fig = px.line(px.data.stocks(), x="date", y=["GOOG", "AAPL", "AMZN"])
    fig.update_xaxes(rangeslider_visible=True)
    return fig


def holoviews_curves() -> object:
    """Two curves laid over each other with a star, drawn by Plotly."""
    import holoviews as hv
    import numpy as np

    x = np.linspace(0, 10, 200)
    wave = hv.Curve((x, np.sin(x)), "time", "level", label="wave")
    return wave * hv.Scatter((x[::10], np.cos(x[::10])), "time", "level", label="samples")


CHARTS = (
    ("Scatter plot", "points markers correlation relationship two variables colour category", scatter),
    ("Bubble chart", "size area scatter log axis wealth health gapminder", bubbles),
    ("Facets", "small multiples trellis panels subplots side by side scatter", facets),
    ("Line chart", "time series trend curve", line),
    ("Area chart", "stacked time series cumulative filled", area),
    ("Bar chart", "stacked column categories compare count", bar),
    ("Grouped bars", "clustered side by side column categories text labels", grouped_bar),
    ("Horizontal bars", "sorted ranking top ten names colour scale", horizontal_bar),
    ("Pie and donut", "share percent part of whole ring proportion", pie),
    ("Funnel", "steps conversion process stages", funnel),
    ("Waterfall", "gains losses balance profit increments finance", waterfall),
    ("Timeline", "gantt project tasks schedule dates", timeline),
    ("Wind rose", "polar bar compass direction angle", wind_rose),
    ("Radar chart", "polar spider web star properties profile", radar),
    ("Ternary plot", "three shares triangle composition mixture election", ternary),
    ("Sankey diagram", "flow network graph from to quantities links nodes", sankey),
    ("Candlestick", "finance price open high low close ohlc stock", candlestick),
    ("Lines with a range slider", "stocks finance time series zoom price overview", stocks),
    ("HoloViews curves", "overlay curve scatter hvplot line", holoviews_curves),
)
