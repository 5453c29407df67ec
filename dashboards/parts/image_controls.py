"""Contrast, channels and their colours as controls; for dashboards over one image."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from dashboards.parts.history import History
from dashboards.parts.image_look import auto_limits, channel_values, full_limits
from dashboards.parts.image_state import ImageState

__all__ = ["LookControls"]

# More sliders are a wall: of many channels only those that are shown have one.
_SLIDERS = 8


class LookControls(pn.viewable.Viewer):
    """Contrast limits (all channels together or each), and which channels are shown in which colours.

    Parameters
    ----------
    state : ImageState
        Gets `limits`, `shown` and `colors`.
    history : History
        Of the same state.
    """

    def __init__(self, state: ImageState, history: History) -> None:
        super().__init__()
        self._state = state
        self._history = history
        self._following = False
        self._sliders: list[pmui.RangeSlider | pmui.IntRangeSlider] = []
        self._each = pmui.Switch(
            label="Each channel by itself", size="small", sizing_mode="stretch_width", value=False
        )
        self._each.param.watch(self._rebuild, "value")
        self._contrast = pmui.Column(sizing_mode="stretch_width", margin=0)
        self._channels = pmui.Column(sizing_mode="stretch_width", margin=0, css_classes=["image-channels"])
        small: dict[str, Any] = {"size": "small", "variant": "outlined", "margin": (4, 0, 4, 10)}
        auto = pmui.Button(
            label="Auto", description="From the darkest 0.2 % to the brightest 0.2 % of the pixels", **small
        )
        whole = pmui.Button(label="All values", description="From black to white of the file's type", **small)
        auto.on_click(lambda _: self._set(auto_limits(state.image)))
        whole.on_click(lambda _: self._set(full_limits(state.image)))
        self._column = pmui.Column(
            self._contrast,
            pmui.Row(auto, whole, margin=0),
            self._each,
            self._channels,
            sizing_mode="stretch_width",
            margin=0,
            css_classes=["image-look"],
        )
        self._shape: tuple[Any, ...] = ()
        self._rebuild()
        state.param.watch(self._follow, ["image", "limits", "shown", "colors"])

    def __panel__(self) -> pn.viewable.Viewable:
        return self._column

    def _set(self, limits: tuple[tuple[float, float], ...]) -> None:
        self._state.limits = [list(pair) for pair in limits]

    # -- making ---------------------------------------------------------------------------------

    def _rebuild(self, *_: param.parameterized.Event) -> None:
        image = self._state.image
        self._shape = (id(self._state.source), image.channels)
        many = image.channels > 1
        self._each.visible = many
        names = image.channel_names if many and self._each.value else ("Contrast",)
        self._sliders = [self._slider(name, place) for place, name in enumerate(names[:_SLIDERS])]
        self._contrast.objects = list(self._sliders)
        self._channels.objects = (
            [self._channel(place, name) for place, name in enumerate(image.channel_names)] if many else []
        )
        self._channels.visible = many

    def _slider(self, name: str, place: int) -> Any:
        image = self._state.image
        together = name == "Contrast"
        values = image.array if together else channel_values(image, place)
        whole = image.array.dtype.kind in "iub"
        low, high = float(values.min()), float(values.max())
        if image.array.dtype.name in ("uint8", "bool") and image.value_range is not None:
            low, high = image.value_range
        now = self._state.look.limits
        shown = (min(one[0] for one in now), max(one[1] for one in now)) if together else now[place]
        low, high = min(low, shown[0]), max(high, shown[1])
        kind, cast = (pmui.IntRangeSlider, int) if whole else (pmui.RangeSlider, float)
        slider = kind(
            label=name,
            start=cast(low),
            end=cast(high) if high > low else cast(low) + 1,
            step=1 if whole else (high - low) / 200 or 1,
            value=(cast(shown[0]), cast(shown[1])),
            sizing_mode="stretch_width",
        )

        def moved(event: param.parameterized.Event) -> None:
            if self._following or event.new[0] >= event.new[1]:
                return
            pair = [float(one) for one in event.new]
            limits = [list(one) for one in self._state.look.limits]
            for channel in range(len(limits)) if together else [place]:
                limits[channel] = pair
            with self._history.dragging():
                self._state.limits = limits

        slider.param.watch(moved, "value")
        slider.param.watch(lambda _: self._history.commit(), "value_throttled", onlychanged=False)
        return slider

    def _channel(self, place: int, name: str) -> pmui.Row:
        look = self._state.look
        # Both write their label as text, never as markup.
        shown = pmui.Checkbox(label=name, value=look.shown[place], size="small", margin=(0, 10), width=170)
        color = pmui.ColorPicker(label="", value=look.colors[place], width=56, margin=(0, 10), size="small")

        def switched(event: param.parameterized.Event) -> None:
            if not self._following:
                now = {one for one, on in enumerate(self._state.look.shown) if on}
                self._state.shown = sorted(now | {place} if event.new else now - {place})

        def painted(event: param.parameterized.Event) -> None:
            if not self._following and event.new:
                colors = list(self._state.look.colors)
                colors[place] = str(event.new).lower()[:7]
                self._state.colors = colors

        shown.param.watch(switched, "value")
        color.param.watch(painted, "value")
        return pmui.Row(shown, color, margin=0)

    # -- following ------------------------------------------------------------------------------

    def _follow(self, *_: param.parameterized.Event) -> None:
        image, look = self._state.image, self._state.look
        if (id(self._state.source), image.channels) != self._shape:
            self._rebuild()
            return
        self._following = True
        try:
            together = len(self._sliders) == 1
            for place, slider in enumerate(self._sliders):
                pairs = look.limits if together else [look.limits[place]]
                low, high = min(pair[0] for pair in pairs), max(pair[1] for pair in pairs)
                cast = type(slider.start)
                slider.param.update(
                    start=min(slider.start, cast(low)),
                    end=max(slider.end, cast(high)),
                    value=(cast(low), cast(high)),
                )
            for place, row in enumerate(self._channels.objects):
                checkbox, color = row.objects
                checkbox.value = look.shown[place]
                color.value = look.colors[place]
        finally:
            self._following = False
