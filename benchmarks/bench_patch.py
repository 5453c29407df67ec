"""From mouse-up of a brush to five repainted views: figures rebuilt and assigned, or patched in place.

Run: ``python -m benchmarks.bench_patch [brushes]``. Both ways run in the same Chromium, one after the other.
A view counts as repainted when the frame after its last change of elements is on the screen.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks import patch_page
from benchmarks.report import Row, print_table
from tests.browser.conftest import AppServer, launch_chromium
from tests.browser.driver import DEEP_QUERY_JS, Plot, wait_until

BRUSHES = 15
WARM_UP = 2
QUIET_MS = 400  # nothing has changed in any view for so long: the brush is answered

# Notes when each view last changed its elements, and when that was on the screen (the frame after it).
CLOCK_JS = """
(names) => {
  window.bench = {up: 0, last: {}, painted: {}};
  window.addEventListener('mouseup', () => {
    window.bench.up = performance.now(); window.bench.last = {}; window.bench.painted = {};
  }, true);
  for (const name of names) {
    const gd = window.brushlinkPlot(name);
    new MutationObserver(() => {
      window.bench.last[name] = performance.now();
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => { window.bench.painted[name] = performance.now(); };
        channel.port2.postMessage(0);
      });
    }).observe(gd, {subtree: true, childList: true, attributes: true, characterData: true});
  }
}
"""


def measure(page: Page, url: str, brushes: int) -> dict[str, Any]:
    """Brush a page: "ms", "bytes" over the websocket and "python" ms of each brush."""
    traffic = [0]

    def count(payload: str | bytes) -> None:
        traffic[0] += len(payload)

    def opened(socket: Any) -> None:
        socket.on("framereceived", count)
        socket.on("framesent", count)

    page.on("websocket", opened)
    page.goto(url)
    for name in patch_page.NAMES:
        Plot(page, name).wait_drawn()
    page.wait_for_timeout(1500)  # late resizes
    page.evaluate(CLOCK_JS, list(patch_page.NAMES))
    plot = Plot(page, "histogram")
    patch_page.PYTHON_MS.clear()
    ms, weight = [], []
    for number in range(brushes + WARM_UP):
        low = 41 + (number * 7) % 23
        before = traffic[0]
        page.evaluate("() => { window.bench.up = 0; window.bench.painted = {}; }")
        # A new brush beside the old outline: a drag inside it would move the old one.
        plot.js("if ((gd.layout.selections || []).length) window.Plotly.relayout(gd, {selections: []});")
        page.wait_for_timeout(500)
        plot.drag_box((low, low + 17), steps=4)
        answer = wait_until(
            page,
            lambda: page.evaluate(
                "(quiet) => { const b = window.bench, ends = Object.values(b.painted);"
                " const n = Object.keys(b.last).filter((k) => b.painted[k] >= b.last[k]).length;"
                f" return b.up && n === {len(patch_page.NAMES)}"
                " && performance.now() - Math.max(...ends) > quiet ? Math.max(...ends) - b.up : 0; }",
                QUIET_MS,
            ),
            30,
            "all views repainted",
        )
        if number >= WARM_UP:
            ms.append(float(answer))
            weight.append(traffic[0] - before)
    return {"ms": ms, "bytes": weight, "python": patch_page.PYTHON_MS[WARM_UP:]}


def main(brushes: int) -> int:
    """Run both ways and print the comparison; 1 if an aim was missed."""
    server = AppServer()
    figures: dict[str, Any] = {}
    with sync_playwright() as playwright:
        chromium = launch_chromium(playwright)
        for way, builder in (("rebuilt", patch_page.rebuilt_page), ("patched", patch_page.patched_page)):
            server.builder = builder
            context = chromium.new_context(viewport={"width": 1400, "height": 1000})
            context.add_init_script(DEEP_QUERY_JS)
            figures[way] = measure(context.new_page(), server.url, brushes)
            context.close()
        chromium.close()
    server.stop()
    ours, theirs = figures["patched"], figures["rebuilt"]
    rows = [
        Row(f"mouse-up to painted, p{part}", at(ours, part), at(theirs, part), "ms", aim)
        for part, aim in ((50, 3.0), (95, 2.0))
    ]
    rows.append(Row("over the websocket a brush", median(ours["bytes"]), median(theirs["bytes"]), "B", 4.0))
    rows.append(Row("in Python", median(ours["python"]), median(theirs["python"]), "ms"))
    title = f"A brush on five linked views of Gapminder, {brushes} brushes: patched, next to rebuilt"
    return 0 if print_table(title, rows) else 1


def at(figures: dict[str, Any], part: float) -> float:
    """Return a percentile of the times."""
    return float(np.percentile(figures["ms"], part))


def median(values: list[float]) -> float:
    """Return the median."""
    return float(np.median(values))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else BRUSHES))
