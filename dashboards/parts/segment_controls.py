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
from dashboards.parts.escape import escape
from dashboards.parts.file_drop import FileDrop
from dashboards.parts.history import History
from dashboards.parts.image_controls import LookControls
from dashboards.parts.image_source import ImageChoice
from dashboards.parts.segment_openers import Openers
from dashboards.parts.segment_panels import FeatureNote, html_pane
from dashboards.parts.segment_results import status_html
from dashboards.parts.segment_state import FAMILIES, OVERLAYS, SegmentState
from data_sources import BrushlinkError
from segmentation.limits import WHOLE_STACK_PIXELS

__all__ = ["segment_controls"]


def segment_controls(
    state: SegmentState,
    history: History,
    drawing: Drawing,
    note: FeatureNote,
    openers: Openers,
    learn_now: Callable[[], None],
) -> list[pn.viewable.Viewable]:
    """Make the controls.

    Parameters
    ----------
    state : SegmentState
    history : History
    drawing : Drawing
    note : FeatureNote
    openers : Openers
    learn_now : callable
        Called where live is off.
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
        large.visible = not state.is_small and state.overlay in ("probability", "uncertainty")
        bank, channels = state.features(), state.image.channels
        note.show(bank, channels)
        names = bank.names(channels)
        features.param.update(
            options={name: at for at, name in enumerate(names)},
            value=min(state.feature, len(names) - 1),
            visible=state.overlay == "feature",
        )

    large = html_pane(
        f'<p class="quiet">Images beyond {WHOLE_STACK_PIXELS / 1e6:.1f} megapixels show their labels.</p>',
        margin=(0, 10),
    )
    follow()
    learned = ["families", "scales", "network", "model", "image"]
    state.param.watch(follow, ["classes", "shown_class", "overlay", "feature", *learned])
    of_class.param.watch(lambda event: _choose(state, "shown_class", event.new), "value")
    features.param.watch(lambda event: _choose(state, "feature", event.new), "value")
    opener = FileDrop(openers.drop, css_classes=["project-drop"])
    return [
        section("Draw", DrawingPanel(drawing)),
        section(
            "Show",
            choice(p.overlay, buttons=False, labels=OVERLAYS),
            of_class,
            features,
            large,
            slider(p.opacity, history),
            switch(p.live),
            learn,
            switch(p.hints),
        ),
        section("Image", ImageChoice(state, history, several=True), LookControls(state, history)),
        section(
            "Learn with",
            choice(p.backend, buttons=False),
            choice(p.families, labels=FAMILIES, buttons=False),
            choice(p.scales),
            note,
            NetworkChoice(state, openers),
        ),
        section("Open a project (.zip) or a model (.skops)", opener),
    ]


class NetworkChoice(pn.viewable.Viewer):
    """A network of the user's own, as an ONNX file: its maps are features beside the bank's."""

    def __init__(self, state: SegmentState, openers: Openers) -> None:
        super().__init__()
        self._state, self._openers = state, openers
        full: dict[str, Any] = {"size": "small", "sizing_mode": "stretch_width"}
        self._drop = FileDrop(self._dropped, margin=(2, 10), css_classes=["network-drop"])
        self._said = html_pane(margin=(0, 10), css_classes=["network"])
        self._halo = pmui.IntInput(label="Pixels a map depends on", value=32, start=0, end=512, **full)
        self._normal = pmui.Select(label="Values", options=["0 to 1", "as ImageNet"], value="0 to 1", **full)
        self._gone = pmui.Button(
            label="Without the network", size="small", variant="outlined", margin=(4, 10)
        )
        for one in (self._halo, self._normal):
            one.param.watch(self._changed, "value")
        self._gone.on_click(lambda _: state.param.update(network=None))
        state.param.watch(self._follow, ["network", "image"])
        self._follow()

    def _dropped(self, name: str, content: bytes) -> None:
        self._settings()
        try:
            self._openers.open(name if name.lower().endswith(".onnx") else f"{name}.onnx", content)
        except BrushlinkError as error:
            self._said.object = status_html(str(error), 0.0, error=True)

    def _settings(self) -> None:
        self._openers.halo, self._openers.imagenet = self._halo.value, self._normal.value != "0 to 1"

    def _changed(self, *_: param.parameterized.Event) -> None:
        self._settings()
        openers = self._openers
        if openers.network is not None:
            about, content = openers.network
            openers.take_network(about["name"], content, openers.halo, openers.imagenet)

    def _follow(self, *_: param.parameterized.Event) -> None:
        network = self._state.network
        for one in (self._halo, self._normal, self._gone):
            one.visible = network is not None
        if network is None:
            self._said.object = (
                '<p class="quiet">Your own network (.onnx): drop it, and its maps are features too.</p>'
            )
            return
        maps = network.count(self._state.image.channels)
        cells = (
            f"a value for {network.stride} × {network.stride} px" if network.stride > 1 else "a value a pixel"
        )
        self._said.object = (
            f"<p><b>{escape(network.path.name)}</b>: {maps} maps, {cells}. "
            '<span class="quiet">A model with them is saved in the project, not as .skops.</span></p>'
        )

    def __panel__(self) -> pn.viewable.Viewable:
        return pmui.Column(
            self._said,
            self._drop,
            self._halo,
            self._normal,
            self._gone,
            sizing_mode="stretch_width",
            margin=0,
        )


def _choose(state: SegmentState, name: str, value: int | None) -> None:
    """Take over what a list says, unless it only says what is shown anyway."""
    shown = state.class_or_first(state.shown_class) if name == "shown_class" else getattr(state, name)
    if value is not None and value != shown:
        state.param.update(**{name: value})
