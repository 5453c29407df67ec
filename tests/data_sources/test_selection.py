"""Selections: crossfilter against pandas, order, JSON, undo by keeping the old one."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_sources import Interval, IsIn, Selection, SelectionError, gapminder
from tests.data_sources.test_predicates import by_pandas, frames, junk, predicates

owners = st.sampled_from(["histogram", "bar", "tree", "scatter"])
steps = st.lists(st.tuples(owners, st.one_of(st.none(), predicates)), max_size=6)


def made_of(done: list) -> Selection:
    selection = Selection()
    for owner, predicate in done:
        selection = selection.with_predicate(owner, predicate)
    return selection


@given(frames(), steps, st.one_of(st.none(), owners))
@settings(max_examples=60, deadline=None)
def test_each_view_is_filtered_by_all_the_others(frame: pd.DataFrame, done: list, skip: str | None) -> None:
    last = dict(done)
    kept = pd.Series(True, index=frame.index)
    for owner, predicate in last.items():
        if predicate is not None and owner != skip:
            kept &= by_pandas(predicate, frame)
    assert made_of(done).mask(frame, skip=skip).tolist() == kept.tolist()


@given(steps)
@settings(max_examples=60, deadline=None)
def test_json_round_trip(done: list) -> None:
    selection = made_of(done)
    again = Selection.from_json(json.loads(json.dumps(selection.to_json(), allow_nan=False)))
    assert again == selection
    assert again.owners == selection.owners
    assert hash(again) == hash(selection)


@given(junk)
@settings(max_examples=50, deadline=None)
def test_junk_is_refused(obj: object) -> None:
    try:
        selection = Selection.from_json(obj)
    except SelectionError:
        return
    assert selection == Selection()  # of all junk, only the empty dict is a selection


def test_a_change_leaves_the_old_selection() -> None:
    empty = Selection()
    one = empty.with_predicate("bar", IsIn("continent", ("Asia",)))
    two = one.with_predicate("histogram", Interval("lifeExp", 40, 50))
    assert not empty
    assert len(two) == 2
    assert one.owners == ("bar",)
    assert two.owners == ("bar", "histogram")
    assert two.columns == ("continent", "lifeExp")
    assert two.get("bar") == IsIn("continent", ("Asia",))
    assert two.get("tree") is None
    assert two.without("histogram") == one
    assert two.without("tree") == two
    assert one.with_predicate("bar", None) == empty
    # A second choice of the same view takes the place of its first.
    assert two.with_predicate("bar", IsIn("continent", ("Europe",))).owners == ("bar", "histogram")
    with pytest.raises(AttributeError):
        one.items = ()  # type: ignore[misc]


def test_owners_are_names_and_have_one_predicate() -> None:
    with pytest.raises(SelectionError, match="one predicate"):
        Selection((("bar", IsIn("x", ())), ("bar", IsIn("x", ()))))
    with pytest.raises(SelectionError):
        Selection((("bar", "x"),))  # type: ignore[arg-type]


def test_in_words() -> None:
    selection = Selection().with_predicate("bar", IsIn("continent", ("Asia",)))
    assert Selection().describe() == "everything"
    assert selection.with_predicate("h", Interval("lifeExp", 40, 50)).describe(gapminder().labels) == (
        "continent is Asia and life expectancy in [40, 50)"
    )


def test_a_table_remembers_masks_but_gives_the_same() -> None:
    table = gapminder().at(2007)
    selection = made_of([("bar", IsIn("continent", ("Asia", "Africa"))), ("h", Interval("lifeExp", 40, 50))])
    mask = table.mask(selection)
    assert mask is not None
    assert mask.tolist() == selection.mask(table.frame).tolist()
    assert mask.sum() == 1 + 7 + 10  # Asia 40: 1, Africa 40: 7, 45: 10 in the inventory of demos
    assert table.mask(selection, skip="h").sum() == 33 + 52
    assert table.mask(selection.without("bar"), skip="h") is None
    assert table.mask(Selection()) is None
    assert table.mask(None) is None
    alone = table.mask(IsIn("continent", ("Asia",)))
    assert alone is table.mask(IsIn("continent", ("Asia",)))
    with pytest.raises(ValueError, match="read-only"):
        alone[0] = True


@given(frames(), steps, st.one_of(st.none(), owners))
@settings(max_examples=50, deadline=None)
def test_the_mask_of_a_table_is_the_mask_of_its_frame(
    frame: pd.DataFrame, done: list, skip: str | None
) -> None:
    from data_sources import Table

    selection = made_of(done)
    mask = Table(frame, name="t").mask(selection, skip)
    expected = selection.mask(frame, skip)
    assert expected.all() if mask is None else mask.tolist() == expected.tolist()
