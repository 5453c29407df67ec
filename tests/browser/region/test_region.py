"""/region in a browser: what a hand selects, what numbers answer, what is painted."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.data import chelsea
from skimage.draw import polygon2mask
from skimage.measure import profile_line

from tests.browser.region.region_page import RegionPage

pytestmark = pytest.mark.browser

CAT = chelsea()


def test_the_pixel_under_the_mouse_is_read_also_deep_inside(region: RegionPage) -> None:
    region.image.hover_px(region.px(214, 140))
    region.until(lambda: region.readout().startswith("x 214, y 140"), "the pixel")
    assert region.readout().split()[4:] == ["red", "95,", "green", "47,", "blue", "27"]
    region.until(lambda: "95, 47, 27" in " ".join(region.image.texts(".hoverlayer text")), "the label")
    plot = region.dashboard.image_view.plot

    def turn(wheel: int) -> float:
        # A busy browser joins turns of the wheel: turned again at each look.
        region.page.mouse.wheel(0, wheel)
        return float(np.ptp(plot.viewport["x"]))

    region.until(lambda: turn(-120) < 160, "zoomed in")

    def read() -> bool:
        # The last turn of the wheel may still be on its way: looked up anew each time.
        row0, col0, row1, col1 = region.dashboard.image_view.visible
        row, col = row0 + (row1 - row0) // 3, col0 + (col1 - col0) // 3
        region.image.hover_px(region.px(col, row))
        red, green, blue = CAT[row, col].tolist()
        return region.readout() == f"x {col}, y {row} red {red}, green {green}, blue {blue}"

    region.until(read, "values")
    style = region.image.js("return gd.querySelector('.imagelayer image').getAttribute('style');")
    assert "pixelated" in style
    # Zooming out ends at the whole image.
    region.until(lambda: turn(120) >= 451, "zoomed out")

    def whole() -> bool:
        # One axis may get there before the other: a hand goes on turning, not before it sees what came of it.
        if region.image.layout("xaxis.range") == [-0.5, 450.5]:
            return True
        turn(120)
        region.page.wait_for_timeout(600)
        return bool(region.image.layout("xaxis.range") == [-0.5, 450.5])

    region.until(whole, "the whole image again")


def test_a_box_is_counted_by_pixel_centres_and_taken_back(region: RegionPage) -> None:
    # Dragged up and to the left.
    region.image.drag(region.px(173.5, 156.5), region.px(83.5, 91.5))
    region.until(lambda: region.headline().startswith("5,850 of 135,300 pixels"), "the count")
    region.until(lambda: region.statistics()[:1] == [["5,850"] * 3], "pixels of the box")
    assert region.statistics()[1] == ["139.86", "102.14", "65.57"]
    region.until(lambda: region.drawn_counts() == 3 * 5850, "its histogram")
    assert region.dashboard.counts.sum() == 3 * 5850
    region.image.click_px(region.px(400, 280), double=True)
    region.until(lambda: region.headline() == "All 135,300 pixels", "everything again")
    region.until(lambda: region.drawn_counts() == 3 * 135_300, "the whole histogram")
    region.until(lambda: region.outlines() == 0, "no outline")
    region.page.keyboard.press("Control+z")
    region.until(lambda: region.dashboard.mask.sum() == 5850 and region.outlines() == 1, "undone")


def test_several_regions_add_up_and_a_lasso_is_its_polygon(region: RegionPage) -> None:
    region.image.drag(region.px(99.5, 9.5), region.px(149.5, 29.5))
    region.until(lambda: len(region.state.regions) == 1)
    region.page.keyboard.down("Shift")
    region.image.drag(region.px(299.5, 209.5), region.px(319.5, 239.5))
    region.page.keyboard.up("Shift")
    region.until(lambda: len(region.state.regions) == 2, "a second region")
    mask = region.dashboard.mask
    assert mask[15, 110]
    assert mask[220, 305]
    assert abs(int(mask.sum()) - (20 * 50 + 30 * 20)) <= 100
    region.page.get_by_role("button", name="Lasso", exact=True).click()
    region.until(lambda: region.image.layout("dragmode") == "lasso")
    region.image.drag_path([region.px(*at) for at in ((50, 50), (150, 60), (140, 200), (40, 180), (50, 50))])
    region.until(lambda: [one[0] for one in region.state.regions] == ["lasso"], "the lasso")
    corners = [(row, col) for col, row in region.dashboard.views["image"].selected.vertices]
    oracle = polygon2mask((300, 451), corners)
    # The corners are kept to a tenth of a pixel: only a pixel whose centre lies on the line may differ.
    assert (oracle ^ region.dashboard.mask).sum() <= 0.002 * oracle.sum()
    assert abs(oracle.sum() - 13_620) < 300
    region.until(lambda: region.drawn_counts() == 3 * region.dashboard.mask.sum())


def test_a_brush_of_the_histogram_lights_its_pixels_up_and_is_kept(region: RegionPage) -> None:
    region.histogram.drag_box((60, 111))
    inside = (CAT[..., 0] >= 60) & (CAT[..., 0] < 112)
    region.until(lambda: region.state.bands == [[0, 59.5, 111.5]], "the band")
    assert (region.dashboard.mask == inside).all()
    region.until(lambda: region.headline().startswith(f"{inside.sum():,} of"), "the count")

    def lit() -> bool:
        layer = region.layer()
        return layer is not None and bool(((layer[..., 3] > 0) == inside).all())

    region.until(lit, "the pixels of the band light up, and no others")
    # Another channel narrows it further, without taking the first away.
    region.histogram.drag_box((20, 70), xaxis="xaxis3", yaxis="yaxis3")
    region.until(lambda: len(region.state.bands) == 2, "two bands")
    both = inside & (CAT[..., 2] >= 20) & (CAT[..., 2] < 72)
    assert (region.dashboard.mask == both).all()
    region.page.get_by_role("button", name="Keep selection as mask").click()
    region.until(lambda: list(region.dashboard.masks) == ["Mask 1"], "a mask")
    region.until(
        lambda: region.page.locator(".kept-masks").get_by_text(f"{both.sum():,} pixels").count() == 1
    )
    # The mask and the band lie in the same place; plotly.js draws one image a place.
    region.until(lambda: region.page.locator(".layer-above image").count() == 2, "both are drawn")
    for left in (2, 1, 0):
        region.page.keyboard.press("Control+z")
        region.until(lambda left=left: len(region.state.bands) == left or left == 2, "undone")
    assert region.dashboard.mask.all()
    assert not region.dashboard.masks
    region.until(lambda: region.layer() is None, "no layer")


def test_lines_drawn_after_hover_and_click_arrive_with_their_profile(region: RegionPage) -> None:
    region.image.hover_px(region.px(120, 100))
    region.image.click_px(region.px(120, 100))
    region.until(lambda: region.dashboard.views["image"].click is not None, "the click")
    region.page.get_by_role("button", name="Line", exact=True).click()
    region.until(lambda: region.image.layout("dragmode") == "drawline")
    for number in range(3):
        region.image.drag(region.px(50 + 60 * number, 40), region.px(90 + 60 * number, 240))
        region.until(lambda number=number: len(region.state.lines) == number + 1, f"line {number + 1}")
    assert len(region.dashboard.views["image"].shapes) == 3
    assert region.state.lines[1] == pytest.approx([40, 110, 240, 150], abs=0.5)
    row0, col0, row1, col1 = region.state.lines[-1]
    oracle = profile_line(CAT[..., 0].astype(float), (row0, col0), (row1, col1), order=1, mode="nearest")

    # The state changes first, then the figure, then what is painted.
    def painted() -> None:
        red = region.profile.trace(0, "y")
        assert red is not None
        assert np.asarray(red) == pytest.approx(oracle, abs=1e-4)

    region.until(painted, "the profile of the last line, as painted")
    curve = region.dashboard.views["profile"].figure.data[0].y
    assert np.asarray(curve) == pytest.approx(oracle, abs=1e-6)
    region.page.keyboard.press("Control+z")
    region.until(lambda: len(region.state.lines) == 2)
    region.until(lambda: region.image.js("return gd.layout.shapes.length;") == 2, "undone in the browser")
