"""The server is killed while a hand draws on the segmentation page: every finished stroke comes back."""

from __future__ import annotations

import os
import signal
import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import REPOSITORY, start_panel_serve
from tests.browser.driver import Plot, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def strokes(plot: Plot) -> int:
    return int(plot.js("return (gd.layout.shapes || []).length") or 0)


def opened(page: Page, url: str) -> Plot:
    page.goto(f"{url}/segment")
    plot = Plot(page, "image").wait_drawn(60)
    wait_until(page, lambda: plot.layout("dragmode") == "drawopenpath", message="the pen")
    return plot


def test_finished_strokes_survive_the_server(page: Page, faults: list[str], tmp_path: Path) -> None:
    file = tmp_path / "work.sqlite"
    given = {"BRUSHLINK_STORE": str(file), "PYTHONPATH": str(REPOSITORY)}
    code = REPOSITORY / "dashboards" / "segment.py"
    served = start_panel_serve([code], log=tmp_path / "1.log", environment=given)
    try:
        plot = opened(page, served.url)
        for count, row in enumerate((60, 120), start=1):
            plot.drag(plot.px(60, row), plot.px(160, row))
            wait_until(page, lambda count=count: strokes(plot) == count, message=f"{count} strokes")
        wait_until(page, lambda: page.locator("button.saving").inner_text() == "Saved", message="saved")
        # A third one is under the hand when the server dies.
        page.mouse.move(*plot.px(60, 200))
        page.mouse.down()
        page.mouse.move(*plot.px(120, 200), steps=4)
        os.killpg(served.process.pid, signal.SIGKILL)
        served.process.wait(10)
        page.mouse.move(*plot.px(180, 200), steps=4)
        page.mouse.up()
        page.goto("about:blank")
        served = start_panel_serve(
            [code], log=tmp_path / "2.log", environment=given, port=int(served.url.rsplit(":", 1)[1])
        )
        faults.clear()  # the browser noted that the connection was lost
        plot = opened(page, served.url)
        wait_until(page, lambda: strokes(plot) == 2, message="both finished strokes")
        found = plot.js(
            "return gd.layout.shapes.map(s => Math.round(Number(/M[^,]*,([^L]*)/.exec(s.path)[1])));"
        )
        assert found == pytest.approx([60, 120], abs=1)
    finally:
        served.stop()
    with sqlite3.connect(file) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()
