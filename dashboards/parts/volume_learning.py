"""What works behind the volume page: marks become labels, labels surfaces and measures; no widgets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboards.parts.limits import MESH_TRIANGLES
from dashboards.parts.live_loop import Background, Turn
from dashboards.parts.volume_answer import Found, Request, answer
from dashboards.parts.volume_planes import Plane
from dashboards.parts.volume_state import REST, VolumeState
from dashboards.parts.volume_surfaces import class_surface, head_surface
from segmentation.strokes import Stroke, rasterise
from segmentation.surfaces import Surface, measure_volume

__all__ = ["VolumeLearning", "marked_volume", "plane_marks"]


# -- marks --------------------------------------------------------------------------------------


def plane_marks(plane: Plane, strokes: Sequence[Stroke]) -> NDArray[np.uint8]:
    """Return the classes of the pixels of a slice under strokes.

    Strokes are as wide as they look: where pixels are no squares, they are drawn on a finer grid of squares,
    as wide as a pixel, of which every pixel takes the middle.
    """
    rows, cols = plane.shape
    height, width = plane.spacing
    down, across = max(height / width, 1.0), max(width / height, 1.0)
    if down == across == 1.0:
        return rasterise(strokes, (rows, cols))
    scaled = [_stretched(one, down, across) for one in strokes]
    fine = rasterise(scaled, (max(1, round(rows * down)), max(1, round(cols * across))))
    row = np.minimum(((np.arange(rows) + 0.5) * down).astype(int), fine.shape[0] - 1)
    col = np.minimum(((np.arange(cols) + 0.5) * across).astype(int), fine.shape[1] - 1)
    marks = fine[np.ix_(row, col)]
    # A brush may pass between the middles of tall pixels: what its line runs through is marked all the same.
    thin = rasterise([one if one.is_area else replace(one, width=1.0) for one in strokes], (rows, cols))
    return np.where(marks > 0, marks, thin)


def _stretched(stroke: Stroke, down: float, across: float) -> Stroke:
    def moved(points: Any) -> Any:
        return tuple(((row + 0.5) * down - 0.5, (col + 0.5) * across - 0.5) for row, col in points)

    return Stroke(
        stroke.kind,
        moved(stroke.vertices),
        stroke.class_id,
        stroke.width * across,
        tuple(moved(ring) for ring in stroke.holes),
        stroke.protects,
    )


def marked_volume(
    shape: Sequence[int], planes: Mapping[str, Plane], strokes: Mapping[tuple[str, int], Sequence[Stroke]]
) -> NDArray[np.uint8]:
    """Return the classes of all voxels under strokes, 0 elsewhere; shape as the volume."""
    marks = np.zeros(tuple(shape), np.uint8)
    for (name, n), drawn in strokes.items():
        plane = planes[name]
        made = plane.part(plane_marks(plane, drawn))
        here: list[Any] = [slice(None)] * 3
        here[plane.axis] = n
        marks[tuple(here)] = np.where(made > 0, made, marks[tuple(here)])
    return marks


# -- answers ------------------------------------------------------------------------------------


class VolumeLearning:
    """Answers strokes off the event loop; a newer stroke drops what an older one still computes.

    Parameters
    ----------
    state : VolumeState
    post : callable, optional
        See `Background`.

    Attributes
    ----------
    labels : uint8 array or None
        Class of every voxel, 0 = the rest; the newest parts over older ones.
    final : bool
        Whether `labels` answers the present strokes, whole and tidied.
    model : object or None
        The classifier that gave them.
    surfaces : dict
        Surface of each class, mm.
    head : object or None
        Surface of the whole.
    """

    def __init__(self, state: VolumeState, post: Callable[[Callable[[], None]], Any] | None) -> None:
        self._state = state
        self.work = Background(post)
        self.labels: NDArray[np.uint8] | None = None
        self.final = False
        self.model: Any = None
        self.surfaces: dict[int, Surface] = {}
        self.head: Surface | None = None
        self.measures = pd.DataFrame()
        self._measured: NDArray[np.uint8] | None = None
        self._marks: tuple[Any, NDArray[np.uint8]] | None = None

    @property
    def measured(self) -> bool:
        """Whether `surfaces` and `measures` are those of the final labels, not of ones before."""
        return self.final and self._measured is self.labels

    def marks(self) -> NDArray[np.uint8]:
        """Return the classes under the strokes on the page; kept until they change."""
        state = self._state
        key = (state.volume, state.strokes)
        if self._marks is None or any(a is not b for a, b in zip(self._marks[0], key, strict=True)):
            made = marked_volume(state.volume.shape, state.planes, state.strokes_here())
            self._marks = (key, made)
        return self._marks[1]

    def missing(self) -> list[str]:
        """Return the names of classes that need a stroke before anything can be found."""
        drawn, classes = self._state.drawn_classes(), self._state.classes
        if self._state.method == "region growing":
            return [] if drawn - {REST} else [one.name for one in classes if one.id != REST][:1]
        if drawn - {REST} and len(drawn) > 1:
            return []
        return [one.name for one in classes if one.id not in drawn][: max(1, 2 - len(drawn))]

    def ask(self, tell: Callable[[Found], None], failed: Callable[[BaseException], None]) -> None:
        """Find the classes everywhere: what is seen first."""
        state = self._state
        request = Request(
            state.volume,
            self.marks(),
            state.point,
            state.method,
            state.values,
            state.largest,
            state.fill,
            state.smooth,
            {one.id: one.name for one in state.classes},
            {one.id: one.color for one in state.classes},
        )
        self.final = False
        self.work.ask("live", lambda turn: answer(request, turn), tell, failed)

    def ask_head(self, tell: Callable[[], None], failed: Callable[[BaseException], None]) -> None:
        """Find the surface of the whole."""
        volume = self._state.volume

        def keep(made: Any) -> None:
            self.head = made
            tell()

        def work(turn: Turn) -> None:
            turn.tell(head_surface(volume, MESH_TRIANGLES))

        self.work.ask("head", work, keep, failed)

    def ask_surfaces(self, tell: Callable[[], None], failed: Callable[[BaseException], None]) -> None:
        """Find the surfaces of the classes, and measure them."""
        volume, labels = self._state.volume, self.labels
        if labels is None:
            return

        def work(turn: Turn) -> None:
            found = {}
            for class_id in np.unique(labels[labels > 0]).tolist():
                if turn.stale:
                    return
                found[class_id] = class_surface(volume, labels == class_id, MESH_TRIANGLES)
            turn.tell((found, measure_volume(labels, volume.values, affine=volume.affine, surfaces=found)))

        def keep(made: Any) -> None:
            self.surfaces, self.measures = made
            self._measured = labels
            tell()

        self.work.ask("surfaces", work, keep, failed)

    def take(self, found: Found) -> None:
        """Lay an answer over the older ones."""
        if self.labels is None or self.labels.shape != self._state.volume.shape:
            self.labels = np.zeros(self._state.volume.shape, np.uint8)
        if found.final:
            self.labels = found.labels
        else:
            self.labels[found.box] = found.labels
        self.final, self.model = found.final, found.model or self.model

    def forget(self) -> None:
        """Drop the answer: there is nothing to learn from, or another volume."""
        for name in ("live", "surfaces", "measures"):
            self.work.cancel(name)
        self.labels, self.final, self.model = None, False, None
        self.surfaces, self.measures = {}, pd.DataFrame()
