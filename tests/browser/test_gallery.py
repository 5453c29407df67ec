"""The front door in a real browser, as `panel serve dashboards/[a-z]*.py --index gallery` opens it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboards.parts.catalogue import DASHBOARDS, FOLDER
from tests.browser.driver import Plot, wait_until
from tests.browser.shell.tiny_page import PHONE

pytestmark = pytest.mark.browser

FILES = sorted(FOLDER.glob("[a-z]*.py"))
INDEX = ("--index", "gallery")


@pytest.fixture(params=["", "lab"], ids=["at the root", "under a prefix"])
def front(request: pytest.FixtureRequest, serve: Callable[..., str]) -> str:
    """Address of the front door, with its slash."""
    prefix = ("--prefix", request.param) if request.param else ()
    return serve(*FILES, args=(*INDEX, *prefix)) + "/"


@pytest.fixture
def root(serve: Callable[..., str]) -> str:
    return serve(*FILES, args=INDEX) + "/"


def shown(page: Page) -> list[str]:
    return page.locator(".card:visible h2").all_inner_texts()


def test_from_the_door_into_a_dashboard_and_back(front: str, page: Page) -> None:
    page.goto(front)
    expect(page).to_have_title("Brushlink")
    card = page.get_by_role("listitem").filter(has_text="Gapminder explorer")
    picture = card.locator("img")
    assert picture.evaluate("image => image.complete && image.naturalWidth") == 960
    card.get_by_role("link", name="Open Gapminder explorer").click()
    page.wait_for_url(front + "gapminder")
    Plot(page, "histogram").wait_drawn(60)
    expect(page).to_have_title("Gapminder explorer · Brushlink")
    page.get_by_role("link", name="All dashboards").click()
    page.wait_for_url(front)
    card.get_by_role("link", name="Source of Gapminder explorer").click()
    page.wait_for_url(front + "?source=gapminder")
    code = page.locator("pre")
    file = FOLDER / "gapminder.py"
    assert code.inner_text().strip().startswith(file.read_text(encoding="utf-8").splitlines()[0])
    page.get_by_role("link", name="All dashboards").click()
    page.wait_for_url(front)
    page.goto(front + "gallery")
    page.get_by_role("heading", name="Gapminder explorer").get_by_role("link").click()
    page.wait_for_url(front + "gapminder")


@pytest.mark.parametrize(
    "words", ["hierarchical", "SUNBURST", "drill down", "bubble log", "D7", "upload csv", "Gapminder"]
)
def test_a_dashboard_is_found_by_what_it_does(root: str, page: Page, words: str) -> None:
    page.goto(root)
    page.get_by_role("searchbox").fill(words)
    assert "Gapminder explorer" in shown(page)


def test_nothing_matches(root: str, page: Page) -> None:
    page.goto(root)
    hostile = "<img src=x onerror=window.hacked=1>"
    page.get_by_role("searchbox").fill(hostile)
    expect(page.get_by_text(f"Nothing matches “{hostile}”.")).to_be_visible()
    assert shown(page) == []
    expect(page.get_by_role("status")).to_have_text(re.compile(r"^0 of \d+ dashboard"))
    assert page.evaluate("window.hacked") is None
    # What was looked for stands in the address.
    page.reload()
    expect(page.get_by_role("searchbox")).to_have_value(hostile)
    page.get_by_role("button", name="Clear the search").click()
    assert len(shown(page)) == len(DASHBOARDS)
    expect(page.get_by_role("searchbox")).to_be_focused()
    assert page.url == root


def test_tags_filter(root: str, page: Page) -> None:
    page.goto(root)
    for tag in ("hierarchy", "time"):
        page.get_by_role("button", name=tag, exact=True).click()
    expected = [item.title for item in DASHBOARDS if {"hierarchy", "time"} <= set(item.tags)]
    assert shown(page) == expected
    assert page.url == root + "?tags=hierarchy%7Ctime"
    page.reload()
    expect(page.get_by_role("button", name="time", exact=True)).to_have_attribute("aria-pressed", "true")
    assert shown(page) == expected


def test_by_keys_alone(root: str, page: Page) -> None:
    page.goto(root)
    keys = page.keyboard
    keys.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    keys.type("zzz")
    keys.press("Escape")
    expect(page.get_by_role("searchbox")).to_have_value("")
    keys.type("sunburst")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Gapminder explorer").get_by_role("link")).to_be_focused()
    keys.press("Enter")
    page.wait_for_url(root + "gapminder")


def test_the_theme_is_shared_with_the_dashboards(root: str, page: Page) -> None:
    page.goto(root)
    page.get_by_role("button", name="Dark mode").click()
    expect(page.get_by_role("button", name="Light mode")).to_be_visible()
    dark = "getComputedStyle(document.documentElement).backgroundColor"
    assert page.evaluate(dark) == "rgb(21, 24, 29)"
    page.goto(root + "gapminder")
    page.get_by_role("button", name="Light mode").wait_for()
    Plot(page, "histogram").wait_drawn(60)
    page.get_by_role("button", name="Light mode").click()
    page.get_by_role("button", name="Dark mode").wait_for()
    page.goto(root)
    expect(page.get_by_role("button", name="Dark mode")).to_be_visible()


def test_on_a_phone_in_the_dark(root: str, new_page: Callable[..., Page]) -> None:
    page = new_page(**PHONE, color_scheme="dark")
    page.goto(root)
    wait_until(page, lambda: page.get_by_role("button", name="Light mode").is_visible())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = page.locator(".card").first.bounding_box()
    assert box
    assert box["x"] >= 0
    assert 340 <= box["width"] <= 400


def test_the_door_is_light(root: str, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    answer = page.goto(root)
    assert answer
    assert [url for url in asked if not url.startswith("data:")] == [root]
    pictures = sum(Path(item.picture("light")).stat().st_size for item in DASHBOARDS)
    assert len(answer.body()) < 60_000 + 1.4 * pictures
