"""The page that the tests of the anatomy share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from dashboards.anatomy import FigureAnatomy
from tests.browser.apps.anatomy import anatomy_app
from tests.browser.conftest import VIEWPORT, watch
from tests.browser.driver import DEEP_QUERY_JS, Plot, wait_until

FIRST_PAINT_S = 90.0


class AnatomyPage:
    """A visitor's page with the dashboard behind it."""

    def __init__(self, page: Page, visits: list[FigureAnatomy]) -> None:
        self.page = page
        self.visits = visits
        self.plot = Plot(page, "figure")
        self.faults: list[str] = []
        watch(page, self.faults)

    @property
    def dashboard(self) -> FigureAnatomy:
        """The dashboard of this page."""
        return self.visits[-1]

    def open(self, url: str) -> AnatomyPage:
        """Go there, and wait until picture and controls are painted."""
        self.page.goto(url)
        self.plot.wait_drawn(FIRST_PAINT_S)
        self.page.get_by_label("Search charts").wait_for(timeout=FIRST_PAINT_S * 1000)
        self.page.get_by_role("tablist").wait_for()
        return self

    def until(self, condition: Callable[[], Any], message: str = "", timeout: float = 20.0) -> Any:
        """Poll until a condition holds."""
        return wait_until(self.page, condition, timeout, message)

    def start_over(self) -> None:
        """Back to how the page opens."""
        self.page.get_by_label("Search charts").fill("")
        button = self.page.get_by_role("button", name="Start over")
        if button.is_enabled():
            button.click()
        self.until(lambda: button.is_disabled(), "nothing to reset")
        self.until(lambda: self.title() == "My first figure", "the first figure")

    def title(self) -> Any:
        """Text of the title as it is painted."""
        return self.plot.js("const t = gd.querySelector('.gtitle'); return t ? t.textContent : '';")

    def type_edit(self, text: str) -> None:
        """Type into the line, and press Enter."""
        line = self.page.get_by_label("Edit by path")
        line.fill(text)
        line.press("Enter")

    def selected(self) -> str:
        """Path of the node that is looked at."""
        return str(self.page.locator("section.place h3").text_content())

    def code(self, tab: str) -> str:
        """What a tab of the code shows."""
        self.page.get_by_role("tab", name=tab, exact=True).click()
        return "\n".join(self.page.locator(".code pre .line:not(.gone)").all_text_contents())


@pytest.fixture(scope="package")  # a page left open would go on working
def anatomies() -> Iterator[list[AnatomyPage]]:
    """The one page that the tests share, once it is open: opening it is most of the work."""
    shared: list[AnatomyPage] = []
    yield shared
    for one in shared:
        one.page.context.close()


@pytest.fixture
def anatomy(
    request: pytest.FixtureRequest, browser: Browser, show: Callable[..., str], anatomies: list[AnatomyPage]
) -> Iterator[AnatomyPage]:
    """The anatomy as it opens; a page on which a test failed is not used again."""
    if not anatomies:
        visits: list[FigureAnatomy] = []
        url = show(anatomy_app(visits))
        context = browser.new_context(viewport=VIEWPORT, permissions=["clipboard-read", "clipboard-write"])
        context.set_default_timeout(30_000)
        context.add_init_script(DEEP_QUERY_JS)
        anatomies.append(AnatomyPage(context.new_page(), visits).open(url))
    one = anatomies[0]
    failed = request.session.testsfailed
    one.start_over()
    yield one
    if request.session.testsfailed > failed or one.faults:
        anatomies.clear()
        one.page.context.close()
    assert not one.faults, "the browser complained:\n" + "\n".join(one.faults)
