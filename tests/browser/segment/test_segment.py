"""The segmentation page as a hand uses it: D16 and D17 of the talk."""

import numpy as np
import pytest
from skimage.data import coins
from skimage.filters import threshold_otsu

from dashboards.segment import TrainableSegmentation
from segmentation import BACKENDS, engine, register_backend
from segmentation.strokes import Stroke
from tests.browser.apps.dashboard_page import dashboard_page
from tests.browser.segment.segment_page import drawing, overlay, status, two_strokes

pytestmark = pytest.mark.browser


class Crashes:
    def fit(self, X, y):
        raise RuntimeError("out of luck")


class Even:
    def fit(self, X, y):
        self.count = len(np.unique(y))

    def predict_proba(self, X):
        return np.full((len(X), self.count), 1 / self.count)


@pytest.fixture(scope="module", autouse=True)
def _ready():
    engine.warm_up()
    register_backend("crashing", lambda random_state: Crashes())
    register_backend("even", lambda random_state: Even())
    yield
    del BACKENDS["crashing"], BACKENDS["even"]


@pytest.fixture
def segment(browser, show):
    with dashboard_page(browser, show, TrainableSegmentation) as page:
        page.until(lambda: drawing(page).get("tool") == "pen", "the pen")
        yield page


def iou(page):
    found, truth = page.dashboard.labels == 1, coins() > threshold_otsu(coins())
    return (found & truth).sum() / (found | truth).sum()


def test_draw_hide_recolour_move_erase(segment):
    page = segment
    assert "Draw a stroke of Object and one of Background" in status(page)
    assert not overlay(page)
    two_strokes(page)
    assert iou(page) >= 0.85
    color = page.dashboard.state.classes[1].color
    assert page.plot("image").js("return gd.layout.shapes[1].line.color") == color

    classifier, labels = page.dashboard.classifier, page.dashboard.labels
    page.page.keyboard.press("h")
    page.until(lambda: not overlay(page), "hidden")
    page.page.keyboard.press("h")
    page.until(lambda: overlay(page), "shown again")
    assert page.dashboard.classifier is classifier

    # Moving the stroke of the coin onto the ground changes what is found.
    page.page.keyboard.press("v")
    page.until(lambda: drawing(page)["tool"] == "move")
    plot = page.plot("image")
    plot.click_point(104, 128)
    page.until(
        lambda: plot.js("return gd._fullLayout._activeShapeIndex === 0") is True, "the stroke is taken"
    )
    plot.drag(plot.px(104, 128), plot.px(60, 80))
    page.until(lambda: page.dashboard.labels is not labels and "Done" in status(page), "another answer")
    assert not np.array_equal(page.dashboard.labels, labels)
    page.page.keyboard.press("Control+z")
    page.until(lambda: np.array_equal(page.dashboard.labels, labels), "undo brings the answer back")

    page.page.keyboard.press("e")
    page.until(lambda: drawing(page)["tool"] == "erase")
    for x, y in ((104, 128), (190, 88)):
        page.page.mouse.click(*plot.px(x, y))
    page.until(lambda: page.dashboard.drawing.log.strokes == (), "erased")
    page.until(lambda: not overlay(page), "nothing lies over the picture")


def test_backends_classes_and_what_they_are_called(segment):
    page = segment
    two_strokes(page)
    labels = page.dashboard.labels
    page.page.get_by_role("combobox", name="Classifier", exact=True).click()
    page.page.get_by_role("menuitem", name="even", exact=True).click()
    page.until(lambda: not np.array_equal(page.dashboard.labels, labels), "another classifier's labels")
    page.until(lambda: "even: learned" in status(page))
    assert len(page.dashboard.drawing.log.strokes) == 2
    last = page.dashboard.labels
    page.do(lambda: page.dashboard.state.param.update(backend="crashing"))
    page.until(lambda: "out of luck" in status(page), "the error")
    assert "The last result is still shown" in status(page)
    assert np.array_equal(page.dashboard.labels, last)
    assert overlay(page)

    page.page.get_by_text("+ Add class").click()
    page.until(lambda: len(page.dashboard.state.classes) == 3)
    page.page.locator(".classes li").nth(2).locator(".name").dblclick()
    page.page.locator(".rename").fill("<img src=x onerror=alert(1)>")
    page.page.keyboard.press("Enter")
    page.until(lambda: page.dashboard.state.classes[2].name == "<img src=x onerror=alert(1)>")
    page.until(lambda: "<img" in page.page.locator(".classes li").nth(2).inner_text(), "shown as text")
    assert page.page.locator("img[src=x]").count() == 0


def test_hints_jump_and_markers_go(segment):
    page = segment
    plot = page.plot("image")
    page.do(
        lambda: page.dashboard.drawing.do(
            lambda log: log.add(
                Stroke("path", ((126, 94), (130, 115)), 1, 10), Stroke("path", ((88, 20), (88, 360)), 2, 6)
            )
        )
    )
    page.until(lambda: "Done" in status(page))
    page.page.keyboard.press("n")
    page.until(lambda: plot.js("return (gd.layout.annotations || []).length") > 0, "markers")
    before = plot.layout("xaxis.range")
    x, y, right, down = plot.js("const a = gd.layout.annotations[0]; return [a.x, a.y, a.ax, a.ay];")
    at = plot.px(x, y)
    plot.click_px((at[0] + right, at[1] + down))
    page.until(lambda: plot.layout("xaxis.range") != before, "the jump")
    low, high = plot.layout("xaxis.range")
    assert low < x < high
    assert high - low < (before[1] - before[0]) * 0.8
    page.page.keyboard.press("n")
    page.until(lambda: plot.js("return (gd.layout.annotations || []).length") == 0, "no markers")


def test_brushed_regions_light_up_and_are_listed(segment):
    page = segment
    two_strokes(page)
    page.until(lambda: len(page.dashboard._results.table) > 10, "regions")
    histogram = page.plot("regions").wait_drawn()
    page.until(lambda: "regions by area" in "".join(histogram.texts(".gtitle")), "the histogram")
    low, high = histogram.layout("xaxis.range")
    histogram.drag_box((low + (high - low) * 0.3, high - (high - low) * 0.02))
    page.until(lambda: page.dashboard.state.picked is not None, "the brush")
    picked = page.dashboard.state.picked
    areas = page.dashboard._results.table["area [px]"]
    page.until(lambda: "picked" in page.dashboard.image_view._overlays, "the regions of these areas")
    lit = page.dashboard.image_view._overlays["picked"].indexed
    assert lit.sum() == areas[areas.between(*picked)].sum() > 0
    page.until(
        lambda: page.plot("image").js("return gd._fullLayout.images.filter(i => i.visible).length") == 2,
        "the regions lit up in the picture",
    )
