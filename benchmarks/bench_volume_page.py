"""Leafing through a volume in Chromium: a tick of the slider to the slice painted, and what loading takes.

Run: ``python -m benchmarks volume_page``. The other way, see `benchmarks.volume_reference`, encodes all
slices of the three planes and ships them at load, so that no tick needs the server. Both pages show the same
volume of 197 × 233 × 189 voxels in the same Chromium. Neither can be there before a page that holds nothing
but the frame and one small picture.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import panel_material_ui as pmui
import plotly.graph_objects as go
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.report import Row, print_table
from benchmarks.volume_reference import every_slice_page
from dashboards.parts.browser_cures import install_cures
from dashboards.parts.linked_plotly import LinkedPlotly
from dashboards.parts.shell import make_page
from dashboards.parts.volume_state import sample
from dashboards.volume import VolumeExplorer
from tests.browser.conftest import VIEWPORT, AppServer, launch_chromium
from tests.browser.driver import DEEP_QUERY_JS, wait_until

TICKS = 90
FIRST = 50
HAND_MS = 33  # between two ticks of a quick hand
SLICES_A_SECOND = 15
LOAD_AIM = 10

# Moves a slider tick by tick. A tick counts when the frame that shows its slice is over: pictures that are
# decoded late would show as long frames. `pause` is the time between ticks; 0 waits for each to be painted.
SCRUB_JS = """async ([selector, first, ticks, pause]) => {
  const gd = window.brushlinkPlot(selector) || window.brushlinkDeep(selector)[0];
  const slider = gd.slider || gd.querySelector('input[type=range]');
  const shown = new Map(), asked = new Map();
  gd.addEventListener('brushlink-slice', (event) => {
    const n = event.detail;
    const over = () => { if (!shown.has(n)) shown.set(n, performance.now()); };
    requestAnimationFrame(() => requestAnimationFrame(over));
  });
  const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
  const begun = performance.now();
  for (let n = first; n < first + ticks; n++) {
    asked.set(n, performance.now());
    slider.value = n;
    slider.dispatchEvent(new Event('input', {bubbles: true}));
    if (pause) await sleep(pause);
    else while (!shown.has(n)) await sleep(1);
  }
  while (!shown.has(first + ticks - 1)) await sleep(5);
  const seconds = (performance.now() - begun) / 1000;
  return {seconds, ms: [...shown].map(([n, at]) => at - asked.get(n)), painted: shown.size};
}"""


class Meter:
    """Counts what the page and its WebSocket bring, without scripts and styles, which both ways share."""

    def __init__(self, page: Page) -> None:
        self.bytes = 0
        page.on("websocket", self._socket)
        page.on("response", self._response)

    def _socket(self, socket: Any) -> None:
        socket.on("framereceived", self._frame)

    def _frame(self, payload: str | bytes) -> None:
        self.bytes += len(payload)

    def _response(self, response: Any) -> None:
        if response.request.resource_type == "document":
            self.bytes += len(response.body())


def opened(
    browser: Browser, server: AppServer, build: Callable[[], Any], drawn: str
) -> tuple[Page, Meter, float]:
    """Open a page; return it with its meter and the seconds until its first slice was painted."""
    server.builder = build
    context = browser.new_context(viewport=VIEWPORT)
    context.add_init_script(DEEP_QUERY_JS)
    page = context.new_page()
    meter = Meter(page)
    start = time.perf_counter()
    page.goto(server.url, timeout=120_000)
    wait_until(page, lambda: page.evaluate(drawn), 120, "the first slice")
    seconds = time.perf_counter() - start
    return page, meter, seconds


def frame_page() -> Any:
    """Return what every page has: Material's frame, and a picture of one point."""
    install_cures()
    return pmui.Page(title="Frame", main=[LinkedPlotly(go.Figure(go.Scatter(x=[0], y=[0])), name="point")])


def main() -> int:
    """Print the table; 1 if an aim was missed."""
    sample("lesion-10")  # read once for all visitors
    ways = {
        "ours": (
            lambda: make_page(VolumeExplorer).page,
            "() => { const gd = window.brushlinkDeep('.js-plotly-plot').find(g => g._brushlinkDeck);"
            " return !!gd && !!gd.querySelector('.im image'); }",
            "axial",
        ),
        "reference": (
            every_slice_page,
            "() => { const gd = window.brushlinkDeep('.reference-axial')[0];"
            " return !!gd && !!gd.querySelector('.imagelayer image'); }",
            ".reference-axial",
        ),
    }
    found: dict[str, dict[str, Any]] = {}
    server = AppServer()
    try:
        with sync_playwright() as playwright:
            browser = launch_chromium(playwright)
            for name, (build, drawn, selector) in ways.items():
                opened(browser, server, build, drawn)[0].context.close()  # imports, scripts, fonts
                page, meter, seconds = opened(browser, server, build, drawn)
                page.wait_for_timeout(3_000)  # until the rest of the page is there
                loaded = meter.bytes
                ticks = page.evaluate(SCRUB_JS, [selector, FIRST, TICKS, 0])
                spent = (meter.bytes - loaded) / TICKS
                hand = page.evaluate(SCRUB_JS, [selector, FIRST - 10, TICKS, HAND_MS])
                found[name] = {
                    "load": seconds,
                    "bytes": loaded,
                    "tick": ticks,
                    "tick bytes": spent,
                    "hand": hand,
                }
                page.context.close()
            painted = "() => !!window.brushlinkPlot('point')?.querySelector('.point')"
            opened(browser, server, frame_page, painted)[0].context.close()
            floor = opened(browser, server, frame_page, painted)[2]
            browser.close()
    finally:
        server.stop()
    ours, other = found["ours"], found["reference"]

    def p(way: dict[str, Any], q: int) -> float:
        return float(np.percentile(way["tick"]["ms"], q))

    rows = [
        Row("bytes at load, without scripts", ours["bytes"], other["bytes"], "B", LOAD_AIM),
        Row("open to first slice painted", ours["load"] * 1000, other["load"] * 1000, aim=LOAD_AIM),
        Row("open, a frame with one point", floor * 1000, other["load"] * 1000),
        Row("tick to slice painted p50", p(ours, 50), p(other, 50)),
        Row("tick to slice painted p95", p(ours, 95), p(other, 95)),
        Row("bytes a tick, with neighbours", ours["tick bytes"], None, "B"),
        Row(
            "a slice, as fast as painted",
            ours["tick"]["seconds"] * 1000 / TICKS,
            None,
            aim=1000 / SLICES_A_SECOND,
        ),
        Row(f"shown of {TICKS} ticks, {HAND_MS} ms apart", ours["hand"]["painted"], None, "slices"),
    ]
    return 0 if print_table(f"A volume of 197 × 233 × 189 voxels, {TICKS} slices, in Chromium", rows) else 1


if __name__ == "__main__":
    sys.exit(main())
