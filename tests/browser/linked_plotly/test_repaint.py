"""What is repainted without a redraw looks as after a redraw."""

import base64
import io

import PIL.Image
import plotly.graph_objects as go
import pytest

from tests.browser.driver import in_session, settled, wait_until
from tests.browser.linked_plotly.conftest import TREE, points

pytestmark = pytest.mark.browser


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
    settled(plot)
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


def dot(color):
    """Return a picture of one pixel as a data: address."""
    buffer = io.BytesIO()
    PIL.Image.new("RGB", (1, 1), color).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def test_what_lies_over_an_image_is_repainted_as_a_redraw_would(view, page):
    where = {"xref": "x", "yref": "y", "sizex": 2, "sizey": 2, "sizing": "stretch", "y": 3}
    layers = [
        {**where, "x": 1, "source": dot("red"), "layer": "above"},
        {**where, "x": 3, "source": dot("green"), "layer": "below"},
        {**where, "x": 2, "source": dot("blue"), "layer": "above", "opacity": 0.5},
        {**where, "x": 0, "source": dot("gray"), "layer": "above", "visible": False},
    ]
    one, plot = view(points().update_layout(images=layers))
    plot.js("window.full = 0; gd.on('plotly_update', () => { window.full += 1; });")
    drawn = """
        return [...gd.querySelectorAll('.imagelayer image')].map(e =>
          [e.__data__._index, ...['href', 'opacity', 'x', 'y'].map(name => e.getAttribute(name))].join(' '));
    """
    for patch, redraws in (
        ({"images[2].source": dot("black"), "images[2].opacity": 0.25}, 0),
        ({"images[0].source": dot("white"), "images[1].source": dot("pink")}, 0),
        ({"images[3].visible": True, "images[3].source": dot("lime")}, 1),
        ({"images[3].source": dot("navy")}, 1),
        ({"images[0].x": 2, "images[0].source": dot("teal")}, 2),
    ):
        in_session(one, lambda patch=patch: one.patch(layout=patch))
        name, value = [(name, str(value)) for name, value in patch.items()][-1]
        wait_until(page, lambda value=value: any(value in shown for shown in plot.js(drawn)), message=name)
        quick = plot.js(drawn)
        assert page.evaluate("() => window.full") == redraws, name
        plot.js("return window.Plotly.redraw(gd).then(() => true);")
        assert plot.js(drawn) == quick
