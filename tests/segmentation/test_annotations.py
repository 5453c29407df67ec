"""The log of strokes: steps back and forth, classes, locks; label maps are compared with drawing anew."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, precondition, rule

from segmentation.annotations import AnnotationClass, Annotations, default_classes
from segmentation.errors import SegmentationError
from segmentation.strokes import Stroke, rasterise

SHAPE = (24, 30)
coordinate = st.integers(-5, 35)
point = st.tuples(coordinate, coordinate)


def rect(class_id: int, top: int = 0, left: int = 0, bottom: int = 10, right: int = 10) -> Stroke:
    return Stroke("rect", ((top - 0.5, left - 0.5), (bottom - 0.5, right - 0.5)), class_id)


class AnyHistory(RuleBasedStateMachine):
    """Random work on a log, mirrored by a plain list of all states that ever were."""

    strokes = Bundle("strokes")

    def __init__(self) -> None:
        super().__init__()
        self.log = Annotations(SHAPE, default_classes(3), limit=8)
        self.states = [(self.log.strokes, self.log.classes)]
        self.now = 0

    def note(self) -> None:
        state = (self.log.strokes, self.log.classes)
        if state != self.states[self.now]:
            self.states = [*self.states[: self.now + 1], state][-9:]
            self.now = len(self.states) - 1

    @rule(
        target=strokes,
        kind=st.sampled_from(["rect", "circle", "line"]),
        a=point,
        b=point,
        id=st.integers(0, 3),
    )
    def imagine(self, kind: str, a: tuple, b: tuple, id: int) -> Stroke:
        return Stroke(kind, (a, b), id, 3)

    @rule(stroke=strokes)
    def add(self, stroke: Stroke) -> None:
        self.log.add(stroke)
        self.note()

    @precondition(lambda self: self.log.strokes)
    @rule(stroke=strokes, data=st.data())
    def edit(self, stroke: Stroke, data: st.DataObject) -> None:
        self.log.edit(data.draw(st.integers(0, len(self.log.strokes) - 1)), stroke)
        self.note()

    @precondition(lambda self: self.log.strokes)
    @rule(data=st.data())
    def erase(self, data: st.DataObject) -> None:
        self.log.erase(data.draw(st.integers(0, len(self.log.strokes) - 1)))
        self.note()

    @rule()
    def clear(self) -> None:
        self.log.clear()
        self.note()

    @rule(id=st.integers(1, 3), locked=st.booleans())
    def lock(self, id: int, locked: bool) -> None:
        self.log.lock_class(id, locked)
        self.note()

    @rule(id=st.integers(1, 3), place=st.integers(0, 4))
    def move(self, id: int, place: int) -> None:
        self.log.move_class(id, place)
        self.note()

    @rule()
    def undo(self) -> None:
        assert self.log.undo() == (self.now > 0)
        self.now = max(self.now - 1, 0)

    @rule()
    def redo(self) -> None:
        assert self.log.redo() == (self.now < len(self.states) - 1)
        self.now = min(self.now + 1, len(self.states) - 1)

    @invariant()
    def as_it_was(self) -> None:
        assert (self.log.strokes, self.log.classes) == self.states[self.now]
        assert self.log.can_undo == (self.now > 0)
        assert self.log.can_redo == (self.now < len(self.states) - 1)
        np.testing.assert_array_equal(self.log.labels, rasterise(self.log.strokes, SHAPE))


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def test_one_stroke_is_one_step_and_steps_are_bounded() -> None:
    log = Annotations(SHAPE)
    for place in range(150):
        log.add(rect(1, place % 10))
    steps = 0
    while log.undo():
        steps += 1
    assert steps == 100
    assert len(log.strokes) == 50
    while log.redo():
        steps -= 1
    assert steps == 0
    assert len(log.strokes) == 150


def test_a_new_step_forgets_what_was_undone() -> None:
    log = Annotations(SHAPE)
    log.add(rect(1))
    log.undo()
    log.add(rect(2))
    assert not log.redo()
    assert set(np.unique(log.labels)) == {0, 2}


def test_what_changes_nothing_is_no_step() -> None:
    log = Annotations(SHAPE)
    log.clear()
    log.rename_class(1, "Class 1")
    log.move_class(2, 5)
    assert not log.can_undo


def test_several_strokes_can_be_one_step() -> None:
    log = Annotations(SHAPE)
    log.add(rect(1), rect(2, 12, 12, 20, 20))
    log.undo()
    assert log.strokes == ()


def test_the_changed_box_holds_every_changed_pixel_and_no_more() -> None:
    log = Annotations(SHAPE)
    log.add(rect(1, 0, 0, 4, 4))
    before = log.labels
    log.add(rect(2, 10, 12, 16, 20))
    changed = np.argwhere(before != log.labels)
    assert log.changed is not None
    low, past = np.array(log.changed[:2]), np.array(log.changed[2:])
    assert (low <= changed.min(axis=0)).all()
    assert (changed.min(axis=0) <= low + 1).all()
    assert (changed.max(axis=0) < past).all()
    assert (past <= changed.max(axis=0) + 2).all()
    log.rename_class(1, "grain")
    assert log.changed is None


def test_label_maps_handed_out_do_not_change() -> None:
    log = Annotations(SHAPE)
    log.add(rect(1))
    kept = log.labels
    log.clear()
    assert kept.sum() == 100
    assert log.labels.sum() == 0
    with pytest.raises(ValueError, match="read-only"):
        kept[0, 0] = 3


def test_a_locked_class_is_not_overwritten_then_or_on_replay() -> None:
    log = Annotations(SHAPE)
    log.add(rect(1, 0, 0, 6, 6))
    log.lock_class(1)
    log.add(rect(2, 0, 0, 12, 12))
    log.add(Stroke("rect", ((-1, -1), (30, 30)), 0))
    assert (log.labels == 1).sum() == 36
    log.lock_class(1, False)
    assert (log.labels == 1).sum() == 36
    log.add(rect(2, 0, 0, 12, 12))
    assert (log.labels == 1).sum() == 0
    assert (rasterise(log.strokes, SHAPE) == 2).sum() == 144


def test_a_locked_class_still_grows_by_its_own_strokes() -> None:
    log = Annotations(SHAPE)
    log.lock_class(1)
    log.add(rect(1, 0, 0, 6, 6), rect(1, 3, 3, 9, 9))
    assert (log.labels == 1).sum() == 36 + 36 - 9


def test_erasing_a_stroke_shows_what_lay_under_it() -> None:
    log = Annotations(SHAPE)
    log.add(rect(1))
    log.add(rect(2, 5, 5, 12, 12))
    log.erase(1)
    assert (log.labels == 1).sum() == 100


def test_classes_are_added_renamed_recoloured_moved_and_removed() -> None:
    log = Annotations(SHAPE, [])
    sky = log.add_class("Sky", "#AABBCC")
    log.add_class()
    assert [one.name for one in log.classes] == ["Sky", "Class 2"]
    assert sky.color == "#aabbcc"
    log.rename_class(2, " Grass ")
    log.recolor_class(2, "#00ff00")
    log.move_class(2, 0)
    assert [(one.id, one.name, one.color) for one in log.classes] == [
        (2, "Grass", "#00ff00"),
        (1, "Sky", "#aabbcc"),
    ]
    log.add(rect(1), rect(2, 12, 12, 20, 20))
    log.remove_class(1)
    assert [one.class_id for one in log.strokes] == [2]
    assert log.add_class().id == 1
    for _ in range(6):
        log.undo()
    assert [one.name for one in log.classes] == ["Sky", "Class 2"]


def test_new_names_and_numbers_are_free_ones() -> None:
    log = Annotations(SHAPE, [AnnotationClass(1, "class 2", "#000000")])
    assert (log.add_class().id, log.classes[-1].name) == (2, "Class 3")


def test_there_are_255_classes_at_most() -> None:
    log = Annotations(SHAPE, default_classes(255))
    with pytest.raises(SegmentationError, match="255"):
        log.add_class()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda log: log.add(rect(9)),
        lambda log: log.rename_class(1, "class 2"),
        lambda log: log.rename_class(1, "  "),
        lambda log: log.rename_class(1, "x" * 81),
        lambda log: log.rename_class(7, "x"),
        lambda log: log.recolor_class(1, "red"),
        lambda log: log.edit(0, rect(1)),
        lambda log: log.erase(-1),
        lambda log: log.remove_class(3),
        lambda log: log.replace_all([rect(200)]),
    ],
)
def test_a_refused_step_leaves_everything_as_it_was(wrong: object) -> None:
    log = Annotations(SHAPE)
    with pytest.raises(SegmentationError):
        wrong(log)  # type: ignore[operator]
    assert not log.can_undo
    assert log.classes == default_classes(2)


@pytest.mark.parametrize("shape", [(0, 4), (4, 0)])
def test_an_image_has_pixels(shape: tuple[int, int]) -> None:
    with pytest.raises(SegmentationError, match="at least one pixel"):
        Annotations(shape)
