"""What lies over the slices of the volume page: the answer, and marks of all planes; for volume.py."""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboards.parts.slice_view import SliceView
from dashboards.parts.volume_learning import VolumeLearning
from dashboards.parts.volume_state import VolumeState

__all__ = ["VolumeLayers"]

# Numbers of marks in the palette lie behind those of labels; classes beyond are seen as strokes only.
MARKS = 128


class VolumeLayers:
    """Paints labels and marks over the slices.

    Parameters
    ----------
    state : VolumeState
    learning : VolumeLearning
    views : mapping of str to SliceView

    Attributes
    ----------
    hidden : bool
        Whether the answer is hidden for now.
    """

    def __init__(self, state: VolumeState, learning: VolumeLearning, views: Mapping[str, SliceView]) -> None:
        self._state, self._learning, self._views = state, learning, views
        self._painted = 0.0
        self.hidden = False

    @property
    def age(self) -> float:
        """Seconds since the last painting."""
        return time.monotonic() - self._painted

    def paint(self) -> None:
        """Lay marks and answer over the slices that are seen."""
        state = self._state
        self._painted = time.monotonic()
        if not state.strokes_here() and (self._learning.labels is None or self.hidden):
            for view in self._views.values():
                view.set_overlay(None, {})
            return
        alpha = f"{round(255 * state.opacity):02x}"
        colors: dict[int, str] = {one.id: one.color + alpha for one in state.classes}
        colors |= {MARKS + one.id: one.color for one in state.classes if one.id < MARKS}
        for name, view in self._views.items():
            view.set_overlay(functools.partial(self._overlay, name), colors)

    def _overlay(self, name: str, n: int) -> NDArray[np.uint8]:
        """Return labels of a slice, and marks over them, as numbers of the palette."""
        labels, plane = self._learning.labels, self._state.planes[name]
        here: list[Any] = [slice(None)] * 3
        here[plane.axis] = n
        marks = self._learning.marks()[tuple(here)]
        under = np.zeros_like(marks) if labels is None or self.hidden else labels[tuple(here)]
        over = np.where((marks > 0) & (marks < MARKS), marks + np.uint8(MARKS), under)
        return plane.picture(over.astype(np.uint8))
