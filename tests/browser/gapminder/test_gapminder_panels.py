"""Panels of the talk (D8): a histogram a continent, bars, bubbles; shared and free axes; box and lasso."""

import html
import math

import numpy as np
import pytest

from tests.browser.gapminder.explorer_page import CONTINENTS, LATEST

pytestmark = pytest.mark.browser

NUMBERS = ("", "2", "3", "4", "5")


def ranges(explorer, letter):
    """Ranges of all axes of a direction, rounded to a thousandth."""
    facets = explorer.plot("facets")
    found = facets.js(
        "return Object.keys(gd._fullLayout).filter(k => new RegExp('^' + arg + 'axis\\\\d*$').test(k))"
        ".map(k => [k, ...gd._fullLayout[k].range]);",
        letter,
    )
    return {name: (round(low, 3), round(high, 3)) for name, low, high in found}


def heights(explorer, kind="whole"):
    """Heights of the bars of each panel by its title."""
    titles = explorer.plot("facets").texts(".annotation-text")
    panels = {}
    for trace in explorer.traces("facets", "uid", "y"):
        if str(trace["uid"]).startswith(f"{kind}-"):
            panels[trace["name"]] = np.array(trace["y"])
    assert set(panels) <= set(titles)
    return panels


def test_a_panel_a_continent_with_the_whole_population(explorer):
    assert sorted(ranges(explorer, "x")) == sorted(f"xaxis{n}" for n in NUMBERS)
    titles = explorer.plot("facets").texts(".annotation-text")
    assert titles[:5] == list(CONTINENTS)  # the name alone, not "continent=Asia"
    counts = {name: len(rows) for name, rows in LATEST.groupby("continent")}
    assert {name: ys.sum() for name, ys in heights(explorer).items()} == counts

    explorer.choose(weighted=True)
    people = {name: rows["pop"].sum() for name, rows in LATEST.groupby("continent")}
    explorer.until(lambda: heights(explorer)["Asia"].sum() == people["Asia"], "weighted by people")
    assert {name: ys.sum() for name, ys in heights(explorer).items()} == people
    assert sum(ys.sum() for ys in heights(explorer).values()) == 6_251_013_179
    # The histogram weighs the same way.
    explorer.until(lambda: sum(explorer.bins().values()) == 6_251_013_179)


def test_shared_axes_zoom_together_and_free_ones_alone(explorer):
    facets = explorer.plot("facets")
    facets.set_dragmode("zoom")
    assert len(set(ranges(explorer, "x").values())) == 1
    assert len(set(ranges(explorer, "y").values())) == 1
    facets.drag_box((45, 70), xaxis="xaxis3", yaxis="yaxis3")
    explorer.until(lambda: ranges(explorer, "x")["xaxis3"][0] == pytest.approx(45, abs=1), "zoomed")
    zoomed = ranges(explorer, "x")
    assert len(set(zoomed.values())) == 1
    assert zoomed["xaxis"] == pytest.approx((45, 70), abs=1)
    # A zoom is not lost when the picture changes.
    explorer.choose(time=2002)
    explorer.until(lambda: "2002" in facets.texts(".gtitle")[0], "2002")
    assert ranges(explorer, "x") == zoomed

    explorer.choose(axes="free y")
    explorer.until(lambda: len(set(ranges(explorer, "y").values())) > 1, "free y")
    by_name = dict(zip(CONTINENTS, NUMBERS, strict=True))
    for name, ys in heights(explorer).items():
        low, high = ranges(explorer, "y")[f"yaxis{by_name[name]}"]
        assert low == 0
        assert ys.max() <= high <= 1.3 * ys.max()


@pytest.mark.parametrize(("arrangement", "shape"), [("rows", (5, 1)), ("wrap", (2, 3)), ("columns", (1, 5))])
def test_arrangements(explorer, arrangement, shape):
    if arrangement == "columns":  # it opens so: come back to it
        explorer.choose(arrangement="wrap")
        explorer.until(lambda: grid(explorer) == (2, 3))
    explorer.choose(arrangement=arrangement)
    explorer.until(lambda: grid(explorer) == shape, f"{arrangement} as {shape}")


def grid(explorer):
    """Rows and columns of the panels as they are painted."""
    places = explorer.plot("facets").js(
        "return [...gd.querySelectorAll('.bglayer .bg, .cartesianlayer .subplot')]"
        ".filter(e => e.classList.contains('subplot')).map(e => {"
        " const p = gd._fullLayout._plots[[...e.classList].find(c => c in gd._fullLayout._plots)];"
        " return [Math.round(p.xaxis._offset), Math.round(p.yaxis._offset)]; });"
    )
    return len({y for _, y in places}), len({x for x, _ in places})


def bubbles(explorer):
    """What is painted in each panel: names, positions, and whether in colour."""
    return {
        trace["name"]: trace
        for trace in explorer.traces("facets", "x", "y", "hovertext", "marker.color", "marker.size", "xaxis")
    }


def test_a_box_on_the_log_axis_selects_the_countries_inside(explorer):
    explorer.choose(kind="scatter")
    facets = explorer.plot("facets")
    explorer.until(lambda: facets.layout("xaxis.type") == "log", "bubbles on a logarithmic axis")
    shown = explorer.until(lambda: (found := bubbles(explorer)) and "Asia" in found and found)
    assert {
        name: len(trace["x"]) for name, trace in shown.items()
    } == LATEST.continent.value_counts().to_dict()
    # Areas go with the population.
    asia = shown["Asia"]
    names = dict(zip(asia["hovertext"], asia["marker.size"], strict=True))
    assert names["China"] / names["India"] == pytest.approx(1.188, abs=0.001)

    facets.drag_box((1_000, 10_000), (60, 75), "xaxis", "yaxis")
    explorer.until(lambda: explorer.chosen("facets") is not None, "Python knows the box")
    (_, across, up) = explorer.chosen("facets").predicates
    assert (across.low, across.high) == pytest.approx((1_000, 10_000), rel=0.05)
    assert (up.low, up.high) == pytest.approx((60, 75), abs=0.5)
    inside = LATEST[
        (LATEST.continent == "Asia")
        & LATEST.gdpPercap.between(across.low, across.high)
        & LATEST.lifeExp.between(up.low, up.high)
    ]
    assert 5 < len(inside) < 33
    assert explorer.countries() == sorted(inside.country)
    explorer.until(lambda: sum(explorer.bins(selected_only=True).values()) == len(inside), "the histogram")
    assert sum(explorer.bins().values()) == 142

    # Undo takes the box away, redo draws it where the hand drew it, on the logarithmic axis too.
    explorer.until(lambda: explorer.outlined("facets") >= 1)
    drawn = facets.box_of(".selectionlayer path")
    explorer.page.keyboard.press("Control+z")
    explorer.until(lambda: explorer.outlined("facets") == 0, "taken away")
    explorer.page.keyboard.press("Control+Shift+z")
    explorer.until(lambda: explorer.outlined("facets") >= 1, "drawn again")
    again = facets.box_of(".selectionlayer path")
    assert list(again.values()) == pytest.approx(list(drawn.values()), abs=2.5)
    assert explorer.countries() == sorted(inside.country)

    # A double click beside it deselects.
    facets.click_point(40_000, 45, double=True)
    explorer.until(lambda: explorer.chosen("facets") is None, "deselected")
    explorer.until(lambda: len(explorer.countries()) == 142)


def test_a_lasso_selects_what_lies_inside_on_the_screen(explorer):
    explorer.choose(kind="scatter", arrangement="wrap")
    facets = explorer.plot("facets")
    explorer.until(lambda: facets.layout("xaxis.type") == "log" and "Africa" in bubbles(explorer))
    facets.set_dragmode("lasso")
    corners = [(400, 42), (4_000, 48), (12_000, 72), (900, 66)]
    facets.lasso(corners, "xaxis3", "yaxis3")
    explorer.until(lambda: explorer.chosen("facets") is not None, "Python knows the lasso")
    expected = {
        row.country
        for row in LATEST.itertuples()
        if row.continent == "Africa" and inside(math.log10(row.gdpPercap), row.lifeExp, corners)
    }
    assert 8 < len(expected) < 45
    found = set(explorer.countries())
    # The hand's line is a pixel or two off the corners: only countries right at it may differ.
    assert found ^ expected <= {name for name in expected | found if near(name, corners)}
    browser = {
        html.unescape(trace["hovertext"][i])
        for trace in explorer.traces("facets", "hovertext", "selectedpoints")
        for i in trace["selectedpoints"] or ()
    }
    assert found == browser  # the browser dims all but these
    assert explorer.outlined("facets") >= 1


def inside(x, y, corners):
    """Ray casting, in the coordinates of the screen: log10 across."""
    points = [(math.log10(a), b) for a, b in corners]
    odd = False
    for (x0, y0), (x1, y1) in zip(points, points[1:] + points[:1], strict=True):
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
            odd = not odd
    return odd


def near(name, corners, tolerance=0.02):
    """Whether a country lies within some pixels of the line."""
    row = LATEST[LATEST.country == name].iloc[0]
    x, y = math.log10(row.gdpPercap) / 3, row.lifeExp / 50
    points = [(math.log10(a) / 3, b / 50) for a, b in corners]
    for (x0, y0), (x1, y1) in zip(points, points[1:] + points[:1], strict=True):
        t = max(0, min(1, ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / ((x1 - x0) ** 2 + (y1 - y0) ** 2)))
        if math.hypot(x - x0 - t * (x1 - x0), y - y0 - t * (y1 - y0)) < tolerance:
            return True
    return False


def test_panels_of_bars(explorer):
    explorer.choose(kind="bar", height="pop", bars="continent", facets="lifeExp band")
    found = explorer.until(lambda: (h := heights(explorer)) and len(h) > 1 and "Asia" not in h and h)
    assert sum(ys.sum() for ys in found.values()) == 6_251_013_179
