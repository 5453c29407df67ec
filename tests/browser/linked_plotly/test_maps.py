"""Maps find their outlines on the page, whatever their scope; regions drawn on them are said in degrees."""

import math

import plotly.express as px
import plotly.graph_objects as go
import pytest

from tests.browser.driver import in_session, wait_until
from tests.browser.linked_plotly.conftest import points

pytestmark = pytest.mark.browser

COUNTRIES = {"FRA": 1.0, "SSD": 2.0, "BRA": 3.0}


def world(**geo):
    return go.Figure(
        go.Choropleth(locations=list(COUNTRIES), z=list(COUNTRIES.values())),
        {"dragmode": "lasso", "geo": geo, "width": 640, "height": 420},
    )


def paths(plot):
    return plot.js(
        "return [...gd.querySelectorAll('.choroplethlayer path')].map(p => p.getAttribute('d') || '');"
    )


def pixel(plot, lon, lat):
    return tuple(
        plot.js(
            "const r = gd.getBoundingClientRect(), p = gd._fullLayout.geo._subplot.projection(arg);"
            " return [r.left + p[0], r.top + p[1]];",
            [lon, lat],
        )
    )


def degrees(ring):
    """Longitudes and latitudes of a ring."""
    return [lon for lon, _ in ring], [lat for _, lat in ring]


def test_a_map_may_come_later_and_of_any_scope(view, page):
    one, plot = view(points())
    in_session(one, lambda: one.replace(world()))
    wait_until(page, lambda: [len(path) > 100 for path in paths(plot) or []] == [True] * 3, message="shapes")
    # Plotly's own file has South Sudan in two pieces, and plotly.js draws the smaller one alone.
    box = plot.box_of(".choroplethlayer path", 1)
    assert box["width"] > 10
    assert plot.js("return gd.querySelector('.layer.coastlines path').getAttribute('d').length;") > 10_000

    states = px.choropleth(locations=["CA", "TX"], locationmode="USA-states", color=[1, 2], scope="usa")
    in_session(one, lambda: one.replace(states))
    wait_until(page, lambda: plot.layout("geo.scope") == "usa" and len(paths(plot) or []) == 2)
    wait_until(page, lambda: all(len(path) > 50 for path in paths(plot)), message="states")

    fine = px.scatter_geo(lat=[48.85], lon=[2.35], scope="europe").update_geos(resolution=50)
    in_session(one, lambda: one.replace(fine))
    wait_until(page, lambda: plot.layout("geo.resolution") == 50)
    wait_until(page, lambda: plot.js("return gd.querySelectorAll('.scatterlayer path.point').length;") == 1)


def test_regions_drawn_on_a_map_are_in_degrees(view, page):
    one, plot = view(world(projection={"type": "robinson"}))
    wait_until(page, lambda: len(paths(plot) or []) == 3)
    around = [(-6, 52), (10, 52), (10, 41), (-6, 41)]
    plot.drag_path([pixel(plot, *place) for place in [*around, around[0]]], steps=6)
    wait_until(page, lambda: one.selected is not None)
    brush = one.selected
    assert (brush.kind, brush.subplot, brush.xaxis, brush.count) == ("lasso", "geo", "", 1)
    assert [point.location for point in brush.points] == ["FRA"]
    lons, lats = degrees(brush.vertices)
    assert (min(lons), max(lons)) == pytest.approx((-6, 10), abs=1.5)
    assert (min(lats), max(lats)) == pytest.approx((41, 52), abs=1.5)

    plot.set_dragmode("select")
    plot.drag(pixel(plot, -70, 20), pixel(plot, 40, -30))
    wait_until(page, lambda: one.selected.kind == "box")
    brush = one.selected
    assert sorted(point.location for point in brush.points) == ["BRA", "SSD"]
    lons, lats = degrees(brush.vertices)
    assert (min(lats), max(lats)) == pytest.approx((-30, 20), abs=1.5)
    # Its left side is straight on the screen and bent on the globe: further east near the equator.
    assert all(math.isfinite(lon) for lon in lons)
    assert min(lons) == pytest.approx(-70, abs=4)
    assert len({lon for lon in lons if lon < -60}) >= 3


def test_a_click_is_heard_and_a_pan_is_not_a_click(view, page):
    one, plot = view(world().update_layout(dragmode="pan"))
    wait_until(page, lambda: len(paths(plot) or []) == 3)
    start = pixel(plot, -52, -10)
    plot.drag(start, (start[0] + 60, start[1] + 10))
    wait_until(page, lambda: any(key.startswith("geo.projection") for key in one.relayout), message="panned")
    assert one.click is None
    plot.click_px(pixel(plot, -52, -10))
    wait_until(page, lambda: one.click is not None)
    assert one.click.location == "BRA"
