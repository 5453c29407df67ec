"""Fixtures of the explorer's browser tests: one shared page, and fresh visitors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.apps.explorer import Visit, explorer_app
from tests.browser.conftest import VIEWPORT, watch
from tests.browser.driver import DEEP_QUERY_JS
from tests.browser.gapminder.explorer_page import ExplorerPage


def visitor(browser: Browser, visits: list[Visit], **options: Any) -> ExplorerPage:
    """A fresh visitor, not yet at any address."""
    context = browser.new_context(**{"viewport": VIEWPORT, **options})
    context.set_default_timeout(30_000)
    context.add_init_script(DEEP_QUERY_JS)
    made = ExplorerPage(context.new_page(), visits)
    watch(made.page, made.faults)
    return made


@pytest.fixture(scope="package")  # a page left open would go on working
def explorers(browser: Browser) -> Iterator[list[ExplorerPage]]:
    """The one page that the tests of the explorer share, once it is open: opening it is most of the work."""
    shared: list[ExplorerPage] = []
    yield shared
    for one in shared:
        one.page.context.close()


@pytest.fixture
def explorer(
    request: pytest.FixtureRequest, browser: Browser, show: Callable[..., str], explorers: list[ExplorerPage]
) -> Iterator[ExplorerPage]:
    """The explorer over Gapminder as it opens; a page on which a test failed is not used again."""
    if not explorers:
        visits: list[Visit] = []
        url = show(explorer_app(visits))
        explorers.append(visitor(browser, visits).open(url))
    one = explorers[0]
    failed = request.session.testsfailed
    one.start_over()
    yield one
    if request.session.testsfailed > failed or one.faults:
        explorers.clear()
        one.page.context.close()
    assert not one.faults, "the browser complained:\n" + "\n".join(one.faults)


@pytest.fixture
def visit_explorer(browser: Browser, show: Callable[..., str]) -> Iterator[Callable[..., ExplorerPage]]:
    """A function that opens the explorer for a fresh visitor: over any table, at any query, on any device."""
    opened: list[ExplorerPage] = []

    def visit(query: str = "", table: Any = None, **options: Any) -> ExplorerPage:
        visits: list[Visit] = []
        url = show(explorer_app(visits, table))
        opened.append(visitor(browser, visits, **options))
        return opened[-1].open(f"{url}?{query}" if query else url)

    yield visit
    faults = [fault for one in opened for fault in one.faults]
    for one in opened:
        one.page.context.close()
    assert not faults, "the browser complained:\n" + "\n".join(faults)
