"""A hand on the page of the world map, and an eye on what it shows; for its browser tests."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import panel as pn
import plotly.data
from playwright.sync_api import Page

from dashboards.parts.map_state import MapState
from dashboards.parts.shell import make_page
from dashboards.worldmap import DRAWN, WorldMap
from tests.browser.driver import PATIENCE_S, Plot, wait_until
from tests.browser.shared_page import run_in

__all__ = ["GAPMINDER", "LATEST", "MapPage", "Visit", "map_app"]

# The oracle: Plotly's own copy, read by pandas, without any of our code.
GAPMINDER = plotly.data.gapminder()
LATEST = GAPMINDER[GAPMINDER.year == 2007].reset_index(drop=True)
FIRST_PAINT_S = 90.0


class Visit:
    """One visitor's page: the dashboard and the document it lives in."""

    def __init__(self, **given: Any) -> None:
        self.shell = make_page(lambda: WorldMap(**given))
        self.dashboard = self.shell.dashboard
        self.document = pn.state.curdoc


def map_app(visits: list[Visit], **given: Any) -> Callable[[], Any]:
    """Return a function that builds the page for a visitor, and notes the visit."""

    def app() -> Any:
        visits.append(Visit(**given))
        return visits[-1].shell.page

    return app


class MapPage:
    """A visitor's page with the objects behind it."""

    def __init__(self, page: Page, visits: list[Visit]) -> None:
        self.page = page
        self._visits = visits
        self.faults: list[str] = []

    # -- what Python knows

    @property
    def dashboard(self) -> WorldMap:
        return self._visits[-1].dashboard

    @property
    def state(self) -> MapState:
        return self.dashboard.state

    def countries(self) -> list[str]:
        """Names of the selected rows, sorted."""
        return sorted(self.dashboard.selected[self.state.located.column])

    def do(self, action: Callable[[], Any]) -> None:
        """Run something in the session, as a callback of it would, and wait until it has run."""
        run_in(self._visits[-1].document, self.page, action)

    def choose(self, **choices: Any) -> None:
        """Set choices from Python, as the controls do."""
        self.do(lambda: self.state.param.update(**choices))

    # -- what the browser shows

    def plot(self, view: str = "map") -> Plot:
        return Plot(self.page, view)

    def until(self, condition: Callable[[], Any], message: str = "", timeout: float = PATIENCE_S) -> Any:
        return wait_until(self.page, condition, timeout, message)

    def headline(self) -> str:
        return self.page.locator(".selection-bar b[role=status]").inner_text()

    def title(self, view: str = "map") -> str:
        return "".join(self.plot(view).texts(".gtitle"))

    def painted(self) -> list[dict[str, Any]]:
        """Every region and dot on the map as it is painted: its name, fill and opacity."""
        found = self.plot().js(
            """
            const out = [];
            for (const place of [0, 1]) {
              const group = gd.calcdata[place][0].node3, shapes = '.choroplethlocation, .point';
              for (const element of group ? group.node().querySelectorAll(shapes) : []) {
                const {fill, opacity} = getComputedStyle(element), d = element.getAttribute('d').length;
                out.push({name: element.__data__.htx, fill, opacity: +opacity, d});
              }
            }
            return out;
            """
        )
        return list(found or [])

    def bright(self) -> list[str]:
        """Names of the regions and dots in full colour, sorted; entities as Plotly paints them."""
        return sorted(html.unescape(one["name"]) for one in self.painted() if one["opacity"] > 0.9)

    def bins(self) -> dict[str, float]:
        """Sums of the histogram's bars: "selected" and "rest"."""
        traces = self.plot("histogram").js(
            "return gd._fullData.filter(t => t.type === 'bar')"
            ".map(t => [t.name, Array.from(t.y).reduce((a, b) => a + b, 0)]);"
        )
        rest = sum(total for name, total in traces if name == "not selected")
        return {"selected": sum(total for _, total in traces) - rest, "rest": rest}

    def bars(self) -> list[float]:
        """Heights of the coloured bars of the ranking, in their order."""
        heights = self.plot("ranking").js("return Array.from(gd.data[0].y);")
        return [height for height in heights if height is not None and height == height]

    def outline(self) -> list[list[float]]:
        """Corners of the lasso on the map; a single place when there is none."""
        lon, lat = self.plot().js("return [Array.from(gd.data[2].lon), Array.from(gd.data[2].lat)];")
        return [list(corner) for corner in zip(lon, lat, strict=True)]

    def outline_px(self) -> float:
        """Width of the painted outline."""
        return float(self.plot().js(
            "return gd.calcdata[2][0].node3.select('path.js-line').node().getBoundingClientRect().width;"
        ))  # fmt: skip

    def query(self) -> str:
        return urlsplit(self.page.url).query

    # -- the hand

    def pixel(self, lon: float, lat: float) -> tuple[float, float]:
        """Page pixel of a place on the map; the map is scrolled into view first."""
        x, y = self.plot().js(
            "const r0 = gd.getBoundingClientRect();"
            " if (r0.top < 0 || r0.bottom > window.innerHeight) gd.scrollIntoView({block: 'center'});"
            " const r = gd.getBoundingClientRect(), p = gd._fullLayout.geo._subplot.projection(arg);"
            " return [r.left + p[0], r.top + p[1]];",
            [lon, lat],
        )
        return float(x), float(y)

    def lasso(self, corners: Sequence[tuple[float, float]]) -> None:
        """Drag a line around places of the map."""
        self.plot().drag_path([self.pixel(*corner) for corner in [*corners, corners[0]]], steps=5)

    def box(self, west: float, north: float, east: float, south: float) -> None:
        """Drag a box over the map, by the tool for it."""
        self.plot().set_dragmode("select")
        self.plot().drag(self.pixel(west, north), self.pixel(east, south))

    def click(self, lon: float, lat: float, **how: Any) -> None:
        """Click a place on the map."""
        self.plot().click_datum_px(self.pixel(lon, lat), **how)

    # -- from one test to the next

    def open(self, url: str) -> MapPage:
        self.page.goto(url)
        for view in DRAWN:
            self.plot(view).wait_drawn(FIRST_PAINT_S)
        self.until(lambda: len(self.painted()) > 10, "shapes and dots", FIRST_PAINT_S)
        return self

    def start_over(self) -> None:
        """Bring the page to how it opens."""

        def reset() -> None:
            dashboard = self.dashboard
            if any(
                value != dashboard.state.default(name) for name, value in dashboard.state.snapshot().items()
            ):
                dashboard.history.reset()
            dashboard.history.start_here()

        self.page.mouse.move(700, 4)
        self.do(reset)
        self.until(lambda: not self.query(), "the address of the page as it opens")
        self.until(lambda: self.headline().startswith("142 countries"), "all countries")
        self.until(lambda: len(self.bright()) == 142, "everything in full colour")
        if self.plot().layout("dragmode") != "lasso":
            self.plot().set_dragmode("lasso")
        self.page.evaluate("window.scrollTo(0, 0)")
