"""Fixtures of the browser tests of /region: one shared page."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import watch
from tests.browser.region.region_page import RegionPage, Visit, region_app
from tests.browser.shared_page import closing, shared
from tests.browser.visitors import arrive


@pytest.fixture(scope="package")  # a page left open would go on working
def regions() -> Iterator[list[RegionPage]]:
    """The one page that the tests share, once it is open."""
    with closing([]) as kept:
        yield kept


@pytest.fixture
def region(
    request: pytest.FixtureRequest, browser: Browser, show: Callable[..., str], regions: list[RegionPage]
) -> Iterator[RegionPage]:
    """The page with the cat as it opens."""

    def make() -> RegionPage:
        visits: list[Visit] = []
        made = RegionPage(arrive(browser), visits)
        watch(made.page, made.faults)
        return made.open(show(region_app(visits)))

    with shared(request, regions, make) as one:
        yield one
