"""A loose loop around a coin becomes its exact contour: again when dragged, by the method that is chosen."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import ndimage as ndi
from skimage import data, filters, measure

from segmentation.strokes import stroke_mask
from tests.browser.annotate.conftest import Annotator

pytestmark = pytest.mark.browser


def coin() -> np.ndarray:
    """A coin of the picture by Otsu's threshold around it: the reference."""
    picture = data.coins()
    window = (slice(20, 90), slice(245, 315))
    bright = ndi.binary_fill_holes(picture[window] > filters.threshold_otsu(picture[window]))
    parts = measure.label(bright)
    largest = max(measure.regionprops(parts), key=lambda region: region.area)
    mask = np.zeros(picture.shape, bool)
    mask[window] = parts == largest.label
    return mask


def iou(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / (one | other).sum())


def test_a_loop_finds_its_coin(open_annotator: Callable[..., Annotator]) -> None:
    truth = coin()
    row, col = np.argwhere(truth).mean(axis=0)
    radius = 1.25 * math.sqrt(truth.sum() / math.pi)
    one = open_annotator("?v=1&x=1")
    dashboard = one.dashboard
    one.press("a", "area")
    turns = [math.tau * n / 24 for n in range(24)]
    one.draw(*((col + radius * math.cos(t), row + radius * math.sin(t)) for t in turns))
    one.wait(lambda: dashboard.contour is not None, "an exact contour")
    rough = stroke_mask(dashboard.annotations.strokes[0], truth.shape)
    found = dashboard.contour.mask(truth.shape)
    assert iou(rough, truth) < 0.75
    assert iou(found, truth) >= 0.90
    one.page.get_by_text("of it and yours is common").wait_for()
    one.wait(lambda: [i["visible"] for i in one.plot.js("return gd.layout.images")] == [True, True], "drawn")

    # Another method, another contour.
    areas = {dashboard.contour.area}
    for method in ("watershed", "geodesic", "random_walker"):
        one.run(lambda method=method: dashboard.state.param.update(method=method))
        one.wait(lambda method=method: dashboard.contour.method == method, method)
        areas.add(dashboard.contour.area)
        assert iou(dashboard.contour.mask(truth.shape), truth) > iou(rough, truth)
    assert len(areas) >= 2

    # The loop is dragged: found again, from where it is now.
    one.press("v", "move")
    one.plot.click_px(one.plot.px(col + radius, row))
    one.wait(lambda: one.plot.js("return gd._fullLayout._activeShapeIndex") == 0, "the loop is active")
    before = dashboard.contour
    one.plot.drag(one.plot.px(col + 4, row + 4), one.plot.px(col + 9, row + 4))

    def found_again() -> None:
        assert dashboard.contour is not None
        assert dashboard.contour is not before
        loop = stroke_mask(dashboard.annotations.strokes[0], truth.shape)
        assert np.argwhere(loop).mean(axis=0)[1] == pytest.approx(col + 5, abs=1.5)
        assert iou(dashboard.contour.mask(truth.shape), truth) >= 0.90

    one.wait(found_again, "found again")
    moved = stroke_mask(dashboard.annotations.strokes[0], truth.shape)

    # Accepted it is a shape like others; one step back it is the loop again.
    exact = dashboard.contour.mask(truth.shape)
    one.page.get_by_role("button", name="Use it").click()
    one.wait(lambda: (dashboard.labels > 0).sum() == exact.sum(), "the exact contour is the shape")
    assert np.array_equal(dashboard.labels > 0, exact)
    one.wait(lambda: dashboard.table["Area (px)"][0] == exact.sum(), "its row")
    one.equal()
    one.page.get_by_role("button", name="Back to mine").click()
    one.wait(lambda: np.array_equal(dashboard.labels > 0, moved), "the loop again")
    one.page.keyboard.press("Control+z")
    one.wait(lambda: np.array_equal(dashboard.labels > 0, exact), "undone")
