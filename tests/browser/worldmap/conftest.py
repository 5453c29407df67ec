"""Fixtures of the map's browser tests: one shared page, and fresh visitors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import VIEWPORT, watch
from tests.browser.driver import DEEP_QUERY_JS
from tests.browser.worldmap.map_page import MapPage, Visit, map_app


def visitor(browser: Browser, visits: list[Visit], **options: Any) -> MapPage:
    """A fresh visitor, not yet at any address."""
    context = browser.new_context(**{"viewport": VIEWPORT, **options})
    context.set_default_timeout(30_000)
    context.add_init_script(DEEP_QUERY_JS)
    made = MapPage(context.new_page(), visits)
    watch(made.page, made.faults)
    return made


@pytest.fixture(scope="package")  # a page left open would go on working
def maps(browser: Browser) -> Iterator[list[MapPage]]:
    """The one page that the tests of the map share, once it is open: opening it is most of the work."""
    shared: list[MapPage] = []
    yield shared
    for one in shared:
        one.page.context.close()


@pytest.fixture
def world(
    request: pytest.FixtureRequest, browser: Browser, show: Callable[..., str], maps: list[MapPage]
) -> Iterator[MapPage]:
    """The map of Gapminder as it opens; a page on which a test failed is not used again."""
    if not maps:
        visits: list[Visit] = []
        maps.append(visitor(browser, visits).open(show(map_app(visits))))
    one = maps[0]
    failed = request.session.testsfailed
    one.start_over()
    yield one
    if request.session.testsfailed > failed or one.faults:
        maps.clear()
        one.page.context.close()
    assert not one.faults, "the browser complained:\n" + "\n".join(one.faults)


@pytest.fixture
def visit_map(browser: Browser, show: Callable[..., str]) -> Iterator[Callable[..., MapPage]]:
    """A function that opens the map for a fresh visitor: over any table, at any query, on any device."""
    opened: list[MapPage] = []

    def visit(query: str = "", given: dict[str, Any] | None = None, **options: Any) -> MapPage:
        visits: list[Visit] = []
        url = show(map_app(visits, **(given or {})))
        opened.append(visitor(browser, visits, **options))
        return opened[-1].open(f"{url}?{query}" if query else url)

    yield visit
    faults = [fault for one in opened for fault in one.faults]
    for one in opened:
        one.page.context.close()
    assert not faults, "the browser complained:\n" + "\n".join(faults)
