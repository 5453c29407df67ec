"""Each gesture increments exactly its own counters, and its panel shows what it carried."""

from __future__ import annotations

import statistics
import time

import pytest

from dashboards.events import EventStreams
from tests.browser.apps.dashboard_page import dashboard_page
from tests.browser.events.conftest import counts

pytestmark = pytest.mark.browser


def panel(streams, slug):
    return streams.page.locator(f"section[data-stream={slug}]")


def shown(streams):
    """Counters as the page shows them, zeros left out."""
    numbers = {
        one.get_attribute("data-stream"): int(one.locator(".count").inner_text())
        for one in streams.page.locator("section[data-stream]").all()
    }
    return {slug: number for slug, number in numbers.items() if number}


def payload(streams, slug):
    return panel(streams, slug).locator(".payload").inner_text()


def told(streams, slug, *words):
    """Wait until the payload of a stream says all of these."""
    streams.until(lambda: all(word in payload(streams, slug) for word in words), f"{words} of {slug}")


def counted(streams, expected, ignoring=()):
    """Wait until exactly these counters stand, in Python and on the page."""
    others = {"hover", *ignoring}

    def same():
        for found in (counts(streams), shown(streams)):
            assert {slug: n for slug, n in found.items() if slug not in others} == expected

    streams.until(same, f"counters {expected}")


def test_a_hover_is_counted_and_its_point_is_shown(streams):
    plot = streams.plot("figure")
    plot.hover(2, 4)
    told(streams, "hover", "customdata: 4")
    assert set(counts(streams)) == {"hover"}
    told(streams, "hover", "trace: 'orange'")
    # What changed is marked: another point of the same trace.
    plot.hover(1, 3)
    changed = panel(streams, "hover").locator(".payload .changed")
    streams.until(lambda: "x: 1" in changed.all_inner_texts(), "marks")
    assert {"y: 3", "customdata: 3"} <= set(changed.all_inner_texts())
    assert "trace: 'orange'" not in changed.all_inner_texts()
    # Leaving is an event of its own, which the original page never sees.
    before = counts(streams)["hover"]
    streams.page.mouse.move(700, 4)
    streams.until(lambda: counts(streams)["hover"] > before and "points: []" in payload(streams, "hover"))
    facts = panel(streams, "hover").locator(".facts").inner_text()
    assert "/ s" in facts
    assert "in all" in facts


def test_a_click(streams):
    streams.plot("figure").click_point(1, 1)
    # With clickmode event+select a click selects as well: that is what the figure asks for.
    counted(streams, {"click": 1, "selected": 1})
    told(streams, "click", "customdata: 1")
    # Shift and click adds to the selection.
    point = streams.plot("figure").px(2, 4)
    streams.page.keyboard.down("Shift")
    streams.plot("figure").click_px(point)
    streams.page.keyboard.up("Shift")
    counted(streams, {"click": 2, "selected": 2})
    told(streams, "click", "modifiers: ['shift']")
    told(streams, "selected", "count: 2")


@pytest.mark.parametrize("how", ["box", "lasso"])
def test_a_selection(streams, how):
    plot = streams.plot("figure")
    streams.do(lambda: streams.dashboard.state.param.update(drag="select" if how == "box" else "lasso"))
    streams.until(lambda: plot.layout("dragmode") == ("select" if how == "box" else "lasso"))
    if how == "box":
        plot.drag_box((0.95, 1.5), (0.85, 3.5))
    else:
        plot.lasso([(0.95, 0.85), (1.5, 0.85), (1.5, 3.5), (0.95, 3.5)])
    # The outline is a relayout, as the facts have it.
    counted(streams, {"selected": 1, "relayout": 1})
    told(streams, "selected", "count: 2", "range" if how == "box" else "lasso")
    told(streams, "relayout", "selections")


def test_a_zoom_and_a_double_click(streams):
    plot = streams.plot("figure")
    plot.drag_box((1.2, 1.8), (1.5, 3.2))
    counted(streams, {"relayout": 1, "viewport": 1})
    told(streams, "relayout", "xaxis.range[0]: 1.")
    told(streams, "viewport", "xaxis")
    plot.click_point(1.5, 2.2, double=True)
    # Two clicks beside all points deselect; the double click itself carries nothing and resets the axes.
    counted(streams, {"doubleclick": 1, "relayout": 2, "viewport": 2}, ignoring=("selected",))
    streams.until(lambda: payload(streams, "doubleclick").startswith("null"), "nothing but null")
    told(streams, "relayout", "xaxis.autorange: true")


def test_a_legend_click_is_a_restyle_and_no_relayout(streams):
    streams.plot("figure").legend_click("apple")
    # The axes fit what is left: a change of the viewport, and of nothing else.
    counted(streams, {"restyle": 1, "viewport": 1})
    told(streams, "restyle", "legendonly")


def test_an_annotation_and_a_drawn_shape(streams):
    plot = streams.plot("figure")
    box = plot.box_of(".annotation-text-g")
    plot.click_px((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2))
    counted(streams, {"annotation": 1})
    told(streams, "annotation", "a text to click")
    streams.do(lambda: streams.dashboard.state.param.update(drag="drawrect"))
    streams.until(lambda: plot.layout("dragmode") == "drawrect")
    plot.drag_box((1.1, 1.3), (1.2, 1.8))
    counted(streams, {"annotation": 1, "shapes": 1})
    told(streams, "shapes", "type: 'rect'")
    assert streams.dashboard.views["figure"].shapes[0]["type"] == "rect"


def test_pause_look_back_clear_and_copy(streams):
    page, plot = streams.page, streams.plot("figure")
    plot.click_point(1, 1)
    plot.click_point(2, 4)
    counted(streams, {"click": 2, "selected": 2})
    marks = streams.plot("timeline")
    page.mouse.move(700, 4)  # leaving the figure is an event too, and the line of time moves with each
    streams.settle()
    streams.until(lambda: len(marks.trace(0, "x") or []) == streams.dashboard.events.events, "marks")
    # A mark of the past brings its payload back, and pauses.
    first = next(kept for kept in streams.dashboard.events.history if kept.stream.slug == "click")
    place = list(marks.trace(0, "customdata")).index(first.number)
    marks.click_point(marks.trace(0, "x")[place], marks.trace(0, "y")[place])
    told(streams, "click", "customdata: 1")
    go_on = page.get_by_role("button", name="Go on")
    assert go_on.get_attribute("aria-pressed") == "true"
    plot.click_point(1, 3)
    streams.until(lambda: counts(streams)["click"] == 3, "counted while paused")
    assert shown(streams)["click"] == 2
    go_on.click()
    streams.until(lambda: shown(streams)["click"] == 3 and "customdata: 3" in payload(streams, "click"))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    panel(streams, "click").get_by_role("button", name="Copy as Panel").click()
    streams.until(lambda: "Copied" in panel(streams, "click").locator(".said").inner_text(), "copied")
    code = page.evaluate("navigator.clipboard.readText()")
    assert code == streams.dashboard.code("click")
    compile(code, "handler.py", "exec")
    page.get_by_role("button", name="Clear", exact=True).click()
    streams.until(lambda: not shown(streams) and marks.trace(0, "x") == [], "cleared")


def test_another_figure_is_put_in_and_drills(streams):
    page, plot = streams.page, streams.plot("figure")
    page.get_by_role("combobox", name="Figure", exact=True).click()
    page.get_by_role("menuitem", name="Sunburst", exact=True).click()
    streams.until(lambda: plot.js("return gd._fullData[0].type;") == "sunburst", "the sunburst")
    plot.click_sector("Asia")
    streams.until(lambda: counts(streams).get("level") == 1, "the drill")
    streams.until(lambda: "level: 'World/Asia'" in payload(streams, "level"))
    page.get_by_role("button", name="Undo").click()
    streams.until(lambda: plot.js("return gd._fullData[0].type;") == "scatter", "the four points again")
    assert streams.dashboard.state.figure == "four-points"


def test_ten_million_points_are_cut_while_the_page_answers(streams):
    page, plot = streams.page, streams.plot("figure")
    meter = page.locator(".meter [role=status]")
    pause = page.locator(".streams .head button").first
    streams.do(lambda: streams.dashboard.state.param.update(figure="cloud", amount=4))
    # An input is echoed by Python while the points are made: the button changes when Python says so.
    echoes: list[float] = []
    wanted = "Go on"
    deadline = time.monotonic() + 60
    while "of 10,000,000 shown" not in meter.inner_text():
        assert time.monotonic() < deadline, meter.inner_text()
        asked = time.monotonic()
        pause.click()
        streams.until(lambda wanted=wanted: pause.inner_text() == wanted, "the echo")
        echoes.append(time.monotonic() - asked)
        wanted = "Pause" if wanted == "Go on" else "Go on"
    # Made in the event loop, the first would come when all is made.
    assert len(echoes) >= 3
    assert statistics.median(echoes) < 1, "seconds until the page answers"
    assert "50,000 of 10,000,000 shown" in meter.inner_text()
    streams.until(lambda: plot.js("return gd._fullData[0].x.length;") == 50_000, "the points sent")
    view = streams.dashboard.views["figure"]
    assert (view.shown.points, view.shown.of) == (50_000, 10_000_000)
    assert view.shown.bytes <= view.budget.bytes


def test_voxels_are_cut_and_shown_anyway_as_far_as_a_browser_bears(streams):
    view, meter = streams.dashboard.views["figure"], streams.page.locator(".meter [role=status]")
    streams.do(lambda: streams.dashboard.state.param.update(figure="blobs", amount=4))
    streams.until(lambda: "of 4,096,000 shown" in meter.inner_text(), "the meter")
    assert view.shown.points <= 50_000
    streams.until(lambda: streams.plot("figure").js("return !!gd._fullLayout.scene;") is True, "the scene")
    streams.do(lambda: streams.dashboard.state.param.update(figure="cloud", amount=3, everything=True))
    streams.until(lambda: "1,000,000 shown" in meter.inner_text(), "all shown")
    assert view.shown.points == view.shown.of == 1_000_000


def test_a_link_opens_it_on_a_phone(browser, show, opened):
    with dashboard_page(
        browser, show, EventStreams, "v=1&f=bar&d=lasso", viewport={"width": 400, "height": 800}
    ) as phone:
        assert phone.dashboard.state.figure == "bar"
        assert phone.plot("figure").layout("dragmode") == "lasso"
        assert phone.page.evaluate("document.documentElement.scrollWidth") <= 400
