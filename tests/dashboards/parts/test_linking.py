"""Dashboards and pictures of one's own that share a selection: by pandas, without a browser."""

from __future__ import annotations

import holoviews as hv
import pandas as pd
import plotly.express as px
import pytest

from dashboards import GapminderExplorer, LinkedPlotly, WorldMap, link_selections
from dashboards.parts.plotly_events import Brush
from data_sources import BrushlinkError, Interval, IsIn, SelectionError, Table

COUNTRIES = px.data.gapminder().query("year == 2007").reset_index(drop=True)


def between(low: float, high: float) -> set[str]:
    return set(COUNTRIES.loc[COUNTRIES["lifeExp"].between(low, high), "country"])


def brush(view: LinkedPlotly, indices: dict[int, tuple[int, ...]] | None) -> None:
    """Select as a hand does: the event that the browser sends."""
    view.param.update(selected=None if indices is None else Brush("box", indices=indices))


def lit(view: LinkedPlotly, names: pd.Series, trace: int = 0) -> set[str] | None:
    places = view.figure.data[trace].selectedpoints
    return None if places is None else set(names.iloc[list(places)])


@pytest.fixture
def scatter() -> LinkedPlotly:
    return LinkedPlotly(px.scatter(COUNTRIES, x="gdpPercap", y="lifeExp", hover_name="country"), name="mine")


def test_two_dashboards_filter_each_other() -> None:
    explorer, world = GapminderExplorer(), WorldMap()
    link = link_selections(explorer, world, on="country")
    explorer.select("histogram", Interval("lifeExp", 40, 50, closed="both"))
    assert set(world.selected["country"]) == between(40, 50) == link.members
    world.select("map", IsIn("country", ("Angola", "Lesotho", "Norway")))
    both = between(40, 50) & {"Angola", "Lesotho", "Norway"}
    assert set(explorer.selected["country"]) == set(world.selected["country"]) == both == link.members
    # Its own brush does not filter the view itself, that of the other dashboard does.
    skip = explorer.state.owner("histogram")
    now = explorer.state.now
    seen = now.rows(now.mask(explorer.state.selection, skip=skip))
    assert set(seen["country"]) == {"Angola", "Lesotho", "Norway"}


def test_clearing_in_one_clears_in_all() -> None:
    explorer, world = GapminderExplorer(), WorldMap()
    link = link_selections(explorer, world, on="country")
    explorer.select("histogram", Interval("lifeExp", 80, 90))
    world.deselect()
    assert not explorer.state.selection
    assert not world.state.selection
    assert link.members is None
    explorer.select("histogram", Interval("lifeExp", 80, 90))
    assert len(world.selected) == len(COUNTRIES.query("80 <= lifeExp < 90"))
    world.history.undo()
    assert not explorer.state.selection
    assert link.members is None


def test_the_year_of_a_dashboard_counts() -> None:
    explorer, world = GapminderExplorer(), WorldMap()
    link_selections(explorer, world, on="country")
    explorer.select("histogram", Interval("lifeExp", 30, 40, closed="both"))
    explorer.state.time = 1952
    then = px.data.gapminder().query("year == 1952 and 30 <= lifeExp <= 40")
    assert set(world.selected["country"]) == set(then["country"])
    assert world.state.time == 2007


def test_a_picture_of_ones_own_takes_part(scatter: LinkedPlotly) -> None:
    explorer = GapminderExplorer()
    link = link_selections(explorer, scatter, on="country")
    explorer.select("histogram", Interval("lifeExp", 40, 50, closed="both"))
    assert lit(scatter, COUNTRIES["country"]) == between(40, 50)
    explorer.deselect()
    assert lit(scatter, COUNTRIES["country"]) is None
    brush(scatter, {0: (3, 5, 8)})
    chosen = set(COUNTRIES["country"].iloc[[3, 5, 8]])
    assert set(explorer.selected["country"]) == chosen == link.members
    explorer.deselect()
    assert scatter.selected is None
    assert link.members is None


def test_a_picture_of_many_traces_finds_its_keys() -> None:
    more = {"color": "continent", "custom_data": ["pop", "country"]}
    figure = px.scatter(COUNTRIES, x="gdpPercap", y="lifeExp", **more)
    view, explorer = LinkedPlotly(figure, name="colours"), GapminderExplorer()
    link_selections(explorer, view, on="country")
    explorer.select("histogram", Interval("lifeExp", 40, 50, closed="both"))
    found: set[str] = set()
    for trace, (_, part) in enumerate(COUNTRIES.groupby("continent", sort=False)):
        found |= lit(view, part["country"], trace) or set()
    assert found == between(40, 50)


def test_a_picture_of_holoviews_takes_part() -> None:
    points = hv.Points(COUNTRIES, ["gdpPercap", "lifeExp"])
    view, explorer = LinkedPlotly(points, name="points"), GapminderExplorer()
    with pytest.raises(SelectionError, match="give the key of each datum"):
        link_selections(explorer, view, on="country")
    link_selections(explorer, (view, COUNTRIES["country"]), on="country")
    explorer.select("histogram", Interval("lifeExp", 40, 50, closed="both"))
    assert lit(view, COUNTRIES["country"]) == between(40, 50)
    explorer.deselect()
    brush(view, {0: (1,)})
    assert list(explorer.selected["country"]) == [COUNTRIES["country"][1]]


def test_parts_can_be_parted(scatter: LinkedPlotly) -> None:
    explorer, world = GapminderExplorer(), WorldMap()
    link = link_selections(explorer, world, scatter, on="country")
    explorer.select("histogram", Interval("lifeExp", 40, 50, closed="both"))
    link.undo()
    assert len(world.selected) == len(COUNTRIES)
    assert lit(scatter, COUNTRIES["country"]) is None
    assert set(explorer.selected["country"]) == between(40, 50)
    explorer.deselect()
    world.select("map", IsIn("country", ("Norway",)))
    assert len(explorer.selected) == len(COUNTRIES)


def test_own_tables_are_linked_by_a_column_of_both() -> None:
    orders = pd.DataFrame({"country": ["Norway", "Angola", "Norway"], "amount": [1.0, 2.0, 3.0]})
    mine, explorer = GapminderExplorer(Table(orders, name="orders")), GapminderExplorer()
    link_selections(mine, explorer, on="country")
    mine.select("histogram", Interval("amount", 2.5, 3.5))
    assert list(explorer.selected["country"]) == ["Norway"]
    mine.deselect()
    explorer.select("histogram", Interval("lifeExp", 40, 50, closed="both"))
    assert list(mine.selected["amount"]) == [2.0]


def test_what_cannot_be_linked_says_what_to_give(scatter: LinkedPlotly) -> None:
    explorer = GapminderExplorer()
    with pytest.raises(SelectionError, match=r'no column "contry".*country'):
        link_selections(explorer, scatter, on="contry")
    with pytest.raises(TypeError, match="give two or more"):
        link_selections(explorer, on="country")
    with pytest.raises(TypeError, match="Figure has no selection"):
        link_selections(explorer, px.scatter(COUNTRIES, x="pop", y="pop"), on="country")
    with pytest.raises(BrushlinkError, match="142 data and 3 keys"):
        link_selections(explorer, (scatter, ["a", "b", "c"]), on="country")
