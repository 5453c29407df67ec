"""The Gapminder explorer without a browser: events become predicates, predicates become pictures."""

import random

import panel as pn
import plotly.data
import pytest

from dashboards.gapminder import DRAWN, GapminderExplorer
from dashboards.parts.explorer_state import OWN, ExplorerState
from dashboards.parts.plotly_events import Brush, Point
from data_sources import AllOf, Interval, IsIn, Selection, Table
from tests.dashboards.parts.odd_tables import odd_tables

GAPMINDER = plotly.data.gapminder()
LATEST = GAPMINDER[GAPMINDER.year == 2007]


@pytest.fixture(scope="module")
def made():
    return GapminderExplorer()


@pytest.fixture
def explorer(made):
    made.state.apply_query("")
    made.history.start_here()
    return made


def send(explorer, view, stream, value):
    """Let a view say something, as a hand makes it do."""
    watched = explorer.views[view]
    if getattr(watched, stream) == value:
        watched.param.trigger(stream)
    else:
        watched.param.update(**{stream: value})


def countries(explorer):
    return sorted(explorer.selected["country"])


def test_it_opens_with_everything(explorer):
    assert len(explorer.selected) == 142
    assert set(explorer.views) == set(DRAWN)
    assert set(explorer.tables()) == {"Selected rows", "All rows shown", "Whole table"}
    assert [len(make()) for make in explorer.tables().values()] == [142, 142, 1704]


def test_choices_can_be_given():
    one = GapminderExplorer(measure="gdpPercap", time=1952, stack=None)
    assert (one.state.measure, one.state.time, one.state.stack) == ("gdpPercap", 1952, None)
    assert one.history.can_undo is False


def test_a_frame_becomes_a_table():
    frame = LATEST[["country", "continent", "lifeExp"]]
    one = GapminderExplorer(frame)
    assert len(one.selected) == 142
    assert one.state.measure == "lifeExp"
    with pytest.raises(ValueError, match="measure"):
        GapminderExplorer(frame, measure="gdpPercap")


def test_a_brush_selects_and_each_predicate_has_its_owner(explorer):
    send(explorer, "histogram", "selected", Brush("box", "x", "y", x=(40.0, 60.0), y=(0.0, 9.0)))
    assert countries(explorer) == sorted(LATEST.country[LATEST.lifeExp.between(40, 60)])
    send(explorer, "bars", "click", Point(1, x=1, xaxis="x"))
    both = LATEST[LATEST.lifeExp.between(40, 60) & (LATEST.continent == "Africa")]
    assert countries(explorer) == sorted(both.country)
    assert explorer.history.undo()
    assert explorer.history.undo()
    assert len(explorer.selected) == 142
    assert explorer.history.redo()
    assert len(explorer.selected) == LATEST.lifeExp.between(40, 60).sum()
    # A deselect in the browser takes back what this view selects, and nothing else.
    explorer.history.redo()
    send(explorer, "histogram", "selected", None)
    assert set(explorer.selected.continent) == {"Africa"}
    explorer.deselect()
    assert not explorer.state.selection


def test_a_hand_that_selects_by_another_way_than_a_range_selects_nothing(explorer):
    send(explorer, "histogram", "selected", Brush("points", count=3))
    assert not explorer.state.selection


def test_the_legend_and_python_are_one(explorer):
    send(explorer, "histogram", "hidden", frozenset({"Asia", "Africa"}))
    assert set(explorer.selected.continent) == {"Europe", "Americas", "Oceania"}
    owner = explorer.state.owner("legend")
    explorer.state.selection = Selection().with_predicate(owner, IsIn("continent", ("Oceania",)))
    assert explorer.views["histogram"].hidden == {"Asia", "Africa", "Europe", "Americas"}
    send(explorer, "histogram", "hidden", frozenset())
    assert not explorer.state.selection


def test_what_is_not_stacked_has_no_buttons_to_switch(explorer):
    explorer.state.stack = None
    buttons = explorer._legend.__panel__()
    assert not buttons.visible
    explorer.state.stack = "continent"
    assert buttons.visible
    assert set(buttons[0].options) == {"Africa", "Americas", "Asia", "Europe", "Oceania"}


def test_levels_go_both_ways_and_leaves_select(explorer):
    send(explorer, "sunburst", "level", "World/Asia")
    assert (explorer.state.level, explorer.views["treemap"].level) == ("World/Asia", "World/Asia")
    assert len(explorer.selected) == 33
    send(explorer, "sunburst", "click", Point(0, id="World/Asia/Japan"))
    assert countries(explorer) == ["Japan"]
    assert explorer.state.level == "World/Asia"
    send(explorer, "treemap", "level", "")
    assert (explorer.state.level, explorer.views["sunburst"].level) == ("", "")
    assert len(explorer.selected) == 142


def test_a_box_in_a_panel_of_bubbles(explorer):
    explorer.state.kind = "scatter"
    brush = Brush("box", "x2", "y2", x=(20_000.0, 40_000.0), y=(79.0, 81.0))
    send(explorer, "facets", "selected", brush)
    rows = LATEST[
        (LATEST.continent == "Europe")
        & LATEST.gdpPercap.between(20_000, 40_000)
        & LATEST.lifeExp.between(79, 81)
    ]
    assert len(rows) > 5
    assert countries(explorer) == sorted(rows.country)
    # Another kind of panel shows something else: the box stays as a condition.
    explorer.state.kind = "histogram"
    assert countries(explorer) == sorted(rows.country)
    assert explorer.views["facets"].figure.layout.selections == ()


def test_undo_and_links_bring_the_outline_back(explorer):
    send(explorer, "histogram", "selected", Brush("box", "x", "y", x=(40.0, 60.0), y=(0.0, 9.0)))
    query = explorer.state.to_query()
    explorer.history.undo()
    assert explorer.views["histogram"].figure.layout.selections == ()
    explorer.history.redo()
    (outline,) = explorer.views["histogram"].figure.layout.selections
    assert (outline.x0, outline.x1) == (40, 60)
    other = GapminderExplorer()
    assert other.state.apply_query(query) == []
    (outline,) = other.views["histogram"].figure.layout.selections
    assert (outline.x0, outline.x1) == (40, 60)
    assert countries(other) == countries(explorer)


@pytest.mark.parametrize(
    "selection",
    [
        Selection().with_predicate(
            "facets continent histogram", AllOf((IsIn("continent", ()), Interval("pop", 1, 2)))
        ),
        Selection().with_predicate("nobody", Interval("lifeExp", None, 50)),
        Selection().with_predicate("legend continent", IsIn("continent", ())),
        Selection().with_predicate("legend continent", IsIn("country", ("China",))),
        Selection().with_predicate("bars continent", IsIn("continent", ("Atlantis",))),
        Selection().with_predicate("histogram lifeExp", Interval("lifeExp", 50, None)),
        Selection().with_predicate("tree", Interval("year", 1900, 1950)),
    ],
    ids=str,
)
def test_any_selection_of_a_link_is_drawn(explorer, selection):
    explorer.state.selection = selection
    assert len(explorer.selected) == selection.mask(LATEST).sum()
    explorer.state.time = 1952
    assert len(explorer.selected) == selection.mask(GAPMINDER[GAPMINDER.year == 1952]).sum()


@pytest.mark.parametrize("level", ["World", "World/Atlantis", "World/Asia/China/Beijing", "/", "<b>"])
def test_a_level_that_is_not_there_is_the_root(explorer, level):
    explorer.state.level = level
    assert explorer.views["sunburst"].level == ""
    assert explorer.views["treemap"].level == ""


def turn(widget, chance):
    """Set a control to something that it offers; those that offer nothing are left alone."""
    offered = getattr(widget, "options", [])
    offered = list(offered.values()) if isinstance(offered, dict) else list(offered)
    if isinstance(widget.value, bool):
        widget.value = chance.random() < 0.5
    elif offered and isinstance(widget.value, list):
        widget.value = [one for one in offered if chance.random() < 0.5]
    elif offered:
        widget.value = chance.choice([one for one in offered if one != OWN])


@pytest.mark.parametrize(
    "oddity", [None, "no rows", "only text", "only numbers", "missing categories", "dates"]
)
def test_whatever_the_controls_are_set_to_there_is_a_picture(oddity):
    explorer = GapminderExplorer(None if oddity is None else odd_tables()[oddity])
    controls = explorer.controls_column
    chance = random.Random(f"hands on {oddity}")
    for _ in range(40):
        widget = chance.choice([one for one in controls.select(pn.widgets.Widget) if hasattr(one, "value")])
        turn(widget, chance)
        if chance.random() < 0.2:
            explorer.history.undo()
    explorer.history.reset()
    assert not explorer.state.selection
    assert all(len(view.figure.data) or view.figure.layout.annotations for view in explorer.views.values())


@pytest.mark.parametrize("oddity", list(odd_tables()))
def test_odd_tables_have_a_page(oddity):
    frame = odd_tables()[oddity]
    one = GapminderExplorer(frame)
    assert len(one.selected) == len(frame)
    assert one.main_area is not None
    assert one.controls_column is not None
    for kind in ("bar", "scatter", "histogram"):
        one.state.kind = kind
    one.theme = "dark"


def test_one_page_takes_over_every_table(explorer):
    for oddity, frame in odd_tables().items():
        explorer.state.param.update(own=Table(frame, name="odd", title=oddity), data="own")
        assert len(explorer.selected) == len(frame), oddity
    explorer.state.data = "gapminder"
    assert len(explorer.selected) == 142
    assert isinstance(explorer.state, ExplorerState)


def test_a_reset_leaves_the_own_table_and_undo_brings_it_back():
    one = GapminderExplorer()
    assert one.controls_column.objects
    own = Table(odd_tables()["one row"], name="odd", title="Odd")
    one.state.param.update(own=own, data="own")
    one.history.commit()
    one.history.reset()
    assert (one.state.data, len(one.selected)) == ("gapminder", 142)
    one.history.undo()
    assert (one.state.data, one.state.own, len(one.selected)) == ("own", own, 1)
