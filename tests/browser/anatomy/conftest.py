"""The page that the tests of the anatomy share."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from dashboards.anatomy import FigureAnatomy
from tests.browser.apps.anatomy import anatomy_app
from tests.browser.conftest import watch
from tests.browser.driver import PATIENCE_S, Plot, wait_until
from tests.browser.shared_page import closing, shared
from tests.browser.visitors import arrive

FIRST_PAINT_S = 90.0
LOOK_AGAIN_MS = 2_000


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

    def until(self, condition: Callable[[], Any], message: str = "", timeout: float = PATIENCE_S) -> Any:
        """Poll until a condition holds."""
        return wait_until(self.page, condition, timeout, message)

    def start_over(self) -> None:
        """Back to how the page opens."""
        self.page.get_by_label("Search charts").fill("")
        button = self.page.get_by_role("button", name="Start over")

        def nothing_to_reset() -> bool:
            # An edit that was still on its way when the button was pressed enables it again.
            # One that comes after it was taken back, after we looked, finds the button disabled.
            if button.is_enabled():
                with contextlib.suppress(PlaywrightTimeout):
                    button.click(timeout=LOOK_AGAIN_MS)
            return button.is_disabled()

        self.until(nothing_to_reset, "nothing to reset")
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
    """The one page that the tests share, once it is open."""
    with closing([]) as kept:
        yield kept


@pytest.fixture
def anatomy(
    request: pytest.FixtureRequest, browser: Browser, show: Callable[..., str], anatomies: list[AnatomyPage]
) -> Iterator[AnatomyPage]:
    """The anatomy as it opens."""

    def make() -> AnatomyPage:
        visits: list[FigureAnatomy] = []
        page = arrive(browser, permissions=["clipboard-read", "clipboard-write"])
        return AnatomyPage(page, visits).open(show(anatomy_app(visits)))

    with shared(request, anatomies, make) as one:
        yield one
