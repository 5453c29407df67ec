"""The harness itself: a page that works, and one whose faults are noted."""

import panel as pn
import plotly.graph_objects as go
import pytest

from tests.browser.driver import Plot, wait_until

pytestmark = pytest.mark.browser


def test_a_box_dragged_in_the_page_reaches_python(page, show):
    panes = []

    def app():
        pn.extension("plotly")
        figure = go.Figure(go.Scatter(x=[1, 2, 3, 4], y=[1, 3, 2, 4], mode="markers"), {"dragmode": "select"})
        pane = pn.pane.Plotly(figure, height=400, width=600, css_classes=["view-points"])
        panes.append(pane)
        return pane

    page.goto(show(app))
    plot = Plot(page, "points").wait_drawn()
    plot.drag_box((1.5, 3.5))
    wait_until(page, lambda: len(panes) == 1 and panes[0].selected_data is not None, message="selected_data")
    assert [point["x"] for point in panes[0].selected_data["points"]] == [2, 3]


def test_faults_are_noted(page, show, faults):
    page.goto(show(lambda: pn.pane.Markdown("hello")))
    page.evaluate(
        "() => { console.error('spilled'); fetch('http://example.invalid/x').catch(() => 0);"
        " setTimeout(() => { throw new Error('broken'); }, 0); }"
    )
    wait_until(page, lambda: len(faults) >= 3, message="three faults")
    text = "\n".join(faults)
    assert "console error: spilled" in text
    assert "page error: Error: broken" in text
    assert "request leaves the machine: http://example.invalid/x" in text
    faults.clear()
