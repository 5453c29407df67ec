"""Many images with one classifier; projects, models, networks and truths opened on the segmentation page."""

import errno
import io
import json
import tempfile
import zipfile

import numpy as np
import pandas as pd
import PIL.Image
import pytest
from skimage.data import camera, coins
from skimage.filters import threshold_otsu

from dashboards.parts.image_state import as_image
from dashboards.parts.segment_files import read_project
from dashboards.parts.segment_quality import truth_for
from dashboards.segment import TrainableSegmentation
from data_sources.errors import ImageError
from segmentation import PixelClassifier, engine
from segmentation.annotations import AnnotationClass
from segmentation.errors import BackendError, ModelError, SegmentationError
from segmentation.label_files import LabelMap
from segmentation.strokes import Stroke, rasterise
from tests.segmentation.test_onnx_features import convolution

COIN = Stroke("path", ((126, 94), (130, 115)), 1, 10)
GROUND = Stroke("path", ((88, 20), (88, 360)), 2, 6)
DARK, SKY = Stroke("path", ((250, 200), (330, 220)), 1, 12), Stroke("path", ((40, 40), (40, 480)), 2, 12)
FLIPPED = np.ascontiguousarray(coins()[::-1])


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    engine.warm_up()


def draw(page, *strokes):
    page.drawing.do(lambda log: log.add(*strokes))


@pytest.fixture
def page():
    made = TrainableSegmentation()
    draw(made, COIN, GROUND)
    return made


def said(page):
    return str(page._status.object)


# -- many images ---------------------------------------------------------------------------------


def test_images_of_ones_own_stay_at_hand_and_teach_together(page):
    page.state.take(as_image(camera(), "one.png"))
    draw(page, DARK, SKY)
    page.state.take(as_image(FLIPPED, "two.png"))
    expected = PixelClassifier().fit(
        [coins(), camera()],
        [rasterise((COIN, GROUND), coins().shape), rasterise((DARK, SKY), camera().shape)],
    )
    assert np.array_equal(page.labels, expected.predict(FLIPPED))
    page.state.choose("your own/one.png")
    assert page.drawing.log.strokes == (DARK, SKY)
    assert page.state.project_keys() == ["coins", "your own/one.png", "your own/two.png"]
    with pytest.raises(ImageError, match=r"drop it on the page again"):
        page.state.choose("your own/three.png")


def test_another_image_of_the_same_name_is_another_image(page):
    page.state.take(as_image(camera(), "one.png"))
    page.state.take(as_image(FLIPPED, "one.png"))
    page.state.take(as_image(camera(), "one.png"))
    assert list(page.state.titles())[-2:] == ["one.png (yours)", "one.png (2) (yours)"]
    assert np.array_equal(page.state.image.array, camera())


def test_all_images_are_labelled_and_one_that_does_not_fit_says_so(page):
    page.state.take(as_image(camera(), "one.png"))
    page.state.picture = "astronaut"  # three channels
    page.state.picture = "coins"
    page._images._run()
    done = page._apply.results
    assert list(done) == ["coins", "your own/one.png", "astronaut"]
    expected = PixelClassifier().fit(coins(), page.drawing.log.labels)
    assert np.array_equal(done["coins"].labels, page.labels)
    assert np.array_equal(done["your own/one.png"].labels, expected.predict(camera()))
    assert done["astronaut"].labels is None
    assert "3 of 3 images" in page._images._said.object
    assert "1 could not be labelled" in page._images._said.object
    row = page._images._list.rows[2]
    assert row["kind"] == "failed"
    assert "1 channels" in row["note"]

    archive = zipfile.ZipFile(io.BytesIO(page.files()["Results of all images"]["zip"]()))
    assert set(archive.namelist()) == {
        "coins_labels.png", "one_labels.png", "classes.csv", "regions.csv", "segment-model.skops",
    }  # fmt: skip
    inside = np.asarray(PIL.Image.open(archive.open("one_labels.png")))
    assert np.array_equal(inside, expected.predict(camera()))
    classes = pd.read_csv(archive.open("classes.csv"))
    assert classes.groupby("image")["pixels"].sum().to_dict() == {
        "coins": coins().size, "one.png": camera().size,
    }  # fmt: skip
    draw(page, Stroke("path", ((200, 20), (280, 20)), 1, 12))
    assert page._images._list.rows[0]["note"] == "labelled by earlier strokes"


def test_labelling_can_be_cancelled_and_keeps_what_is_done(page):
    page.state.take(as_image(camera(), "one.png"))
    told = []

    def tell(done, total, seconds):
        told.append((done, total))
        page._apply.cancel()

    page._apply.start(page.classifier, tell, lambda error: told.append(error))
    assert told == [(1, 2)]
    assert list(page._apply.results) == ["coins"]


def test_nothing_is_labelled_before_something_is_learned():
    with pytest.raises(Exception, match="no finished result yet"):
        TrainableSegmentation()._images._run()


def test_an_image_can_be_taken_out_with_its_strokes_and_brought_back(page):
    page.state.picture = "camera"
    draw(page, DARK)
    page._images._remove("camera")
    assert page.state.project_keys() == ["coins", "camera"]  # it is still on the page
    assert page.drawing.log.strokes == ()
    page.history.undo()
    assert page.drawing.log.strokes == (DARK,)


# -- models --------------------------------------------------------------------------------------


def test_a_model_opened_again_reproduces_the_labels(page):
    labels = page.labels
    content = page.files()["Model"]["skops"]()
    other = TrainableSegmentation()
    other._openers.open("coins.skops", content)
    assert np.array_equal(other.labels, labels)
    assert "Labels of the model “coins.skops”" in said(other)
    assert [one.name for one in other.state.classes] == ["Object", "Background"]
    draw(other, Stroke("path", ((20, 20), (20, 60)), 1, 8))
    assert np.array_equal(other.labels, labels)
    assert np.array_equal(
        PixelClassifier.load(_saved(other.files()["Model"]["skops"]())).predict(coins()), labels
    )
    other.state.model = None
    assert other.labels is None
    other.history.undo()
    assert np.array_equal(other.labels, labels)


def _saved(content):
    path = tempfile.mkstemp(suffix=".skops")[1]
    with open(path, "wb") as file:
        file.write(content)
    return path


@pytest.mark.parametrize("name", ["text.skops", "foreign.skops"])
def test_a_foreign_model_is_refused_and_everything_stays(page, name):
    buffer = io.BytesIO()
    if name == "foreign.skops":
        import skops.io
        from sklearn.linear_model import LogisticRegression

        buffer.write(skops.io.dumps(LogisticRegression().fit([[0], [1]], [0, 1])))
    else:
        buffer.write(b"this is a text")
    labels = page.labels
    with pytest.raises(ModelError, match=name):
        page._openers.open(name, buffer.getvalue())
    assert page.state.model is None
    assert page.drawing.log.strokes == (COIN, GROUND)
    assert page.labels is labels


def test_a_model_of_other_channels_says_so(page):
    content = page.files()["Model"]["skops"]()
    other = TrainableSegmentation(picture="astronaut")
    other._openers.open("coins.skops", content)
    assert "1 channels" in said(other)


# -- projects ------------------------------------------------------------------------------------


def test_a_project_whose_image_is_not_at_hand_answers_by_its_model(page, caplog):
    page.state.take(as_image(FLIPPED, "mine.png"))
    draw(page, Stroke("path", ((40, 60), (40, 80)), 1, 8))
    first = page.labels
    page.state.picture = "coins"
    labels, content = page.labels, page.files()["Project"]["zip"]()
    other = TrainableSegmentation()
    with caplog.at_level("INFO"):
        other._openers.open("work.zip", content)
    assert "Drop “mine.png” on the page" in caplog.text
    assert other.state.model is not None
    assert np.array_equal(other.labels, labels)
    assert other.state.strokes == page.state.strokes
    (missing,) = [row for row in other._images._list.rows if not row["at_hand"]]
    assert missing["name"] == "mine.png"
    other.state.take(as_image(FLIPPED, "mine.png"))
    other.state.model = None
    assert np.array_equal(other.labels, first)


def test_a_file_of_another_size_for_strokes_of_a_project_is_noticed(page, caplog):
    page.state.take(as_image(FLIPPED, "mine.png"))
    draw(page, Stroke("path", ((40, 60), (40, 80)), 1, 8))
    document = json.loads(json.dumps(page.document()))
    other = TrainableSegmentation()
    other.open_document(document)
    with caplog.at_level("INFO"):
        other.state.take(as_image(camera(), "mine.png"))
    assert "drawn on 384 × 303 px; this image has 512 × 512 px" in caplog.text


def test_a_newer_project_changes_nothing(page):
    content = page.files()["Project"]["zip"]()
    project = read_project(content)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("project.json", json.dumps({**project.document, "version": 2}))
    before = page.state.snapshot()
    with pytest.raises(SegmentationError, match="version 2"):
        page._openers.open("newer.zip", buffer.getvalue())
    assert page.state.snapshot() == before


# -- networks ------------------------------------------------------------------------------------


def test_a_network_of_ones_own_adds_its_maps_and_travels_in_the_project(page):
    pytest.importorskip("onnxruntime", reason='the extra "onnx" is not installed')
    page.controls()
    labels, count = page.labels, page.state.features().count(1)
    weights = np.random.default_rng(0).normal(size=(5, 1, 3, 3)).astype(np.float32)
    page._openers.open("edges.onnx", convolution(weights, 2))
    assert page.state.network.stride == 2
    assert page.state.features().count(1) == count + 5
    assert page.state.features().names(1)[-1] == "edges 5"
    assert "5 maps of your network" in page._note._note.object
    assert not np.array_equal(page.labels, labels)
    page.state.param.update(overlay="feature", feature=count + 4)
    assert page.image_view._overlays["result"].indexed.shape == coins().shape
    with pytest.raises(ModelError, match="code of your own"):
        page.files()["Model"]["skops"]()
    other = TrainableSegmentation()
    other._openers.open("work.zip", page.files()["Project"]["zip"]())
    assert np.array_equal(other.labels, page.labels)
    page.history.undo()
    page.history.undo()
    assert np.array_equal(page.labels, labels)
    colour = np.repeat(weights, 3, axis=1)
    page._openers.open("of colours.onnx", convolution(colour, 1))
    assert page.state.features().count(1) == count + 5


def test_what_is_no_network_is_refused(page):
    pytest.importorskip("onnxruntime", reason='the extra "onnx" is not installed')
    with pytest.raises(BackendError, match=r"text\.onnx is no ONNX network"):
        page._openers.open("text.onnx", b"this is a text")
    assert page.state.network is None


# -- a truth -------------------------------------------------------------------------------------


def test_a_truth_is_read_by_name_then_by_number_and_a_mask_by_its_values(page):
    mask = coins() > threshold_otsu(coins())
    state = page.state
    named = LabelMap(
        np.where(mask, 7, 3).astype(np.uint8),
        (AnnotationClass(7, "object", "#ff0000"), AnnotationClass(3, "BACKGROUND", "#00ff00")),
    )
    expected = np.where(mask, 1, 2)
    assert np.array_equal(truth_for("a.png", named, state), expected)
    plain = LabelMap(expected.astype(np.uint8), (AnnotationClass(1, "Class 1", "#ff0000"),
                                                 AnnotationClass(2, "Class 2", "#00ff00")))  # fmt: skip
    assert np.array_equal(truth_for("a.png", plain, state), expected)
    white = LabelMap((mask * 255).astype(np.uint8), (AnnotationClass(255, "Class 255", "#ffffff"),))
    assert np.array_equal(truth_for("a.png", white, state), expected)
    with pytest.raises(SegmentationError, match="512 × 512 pixels and the image 303 × 384"):
        truth_for("a.png", LabelMap(np.ones((512, 512), np.uint8), ()), state)
    with pytest.raises(SegmentationError, match="9 Class 9; this page has 1 Object, 2 Background"):
        truth_for(
            "a.png",
            LabelMap(np.full(coins().shape, 9, np.uint8), (AnnotationClass(9, "Class 9", "#ff0000"),)),
            state,
        )


# -- odd drawings and a full disk ----------------------------------------------------------------


def test_a_thousand_strokes_are_kept_and_learned():
    page = TrainableSegmentation()
    rng = np.random.default_rng(1)
    mask = coins() > threshold_otsu(coins())
    strokes = []
    for row, col in zip(rng.integers(5, 295, 1000), rng.integers(5, 375, 1000), strict=True):
        at = (float(row), float(col))
        strokes.append(Stroke("path", (at, (at[0], at[1] + 1)), 1 if mask[row, col] else 2, 2))
    draw(page, *strokes)
    assert len(page.drawing.log.strokes) == 1000
    assert "Done" in said(page)
    assert (page.labels == 1)[mask].mean() > 0.9
    other = TrainableSegmentation()
    other._openers.open("work.zip", page.files()["Project"]["zip"]())
    assert np.array_equal(other.labels, page.labels)


def test_strokes_of_one_class_ask_for_another_and_take_the_old_answer_away(page):
    page.drawing.do(lambda log: log.erase(1))
    draw(page, Stroke("path", ((40, 60), (40, 80)), 1, 8))
    assert "Draw a stroke of Background" in said(page)
    assert page.labels is None
    assert len(page.drawing.log.strokes) == 2


@pytest.mark.parametrize(
    "array",
    [
        np.full((1, 1), 7, np.uint8),
        np.zeros((64, 64), np.uint8),
        np.random.default_rng(0).integers(0, 255, (40, 50, 4)).astype(np.uint8),
    ],
    ids=["1x1", "flat", "RGBA"],
)
def test_small_flat_and_transparent_images_are_drawn_on(array):
    page = TrainableSegmentation(array)
    rows, cols = page.state.image.spatial_shape
    draw(page, Stroke("path", ((0, 0), (0, 0)), 1, 1))
    assert "Draw a stroke of Background" in said(page)
    draw(page, Stroke("path", ((rows - 1.0, cols - 1.0),) * 2, 2, 1))
    if rows == 1:  # the second stroke covers the first
        assert "draw at least one stroke of a second class" in said(page)
    else:
        assert page.labels.shape == (rows, cols)


def test_a_full_disk_stops_a_download_and_nothing_else(page, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    with pytest.raises(SegmentationError, match=r"No space left on device.*your strokes stay"):
        page.files()["Model"]["skops"]()
    draw(page, Stroke("path", ((200, 20), (280, 20)), 1, 12))
    assert "Done" in said(page)


# -- a script or a notebook ----------------------------------------------------------------------


def test_labels_and_classifier_follow_the_strokes():
    view = TrainableSegmentation(coins())
    assert view.labels is None
    assert view.classifier is None
    draw(view, COIN, GROUND)
    first, classifier = view.labels, view.classifier
    assert np.array_equal(classifier.predict(coins()), first)
    draw(view, Stroke("path", ((200, 20), (280, 20)), 1, 12))
    assert not np.array_equal(view.labels, first)
    assert view.classifier is not classifier
    assert np.array_equal(view.classifier.predict(coins()), view.labels)
    view.drawing.do(lambda log: log.clear())
    assert view.labels is None
    assert view.classifier is None
