"""Below the segmented picture: shares, regions with their histogram; what features cost; for segment.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboards.parts.escape import escape
from dashboards.parts.event_log import EventLog
from dashboards.parts.linked_plotly import LinkedPlotly
from dashboards.parts.segment_learning import Learning
from dashboards.parts.segment_results import (
    STYLE,
    properties,
    region_bars,
    shares_html,
    status_html,
)
from dashboards.parts.segment_state import SegmentState
from segmentation.features import FeatureBank
from segmentation.joined_features import JoinedFeatures
from segmentation.stored_features import FeatureExtractor

__all__ = ["CARD", "FeatureNote", "ResultsPanel", "html_pane"]

CARD = {
    "border": "1px solid var(--mui-palette-divider, #80808040)",
    "border-radius": "6px",
    "padding": "8px",
    "flex": "1 1 420px",
    "min-width": "min(100%, 380px)",
}
ROWS_A_PAGE = 8
_TABLE_STYLE = ":host .tabulator { font-size: 13px; } :host .tabulator .tabulator-header { font-size: 12px; }"


def html_pane(text: str = "", **options: Any) -> pn.pane.HTML:
    """Make a pane for markup of ours in the style of the page."""
    return pn.pane.HTML(
        text, **{"stylesheets": [STYLE], "sizing_mode": "stretch_width", "margin": (2, 6), **options}
    )


class FeatureNote(pn.viewable.Viewer):
    """Says how many features were chosen, what they cost, and what answers took with each classifier."""

    def __init__(self) -> None:
        super().__init__()
        self._note = html_pane(margin=(0, 10))
        self._took: dict[str, tuple[float, float]] = {}
        self._score: dict[str, float] = {}
        self._of: tuple[FeatureExtractor, int] | None = None

    def show(self, features: FeatureExtractor, channels: int) -> None:
        """Say it of a bank, or of a bank and a network."""
        self._of = (features, channels)
        self._write()

    def took(self, backend: str, learning: float, whole: float) -> None:
        """Take down what an answer took: seconds of learning, seconds in all; its score is not known yet."""
        self._took[backend] = (learning, whole)
        self._score.pop(backend, None)
        self._write()

    def scored(self, backend: str, mean_iou: float) -> None:
        """Take down how good the answers of a classifier are: by the truth, or by cross-validation."""
        self._score[backend] = mean_iou
        self._write()

    def _write(self) -> None:
        if self._of is None:
            return
        features, channels = self._of
        parts = features.parts if isinstance(features, JoinedFeatures) else (features,)
        banks = [one for one in parts if isinstance(one, FeatureBank)]
        said = [
            f"{one.count(channels)} features, {one.cost(channels):,.0f} multiplications a pixel"
            for one in banks
        ]
        said += [f"{one.count(channels)} maps of your network" for one in parts if one not in banks]
        text = f'<p class="quiet">{escape("; ".join(said))}.</p>'
        if self._took:
            rows = "".join(
                f"<tr><th>{escape(name)}</th><td>{learning:.2f} s</td><td>{whole:.2f} s</td>"
                f"<td>{f'{self._score[name]:.3f}' if name in self._score else '–'}</td></tr>"
                for name, (learning, whole) in self._took.items()
            )
            text += (
                '<table class="took"><thead><tr><th>Measured here</th><th>learning</th><th>answer</th>'
                f"<th>mean IoU</th></tr></thead><tbody>{rows}</tbody></table>"
            )
        self._note.object = text

    def __panel__(self) -> pn.viewable.Viewable:
        return self._note


class ResultsPanel(pn.viewable.Viewer):
    """Shares of the classes, and the regions of one: histogram and table, linked with the picture.

    Parameters
    ----------
    state : SegmentState
    log : EventLog
    learning : Learning
    light : callable
        Called with a mask of the regions that are brushed, or None.
    """

    def __init__(
        self,
        state: SegmentState,
        log: EventLog,
        learning: Learning,
        light: Callable[[NDArray[np.uint8] | None], None],
    ) -> None:
        super().__init__()
        self._state, self._learning, self._light = state, learning, light
        self.table, self.shares = pd.DataFrame(), pd.DataFrame()
        self._regions: NDArray[np.int32] | None = None
        self._drawn: tuple[Any, ...] = ()
        self._measured: tuple[Any, ...] = ()
        # What is in the list of regions, and what it was made for.
        self._listed: pd.DataFrame | None = None
        self._listed_for: tuple[Any, ...] = ()
        self.view = LinkedPlotly(_empty(), name="regions", log=log, height=230)
        self.view.param.watch(self._brushed, "selected")
        self._shares = html_pane()
        self._said = html_pane()

    def clear(self) -> None:
        """There is no answer: nothing to count."""
        self.table, self.shares, self._regions = pd.DataFrame(), pd.DataFrame(), None
        self._drawn = self._measured = ()
        self._shares.object = ""
        self._draw()
        self._light(None)

    def refresh(self) -> None:
        """Count and measure anew: the answer has changed."""
        self._learning.regions(self._take, self._failed)

    def follow(self) -> None:
        """Bring what is shown up to the state."""
        state = self._state
        wanted = (state.measured, state.split, state.min_pixels, state.classes)
        if wanted != self._measured and self._learning.labels is not None and self._measured:
            self._measured = wanted
            self.refresh()
        else:
            self._draw()

    def _take(self, found: Any) -> None:
        state = self._state
        self._measured = (state.measured, state.split, state.min_pixels, state.classes)
        self.shares, self.table, self._regions = found
        self._shares.object = shares_html(self.shares, state.classes, state.image.unit)
        self._said.object = ""
        self._drawn = ()
        self._draw()

    def _failed(self, error: BaseException) -> None:
        self._said.object = status_html(str(error), 0.0, error=True)

    def _draw(self) -> None:
        state = self._state
        measures = properties(self.table) if len(self.table.columns) else []
        name = state.measure if state.measure in measures else (measures[0] if measures else "")
        drawn = (id(self.table), name, state.picked)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        values = self.table[name].to_numpy(float) if name else np.empty(0)
        bars = region_bars(values, name, state.picked)
        self.view.patch(
            {0: bars["trace"]},
            {"title.text": bars["title"] if name else "No regions yet", "xaxis.title.text": bars["label"]},
        )
        if state.picked is None or self._regions is None or not name:
            if state.picked is None:
                self.view.clear_selection()
            self._light(None)
            return
        low, high = state.picked
        inside = (values >= low) & (values <= high)
        table = np.zeros(int(self._regions.max()) + 1, np.uint8)
        table[1 : len(inside) + 1] = inside[: len(table) - 1]
        self._light(table[self._regions])

    def _brushed(self, event: param.parameterized.Event) -> None:
        brush = event.new
        picked = None if brush is None or brush.x is None else (float(brush.x[0]), float(brush.x[1]))
        if picked != self._state.picked:
            self._state.picked = picked

    def __panel__(self) -> pn.viewable.Viewable:
        state, p = self._state, self._state.param
        of_class = pmui.Select(label="Regions of", size="small", sizing_mode="stretch_width")
        measure = pmui.Select(label="Measure", size="small", sizing_mode="stretch_width")
        split = pmui.Select(
            label="Touching regions",
            size="small",
            sizing_mode="stretch_width",
            options={"are one": "components", "are cut where narrow": "watershed"},
            value=state.split,
        )
        rows = pn.widgets.Tabulator(
            disabled=True,
            selectable=False,
            show_index=False,
            pagination="remote",
            page_size=ROWS_A_PAGE,
            layout="fit_data_stretch",
            sizing_mode="stretch_width",
            theme="simple",
            stylesheets=[_TABLE_STYLE],
        )
        # Panel's list trips over being emptied while it is seen, and spins while it is not drawn.
        listed = pn.Column(styles=CARD, margin=0, visible=False)

        def follow(*_: Any) -> None:
            of_class.param.update(
                options={one.name: one.id for one in state.classes},
                value=state.class_or_first(state.measured),
            )
            measures = properties(self.table) if len(self.table.columns) else ["area [px]"]
            name = state.measure if state.measure in measures else measures[0]
            measure.param.update(options=measures, value=name)
            split.value = state.split
            shown = self.table
            if state.picked is not None and name in shown:
                shown = shown[shown[name].between(*state.picked)]
            listed.visible = bool(len(shown))
            wanted = (state.picked, name)
            # A stroke changes none of it: the list goes out with the answer.
            if len(shown) and (self._listed is not self.table or self._listed_for != wanted):
                self._listed, self._listed_for = self.table, wanted
                rows.value = shown.drop(columns=["class_id"], errors="ignore").round(2)
                if not listed.objects:
                    listed.objects = [rows]

        def choose(name: str) -> Callable[[param.parameterized.Event], None]:
            def take(event: param.parameterized.Event) -> None:
                shown = getattr(state, name)
                if name == "measured":
                    shown = state.class_or_first(shown)
                elif name == "measure" and shown not in measure.options:
                    shown = measure.options[0]
                if event.new is not None and event.new != shown:
                    state.param.update(**{name: event.new, "picked": None})

            return take

        of_class.param.watch(choose("measured"), "value")
        measure.param.watch(choose("measure"), "value")
        split.param.watch(choose("split"), "value")
        state.param.watch(follow, ["classes", "measured", "measure", "split", "picked"], precedence=50)
        self._shares.param.watch(follow, "object")
        follow()
        least = pmui.IntInput.from_param(p.min_pixels, size="small", sizing_mode="stretch_width")
        return pn.FlexBox(
            pn.Column(
                self._shares,
                pmui.Row(of_class, measure, margin=0, sizing_mode="stretch_width"),
                pmui.Row(split, least, margin=0, sizing_mode="stretch_width"),
                self._said,
                self.view,
                styles=CARD,
                margin=0,
            ),
            listed,
            sizing_mode="stretch_width",
            gap="12px",
            margin=0,
        )


def _empty() -> go.Figure:
    return go.Figure(
        go.Bar(x=[0.5], y=[0], width=[1.0], hovertemplate="%{x:.4g}: %{y}<extra></extra>"),
        {
            "title": {"text": "No regions yet"},
            "dragmode": "select",
            "selectdirection": "h",
            "margin": {"l": 44, "r": 12, "t": 34, "b": 38},
            "bargap": 0,
            "yaxis": {"title": {"text": "regions"}, "rangemode": "tozero"},
            "xaxis": {"title": {"text": ""}},
        },
    )
