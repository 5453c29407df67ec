"""A page that nobody touches rests: a script that spins takes a whole core, and every answer waits for it."""

from __future__ import annotations

import pytest

from dashboards.parts.catalogue import DASHBOARDS, FOLDER
from tests.browser.driver import wait_until

FILES = sorted(FOLDER.glob("[a-z]*.py"))
pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Scripts that wait for something without waiting post a message to themselves, in a circle.
COUNT_JS = """
(() => {
  const plain = MessagePort.prototype.postMessage;
  window.posted = 0;
  MessagePort.prototype.postMessage = function (...args) {
    window.posted += 1;
    return plain.apply(this, args);
  };
})()
"""
FRAMES_JS = """
async (frames) => {
  const before = window.posted;
  for (let i = 0; i < frames; i++) await new Promise((done) => requestAnimationFrame(done));
  return window.posted - before;
}
"""


@pytest.mark.parametrize("slug", [entry.slug for entry in DASHBOARDS])
def test_no_script_spins(slug, serve, page):
    page.add_init_script(COUNT_JS)
    page.goto(f"{serve(*FILES)}/{slug}")
    page.wait_for_selector(".js-plotly-plot .main-svg", state="attached")
    wait_until(page, lambda: page.evaluate(FRAMES_JS, 30) < 60, message=f"/{slug} at rest")
