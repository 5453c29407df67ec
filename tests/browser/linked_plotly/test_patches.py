"""Patches and replaced figures reach the picture whole, and nothing is sent back."""

import numpy as np
import panel as pn
import plotly.graph_objects as go
import pytest

from dashboards.parts.browser_cures import install_cures
from dashboards.parts.linked_plotly import LinkedPlotly
from tests.browser.driver import Plot, in_session, wait_until
from tests.browser.linked_plotly.conftest import points

pytestmark = pytest.mark.browser


def test_patch_paints_and_stays_silent(view, page):
    one, plot = view(points())
    before = len(one.log.entries)

    def patch():
        one.patch(
            {0: {"y": np.array([5.0, 6, 7, 8]), "marker.size": 20}, "orange": {"visible": False}},
            {"title_text": "patched"},
        )

    in_session(one, patch)
    wait_until(page, lambda: plot.texts(".gtitle") == ["patched"])
    assert plot.trace(0, "y") == [5, 6, 7, 8]
    assert plot.trace(1, "visible") is False
    # The browser does not send the patch back: all that may come is the new range of the axes.
    assert {event.stream for event in list(one.log.entries)[before:]} <= {"viewport"}


def test_patches_of_one_callback_all_arrive(view, page):
    one, plot = view(points())

    def patch():
        one.patch({0: {"y": np.array([9.0, 9, 9, 9])}})
        one.patch({1: {"y": [8, 8, 8, 8]}}, {"title.text": "first"})
        one.patch({0: {"marker.color": "red"}}, {"title.text": "second"})
        one.figure.data[1].marker.symbol = "square"

    in_session(one, patch)
    wait_until(page, lambda: plot.texts(".gtitle") == ["second"])
    wait_until(page, lambda: plot.trace(1, "marker.symbol") == "square")
    assert plot.trace(0, "y") == [9, 9, 9, 9]
    assert plot.trace(1, "y") == [8, 8, 8, 8]
    assert plot.trace(0, "marker.color") == "red"


def test_two_dimensional_arrays_are_patched_in_place(view, page):
    one, plot = view(go.Figure(go.Heatmap(z=np.zeros((3, 4)), customdata=np.zeros((3, 4)))))
    z = np.arange(12.0).reshape(3, 4)
    in_session(one, lambda: one.patch({0: {"z": z}}))
    wait_until(page, lambda: plot.js("return gd.data[0].z[2] && gd.data[0].z[2][3];") == 11)
    assert plot.js("return gd.data[0].z.map(row => Array.from(row));") == z.tolist()
    assert plot.js("return gd.calcdata[0][0].z.length;") == 3


def test_a_replaced_figure_keeps_zoom_shapes_hidden_groups(view, page):
    one, plot = view(points().update_layout(dragmode="drawrect"))
    plot.drag_box((1.5, 2.5), (1.5, 2.5))
    wait_until(page, lambda: len(one.shapes) == 1)
    plot.legend_click("orange")
    wait_until(page, lambda: one.hidden == {"orange"})
    plot.js("return window.Plotly.relayout(gd, {dragmode: 'zoom'}).then(() => true);")
    wait_until(page, lambda: one.dragmode == "zoom")
    plot.drag_box((1.2, 3.2), (0.8, 3.5))
    wait_until(page, lambda: one.viewport["x"][0] == pytest.approx(1.2, abs=0.05))
    x_range = plot.layout("xaxis.range")

    fresh = points()
    fresh.add_scatter(x=[1, 4], y=[2, 2], name="pear")
    in_session(one, lambda: one.replace(fresh))
    wait_until(page, lambda: plot.js("return gd.data.length;") == 3)
    assert plot.layout("xaxis.range") == pytest.approx(x_range)
    assert plot.trace(1, "visible", full=True) == "legendonly"
    assert plot.js("return gd._fullLayout.shapes.length;") == 1
    assert one.hidden == {"orange"}
    assert len(one.shapes) == 1


def test_a_patch_undone_by_replacing_is_undone_in_the_browser_too(view, page):
    one, plot = view(points())
    in_session(one, lambda: one.patch({0: {"y": [7, 7, 7, 7]}}))
    wait_until(page, lambda: plot.trace(0, "y") == [7, 7, 7, 7])
    in_session(one, lambda: one.replace(points()))
    wait_until(page, lambda: plot.trace(0, "y") == [1, 3, 2, 4])


def test_packed_values_arrive_whole(view, page):
    one, plot = view(go.Figure(go.Scatter(x=[0], y=[0])))
    colors = [f"#{i:02x}{255 - i:02x}0a" for i in range(100)]
    texts = ["a & b", "c"] * 50
    numbers = np.linspace(0, 1, 100)
    holes = np.where(np.arange(100) % 7, np.arange(100.0), np.nan)
    in_session(
        one,
        lambda: one.patch(
            {
                0: {
                    "marker.color": colors,
                    "text": texts,
                    "x": numbers,
                    "y": holes,
                    "marker.size": np.arange(100),
                }
            }
        ),
    )
    wait_until(page, lambda: plot.trace(0, "text") == texts)
    assert plot.trace(0, "marker.color") == colors
    assert plot.trace(0, "x") == numbers.tolist()
    assert plot.trace(0, "marker.size") == list(range(100))
    assert plot.js("return Array.from(gd.data[0].y, v => Number.isNaN(v) ? -1 : v);") == [
        -1 if np.isnan(value) else value for value in holes
    ]


def test_a_hidden_view_is_painted_once_when_it_is_shown(page, show):
    views = []

    def app():
        install_cures()
        views.extend(LinkedPlotly(points(), name=name, height=300) for name in ("front", "back"))
        return pn.Column(*views, width=700)

    page.goto(show(app))
    Plot(page, "front").wait_drawn()
    hidden = Plot(page, "back").wait_drawn()
    front, back = views
    in_session(front, lambda: back.pane.param.update(visible=False))
    wait_until(page, lambda: hidden.js("return !gd.checkVisibility();") is True)
    hidden.js("window.painted = 0; gd.on('plotly_update', () => { window.painted += 1; });")
    for number in range(3):
        patch = {0: {"y": [number] * 4}, 1: {"marker.size": 9 + number}}
        in_session(back, lambda patch=patch: back.patch(patch))
    in_session(front, lambda: front.patch({0: {"y": [7, 7, 7, 7]}}))
    wait_until(page, lambda: Plot(page, "front").trace(0, "y") == [7, 7, 7, 7])
    assert hidden.trace(0, "y") == [1, 3, 2, 4]
    in_session(front, lambda: back.pane.param.update(visible=True))
    wait_until(page, lambda: hidden.trace(0, "y") == [2, 2, 2, 2])
    assert hidden.trace(1, "marker.size") == 11
    assert page.evaluate("() => window.painted") == 1


def test_a_map_brings_its_outlines_and_asks_nobody(page, show):
    kinds = ("coastlines", "land", "ocean", "lakes", "rivers", "countries", "subunits")
    empty = {
        "type": "Topology",
        "arcs": [],
        "objects": {kind: {"type": "GeometryCollection", "geometries": []} for kind in kinds},
    }

    def square(name, west):
        ring = [[west, 0], [west, 10], [west + 10, 10], [west + 10, 0], [west, 0]]
        return {
            "type": "Feature",
            "id": name,
            "properties": {},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }

    world = {"type": "FeatureCollection", "features": [square("A", 0), square("B", 20)]}
    views = []

    def app():
        install_cures()
        figure = go.Figure(
            go.Choropleth(geojson=world, locations=["A", "B"], z=[1, 2], customdata=["a", "b"]),
            {"dragmode": "lasso", "geo": {"fitbounds": "locations", "visible": False}},
        )
        views.append(LinkedPlotly(figure, name="map", height=400, width=600, topojson={"world_110m": empty}))
        return pn.Column(views[-1])

    page.goto(show(app))
    plot = Plot(page, "map").wait_drawn()
    wait_until(page, lambda: plot.js("return gd.querySelectorAll('.choroplethlayer path').length;") == 2)
    box = plot.box_of(".choroplethlayer path", 1)
    left, top, right, bottom = (
        box["x"] - 5,
        box["y"] - 5,
        box["x"] + box["width"] + 5,
        box["y"] + box["height"] + 5,
    )
    plot.drag_path([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)])
    wait_until(page, lambda: views[0].selected is not None)
    assert [(point.location, point.z, point.customdata) for point in views[0].selected.points] == [
        ("B", 2, "b")
    ]
    plot.click_px((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2))
    wait_until(page, lambda: views[0].click is not None)
    assert (views[0].click.location, views[0].click.z) == ("B", 2)


def test_ticks_by_hand_that_are_taken_back_are_automatic_again(view, page):
    one, plot = view(points())
    ticks = ".yaxislayer-above text, .yaxislayer-below text"

    def paint(**axis):
        in_session(one, lambda: one.patch({}, {f"yaxis.{name}": value for name, value in axis.items()}))

    paint(range=[0, 12], dtick=1)
    wait_until(page, lambda: len(plot.texts(ticks)) == 13)
    # By hand there would be 301 of them: with billions in the place of hundreds the page would freeze.
    paint(range=[0, 300], dtick=None)
    wait_until(page, lambda: plot.layout("yaxis.range") == [0, 300] and 2 < len(plot.texts(ticks)) < 20)
    paint(tickvals=[0, 299], ticktext=["none", "most"])
    wait_until(page, lambda: plot.texts(ticks) == ["none", "most"])
    paint(tickvals=None, ticktext=None, dtick=100)
    wait_until(page, lambda: plot.texts(ticks) == ["0", "100", "200", "300"])
