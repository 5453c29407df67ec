"""Fixtures of the explorer's browser tests: one shared page, and fresh visitors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.apps.explorer import Visit, explorer_app
from tests.browser.conftest import watch
from tests.browser.gapminder.explorer_page import ExplorerPage
from tests.browser.shared_page import closing, shared
from tests.browser.visitors import arrive


def visitor(browser: Browser, visits: list[Visit], **options: Any) -> ExplorerPage:
    """A fresh visitor, not yet at any address."""
    made = ExplorerPage(arrive(browser, **options), visits)
    watch(made.page, made.faults)
    return made


@pytest.fixture(scope="package")  # a page left open would go on working
def explorers(browser: Browser) -> Iterator[list[ExplorerPage]]:
    """The one page that the tests of the explorer share, once it is open."""
    with closing([]) as kept:
        yield kept


@pytest.fixture
def explorer(
    request: pytest.FixtureRequest, browser: Browser, show: Callable[..., str], explorers: list[ExplorerPage]
) -> Iterator[ExplorerPage]:
    """The explorer over Gapminder as it opens."""

    def make() -> ExplorerPage:
        visits: list[Visit] = []
        return visitor(browser, visits).open(show(explorer_app(visits)))

    with shared(request, explorers, make) as one:
        yield one


@pytest.fixture
def visit_explorer(browser: Browser, show: Callable[..., str]) -> Iterator[Callable[..., ExplorerPage]]:
    """A function that opens the explorer for a fresh visitor: over any table, at any query, on any device."""
    with closing([]) as opened:

        def visit(query: str = "", table: Any = None, **options: Any) -> ExplorerPage:
            visits: list[Visit] = []
            url = show(explorer_app(visits, table))
            opened.append(visitor(browser, visits, **options))
            return opened[-1].open(f"{url}?{query}" if query else url)

        yield visit
