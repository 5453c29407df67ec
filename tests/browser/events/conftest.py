"""The one page that the tests of the event streams share."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from dashboards.events import EventStreams
from tests.browser.apps.dashboard_page import DashboardPage, dashboard_page
from tests.browser.conftest import AppServer


@pytest.fixture(scope="module")
def opened(browser: Browser, app_server: AppServer) -> Iterator[DashboardPage]:
    def put(app: Callable[[], object]) -> str:
        app_server.builder = app
        return app_server.url

    with dashboard_page(browser, put, EventStreams) as page:
        yield page


@pytest.fixture
def streams(opened: DashboardPage, show: Callable[..., str]) -> DashboardPage:
    """The page as it opens, with no event counted."""

    def reset() -> None:
        dashboard = opened.dashboard
        dashboard.history.reset()
        view = dashboard.views["figure"]
        view.set_shapes([])
        view.clear_selection()
        view.set_hidden([])
        dashboard.events.clear()
        dashboard._panels.paused = False
        dashboard._panels.refresh()

    opened.page.mouse.move(700, 4)
    opened.do(reset)
    figure = opened.plot("figure")
    figure.js(
        "window.Plotly.relayout(gd, {'xaxis.autorange': true, 'yaxis.autorange': true, dragmode: 'zoom'});"
    )

    def at_rest() -> bool:
        """What the reset itself made the browser say has come, and is forgotten."""
        opened.settle()
        still = not counts(opened)
        opened.do(opened.dashboard.events.clear)
        return still

    opened.until(at_rest, "the page at rest")
    opened.do(opened.dashboard._panels.refresh)
    return opened


def counts(streams: DashboardPage) -> dict[str, int]:
    """What Python has counted, streams without events left out."""
    return {slug: n for slug, n in streams.dashboard.events.counts.items() if n}
