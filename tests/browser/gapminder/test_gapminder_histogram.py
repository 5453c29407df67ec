"""Histogram, rug and legend of the talk (D2, D3, D4), with the talk's numbers."""

import html

import pytest

from data_sources import IsIn
from tests.browser.gapminder.explorer_page import CONTINENTS, GAPMINDER, LATEST, REST

pytestmark = pytest.mark.browser

# Countries of 2007 in bins of five years from 35 on, by the middle of the bin.
BINS = dict(zip([37.5 + 5 * i for i in range(10)], [1, 8, 10, 12, 12, 9, 7, 39, 31, 13], strict=True))
BY_CONTINENT = {
    "Oceania": {82.5: 2},
    "Europe": {72.5: 8, 77.5: 15, 82.5: 7},
    "Americas": {62.5: 1, 67.5: 2, 72.5: 12, 77.5: 9, 82.5: 1},
    "Asia": {42.5: 1, 57.5: 2, 62.5: 5, 67.5: 3, 72.5: 13, 77.5: 6, 82.5: 3},
    "Africa": {37.5: 1, 42.5: 7, 47.5: 10, 52.5: 12, 57.5: 10, 62.5: 3, 67.5: 2, 72.5: 6, 77.5: 1},
}


def test_bins_of_2007_are_those_of_the_talk(explorer):
    stacks = explorer.stacks()
    assert explorer.bins() == BINS
    assert {name: stacks[name] for name in CONTINENTS} == BY_CONTINENT
    assert stacks[REST] == {}
    # Painted: the heights of the bars stand in the ratio of the counts.
    painted = explorer.plot("histogram").js(
        "return gd.calcdata.filter(cd => cd[0].trace.type === 'bar').flatMap(cd => {"
        " const paths = [...gd.querySelectorAll('.barlayer .trace')].filter("
        "   t => t.__data__ && t.__data__[0].trace.uid === cd[0].trace.uid)[0];"
        " return cd.filter(d => d.s > 0).map(d => [cd[0].trace.name, d.p, d.s,"
        "   [...paths.querySelectorAll('.point')].find(p => p.__data__ === d)"
        "   .getBoundingClientRect().height]); });"
    )
    assert len(painted) == sum(len(heights) for heights in BY_CONTINENT.values())
    per_country = sorted(height / count for _, _, count, height in painted)
    assert per_country[-1] / per_country[0] < 1.2
    # Hover says the bin, the count and who is in it.
    explorer.plot("histogram").hover(72.5, 5)
    explorer.until(lambda: "Asia: 13" in explorer.hover_text("histogram"), "the count on hover")
    text = explorer.hover_text("histogram")
    assert "70 – 75" in text
    names = LATEST[LATEST.lifeExp.between(70, 75, inclusive="left")].country.sort_values().tolist()
    assert names[0] in text


def test_every_year_counts_142(explorer):
    back = explorer.page.get_by_role("button", name="One step back")
    years = sorted(GAPMINDER.year.unique(), reverse=True)
    assert len(years) == 12
    for year in years:
        lives = GAPMINDER[GAPMINDER.year == year].lifeExp
        expected = (lives // 5 * 5 + 2.5).value_counts().to_dict()
        explorer.until(lambda expected=expected: explorer.bins() == expected, f"the bins of {year}")
        assert explorer.state.time == year
        assert sum(explorer.bins().values()) == 142
        if year != years[-1]:
            back.click()


def test_rug_names_every_country(explorer):
    ticks = [
        (x, html.unescape(name))  # Plotly paints entities as what they stand for
        for trace in explorer.traces("histogram", "x", "hovertext")
        if trace["type"] == "scatter"
        for x, name in zip(trace["x"], trace["hovertext"], strict=True)
    ]
    assert sorted(ticks) == sorted(zip(LATEST.lifeExp, LATEST.country, strict=True))
    assert len(ticks) == 142
    assert sorted(ticks)[:2] == [(39.613, "Swaziland"), (42.082, "Mozambique")]
    rug = explorer.plot("histogram")
    lane = next(
        trace["y"][trace["hovertext"].index("Swaziland")]
        for trace in explorer.traces("histogram", "y", "hovertext")
        if trace["type"] == "scatter" and "Swaziland" in trace["hovertext"]
    )
    rug.hover(39.613, lane, "xaxis2", "yaxis2")
    explorer.until(lambda: explorer.hover_text("histogram") == "Swaziland 39.613", "hover over a tick")
    hovered = explorer.until(lambda: explorer.dashboard.views["histogram"].hover)
    assert (hovered.hovertext, hovered.x) == ("Swaziland", 39.613)


def shown(explorer):
    """Names of the coloured bars, and of the rugs, that are on."""
    traces = [trace for trace in explorer.traces("histogram") if trace["visible"] is True]
    return (
        [trace["name"] for trace in traces if trace["type"] == "bar" and trace["name"] != REST],
        [trace["name"] for trace in traces if trace["type"] == "scatter"],
    )


def test_a_double_click_in_the_legend_isolates_and_survives_the_year(explorer):
    histogram = explorer.plot("histogram")
    assert shown(explorer) == (list(CONTINENTS), list(CONTINENTS))
    histogram.legend_click("Europe", double=True)
    explorer.until(lambda: shown(explorer) == (["Europe"], ["Europe"]), "Europe alone")
    explorer.until(lambda: explorer.chosen("legend") == IsIn("continent", ("Europe",)), "Python knows")
    assert explorer.dashboard.views["histogram"].hidden == set(CONTINENTS) - {"Europe"}
    explorer.until(lambda: explorer.headline().startswith("30 of 142 countries"))
    explorer.until(lambda: explorer.bins(selected_only=True) == BY_CONTINENT["Europe"])
    # The whole stays to be seen in grey.
    assert explorer.bins() == BINS

    explorer.page.get_by_role("button", name="One step back").click()
    explorer.until(lambda: explorer.state.time == 2002)
    lives = GAPMINDER.query("year == 2002 and continent == 'Europe'").lifeExp
    expected = (lives // 5 * 5 + 2.5).value_counts().to_dict()
    explorer.until(lambda: explorer.bins(selected_only=True) == expected, "Europe in 2002")
    assert shown(explorer) == (["Europe"], ["Europe"])

    histogram.legend_click("Europe", double=True)
    explorer.until(lambda: shown(explorer) == (list(CONTINENTS), list(CONTINENTS)), "all again")
    explorer.until(lambda: explorer.chosen("legend") is None)


def test_a_click_in_the_legend_switches_one_off_and_buttons_do_the_same(explorer):
    histogram, page = explorer.plot("histogram"), explorer.page
    histogram.legend_click("Africa")
    others = [name for name in CONTINENTS if name != "Africa"]
    explorer.until(lambda: shown(explorer) == (others, others), "Africa off")
    explorer.until(lambda: explorer.headline().startswith("90 of 142 countries"))
    box = page.get_by_role("checkbox", name="Africa")
    explorer.until(lambda: not box.is_checked(), "the box follows the legend")
    box.check()
    explorer.until(lambda: shown(explorer)[0] == list(CONTINENTS), "the legend follows the box")
    explorer.until(lambda: explorer.chosen("legend") is None)

    explorer.pick("Show only", "Oceania")
    explorer.until(lambda: shown(explorer) == (["Oceania"], ["Oceania"]), "Oceania alone")
    explorer.until(lambda: explorer.countries() == ["Australia", "New Zealand"])
    explorer.pick("Show only", "all")
    explorer.until(lambda: shown(explorer)[0] == list(CONTINENTS), "all again")
