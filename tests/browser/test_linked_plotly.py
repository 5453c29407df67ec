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


IDS = ["World", "World/Asia", "World/Europe", "World/Asia/China", "World/Asia/India", "World/Europe/Italy"]
TREE = {
    "ids": IDS,
    "labels": [key.split("/")[-1] for key in IDS],
    "parents": ["/".join(key.split("/")[:-1]) for key in IDS],
    "values": [9, 6, 3, 4, 2, 3],
    "branchvalues": "total",
}


def test_sunburst_levels_both_ways(view, page):
    one, plot = view(go.Figure(go.Sunburst(**TREE)))
    plot.click_sector("Asia")
    wait_until(page, lambda: one.level == "World/Asia")
    wait_until(page, lambda: one.click is not None and one.click.id == "World/Asia")
    wait_until(page, lambda: plot.trace(0, "level", full=True) == "World/Asia")
    settled(page, plot)
    plot.click_sector("China")  # a leaf: its events come, the level stays
    wait_until(page, lambda: one.click.id == "World/Asia/China")
    assert one.level == "World/Asia"
    settled(page, plot)
    plot.click_sector("Asia")  # the centre: up
    wait_until(page, lambda: one.level == "")
    settled(page, plot)
    in_session(one, lambda: one.set_level("World/Europe"))
    wait_until(page, lambda: plot.trace(0, "level", full=True) == "World/Europe")
    assert one.level == "World/Europe"
    in_session(one, lambda: one.param.update(level=""))
    wait_until(page, lambda: plot.trace(0, "level", full=True) == "World")


def test_treemap_leaf_and_pathbar(view, page):
    one, plot = view(go.Figure(go.Treemap(**TREE)))
    plot.click_sector("China")
    wait_until(page, lambda: one.level == "World/Asia/China")
    settled(page, plot)
    box = plot.js(
        "for (const g of gd.querySelectorAll('g.pathbar')) if (g.textContent.includes('World')) {"
        " const r = g.getBoundingClientRect(); return [r.left + r.width / 2, r.top + r.height / 2]; }"
        " return null;"
    )
    plot.click_px(tuple(box))
    wait_until(page, lambda: one.level == "")


@pytest.mark.parametrize("kind", ["Sunburst", "Treemap", "Icicle"])
def test_colours_of_sectors_are_repainted_as_a_redraw_would(view, page, kind):
    dark, light, mixed = ["#440154"] * 6, ["#fde725"] * 6, ["#21918c", "#fde725", "#440154"] * 2
    one, plot = view(go.Figure(getattr(go, kind)(**TREE, marker_colors=dark)))
    painted = """
        return [...gd.querySelectorAll('g.slice, g.pathbar')].map(g => {
          const p = g.querySelector('path.surface'), t = g.querySelector('g.slicetext text');
          return [g.__data__.data.data.id, getComputedStyle(p).fill, getComputedStyle(p).fillOpacity,
                  t && t.textContent ? getComputedStyle(t).fill : ''].join(' ');
        }).sort();
    """
    for colors in (light, mixed):
        in_session(one, lambda colors=colors: one.patch({0: {"marker.colors": colors}}))
        wait_until(page, lambda colors=colors: plot.trace(0, "marker.colors", full=True) == colors)
        quick = plot.js(painted)
        assert len(quick) >= 6
        plot.js("return window.Plotly.redraw(gd).then(() => true);")
        assert plot.js(painted) == quick
    plot.click_sector("Asia")
    wait_until(page, lambda: one.level == "World/Asia")
    settled(page, plot)
    in_session(one, lambda: one.patch({0: {"marker.colors": dark}}))
    wait_until(page, lambda: plot.trace(0, "marker.colors", full=True) == dark)
    quick = plot.js(painted)
    plot.js("return window.Plotly.redraw(gd).then(() => true);")
    assert plot.js(painted) == quick
    assert plot.trace(0, "level", full=True) == "World/Asia"


AXES = {"xaxis": {"range": [-1, 6]}, "yaxis": {"range": [0, 30]}}
X5, NAMES5 = [0, 1, 2, 3, 4], ["p", "q", "r", "s", "t"]
QUICK = {
    "stacked bars": (
        [{"type": "bar", "x": X5, "y": [1, 2, 3, 4, 5]}, {"type": "bar", "x": X5, "y": [5, 4, 3, 2, 1]}],
        {"barmode": "stack"},
        {0: {"y": [2, 2, 9, 2, 2]}},
    ),
    "grouped bars, selected and named": (
        [
            {"type": "bar", "x": X5, "y": [1, 2, 3, 4, 5], "customdata": X5, "hovertext": NAMES5},
            {"type": "bar", "x": X5, "y": [5, 4, 3, 2, 1]},
        ],
        {"barmode": "group"},
        {
            0: {"y": [9, 2, 3, 4, 6], "selectedpoints": [1, 3], "hovertext": NAMES5[::-1]},
            1: {"y": [1, 1, 1, 1, 1]},
        },
    ),
    "overlaid segments with base": (
        [
            {"type": "bar", "x": [0, 0, 1], "y": [3, 4, 5], "base": [0, 3, 0], "marker": {"color": "grey"}},
            {
                "type": "bar",
                "x": [0, 0, 1],
                "y": [3, 4, 5],
                "base": [0, 3, 0],
                "marker": {"color": [1, 2, 3], "coloraxis": "coloraxis"},
            },
        ],
        {"barmode": "overlay", "coloraxis": {"cmin": 0, "cmax": 4}, "showlegend": False},
        {1: {"y": [3, 0, 5], "marker.color": [4, 1, 0]}},
    ),
    "horizontal bars": (
        [{"type": "bar", "orientation": "h", "y": X5, "x": [1, 2, 3, 4, 5]}],
        {"xaxis": {"range": [0, 10]}},
        {0: {"x": [5, 4, 3, 2, 1]}},
    ),
    "categories stay": (
        [{"type": "bar", "x": NAMES5, "y": [1, 2, 3, 4, 5]}],
        {"xaxis": {}},
        {0: {"y": [5, 1, 1, 1, 9]}},
    ),
    "markers": (
        [
            {
                "type": "scatter",
                "mode": "markers",
                "x": X5,
                "y": [1, 2, 3, 4, 5],
                "marker": {"opacity": [1, 1, 1, 1, 1], "color": ["red"] * 5, "size": [5, 5, 5, 5, 5]},
            }
        ],
        {"showlegend": False},
        {
            0: {
                "marker.opacity": [1, 0.1, 1, 0.1, 1],
                "marker.color": ["blue"] * 5,
                "marker.size": [4, 8, 12, 16, 20],
            }
        },
    ),
    "lines": (
        [{"type": "scatter", "mode": "lines+markers", "x": X5, "y": [1, 2, 3, 4, 5]}],
        {},
        {0: {"y": [5, 20, 3, 2, 1]}},
    ),
    "lines on automatic axes whose ends stay": (
        [
            {"type": "scatter", "mode": "lines+markers", "x": X5, "y": [1, 20, 3, 4, 5]},
            {"type": "scatter", "mode": "lines+markers", "x": X5, "y": [2, 2, 2, 2, 2]},
        ],
        {"xaxis": {}, "yaxis": {}},
        {1: {"y": [5, 6, 7, 8, 9]}},
    ),
    "facets": (
        [
            {"type": "bar", "x": X5, "y": [1, 2, 3, 4, 5]},
            {"type": "bar", "x": X5, "y": [1, 2, 3, 4, 5], "xaxis": "x2", "yaxis": "y2"},
        ],
        {
            "xaxis": {"domain": [0, 0.4]},
            "xaxis2": {"domain": [0.6, 1], "range": [-1, 5]},
            "yaxis2": {"anchor": "x2", "range": [0, 9]},
        },
        {1: {"y": [5, 4, 3, 2, 1]}},
    ),
}


@pytest.mark.parametrize("case", QUICK)
def test_data_on_fixed_axes_are_repainted_as_a_redraw_would(view, page, case):
    traces, layout, patch = QUICK[case]
    one, plot = view(go.Figure(traces, {**AXES, **layout}))
    plot.js("window.full = 0; gd.on('plotly_update', () => { window.full += 1; });")
    drawn = """
        return [...gd.querySelectorAll('.barlayer path, .scatterlayer path')].map(
          e => [e.getAttribute('d'), getComputedStyle(e).fill, getComputedStyle(e).opacity,
                getComputedStyle(e).fillOpacity, e.getAttribute('transform')].join(' '));
    """
    before = plot.js(drawn)
    in_session(one, lambda: one.patch(patch))
    place, attributes = next(iter(patch.items()))
    name, value = next(iter(attributes.items()))
    wait_until(page, lambda: plot.trace(place, name) == value)
    quick = plot.js(drawn)
    assert quick != before
    assert page.evaluate("() => window.full") == 0, "Plotly.update was needed"
    hovered = """
        const keys = ['htx', 'hi', 'ht', 'data', 'selected'];
        return gd.calcdata.map(cd => cd.map(d => keys.map(k => String(d[k])).join('|')));
    """
    known = plot.js(hovered)
    plot.js("return window.Plotly.redraw(gd).then(() => true);")
    assert plot.js(drawn) == quick
    assert plot.js(hovered) == known


@pytest.mark.parametrize(
    ("figure", "patch"),
    [
        (go.Figure(go.Bar(x=X5, y=[1, 2, 3, 4, 5])), {0: {"y": [1, 2, 3, 4, 50]}}),
        (go.Figure(go.Bar(x=X5, y=[1, 2, 3, 4, 5]), AXES), {0: {"y": [1, 2, 3]}}),
        (go.Figure(go.Bar(x=X5, y=[1, 2, 3, 4, 5]), AXES), {0: {"marker.color": "red"}}),
        (go.Figure(go.Scatter(x=X5, y=[1, 2, 3, 4, 5], fill="tozeroy"), AXES), {0: {"y": [5, 4, 3, 2, 1]}}),
    ],
    ids=["free axis", "other length", "one colour", "filled"],
)
def test_what_is_not_simple_is_redrawn(view, page, figure, patch):
    one, plot = view(figure)
    plot.js("window.full = 0; gd.on('plotly_update', () => { window.full += 1; });")
    in_session(one, lambda: one.patch(patch))
    wait_until(page, lambda: page.evaluate("() => window.full") == 1)
    shown = plot.js("return gd._fullLayout.yaxis.range;")
    plot.js("return window.Plotly.redraw(gd).then(() => true);")
    assert plot.layout("yaxis.range") == shown


def test_a_plain_title_is_repainted_as_a_redraw_would(view, page):
    one, plot = view(points().update_layout(title_text="one"))
    outline = "return gd.querySelector('.gtitle').outerHTML;"
    plot.js("window.full = 0; gd.on('plotly_update', () => { window.full += 1; });")
    for text in ("two words", "bold <b>three</b>", "four & five", "six"):
        in_session(one, lambda text=text: one.patch(layout={"title.text": text}))
        wait_until(page, lambda text=text: plot.layout("title.text") == text)
        shown = plot.js(outline)
        plot.js("return window.Plotly.redraw(gd).then(() => true);")
        assert plot.js(outline) == shown
    assert page.evaluate("() => window.full") == 3  # not for the first; markup, entities, and back from them


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


def test_unknown_level_says_so(view, page):
    one, _ = view(go.Figure(go.Sunburst(**TREE)))
    with pytest.raises(ValueError, match="no sector 'Atlantis'"):
        one.set_level("Atlantis")


def settled(page, plot):
    """Wait until an animated drill is over: clicks during it move nothing."""
    wait_until(page, lambda: plot.js("return !gd._transitioning;") is True, message="animation over")


def in_session(view, action):
    """Run something as a callback of the page's session would."""
    ((model, _),) = view.pane._models.values()
    model.document.add_next_tick_callback(action)
