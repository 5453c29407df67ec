"""A page with a stopwatch: when its pictures are painted, how it answers brushes; for benchmarks.

Nothing sleeps and nothing is guessed: each picture's elements are observed, and a change counts when the
frame that shows it is over.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import VIEWPORT, watch
from tests.browser.driver import DEEP_QUERY_JS, Plot, wait_until

__all__ = ["Answer", "ClockedPage", "cpu_ms", "new_visitor"]

# No picture has changed for so long: the page is at rest.
QUIET_MS = 450
TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Answer:
    """How a page answered one brush.

    Attributes
    ----------
    low, high : float
        The ends of the brush as the browser has them.
    ms : float
        From the release of the mouse to the frame after which no picture changed any more.
    views : dict of str to float
        The same for each picture.
    bytes : int
        Over the websocket, both ways.
    server_ms : float
        From the message with the brush to the last message with an answer: the server's work and the way.
    browser_cpu_ms, server_cpu_ms : float
        Work of all processes of the browser and of the server's, which hardly grow when other programs keep
        the machine busy. NaN where the system does not tell.
    plotly_ms : dict of str to float
        Spent inside Plotly's own calls, a picture.
    """

    low: float
    high: float
    ms: float
    views: dict[str, float]
    bytes: int
    server_ms: float
    browser_cpu_ms: float
    server_cpu_ms: float
    plotly_ms: dict[str, float]


def new_visitor(browser: Browser) -> BrowserContext:
    """Return a fresh context, with an empty cache and with the stopwatch in each of its pages."""
    context = browser.new_context(viewport=VIEWPORT)
    context.set_default_timeout(TIMEOUT_S * 1000)
    context.add_init_script(DEEP_QUERY_JS)
    context.add_init_script(Path(__file__).with_name("page_clock.js").read_text(encoding="utf-8"))
    return context


def cpu_ms(process: int) -> float:
    """Return the work of a process since it began; NaN where there is no /proc."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return math.nan
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class ClockedPage:
    """A page whose pictures are watched.

    Parameters
    ----------
    context : BrowserContext
        From `new_visitor`.
    url : str
    names : sequence of str
        The views; the first is the one that is brushed.
    server : int
        Process that serves it.
    """

    def __init__(self, context: BrowserContext, url: str, names: Sequence[str], server: int) -> None:
        self.url = url
        self.server = server
        self.names = list(names)
        self.faults: list[str] = []
        self.page: Page = context.new_page()
        # After the init scripts of the context, in the same document: watches from the first element on.
        self.page.add_init_script(f"window.brushClock.watch({self.names!r});")
        watch(self.page, self.faults)
        assert context.browser is not None
        self._probe = context.browser.new_browser_cdp_session()

    def open(self) -> dict[str, float]:
        """Go to the address; return the milliseconds until each picture was painted for the last time."""
        self.page.goto(self.url, wait_until="commit")
        return self._rest()["painted"]

    def reload(self) -> dict[str, float]:
        """Load the page again, with what the browser has kept; return as `open` does."""
        self.page.reload(wait_until="commit")
        return self._rest()["painted"]

    def on_first_screen(self) -> list[str]:
        """Return the pictures that are on the screen, at least in part, without scrolling."""
        return list(self.page.evaluate("() => window.brushClock.first()"))

    def brush(self, low: float, high: float) -> Answer:
        """Drag a range in the first picture and wait until every picture has answered."""
        self.page.evaluate("() => window.brushClock.reset()")
        browser_before, server_before = self.browser_cpu_ms(), cpu_ms(self.server)
        Plot(self.page, self.names[0]).drag_box((low, high), steps=4)
        clock = self._rest(after_brush=True)
        # What came before the release of the mouse (hovering, the drag itself) belongs to the brush as well.
        frames = clock["frames"]
        sent = [at for at, up, _, kind in frames if up and kind == "PATCH-DOC" and at >= clock["up"]]
        came = [at for at, up, _, kind in frames if not up and kind == "PATCH-DOC" and sent and at >= sent[0]]
        views = {name: at - clock["up"] for name, at in clock["painted"].items()}
        return Answer(
            low=min(clock["range"]),
            high=max(clock["range"]),
            ms=max(views.values()),
            views=views,
            bytes=sum(size for _, _, size, _ in frames),
            server_ms=max(came) - sent[0] if came else float("nan"),
            browser_cpu_ms=self.browser_cpu_ms() - browser_before,
            server_cpu_ms=cpu_ms(self.server) - server_before,
            plotly_ms=clock["spent"],
        )

    def browser_cpu_ms(self) -> float:
        """Return the work of the browser since it began; of its pages only one is in use at a time."""
        processes = self._probe.send("SystemInfo.getProcessInfo")["processInfo"]
        return 1000 * sum(float(process["cpuTime"]) for process in processes)

    def value(self, view: str, body: str) -> Any:
        """Return the value of a JavaScript function body with `gd`, the picture of a view."""
        return Plot(self.page, view).js(body)

    def _rest(self, after_brush: bool = False) -> dict[str, Any]:
        """Wait until every picture is painted and none changes any more; return what the stopwatch says."""

        def rested() -> Any:
            return self.page.evaluate(
                "([quiet, brushed]) => window.brushClock && window.brushClock.rest(quiet, brushed)",
                [QUIET_MS, after_brush],
            )

        holder: dict[str, Any] = {}

        def ask() -> bool:
            holder["clock"] = rested()
            return holder["clock"] is not None

        wait_until(self.page, ask, TIMEOUT_S, f"every picture of {self.url} painted")
        assert not self.faults, f"{self.url} complained: {self.faults}"
        return dict(holder["clock"])
