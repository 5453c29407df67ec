"""The controls of the segmentation page, in the order of the work; for segment.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from dashboards.parts.controls import choice, section, slider, switch
from dashboards.parts.drawing import Drawing
from dashboards.parts.drawing_panel import DrawingPanel
from dashboards.parts.history import History
from dashboards.parts.image_controls import LookControls
from dashboards.parts.image_source import ImageChoice
from dashboards.parts.segment_panels import FeatureNote
from dashboards.parts.segment_state import FAMILIES, OVERLAYS, SegmentState

__all__ = ["segment_controls"]


def segment_controls(
    state: SegmentState,
    history: History,
    drawing: Drawing,
    learn_now: Callable[[], None],
    open_project: Callable[[param.parameterized.Event], None],
) -> list[pn.viewable.Viewable]:
    """Make the controls.

    Parameters
    ----------
    state : SegmentState
    history : History
    drawing : Drawing
    learn_now : callable
        Called where live is off.
    open_project : callable
        Watches the place where a project is dropped.
    """
    p = state.param
    learn = pmui.Button(
        label="Learn now", size="small", variant="outlined", margin=(2, 10), visible=p.live.rx.not_()
    )
    learn.on_click(lambda _: learn_now())
    of_class = pmui.Select(label="Class", size="small", sizing_mode="stretch_width")
    features = pmui.Select(label="Feature", size="small", sizing_mode="stretch_width")

    def follow(*_: Any) -> None:
        of_class.param.update(
            options={one.name: one.id for one in state.classes},
            value=state.class_or_first(state.shown_class),
            visible=state.overlay == "probability",
        )
        bank, channels = state.bank(), state.image.channels
        note.show(bank, channels)
        names = bank.names(channels)
        features.param.update(
            options={name: at for at, name in enumerate(names)},
            value=min(state.feature, len(names) - 1),
            visible=state.overlay == "feature",
        )

    note = FeatureNote()
    follow()
    state.param.watch(follow, ["classes", "shown_class", "overlay", "feature", "families", "scales", "image"])
    of_class.param.watch(lambda event: _choose(state, "shown_class", event.new), "value")
    features.param.watch(lambda event: _choose(state, "feature", event.new), "value")
    opener = pn.widgets.FileDropper(
        multiple=False,
        accepted_filetypes=[".zip"],
        sizing_mode="stretch_width",
        height=76,
        margin=(4, 10),
    )
    opener.param.watch(open_project, "value")
    return [
        section("Draw", DrawingPanel(drawing)),
        section(
            "Show",
            choice(p.overlay, buttons=False, labels=OVERLAYS),
            of_class,
            features,
            slider(p.opacity, history),
            switch(p.live),
            learn,
            switch(p.hints),
        ),
        section("Image", ImageChoice(state, history), LookControls(state, history)),
        section(
            "Learn with",
            choice(p.backend, buttons=False),
            choice(p.families, labels=FAMILIES, buttons=False),
            choice(p.scales),
            note,
        ),
        section("Open a project", opener),
    ]


def _choose(state: SegmentState, name: str, value: int | None) -> None:
    """Take over what a list says, unless it only says what is shown anyway."""
    shown = state.class_or_first(state.shown_class) if name == "shown_class" else getattr(state, name)
    if value is not None and value != shown:
        state.param.update(**{name: value})
