"""Specs of the explorer's pictures against pandas: every number that is painted, for odd tables too."""

import contextlib
import itertools

import numpy as np
import pandas as pd
import plotly.data
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards.gapminder import DRAWN
from dashboards.parts import explorer_pictures as pictures
from dashboards.parts.explorer_pictures import bar_stack
from dashboards.parts.explorer_scene import Scene
from dashboards.parts.explorer_state import ROWS, ExplorerState
from data_sources import AllOf, Interval, IsIn, Selection, SourceError, Table
from tests.dashboards.parts.odd_tables import HOSTILE, odd_tables

GAPMINDER = plotly.data.gapminder()
CONTINENTS = ["Asia", "Europe", "Africa", "Americas", "Oceania"]


@pytest.fixture(scope="module")
def state():
    return ExplorerState()


@pytest.fixture(autouse=True)
def _as_it_opens(state):
    state.apply_query("")


def of(year):
    return GAPMINDER[GAPMINDER.year == year]


def bars_of(spec):
    return {trace["name"]: trace for trace in spec["data"] if trace["type"] == "bar"}


@pytest.mark.parametrize("year", GAPMINDER.year.unique().tolist())
def test_histogram_counts_as_numpy_does(state, year):
    for measure in ("lifeExp", "gdpPercap", "pop"):
        for weighted in (False, True):
            state.param.update(time=year, measure=measure, weighted=weighted)
            drawn = bars_of(pictures.histogram(Scene(state, "light")))
            total = 0.0
            for continent, rows in of(year).groupby("continent"):
                weights = rows["pop"] if weighted else None
                expected, _ = np.histogram(rows[measure], state.edges, weights=weights)
                assert np.array_equal(drawn[continent]["y"], expected)
                total += drawn[continent]["y"].sum()
            assert total == (of(year)["pop"].sum() if weighted else 142)
            assert not drawn["not selected"]["y"].any()


SELECTIONS = st.dictionaries(
    st.sampled_from(["histogram lifeExp", "legend continent", "bars continent", "tree"]),
    st.one_of(
        st.tuples(st.floats(30, 90), st.floats(30, 90)).map(lambda e: Interval("lifeExp", *sorted(e))),
        st.lists(st.sampled_from(CONTINENTS), max_size=4).map(lambda names: IsIn("continent", tuple(names))),
    ),
)


@settings(max_examples=25, deadline=None)
@given(chosen=SELECTIONS, year=st.sampled_from([1952, 1982, 2007]))
def test_each_view_shows_what_all_others_select_against_the_whole(state, chosen, year):
    selection = Selection()
    for owner, predicate in chosen.items():
        selection = selection.with_predicate(owner, predicate)
    state.param.update(time=year, selection=selection)
    scene, frame = Scene(state, "light"), of(year)

    def passing(but):
        mask = np.ones(len(frame), dtype=bool)
        for owner, predicate in chosen.items():
            if owner != but:
                mask &= predicate.mask(frame)
        return frame[mask]

    drawn = bars_of(pictures.histogram(scene))
    part = passing("histogram lifeExp")
    for continent in CONTINENTS:
        expected, _ = np.histogram(part.lifeExp[part.continent == continent], state.edges)
        assert np.array_equal(drawn[continent]["y"], expected)
    whole = sum(trace["y"] for trace in drawn.values())
    assert np.array_equal(whole, np.histogram(frame.lifeExp, state.edges)[0])

    stack = bar_stack(scene)
    sums = passing("bars continent").groupby("continent")["pop"].sum().reindex(stack.keys, fill_value=0)
    assert stack.selected_totals() == pytest.approx(sums.to_numpy())
    assert stack.totals() == pytest.approx(frame.groupby("continent")["pop"].sum()[stack.keys].to_numpy())

    tree = pictures.sunburst(scene)["data"][0]
    inside = {f"World/{row.continent}/{row.country}" for row in passing("tree").itertuples()}
    grey = pictures.lines(scene)["data"][0]["line"]["color"]
    leaves = {
        id: color
        for id, color in zip(tree["ids"], tree["marker"]["colors"], strict=True)
        if id.count("/") == 2
    }
    assert {id for id, color in leaves.items() if color != grey} == inside
    assert tree["values"][list(tree["ids"]).index("World")] == frame["pop"].sum()

    panels = {trace["uid"]: trace for trace in pictures.facets(scene)["data"]}
    everything = passing(None)
    for continent in CONTINENTS:
        expected, _ = np.histogram(everything.lifeExp[everything.continent == continent], state.edges)
        assert np.array_equal(panels[f"selected-{continent}"]["y"], expected)


@pytest.mark.parametrize(
    ("dimension", "height"), list(itertools.product(["continent", "lifeExp band"], ["pop", ROWS]))
)
def test_bars_add_up_to_pandas_groups(state, dimension, height):
    state.param.update(bars=dimension, height=height)
    stack = bar_stack(Scene(state, "light"))
    frame = of(2007).assign(**{"lifeExp band": state.now.frame["lifeExp band"].to_numpy()})
    groups = frame.groupby(dimension, observed=True)
    expected = groups["pop"].sum() if height == "pop" else groups.size()
    assert dict(zip(map(str, stack.keys), stack.totals(), strict=True)) == {
        str(key): pytest.approx(value) for key, value in expected.items()
    }
    for scale in ("absolute", "share", "log"):
        state.scale = scale
        whole, _ = pictures.bars(Scene(state, "light"))["data"]
        sums = np.bincount(np.asarray(whole["x"], dtype=int), weights=whole["y"])
        assert sums == pytest.approx(np.ones(len(sums)) if scale == "share" else stack.totals())


def test_the_tree_holds_weighted_means(state):
    tree = pictures.tree_of(Scene(state, "light"))
    frame = of(2007)
    assert len(tree.ids) == 148
    for continent, rows in frame.groupby("continent"):
        place = tree.place(f"World/{continent}")
        assert tree.values[place] == rows["pop"].sum()
        assert tree.colors[place] == pytest.approx(np.average(rows.lifeExp, weights=rows["pop"]))
    assert tree.values[0] == 6_251_013_179
    assert tree.colors[0] == pytest.approx(68.919, abs=0.0005)


def test_lines_follow_the_selected_through_time(state):
    state.selection = Selection().with_predicate("histogram lifeExp", Interval("lifeExp", 40, 60))
    poor = of(2007).country[of(2007).lifeExp.between(40, 60, inclusive="left")]
    spec = pictures.lines(Scene(state, "light"))
    drawn = {trace["name"]: trace for trace in spec["data"] if str(trace["uid"]).startswith("line-")}
    frame = GAPMINDER[GAPMINDER.country.isin(poor) & (GAPMINDER.continent == "Africa")]
    expected = frame.groupby("year").apply(lambda rows: np.average(rows.lifeExp, weights=rows["pop"]))
    assert drawn["Africa"]["y"] == pytest.approx(expected.to_numpy())
    assert list(drawn["Africa"]["x"]) == sorted(GAPMINDER.year.unique())
    # One country gets a line of its own, with its name.
    state.selection = Selection().with_predicate("tree", IsIn("country", ("China",)))
    names = [trace.get("name") for trace in pictures.lines(Scene(state, "light"))["data"]]
    assert "China" in names


@pytest.mark.parametrize("kind", ["histogram", "bar", "scatter"])
@pytest.mark.parametrize("oddity", list(odd_tables()))
def test_an_odd_table_has_pictures_or_says_why_not(oddity, kind):
    state = ExplorerState(own=Table(odd_tables()[oddity], name="odd", title="Odd"))
    for arrangement, axes, mode in (
        ("columns", "shared", "light"),
        ("rows", "free y", "dark"),
        ("wrap", "free", "light"),
    ):
        state.param.update(kind=kind, arrangement=arrangement, axes=axes)
        for name, draw in DRAWN.items():
            with contextlib.suppress(SourceError):  # the page says its words instead of a picture
                check_picture(name, draw(Scene(state, mode)))


def check_picture(name, spec):
    figure = go.Figure(spec)  # Plotly finds nothing wrong with it
    said = [note.text for note in figure.layout.annotations]
    assert figure.data or any(len(text) > 20 for text in said), f"{name} shows nothing and says nothing"
    text = figure.to_json()
    assert HOSTILE not in text
    assert "<img" not in text


@pytest.mark.parametrize(
    "oddity", ["a measure without values", "missing categories", "500 categories", "hostile names"]
)
def test_odd_tables_lose_no_row(oddity):
    frame = odd_tables()[oddity]
    state = ExplorerState(own=Table(frame, name="odd", title="Odd"))
    numbers = [name for name in state.table.measures if frame[name].notna().any()]
    state.param.update(measure=numbers[0], height=ROWS)
    drawn = bars_of(pictures.histogram(Scene(state, "light")))
    assert sum(trace["y"].sum() for trace in drawn.values()) == frame[numbers[0]].notna().sum()
    for dimension in state.param["bars"].objects:
        state.bars = dimension
        assert bar_stack(Scene(state, "light")).totals().sum() == len(frame)


def test_the_tail_of_500_categories_is_one_bar_that_knows_its_members():
    frame = odd_tables()["500 categories"]
    state = ExplorerState(own=Table(frame, name="odd", title="Odd"))
    state.param.update(bars="tag", height=ROWS)
    stack = bar_stack(Scene(state, "light"))
    assert len(stack.keys) < 100
    members = [key for group in stack.members for key in group]
    assert sorted(members) == sorted(frame.tag.unique())
    assert stack.totals()[-1] == 2 * len(stack.members[-1])


def test_titles_say_what_is_left_out(state):
    state.selection = Selection().with_predicate(
        "facets x", AllOf((IsIn("continent", ("Asia",)), Interval("lifeExp", 70, 200)))
    )
    rows = of(2007)
    part = ((rows.continent == "Asia") & (rows.lifeExp >= 70)).sum()
    assert f"{part} of 142 countries" in pictures.histogram(Scene(state, "light"))["layout"]["title"]["text"]
    holes = pd.DataFrame({"town": list("abcd"), "size": [1.0, None, 3.0, None]})
    own = ExplorerState(own=Table(holes, name="odd", title="Odd"))
    assert "2 without a value" in pictures.histogram(Scene(own, "light"))["layout"]["title"]["text"]
