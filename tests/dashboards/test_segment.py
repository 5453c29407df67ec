"""The segmentation page without a browser: strokes in, labels, files and figures out."""

import io
import json
import zipfile

import numpy as np
import panel as pn
import PIL.Image
import pytest
from skimage.data import camera, coins
from skimage.filters import threshold_otsu

from brushlink.cli import main
from dashboards.parts.segment_files import document_of, marks_of, read_project
from dashboards.parts.segment_learning import score_against
from dashboards.parts.segment_overlay import outlines, ramp, share_levels
from dashboards.parts.segment_results import quality_html, shares_html
from dashboards.segment import TrainableSegmentation
from segmentation import BACKENDS, PixelClassifier, class_fractions, engine, register_backend
from segmentation.annotations import AnnotationClass
from segmentation.errors import SegmentationError
from segmentation.strokes import Stroke, rasterise

COIN = Stroke("path", ((126, 94), (130, 115)), 1, 10)
GROUND = Stroke("path", ((88, 20), (88, 360)), 2, 6)


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    """The same code answers throughout."""
    engine.warm_up()


def draw(page, *strokes):
    page.drawing.do(lambda log: log.add(*strokes))


@pytest.fixture
def page():
    made = TrainableSegmentation()
    draw(made, COIN)
    draw(made, GROUND)
    return made


def said(page):
    return str(page._status.object)


def iou(labels):
    found, truth = labels == 1, coins() > threshold_otsu(coins())
    return (found & truth).sum() / (found | truth).sum()


def test_two_strokes_find_the_coins(page):
    assert iou(page.labels) >= 0.85
    assert "Done" in said(page)
    assert page.image_view._overlays["result"].shown


def test_the_list_of_regions_goes_out_once_an_answer(page):
    (rows,) = page._results.__panel__().select(pn.widgets.Tabulator)
    sent = []
    rows.param.watch(sent.append, "value")
    page.state.live = False
    draw(page, Stroke("path", ((60, 60), (60, 80)), 1, 8.0))
    assert "Live is off" in said(page)
    assert not sent
    page._learn_now()
    assert len(sent) == 1
    assert len(rows.value) == len(page._results.table)


def test_the_labels_are_those_of_the_library(page):
    drawn = page.drawing.log.labels
    expected = PixelClassifier().fit(coins(), drawn).predict(coins())
    assert np.array_equal(page.labels, expected)


def test_the_same_strokes_twice_give_the_same_labels(page):
    again = TrainableSegmentation()
    draw(again, COIN)
    draw(again, GROUND)
    assert np.array_equal(again.labels, page.labels)


def test_one_class_is_not_enough_and_says_so():
    page = TrainableSegmentation()
    draw(page, COIN)
    assert page.labels is None
    assert "Draw a stroke of Background" in said(page)


def test_every_stroke_is_a_step_of_undo(page):
    first = page.labels
    draw(page, Stroke("path", ((200, 20), (280, 20)), 1, 12))
    assert not np.array_equal(page.labels, first)
    page.history.undo()
    assert np.array_equal(page.labels, first)
    page.history.undo()
    assert page.labels is None
    assert not page.image_view._overlays["result"].shown
    assert page.drawing.log.strokes == (COIN,)
    page.history.redo()
    assert np.array_equal(page.labels, first)


def test_erasing_all_takes_the_overlay_away(page):
    page.drawing.do(lambda log: log.clear())
    assert page.labels is None
    assert not page.image_view._overlays["result"].shown


def test_hiding_and_colours_do_not_learn_again(page):
    classifier = page.classifier
    page._key("h")
    assert not page.image_view._overlays["result"].shown
    page._key("h")
    assert page.image_view._overlays["result"].shown
    page.drawing.do(lambda log: log.recolor_class(1, "#123456"))
    assert page.image_view._overlays["result"].colors[1] == "#123456"
    page.state.opacity = 0.3
    for overlay in ("outlines", "probability", "uncertainty", "feature", "labels"):
        page.state.overlay = overlay
    assert page.classifier is classifier


def test_live_off_waits(page):
    first = page.labels
    page.state.live = False
    draw(page, Stroke("path", ((200, 20), (280, 20)), 1, 12))
    assert page.labels is first
    assert "Live is off" in said(page)
    page._ask(at_will=True)
    assert not np.array_equal(page.labels, first)


def test_switching_the_backend_keeps_strokes_and_changes_labels(page):
    before = page.labels
    page.state.backend = "logistic regression"
    assert page.drawing.log.strokes == (COIN, GROUND)
    assert not np.array_equal(page.labels, before)
    assert "logistic regression" in said(page)


class Split:
    """Everything brighter than the mean of the first feature is class 1."""

    def fit(self, X, y):
        self.middle = X[:, 0].mean()

    def predict_proba(self, X):
        bright = (X[:, 0] > self.middle).astype(float)
        return np.stack([bright, 1 - bright], 1)


class Broken(Split):
    def predict_proba(self, X):
        raise RuntimeError("<b>it</b> crashed")


@pytest.fixture
def registered():
    register_backend("toy", lambda random_state: Split())
    register_backend("broken", lambda random_state: Broken())
    yield
    del BACKENDS["toy"], BACKENDS["broken"]


@pytest.mark.usefixtures("registered")
def test_a_backend_of_ones_own_and_one_that_crashes():
    page = TrainableSegmentation(backend="toy")
    assert "toy" in page.state.param.backend.objects
    draw(page, COIN)
    draw(page, GROUND)
    assert iou(page.labels) > 0.5
    last = page.labels
    page.state.backend = "broken"
    assert "it&lt;/b&gt; crashed" in said(page).replace("<b>", "")
    assert "The last result is still shown" in said(page)
    assert np.array_equal(page.labels, last)
    page.state.backend = "toy"
    assert "Done" in said(page)


def test_the_exported_labels_and_the_command_agree(page, tmp_path):
    files = page.files()
    picture = PIL.Image.open(io.BytesIO(files["Labels"]["png"]()))
    exported = np.asarray(picture)
    assert exported.shape == coins().shape
    assert set(np.unique(exported)) == {1, 2}
    assert np.array_equal(exported, page.labels)
    model = tmp_path / "segment-model.skops"
    model.write_bytes(files["Model"]["skops"]())
    assert np.array_equal(PixelClassifier.load(model).predict(coins()), page.labels)
    PIL.Image.fromarray(coins()).save(tmp_path / "coins.png")
    assert main(["segment", str(model), str(tmp_path / "coins.png"), "-o", str(tmp_path / "out")]) == 0
    assert np.array_equal(np.asarray(PIL.Image.open(tmp_path / "out" / "coins_labels.png")), page.labels)


def test_a_project_brings_everything_back(page):
    page.drawing.do(lambda log: log.rename_class(1, "<img src=x onerror=alert(1)>"))
    page.state.overlay = "outlines"
    content = page.files()["Project"]["zip"]()
    other = TrainableSegmentation()
    other.open_document(read_project(content).document)
    assert other.drawing.marks == page.drawing.marks
    assert other.state.overlay == "outlines"
    assert np.array_equal(other.labels, page.labels)
    assert "model.skops" in zipfile.ZipFile(io.BytesIO(content)).namelist()


def test_projects_that_cannot_be(page):
    newer = {**document_of(page.state), "version": 99}
    with pytest.raises(SegmentationError, match="version 99"):
        marks_of(newer)
    with pytest.raises(SegmentationError, match="no project"):
        read_project(b"not a zip")
    broken = json.loads(json.dumps(document_of(page.state)))
    broken["strokes"]["coins"][0]["at"] = "1,2 x"
    with pytest.raises(SegmentationError, match="hold together"):
        marks_of(broken)
    foreign = json.loads(json.dumps(document_of(page.state)))
    foreign["strokes"]["coins"][0]["class"] = 9
    with pytest.raises(SegmentationError, match="class 9"):
        marks_of(foreign)


def test_one_classifier_learns_from_several_images(page):
    page.state.picture = "camera"
    assert page.drawing.log.strokes == ()
    both = page.labels  # of the camera, learned from coins alone
    assert both.shape == camera().shape
    dark, sky = Stroke("path", ((250, 200), (330, 220)), 1, 12), Stroke("path", ((40, 40), (40, 480)), 2, 12)
    draw(page, dark)
    draw(page, sky)
    expected = PixelClassifier().fit(
        [coins(), camera()], [rasterise((COIN, GROUND), coins().shape), page.drawing.log.labels]
    )
    assert np.array_equal(page.labels, expected.predict(camera()))
    page.state.picture = "coins"
    assert page.drawing.log.strokes == (COIN, GROUND)


def test_regions_follow_and_a_brush_lights_them_up(page):
    table = page._results.table
    fractions = class_fractions(page.labels, page.state.classes)
    assert table["area [px]"].sum() <= fractions["pixels"][0]
    assert len(table) > 20
    large = table["area [px]"] > 1000
    page.state.picked = (1000.0, 1e6)
    lit = page.image_view._overlays["picked"]
    assert lit.shown
    assert lit.indexed.sum() == table["area [px]"][large].sum()
    page.state.picked = None
    assert not page.image_view._overlays["picked"].shown


def test_quality_and_features(page):
    draw(page, Stroke("path", ((195, 95), (195, 108)), 1, 8), Stroke("path", ((225, 20), (225, 360)), 2, 6))
    page._quality._validate()
    assert "Cross-validated: mean IoU" in page._quality._result.object
    page.controls()
    score = page._quality._result.object.partition("<b>")[2][:5]
    assert "<th>brush forest</th>" in page._note._note.object
    assert f"<td>{score}</td>" in page._note._note.object
    page._quality._show_features()
    assert len(page._quality._importance.objects) == 1
    page.state.backend = "logistic regression"
    assert page._quality._result.object.startswith("<p><i>Of earlier strokes.")
    page._quality._show_features()
    assert "forests have" in page._quality._said.object


def test_against_a_truth():
    truth = np.where(coins() > threshold_otsu(coins()), 1, 2)
    page = TrainableSegmentation(truth=truth)
    draw(page, COIN)
    draw(page, GROUND)
    assert f"{score_against(page.labels, truth).iou[1]:.3f}" in page._quality._against.object
    assert score_against(page.labels, truth).iou[1] == pytest.approx(iou(page.labels))


def test_names_of_classes_are_escaped():
    evil = AnnotationClass(1, "<img src=x onerror=alert(1)>", "#0072b2")
    labels = np.ones((4, 4), np.uint8)
    assert "<img" not in shares_html(class_fractions(labels, [evil]), [evil])
    assert "<img" not in quality_html(score_against(labels, labels), [evil], "Tested")


def test_outlines_and_levels():
    labels = np.array([[1, 1, 1, 2], [1, 1, 1, 2], [1, 1, 1, 1]], np.uint8)
    assert outlines(labels).tolist() == [[0, 0, 1, 2], [0, 0, 1, 2], [0, 0, 0, 1]]
    assert share_levels(np.array([0.0, 0.5, 1.0], np.float32)).tolist() == [0, 16, 31]
    assert ramp("#ff0000")[0] == (255, 0, 0, 0)
    assert ramp("#ff0000")[31] == (255, 0, 0, 255)


def test_a_drawing_that_is_the_users_own_array():
    page = TrainableSegmentation(np.tile(coins(), (1, 1)))
    draw(page, COIN)
    draw(page, GROUND)
    assert iou(page.labels) >= 0.85
