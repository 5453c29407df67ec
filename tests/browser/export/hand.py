"""What a hand does in a saved file, and what is painted there; for its tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from dashboards.parts.linked_explorer import LinkedExplorer
from data_sources import Selection
from tests.browser.driver import DOUBLE_CLICK_PAUSE_MS, painted, wait_until
from tests.browser.export.same_numbers import figures

POSITION = """([name, x, y, number]) => {
  const gd = brushlink.page.plots[name], {left, top} = gd.getBoundingClientRect(), layout = gd._fullLayout
  const xaxis = layout[`xaxis${number}`], yaxis = layout[`yaxis${number}`]
  return [left + xaxis._offset + xaxis.d2p(x), top + yaxis._offset + yaxis.d2p(y)]
}"""
# What the pictures show, read off the figures that Plotly has drawn, not off our own book-keeping.
PAINTED = """() => Object.fromEntries(Object.entries(brushlink.page.plots).map(([name, gd]) => [name, {
  title: gd._fullLayout.title.text,
  traces: gd.data.map((trace) => ({
    y: trace.y ? Array.from(trace.y, (v) => Number.isFinite(v) ? v : null) : [],
    colors: Array.from(trace.marker?.colors ?? []),
    picked: Array.from(trace.selectedpoints ?? []),
  })),
}]))"""
STATE = "() => brushlink.page.links.state"


class Hand:
    """A hand over an explorer in a saved file, beside the same explorer in Python."""

    def __init__(self, page: Page, explorer: LinkedExplorer) -> None:
        self.page = page
        self.explorer = explorer

    def at(self, view: str, x: float, y: float, number: str = "") -> tuple[float, float]:
        self.page.locator(f".view-{view}").scroll_into_view_if_needed()
        left, top = self.page.evaluate(POSITION, [view, x, y, number])
        return float(left), float(top)

    def click(self, view: str, x: float, y: float) -> None:
        self._press(*self.at(view, x, y))

    def _press(self, x: float, y: float) -> None:
        """Click as a hand does: it comes, rests, presses, and is no double click with the one before."""
        self.page.mouse.move(x - 3, y - 3)
        self.page.mouse.move(x, y, steps=3)
        self.page.wait_for_timeout(DOUBLE_CLICK_PAUSE_MS)
        painted(self.page)
        self.page.mouse.click(x, y)

    def drag(
        self, view: str, start: tuple[float, float], stop: tuple[float, float], number: str = ""
    ) -> None:
        begin = self.at(view, *start, number)
        end = self.page.evaluate(POSITION, [view, *stop, number])
        self.page.mouse.move(*begin)
        self.page.mouse.down()
        for part in (0.3, 0.7, 1.0):
            self.page.mouse.move(*(a + part * (b - a) for a, b in zip(begin, end, strict=True)))
        self.page.mouse.up()

    def sector(self, view: str, text: str) -> None:
        label = self.page.locator(f".view-{view} g.slicetext", has_text=text).first
        label.scroll_into_view_if_needed()
        box = label.bounding_box()
        assert box is not None
        self._press(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def legend(self, view: str, place: int) -> None:
        """Click an entry of a legend."""
        entry = self.page.locator(f".view-{view} .legendtoggle").nth(place)
        entry.scroll_into_view_if_needed()
        box = entry.bounding_box()
        assert box is not None
        self._press(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def state(self) -> Any:
        return self.page.evaluate(STATE)

    def selection(self) -> Selection:
        return Selection.from_json(dict(self.state()["selection"]))

    def until(self, met: Callable[[Selection], bool]) -> Selection:
        """Wait until the selection is as it should be; then all pictures must be those of Python."""

        def check() -> None:
            assert met(self.selection()), self.selection()

        wait_until(self.page, check, message="the selection")
        self.compare()
        return self.selection()

    def compare(self) -> None:
        state, told = self.explorer.state, self.state()
        time = state.param["time"].objects[told["moment"]]
        state.param.update(time=time, selection=self.selection())
        painted = self.page.evaluate(PAINTED)
        for name, figure in figures(self.explorer).items():
            shown = painted[name]
            assert shown["title"] == figure["layout"]["title"]["text"], name
            assert len(shown["traces"]) == len(figure["data"]), name
            for trace, wanted in zip(shown["traces"], figure["data"], strict=True):
                assert trace["y"] == wanted.get("y", []), (name, wanted.get("uid"))
                assert trace["colors"] == wanted.get("marker", {}).get("colors", []), name
                if name in ("map", "bars"):
                    assert trace["picked"] == wanted.get("selectedpoints", []), name
