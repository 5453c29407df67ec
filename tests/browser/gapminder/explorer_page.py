"""A hand on the Gapminder explorer's page, and an eye on what it shows; for its browser tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import plotly.data
from playwright.sync_api import Page

from dashboards.gapminder import DRAWN, GapminderExplorer
from dashboards.parts.explorer_state import ExplorerState
from tests.browser.apps.explorer import Visit
from tests.browser.driver import PATIENCE_S, Plot, wait_until
from tests.browser.shared_page import run_in

__all__ = ["CONTINENTS", "GAPMINDER", "LATEST", "REST", "ExplorerPage"]

# The oracle: Plotly's own copy, read by pandas, without any of our code.
GAPMINDER = plotly.data.gapminder()
LATEST = GAPMINDER[GAPMINDER.year == 2007].reset_index(drop=True)
CONTINENTS = ("Asia", "Europe", "Africa", "Americas", "Oceania")

# A loaded machine of two cores draws the first page slowly.
FIRST_PAINT_S = 90.0
REST = "not selected"


class ExplorerPage:
    """A visitor's page with the objects behind it.

    Parameters
    ----------
    page : Page
    visits : list of Visit
        Filled by the app; the last one is this page's.
    """

    def __init__(self, page: Page, visits: list[Visit]) -> None:
        self.page = page
        self._visits = visits
        self.faults: list[str] = []

    # -- what Python knows ------------------------------------------------------------------------

    @property
    def dashboard(self) -> GapminderExplorer:
        """The dashboard that this page shows."""
        return self._visits[-1].dashboard

    @property
    def state(self) -> ExplorerState:
        """Its choices."""
        return self.dashboard.state

    def chosen(self, view: str) -> Any:
        """What a view itself selects: a predicate or None."""
        return self.state.selection.get(self.state.owner(view))

    def countries(self) -> list[str]:
        """Names of the selected rows, sorted."""
        return sorted(self.dashboard.selected["country"])

    def do(self, action: Callable[[], Any]) -> None:
        """Run something in the session, as a callback of it would, and wait until it has run."""
        run_in(self._visits[-1].document, self.page, action)

    def choose(self, **choices: Any) -> None:
        """Set choices from Python, as the controls do."""
        self.do(lambda: self.state.param.update(**choices))

    def pick(self, label: str, option: str) -> None:
        """Choose an entry of a list in the sidebar, by hand."""
        self.page.get_by_role("combobox", name=label, exact=True).click()
        self.page.get_by_role("menuitem", name=option, exact=True).click()

    # -- what the browser shows -------------------------------------------------------------------

    def plot(self, view: str) -> Plot:
        """One of the pictures."""
        return Plot(self.page, view)

    def until(self, condition: Callable[[], Any], message: str = "", timeout: float = PATIENCE_S) -> Any:
        """Poll until a condition holds."""
        return wait_until(self.page, condition, timeout, message)

    def traces(self, view: str, *paths: str) -> list[dict[str, Any]]:
        """Attributes of every trace as the browser has them, arrays as lists."""
        found = self.plot(view).js(
            """
            const at = (v, path) => path.split('.').reduce((w, k) => w == null ? w : w[k], v);
            const plain = (v) => ArrayBuffer.isView(v) ? Array.from(v) : v === undefined ? null : v;
            return gd._fullData.map(t => Object.fromEntries(arg.map(p => [p, plain(at(t, p))])));
            """,
            ["name", "type", "visible", *paths],
        )
        return list(found or [])

    def stacks(self) -> dict[str, dict[float, float]]:
        """Heights of the histogram's bars by their names: centre of the bin to count, empty bins left out."""
        return {
            trace["name"]: {x: y for x, y in zip(trace["x"], trace["y"], strict=True) if y}
            for trace in self.traces("histogram", "x", "y")
            if trace["type"] == "bar" and trace["visible"] is True
        }

    def bins(self, selected_only: bool = False) -> dict[float, float]:
        """Heights of whole bins of the histogram, empty ones left out."""
        total: dict[float, float] = {}
        for name, heights in self.stacks().items():
            if not (selected_only and name == REST):
                for center, height in heights.items():
                    total[center] = total.get(center, 0) + height
        return total

    def bar_tops(self, trace: int) -> dict[str, float]:
        """Height of each bar by name; trace 0 is the whole, 1 what is selected."""
        # Read at once: between two readings a picture may be painted.
        names, x, y = self.plot("bars").js(
            "const bars = gd._fullData[arg];"
            "return [gd._fullLayout.xaxis.ticktext, Array.from(bars.x), Array.from(bars.y)];",
            trace,
        )
        sums = np.bincount(np.array(x, dtype=int), weights=y, minlength=len(names))
        return dict(zip(names, sums.tolist(), strict=True))

    def headline(self) -> str:
        """What the page says is selected."""
        return self.page.locator(".selection-bar b[role=status]").inner_text()

    def chips(self) -> list[str]:
        """Texts of the predicates."""
        return self.page.locator(".selection-bar .MuiChip-label").all_inner_texts()

    def crumbs(self) -> list[str]:
        """The trail of the drilled hierarchy: buttons, or at the root its name alone."""
        texts = self.page.locator(".breadcrumb button, .breadcrumb b").all_inner_texts()
        return [text.removeprefix("›").strip() for text in texts]

    def hover_text(self, view: str) -> str:
        """Text of the label that Plotly shows at the mouse, its lines joined by blanks."""
        lines = self.plot(view).js(
            "return [...gd.querySelectorAll('.hoverlayer .hovertext text')].map("
            "t => t.querySelector('tspan') ? [...t.querySelectorAll('tspan.line')].map(l => l.textContent)"
            ".join(' ') || t.textContent : t.textContent);"
        )
        return " ".join(lines or [])

    def query(self) -> str:
        """Query of the address bar."""
        return urlsplit(self.page.url).query

    def outlined(self, view: str) -> int:
        """How many brushes are outlined in a picture."""
        return int(self.plot(view).js("return gd.querySelectorAll('.selectionlayer path').length;") or 0)

    def still(self, view: str) -> None:
        """Wait until an animated drill is over: clicks during it move nothing."""
        self.until(lambda: self.plot(view).js("return !gd._transitioning;") is True, f"{view} at rest")

    # -- from one test to the next ----------------------------------------------------------------

    def open(self, url: str) -> ExplorerPage:
        """Go to an address and wait until every picture is drawn."""
        self.page.goto(url)
        for view in DRAWN:
            self.plot(view).wait_drawn(FIRST_PAINT_S)
        return self

    def start_over(self) -> None:
        """Bring the page to how it opens: all choices, both theme and zoom, the mouse out of the way."""

        def reset() -> None:
            dashboard = self.dashboard
            for name, value in dashboard.state.snapshot().items():
                if value != dashboard.state.default(name):
                    dashboard.history.reset()
                    break
            dashboard.history.start_here()

        self.page.mouse.move(700, 4)
        self.do(reset)
        for view in DRAWN:
            self.plot(view).js(
                "const change = {};"
                " for (const k of Object.keys(gd._fullLayout)) if (/^[xy]axis\\d*$/.test(k)) {"
                "   const a = gd._fullLayout[k], r = a._rangeInitial0 === undefined ? null"
                "     : [a._rangeInitial0, a._rangeInitial1];"
                "   if (r && r[0] !== undefined && String(r) !== String(a.range)) change[k + '.range'] = r; }"
                " if (Object.keys(change).length) window.Plotly.relayout(gd, change); return true;"
            )
        self.until(lambda: not self.query(), "the address of the page as it opens")
        self.until(lambda: self.headline().startswith("142 countries"), "all countries")
        self.until(lambda: sum(self.bins().values()) == 142, "the histogram of all")
        self.page.evaluate("window.scrollTo(0, 0)")
