"""What goes wrong is said, written down, and survived; hostile text stays text."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.shell.tiny_page import TinyPage

pytestmark = pytest.mark.browser

# Keeps the browser from telling that all is drawn, as on a machine that takes its time.
NEVER_READY_JS = """
(() => {
  const send = WebSocket.prototype.send
  let frames = [], passing = 0
  WebSocket.prototype.send = function (frame) {
    if (passing > 0) { passing -= 1; return send.call(this, frame) }
    frames.push(frame)
    if (frames.length < 3) { return }
    const message = frames
    frames = []
    passing = 2 * (JSON.parse(message[0]).num_buffers || 0)
    if (!message[2].includes("document_ready")) { message.forEach((part) => send.call(this, part)) }
  }
})()
"""


def test_a_failing_callback_is_told_and_the_page_lives_on(tiny: TinyPage, show: Any) -> None:
    tiny.button("Fail").click()
    toast = tiny.toast("Something went wrong in Tiny dashboard")
    # As text: escaped markup would show as &lt;, markup would run.
    assert "ValueError: <img src=x onerror=window.hacked=1> is no number" in toast.inner_text()
    tiny.button("Refuse").click()
    toast = tiny.toast("is a picture, not a table")
    assert toast.inner_text().strip() == "“x.csv” is a picture, not a table. Choose a CSV file."
    assert tiny.page.evaluate("window.hacked") is None
    log = "\n".join(show.log)
    assert "ValueError: <img" in log
    assert "in _fail" in log
    assert "SourceError" in log
    show.log.clear()
    tiny.page.get_by_role("switch", name="Shares").check()
    tiny.wait(lambda: tiny.state.shares, "the page lives on")


def test_what_changes_while_a_page_is_drawn_is_shown(open_tiny: Any, page: Page) -> None:
    page.add_init_script(NEVER_READY_JS)
    tiny = open_tiny(page).open()
    tiny.choose(year=1972)
    tiny.wait_query("?v=1&y=1972")
    page.get_by_text("year 1972").wait_for()


def test_under_the_hood(tiny: TinyPage) -> None:
    page = tiny.page
    tiny.button("Under the hood").click()
    tiny.button("Clear").click()
    page.get_by_text("Brush, click or drag in a picture").wait_for()

    def click() -> None:
        hostile = {"x": "<img src=x onerror=window.hacked=1>"}
        tiny.shell.dashboard.events.record("bars", "click", hostile, 1234)
        tiny.state.year = 1962  # makes "words" run

    tiny.run(click)
    row = page.get_by_role("listitem").filter(has_text="click")
    row.filter(has_text="words").wait_for()
    text = row.inner_text()
    assert "<img src=x onerror=window.hacked=1>" in text
    assert "1.2 kB" in text
    assert re.search(r"words\s*[\d.]+ ms", text)
    assert re.search(r"\d\d:\d\d:\d\d", text)
    assert page.evaluate("window.hacked") is None
    tiny.button("Clear").click()
    page.get_by_text("Brush, click or drag in a picture").wait_for()
    assert tiny.button("Under the hood").get_attribute("aria-pressed") == "true"
    tiny.button("Under the hood").click()
    tiny.wait(lambda: tiny.button("Under the hood").get_attribute("aria-pressed") == "false")


def test_the_source(tiny: TinyPage) -> None:
    tiny.button("Source").click()
    code = tiny.page.locator(".source-file pre")
    code.wait_for()
    assert "class TinyState(DashboardState):" in code.inner_text()
    assert tiny.page.get_by_text("apps/tiny.py").is_visible()
    tiny.button("Under the hood").click()
    tiny.wait(lambda: tiny.button("Source").get_attribute("aria-pressed") == "false")
    code.wait_for(state="detached")


def test_hostile_words_in_controls_stay_words(tiny: TinyPage) -> None:
    page = tiny.page
    page.get_by_role("combobox", name="Colour").click()
    page.get_by_role("menuitem", name="<b>bold</b>").click()
    tiny.wait(lambda: tiny.state.color == "<b>bold</b>")
    assert page.get_by_role("combobox", name="Colour").inner_text() == "<b>bold</b>"
