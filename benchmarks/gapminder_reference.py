"""The page that `bench_gapminder` compares with: the same six pictures the way one writes them first.

Each brush filters the rows, builds every plotly.express figure anew and assigns it to its pane. Served by
the benchmark; the panes have the size and the place of the explorer's.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import panel as pn
import plotly.express as px
import plotly.graph_objects as go

NAMES = ("histogram", "bars", "sunburst", "treemap", "facets", "lines")
HEIGHT = 330
CARD = {
    "flex": "1 1 420px",
    "min-width": "min(100%, 420px)",
    "border": "1px solid #ddd",
    "padding": "5px 5px 3px",
}
# What the sidebar of the explorer takes.
SIDEBAR_PX = 312


def figures(now: pd.DataFrame, always: pd.DataFrame) -> dict[str, go.Figure]:
    """Build the six figures.

    Parameters
    ----------
    now : DataFrame
        The rows of 2007 to show.
    always : DataFrame
        The rows of the same countries at all times.
    """
    path = [px.Constant("World"), "continent", "country"]
    weighted = always.assign(weighted=always.lifeExp * always["pop"])
    sums = weighted.groupby(["year", "continent"], as_index=False)[["weighted", "pop"]].sum()
    sums["lifeExp"] = sums.weighted / sums["pop"]
    return {
        "histogram": px.histogram(
            now, x="lifeExp", color="continent", marginal="rug", hover_name="country",
            range_x=[35, 85],  # as first shown: the next brush needs the place
        ).update_layout(dragmode="select"),
        "bars": px.bar(now, x="continent", y="pop", color="lifeExp", hover_name="country"),
        "sunburst": px.sunburst(now, path=path, values="pop", color="lifeExp"),
        "treemap": px.treemap(now, path=path, values="pop", color="lifeExp"),
        "facets": px.histogram(now, x="lifeExp", facet_col="continent", color="continent"),
        "lines": px.line(sums, x="year", y="lifeExp", color="continent", markers=True),
    }  # fmt: skip


def reference_page() -> pn.viewable.Viewable:
    """Six panes whose figures are built anew for each brush."""
    pn.extension("plotly")
    always = px.data.gapminder()
    now = always[always.year == 2007]
    panes = {
        name: pn.pane.Plotly(figure, height=HEIGHT, sizing_mode="stretch_width", css_classes=[f"view-{name}"])
        for name, figure in figures(now, always).items()
    }

    def brushed(event: Any) -> None:
        if not event.new or "range" not in event.new:
            return
        low, high = sorted(event.new["range"]["x"])
        rows = now[now.lifeExp.between(low, high)]
        for name, figure in figures(rows, always[always.country.isin(rows.country)]).items():
            panes[name].object = figure

    panes["histogram"].param.watch(brushed, "selected_data", onlychanged=False)
    cards = [pn.Column(pane, styles=CARD, margin=0, sizing_mode="stretch_width") for pane in panes.values()]
    grid = pn.FlexBox(*cards, sizing_mode="stretch_width", gap="12px", margin=(150, 12, 0, 12 + SIDEBAR_PX))
    return pn.Column(grid, sizing_mode="stretch_width")


if pn.state.served:
    reference_page().servable()
