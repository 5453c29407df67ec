"""Each key reaches Python and comes back as the title; the graph shows that one callback, and counts it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from dashboards.callbacks import CallbackGraph
from tests.browser.apps.dashboard_page import DashboardPage, dashboard_page
from tests.browser.conftest import AppServer

pytestmark = pytest.mark.browser

TEXT, CALLBACK, TITLE = "w:_text", "f:dashboards.parts.hello_world.title_of", "o:_title"
# Every title that was put on the page from now on, also one that the next replaced before it was painted.
WATCH_TITLE_JS = """() => {
  const heading = window.brushlinkDeep('h2[aria-live]')[0]
  window.titles = []
  new MutationObserver(records => {
    for (const {type, addedNodes, target} of records) {
      const nodes = type === 'characterData' ? [target] : [...addedNodes]
      const text = nodes.map(node => node.textContent).join('')
      if (text && text !== window.titles.at(-1)) window.titles.push(text)
    }
  }).observe(heading, {childList: true, characterData: true, subtree: true})
}"""
KEY_MS = 90  # between two keys of a quick typist


@pytest.fixture(scope="module")
def opened(browser: Browser, app_server: AppServer) -> Iterator[DashboardPage]:
    def put(app: Callable[[], object]) -> str:
        app_server.builder = app
        return app_server.url

    with dashboard_page(browser, put, CallbackGraph) as page:
        yield page


@pytest.fixture
def graph(opened: DashboardPage, show: Callable[..., str]) -> DashboardPage:
    """The page with hello world, nothing typed and nothing counted."""
    title(opened)
    opened.page.get_by_label("Your text").fill("")

    def reset() -> None:
        opened.dashboard.history.reset()
        opened.dashboard.shown.state.connected = True
        opened.dashboard.graph.clear()

    opened.until(lambda: title(opened).startswith("Type above") or not wired(opened), "an empty title")
    opened.do(reset)
    opened.until(lambda: not counters(opened), "nothing counted")
    return opened


def title(page: DashboardPage) -> str:
    return page.page.locator("h2[aria-live]").inner_text()


def wired(page: DashboardPage) -> bool:
    return (TEXT, CALLBACK) in page.dashboard.graph.trace.graph.edges


def boxes(page: DashboardPage) -> dict[str, str]:
    """Id of each box to what stands in it, as the browser has it."""
    return dict(
        page.plot("graph").js("const t = gd.data[0]; return t.customdata.map((c, i) => [c, t.text[i]]);")
    )


def counters(page: DashboardPage) -> dict[tuple[str, str], str]:
    """Ends of each arrow that was passed to what stands on it, as the browser has it."""
    pairs = page.plot("graph").js("const t = gd.data[2]; return t.customdata.map((c, i) => [c, t.text[i]]);")
    return {(source, target): text for (source, target), text in pairs}


def test_five_keys_are_five_updates_of_one_callback(graph):
    graph.page.evaluate(WATCH_TITLE_JS)
    graph.page.get_by_label("Your text").press_sequentially("hello", delay=KEY_MS)
    graph.until(lambda: title(graph) == "hello", "the title")
    assert graph.page.evaluate("window.titles") == ["h", "he", "hel", "hell", "hello"]
    # Exactly one way leads from the text to the title, and its counter counted each key.
    graph.until(lambda: set(counters(graph)) == {(TEXT, CALLBACK), (CALLBACK, TITLE)}, "the arrows")
    graph.until(lambda: all(text.startswith("5 ·") for text in counters(graph).values()), "the counters")
    assert boxes(graph)[CALLBACK] == "title_of() ×5"
    hover = graph.plot("graph").trace(2, "hovertext")
    assert all("5 times" in text and "hello" in text and " ms" in text for text in hover)
    trace = graph.dashboard.graph.trace
    assert trace.runs == {CALLBACK: 5}


def test_without_the_callback_nothing_happens_and_the_arrow_is_gone(graph):
    graph.page.get_by_label("Your text").press_sequentially("ab", delay=KEY_MS)
    graph.until(lambda: title(graph) == "ab")
    graph.page.get_by_role("switch", name="Callback on").or_(
        graph.page.get_by_label("Callback on")
    ).first.click()
    graph.until(lambda: title(graph).startswith("The callback is off"), "the callback taken away")
    graph.page.get_by_label("Your text").press_sequentially("cde", delay=KEY_MS)
    graph.until(lambda: len(graph.dashboard.shown._text.value_input) == 5, "Python knows the text")
    assert title(graph).startswith("The callback is off")
    graph.until(lambda: CALLBACK not in boxes(graph), "the box is gone")
    # The switch is a choice: it stands in the address, and undo brings the callback back.
    graph.until(lambda: "q=" in graph.page.url, "the address")
    graph.page.get_by_role("button", name="Undo").click()
    graph.until(lambda: sorted(title(graph)) == sorted("abcde"), "the callback is back")
    graph.until(lambda: CALLBACK in boxes(graph), "and its box")


def test_a_box_shows_its_neighbours(graph):
    graph.until(lambda: len(boxes(graph)) == 6, "all boxes")
    plot = graph.plot("graph")
    place = list(plot.trace(0, "customdata")).index(CALLBACK)
    spot = (plot.trace(0, "base")[place] + 0.35, plot.trace(0, "y")[place])
    plot.click_point(*spot)
    # Only what leads to it and what follows from it; in the address, and undone like any choice.
    graph.until(lambda: set(boxes(graph)) == {TEXT, CALLBACK, TITLE}, "the neighbours")
    graph.until(lambda: "f=f" in graph.page.url, "the address")
    graph.page.get_by_role("button", name="Show all boxes").click()
    graph.until(lambda: len(boxes(graph)) == 6, "all boxes again")


def test_another_dashboard_is_chosen_and_its_graph_lights_up(browser, show, opened):
    with dashboard_page(browser, show, CallbackGraph) as page:
        page.page.get_by_role("combobox", name="Dashboard").click()
        page.page.get_by_role("menuitem", name="World map").click()
        page.plot("ranking").wait_drawn(60)
        page.until(lambda: "d=worldmap" in page.page.url, "the address")
        page.until(lambda: "stream:ranking.click" in boxes(page), "its boxes")
        page.rest()
        page.do(page.dashboard.graph.clear)
        page.plot("ranking").click_point(0, 10)
        clicked = "f:dashboards.worldmap.WorldMap._clicked_bar"
        way = {("stream:ranking.click", clicked), (clicked, "p:state.selection")}
        page.until(lambda: way <= set(counters(page)), "from the bar to the selection")
        assert {counters(page)[arrow][0] for arrow in way} == {"1"}
        assert any(target == "view:map" for _, target in counters(page))


def test_text_is_text(graph):
    hostile = "<img src=x onerror=alert(1)>"
    graph.page.get_by_label("Your text").fill(hostile)
    graph.until(lambda: title(graph) == hostile, "the very text")
    graph.until(lambda: counters(graph), "the graph")
    assert graph.page.evaluate("window.brushlinkDeep('img[src=x]').length") == 0


def test_two_tabs_never_see_each_others_text(browser, show, opened):
    with (
        dashboard_page(browser, show, CallbackGraph) as one,
        dashboard_page(browser, show, CallbackGraph) as two,
    ):
        one.page.get_by_label("Your text").press_sequentially("mine", delay=30)
        two.page.get_by_label("Your text").press_sequentially("yours", delay=30)
        one.until(lambda: title(one) == "mine")
        two.until(lambda: title(two) == "yours")
        assert title(one) == "mine"
        for page, own, other in ((one, "mine", "yours"), (two, "yours", "mine")):
            told = lambda page=page: str(page.plot("graph").trace(2, "hovertext"))  # noqa: E731
            page.until(lambda own=own, told=told: f"{own}&#x27;" in told(), "the graph")
            assert other not in told()
