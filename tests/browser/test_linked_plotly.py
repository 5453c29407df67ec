"""What a hand does to a picture reaches Python as typed values, and patches reach the picture."""

import numpy as np
import panel as pn
import plotly.graph_objects as go
import pytest

from dashboards.parts.browser_cures import install_cures
from dashboards.parts.linked_plotly import LinkedPlotly
from tests.browser.driver import Plot, wait_until

pytestmark = pytest.mark.browser


@pytest.fixture
def view(page, show):
    """A function that shows one figure and returns (view, plot) once it is drawn."""

    def put(figure, **options):
        views = []

        def app():
            install_cures()
            views.append(
                LinkedPlotly(figure, name="one", height=400, width=600, sizing_mode="fixed", **options)
            )
            return pn.Column(views[-1])

        page.goto(show(app))
        plot = Plot(page, "one").wait_drawn()
        return views[-1], plot

    return put


def points():
    return go.Figure(
        [
            go.Scatter(
                x=[1, 2, 3, 4], y=[1, 3, 2, 4], mode="markers", name="apple", customdata=["a", "b", "c", "d"]
            ),
            go.Scatter(x=[1, 2, 3, 4], y=[4, 1, 4, 1], mode="markers", name="orange"),
        ],
        {"dragmode": "select", "hovermode": "closest"},
    )


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


def test_patch_paints_and_stays_silent(view, page):
    one, plot = view(points())
    before = len(one.log.entries)
    one.pane.object.layout  # noqa: B018 - the figure is the live one
    doc_patch(
        one,
        lambda: one.patch(
            {0: {"y": np.array([5.0, 6, 7, 8]), "marker.size": 20}, "orange": {"visible": False}},
            {"title_text": "patched"},
        ),
    )
    wait_until(page, lambda: plot.trace(0, "y") == [5, 6, 7, 8])
    assert plot.layout("title.text") == "patched"
    assert plot.trace(1, "visible") is False
    wait_until(page, lambda: plot.texts(".gtitle") == ["patched"])
    assert [e.stream for e in list(one.log.entries)[before:] if e.stream != "viewport"] == []


def doc_patch(view, action):
    """Run something as a callback of the page's session would."""
    ((model, _),) = view.pane._models.values()
    model.document.add_next_tick_callback(action)
