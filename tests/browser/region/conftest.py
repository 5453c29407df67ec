"""Fixtures of the browser tests of /region: one shared page."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import VIEWPORT, watch
from tests.browser.driver import DEEP_QUERY_JS
from tests.browser.region.region_page import RegionPage, Visit, region_app


@pytest.fixture(scope="package")  # a page left open would go on working
def regions(browser: Browser) -> Iterator[list[RegionPage]]:
    """The one page that the tests share, once it is open: opening it is most of the work."""
    shared: list[RegionPage] = []
    yield shared
    for one in shared:
        one.page.context.close()


@pytest.fixture
def region(
    request: pytest.FixtureRequest, browser: Browser, show: Callable[..., str], regions: list[RegionPage]
) -> Iterator[RegionPage]:
    """The page with the cat as it opens; a page on which a test failed is not used again."""
    if not regions:
        visits: list[Visit] = []
        context = browser.new_context(viewport=VIEWPORT)
        context.set_default_timeout(30_000)
        context.add_init_script(DEEP_QUERY_JS)
        made = RegionPage(context.new_page(), visits)
        watch(made.page, made.faults)
        regions.append(made.open(show(region_app(visits))))
    one = regions[0]
    failed = request.session.testsfailed
    one.start_over()
    yield one
    if request.session.testsfailed > failed or one.faults:
        regions.clear()
        one.page.context.close()
    assert not one.faults, "the browser complained:\n" + "\n".join(one.faults)
