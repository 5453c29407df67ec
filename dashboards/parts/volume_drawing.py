"""Drawing on three planes at once: one tool, one brush, one list of classes; strokes belong to a slice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import param

from dashboards.parts.drawing import TOOLS, Drawing
from dashboards.parts.history import History
from dashboards.parts.slice_view import SliceView
from dashboards.parts.volume_state import VolumeState
from segmentation.annotations import AnnotationClass, Annotations
from segmentation.strokes import Stroke

__all__ = ["VolumeDrawing"]

T = TypeVar("T")


class VolumeDrawing(param.Parameterized):
    """Keeps the drawings of three planes equal in all but their strokes; `DrawingPanel` shows it like one.

    Parameters
    ----------
    state : VolumeState
    history : History
    views : dict of str to SliceView
        By the name of their plane.
    on_key, more_keys
        See `Drawing`.
    """

    tool = param.Selector(default="move", objects=list(TOOLS), doc="What dragging does.")
    class_id = param.Integer(default=1, doc="Class of new strokes.")
    width = param.Number(default=4.0, bounds=(1, 512), doc="Of new strokes, pixels of a slice.")
    steps = param.Integer(default=0, constant=True, doc="Counts changes of strokes and classes.")
    visible = param.Boolean(default=True, doc="Whether the strokes are shown.")

    def __init__(
        self,
        state: VolumeState,
        history: History,
        views: dict[str, SliceView],
        on_key: Callable[[str], None],
        more_keys: str,
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._state, self._history, self._views = state, history, views
        pen: dict[str, Any] = {"tool": self.tool, "class_id": self.class_id, "width": self.width}
        self._following = False
        self._followed: tuple[Any, Any] = (None, None)
        self._slots = {name: state.slot(name, view.index) for name, view in views.items()}
        self._planes = {
            name: Drawing(view.plot, self._log(name, view.index), on_key, more_keys, **pen)
            for name, view in views.items()
        }
        for drawing in self._planes.values():
            drawing.param.watch(self._pen_of_one, ["tool", "class_id", "width"])
            drawing.param.watch(self._drawn, "steps")
        self.param.watch(self._pen_of_all, ["tool", "class_id", "width", "visible"])

    # -- as a `Drawing` -------------------------------------------------------------------------

    @property
    def log(self) -> Annotations:
        """The classes, and all strokes on the volume together."""
        here = self._state.strokes_here()
        return Annotations((1, 1), self._state.classes, [one for strokes in here.values() for one in strokes])

    def do(self, change: Callable[[Annotations], T]) -> T:
        """Change the classes, on all slices."""
        log = self.log
        result = change(log)
        with self._history.one_step():
            self._state.take_classes(log.classes)
        return result

    def take_tool(self, tool: str) -> None:
        """Draw with a tool."""
        self.tool = tool

    # -- following ------------------------------------------------------------------------------

    def follow(self) -> None:
        """Show what is drawn on the slices that are seen now."""
        marks = (self._state.strokes, self._state.classes)
        changed = any(one is not other for one, other in zip(marks, self._followed, strict=True))
        self._followed = marks
        # What one plane tells of its strokes must not be heard before all planes have theirs.
        self._following = True
        try:
            self._show_slices(changed)
        finally:
            self._following = False
        if self.class_id not in [one.id for one in self._state.classes] and self._state.classes:
            self.class_id = self._state.classes[0].id
        if changed:
            with param.edit_constant(self):
                self.steps += 1

    def _show_slices(self, changed: bool) -> None:
        for name, view in self._views.items():
            drawing, slot = self._planes[name], self._state.slot(name, view.index)
            if slot == self._slots[name] and not changed and drawing.log.shape == view.plane.shape:
                continue
            strokes = self._state.strokes.get(slot, ())
            if drawing.log.shape != view.plane.shape:
                drawing.open(self._log(name, view.index))
            elif drawing.marks != (strokes, self._state.classes):
                if slot == self._slots[name] or drawing.log.strokes or strokes:
                    drawing.restore((strokes, self._state.classes))
                else:
                    drawing.open(self._log(name, view.index))
            self._slots[name] = slot

    def lead(self, names: list[str]) -> None:
        """Let one of the planes that are seen hear the keys: all three would count them three times."""
        for name, drawing in self._planes.items():
            drawing.keyed = bool(names) and name == names[0]

    def _log(self, plane: str, n: int) -> Annotations:
        strokes: tuple[Stroke, ...] = self._state.strokes.get(self._state.slot(plane, n), ())
        classes: tuple[AnnotationClass, ...] = self._state.classes
        return Annotations(self._views[plane].plane.shape, classes, strokes)

    def _drawn(self, *_: param.parameterized.Event) -> None:
        """Take over what a hand drew, as one step of the page's history."""
        if self._following:
            return
        for name, drawing in self._planes.items():
            view = self._views[name]
            slot = self._slots[name]
            if slot != self._state.slot(name, view.index) or drawing.log.shape != view.plane.shape:
                continue
            if drawing.log.strokes != self._state.strokes.get(slot, ()):
                with self._history.one_step():
                    self._state.take_marks(name, view.index, drawing.log.strokes)

    def _pen_of_one(self, event: param.parameterized.Event) -> None:
        if getattr(self, event.name) != event.new:
            self.param.update(**{event.name: event.new})

    def _pen_of_all(self, event: param.parameterized.Event) -> None:
        for drawing in self._planes.values():
            drawing.param.update(**{event.name: event.new})
