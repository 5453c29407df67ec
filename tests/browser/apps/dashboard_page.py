"""Any dashboard as a visitor gets it; tests look at the very objects it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import panel as pn
from playwright.sync_api import Browser, Page

from dashboards.parts.dashboard import Dashboard
from dashboards.parts.shell import Shell, make_page
from tests.browser.conftest import watch
from tests.browser.driver import PATIENCE_S, Plot, painted, wait_until
from tests.browser.shared_page import run_in
from tests.browser.visitors import arrive, leave

__all__ = ["DashboardPage", "dashboard_page"]

# A loaded machine of two cores draws the first page slowly.
FIRST_PAINT_S = 90.0
AT_REST_JS = """() => {
  const all = window.brushlinkDeep('.js-plotly-plot').filter(gd => gd.checkVisibility())
  if (!all.length || !all.every(gd => gd._fullLayout && gd.querySelector('.main-svg'))) return null
  return JSON.stringify(all.map(gd => Object.values(gd.getBoundingClientRect().toJSON())))
}"""
MARKED_JS = (
    """([id, mark]) => Bokeh.documents.some(document => document.get_model_by_id(id)?.tags[0] === mark)"""
)


class DashboardPage:
    """A visitor's page with the objects behind it.

    Parameters
    ----------
    page : Page
    make : callable
        Makes the dashboard, once a visit.
    """

    def __init__(self, page: Page, make: Callable[[], Dashboard]) -> None:
        self.page = page
        self.faults: list[str] = []
        self._marks = 0
        self._make = make
        self._visits: list[tuple[Shell, Any]] = []

    def app(self) -> Any:
        """Build the page for a visitor; for the server."""
        shell = make_page(self._make)
        self._visits.append((shell, pn.state.curdoc))
        return shell.page

    @property
    def shell(self) -> Shell:
        """The page around the dashboard."""
        return self._visits[-1][0]

    @property
    def visits(self) -> int:
        """How often the page was made."""
        return len(self._visits)

    @property
    def document(self) -> Any:
        """The document that the page lives in."""
        return self._visits[-1][1]

    @property
    def dashboard(self) -> Any:
        """The dashboard that this page shows."""
        return self.shell.dashboard

    def open(self, url: str) -> DashboardPage:
        """Go to an address, and wait until every picture is drawn and keeps its place."""
        self.page.goto(url)
        return self.rest()

    def rest(self) -> DashboardPage:
        """Wait until every picture is drawn and keeps its place."""
        last: list[Any] = [None, 0]

        def still() -> bool:
            now = self.page.evaluate(AT_REST_JS)
            last[1] = last[1] + 1 if now is not None and now == last[0] else 0
            last[0] = now
            return last[1] >= 4

        wait_until(self.page, still, FIRST_PAINT_S, "every picture drawn and in its place")
        return self

    def settle(self) -> None:
        """Wait until the browser has done all that Python told it, and Python has heard what came of that.

        Messages keep their order: a mark that is sent after them says that they have arrived.
        """
        root = self.document.roots[0]
        self._marks += 1
        mark = f"mark {self._marks}"
        self.do(lambda: setattr(root, "tags", [mark]))
        self.page.wait_for_function(MARKED_JS, arg=[root.id, mark])
        painted(self.page)
        self.do(lambda: None)

    def plot(self, view: str) -> Plot:
        """One of the pictures."""
        return Plot(self.page, view)

    def until(self, condition: Callable[[], Any], message: str = "", timeout: float = PATIENCE_S) -> Any:
        """Poll until a condition holds."""
        return wait_until(self.page, condition, timeout, message)

    def do(self, action: Callable[[], Any], timeout: float = PATIENCE_S) -> Any:
        """Run something in the session, as a callback of it would; return what it returns."""
        return run_in(self.document, self.page, action, timeout)


@contextmanager
def dashboard_page(
    browser: Browser, put: Callable[..., str], make: Callable[[], Dashboard], query: str = "", **options: Any
) -> Iterator[DashboardPage]:
    """Open a dashboard for a fresh visitor; on leaving fail when the browser complained.

    Parameters
    ----------
    browser : Browser
    put : callable
        The fixture `show`, or the like.
    make : callable
        Makes the dashboard.
    query : str
        Of the address.
    **options
        Of the browser's context.
    """
    made = DashboardPage(arrive(browser, **options), make)
    watch(made.page, made.faults)
    try:
        url = put(made.app)
        yield made.open(f"{url}?{query}" if query else url)
    finally:
        leave(made.page)
    assert not made.faults, "the browser complained:\n" + "\n".join(made.faults)
