"""The controls of the volume page, in the order of the work; for volume.py."""

from __future__ import annotations

from collections.abc import Callable

import panel as pn
import panel_material_ui as pmui

from dashboards.parts.controls import choice, section, slider, switch
from dashboards.parts.drawing_panel import DrawingPanel
from dashboards.parts.history import History
from dashboards.parts.range_histogram import RangeHistogram
from dashboards.parts.volume_drawing import VolumeDrawing
from dashboards.parts.volume_source import VolumeChoice
from dashboards.parts.volume_state import LAYOUTS, METHODS, VolumeState

__all__ = ["volume_controls"]

_NOTE = ":host { font-size: 12px; opacity: .8; } p { margin: 2px 0; }"


def _note(text: str, **options: object) -> pn.pane.HTML:
    return pn.pane.HTML(
        f"<p>{text}</p>", margin=(0, 10), stylesheets=[_NOTE], sizing_mode="stretch_width", **options
    )


def volume_controls(
    state: VolumeState,
    history: History,
    drawing: VolumeDrawing,
    window: RangeHistogram,
    growing: RangeHistogram,
    segment_now: Callable[[], None],
) -> list[pn.viewable.Viewable]:
    """Make the controls.

    Parameters
    ----------
    state : VolumeState
    history : History
    drawing : VolumeDrawing
    window, growing : RangeHistogram
        Of the values to look at, and of those to grow over.
    segment_now : callable
        Called where live is off.
    """
    p = state.param
    now = pmui.Button(
        label="Segment now", size="small", variant="outlined", margin=(2, 10), visible=p.live.rx.not_()
    )
    now.on_click(lambda _: segment_now())
    auto = pmui.Button(
        label="Auto",
        size="small",
        variant="outlined",
        margin=(2, 10),
        description="From the darkest 1 % to the brightest 0.5 % of the values",
    )
    auto.on_click(lambda _: state.param.update(window=None))
    grows = p.method.rx() == "region growing"
    return [
        section("Draw", DrawingPanel(drawing)),
        section(
            "Segment",
            choice(p.method, labels=METHODS, buttons=False),
            pn.Column(
                _note("Grow over these values of what you marked; drag to choose others."),
                growing,
                sizing_mode="stretch_width",
                margin=0,
                visible=grows,
            ),
            switch(p.largest),
            switch(p.fill),
            slider(p.smooth, history),
            switch(p.live),
            now,
            slider(p.opacity, history),
        ),
        section("Window", _note("Drag over the values that should span black to white."), window, auto),
        section(
            "Views",
            choice(p.layout, labels=LAYOUTS, buttons=False),
            slider(p.surface, history),
            switch(p.cut),
        ),
        section("Volume", VolumeChoice(state)),
    ]
