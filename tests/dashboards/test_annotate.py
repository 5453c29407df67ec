"""The annotator without a browser: arrays that follow the shapes, contours, steps, documents."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dashboards.annotate import ShapeAnnotator
from segmentation.annotations import Annotations
from segmentation.errors import SegmentationError
from segmentation.strokes import Stroke, rasterise

DISC = np.hypot(*(np.indices((80, 100)) - np.array([40, 50])[:, None, None])) < 20
LOOP = Stroke("circle", ((14, 24), (66, 76)), 1)


@pytest.fixture
def annotator() -> ShapeAnnotator:
    return ShapeAnnotator(np.where(DISC, 200, 50).astype(np.uint8))


def draw(annotator: ShapeAnnotator, *strokes: Stroke) -> None:
    for one in strokes:
        annotator.drawing.do(lambda log, one=one: log.add(one))


def test_arrays_follow_the_shapes(annotator: ShapeAnnotator) -> None:
    strokes = [Stroke("rect", ((5, 5), (20, 30)), 1), Stroke("line", ((30, 5), (60, 90)), 2, 4)]
    draw(annotator, *strokes)
    assert np.array_equal(annotator.labels, rasterise(strokes, (80, 100)))
    assert annotator.annotations.strokes == tuple(strokes)
    assert annotator.selected == 1
    assert annotator.history.undo()
    assert annotator.annotations.strokes == tuple(strokes[:1])
    assert annotator.history.undo()
    assert not annotator.labels.any()
    annotator.history.redo()
    annotator.history.redo()
    assert np.array_equal(annotator.labels, rasterise(strokes, (80, 100)))


def test_a_loose_loop_becomes_the_disc(annotator: ShapeAnnotator) -> None:
    annotator.state.exact = True
    draw(annotator, LOOP)
    assert annotator.contour is not None
    found = annotator.contour.mask((80, 100))
    assert (found & DISC).sum() / (found | DISC).sum() > 0.95
    annotator.accept()
    assert np.array_equal(annotator.labels == 1, found)
    assert annotator.contour is None  # it is exact
    annotator.revert()
    assert annotator.annotations.strokes == (LOOP,)
    annotator.accept_all()
    assert np.array_equal(annotator.labels == 1, found)
    annotator.history.undo()
    assert annotator.annotations.strokes == (LOOP,)


def test_an_area_that_is_too_small_says_so(annotator: ShapeAnnotator) -> None:
    annotator.state.exact = True
    draw(annotator, Stroke("rect", ((5, 5), (6, 6)), 1))
    assert annotator.contour is None
    assert "pixels" in annotator._found.object
    draw(annotator, Stroke("line", ((5, 5), (6, 6)), 1))
    assert "Select or draw an area" in annotator._found.object


def test_documents_bring_everything_back(annotator: ShapeAnnotator) -> None:
    annotator = ShapeAnnotator()
    draw(annotator, LOOP, Stroke("path", ((1.5, 2), (3, 4.25)), 2, 3))
    annotator.state.picture = "camera"
    draw(annotator, Stroke("polygon", ((1, 1), (9, 1), (9, 9)), 3, holes=(((4, 3), (7, 3), (7, 5)),)))
    annotator.drawing.do(lambda log: log.rename_class(3, "<b>"))
    kept = json.loads(json.dumps(annotator.document()))
    again = ShapeAnnotator()
    again.open_document(kept)
    assert again.state.picture == "camera"
    assert again.state.strokes == annotator.state.strokes
    assert again.annotations.classes == annotator.annotations.classes
    assert not again.history.can_undo
    with pytest.raises(SegmentationError, match="hold together"):
        again.open_document({"strokes": {}})


def test_each_change_is_touched_once(annotator: ShapeAnnotator) -> None:
    draw(annotator, LOOP)
    assert annotator.touches == 1
    annotator.state.method = "watershed"
    annotator.selected = -1
    assert annotator.touches == 1
    annotator.history.undo()
    annotator.history.undo()
    assert annotator.touches == 2


def test_shapes_of_a_file_are_one_step(annotator: ShapeAnnotator) -> None:
    draw(annotator, LOOP)
    annotator.add(Annotations((80, 100), strokes=[LOOP, LOOP]))
    assert len(annotator.annotations.strokes) == 3
    annotator.history.undo()
    assert len(annotator.annotations.strokes) == 1


def test_the_example_is_drawn_where_nothing_is() -> None:
    annotator = ShapeAnnotator(example=True)
    assert len(annotator.annotations.strokes) == 5
    annotator = ShapeAnnotator()
    annotator.state.apply_query("v=1&e=1")
    assert len(annotator.annotations.strokes) == 5
