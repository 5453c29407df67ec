"""A hand on the mouse: finds Plotly pictures in the page, and drags, clicks and hovers at data coordinates.

For browser tests and benchmarks. Every wait is a poll with a limit; nothing sleeps for a fixed time but
the pause between two clicks, without which Plotly takes them for a double click.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Sequence
from typing import Any

from playwright.sync_api import Error, Page

PATIENCE_S = 60.0  # of a poll: what holds is seen at once, and a loaded machine may take its time.
DOUBLE_CLICK_PAUSE_MS = 350  # Plotly joins two clicks within 300 ms into one double click.
HOVER_TRIES = 10  # before a click: a place without a datum is clicked all the same
EDGE_PX = 2  # keep drags inside the plot area: the last pixels belong to the axis resize handles.

# Walks shadow roots, because Bokeh puts every model behind one; run before each page's own scripts.
DEEP_QUERY_JS = """
window.brushlinkDeep = (selector, root) => {
  const found = [], queue = [root || document];
  while (queue.length) {
    const node = queue.shift();
    if (node.querySelectorAll) {
      for (const element of node.querySelectorAll(selector)) found.push(element);
      for (const element of node.querySelectorAll('*')) {
        if (element.shadowRoot) queue.push(element.shadowRoot);
      }
    }
  }
  return found;
};
window.brushlinkPlot = (view, index) => {
  const gds = [];
  for (const host of view ? window.brushlinkDeep('.view-' + view) : [document]) {
    for (const root of [host.shadowRoot, host]) {
      if (!root) continue;
      for (const gd of window.brushlinkDeep('.js-plotly-plot', root)) if (!gds.includes(gd)) gds.push(gd);
    }
  }
  return gds[index || 0] || null;
};
"""

# A hidden page paints no frames.
TWO_FRAMES_JS = """() => new Promise(done => {
  setTimeout(done, 500)
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))
})"""


def painted(page: Page) -> None:
    """Wait for two frames of the page: what has arrived there is then on the screen."""
    with contextlib.suppress(Error):  # on its way to another address, or closed
        page.evaluate(TWO_FRAMES_JS)


def wait_until(
    page: Page, condition: Callable[[], Any], timeout: float = PATIENCE_S, message: str = ""
) -> Any:
    """Poll `condition` until it is truthy (or, when it asserts, until it passes), and return its value.

    What goes with it, in the other pictures say, gets two frames to be painted.

    Parameters
    ----------
    page : Page
        Its event loop runs while we wait, so that events keep arriving.
    condition : callable
        May raise AssertionError; the last one is shown when time is up.
    timeout : float
        Seconds.
    message : str
        What we were waiting for, shown when time is up.

    Raises
    ------
    AssertionError
        When the condition did not hold within `timeout` seconds.
    """
    deadline = time.monotonic() + timeout
    problem: AssertionError | None = None
    value: Any = None
    while True:
        try:
            value, problem = condition(), None
        except AssertionError as error:
            problem = error
        else:
            if value is None or value is True or (value is not False and value):
                painted(page)
                return value
        if time.monotonic() > deadline:
            raise AssertionError(
                f"not within {timeout:g} s: {message or 'condition'} (last value {value!r})"
            ) from problem
        page.wait_for_timeout(30)


class Plot:
    """One Plotly picture in a page, found by the class ``view-<name>`` of its LinkedPlotly.

    Parameters
    ----------
    page : Page
        Playwright page whose context has `DEEP_QUERY_JS` as init script.
    view : str
        Name of the view; "" takes any picture of the page.
    index : int
        Which of several.
    """

    def __init__(self, page: Page, view: str = "", index: int = 0) -> None:
        self.page = page
        self.view = view
        self.index = index

    # -- looking ----------------------------------------------------------------------------------

    def js(self, body: str, argument: Any = None) -> Any:
        """Value of a JavaScript function body in which `gd` is the picture's div and `arg` the argument."""
        return self.page.evaluate(
            "([view, index, arg]) => { const gd = window.brushlinkPlot(view, index);"
            " if (!gd) return null; " + body + " }",
            [self.view, self.index, argument],
        )

    def wait_drawn(self, timeout: float = PATIENCE_S) -> Plot:
        """Wait until the picture has axes or sectors and a size; return self."""
        wait_until(
            self.page,
            lambda: (
                self.js(
                    "return !!(gd._fullLayout && gd._fullData && gd.querySelector('.main-svg')"
                    " && gd.getBoundingClientRect().width > 20 && gd._fullLayout.width > 20);"
                )
                is True
            ),
            timeout,
            f"view {self.view or '(any)'} drawn",
        )
        return self

    def trace(self, index: int, path: str, full: bool = False) -> Any:
        """Value of an attribute of a trace as the browser has it, e.g. ``trace(0, "marker.color")``."""
        return self.js(
            "let v = (arg[2] ? gd._fullData : gd.data)[arg[0]];"
            " for (const k of arg[1].split('.')) { if (v == null) return null; v = v[k]; }"
            " return ArrayBuffer.isView(v) ? Array.from(v) : v;",
            [index, path, full],
        )

    def layout(self, path: str) -> Any:
        """Value of an attribute of the full layout as the browser has it, e.g. ``layout("xaxis.range")``."""
        return self.js(
            "let v = gd._fullLayout;"
            " for (const k of arg.split('.')) { if (v == null) return null; v = v[k]; } return v;",
            path,
        )

    def texts(self, selector: str) -> list[str]:
        """Text of every element inside the picture that matches a CSS selector, in document order."""
        found = self.js("return [...gd.querySelectorAll(arg)].map(e => e.textContent);", selector)
        return list(found or [])

    def px(self, x: Any, y: Any, xaxis: str = "xaxis", yaxis: str = "yaxis") -> tuple[float, float]:
        """Page pixel of a data position (category names, dates and logarithmic axes too).

        The picture is scrolled into view first when it is not.
        """
        position = self.js(
            """
            const r0 = gd.getBoundingClientRect();
            if (r0.top < 0 || r0.bottom > window.innerHeight) gd.scrollIntoView({block: 'center'});
            const r = gd.getBoundingClientRect(), full = gd._fullLayout;
            const xa = full[arg[2]], ya = full[arg[3]];
            return [r.left + xa._offset + xa.d2p(arg[0]), r.top + ya._offset + ya.d2p(arg[1])];
            """,
            [x, y, xaxis, yaxis],
        )
        assert position is not None, f"no picture {self.view!r} in the page"
        return float(position[0]), float(position[1])

    def box_of(self, selector: str, index: int = 0) -> dict[str, float]:
        """Bounding box (x, y, width, height in page px) of an element inside the picture."""
        box = self.js(
            """
            const r0 = gd.getBoundingClientRect();
            if (r0.top < 0 || r0.bottom > window.innerHeight) gd.scrollIntoView({block: 'center'});
            const e = gd.querySelectorAll(arg[0])[arg[1]]; if (!e) return null;
            const r = e.getBoundingClientRect();
            return {x: r.left, y: r.top, width: r.width, height: r.height};
            """,
            [selector, index],
        )
        assert box is not None, f"no element {selector!r} number {index} in view {self.view!r}"
        return dict(box)

    # -- acting -----------------------------------------------------------------------------------

    def set_dragmode(self, mode: str) -> None:
        """Choose a drag mode: zoom, pan, select, lasso, drawrect, eraseshape, …."""
        self.js("window.Plotly.relayout(gd, {dragmode: arg});", mode)
        wait_until(self.page, lambda: self.layout("dragmode") == mode, message=f"dragmode {mode}")

    def drag(self, start: tuple[float, float], stop: tuple[float, float], steps: int = 8) -> None:
        """Press at one page pixel, move, release at another."""
        self.drag_path([start, stop], steps)

    def drag_path(self, points: Sequence[tuple[float, float]], steps: int = 4) -> None:
        """Press at the first page pixel, move along the others, release at the last."""
        self._calm()
        mouse = self.page.mouse
        mouse.move(*points[0])
        mouse.down()
        for point in points[1:]:
            mouse.move(*point, steps=steps)
        mouse.up()
        self._stamp()

    def drag_box(
        self,
        x: tuple[Any, Any],
        y: tuple[Any, Any] | None = None,
        xaxis: str = "xaxis",
        yaxis: str = "yaxis",
        steps: int = 8,
    ) -> None:
        """Drag a box in data coordinates; without `y` over (nearly) the whole height of the subplot."""
        if y is None:
            low, high = self._edge_values(yaxis)
        else:
            low, high = y
        self.drag(self.px(x[0], low, xaxis, yaxis), self.px(x[1], high, xaxis, yaxis), steps)

    def lasso(
        self, vertices: Sequence[tuple[Any, Any]], xaxis: str = "xaxis", yaxis: str = "yaxis", steps: int = 3
    ) -> None:
        """Drag a closed line through vertices given in data coordinates."""
        points = [self.px(x, y, xaxis, yaxis) for x, y in vertices]
        self.drag_path([*points, points[0]], steps)

    def circle(
        self, center: tuple[float, float], radius_px: float, count: int = 16
    ) -> list[tuple[float, float]]:
        """Page pixels of a closed circle around a page pixel, to be given to `drag_path`."""
        return [
            (
                center[0] + radius_px * math.cos(2 * math.pi * i / count),
                center[1] + radius_px * math.sin(2 * math.pi * i / count),
            )
            for i in range(count + 1)
        ]

    def hover_px(self, position: tuple[float, float]) -> None:
        """Move the mouse to a page pixel, the last bit slowly, as Plotly needs a move inside the subplot."""
        self.page.mouse.move(position[0] - 3, position[1] - 3)
        self.page.mouse.move(*position, steps=3)

    def hover(self, x: Any, y: Any, xaxis: str = "xaxis", yaxis: str = "yaxis") -> None:
        """Hover a data position."""
        self.hover_px(self.px(x, y, xaxis, yaxis))

    def click_px(self, position: tuple[float, float], double: bool = False) -> None:
        """Click (or double-click) a page pixel, after hovering it."""
        self._calm()
        self.hover_px(position)
        # Plotly clicks what it has hovered; it throttles hovering to once per frame or so.
        self.page.evaluate("() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))")
        # A click of count 2 is both clicks of a double click.
        self.page.mouse.click(*position, click_count=2 if double else 1)
        self._stamp()

    def click_point(
        self, x: Any, y: Any, xaxis: str = "xaxis", yaxis: str = "yaxis", double: bool = False
    ) -> None:
        """Click a data position: the middle of a bar, a marker."""
        self.click_datum_px(self.px(x, y, xaxis, yaxis), double)

    def click_datum_px(self, position: tuple[float, float], double: bool = False) -> None:
        """Click a page pixel where a datum is drawn."""
        # Plotly clicks what it has hovered, and forgets that when it paints: a hand waits for the label.
        for _ in range(HOVER_TRIES):
            self.hover_px(position)
            painted(self.page)
            if self.js("return (gd._hoverdata || []).length;"):
                break
            self.page.wait_for_timeout(100)
        self.click_px(position, double)

    def legend_click(self, name: str, double: bool = False) -> None:
        """Click (or double-click) an entry of the legend by its text."""
        names = self.texts(".legend .traces .legendtext")
        assert name in names, f"legend has {names}, not {name!r}"
        box = self.box_of(".legend .traces .legendtoggle", names.index(name))
        self.click_px((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2), double)

    def click_sector(self, label: str) -> None:
        """Click a sector of a sunburst or treemap by its label (its first line of text)."""
        position = self.js(
            """
            const r0 = gd.getBoundingClientRect();
            if (r0.top < 0 || r0.bottom > window.innerHeight) gd.scrollIntoView({block: 'center'});
            for (const g of gd.querySelectorAll('g.slice')) {
              const data = g.__data__ && g.__data__.data && g.__data__.data.data;
              if (!data || (data.label !== arg && data.id !== arg)) continue;
              const path = g.querySelector('path.surface') || g.querySelector('path');
              if (!path) continue;
              const b = path.getBoundingClientRect();
              // A ring sector's middle is not always inside the sector: try a grid for a pixel that hits it.
              const root = gd.getRootNode();
              const grid = [0.5, 0.35, 0.65, 0.2, 0.8, 0.1, 0.9];
              for (const f of grid) for (const e of grid) {
                const x = b.left + b.width * f, y = b.top + b.height * e;
                const hit = root.elementFromPoint(x, y);
                if (hit && g.contains(hit)) return [x, y];
              }
            }
            return null;
            """,
            label,
        )
        assert position is not None, f"no sector {label!r} can be hit in view {self.view!r}"
        self.click_px((float(position[0]), float(position[1])))

    # -- inside -----------------------------------------------------------------------------------

    def _edge_values(self, yaxis: str) -> tuple[Any, Any]:
        values = self.js(
            "const a = gd._fullLayout[arg[0]]; return [a.p2d(a._length - arg[1]), a.p2d(arg[1])];",
            [yaxis, EDGE_PX],
        )
        return values[0], values[1]

    def _calm(self) -> None:
        last = getattr(self.page, "_brushlink_last_click", 0.0)
        remaining = DOUBLE_CLICK_PAUSE_MS - (time.monotonic() - last) * 1000
        if remaining > 0:
            self.page.wait_for_timeout(remaining)

    def _stamp(self) -> None:
        self.page._brushlink_last_click = time.monotonic()  # type: ignore[attr-defined]


def settled(plot: Plot) -> None:
    """Wait until an animated drill is over: clicks during it move nothing."""
    wait_until(plot.page, lambda: plot.js("return !gd._transitioning;") is True, message="animation over")


def in_session(view: Any, action: Callable[[], Any]) -> None:
    """Run something as a callback of the page's session would.

    Parameters
    ----------
    view : LinkedPlotly or Panel pane
        Shown on one page.
    action : callable
        Called with the session's document locked, in the server's thread.
    """
    pane = getattr(view, "pane", view)
    ((model, _),) = pane._models.values()
    model.document.add_next_tick_callback(action)
