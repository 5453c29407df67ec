"""The log of strokes on one image and its classes, with undo and redo; for dashboards, files and commands.

The log is what is saved, shared and replayed; the label map is derived from it. Every state is an immutable
pair (strokes, classes), so a step back is a pointer, and the label map is redrawn only in the box that a step
changed.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from segmentation.errors import SegmentationError
from segmentation.limits import MAX_CLASS_NAME, MAX_CLASSES, MAX_STROKES, UNDO_STEPS
from segmentation.strokes import Box, Stroke, rasterise

__all__ = ["CLASS_COLORS", "AnnotationClass", "Annotations", "default_classes"]

CLASS_COLORS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#7f7f7f")
"""Colours of new classes in turn: Okabe and Ito's, told apart with any kind of colour vision."""

_HEX = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class AnnotationClass:
    """One class of pixels.

    Parameters
    ----------
    id : int
        Its number in label maps, 1..255; never changes.
    name : str
        What people call it; unique among the classes of an image.
    color : str
        ``#rrggbb``, kept in lower case.
    locked : bool
        Whether its pixels are kept as they are by later strokes.
    """

    id: int
    name: str
    color: str
    locked: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.id, bool) or not isinstance(self.id, int) or not 1 <= self.id <= MAX_CLASSES:
            raise SegmentationError(f"the number of a class is 1..{MAX_CLASSES}; got {self.id!r}")
        if not isinstance(self.name, str) or not self.name.strip() or len(self.name) > MAX_CLASS_NAME:
            raise SegmentationError(
                f"a class needs a name of 1 to {MAX_CLASS_NAME} characters; got {self.name!r:.80}"
            )
        if not isinstance(self.color, str) or not _HEX.fullmatch(self.color):
            raise SegmentationError(f"a class colour is written #rrggbb; got {self.color!r:.40}")
        object.__setattr__(self, "name", self.name.strip())
        object.__setattr__(self, "color", self.color.lower())
        object.__setattr__(self, "locked", bool(self.locked))


def default_classes(count: int) -> tuple[AnnotationClass, ...]:
    """Classes "Class 1" … "Class `count`" in the standard colours."""
    ids = range(1, count + 1)
    return tuple(
        AnnotationClass(one, f"Class {one}", CLASS_COLORS[(one - 1) % len(CLASS_COLORS)]) for one in ids
    )


@dataclass(frozen=True)
class _State:
    strokes: tuple[Stroke, ...]
    classes: tuple[AnnotationClass, ...]


class Annotations:
    """Strokes on an image, the classes they give, and the label map that follows.

    Every method that changes something is one step of `undo`, except that a change that changes nothing is
    none.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the image.
    classes : iterable of AnnotationClass, optional
        In the order to show them; "Class 1" and "Class 2" by default.
    strokes : iterable of Stroke, optional
        In the order they were drawn.
    limit : int, default 100
        Number of steps that `undo` can go back.

    Raises
    ------
    SegmentationError
        A stroke of a class that does not exist, two classes of one name or number, no pixel.
    """

    def __init__(
        self,
        shape: tuple[int, int],
        classes: Iterable[AnnotationClass] | None = None,
        strokes: Iterable[Stroke] = (),
        *,
        limit: int = UNDO_STEPS,
    ) -> None:
        rows, cols = (int(one) for one in shape)
        if rows < 1 or cols < 1:
            raise SegmentationError(f"an image to draw on has at least one pixel; got shape {shape}")
        self.shape = (rows, cols)
        self._state = _checked(
            _State(tuple(strokes), tuple(default_classes(2) if classes is None else classes))
        )
        self._past: deque[_State] = deque(maxlen=limit)
        self._future: list[_State] = []
        self._labels: NDArray[np.uint8] | None = None
        self._changed: Box | None = None

    # What is there ------------------------------------------------------------------------------------------

    @property
    def strokes(self) -> tuple[Stroke, ...]:
        """Strokes in the order they were drawn."""
        return self._state.strokes

    @property
    def classes(self) -> tuple[AnnotationClass, ...]:
        """Classes in the order to show them."""
        return self._state.classes

    @property
    def locked(self) -> tuple[int, ...]:
        """Numbers of the locked classes: what a new stroke has to protect."""
        return tuple(sorted(one.id for one in self.classes if one.locked))

    @property
    def labels(self) -> NDArray[np.uint8]:
        """Label map, shape `shape`, read-only; 0 = unlabelled."""
        if self._labels is None:
            self._labels = rasterise(self.strokes, self.shape)
            self._labels.flags.writeable = False
        return self._labels

    @property
    def changed(self) -> Box | None:
        """Pixels that the last step can have changed, as (row, col, row past, col past); None = none."""
        return self._changed

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to take again."""
        return bool(self._future)

    def class_of(self, class_id: int) -> AnnotationClass:
        """Class with this number."""
        for one in self.classes:
            if one.id == class_id:
                return one
        known = ", ".join(f"{one.id} {one.name!r}" for one in self.classes)
        raise SegmentationError(f"there is no class {class_id!r}; there are {known or 'none'}")

    # Strokes ------------------------------------------------------------------------------------------------

    def add(self, *strokes: Stroke) -> None:
        """Draw `strokes` as one step; the classes that are locked now stay protected from them for good."""
        drawn = tuple(
            replace(one, protects=tuple({*one.protects, *self.locked} - {one.class_id})) for one in strokes
        )
        self._step(_State(self.strokes + drawn, self.classes))

    def edit(self, index: int, stroke: Stroke) -> None:
        """Put `stroke` in place of the one at `index`, as when it was moved or given another class."""
        self._at(index)
        strokes = list(self.strokes)
        strokes[index] = stroke
        self._step(_State(tuple(strokes), self.classes))

    def erase(self, *indices: int) -> None:
        """Take the strokes at `indices` away; what lay under them is seen again."""
        gone = {self._at(index) for index in indices}
        kept = tuple(one for place, one in enumerate(self.strokes) if place not in gone)
        self._step(_State(kept, self.classes))

    def replace_all(
        self, strokes: Iterable[Stroke], classes: Iterable[AnnotationClass] | None = None
    ) -> None:
        """Take over a whole list, as a drawing pane reports it, as one step; with other classes if given."""
        self._step(_State(tuple(strokes), self.classes if classes is None else tuple(classes)))

    def clear(self) -> None:
        """Take all strokes away; classes stay."""
        self._step(_State((), self.classes))

    # Classes ------------------------------------------------------------------------------------------------

    def add_class(self, name: str | None = None, color: str | None = None) -> AnnotationClass:
        """Add a class with the lowest free number, a new name and the next colour unless given."""
        taken = {one.id for one in self.classes}
        free = next((one for one in range(1, MAX_CLASSES + 1) if one not in taken), None)
        if free is None:
            raise SegmentationError(
                f"there are {MAX_CLASSES} classes already, which is all a label map can hold"
            )
        if name is None:
            names = {one.name.casefold() for one in self.classes}
            name = next(
                text
                for n in range(free, free + MAX_CLASSES + 1)
                if (text := f"Class {n}").casefold() not in names
            )
        new = AnnotationClass(free, name, color or CLASS_COLORS[(free - 1) % len(CLASS_COLORS)])
        self._step(_State(self.strokes, (*self.classes, new)))
        return new

    def rename_class(self, class_id: int, name: str) -> None:
        """Give a class another name."""
        self._change_class(replace(self.class_of(class_id), name=name))

    def recolor_class(self, class_id: int, color: str) -> None:
        """Give a class another colour, ``#rrggbb``."""
        self._change_class(replace(self.class_of(class_id), color=color))

    def lock_class(self, class_id: int, locked: bool = True) -> None:
        """Keep the pixels of a class from being overwritten by the strokes that follow, or stop doing so."""
        self._change_class(replace(self.class_of(class_id), locked=locked))

    def move_class(self, class_id: int, position: int) -> None:
        """Show a class at another place in the list; numbers and labels stay."""
        moved = self.class_of(class_id)
        others = [one for one in self.classes if one.id != class_id]
        others.insert(max(0, min(int(position), len(others))), moved)
        self._step(_State(self.strokes, tuple(others)))

    def remove_class(self, class_id: int) -> None:
        """Remove a class with all its strokes."""
        self.class_of(class_id)
        kept = tuple(
            replace(one, protects=tuple(set(one.protects) - {class_id}))
            for one in self.strokes
            if one.class_id != class_id
        )
        self._step(_State(kept, tuple(one for one in self.classes if one.id != class_id)))

    # Steps --------------------------------------------------------------------------------------------------

    def undo(self) -> bool:
        """Take the last step back; False when there is none."""
        if not self._past:
            return False
        self._future.append(self._state)
        self._show(self._past.pop())
        return True

    def redo(self) -> bool:
        """Take the last undone step again; False when there is none."""
        if not self._future:
            return False
        self._past.append(self._state)
        self._show(self._future.pop())
        return True

    def _at(self, index: int) -> int:
        if not 0 <= index < len(self.strokes):
            raise SegmentationError(
                f"there is no stroke {index}; there are {len(self.strokes)}, counted from 0"
            )
        return index

    def _change_class(self, changed: AnnotationClass) -> None:
        classes = tuple(changed if one.id == changed.id else one for one in self.classes)
        self._step(_State(self.strokes, classes))

    def _step(self, state: _State) -> None:
        if state == self._state:
            return
        _checked(state)
        self._past.append(self._state)
        self._future.clear()
        self._show(state)

    def _show(self, state: _State) -> None:
        before, self._state = self._state, state
        box = _difference(before.strokes, state.strokes, self.shape)
        self._changed = box
        if box is None or self._labels is None:
            return
        labels = self._labels.copy()  # who holds the old map keeps it
        labels[box[0] : box[2], box[1] : box[3]] = rasterise(state.strokes, self.shape, box=box)
        labels.flags.writeable = False
        self._labels = labels


def _difference(before: tuple[Stroke, ...], after: tuple[Stroke, ...], shape: tuple[int, int]) -> Box | None:
    """Box around all strokes that are not in both lists at the same place from the start or from the end."""
    head, most = 0, min(len(before), len(after))
    while head < most and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < most - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    differing = before[head : len(before) - tail] + after[head : len(after) - tail]
    boxes = np.array([box for one in differing if (box := one.box(shape)) is not None])
    if not len(boxes):
        return None
    r0, c0 = boxes[:, :2].min(axis=0)
    r1, c1 = boxes[:, 2:].max(axis=0)
    return (int(r0), int(c0), int(r1), int(c1))


def _checked(state: _State) -> _State:
    ids = [one.id for one in state.classes]
    if len(set(ids)) < len(ids):
        raise SegmentationError(f"each class has its own number; got {ids}")
    names = [one.name.casefold() for one in state.classes]
    if len(set(names)) < len(names):
        raise SegmentationError(f"each class has its own name; got {[one.name for one in state.classes]}")
    if len(state.strokes) > MAX_STROKES:
        raise SegmentationError(f"{len(state.strokes):,} strokes on one image; allowed are {MAX_STROKES:,}")
    unknown = {one.class_id for one in state.strokes} - {0, *ids}
    if unknown:
        raise SegmentationError(
            f"strokes of class {min(unknown)}, which does not exist; there are {sorted(ids)}"
        )
    return state
