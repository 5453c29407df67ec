"""The two pages that bench_patch.py compares: five linked views of Gapminder 2007, rebuilt or patched.

Both show the same rows in the same five charts; a brush in the histogram selects life expectancies. The
reference is what one writes first: filter the rows, build each plotly.express figure anew, assign it.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import panel as pn
import plotly.express as px
import plotly.graph_objects as go

from dashboards.parts.browser_cures import install_cures
from dashboards.parts.linked_plotly import LinkedPlotly
from dashboards.parts.theme import CATEGORICAL, context_color, sequential_hex, template

NAMES = ("histogram", "bar", "sunburst", "treemap", "facets")
CONTINENTS = ["Asia", "Europe", "Africa", "Americas", "Oceania"]
EDGES = np.arange(35, 90, 5)
GREY = context_color("light")
PYTHON_MS: list[float] = []  # of each brush, filled by both pages


def rows_2007() -> pd.DataFrame:
    """Gapminder of 2007: 142 rows."""
    frame = px.data.gapminder()
    return frame[frame.year == 2007].reset_index(drop=True)


# -- reference ------------------------------------------------------------------------------------------


def px_figures(rows: pd.DataFrame) -> dict[str, go.Figure]:
    """Build the five figures of the talk from rows."""
    return {
        "histogram": px.histogram(
            rows,
            x="lifeExp",
            color="continent",
            marginal="rug",
            hover_name="country",
            height=300,
            range_x=[35, 85],  # as first shown: the next brush needs the place
        ),
        "bar": px.bar(rows, x="continent", y="pop", color="lifeExp", hover_name="country", height=300),
        "sunburst": px.sunburst(
            rows,
            path=[px.Constant("World"), "continent", "country"],
            values="pop",
            color="lifeExp",
            height=300,
        ),
        "treemap": px.treemap(
            rows,
            path=[px.Constant("World"), "continent", "country"],
            values="pop",
            color="lifeExp",
            height=300,
        ),
        "facets": px.histogram(rows, x="lifeExp", y="pop", facet_col="continent", height=300),
    }


def rebuilt_page() -> pn.viewable.Viewable:
    """Five panes whose figures are built anew for each brush."""
    pn.extension("plotly")
    rows = rows_2007()
    panes = {
        name: pn.pane.Plotly(figure, height=300, sizing_mode="stretch_width", css_classes=[f"view-{name}"])
        for name, figure in px_figures(rows).items()
    }
    panes["histogram"].object.update_layout(dragmode="select")
    panes["histogram"].param.trigger("object")

    def brushed(event: Any) -> None:
        started = time.perf_counter()
        if not event.new or "range" not in event.new:
            return
        low, high = sorted(event.new["range"]["x"])
        for name, figure in px_figures(rows[rows.lifeExp.between(low, high)]).items():
            panes[name].object = figure.update_layout(dragmode="select") if name == "histogram" else figure
        PYTHON_MS.append((time.perf_counter() - started) * 1000)

    panes["histogram"].param.watch(brushed, "selected_data", onlychanged=False)
    return _page(panes)


# -- patched --------------------------------------------------------------------------------------------


class Views:
    """The five charts as views: the whole in grey, the selected part in colour."""

    def __init__(self) -> None:
        self.rows = rows_2007()
        self.life = self.rows.lifeExp.to_numpy()
        self.pop = self.rows["pop"].to_numpy(float)
        self.code = self.rows.continent.map(CONTINENTS.index).to_numpy()
        self.bin = np.digitize(self.life, EDGES) - 1
        order = np.lexsort((self.pop, self.code))
        self.order = order
        everything = np.ones(len(self.rows), bool)
        tree = px_figures(self.rows)["sunburst"].data[0]
        self.tree = {
            "ids": list(tree.ids),
            "labels": list(tree.labels),
            "parents": list(tree.parents),
            "values": np.asarray(tree["values"], float),
            "branchvalues": "total",
        }
        country = {name: place for place, name in enumerate(self.rows.country)}
        self.leaf = np.array([country.get(str(key).split("/")[-1], -1) for key in tree.ids])
        self.group = np.array(
            [CONTINENTS.index(k.split("/")[1]) if k.count("/") == 1 else -1 for k in map(str, tree.ids)]
        )
        first = self.values(everything)
        self.views = {
            name: LinkedPlotly(self.figure(name, first[name]), name=name, height=300) for name in NAMES
        }

    def values(self, mask: np.ndarray) -> dict[str, dict[int, dict[str, Any]]]:
        """Compute what each view shows of the selected rows: view → trace → attributes."""
        counts = [np.bincount(self.bin[mask & (self.code == k)], minlength=10)[:10] for k in range(5)]
        pops = [
            np.bincount(self.bin[m], weights=self.pop[m], minlength=10)[:10]
            for m in (mask & (self.code == k) for k in range(5))
        ]
        sums = np.bincount(self.code[mask], weights=self.pop[mask], minlength=5)
        means = np.bincount(self.code[mask], weights=(self.pop * self.life)[mask], minlength=5)
        groups = np.divide(means, sums, out=np.full(5, np.nan), where=sums > 0)
        world = means.sum() / sums.sum() if sums.sum() else np.nan
        leaves = np.where(mask, self.life, np.nan)
        shade = np.where(
            self.leaf >= 0, leaves[self.leaf], np.where(self.group >= 0, groups[self.group], world)
        )
        colors = sequential_hex(shade, 39, 83, missing=GREY)
        return {
            "histogram": {k: {"y": counts[k].astype(float)} for k in range(5)}
            | {5: {"marker.opacity": np.where(mask, 1.0, 0.15)}},
            "bar": {1: {"y": np.where(mask, self.pop, 0.0)[self.order]}},
            "sunburst": {0: {"marker.colors": colors}},
            "treemap": {0: {"marker.colors": colors}},
            "facets": {5 + k: {"y": pops[k]} for k in range(5)},
        }

    def figure(self, name: str, values: dict[int, dict[str, Any]]) -> go.Figure:
        """Build one view, once."""
        centres = EDGES[:10] + 2.5
        layout: dict[str, Any] = {
            "template": template("light"),
            "margin": {"t": 36},
            "title": {"text": "2007"},
        }
        traces: list[dict[str, Any]]
        if name == "histogram":
            traces = [
                {"type": "bar", "x": centres, "name": key, "marker": {"color": CATEGORICAL[k]}}
                for k, key in enumerate(CONTINENTS)
            ]
            traces.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "x": self.life,
                    "y": self.code.astype(float),
                    "yaxis": "y2",
                    "text": list(self.rows.country),
                    "marker": {"symbol": "line-ns-open", "color": [CATEGORICAL[k] for k in self.code]},
                }
            )
            layout |= {
                "barmode": "stack",
                "dragmode": "select",
                "yaxis": {"domain": [0, 0.73], "range": [0, 45]},
                "yaxis2": {"domain": [0.75, 1], "visible": False},
                "xaxis": {"range": [35, 85]},
            }
        elif name == "bar":
            common = {"type": "bar", "x": [CONTINENTS[k] for k in self.code[self.order]]}
            heights = self.pop[self.order]
            base = np.concatenate(
                [np.r_[0, np.cumsum(heights[self.code[self.order] == k])[:-1]] for k in range(5)]
            )
            traces = [
                {**common, "y": heights, "base": base, "marker": {"color": GREY}},
                {**common, "base": base, "marker": {"color": self.life[self.order], "colorscale": "Viridis"}},
            ]
            layout |= {"barmode": "overlay", "yaxis": {"range": [0, 4e9]}, "showlegend": False}
        elif name in ("sunburst", "treemap"):
            traces = [{"type": name, **self.tree}]
        else:
            traces = []
            for grey in (True, False):
                for k, key in enumerate(CONTINENTS):
                    axes = {"xaxis": f"x{k + 1}" if k else "x", "yaxis": f"y{k + 1}" if k else "y"}
                    color = GREY if grey else CATEGORICAL[k]
                    traces.append(
                        {"type": "bar", "x": centres, "name": key, "marker": {"color": color}, **axes}
                    )
                    suffix = str(k + 1) if k else ""
                    layout[f"xaxis{suffix}"] = {
                        "domain": [k / 5 + 0.005, (k + 1) / 5 - 0.005],
                        "anchor": axes["yaxis"],
                    }
                    layout[f"yaxis{suffix}"] = {
                        "anchor": axes["xaxis"],
                        "showticklabels": not k,
                        "range": [0, 2.5e9],
                    }
            layout |= {"barmode": "overlay", "showlegend": False}
            for k in range(5):
                traces[k]["y"] = np.bincount(
                    self.bin[self.code == k], weights=self.pop[self.code == k], minlength=10
                )[:10]
        figure = go.Figure(traces, layout)
        for place, attributes in values.items():
            for key, value in attributes.items():
                figure.data[place][key] = value
        return figure

    def brushed(self, event: Any) -> None:
        """Patch all views to a brush."""
        started = time.perf_counter()
        if event.new is None or event.new.x is None:
            return
        low, high = event.new.x
        for name, patch in self.values((self.life >= low) & (self.life <= high)).items():
            self.views[name].patch(patch, {"title.text": f"2007: {low:.1f} to {high:.1f} years"})
        PYTHON_MS.append((time.perf_counter() - started) * 1000)


def patched_page() -> pn.viewable.Viewable:
    """Five views that are patched in place."""
    install_cures()
    views = Views()
    views.views["histogram"].param.watch(views.brushed, "selected", onlychanged=False)
    return _page(views.views)


def _page(panes: dict[str, Any]) -> pn.viewable.Viewable:
    return pn.Column(
        pn.Row(panes["histogram"], panes["bar"], sizing_mode="stretch_width"),
        pn.Row(panes["sunburst"], panes["treemap"], sizing_mode="stretch_width"),
        panes["facets"],
        width=1360,
    )
