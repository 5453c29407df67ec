"""The map in a real Chromium: a step of the year over countries and over 3,000 polygons, and a lasso.

The reference is measured in the same run: ``px.choropleth`` built anew and assigned to a plain pane, with the
linked figures. Run ``python -m benchmarks worldmap`` or ``python -m benchmarks.bench_worldmap [steps]``.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, Route, sync_playwright

from benchmarks import worldmap_pages as pages
from benchmarks.bench_patch import CLOCK_JS
from benchmarks.report import Row, print_table
from dashboards.parts.budget import measure as weigh
from dashboards.worldmap import WorldMap
from data_sources.boundaries import world_topology
from tests.browser.conftest import AppServer, launch_chromium
from tests.browser.driver import DEEP_QUERY_JS, Plot, wait_until

STEPS = 10
LASSOS = 12
WARM_UP = 2
QUIET_MS = 500
LINKED = ("histogram", "ranking", "lines")
PLACES = (
    [(-20, 20), (-8, 36), (30, 34), (52, 12), (40, -25), (18, -36), (5, 2)],
    [(-82, 8), (-60, 12), (-34, -6), (-50, -30), (-70, -55), (-80, -20)],
)

# What a picture shows, in short: the sum of all its numbers, bright or dimmed.
NUMBERS_JS = """
() => { window.benchNumbers = (name) => {
  const gd = window.brushlinkPlot(name);
  const sum = (cd) => cd.reduce((all, d) => all + (d.z || 0) + (d.s || 0) + (d.y || 0), 0);
  return gd.calcdata.map((cd) => sum(cd).toPrecision(12)).join();
}; }
"""


class Clocked:
    """A page whose pictures are watched: how long an action takes until they are painted, what it sends."""

    def __init__(self, browser: Browser, server: AppServer, builder: Callable[[], Any]) -> None:
        context = browser.new_context(viewport={"width": 1400, "height": 1000})
        context.set_default_timeout(60_000)
        context.add_init_script(DEEP_QUERY_JS)
        self.page: Page = context.new_page()
        self.bytes = 0
        self.page.on("websocket", self._watch)
        self.page.route("**/world_110m.json", _outlines)
        server.builder = builder
        self.page.goto(server.url)
        for name in pages.NAMES:
            Plot(self.page, name).wait_drawn(90)
        drawn = "return gd.querySelectorAll('.choroplethlayer path').length > 20;"
        wait_until(self.page, lambda: Plot(self.page, "map").js(drawn), 90, "the map")
        self.page.wait_for_timeout(1500)  # late resizes
        self.page.evaluate(CLOCK_JS, list(pages.NAMES))
        self.page.evaluate(NUMBERS_JS)
        # A key as well as a mouse starts the clock.
        self.page.evaluate(
            "() => window.addEventListener('keydown', () => { Object.assign(window.bench,"
            " {up: performance.now(), last: {}, painted: {}}); }, true)"
        )

    def _numbers(self, name: str) -> str:
        return str(self.page.evaluate("(name) => window.benchNumbers(name)", name))

    def _watch(self, socket: Any) -> None:
        def count(payload: str | bytes) -> None:
            self.bytes += len(payload)

        socket.on("framereceived", count)
        socket.on("framesent", count)

    def answer(self, act: Callable[[], None], views: Sequence[str]) -> tuple[float, int]:
        """Return milliseconds from the end of an action to the painted views, and the bytes it sent.

        The views must show other numbers than before, so that what is painted is the answer.
        """
        shown = {name: self._numbers(name) for name in views}
        self.page.evaluate(
            "(shown) => Object.assign(window.bench, {up: 0, last: {}, painted: {}, shown})", shown
        )
        before = self.bytes
        act()
        ms = wait_until(
            self.page,
            lambda: self.page.evaluate(
                "([quiet, views]) => { const b = window.bench;"
                " if (!b.up || !views.every((n) => b.last[n] && b.painted[n] >= b.last[n])) return 0;"
                " if (views.some((n) => window.benchNumbers(n) === b.shown[n])) return 0;"
                " const end = Math.max(...Object.values(b.painted));"
                " return performance.now() - end > quiet ? end - b.up : 0; }",
                [QUIET_MS, list(views)],
            ),
            60,
            f"{views} painted",
        )
        for name in views:
            assert self._numbers(name) != shown[name], f"{name} shows what it showed before"
        return float(ms), self.bytes - before

    def step(self) -> tuple[float, int]:
        """Go back one year by hand: the button of ours, the arrow key of a plain slider."""
        button = self.page.get_by_role("button", name="One step back")
        if button.count():
            return self.answer(button.click, ("map",))
        self.page.locator(".noUi-handle").focus()
        return self.answer(lambda: self.page.keyboard.press("ArrowLeft"), ("map",))

    def lasso(self, corners: Sequence[tuple[float, float]]) -> tuple[float, int]:
        """Draw a line around places of the map."""
        plot = Plot(self.page, "map")
        line = plot.js(
            "const r = gd.getBoundingClientRect(), p = gd._fullLayout.geo._subplot.projection;"
            " return arg.map((place) => { const [x, y] = p(place); return [r.left + x, r.top + y]; });",
            [list(corner) for corner in (*corners, corners[0])],
        )
        return self.answer(lambda: plot.drag_path([tuple(point) for point in line]), LINKED)

    def close(self) -> None:
        """Leave the page."""
        self.page.context.close()


def _outlines(route: Route) -> None:
    route.fulfill(body=gzip.decompress(world_topology()), content_type="application/json")


def measure(
    browser: Browser, server: AppServer, builder: Callable[[], Any], count: int, lassos: bool = False
) -> np.ndarray:
    """Return (milliseconds, bytes) of each step or lasso after a warm-up: float, shape (count, 2)."""
    page = Clocked(browser, server, builder)
    found = [page.lasso(PLACES[n % 2]) if lassos else page.step() for n in range(count + WARM_UP)]
    page.close()
    return np.array(found[WARM_UP:], dtype=float)


def rows(ours: np.ndarray, plain: np.ndarray, aim: float | None = None) -> list[Row]:
    """Return the lines of a table.

    Our page also answers with a rug, titles and a list of rows, which the plain one has not: the bytes of
    both are told without an aim. Panel does not send the shapes again either, but plotly.js draws them anew.
    """
    return [
        Row("p50", *(float(np.percentile(one[:, 0], 50)) for one in (ours, plain)), aim=aim),
        Row("p95", *(float(np.percentile(one[:, 0], 95)) for one in (ours, plain)), aim=aim and aim * 0.75),
        Row("over the websocket", *(float(np.median(one[:, 1])) for one in (ours, plain)), "B"),
    ]


def map_alone() -> list[Row]:
    """Return what a step of the year sends for the map itself, next to its values as text."""
    found = []
    for what, dashboard in (("142 countries", WorldMap()), (f"{pages.REGIONS:,} polygons", pages.fields())):
        patched: list[int] = []
        view = dashboard.views["map"]
        view.patch = lambda traces, layout, patched=patched: patched.append(weigh([traces, layout]))
        times = dashboard.state.param.time.objects
        dashboard.state.time = times[-2]
        shown = dashboard.state.now.numbers(dashboard.state.measure)
        found.append(Row(what, patched[0], len(json.dumps(shown.tolist())), "B"))
    return found


def main(steps: int) -> int:
    """Run both ways and print the comparison; 1 if an aim was missed."""
    server = AppServer()
    with sync_playwright() as playwright:
        chromium = launch_chromium(playwright)
        found = {
            name: measure(chromium, server, builder, count, lassos)
            for name, builder, count, lassos in (
                ("ours", pages.ours, min(steps, 9), False),
                ("plain", pages.plain_world, min(steps, 9), False),
                ("ours, many", pages.fields_page, min(steps, 9), False),
                ("plain, many", pages.plain_fields, min(steps, 9), False),
                ("ours, lasso", pages.ours, LASSOS, True),
                ("plain, lasso", pages.plain_world, LASSOS, True),
            )
        }
        chromium.close()
    server.stop()
    good = [
        print_table(
            f"A step of the year over {place}, to the repainted map and all that is linked",
            rows(found[f"ours{many}"], found[f"plain{many}"], aim=2.0),
        )
        for place, many in (("142 countries", ""), (f"{pages.REGIONS:,} polygons", ", many"))
    ]
    good.append(
        print_table(
            "What a step of the year sends for the map alone, next to its values as text", map_alone()
        )
    )
    lassos = rows(found["ours, lasso"], found["plain, lasso"])
    good.append(print_table("Mouse-up of a lasso to histogram, ranking and time lines repainted", lassos))
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else STEPS))
