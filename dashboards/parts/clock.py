"""A slider over the times of a table with play, pause and step; for dashboards that show one moment."""

from __future__ import annotations

from collections.abc import Callable

import panel as pn
import panel_material_ui as pmui
import param

from dashboards.parts.controls import player
from dashboards.parts.history import History

__all__ = ["Clock"]


class Clock(pn.viewable.Viewer):
    """One slim row: play or pause, the slider, a step back, a step on.

    Parameters
    ----------
    parameter : param.Selector
        Of a state object; its objects are the moments. The row hides while there is one only.
    history : History
        Of the same state: a drag, or a stretch of playing, is one step of it.
    after_paint : callable
        Called with what can wait until the page has been painted.
    """

    def __init__(
        self,
        parameter: param.Selector,
        history: History,
        after_paint: Callable[[Callable[[], None]], None] = lambda make: make(),
    ) -> None:
        super().__init__()
        self._parameter = parameter
        slider = player(parameter, history, variant="minimal", margin=(0, 8), label="")
        self._row = pn.Row(
            slider,
            align="center",
            margin=(0, 12, 4, 12),
            sizing_mode="stretch_width",
            css_classes=["clock"],
        )
        self._hide()
        parameter.owner.param.watch(self._hide, str(parameter.name), what="objects")
        after_paint(self._add_steps)

    def _add_steps(self) -> None:
        self._row.extend(
            pmui.IconButton(icon=icon, description=text, size="small", margin=0, on_click=step)
            for icon, text, step in (
                ("skip_previous", "One step back", lambda _: self._step(-1)),
                ("skip_next", "One step on", lambda _: self._step(1)),
            )
        )

    def _hide(self, *_: param.parameterized.Event) -> None:
        self._row.visible = len(self._parameter.objects) > 1

    def _step(self, by: int) -> None:
        state, name, times = self._parameter.owner, str(self._parameter.name), self._parameter.objects
        place = times.index(getattr(state, name)) + by
        if 0 <= place < len(times):
            state.param.update(**{name: times[place]})

    def __panel__(self) -> pn.viewable.Viewable:
        return self._row
