"""Downloads, read back by others: pandas, Pillow, an XML parser, plotly."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import plotly.io as pio
import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.browser.shell.tiny_page import TinyPage

pytestmark = pytest.mark.browser

FRAME = pd.DataFrame({"x": [1, 2], "wörd": ["ä", "<img src=x onerror=alert(1)>"]})


def fetch(tiny: TinyPage, what: str) -> tuple[str, bytes]:
    tiny.button("Download").click()
    with tiny.page.expect_download() as waiting:
        tiny.button(what).click()
    assert tiny.page.get_by_role("dialog", name="Download").is_hidden()
    path = waiting.value.path()
    return waiting.value.suggested_filename, Path(path).read_bytes()


def test_tables(tiny: TinyPage) -> None:
    name, content = fetch(tiny, "Rows as CSV")
    assert name == "tiny-rows.csv"
    pd.testing.assert_frame_equal(pd.read_csv(io.BytesIO(content)), FRAME)
    name, content = fetch(tiny, "Rows as PARQUET")
    assert name == "tiny-rows.parquet"
    pd.testing.assert_frame_equal(pd.read_parquet(io.BytesIO(content)), FRAME)


def test_figures(tiny: TinyPage) -> None:
    width = tiny.page.evaluate("window.brushlinkPlot('bars')._fullLayout.width")
    name, content = fetch(tiny, "Bars as PNG")
    assert name == "tiny-bars.png"
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.width == pytest.approx(2 * width, abs=2)
        # A file brings its ground along: on the page it is transparent.
        assert picture.convert("RGBA").getpixel((2, 2)) == (255, 255, 255, 255)
        assert {color for _, color in picture.convert("RGB").getcolors(1 << 20)} >= {(0, 114, 178)}
    name, content = fetch(tiny, "Bars as SVG")
    assert name == "tiny-bars.svg"
    assert ElementTree.fromstring(content).tag.endswith("svg")
    name, content = fetch(tiny, "Bars as JSON")
    assert name == "tiny-bars.json"
    assert list(pio.from_json(content.decode()).data[0].y) == [3, 1, 2]


def test_the_page_as_it_is_now(tiny: TinyPage, new_page: Callable[..., Page], tmp_path: Path) -> None:
    tiny.choose(note="for later")
    tiny.run(lambda: tiny.shell.dashboard.views["bars"].patch({0: {"y": [5, 1, 2]}}))
    button = tiny.button("Save as file")
    assert button.get_attribute("data-tip") == "Save as file"
    with tiny.page.expect_download() as waiting:
        button.click()
    assert waiting.value.suggested_filename == "tiny.html"
    tiny.toast("Saved as tiny.html", "without a server")
    place = tmp_path / "tiny.html"
    waiting.value.save_as(place)
    page = new_page(offline=True)
    page.goto(place.as_uri())
    page.wait_for_selector("html[data-ready]")
    assert page.evaluate("Array.from(brushlink.page.plots.bars.data[0].y)") == [5, 1, 2]
    assert "/tiny?v=1&n=for_later" in page.locator("#live").inner_text()
