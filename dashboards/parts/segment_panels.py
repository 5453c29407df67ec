"""Below the segmented picture: shares, regions with their histogram, quality, features; for segment.py."""

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

from dashboards.parts.event_log import EventLog
from dashboards.parts.linked_plotly import LinkedPlotly
from dashboards.parts.segment_learning import Learning
from dashboards.parts.segment_results import (
    STYLE,
    importance_bars,
    properties,
    quality_html,
    region_bars,
    shares_html,
    status_html,
)
from dashboards.parts.segment_state import SegmentState
from segmentation.errors import SegmentationError
from segmentation.features import FeatureBank

__all__ = ["FeatureNote", "QualityPanel", "ResultsPanel"]

CARD = {
    "border": "1px solid var(--mui-palette-divider, #80808040)",
    "border-radius": "6px",
    "padding": "8px",
    "flex": "1 1 420px",
    "min-width": "min(100%, 380px)",
}
ROWS_A_PAGE = 8
_TABLE_STYLE = ":host .tabulator { font-size: 13px; } :host .tabulator .tabulator-header { font-size: 12px; }"


def _html(**options: Any) -> pn.pane.HTML:
    return pn.pane.HTML(
        "", **{"stylesheets": [STYLE], "sizing_mode": "stretch_width", "margin": (2, 6), **options}
    )


class FeatureNote(pn.viewable.Viewer):
    """Says how many features were chosen and what they cost."""

    def __init__(self) -> None:
        super().__init__()
        self._note = _html(margin=(0, 10))

    def show(self, bank: FeatureBank, channels: int) -> None:
        """Say it of a bank."""
        count, cost = bank.count(channels), bank.cost(channels)
        self._note.object = (
            f'<p class="quiet">{count} features, {cost:,.0f} multiplications a pixel. '
            "What an answer takes stands over the picture.</p>"
        )

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
        self.view = LinkedPlotly(_empty(), name="regions", log=log, height=230)
        self.view.param.watch(self._brushed, "selected")
        self._shares = _html()
        self._said = _html()

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
            if len(shown):
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


class QualityPanel(pn.viewable.Viewer):
    """How good the classifier is, on demand, and which features it used.

    Parameters
    ----------
    state : SegmentState
    learning : Learning
    adopt : callable
        Takes a new picture among those of the dashboard: it dresses them in light or dark.
    against : callable, optional
        Returns a `Score` against a truth.
    """

    def __init__(
        self,
        state: SegmentState,
        learning: Learning,
        adopt: Callable[[LinkedPlotly], None],
        against: Callable[[], Any] | None = None,
    ) -> None:
        super().__init__()
        self._state, self._learning, self._adopt, self._against = state, learning, adopt, against
        self._said = _html()
        self._result = _html()
        self._importance = pn.Column(sizing_mode="stretch_width", margin=0)
        small = {"size": "small", "variant": "outlined", "margin": (2, 4)}
        self._start = pmui.Button(label="Cross-validate", **small)
        self._cancel = pmui.Button(label="Cancel", visible=False, **small)
        self._features = pmui.Button(label="Which features counted?", **small)
        self._compare = pmui.Button(label="Compare with the truth", visible=against is not None, **small)
        self._start.on_click(lambda _: self._validate())
        self._cancel.on_click(lambda _: self._stop("Cancelled."))
        self._features.on_click(lambda _: self._show_features())
        self._compare.on_click(lambda _: self._show_truth())
        self._said.object = (
            '<p class="quiet">How good is it? Whole strokes are left out in turn and predicted from the '
            "others: draw two or more of each class.</p>"
        )

    def stale(self) -> None:
        """Say that the figures are of earlier strokes."""
        if self._result.object and not str(self._result.object).startswith("<p><i>"):
            self._result.object = "<p><i>Of earlier strokes.</i></p>" + str(self._result.object)

    def _validate(self) -> None:
        self._cancel.visible = True
        self._said.object = status_html("Cross-validating …", None)
        self._learning.validate(self._validated, self._failed)

    def _validated(self, found: Any) -> None:
        self._stop("")
        self._result.object = quality_html(found, self._state.classes, "Cross-validated")

    def _failed(self, error: BaseException) -> None:
        self._stop("")
        self._said.object = status_html(str(error), 0.0, error=True)

    def _stop(self, text: str) -> None:
        self._learning.work.cancel("quality")
        self._cancel.visible = False
        self._said.object = status_html(text, 0.0) if text else ""

    def _show_truth(self) -> None:
        score = self._against() if self._against is not None else None
        if score is None:
            self._said.object = status_html(
                "There is no answer to compare, or its size is another.", 0.0, True
            )
        else:
            self._result.object = quality_html(score, self._state.classes, "Against the truth")

    def _show_features(self) -> None:
        classifier = self._learning.classifier
        try:
            if classifier is None:
                raise SegmentationError("there is no finished result yet: draw strokes of two classes first")
            figure = importance_bars(classifier.feature_importances_)
        except SegmentationError as error:
            self._said.object = status_html(str(error), 0.0, error=True)
            return
        self._said.object = ""
        view = LinkedPlotly(figure, name="importance", height=420)
        self._adopt(view)
        self._importance.objects = [view]

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(
            pn.Row(self._start, self._cancel, self._compare, self._features, margin=0),
            self._said,
            self._result,
            self._importance,
            styles=CARD,
            margin=0,
            sizing_mode="stretch_width",
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
