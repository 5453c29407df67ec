"""What the user chose, written into a link and read back."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import parse_qs, quote

import param
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dashboards.parts.limits import URL_QUERY_CHARS, URL_READ_CHARS
from dashboards.parts.state import DashboardState
from data_sources import AllOf, InPolygon, Interval, IsIn, Selection

COLORS = ["continent", "country", "life_exp band", "~", "", "a&b=c#d", None, 1952]


class Choices(DashboardState):
    """One param of each kind."""

    year = param.Integer(default=2007, bounds=(1952, 2007), label="Year")
    width = param.Number(default=5.0, bounds=(0, None), label="Bin width")
    share = param.Boolean(default=False)
    note = param.String(default="", allow_None=True)
    color = param.Selector(default="continent", objects=COLORS)
    panels = param.ListSelector(default=["a"], objects=["a", "b", "c d"])
    span = param.Range(default=(0.0, 1.0))
    path = param.List(default=[], item_type=str)
    hidden = param.ClassSelector(class_=frozenset, default=frozenset())
    hovered = param.String(default="")
    own = param.String(default="")

    URL_KEYS: ClassVar[dict[str, str]] = {
        **DashboardState.URL_KEYS,
        "year": "y",
        "width": "w",
        "share": "sh",
        "note": "n",
        "color": "c",
        "panels": "p",
        "span": "sp",
        "path": "d",
        "hidden": "h",
    }
    NOT_IN_URL: ClassVar[dict[str, str]] = {"own": "your own file"}


finite = st.floats(allow_nan=False, allow_infinity=False)
words = st.text(max_size=20)
predicates = st.one_of(
    st.builds(
        lambda column, ends: Interval(column, *sorted(ends)),
        words.filter(bool),
        st.tuples(finite, finite).filter(lambda ends: ends[0] != ends[1]),
    ),
    st.builds(
        lambda column, values: IsIn(column, tuple(values)), words.filter(bool), st.lists(words, min_size=1)
    ),
)


def _selection(members: dict[str, Any]) -> Selection:
    selection = Selection()
    for owner, predicate in members.items():
        selection = selection.with_predicate(owner, predicate)
    return selection


selections = st.dictionaries(words.filter(bool), predicates, max_size=3).map(_selection)
values = st.fixed_dictionaries(
    {},
    optional={
        "year": st.integers(1952, 2007),
        "width": st.floats(0, 1e300),
        "share": st.booleans(),
        "note": st.one_of(st.none(), words, st.sampled_from(["~", "~~", "~x", "_ _", "null", "0"])),
        "color": st.sampled_from(COLORS),
        "panels": st.lists(st.sampled_from(["a", "b", "c d"]), unique=True),
        "span": st.tuples(finite, finite).map(lambda ends: tuple(sorted(ends))),
        "path": st.lists(words, max_size=4),
        "hidden": st.frozensets(words, max_size=4),
        "selection": selections,
    },
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(values)
@example({"note": "~", "color": "~", "path": ["~", "_", " ", '"']})
def test_what_is_written_into_a_link_is_read_back(chosen: dict[str, Any]) -> None:
    state = Choices()
    state.param.update(**chosen)
    link = state.link()
    other = Choices()
    assert other.apply_query("?" + link.query) == []
    if link.left_out:
        assert len(link.query) <= URL_QUERY_CHARS
    else:
        assert other.snapshot() == state.snapshot()


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(max_size=200),
        st.lists(st.tuples(st.sampled_from(list("sywncpdh")), words)).map(
            lambda pairs: "&".join(f"{key}={quote(value)}" for key, value in pairs)
        ),
    )
)
def test_no_address_breaks_a_page(query: str) -> None:
    state = Choices()
    problems = state.apply_query(query)
    assert all(isinstance(problem, str) and problem for problem in problems)
    again = Choices()
    assert again.apply_query(state.to_query()) == []


def test_the_first_view_has_a_bare_address_and_a_changed_one_a_version() -> None:
    state = Choices()
    assert state.to_query() == ""
    state.year = 1952
    assert parse_qs(state.to_query()) == {"v": ["1"], "y": ["1952"]}
    state.hovered = "Chad"
    assert parse_qs(state.to_query()) == {"v": ["1"], "y": ["1952"]}


def test_a_link_is_readable_and_survives_a_browser() -> None:
    state = Choices()
    state.param.update(note="New Zealand", path=["World", "Asia"])
    assert state.to_query() == "v=1&n=New_Zealand&d=%5B~World~,~Asia~%5D"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("y=banana", ["Year", "banana", "whole number", "1952", "2007"]),
        ("y=1066", ["Year", "1066", "from 1952 to 2007"]),
        ("w=nan", ["Bin width", "nan"]),
        ("w=-1", ["Bin width", "-1", "from 0"]),
        ("w=1e999", ["Bin width", "1e999"]),
        ("sh=yes", ["Share", "yes", "0 or 1"]),
        ("c=planet", ["Color", "planet", "continent"]),
        ("p=%5B~z~%5D", ["Panels", "z"]),
        ("sp=%5B1", ["Span"]),
        ("s=%5B1%5D", ["Selection"]),
        ("s=" + "%5B" * 3000, ["Selection"]),
        ("h=3", ["Hidden"]),
        ("v=99&y=1957", ["version", "99"]),
        ("v=x", ["version", "x"]),
        ("yaer=1957", ["yaer", "nothing this page knows"]),
    ],
)
def test_a_broken_key_is_named_and_falls_back_alone(query: str, words: list[str]) -> None:
    state = Choices()
    state.param.update(year=1962, note="before")
    problems = state.apply_query(query + "&n=kept")
    assert len(problems) == 1
    for word in words:
        assert word in problems[0]
    assert state.note == "kept"
    expected = {**Choices().snapshot(), "note": "kept"}
    if "y=1957" in query:
        expected["year"] = 1957
    assert state.snapshot() == expected


def test_keys_of_other_programs_are_no_matter() -> None:
    assert Choices().apply_query("?theme=dark&utm_source=mail&fbclid=x&bokeh-session-id=1") == []


def test_a_query_beyond_all_measure_is_not_read() -> None:
    state = Choices()
    problems = state.apply_query("n=" + "x" * URL_READ_CHARS)
    assert len(problems) == 1
    assert f"{URL_READ_CHARS:,}" in problems[0]
    assert state.note == ""


def test_what_is_too_long_is_left_out_and_said() -> None:
    state = Choices()
    lasso = InPolygon("x", "y", tuple((i / 7, i / 3) for i in range(400)))
    state.param.update(year=1952, selection=Selection().with_predicate("scatter", lasso), own="mine.csv")
    link = state.link()
    assert parse_qs(link.query) == {"v": ["1"], "y": ["1952"]}
    assert link.left_out == ("your own file", "the selection (too long for an address)")


def test_a_selection_travels_in_a_link() -> None:
    chosen = (
        Selection()
        .with_predicate("histogram", Interval("lifeExp", 40, 50))
        .with_predicate("bar", AllOf((IsIn("continent", ("Asia", "Africa")), Interval("pop", 1e6, None))))
    )
    state = Choices()
    state.selection = chosen
    other = Choices()
    assert other.apply_query(state.to_query()) == []
    assert other.selection == chosen


def test_all_is_set_at_once() -> None:
    state = Choices()
    seen = []
    state.param.watch(lambda *events: seen.append({event.name for event in events}), state.choices)
    state.apply_query("y=1952&n=a&sh=1")
    assert seen == [{"year", "note", "share"}]


def test_a_snapshot_does_not_change_with_the_state() -> None:
    state = Choices(path=["a"])
    before = state.snapshot()
    state.path = [*state.path, "b"]
    state.restore(before)
    assert state.path == ["a"]


class Tables(DashboardState):
    """The table decides which columns there are."""

    table = param.Selector(default="gapminder", objects=["gapminder", "trips"])
    column = param.Selector(default="lifeExp", objects=["lifeExp", "pop"])

    URL_KEYS: ClassVar[dict[str, str]] = {**DashboardState.URL_KEYS, "column": "c", "table": "t"}
    SET_FIRST: ClassVar[tuple[str, ...]] = ("table",)

    @param.depends("table", watch=True)
    def _offer(self) -> None:
        columns = {"gapminder": ["lifeExp", "pop"], "trips": ["fare", "miles"]}[self.table]
        self.param.column.objects = columns
        if self.column not in columns:
            self.column = columns[0]


def test_what_decides_about_others_is_set_first() -> None:
    state = Tables()
    state.param.update(table="trips")
    state.column = "miles"
    query, snapshot = state.to_query(), state.snapshot()
    other = Tables()
    assert other.apply_query(query) == []
    assert (other.table, other.column) == ("trips", "miles")
    assert other.apply_query("") == []
    assert (other.table, other.column) == ("gapminder", "lifeExp")
    other.restore(snapshot)
    assert (other.table, other.column) == ("trips", "miles")


def test_a_default_that_does_not_fit_gives_way_without_a_word() -> None:
    state = Tables()
    assert state.apply_query("t=trips") == []
    assert (state.table, state.column) == ("trips", "fare")
    (problem,) = state.apply_query("t=trips&c=pop")
    assert "pop" in problem
    assert "fare, miles" in problem
