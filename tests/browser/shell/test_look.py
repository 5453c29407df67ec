"""Light and dark, wide and narrow, by hand, by key and by ear."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.driver import Plot
from tests.browser.shell.tiny_page import PHONE, TinyPage

pytestmark = pytest.mark.browser

# Names of buttons and links that have none, sizes of text below 12 px, and what sticks out of the window.
FAULTS_JS = """() => {
  const faults = []
  for (const element of window.brushlinkDeep('button, a[href], [role=button], input')) {
    if (element.closest('.js-plotly-plot, [aria-hidden=true]') || !element.checkVisibility()) { continue }
    const label = element.labels && element.labels.length ? element.labels[0].textContent : ''
    const given = element.getAttribute('aria-label') || element.getAttribute('aria-labelledby')
    const name = given || element.title || label || element.textContent
    if (!name.trim()) { faults.push(`no name: ${element.outerHTML.slice(0, 120)}`) }
  }
  for (const element of window.brushlinkDeep('*')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())
    if (!own || !element.checkVisibility() || ['STYLE', 'SCRIPT'].includes(element.tagName)) { continue }
    const box = element.getBoundingClientRect()
    if (!box.width || !box.height || element.closest('legend')) { continue }
    // What is seen: a floating label is scaled.
    const scale = element.offsetHeight ? box.height / element.offsetHeight : 1
    const size = parseFloat(getComputedStyle(element).fontSize) * scale
    if (size < 11.5) { faults.push(`${size.toFixed(1)} px: ${element.textContent.slice(0, 40)}`) }
  }
  const over = document.documentElement.scrollWidth - innerWidth
  if (over > 0) { faults.push(`${over} px wider than the window`) }
  for (const button of window.brushlinkDeep('.bar button, .bar a')) {
    if (!button.checkVisibility()) { continue }
    const box = button.getBoundingClientRect()
    const outside = box.left < 0 || box.right > innerWidth
    if (outside) { faults.push(`outside: ${button.getAttribute('aria-label')}`) }
  }
  return faults
}"""


def ground(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(brushlinkDeep('main')[0]).backgroundColor"))


def ink(tiny: TinyPage) -> str:
    return str(Plot(tiny.page, "bars").js("return gd._fullLayout.font.color"))


def is_dark(tiny: TinyPage) -> bool:
    return ground(tiny.page) == "rgb(21, 24, 29)"


def test_dark_mode_is_followed_and_remembered(tiny: TinyPage) -> None:
    assert (ground(tiny.page), ink(tiny).lower()) == ("rgb(255, 255, 255)", "#20262e")
    tiny.button("Dark mode").click()
    tiny.wait(lambda: is_dark(tiny))
    tiny.wait(lambda: ink(tiny).lower() == "#e8eaed", "the picture follows")
    tiny.open()
    assert is_dark(tiny)
    assert tiny.shell.dashboard.theme == "dark"
    assert ink(tiny).lower() == "#e8eaed"
    tiny.button("Light mode").click()
    tiny.wait(lambda: ground(tiny.page) == "rgb(255, 255, 255)")
    # The address wins over what is remembered, for one visit.
    tiny.open("?theme=dark")
    assert is_dark(tiny)


def test_a_dark_system_opens_dark_pages_from_the_first_visit_on(
    open_tiny: Callable[[Page], TinyPage], new_page: Callable[..., Page]
) -> None:
    tiny = open_tiny(new_page(color_scheme="dark")).open()
    tiny.wait(lambda: is_dark(tiny) and ink(tiny).lower() == "#e8eaed")


def test_all_has_a_name_and_can_be_read(tiny: TinyPage) -> None:
    tiny.button("Source").click()
    tiny.page.locator(".source-file pre").wait_for()
    tiny.button("Download").click()
    assert tiny.page.evaluate(FAULTS_JS) == []
    tiny.page.keyboard.press("Escape")
    assert tiny.page.get_by_role("dialog", name="Download").is_hidden()
    # The focus goes back to where it came from.
    assert tiny.button("Download").evaluate("element => element === element.getRootNode().activeElement")
    assert tiny.page.get_by_role("link", name="All dashboards").get_attribute("href") == "./"


def test_on_a_phone(open_tiny: Callable[[Page], TinyPage], new_page: Callable[..., Page]) -> None:
    tiny = open_tiny(new_page(**PHONE)).open()
    page = tiny.page
    assert page.evaluate(FAULTS_JS) == []
    # The controls are folded away, the picture has the room.
    assert not page.get_by_role("slider", name="Year").is_visible()
    assert Plot(page, "bars").js("return gd.getBoundingClientRect().width") > 340
    assert tiny.button("Copy link").is_hidden()
    tiny.button("More").click()
    tiny.button("Under the hood").wait_for()
    assert page.evaluate(FAULTS_JS) == []
    tiny.button("Dark mode").click()
    tiny.wait(lambda: is_dark(tiny))
    assert tiny.button("Copy link").is_hidden()
    tiny.button("More").click()
    tiny.button("Source").click()
    page.locator(".source-file pre").wait_for()
    assert page.evaluate(FAULTS_JS) == []
    tiny.button("Close").click()
    tiny.wait(lambda: not tiny.shell.page.contextbar_open)
    page.get_by_role("button", name="Open drawer").click()
    page.get_by_role("slider", name="Year").wait_for()
    assert page.evaluate(FAULTS_JS) == []


def test_a_narrow_window_opens_with_the_controls_folded(
    open_tiny: Callable[[Page], TinyPage], new_page: Callable[..., Page]
) -> None:
    tiny = open_tiny(new_page(viewport=PHONE["viewport"])).open()
    tiny.wait(lambda: tiny.page.get_by_role("button", name="Open drawer").is_visible())
    assert not tiny.shell.page.sidebar_open
    assert tiny.page.evaluate(FAULTS_JS) == []


def test_visitors_have_pages_of_their_own(
    tiny: TinyPage, new_page: Callable[..., Page], open_tiny: Any
) -> None:
    first, page = tiny.shell, new_page()
    page.goto(tiny.url + "?v=1&y=1952")
    tiny.wait(lambda: len(tiny.shells) == 2)
    assert (first.dashboard.state.year, tiny.state.year) == (2007, 1952)  # type: ignore[attr-defined]
    tiny.choose(year=1957)
    assert first.dashboard.state.year == 2007  # type: ignore[attr-defined]
    assert tiny.page.evaluate("location.search") == ""


def test_material_is_imported_once_and_by_the_browser_itself(tiny: TinyPage) -> None:
    found = tiny.page.evaluate(
        "performance.getEntriesByType('resource').filter(e => e.name.includes('panel-material-ui.bundle.js'))"
        ".map(e => e.initiatorType)"
    )
    # es-module-shims would fetch the text of it.
    assert found == ["script"]
