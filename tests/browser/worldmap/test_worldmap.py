"""The map of the talk (D10): lasso, box and click select; the year keeps that, a double click clears it."""

import re

import numpy as np
import plotly.data
import pytest

from data_sources import InPolygon, Interval, IsIn
from tests.browser.worldmap.map_page import GAPMINDER, LATEST

pytestmark = pytest.mark.browser

AFRICA = [
    (-20, 16),
    (-10, 37),
    (12, 38),
    (30, 33),
    (36, 26),
    (44, 11),
    (54, 12),
    (56, -26),
    (20, -37),
    (5, 2),
    (-12, 4),
]
AFRICANS = sorted(LATEST[LATEST.continent == "Africa"].country)


def check(world, countries, year):
    """Every view shows these countries of a year against the rest."""
    rows = GAPMINDER[(GAPMINDER.year == year) & GAPMINDER.country.isin(countries)]
    count = len(rows)
    assert count == len(countries)
    world.until(lambda: world.headline().startswith(f"{count} of 142 countries"), "the headline")
    world.until(lambda: world.bins() == {"selected": count, "rest": 142 - count}, "the histogram")
    world.until(lambda: world.bright() == sorted(countries), "the map")
    heights = sorted(rows.lifeExp, reverse=True)
    world.until(lambda: world.bars() == pytest.approx(heights), "the ranking")
    assert f"{year} – {count} of 142 countries" in world.title()


def test_every_country_of_gapminder_is_on_the_map(world):
    painted = world.painted()
    assert world.bright() == sorted(LATEST.country)
    assert all(one["d"] > 10 for one in painted)
    dots = world.plot().js("return gd.data[1].hovertext;")
    assert {"Bahrain", "Hong Kong, China", "Singapore", "Mauritius"} <= set(dots)
    # Both Koreas, although the table gives them one code.
    world.plot().hover_px(world.pixel(127.5, 40.5))
    world.until(lambda: "Korea, Dem. Rep." in "".join(world.plot().texts(".hoverlayer text")))
    north = LATEST[LATEST.country == "Korea, Dem. Rep."].lifeExp.item()
    assert f"{north:.5g} years" in "".join(world.plot().texts(".hoverlayer text"))


def test_a_lasso_is_counted_and_survives_the_year(world):
    world.lasso(AFRICA)
    world.until(lambda: world.state.selection, "a selection")
    selected = world.dashboard.views["map"].selected
    count = selected.count
    assert len(selected.points) == count
    names = {point.hovertext for point in selected.points}
    assert len(set(AFRICANS) ^ {name.replace("&#x27;", "'") for name in names}) <= 3
    predicate = world.state.selection.get(world.state.owner("map"))
    assert isinstance(predicate, InPolygon)
    countries = world.countries()
    assert len(countries) == count
    check(world, countries, 2007)
    ring = world.outline()
    assert len(ring) > 5
    assert world.plot().js("return document.querySelectorAll('.select-outline').length;") == 0
    width = world.outline_px()
    assert width > 60

    # The values are those of the year, the countries and the lasso stay.
    for year, press in ((2002, "One step back"), (1997, "One step back"), (2002, "One step on")):
        world.page.get_by_role("button", name=press).click()
        world.until(lambda year=year: world.state.time == year)
        check(world, countries, year)
    assert world.outline() == ring
    assert world.outline_px() == pytest.approx(width)
    # The lines: the mean of these countries at each time, weighted by people.
    african = GAPMINDER[GAPMINDER.country.isin(countries) & (GAPMINDER.continent == "Africa")]
    mean = (african.lifeExp * african["pop"]).groupby(african.year).sum() / african.groupby("year")[
        "pop"
    ].sum()
    lines = world.plot("lines").js("return gd._fullData.map(t => [t.uid, Array.from(t.y)]);")
    assert dict(lines)["line-Africa"] == pytest.approx(mean.tolist())

    # A link, a reload, undo and redo bring lasso and selection back.
    query = world.query()
    world.do(world.dashboard.history.undo)
    world.do(world.dashboard.history.undo)
    world.do(world.dashboard.history.undo)
    world.do(world.dashboard.history.undo)
    world.until(lambda: world.headline().startswith("142 countries"))
    assert len(world.outline()) == 2
    assert world.outline_px() == 0
    world.do(lambda: world.state.apply_query(query))
    check(world, countries, 2002)
    assert world.outline() == ring

    # Double click in the open sea: everything again.
    world.click(-150, 20, double=True)
    world.until(lambda: not world.state.selection, "deselected")
    world.until(lambda: len(world.bright()) == 142)
    world.until(lambda: world.bins() == {"selected": 142, "rest": 0})
    assert world.outline_px() == 0


def test_a_box_and_other_views_meet(world):
    world.page.get_by_role("button", name="One step back").click()
    world.until(lambda: world.state.time == 2002)
    world.page.get_by_role("button", name="One step on").click()
    world.box(-170, 70, -50, 10)
    world.until(lambda: world.state.selection, "a selection")
    countries = world.countries()
    assert {"United States", "Canada", "Mexico", "Cuba", "Haiti"} <= set(countries)
    assert not {"Brazil", "Peru", "Iceland"} & set(countries)
    check(world, countries, 2007)

    # Brush the histogram: the map greys the rest.
    world.plot("histogram").drag_box((70, 77))
    world.until(lambda: len(world.state.selection) == 2)
    predicate = world.state.selection.get(world.state.owner("histogram"))
    assert isinstance(predicate, Interval)
    both = LATEST[LATEST.country.isin(countries) & LATEST.lifeExp.between(predicate.low, predicate.high)]
    assert world.countries() == sorted(both.country)
    world.until(lambda: world.bright() == sorted(both.country), "the map")
    # A new lasso that holds all of these again: what the browser dims by itself is put right.
    world.plot().set_dragmode("lasso")
    world.lasso([(-175, 75), (-45, 75), (-45, 5), (-120, 5)])
    world.until(lambda: world.state.selection.get(world.state.owner("map")) is not None)
    inside = LATEST[LATEST.lifeExp.between(predicate.low, predicate.high)]
    world.until(lambda: set(world.bright()) <= set(inside.country), "only what the histogram leaves")
    world.until(lambda: world.bright() == world.countries())
    world.page.get_by_role("button", name="Clear selection").click()
    world.until(lambda: len(world.bright()) == 142)


def test_clicks_choose_regions_dots_and_bars(world):
    world.click(-52, -10)
    world.until(lambda: world.countries() == ["Brazil"])
    check(world, ["Brazil"], 2007)
    assert world.state.selection.get(world.state.owner("map")) == IsIn("country", ("Brazil",))
    world.page.keyboard.down("Shift")
    world.click(103.8, 1.36)
    world.until(lambda: world.countries() == ["Brazil", "Singapore"], "the dot of Singapore")
    world.page.keyboard.up("Shift")
    check(world, ["Brazil", "Singapore"], 2007)
    # Few have a name under their bar, and a time line each.
    assert world.plot("ranking").texts(".xtick text") == ["Singapore", "Brazil"]
    uids = world.plot("lines").js("return gd._fullData.map(t => t.uid);")
    assert {"line-Brazil", "line-Singapore"} <= set(uids)
    # The lowest bar.
    bars = world.plot("ranking")
    last = LATEST.lifeExp.min()
    bars.click_point(141, last / 2)
    world.until(lambda: world.countries() == [LATEST.loc[LATEST.lifeExp.idxmin(), "country"]])
    world.do(world.dashboard.history.undo)
    check(world, ["Brazil", "Singapore"], 2007)


def test_colours_follow_the_measure(world):
    def fills():
        return {one["name"]: one["fill"] for one in world.painted()}

    def axis():
        return world.plot().layout("coloraxis")

    before = fills()
    # A year: the quick way of painting, the same as Plotly's own.
    world.choose(time=1952)
    world.until(lambda: "1952" in world.title())
    world.until(lambda: fills() != before)
    quick = fills()
    world.plot().js("return window.Plotly.redraw(gd).then(() => true);")
    assert fills() == quick
    # Income and people on logarithmic scales, lives on a linear one; the ends are those of all times.
    assert (axis()["cmin"], axis()["cmax"]) == pytest.approx(
        (GAPMINDER.lifeExp.min(), GAPMINDER.lifeExp.max())
    )
    world.choose(measure="gdpPercap", time=2007)
    world.until(lambda: world.title().startswith("GDP per person, 2007"))
    ends = np.log10([GAPMINDER.gdpPercap.min(), GAPMINDER.gdpPercap.max()])
    world.until(lambda: axis()["cmin"] == pytest.approx(ends[0]) and axis()["cmax"] == pytest.approx(ends[1]))
    assert "10k" in world.plot().texts(".infolayer .colorbar text")
    z = world.plot().js(
        "const t = gd.data[0], i = t.hovertext.indexOf('Norway'); return [t.z[i], t.customdata[i]];"
    )
    norway = LATEST[LATEST.country == "Norway"].gdpPercap.item()
    assert z == pytest.approx([np.log10(norway), norway], rel=1e-6)
    assert world.plot("ranking").layout("yaxis.type") == "log"
    world.choose(shading="classes")
    world.until(lambda: axis()["cmin"] == -0.5)
    seventh = LATEST.gdpPercap > GAPMINDER.gdpPercap.quantile(6 / 7)
    yellow = [one["name"] for one in world.painted() if one["fill"] == "rgb(253, 231, 37)"]
    assert len(yellow) == seventh.sum()


def test_projection_and_zoom(world):
    world.choose(projection="orthographic", zoom="Africa")
    world.until(lambda: world.plot().layout("geo.projection.type") == "orthographic")
    world.until(lambda: world.plot().layout("geo.projection.rotation.lon") == pytest.approx(17))
    world.lasso(AFRICA)
    world.until(lambda: world.state.selection, "a lasso on the globe")
    world.until(lambda: world.outline_px() > 100, "its outline")
    assert len(set(world.countries()) ^ set(AFRICANS)) <= 3
    width = world.outline_px()
    world.choose(projection="natural earth", zoom="everything")
    world.until(lambda: world.plot().layout("geo.projection.scale") == 1)
    world.until(lambda: 20 < world.outline_px() < width, "the lasso turns with the map")
    # By hand: a year does not undo it.
    world.plot().set_dragmode("pan")
    start = world.pixel(0, 0)
    world.plot().drag(start, (start[0] + 80, start[1]))
    turned = world.until(lambda: world.plot().layout("geo.projection.rotation.lon") or False)
    countries = world.countries()
    world.page.get_by_role("button", name="One step back").click()
    world.until(lambda: "2002" in world.title())
    assert world.plot().layout("geo.projection.rotation.lon") == turned
    assert world.countries() == countries


def test_the_years_play(world):
    world.click(-52, -10)
    world.until(lambda: world.countries() == ["Brazil"])
    world.choose(time=1997)
    world.until(lambda: "1997" in world.title())
    world.page.get_by_role("button", name="Play", exact=True).click()
    for year in (2002, 2007):
        world.until(lambda year=year: f", {year} – 1 of 142" in world.title(), f"{year} painted")
        life = GAPMINDER[(GAPMINDER.year == year) & (GAPMINDER.country == "Brazil")].lifeExp.tolist()
        world.until(lambda life=life: world.bars() == pytest.approx(life))
    assert world.state.time == 2007


def test_ones_own_shapes_and_table(visit_map):
    world = visit_map("v=1&d=election")
    assert len(world.painted()) == 58
    assert world.headline().startswith("58 districts")
    votes = plotly.data.election()
    assert world.bright() == sorted(votes.district)
    world.lasso([(-73.75, 45.56), (-73.6, 45.72), (-73.45, 45.72), (-73.55, 45.56)])
    world.until(lambda: world.state.selection)
    countries = world.countries()
    assert 5 < len(countries) < 40
    world.until(lambda: world.bright() == countries)
    rows = votes[votes.district.isin(countries)]
    share = sorted(100 * rows.Coderre / rows.total, reverse=True)
    world.until(lambda: world.bars() == pytest.approx(share))
    assert re.match(rf"{len(rows)} of 58 districts · {rows.total.sum():,} of 391,166 votes", world.headline())
