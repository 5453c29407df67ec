"""Several dashboards in one notebook: what a hand selects in one is read in cells and answers in the others.

All tests share a page of JupyterLab, since to open it and its kernel is most of the work.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator

import numpy as np
import plotly.data
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator
from skimage.data import chelsea, coffee

from tests.browser.driver import Plot
from tests.browser.notebook.jupyterlab import FIRST_PAINT_S, Lab, OpenNotebook

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

EXPLORER, WORLD, MINE, REGION, READ, START_OVER, MEASURE, OTHER_IMAGE = range(8)
# The first cell is all it takes: Panel is loaded by the dashboard that is shown.
CELLS = (
    "from dashboards import GapminderExplorer\n\nexplorer = GapminderExplorer()\nexplorer",
    "from dashboards import WorldMap\n\nworld = WorldMap()\nworld",
    """
import itertools

import holoviews as hv
import plotly.data
from dashboards import LinkedPlotly, link_selections

countries = plotly.data.gapminder().query("year == 2007")
points = hv.Points(countries, ["gdpPercap", "lifeExp"])
mine = LinkedPlotly(points, name="mine", height=400)
link = link_selections(explorer, world, (mine, countries["country"]), on="country")
mine
""",
    """
from dashboards import RegionHistogram

numbers = itertools.count(1)
region = RegionHistogram()
region
""",
    """
import json

frames = {"explorer": explorer.selected, "world": world.selected}
names = {name: sorted(frame["country"]) for name, frame in frames.items()}
print(next(numbers), json.dumps(names))
""",
    "link.clear()",
    """
measured = [int(region.mask.sum()), region.counts.sum(axis=1).tolist(), region.state.image.name]
print(next(numbers), json.dumps(measured))
""",
    'region.state.picture = "coffee"',
)
COUNTRIES = plotly.data.gapminder().query("year == 2007").reset_index(drop=True)


@pytest.fixture(scope="module")
def opened(lab: Lab, browser: Browser) -> Iterator[OpenNotebook]:
    """The page that the tests share."""
    lab.write("linked", CELLS)
    book = OpenNotebook(lab, browser, "linked")
    for place in (EXPLORER, WORLD, MINE, REGION):
        book.run(place)
    yield book
    book.close()
    lab.end_kernels()


@pytest.fixture
def book(opened: OpenNotebook) -> Iterator[OpenNotebook]:
    """The page with nothing selected; a request that leaves the machine or an error fails the test."""
    opened.run(START_OVER)
    for place in (EXPLORER, WORLD):
        opened.until(lambda place=place: headline(opened, place).startswith("142 "), "nothing selected")
    yield opened
    assert opened.errors == []
    assert opened.outside == []


def headline(book: OpenNotebook, place: int) -> str:
    # Not the inner text: a cell that is scrolled out of sight has none.
    return str(book.cell(place).locator(".selection-bar b[role=status]").text_content())


def brushed(book: OpenNotebook, low: float, high: float) -> set[str]:
    """Drag over the explorer's histogram; return what pandas says of it."""
    book.plot("histogram", EXPLORER).drag_box((low, high))
    book.until(lambda: " of 142 " in headline(book, EXPLORER), "an answer to the brush")
    chip = book.cell(EXPLORER).locator(".selection-bar .MuiChip-label").first.text_content() or ""
    low, high = map(float, re.findall(r"\d+\.?\d*", chip))
    return set(COUNTRIES.loc[COUNTRIES["lifeExp"].between(low, high), "country"])


def said(where: Locator) -> list[str]:
    return (where.text_content() or "").split()


def lit(plot: Plot) -> set[str] | None:
    places = plot.trace(0, "selectedpoints")
    return None if places is None else set(COUNTRIES["country"].iloc[places])


def painted(book: OpenNotebook, plot: Plot, col: int, row: int) -> np.ndarray:
    """Mean colour of nine screen pixels around a pixel of the image, as they are on the screen."""
    x, y = plot.px(col, row)
    clip = {"x": round(x) - 1, "y": round(y) - 1, "width": 3, "height": 3}
    shot = Image.open(io.BytesIO(book.page.screenshot(clip=clip))).convert("RGB")
    return np.asarray(shot).reshape(-1, 3).mean(axis=0)


def test_what_a_mouse_selects_is_read_in_the_next_cell(book: OpenNotebook) -> None:
    chosen = brushed(book, 41, 49)
    assert 10 < len(chosen) < 40
    assert headline(book, EXPLORER).startswith(f"{len(chosen)} of 142 ")
    assert set(json.loads(book.printed(READ))["explorer"]) == chosen


def test_two_dashboards_share_a_selection(book: OpenNotebook) -> None:
    chosen = brushed(book, 41, 49)
    book.until(lambda: headline(book, WORLD).startswith(f"{len(chosen)} of 142 "), "the map answers")
    assert set(json.loads(book.printed(READ))["world"]) == chosen
    # The other way round: a hand in the second takes part of what the first selects.
    book.cell(WORLD).get_by_role("button", name="Clear selection").click()
    for place in (WORLD, EXPLORER):
        book.until(lambda place=place: headline(book, place).startswith("142 "), "all taken back in both")
    book.plot("ranking", WORLD).click_point(0, 10)
    book.until(lambda: headline(book, EXPLORER).startswith("1 of 142 "), "the explorer answers")
    longest = COUNTRIES.loc[COUNTRIES["lifeExp"].idxmax(), "country"]
    assert json.loads(book.printed(READ)) == {"explorer": [longest], "world": [longest]}


def test_a_picture_of_holoviews_takes_part(book: OpenNotebook) -> None:
    chosen = brushed(book, 41, 49)
    mine = book.plot("mine", MINE)
    book.until(lambda: lit(mine) == chosen, "its points are lit")
    book.run(START_OVER)
    book.until(lambda: lit(mine) is None, "all of its points")
    mine.set_dragmode("select")
    mine.drag_box((20_000, 50_000), (60, 84))
    rich = set(COUNTRIES.query("20_000 <= gdpPercap <= 50_000 and 60 <= lifeExp <= 84")["country"])
    assert len(rich) > 20
    for place in (EXPLORER, WORLD):
        book.until(lambda place=place: headline(book, place).startswith(f"{len(rich)} of 142 "), "the box")
    assert {name: set(names) for name, names in json.loads(book.printed(READ)).items()} == {
        "explorer": rich,
        "world": rich,
    }


def test_an_image_is_measured_and_painted_anew(book: OpenNotebook) -> None:
    image = book.plot("image", REGION)
    cat = chelsea()
    book.until(lambda: np.abs(painted(book, image, 60, 270) - cat[268:273, 58:63].mean((0, 1))).max() < 12)
    start, stop = image.px(83.5, 91.5), image.px(173.5, 156.5)
    image.drag((round(start[0]), round(start[1])), (round(stop[0]), round(stop[1])))
    status = book.cell(REGION).locator(".region-bar b[role=status]")
    book.until(lambda: said(status)[1:4] == ["of", "135,300", "pixels"], "the box")
    count = int(said(status)[0].replace(",", ""))
    # A row or column more or less: mouse positions are whole pixels of the screen.
    assert abs(count - 90 * 65) <= 2 * (90 + 65)
    assert json.loads(book.printed(MEASURE)) == [count, [count] * 3, "cat"]
    histogram = book.plot("histogram", REGION)
    drawn = (
        "return gd._fullData.filter(t => t.customdata).reduce("
        "(sum, t) => sum + Array.from(t.customdata).reduce((a, b) => a + b, 0), 0);"
    )
    book.until(lambda: histogram.js(drawn) == 3 * count, "its histogram is painted")
    book.run(OTHER_IMAGE)
    image = book.plot("image", REGION)
    book.until(lambda: image.layout("xaxis.range") == [-0.5, 599.5], "the other image", FIRST_PAINT_S)
    cup = coffee()
    for col, row in ((60, 40), (280, 180), (400, 60)):  # where neighbours are alike
        near = cup[row - 2 : row + 3, col - 2 : col + 3].mean((0, 1))
        book.until(
            lambda near=near, at=(col, row): np.abs(painted(book, image, *at) - near).max() < 12,
            f"the cup at {col}, {row}",
        )


def test_nothing_left_the_machine(book: OpenNotebook) -> None:
    """After all these updates: later ones name style sheets by address, where the first bring them along."""
    seen: list[str] = []
    book.page.on("request", lambda request: seen.append(request.url))
    chosen = brushed(book, 52, 61)
    book.until(lambda: headline(book, WORLD).startswith(f"{len(chosen)} of 142 "), "the map answers")
    book.cell(WORLD).get_by_role("button", name="One step back").click()
    for view in ("map", "histogram", "ranking"):
        plot = book.plot(view, WORLD)
        book.until(lambda plot=plot: "2002" in str(plot.layout("title.text")), "the year")
    book.cell(WORLD).get_by_role("button", name="One step on").click()
    book.until(lambda: "2007" in str(book.plot("map", WORLD).layout("title.text")), "the year")
    assert [url for url in seen if "cdn" in url] == []
    assert book.outside == []
