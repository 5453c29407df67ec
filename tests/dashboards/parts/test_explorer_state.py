"""The choices of an explorer: what a table offers, links that survive, choices that fit another table."""

import numpy as np
import pandas as pd
import plotly.data
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards.parts.explorer_state import OWN, ExplorerState
from data_sources import AllOf, InPolygon, Interval, IsIn, Selection, Table
from tests.dashboards.parts.odd_tables import odd_tables

GAPMINDER = plotly.data.gapminder()


def test_gapminder_opens_as_in_the_talk():
    state = ExplorerState()
    assert (state.time, state.measure, state.stack) == (2007, "lifeExp", "continent")
    assert (state.bars, state.height, state.shade) == ("continent", "pop", "lifeExp")
    assert (state.path, state.facets) == ("continent / country", "continent")
    assert (state.x, state.y, state.log_x) == ("gdpPercap", "lifeExp", True)
    assert (state.noun, len(state.now), len(state.moments)) == ("countries", 142, 12)
    assert state.to_query() == ""


def test_bins_are_the_same_at_all_times_and_hold_every_value():
    state = ExplorerState()
    for measure in state.table.measures:
        state.measure = measure
        assert state.edges[0] <= GAPMINDER[measure].min()
        assert GAPMINDER[measure].max() <= state.edges[-1]
        assert np.unique(np.diff(state.edges)).size == 1
        state.time = 1952
        before = state.edges
        state.time = 2007
        assert np.array_equal(state.edges, before)
    state.measure = "lifeExp"
    assert 35.0 in state.edges
    assert np.diff(state.edges)[0] == 5.0


@pytest.fixture(scope="module")
def two_states():
    return ExplorerState(), ExplorerState()


PREDICATES = st.one_of(
    st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)).map(
        lambda ends: Interval("lifeExp", *sorted(ends), closed="both")
    ),
    st.lists(st.sampled_from(["Asia", "Europe", "Africa"]), max_size=3).map(
        lambda names: IsIn("continent", tuple(names))
    ),
    st.lists(st.tuples(st.floats(1, 1e5), st.floats(0, 100)), min_size=3, max_size=12).map(
        lambda corners: AllOf(
            (IsIn("continent", ("Asia",)), InPolygon("gdpPercap", "lifeExp", tuple(corners), log_x=True))
        )
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_choices_survive_their_link(two_states, data):
    one, other = two_states
    values = {}
    for name in one.choices:
        parameter = one.param[name]
        if name in ("data", "own", "selection", "level", "width"):
            continue
        objects = getattr(parameter, "objects", None)
        values[name] = data.draw(st.booleans() if objects is None else st.sampled_from(list(objects)), name)
    values["level"] = data.draw(st.sampled_from(["", "World/Asia", "World/Asia/China", "World/<b>"]), "level")
    values["selection"] = data.draw(
        st.dictionaries(st.sampled_from(["histogram lifeExp", "legend continent", "tree"]), PREDICATES),
        "selection",
    )
    selection = Selection()
    for owner, predicate in values["selection"].items():
        selection = selection.with_predicate(owner, predicate)
    one.param.update(**{**values, "selection": selection})
    one.width = data.draw(st.sampled_from(list(one.param["width"].objects)), "width")
    assert other.apply_query(one.to_query()) == []
    assert other.snapshot() == one.snapshot()


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*ExplorerState.URL_KEYS.values(), "v", "zz"]), st.text(max_size=40), max_size=8
    )
)
def test_no_link_breaks_a_page(two_states, given_values):
    state = two_states[1]
    problems = state.apply_query("&".join(f"{key}={value}" for key, value in given_values.items()))
    assert all(isinstance(problem, str) and problem for problem in problems)
    assert state.time in state.table.times
    assert state.now.mask(state.selection) is None or len(state.now.mask(state.selection)) == 142
    assert len(state.edges) > 1


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('[["bars continent",["in","planet",["Mars"]]]]', "planet"),
        ('[["histogram lifeExp",["iv","country",1,2]]]', "country"),
        ('[["facets x",["poly","country","lifeExp",[1,2,3,4,5,6]]]]', "country"),
    ],
)
def test_a_condition_that_the_table_cannot_meet_is_said_and_dropped(written, said):
    state = ExplorerState()
    state.scale = "share"
    good = state.to_query()
    # In a link quotes are written as tildes and blanks as underscores.
    problems = state.apply_query(f"{good}&s={written.translate(str.maketrans({chr(34): '~', ' ': '_'}))}")
    assert any(said in problem for problem in problems)
    assert not state.selection
    assert state.scale == "share"


def test_another_table_offers_its_own_columns_and_drops_the_old_choices():
    state = ExplorerState(time=1952, measure="pop")
    state.selection = Selection().with_predicate("histogram", Interval("pop", 1, 2))
    frame = pd.DataFrame({"kind": list("aabbc"), "mass": [1.0, 2, 3, 4, 5]})
    state.param.update(own=Table(frame, name="own", title="Mine"), data=OWN)
    assert (state.measure, state.time, state.stack, state.bars) == ("mass", None, "kind", "kind")
    assert not state.selection
    assert len(state.now) == 5
    state.data = "gapminder"
    assert (state.measure, state.time) == ("lifeExp", 2007)
    assert len(state.now) == 142


@pytest.mark.parametrize("oddity", list(odd_tables()))
def test_every_choice_is_one_of_those_offered(oddity):
    frame = odd_tables()[oddity]
    state = ExplorerState(own=Table(frame, name="odd", title="Odd"))
    for name in state.choices:
        objects = getattr(state.param[name], "objects", None)
        if objects is not None:
            assert getattr(state, name) in objects
    again = ExplorerState(own=Table(frame, name="odd", title="Odd"))
    assert again.apply_query(state.to_query()) == []


def test_a_view_owns_its_predicate_by_what_it_shows():
    state = ExplorerState()
    before = state.owner("histogram")
    state.measure = "pop"
    assert state.owner("histogram") != before
    assert len({state.owner(view) for view in ("histogram", "legend", "bars", "tree", "facets")}) == 5
    by_histogram = state.owner("facets")
    state.kind = "scatter"
    assert state.owner("facets") != by_histogram
