"""A hand on the page of /region, and an eye on what it shows; for its browser tests."""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import panel as pn
import PIL.Image
from playwright.sync_api import Page

from dashboards.parts.region_state import RegionState
from dashboards.parts.shell import make_page
from dashboards.region import RegionHistogram
from tests.browser.driver import PATIENCE_S, Plot, wait_until

__all__ = ["RegionPage", "Visit", "region_app"]

FIRST_PAINT_S = 90.0


class Visit:
    """One visitor's page: the dashboard and the document it lives in."""

    def __init__(self) -> None:
        self.shell = make_page(RegionHistogram)
        self.dashboard: RegionHistogram = self.shell.dashboard
        self.document = pn.state.curdoc


def region_app(visits: list[Visit]) -> Callable[[], Any]:
    """Return a function that builds the page for a visitor, and notes the visit."""

    def app() -> Any:
        visits.append(Visit())
        return visits[-1].shell.page

    return app


class RegionPage:
    """A visitor's page with the objects behind it."""

    def __init__(self, page: Page, visits: list[Visit]) -> None:
        self.page = page
        self._visits = visits
        self.faults: list[str] = []
        self.image = Plot(page, "image")
        self.histogram = Plot(page, "histogram")
        self.profile = Plot(page, "profile")

    def open(self, url: str) -> RegionPage:
        """Go to an address and wait until the page can be used."""
        self.page.goto(url)
        self.image.wait_drawn(FIRST_PAINT_S)
        self.histogram.wait_drawn(FIRST_PAINT_S)
        self.page.locator(".image-look").wait_for(timeout=FIRST_PAINT_S * 1000)
        return self

    # -- what Python knows

    @property
    def dashboard(self) -> RegionHistogram:
        return self._visits[-1].dashboard

    @property
    def state(self) -> RegionState:
        return self.dashboard.state

    def do(self, action: Callable[[], Any]) -> None:
        """Run something in the session, as a callback of it would, and wait until it has run."""
        done, problems = threading.Event(), []

        def run() -> None:
            try:
                action()
            except Exception as error:  # noqa: BLE001 - raised again in the test's own thread
                problems.append(error)
            done.set()

        self._visits[-1].document.add_next_tick_callback(run)
        self.until(done.is_set, "the session to answer")
        if problems:
            raise problems[0]

    def start_over(self) -> None:
        """The cat, nothing selected, not zoomed, boxes to drag."""
        self.do(self.dashboard.history.reset)
        self.until(lambda: self.image.layout("xaxis.range") is not None)
        self.image.js(
            "const {x, y} = gd._fullData[1];"
            "const ranges = {'xaxis.range': [x[0], x[1]], 'yaxis.range': [y[1], y[0]]};"
            "return Plotly.relayout(gd, ranges).then(() => 1);"
        )
        self.do(lambda: self.dashboard.views["image"].set_dragmode("select"))
        self.until(lambda: self.image.layout("dragmode") == "select")
        self.until(lambda: self.outlines() == 0, "no outline")

    # -- what the browser shows

    def until(self, condition: Callable[[], Any], message: str = "", timeout: float = PATIENCE_S) -> Any:
        return wait_until(self.page, condition, timeout, message)

    def px(self, col: float, row: float) -> tuple[float, float]:
        """Page pixel of an image position; browsers cut the fractions of mouse positions off."""
        x, y = self.image.px(col, row)
        return round(x), round(y)

    def readout(self) -> str:
        said = self.page.locator(".pixel-readout .where").locator("..")
        return said.inner_text() if said.count() else ""

    def headline(self) -> str:
        return self.page.locator(".region-bar b[role=status]").inner_text()

    def statistics(self) -> list[list[str]]:
        """Cells of the statistics as written, a list a row."""
        rows = self.page.locator(".statistics tbody tr")
        return [rows.nth(place).locator("td").all_inner_texts() for place in range(rows.count())]

    def outlines(self) -> int:
        return int(self.image.js("return (gd.layout.selections || []).length;"))

    def drawn_counts(self) -> int:
        """Pixels that the histograms' bars count, over all channels."""
        return int(
            self.histogram.js(
                "return gd._fullData.filter(t => t.customdata).reduce("
                "(sum, t) => sum + Array.from(t.customdata).reduce((a, b) => a + b, 0), 0);"
            )
        )

    def layer(self) -> np.ndarray | None:
        """Pixels of the newest visible layer over the image, as painted."""
        source = self.image.js(
            "const shown = (gd._fullLayout.images || []).filter(i => i.visible);"
            "return shown.length ? shown.at(-1).source : '';"
        )
        if not source:
            return None
        content = base64.b64decode(source.split(",", 1)[1])
        return np.asarray(PIL.Image.open(io.BytesIO(content)).convert("RGBA"))

    def drop(self, name: str, content: bytes) -> None:
        """Give a file to the page."""
        self.page.locator("input[type=file]").first.set_input_files(
            {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        )
