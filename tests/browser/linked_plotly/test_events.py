"""What a hand does to a picture reaches Python as typed values."""

import plotly.graph_objects as go
import pytest

from tests.browser.driver import in_session, settled, wait_until
from tests.browser.linked_plotly.conftest import TREE, points

pytestmark = pytest.mark.browser


def test_box_selection_and_deselect(view, page):
    one, plot = view(points())
    plot.drag_box((1.5, 3.5))
    wait_until(page, lambda: one.selected is not None, message="selected")
    brush = one.selected
    assert (brush.kind, brush.xaxis, brush.yaxis) == ("box", "x", "y")
    assert brush.x == pytest.approx((1.5, 3.5), abs=0.02)
    assert brush.indices == {0: (1, 2), 1: (1, 2)}
    assert [point.customdata for point in brush.points if point.curve == 0] == ["b", "c"]
    plot.click_point(1.1, 3.5, double=True)
    wait_until(page, lambda: one.selected is None, message="deselected")


def test_click_fires_each_time(view, page):
    one, plot = view(points())
    clicks = []
    one.param.watch(lambda event: clicks.append(event.new), "click", onlychanged=False)
    plot.click_point(2, 3)
    wait_until(page, lambda: len(clicks) == 1)
    plot.click_point(2, 3)
    wait_until(page, lambda: len(clicks) == 2)
    assert (clicks[0].trace, clicks[0].index, clicks[0].x, clicks[0].y, clicks[0].customdata) == (
        "apple",
        1,
        2,
        3,
        "b",
    )
    assert clicks[0] == clicks[1]


def test_lasso_zoom_and_hover(view, page):
    one, plot = view(points().update_layout(dragmode="lasso"))
    plot.lasso([(0.8, 0.8), (2.4, 0.8), (2.4, 3.4), (0.8, 3.4)])
    wait_until(page, lambda: one.selected is not None and one.selected.kind == "lasso")
    assert len(one.selected.vertices) > 4
    assert one.selected.indices == {0: (0, 1), 1: (1,)}
    plot.hover(3, 2)
    wait_until(page, lambda: one.hover is not None and one.hover.x == 3)
    assert (one.hover.trace, one.hover.index, one.hover.y) == ("apple", 2, 2)
    page.mouse.move(2, 2)
    wait_until(page, lambda: one.hover is None)
    plot.set_dragmode("zoom")
    plot.drag_box((2.6, 3.6), (1.6, 3.6))  # clear of the lasso, whose outline could be dragged
    wait_until(page, lambda: one.viewport["x"] == pytest.approx((2.6, 3.6), abs=0.05))
    assert one.image_px(8) == pytest.approx(8 * 1 / plot.layout("xaxis._length"), rel=0.05)


def test_clear_selection_takes_away_outline_and_dimming(view, page):
    one, plot = view(points())
    plot.drag_box((1.5, 3.5))
    wait_until(page, lambda: one.selected is not None)
    wait_until(page, lambda: plot.js("return (gd.layout.selections || []).length;") == 1)
    in_session(one, one.clear_selection)
    wait_until(page, lambda: plot.js("return (gd.layout.selections || []).length;") == 0)
    wait_until(page, lambda: plot.trace(0, "selectedpoints") is None)
    assert one.selected is None
    assert plot.js("return gd.querySelectorAll('.selectionlayer path').length;") == 0


def test_legend_single_and_double_click(view, page):
    figure = go.Figure(
        [go.Bar(x=[1, 2], y=[1, 2], name=name, legendgroup=name) for name in ("Asia", "Europe", "Africa")]
        + [
            go.Scatter(x=[1, 2], y=[2, 1], name=name, legendgroup=name, showlegend=False)
            for name in ("Asia", "Europe", "Africa")
        ]
    )
    one, plot = view(figure)
    plot.legend_click("Europe")
    wait_until(page, lambda: one.hidden == {"Europe"})
    assert [trace.visible for trace in one.figure.data] == [True, "legendonly", True] * 2
    plot.legend_click("Europe")
    wait_until(page, lambda: one.hidden == frozenset())
    plot.legend_click("Asia", double=True)
    wait_until(page, lambda: one.hidden == {"Europe", "Africa"})
    plot.legend_click("Asia", double=True)
    wait_until(page, lambda: one.hidden == frozenset())
    in_session(one, lambda: one.set_hidden(["Asia"]))
    wait_until(page, lambda: plot.trace(3, "visible") == "legendonly")
    assert plot.trace(0, "visible") == "legendonly"
    assert one.hidden == {"Asia"}


def test_a_selection_does_not_wait_for_the_throttle_of_plotly(view, page):
    one, plot = view(points())
    page.evaluate(
        """() => { window.addEventListener('mouseup', () => { window.up = performance.now(); }, true);
        window.brushlinkPlot('one').on('plotly_selected', () => { window.got = performance.now(); }); }"""
    )
    plot.drag_box((1.5, 3.5), steps=20)
    wait_until(page, lambda: one.selected is not None)
    # plotly.js waits for 100 ms after the last move; what is left is one event of the mouse.
    assert page.evaluate("() => window.got - window.up") < 60
    assert one.selected.indices == {0: (1, 2), 1: (1, 2)}
    assert page.evaluate("() => String(window.setTimeout).includes('native code')")


def test_sunburst_levels_both_ways(view, page):
    one, plot = view(go.Figure(go.Sunburst(**TREE)))
    plot.click_sector("Asia")
    wait_until(page, lambda: one.level == "World/Asia")
    wait_until(page, lambda: one.click is not None and one.click.id == "World/Asia")
    wait_until(page, lambda: plot.trace(0, "level", full=True) == "World/Asia")
    settled(plot)
    plot.click_sector("China")  # a leaf: its events come, the level stays
    wait_until(page, lambda: one.click.id == "World/Asia/China")
    assert one.level == "World/Asia"
    settled(plot)
    plot.click_sector("Asia")  # the centre: up
    wait_until(page, lambda: one.level == "")
    settled(plot)
    in_session(one, lambda: one.set_level("World/Europe"))
    wait_until(page, lambda: plot.trace(0, "level", full=True) == "World/Europe")
    assert one.level == "World/Europe"
    in_session(one, lambda: one.param.update(level=""))
    wait_until(page, lambda: plot.trace(0, "level", full=True) == "World")


def test_treemap_leaf_and_pathbar(view, page):
    one, plot = view(go.Figure(go.Treemap(**TREE)))
    plot.click_sector("China")
    wait_until(page, lambda: one.level == "World/Asia/China")
    settled(plot)
    box = plot.js(
        "for (const g of gd.querySelectorAll('g.pathbar')) if (g.textContent.includes('World')) {"
        " const r = g.getBoundingClientRect(); return [r.left + r.width / 2, r.top + r.height / 2]; }"
        " return null;"
    )
    plot.click_px(tuple(box))
    wait_until(page, lambda: one.level == "")


def test_unknown_level_says_so(view, page):
    one, _ = view(go.Figure(go.Sunburst(**TREE)))
    with pytest.raises(ValueError, match="no sector 'Atlantis'"):
        one.set_level("Atlantis")
