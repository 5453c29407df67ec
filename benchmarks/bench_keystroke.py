"""From a keystroke to the title that Python makes of it: hello world of /callbacks, and plain Panel.

Run: ``python -m benchmarks.bench_keystroke [keys]``. Both pages are open in the same Chromium, typed into in
turns; ours also draws the graph of its callbacks. A title counts when the frame that shows it is over.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import panel as pn
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.report import Row, print_table
from dashboards.callbacks import CallbackGraph
from dashboards.parts.shell import make_page
from tests.browser.conftest import VIEWPORT, AppServer, launch_chromium
from tests.browser.driver import DEEP_QUERY_JS, wait_until

KEYS = 60
ROUND = 10
WARM_UP = 5
PAUSE_MS = 150  # between two keys of a quick typist
# Ours tells Python of each key at once, where Panel waits 50 ms, and spends that on drawing its graph.
AIM = 0.8

# Notes when each key went down, and when the frame with the title that holds its text was over.
CLOCK_JS = """() => {
  window.keys = [];
  window.addEventListener('keydown', () => { window.keys.push({down: performance.now(), shown: 0}); }, true);
  const look = () => {
    const texts = window.brushlinkDeep('h2').map(heading => heading.textContent);
    // Panel's Markdown adds a sign to each heading: only what was typed counts.
    const length = Math.max(0, ...texts.map(text => /^x*/.exec(text.trim())[0].length));
    const now = performance.now();
    for (const [place, key] of window.keys.entries()) if (!key.shown && place < length) key.shown = now;
    requestAnimationFrame(look);
  };
  look();
}"""


def plain() -> Any:
    """Join a text and a title as Panel's documentation does."""
    text = pn.widgets.TextInput(name="Your text")
    return pn.Column(text, pn.pane.Markdown(pn.bind(lambda value: f"## {value}", text.param.value_input)))


def ours() -> Any:
    """Return the page of /callbacks."""
    return make_page(CallbackGraph).page


def opened(browser: Browser, server: AppServer, build: Callable[[], Any]) -> Page:
    """Open a page and wait until it answers."""
    context = browser.new_context(viewport=VIEWPORT)
    context.add_init_script(DEEP_QUERY_JS)
    page = context.new_page()
    server.builder = build
    page.goto(server.url)
    field = page.get_by_label("Your text")
    field.wait_for()
    page.evaluate(CLOCK_JS)
    field.press_sequentially("x" * WARM_UP, delay=PAUSE_MS)
    answered(page, WARM_UP)
    return page


def answered(page: Page, keys: int) -> list[float]:
    """Wait until so many keys are answered; return the milliseconds each took."""
    wait_until(
        page, lambda: page.evaluate("window.keys.filter(key => key.shown).length") >= keys, 60, "titles"
    )
    return list(page.evaluate("window.keys.map(key => key.shown - key.down)"))


def main() -> int:
    """Print the table; 1 if the aim was missed."""
    keys = int(sys.argv[1]) if len(sys.argv) > 1 else KEYS
    server = AppServer()
    try:
        with sync_playwright() as playwright:
            browser = launch_chromium(playwright)
            pages = {"ours": opened(browser, server, ours), "reference": opened(browser, server, plain)}
            done = WARM_UP
            for _ in range(keys // ROUND):
                done += ROUND
                for page in pages.values():
                    page.bring_to_front()
                    page.get_by_label("Your text").press_sequentially("x" * ROUND, delay=PAUSE_MS)
                    answered(page, done)
            ms = {name: np.array(answered(page, done)[WARM_UP:]) for name, page in pages.items()}
            browser.close()
    finally:
        server.stop()
    rows = [
        Row(f"p{q}", float(np.percentile(ms["ours"], q)), float(np.percentile(ms["reference"], q)), aim=aim)
        for q, aim in ((50, AIM), (95, None))
    ]
    return 0 if print_table(f"Keystroke to painted title, {keys} keys each, in turns", rows) else 1


if __name__ == "__main__":
    sys.exit(main())
