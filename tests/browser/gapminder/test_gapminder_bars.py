"""Bars of the talk (D5): population by continent, coloured by life expectancy; scales; clicks that select."""

import numpy as np
import pytest

from data_sources import IsIn
from tests.browser.gapminder.explorer_page import GAPMINDER, LATEST

pytestmark = pytest.mark.browser

POPULATION = {
    "Asia": 3_811_953_827,
    "Africa": 929_539_692,
    "Americas": 898_871_184,
    "Europe": 586_098_529,
    "Oceania": 24_549_947,
}


def test_stacks_reach_the_populations_of_the_talk(explorer):
    assert explorer.bar_tops(0) == POPULATION
    assert list(explorer.bar_tops(0)) == list(POPULATION)  # the highest first
    assert explorer.bar_tops(1) == POPULATION
    # A stack: each segment begins where the one under it ends.
    _, part = explorer.traces("bars", "x", "y", "base")
    ends = np.array(part["base"]) + part["y"]
    for place, top in enumerate(POPULATION.values()):
        mine = np.array(part["x"]) == place
        assert ends[mine].max() == top
        assert np.array(part["base"])[mine][1:] == pytest.approx(ends[mine][:-1])
    bars = explorer.plot("bars")
    assert bars.texts(".colorbar .cbtitle") == ["Life expectancy (years)"]
    assert len(bars.texts(".colorbar .cbfill, .colorbar .cbfills rect")) >= 1
    # China is the largest segment of the highest bar.
    bars.hover(0, 600e6)
    explorer.until(lambda: "China" in explorer.hover_text("bars"), "China on hover")
    text = explorer.hover_text("bars")
    assert "1,318,683,096" in text
    assert "72.961" in text


def test_share_and_log_scales(explorer):
    explorer.choose(scale="share")
    explorer.until(
        lambda: set(np.round(list(explorer.bar_tops(0).values()), 9)) == {1.0}, "every bar to 100 %"
    )
    bars = explorer.plot("bars")
    assert bars.layout("yaxis.range") == [0, 1]
    china = LATEST.set_index("country")["pop"]["China"] / POPULATION["Asia"]
    part = explorer.traces("bars", "x", "y")[1]
    assert max(y for x, y in zip(part["x"], part["y"], strict=True) if x == 0) == pytest.approx(china)
    assert "100%" in bars.texts(".yaxislayer-above text, .yaxislayer-below text")[-1]

    explorer.choose(scale="log")
    explorer.until(lambda: bars.layout("yaxis.type") == "log", "logarithmic")
    explorer.until(lambda: explorer.bar_tops(0) == POPULATION, "a bar each")
    # Painted: a factor of ten is the same height everywhere.
    low, high = bars.layout("yaxis.range")
    length = bars.layout("yaxis._length")
    tops = bars.js(
        "const traces = [...gd.querySelectorAll('.barlayer .trace')];"
        "const axis = gd._fullLayout.yaxis;"
        "const foot = gd.getBoundingClientRect().top + axis._offset + axis._length;"
        "return [...traces[traces.length - 1].querySelectorAll('.point path')]"
        ".map(p => foot - p.getBoundingClientRect().top);"
    )
    expected = [(np.log10(value) - low) / (high - low) * length for value in POPULATION.values()]
    assert tops == pytest.approx(expected, abs=2)
    explorer.page.get_by_role("button", name="absolute").click()
    explorer.until(lambda: bars.layout("yaxis.type") == "linear", "absolute again")
    explorer.until(lambda: explorer.bar_tops(0) == POPULATION)


def test_clicked_bars_select_and_shift_adds(explorer):
    bars, page = explorer.plot("bars"), explorer.page
    bars.click_point(1, 300e6)
    explorer.until(lambda: explorer.chosen("bars") == IsIn("continent", ("Africa",)), "Africa")
    explorer.until(lambda: explorer.headline().startswith("52 of 142 countries"))
    # The other views show Africa in colour and the rest in grey; this one keeps its own bars and dims them.
    explorer.until(lambda: sum(explorer.bins(selected_only=True).values()) == 52)
    assert sum(explorer.bins().values()) == 142
    assert explorer.bar_tops(1) == POPULATION

    page.keyboard.down("Shift")
    bars.click_point(3, 200e6)
    page.keyboard.up("Shift")
    explorer.until(lambda: explorer.chosen("bars") == IsIn("continent", ("Africa", "Europe")), "and Europe")
    explorer.until(lambda: sum(explorer.bins(selected_only=True).values()) == 82)
    points = set(explorer.traces("bars", "selectedpoints")[1]["selectedpoints"])
    x = explorer.traces("bars", "x")[1]["x"]
    assert points == {point for point, place in enumerate(x) if place in (1, 3)}

    bars.click_point(3, 200e6)
    explorer.until(lambda: explorer.chosen("bars") == IsIn("continent", ("Europe",)), "Europe alone")
    bars.click_point(3, 200e6)
    explorer.until(lambda: explorer.chosen("bars") is None, "a second click lets go")
    explorer.until(lambda: sum(explorer.bins(selected_only=True).values()) == 142)


def test_many_bars_collect_the_tail(explorer):
    explorer.choose(bars="country")
    names = explorer.until(
        lambda: (found := explorer.plot("bars").layout("xaxis.ticktext")) and len(found) > 5 and found,
        "bars of countries",
    )
    tops = explorer.bar_tops(0)
    assert names[:2] == ["China", "India"]
    assert sum(tops.values()) == pytest.approx(6_251_013_179)
    others = next(name for name in names if "others" in name)
    own = [name for name in names if name != others]
    assert others == f"{142 - len(own)} others"
    # The largest each have a bar of their own; the bar of the others holds all the rest.
    largest = LATEST.sort_values("pop", ascending=False)
    assert sorted(tops[name] for name in own) == sorted(largest["pop"][: len(own)])
    assert tops[others] == pytest.approx(largest["pop"][len(own) :].sum())


def test_bars_keep_their_place_over_the_years(explorer):
    before = list(explorer.bar_tops(0))
    explorer.choose(time=1952)
    first = GAPMINDER[GAPMINDER.year == 1952].groupby("continent")["pop"].sum()
    explorer.until(lambda: explorer.bar_tops(0) == {name: first[name] for name in before}, "1952")
    assert list(explorer.bar_tops(0)) == before
