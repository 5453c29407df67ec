"""Figures and fixtures of the tests of LinkedPlotly."""

import panel as pn
import plotly.graph_objects as go
import pytest

from dashboards.parts.browser_cures import install_cures
from dashboards.parts.linked_plotly import LinkedPlotly
from tests.browser.driver import Plot

IDS = ["World", "World/Asia", "World/Europe", "World/Asia/China", "World/Asia/India", "World/Europe/Italy"]
TREE = {
    "ids": IDS,
    "labels": [key.split("/")[-1] for key in IDS],
    "parents": ["/".join(key.split("/")[:-1]) for key in IDS],
    "values": [9, 6, 3, 4, 2, 3],
    "branchvalues": "total",
}


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


@pytest.fixture
def build(page, show):
    """A function (plain or linked, figure, …) that shows a figure and returns (view, plot)."""

    def put(kind, figure, wrap=pn.Column, target=None, size=(600, 400), **options):
        views = []
        width, height = size

        def app():
            install_cures()
            if kind == "plain":
                view = pn.pane.Plotly(
                    figure(), height=height, width=width, css_classes=["view-one"], **options
                )
            else:
                view = LinkedPlotly(
                    figure(), name="one", height=height, width=width, sizing_mode="fixed", **options
                )
            views.append(view)
            return wrap(view)

        (target or page).goto(show(app))
        return views[-1], Plot(target or page, "one").wait_drawn()

    return put
