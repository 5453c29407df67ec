"""Files on the segmentation page: images good and bad, a truth, a model, a network; many images at once."""

import base64
import functools
import io
import struct
import zipfile
import zlib

import numpy as np
import PIL.Image
import pytest
from skimage.data import camera, coins
from skimage.filters import threshold_otsu

from dashboards.segment import TrainableSegmentation
from segmentation import engine
from tests.browser.apps.dashboard_page import dashboard_page
from tests.browser.segment.segment_page import download, drop, overlay, status, two_strokes
from tests.segmentation.test_onnx_features import convolution

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module", autouse=True)
def _ready():
    engine.warm_up()


@pytest.fixture
def segment(browser, show):
    with dashboard_page(browser, show, TrainableSegmentation) as page:
        yield page


def file(name, content):
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def png(array, mode=None):
    buffer = io.BytesIO()
    PIL.Image.fromarray(array, mode).save(buffer, "PNG")
    return buffer.getvalue()


def layer(page):
    """Return the overlay of the answer as the browser shows it, class numbers."""
    source = page.plot("image").js("return (gd._fullLayout.images[0] || {}).source || '';")
    return np.asarray(PIL.Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))))


@pytest.mark.slow
def test_a_truth_a_model_and_a_network_dropped_on_the_page(segment, tmp_path):
    page = segment
    two_strokes(page)
    labels = page.dashboard.labels
    truth = np.where(coins() > threshold_otsu(coins()), 1, 2).astype(np.uint8)
    drop(page, "truth-drop", file("truth.png", png(truth)))
    said = page.page.locator(".against-truth p").first
    page.until(lambda: said.is_visible() and "Against the truth" in said.inner_text(), "the score")
    confusion = [int(np.sum((truth == row) & (labels == col))) for row in (1, 2) for col in (1, 2)]
    shown = page.page.locator(".against-truth td").all_inner_texts()
    assert [int(shown[place].replace(",", "")) for place in (2, 3, 6, 7)] == confusion
    page.until(lambda: page.dashboard.state.overlay == "wrong", "the differences are chosen")
    page.until(
        lambda: np.array_equal(layer(page), np.where(labels == truth, 0, truth)), "the differences are shown"
    )

    model = download(page, "Model as SKOPS", tmp_path)
    page.page.keyboard.press("e")
    page.do(lambda: page.dashboard.drawing.do(lambda log: log.clear()))
    page.until(lambda: not overlay(page), "nothing lies over the picture")
    drop(page, "project-drop", model)
    page.until(lambda: "Labels of the model" in status(page), "the model answers")
    assert np.array_equal(page.dashboard.labels, labels)
    page.page.get_by_role("button", name="Learn from the strokes instead").click()
    page.until(lambda: page.dashboard.labels is None, "the model is gone")
    page.page.keyboard.press("Control+z")
    page.until(lambda: "Labels of the model" in status(page), "and back")

    weights = np.random.default_rng(0).normal(size=(5, 1, 3, 3)).astype(np.float32)
    drop(page, "network-drop", file("edges.onnx", convolution(weights, 1)))
    page.until(lambda: page.page.locator(".network p", has_text="5 maps").is_visible(), "the network is told")
    assert page.dashboard.state.features().names(1)[-1] == "edges 5"


@pytest.mark.slow
def test_two_images_dropped_at_once_are_labelled_with_the_first(segment, tmp_path):
    page = segment
    two_strokes(page)
    flipped = np.ascontiguousarray(coins()[::-1])
    drop(page, "image-choice", file("flipped.png", png(flipped)), file("camera.png", png(camera())))
    rows = page.page.locator(".images li")
    page.until(lambda: rows.count() == 3, "three images in the list")
    page.until(
        lambda: page.dashboard.state.key.endswith("camera.png") and page.dashboard.classifier is not None,
        "the answer for the newest",
    )
    classifier = page.dashboard.classifier
    page.page.get_by_role("button", name="Label all images").click()
    page.until(lambda: rows.locator(".shares:visible").count() == 3, "all are labelled")
    content = download(page, "Results of all images as ZIP", tmp_path).read_bytes()
    archive = zipfile.ZipFile(io.BytesIO(content))
    for name, image in (("coins", coins()), ("flipped", flipped), ("camera", camera())):
        found = np.asarray(PIL.Image.open(archive.open(f"{name}_labels.png")))
        assert np.array_equal(found, classifier.predict(image)), name
    rows.filter(has_text="coins").locator(".open").click()
    page.until(lambda: page.dashboard.state.key == "coins", "the first image again")
    page.until(lambda: len(page.dashboard.drawing.log.strokes) == 2, "with its strokes")
    rows.filter(has_text="camera").locator(".gone").click()
    page.until(lambda: rows.count() == 2, "taken out")


def bomb():
    """Return a PNG that claims 100,000 × 100,000 pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"0"))
        + chunk(b"IEND", b"")
    )


def cmyk():
    buffer = io.BytesIO()
    PIL.Image.fromarray(np.full((30, 40, 4), 90, np.uint8), "CMYK").save(buffer, "JPEG")
    return buffer.getvalue()


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def test_files_that_are_no_images_are_refused_and_strokes_are_kept(segment):
    page = segment
    two_strokes(page)
    strokes = page.dashboard.drawing.log.strokes
    holed = np.ones((20, 30), np.float32)
    holed[3, 4] = np.nan
    # Two things that cannot be, each with what the message has to say.
    for name, content, reason in (
        ("text.png", b"this is a text", "text.png"),
        ("bomb.png", bomb(), "100,000"),
        ("holed.npy", npy(holed), "NaN"),
    ):
        drop(page, "image-choice", file(name, content))
        page.until(functools.partial(_refused, page, reason), f"why {name} is refused")
        assert page.dashboard.state.key == "coins"
        assert page.dashboard.drawing.log.strokes == strokes
    for name, content, shape in (
        ("one.png", png(np.full((1, 1), 7, np.uint8)), (1, 1)),
        ("alpha.png", png(np.zeros((20, 30, 4), np.uint8)), (20, 30)),
        ("cmyk.jpg", cmyk(), (30, 40)),
    ):
        drop(page, "image-choice", file(name, content))
        page.until(
            lambda n=name: page.dashboard.state.image.name == n or n in _alert(page), f"{name} is answered"
        )
        if page.dashboard.state.image.name == name:
            assert page.dashboard.state.image.spatial_shape == shape
        else:
            assert "CMYK" in _alert(page)
    page.do(lambda: page.dashboard.state.choose("coins"))
    page.until(lambda: page.dashboard.drawing.log.strokes == strokes, "the strokes are still there")
    page.until(lambda: status(page).startswith("Done"), "and their answer")
    drop(page, "project-drop", file("odd.zip", b"no zip at all"))
    page.until(lambda: page.page.get_by_text("this is no project of Brushlink").count() > 0, "the message")
    state = page.dashboard.state
    now = (
        state.key,
        set(state.strokes),
        page.visits,
        [(one.view, one.stream) for one in page.dashboard.events.entries],
    )
    assert page.dashboard.drawing.log.strokes == strokes, now


def _refused(page, reason):
    assert reason in _alert(page)


def _alert(page):
    alert = page.page.locator(".image-choice .MuiAlert-message")
    return alert.inner_text() if alert.is_visible() else ""
