"""Saved files of the pages with an image: what is selected, drawn and lit by hand has Python's numbers."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from dashboards import RegionHistogram, ShapeAnnotator, TrainableSegmentation
from dashboards.parts.image_look import channel_values
from dashboards.parts.region_math import counts, profile, region_mask, statistics
from dashboards.parts.shape_table import measured
from segmentation import engine
from segmentation.geojson import annotations_from_geojson
from segmentation.strokes import rasterise, stroke_from_shape
from tests.browser.driver import PATIENCE_S
from tests.browser.export.hand import POSITION

SEED = 20261128
MEASURES = {
    "x": "x (px)", "y": "y (px)", "width": "Width (px)", "height": "Height (px)", "area": "Area (px)",
    "length": "Length (px)",
}  # fmt: skip
# Pixels of a layer that are painted, read off the picture that the browser draws.
LIT = """async (number) => {
  const drawn = [...document.querySelectorAll("#plot-image .layer-above image")]
  if (drawn.length <= number) { return -1 }
  const picture = new Image()
  picture.src = drawn[number].href.baseVal
  await picture.decode()
  const canvas = document.createElement("canvas")
  canvas.width = picture.width
  canvas.height = picture.height
  const context = canvas.getContext("2d")
  context.drawImage(picture, 0, 0)
  const {data} = context.getImageData(0, 0, picture.width, picture.height)
  let lit = 0
  for (let i = 3; i < data.length; i += 4) { lit += data[i] > 0 ? 1 : 0 }
  return lit
}"""


class Image:
    """A hand over the pictures of a saved file."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def at(self, view: str, x: float, y: float) -> tuple[float, float]:
        left, top = self.page.evaluate(POSITION, [view, x, y, ""])
        return float(left), float(top)

    def drag(self, view: str, start: tuple[float, float], stop: tuple[float, float]) -> None:
        self.page.locator(f".view-{view}").scroll_into_view_if_needed()
        begin, end = self.at(view, *start), self.at(view, *stop)
        self.page.mouse.move(*begin)
        self.page.mouse.down()
        for part in (0.3, 0.7, 1.0):
            self.page.mouse.move(*(a + part * (b - a) for a, b in zip(begin, end, strict=True)))
        self.page.mouse.up()

    def tool(self, name: str) -> None:
        button = self.page.get_by_role("button", name=name, exact=True)
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")

    def until(self, script: str, argument: Any = None) -> Any:
        return self.page.wait_for_function(script, arg=argument, timeout=PATIENCE_S * 1000).json_value()


@pytest.fixture
def opened(saved: Callable[..., Path], open_file: Callable[..., Page]) -> Callable[..., Page]:
    def open_it(slug: str, make: Callable[[], object]) -> Page:
        return open_file(saved(slug, make), viewport={"width": 1400, "height": 1300})

    return open_it


def same(found: list[dict[str, Any]], regions: list[Any], bands: list[Any], live: RegionHistogram) -> None:
    """Compare the statistics of the page with Python's over the same pixels."""
    image = live.state.image
    table = statistics(image, live.state.mask_of(regions, bands))
    for row, expected in zip(found, table.to_dict("records"), strict=True):
        for name, value in row.items():
            wanted = expected[name]
            assert (value is None and math.isnan(wanted)) or value == pytest.approx(wanted, rel=1e-9), name


def test_a_saved_image_answers_boxes_bands_and_lines(opened: Callable[..., Page]) -> None:
    page = opened("region", RegionHistogram)
    hand, live = Image(page), RegionHistogram()
    image = live.state.image
    hand.drag("image", (84, 92), (173, 156))
    hand.until("() => brushlink.page.links.state().regions.length === 1")
    (region,) = page.evaluate("brushlink.page.links.state().regions")
    assert region[0] == "box"
    assert region[1:] == pytest.approx([92, 84, 156, 173], abs=0.6)
    mask = region_mask([region], image.array.shape[:2])
    expect(page.get_by_role("status")).to_contain_text(f"{mask.sum():,} of 135,300 pixels")
    found = page.evaluate("JSON.stringify(brushlink.page.links.answers().statistics)")
    same(json.loads(found), [region], [], live)

    hand.drag("histogram", (100, 3), (160, 2))
    hand.until("() => brushlink.page.links.state().bands.length === 1")
    bands = page.evaluate("brushlink.page.links.state().bands")
    assert bands == [[0, 99.5, 159.5]]
    both = live.state.mask_of([region], bands)
    hand.until("async ([script, lit]) => (await eval(script)(0)) === lit", [LIT, int(both.sum())])

    hand.tool("Line")
    hand.drag("image", (50, 200), (300, 260))
    hand.until("() => brushlink.page.links.state().lines.length === 1")
    (line,) = page.evaluate("brushlink.page.links.state().lines")
    drawn = hand.until(
        "() => { const y = brushlink.page.plots.profile.data[2]?.y; return y?.length && Array.from(y) }"
    )
    assert drawn == pytest.approx(profile(image, line)[1][2].tolist(), abs=1e-9)

    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("All 135,300 pixels")


def test_random_regions_and_bands_have_the_same_numbers(opened: Callable[..., Page]) -> None:
    page, live, chance = opened("region", RegionHistogram), RegionHistogram(), random.Random(SEED)
    image, edges = live.state.image, live.state.edges
    for _ in range(25):
        regions: list[Any] = []
        for _ in range(chance.randint(0, 3)):
            if chance.random() < 0.5:
                rows, cols = (sorted(chance.uniform(-20, top) for _ in "ab") for top in (320, 470))
                regions.append(["box", rows[0], cols[0], rows[1], cols[1]])
            else:
                corners = [round(chance.uniform(-20, 320), 1) for _ in range(2 * chance.randint(3, 9))]
                regions.append(["lasso", *corners])
        bands = [
            [channel, *sorted(chance.sample(edges.tolist(), 2))]
            for channel in chance.sample(range(3), chance.randint(0, 2))
        ]
        page.evaluate("(state) => brushlink.page.links.set(state)", {"regions": regions, "bands": bands})
        text = page.evaluate(
            "(() => { const {counts, statistics} = brushlink.page.links.answers();"
            "return JSON.stringify({counts: counts.map((one) => Array.from(one)), statistics}) })()"
        )
        found = json.loads(text)
        same(found["statistics"], regions, bands, live)
        for channel in range(3):
            mask = live.state.mask_of(regions, bands, skip=channel)
            assert found["counts"][channel] == counts(channel_values(image, channel)[mask], edges).tolist()


def test_what_is_drawn_in_a_saved_file_is_measured(opened: Callable[..., Page]) -> None:
    page = opened("annotate", ShapeAnnotator)
    hand, image = Image(page), ShapeAnnotator().state.image
    drags = {
        "Rectangle": ((70, 80), (20, 20)),
        "Ellipse": ((150, 100), (190, 140)),
        "Pen": ((100, 150), (200, 170)),
        "Line": ((100, 200), (220, 250)),
    }
    for number, (tool, (start, stop)) in enumerate(drags.items(), start=1):
        hand.tool(tool)
        hand.drag("image", start, stop)
        hand.until("(n) => brushlink.page.links.shapes().length === n", number)
    shapes = page.evaluate("brushlink.page.links.shapes()")
    strokes = [stroke_from_shape(one, 1, width=8 if one["type"] in ("line", "path") else 1) for one in shapes]
    rows = json.loads(page.evaluate("JSON.stringify(brushlink.page.links.measures())"))
    for row, stroke in zip(rows, strokes, strict=True):
        expected = measured(image, stroke)
        for short, name in MEASURES.items():
            assert row[short] is None or row[short] == pytest.approx(expected[name], rel=1e-9), name
        assert row["means"] == [pytest.approx(expected["Mean"], rel=1e-9)]
    assert [row["area"] is None for row in rows] == [False, False, True, True]

    page.get_by_role("row", name="Ellipse").click()
    hand.until(
        "async ([script, lit]) => (await eval(script)(0)) === lit",
        [LIT, int(measured(image, strokes[1])["Area (px)"])],
    )
    with page.expect_download() as download:
        page.get_by_role("button", name="GeoJSON").click()
    document = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    shape = image.array.shape[:2]
    log = annotations_from_geojson(document, shape)
    # An ellipse is written as a polygon of 128 corners: a few pixels on its edge may differ.
    assert (log.labels != rasterise(strokes, shape)).sum() <= 0.01 * (log.labels > 0).sum()

    page.get_by_role("button", name="Undo").click()
    hand.until("() => brushlink.page.links.shapes().length === 3")


def test_brushed_regions_light_up_in_a_saved_file(opened: Callable[..., Page]) -> None:
    engine.warm_up()  # the kernels that answer at first give other labels than those compiled meanwhile
    page = opened("segment", TrainableSegmentation)
    hand, live = Image(page), TrainableSegmentation(example=True)
    assert live.labels is not None
    table = live._results.table
    area = table["area [px]"].to_numpy(float)
    assert (
        page.evaluate("brushlink.page.links.counted()")
        == np.histogram(area, bins=page.evaluate("brushlink.page.links.counted().length"))[0].tolist()
    )
    low, high = np.quantile(area, 0.3), area.max() * 1.02
    hand.drag("regions", (low, 2), (high, 1))
    picked = hand.until("() => brushlink.page.links.state().picked")
    inside = (area >= picked[0]) & (area <= picked[1])
    assert 0 < inside.sum() < len(area)
    assert page.evaluate("brushlink.page.links.chosen()") == np.flatnonzero(inside).tolist()
    # Over the labels of the answer, which cover the same place.
    hand.until("async ([script, lit]) => (await eval(script)(1)) === lit", [LIT, int(area[inside].sum())])
    page.get_by_label("Show").select_option("uncertainty")
    hand.until("() => brushlink.page.links.state().layer === 'uncertainty'")
    hand.until("async (script) => (await eval(script)(0)) > 0", LIT)
