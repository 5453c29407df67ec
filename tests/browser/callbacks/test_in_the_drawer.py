"""The tab "Callbacks" under the hood of a dashboard: a brush lights the arrows it passed, and counts them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from dashboards.gapminder import GapminderExplorer
from dashboards.parts.theme import CATEGORICAL
from tests.browser.apps.dashboard_page import DashboardPage, dashboard_page

pytestmark = pytest.mark.browser

LIT = CATEGORICAL[3]
BRUSHED = "f:dashboards.parts.linked_explorer.LinkedExplorer._brushed_histogram"
FOLLOWED = "f:dashboards.parts.linked_explorer.LinkedExplorer._follow"
WAY = {
    ("stream:histogram.selected", BRUSHED),
    (BRUSHED, "p:state.selection"),
    ("p:state.selection", FOLLOWED),
    (FOLLOWED, "view:bars"),
    (FOLLOWED, "view:sunburst"),
}


@pytest.fixture
def explorer(browser: Browser, show: Callable[..., str]) -> Iterator[DashboardPage]:
    with dashboard_page(browser, show, GapminderExplorer) as page:
        yield page


def passed(page: DashboardPage) -> dict[tuple[str, str], tuple[int, str]]:
    """Ends of each arrow that was passed to its counter and its colour, as the browser has it."""
    found = page.plot("drawer-graph").js(
        "const t = gd.data[2]; return (t.customdata || []).map((ends, i) =>"
        " [ends, t.text[i], t.marker.line.color[i]]);"
    )
    return {
        (source, target): (int(text.split(" ")[0]), color) for (source, target), text, color in found or []
    }


def test_a_brush_is_followed_from_the_picture_to_the_pictures(explorer: DashboardPage) -> None:
    page = explorer.page
    page.get_by_role("button", name="Under the hood").click()
    page.get_by_role("tab", name="Callbacks").click()
    explorer.plot("drawer-graph").wait_drawn()
    explorer.rest()
    known = explorer.plot("drawer-graph").trace(0, "customdata")
    assert {"stream:histogram.selected", "p:state.selection", FOLLOWED} <= set(known)
    page.get_by_role("button", name="Count from nought").click()
    explorer.until(lambda: passed(explorer) == {}, "nothing counted")

    def seen() -> set[tuple[int, str]]:
        now = passed(explorer)
        return {now.get(arrow, (0, "")) for arrow in WAY}

    def brushed(times: int, low: float, high: float) -> None:
        explorer.plot("histogram").drag_box((low, high))
        explorer.until(lambda: seen() == {(times, LIT)}, "counted and lit")

    brushed(1, 40, 50)
    brushed(2, 60, 72)
    # What another event does not pass goes out again and keeps its count.
    page.get_by_role("button", name="One step back").click()
    explorer.until(lambda: passed(explorer)[FOLLOWED, "view:bars"] == (3, LIT), "the year, counted and lit")
    count, color = passed(explorer)[BRUSHED, "p:state.selection"]
    assert count == 2
    assert color != LIT
    assert " arrows · event " in page.locator(".graph-status [role=status]").inner_text()
    # The drawer is closed: nothing is traced any more.
    page.get_by_role("button", name="Under the hood").click()
    explorer.until(lambda: not explorer.shell._drawer._graph.live, "at rest")
