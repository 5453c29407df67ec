"""Fixtures of the map's browser tests: one shared page, and fresh visitors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import watch
from tests.browser.shared_page import closing, shared
from tests.browser.visitors import arrive
from tests.browser.worldmap.map_page import MapPage, Visit, map_app


def visitor(browser: Browser, visits: list[Visit], **options: Any) -> MapPage:
    """A fresh visitor, not yet at any address."""
    made = MapPage(arrive(browser, **options), visits)
    watch(made.page, made.faults)
    return made


@pytest.fixture(scope="package")  # a page left open would go on working
def maps(browser: Browser) -> Iterator[list[MapPage]]:
    """The one page that the tests of the map share, once it is open."""
    with closing([]) as kept:
        yield kept


@pytest.fixture
def world(
    request: pytest.FixtureRequest, browser: Browser, show: Callable[..., str], maps: list[MapPage]
) -> Iterator[MapPage]:
    """The map of Gapminder as it opens."""

    def make() -> MapPage:
        visits: list[Visit] = []
        return visitor(browser, visits).open(show(map_app(visits)))

    with shared(request, maps, make) as one:
        yield one


@pytest.fixture
def visit_map(browser: Browser, show: Callable[..., str]) -> Iterator[Callable[..., MapPage]]:
    """A function that opens the map for a fresh visitor: over any table, at any query, on any device."""
    with closing([]) as opened:

        def visit(query: str = "", given: dict[str, Any] | None = None, **options: Any) -> MapPage:
            visits: list[Visit] = []
            url = show(map_app(visits, **(given or {})))
            opened.append(visitor(browser, visits, **options))
            return opened[-1].open(f"{url}?{query}" if query else url)

        yield visit
