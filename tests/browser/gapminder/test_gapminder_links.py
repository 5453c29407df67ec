"""A brush reaches every other view, and can be taken back: chips, double click, undo, Back and Forward."""

import pytest

from data_sources import Interval, IsIn
from tests.browser.gapminder.explorer_page import GAPMINDER, LATEST

pytestmark = pytest.mark.browser


def brush(explorer, low, high):
    """Drag over the histogram; return the rows of 2007 between the ends that the hand really met."""
    explorer.plot("histogram").drag_box((low, high))
    explorer.until(lambda: isinstance(explorer.chosen("histogram"), Interval), "Python knows the brush")
    predicate = explorer.chosen("histogram")
    assert (predicate.low, predicate.high) == pytest.approx((low, high), abs=0.4)
    return LATEST[LATEST.lifeExp.between(predicate.low, predicate.high)]


def selected_share(explorer, view):
    """Ids of the sectors that are in colour."""
    trace = explorer.traces(view, "ids", "marker.colors")[0]
    grey = explorer.traces("lines", "line.color")[0]["line.color"].lower()
    return {
        id for id, color in zip(trace["ids"], trace["marker.colors"], strict=True) if color.lower() != grey
    }


def listed(explorer):
    """Countries in the table of rows, of its first page."""
    return set(
        explorer.page.locator(".tabulator-row .tabulator-cell[tabulator-field='Country']").all_inner_texts()
    )


def check_every_view(explorer, rows):
    """Each view shows these rows in colour against the whole."""
    count, people = len(rows), rows["pop"].sum()
    explorer.until(lambda: explorer.headline().startswith(f"{count} of 142 countries"), "the headline")
    by_continent = rows.groupby("continent")["pop"].sum().to_dict()
    explorer.until(
        lambda: {name: top for name, top in explorer.bar_tops(1).items() if top} == by_continent, "the bars"
    )
    assert sum(explorer.bar_tops(0).values()) == 6_251_013_179
    parents = {f"World/{name}" for name in by_continent} | {"World"}
    leaves = {f"World/{row.continent}/{row.country}" for row in rows.itertuples()}
    for view in ("sunburst", "treemap"):
        explorer.until(lambda view=view: selected_share(explorer, view) == parents | leaves, view)
        values = explorer.traces(view, "ids", "values")[0]
        assert values["values"][values["ids"].index("World")] == 6_251_013_179
    counts = {name: len(part) for name, part in rows.groupby("continent")}
    panels = {
        (trace["uid"].split("-")[0], trace["name"]): sum(trace["y"])
        for trace in explorer.traces("facets", "uid", "y")
    }
    assert {name: n for (kind, name), n in panels.items() if kind == "selected" and n} == counts
    assert sum(n for (kind, _), n in panels.items() if kind == "whole") == 142
    return people


def test_a_brush_reaches_every_view_and_a_double_click_takes_it_back(explorer):
    rows = brush(explorer, 40, 60)
    people = check_every_view(explorer, rows)
    assert f"{people / 1e6:.4g} million" in explorer.headline()
    # The histogram itself keeps its bars, and Plotly dims what is outside of the brush.
    assert explorer.bins() == explorer.bins(selected_only=True)
    assert explorer.outlined("histogram") >= 1
    explorer.until(lambda: listed(explorer) and listed(explorer) <= set(rows.country), "the rows")
    # The lines: these countries followed through all times, by the means weighted by people.
    explorer.until(lambda: f"{len(rows)} of 142" in explorer.plot("lines").texts(".gtitle")[0])
    african = GAPMINDER[(GAPMINDER.continent == "Africa") & GAPMINDER.country.isin(rows.country)]
    mean = (african.lifeExp * african["pop"]).groupby(african.year).sum() / african.groupby("year")[
        "pop"
    ].sum()
    lines = {t["name"]: t["y"] for t in explorer.traces("lines", "uid", "y") if t["uid"].startswith("line-")}
    assert lines["Africa"] == pytest.approx(mean.tolist())

    explorer.plot("histogram").click_point(30, 35, double=True)
    explorer.until(lambda: not explorer.state.selection, "deselected")
    explorer.until(lambda: explorer.headline().startswith("142 countries"))
    explorer.until(lambda: explorer.outlined("histogram") == 0)
    explorer.until(lambda: sum(explorer.bar_tops(1).values()) == 6_251_013_179)


def test_a_clicked_bin_toggles(explorer):
    histogram = explorer.plot("histogram")
    histogram.click_point(72.5, 5)
    explorer.until(lambda: explorer.chosen("histogram") == Interval("lifeExp", 70, 75), "the bin")
    check_every_view(explorer, LATEST[LATEST.lifeExp.between(70, 75, inclusive="left")])
    assert explorer.headline().startswith("39 of 142")
    histogram.click_point(77.5, 5)
    explorer.until(lambda: explorer.chosen("histogram") == Interval("lifeExp", 75, 80), "another")
    histogram.click_point(77.5, 5)
    explorer.until(lambda: not explorer.state.selection, "a second click lets go")
    explorer.until(lambda: explorer.headline().startswith("142 countries"))


def test_chips_say_what_is_selected_and_take_it_back(explorer):
    brush(explorer, 50, 75)
    explorer.plot("bars").click_point(1, 300e6)
    explorer.until(lambda: explorer.chosen("bars") == IsIn("continent", ("Africa",)))
    predicate = explorer.chosen("histogram")
    both = LATEST[LATEST.lifeExp.between(predicate.low, predicate.high) & (LATEST.continent == "Africa")]
    explorer.until(lambda: explorer.headline().startswith(f"{len(both)} of 142 countries"), "both at once")
    chips = explorer.until(lambda: len(found := explorer.chips()) == 2 and found, "two chips")
    assert chips[0].startswith("life expectancy in [")
    assert chips[1] == "continent is Africa"
    # Crossfilter: a view leaves out its own predicate, not those of others.
    explorer.until(lambda: sum(explorer.bins(selected_only=True).values()) == 52, "Africa in the histogram")
    tops = {name: top for name, top in explorer.bar_tops(1).items() if top}
    inside = LATEST[LATEST.lifeExp.between(predicate.low, predicate.high)]
    assert tops == inside.groupby("continent")["pop"].sum().to_dict()

    explorer.page.locator(".selection-bar .MuiChip-root").filter(has_text="Africa").click()
    explorer.until(lambda: explorer.chosen("bars") is None, "the chip takes its predicate along")
    explorer.until(lambda: explorer.headline().startswith(f"{len(inside)} of 142"))
    explorer.page.get_by_role("button", name="Clear selection in every view").click()
    explorer.until(lambda: not explorer.state.selection, "cleared")
    explorer.until(lambda: explorer.outlined("histogram") == 0, "no outline")
    explorer.until(lambda: not explorer.chips(), "no chips")


def test_a_selection_survives_the_year_and_another_measure(explorer):
    brush(explorer, 40, 60)
    predicate = explorer.chosen("histogram")
    explorer.choose(time=1952)
    first = GAPMINDER[GAPMINDER.year == 1952]
    inside = first[first.lifeExp.between(predicate.low, predicate.high)]
    explorer.until(lambda: explorer.headline().startswith(f"{len(inside)} of 142"), "the range in 1952")
    assert explorer.countries() == sorted(inside.country)
    assert explorer.outlined("histogram") >= 1

    # Another measure: the brush stays as a chip, now as a filter of the histogram too.
    explorer.pick("Measure", "GDP per person")
    explorer.until(lambda: explorer.plot("histogram").layout("xaxis.title.text").startswith("GDP"), "by GDP")
    explorer.until(lambda: explorer.outlined("histogram") == 0, "no outline of lives on an axis of money")
    assert explorer.chips()[0].startswith("life expectancy in [")
    explorer.until(lambda: sum(explorer.bins(selected_only=True).values()) == len(inside))
    assert sum(explorer.bins().values()) == 142
    explorer.plot("histogram").drag_box((500, 2_500))
    explorer.until(lambda: len(explorer.chips()) == 2, "both brushes")
    money = explorer.chosen("histogram")
    assert explorer.countries() == sorted(inside[inside.gdpPercap.between(money.low, money.high)].country)


def test_undo_and_the_browsers_buttons_restore_brush_legend_and_level(explorer):
    page = explorer.page
    brush(explorer, 60, 80)
    brushed = explorer.until(explorer.query, "the brush in the address")
    explorer.plot("histogram").legend_click("Africa")
    switched = explorer.until(lambda: (query := explorer.query()) != brushed and query)
    explorer.plot("sunburst").click_sector("World/Asia")
    drilled = explorer.until(lambda: (query := explorer.query()) != switched and query)
    explorer.still("sunburst")
    selection, countries = explorer.state.selection, explorer.countries()

    def shows(hidden, level, outlined, query):
        def check():
            assert explorer.query() == query
            assert {t["name"] for t in explorer.traces("histogram") if t["visible"] == "legendonly"} == hidden
            assert (explorer.plot("sunburst").trace(0, "level", full=True) or "World") == level
            assert (explorer.outlined("histogram") >= 1) == outlined

        explorer.until(check, f"{level}, without {hidden or 'nothing'}")
        explorer.still("sunburst")

    def go(action, states):
        for state in states:
            action()
            shows(*state)

    steps = [
        (set(), "World", False, ""),
        (set(), "World", True, brushed),
        ({"Africa"}, "World", True, switched),
        ({"Africa"}, "World/Asia", True, drilled),
    ]
    shows(*steps[3])
    go(page.go_back, steps[2::-1])
    assert not explorer.state.selection
    go(page.go_forward, steps[1:])
    assert explorer.state.selection == selection
    assert explorer.countries() == countries

    page.mouse.click(700, 20)  # no text field has the focus
    go(lambda: page.keyboard.press("Control+z"), steps[2::-1])
    assert not explorer.state.selection
    go(lambda: page.keyboard.press("Control+Shift+z"), steps[1:])
    assert explorer.state.selection == selection
    assert explorer.countries() == countries
    # A new brush after undo forgets what could have been redone.
    page.keyboard.press("Control+z")
    shows(*steps[2])
    explorer.plot("histogram").click_point(57.5, 1)
    explorer.until(lambda: isinstance(explorer.chosen("histogram"), Interval))
    explorer.until(lambda: not explorer.dashboard.history.can_redo)


def test_playing_the_years_is_one_step_of_history(explorer):
    page = explorer.page
    explorer.choose(time=1952)
    explorer.until(lambda: "1952" in explorer.plot("histogram").texts(".gtitle")[0])
    explorer.plot("bars").click_point(1, 50e6)
    explorer.until(lambda: explorer.headline().startswith("52 of 142"))
    steps = explorer.dashboard.history.steps
    clock = page.locator(".clock")
    clock.get_by_role("button", name="Play").click()
    explorer.until(lambda: explorer.state.time >= 1962, "two steps on")
    clock.get_by_role("button", name="Pause").click()
    year = explorer.until(lambda: explorer.dashboard.history.steps == steps + 1 and explorer.state.time)
    assert 1962 <= year < 2007
    explorer.until(
        lambda: str(year) in explorer.plot("histogram").texts(".gtitle")[0], "the year of the pause"
    )
    explorer.until(lambda: f"y={year}" in explorer.query())
    africa = GAPMINDER[(GAPMINDER.year == year) & (GAPMINDER.continent == "Africa")]
    expected = (africa.lifeExp // 5 * 5 + 2.5).value_counts().to_dict()
    explorer.until(lambda: explorer.bins(selected_only=True) == expected, "Africa of that year")
    page.mouse.click(700, 20)
    page.keyboard.press("Control+z")
    explorer.until(lambda: explorer.state.time == 1952, "one undo takes all of it back")
