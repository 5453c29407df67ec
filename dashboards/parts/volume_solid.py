"""The 3-D view of the volume page: surfaces and slices in one scene, whose camera is the hand's alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import panel as pn

from dashboards.parts.event_log import EventLog
from dashboards.parts.linked_plotly import LinkedPlotly
from dashboards.parts.volume_learning import VolumeLearning
from dashboards.parts.volume_scene import (
    Patch,
    class_patch,
    cut_patch,
    head_patch,
    letters_patch,
    scene_figure,
)
from dashboards.parts.volume_state import REST, VolumeState

__all__ = ["SolidView"]

# Between two moves of the slices in the scene while a hand turns: WebGL draws the whole scene each time.
PAUSE_S = 0.2


class SolidView(pn.viewable.Viewer):
    """Shows the surfaces of a volume and its classes.

    Parameters
    ----------
    state : VolumeState
    learning : VolumeLearning
        Has the surfaces.
    log : EventLog
    failed : callable
        Called with the error of what is made in the background.
    **pane : object
        Layout of the pane.
    """

    def __init__(
        self,
        state: VolumeState,
        learning: VolumeLearning,
        log: EventLog,
        failed: Callable[[BaseException], None],
        **pane: Any,
    ) -> None:
        super().__init__(name="3d")
        self._state, self._learning, self._failed = state, learning, failed
        self._cuts: dict[str, tuple[Any, ...]] = {}
        self._moved = 0.0
        self._begun = False
        self.plot = LinkedPlotly(
            scene_figure(state.volume),
            name="3d",
            log=log,
            config={"displayModeBar": False, "scrollZoom": True},
            **pane,
        )

    def __panel__(self) -> pn.viewable.Viewable:
        return self.plot.pane

    @property
    def begun(self) -> bool:
        """Whether anything was drawn yet: not before the slices are."""
        return self._begun

    def begin(self) -> None:
        """Draw the slices, and ask for the surface of the whole; also for another volume."""
        self._begun = True
        self._cuts.clear()
        self.plot.patch(letters_patch(self._state.volume) | head_patch(None, self._state.surface))
        self.turn(rest=True)
        self._learning.ask_head(self.show_head, self._failed)
        self.show_classes()

    def show_head(self) -> None:
        """Show the surface of the whole as opaque as was chosen."""
        if self._begun:
            self.plot.patch(head_patch(self._learning.head, self._state.surface))

    def show_classes(self) -> None:
        """Show the surfaces of the classes."""
        if self._begun:
            self.plot.patch(class_patch(self._learning.surfaces, self._state.classes, REST))

    def turn(self, rest: bool) -> None:
        """Move the slices to where the planes are; while the hand moves, not at each step.

        Parameters
        ----------
        rest : bool
            Whether the hand has come to rest.
        """
        now = time.monotonic()
        if not self._begun or (not rest and now - self._moved < PAUSE_S):
            return
        self._moved = now
        state = self._state
        patch: Patch = {}
        for name, plane in state.planes.items():
            n = state.point[plane.axis]
            wanted = (n, state.limits, state.cut)
            if self._cuts.get(name) != wanted:
                self._cuts[name] = wanted
                patch.update(cut_patch(state.volume, plane, n, state.limits, state.cut))
        if patch:
            self.plot.patch(patch)
