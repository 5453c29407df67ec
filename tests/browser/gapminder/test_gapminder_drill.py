"""Sunburst and treemap of the talk (D6, D7): one level between them, both ways; a breadcrumb; leaves."""

import numpy as np
import pytest

from data_sources import IsIn
from tests.browser.gapminder.explorer_page import LATEST

pytestmark = pytest.mark.browser

WORLD = 6_251_013_179
LIVES = {"Asia": 69.444, "Africa": 54.564, "Americas": 75.357, "Europe": 77.891, "Oceania": 81.062}


def level(explorer, view):
    """The level that the browser shows; the root is "World"."""
    return explorer.plot(view).trace(0, "level", full=True) or "World"


def both_at(explorer, expected):
    explorer.until(
        lambda: (level(explorer, "sunburst"), level(explorer, "treemap")) == (expected, expected),
        f"both at {expected}",
    )
    explorer.still("sunburst")
    explorer.still("treemap")


def test_nodes_sizes_and_weighted_means(explorer):
    for view in ("sunburst", "treemap"):
        tree = explorer.traces(view, "ids", "values", "parents", "branchvalues", "hovertext")[0]
        values = dict(zip(tree["ids"], tree["values"], strict=True))
        assert len(values) == 1 + 5 + 142
        assert values["World"] == WORLD
        assert tree["branchvalues"] == "total"
        assert tree["parents"].count("World/Asia") == 33
        for continent, rows in LATEST.groupby("continent"):
            assert values[f"World/{continent}"] == rows["pop"].sum()
        means = dict(zip(tree["ids"], tree["hovertext"], strict=True))
        for continent, mean in LIVES.items():
            assert f"{mean:.4g}" in means[f"World/{continent}"]
        assert "68.92" in means["World"]


def test_a_sector_drills_both_and_the_centre_comes_back(explorer):
    sunburst = explorer.plot("sunburst")
    sunburst.click_sector("World/Asia")
    both_at(explorer, "World/Asia")
    explorer.until(lambda: explorer.crumbs() == ["World", "Asia"], "the trail")
    assert explorer.state.level == "World/Asia"
    slices = sunburst.texts("g.slice")
    assert len(slices) == 1 + 33
    # Drilling selects: the other views show Asia against the grey whole.
    assert set(explorer.dashboard.selected.continent) == {"Asia"}
    explorer.until(lambda: explorer.headline().startswith("33 of 142 countries"))
    explorer.until(lambda: sum(explorer.bins(selected_only=True).values()) == 33)
    tops = explorer.bar_tops(1)
    assert tops["Asia"] == 3_811_953_827
    assert sum(tops.values()) == tops["Asia"]

    # A leaf is selected and leaves the level as it is; once more lets go of it.
    sunburst.click_sector("World/Asia/China")
    explorer.until(lambda: explorer.countries() == ["China"], "China alone")
    explorer.still("sunburst")
    assert (level(explorer, "sunburst"), explorer.state.level) == ("World/Asia", "World/Asia")
    sunburst.click_sector("World/Asia/China")
    explorer.until(lambda: len(explorer.countries()) == 33, "all of Asia again")

    sunburst.click_sector("World/Asia")  # the centre
    both_at(explorer, "World")
    assert explorer.state.level == ""
    explorer.until(lambda: explorer.crumbs() == ["World"])
    explorer.until(lambda: len(explorer.countries()) == 142)


def test_the_treemap_shares_the_level_and_its_pathbar_goes_up(explorer):
    treemap, sunburst = explorer.plot("treemap"), explorer.plot("sunburst")
    explorer.choose(level="World/Europe")  # from Python, as a link does
    both_at(explorer, "World/Europe")
    explorer.until(lambda: explorer.crumbs() == ["World", "Europe"])
    box = treemap.js(
        "for (const g of gd.querySelectorAll('g.pathbar')) if (g.textContent.includes('World')) {"
        " gd.scrollIntoView({block: 'center'}); const r = g.getBoundingClientRect();"
        " return [r.left + r.width / 2, r.top + r.height / 2]; } return null;"
    )
    treemap.click_px(tuple(box))
    both_at(explorer, "World")
    explorer.until(lambda: explorer.crumbs() == ["World"])

    # A leaf of the treemap does become its level; the sunburst shows its parent.
    treemap.click_sector("World/Asia/India")
    explorer.until(lambda: level(explorer, "treemap") == "World/Asia/India", "India fills the treemap")
    explorer.until(lambda: level(explorer, "sunburst") == "World/Asia", "the sunburst shows Asia")
    explorer.until(lambda: explorer.countries() == ["India"])
    explorer.until(lambda: explorer.crumbs() == ["World", "Asia", "India"])
    explorer.still("treemap")
    explorer.still("sunburst")
    explorer.page.locator(".breadcrumb button").filter(has_text="Asia").click()
    both_at(explorer, "World/Asia")
    explorer.until(lambda: explorer.crumbs() == ["World", "Asia"])
    explorer.page.locator(".breadcrumb button").filter(has_text="World").click()
    both_at(explorer, "World")
    sunburst.click_sector("World/Oceania")
    both_at(explorer, "World/Oceania")
    explorer.until(lambda: explorer.countries() == ["Australia", "New Zealand"])


def test_areas_stand_in_the_ratio_of_the_populations(explorer):
    areas = explorer.plot("treemap").js(
        "const out = {}; for (const g of gd.querySelectorAll('g.slice')) {"
        " const id = g.__data__.data.data.id, path = g.querySelector('path.surface');"
        " if (path) { const r = path.getBoundingClientRect(); out[id] = r.width * r.height; } } return out;"
    )
    assert areas["World/Asia/China"] / areas["World/Asia/India"] == pytest.approx(1.188, rel=0.03)
    # So do the angles of the sunburst: exactly, since it has no padding.
    angles = explorer.plot("sunburst").js(
        "const out = {}; for (const g of gd.querySelectorAll('g.slice')) {"
        " const d = g.__data__; out[d.data.data.id] = d.x1 - d.x0; } return out;"
    )
    ratio = 1_318_683_096 / 1_110_396_331
    assert angles["World/Asia/China"] / angles["World/Asia/India"] == pytest.approx(ratio, rel=1e-6)


def test_three_levels_with_bands(explorer):
    paths = explorer.state.param["path"].objects
    banded = next(path for path in paths if "lifeExp band" in path)
    explorer.choose(path=banded)
    explorer.until(lambda: len(explorer.traces("sunburst", "ids")[0]["ids"]) > 148, "three levels")
    tree = explorer.traces("sunburst", "ids", "parents", "values", "labels")[0]
    values = np.array(tree["values"])
    assert values[tree["ids"].index("World")] == WORLD
    depth = {id.count("/") for id in tree["ids"]}
    assert depth == {0, 1, 2, 3}
    # Every parent is the sum of its children.
    for place, id in enumerate(tree["ids"]):
        children = [i for i, parent in enumerate(tree["parents"]) if parent == id]
        if children:
            assert values[children].sum() == pytest.approx(values[place])
    leaves = [id.rsplit("/", 1)[1] for id in tree["ids"] if id.count("/") == 3]
    assert sorted(leaves) == sorted(LATEST.country)
    china = next(id for id in tree["ids"] if id.endswith("/China"))
    band = china.rsplit("/", 1)[0]
    explorer.choose(level=band)
    both_at(explorer, band)
    explorer.until(lambda: len(explorer.crumbs()) == 3, "World, Asia, the band")


def test_a_drill_survives_the_year(explorer):
    explorer.plot("sunburst").click_sector("World/Africa")
    both_at(explorer, "World/Africa")
    explorer.choose(time=1957)
    explorer.until(lambda: "1957" in explorer.plot("sunburst").texts(".gtitle")[0], "1957")
    both_at(explorer, "World/Africa")
    assert explorer.chosen("tree") == IsIn("continent", ("Africa",))
    assert len(explorer.countries()) == 52
