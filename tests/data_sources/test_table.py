"""What a table answers, against pandas and the numbers of the talk."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_sources import Column, IsIn, SelectionError, Table, TableError, gapminder

CONTINENTS = ["Asia", "Europe", "Africa", "Americas", "Oceania"]
POPULATION = [3_811_953_827, 586_098_529, 929_539_692, 898_871_184, 24_549_947]
MEAN_LIFE = [69.444, 77.891, 54.564, 75.357, 81.062]


@pytest.fixture(scope="module")
def world() -> Table:
    return gapminder().at(2007)


# Gapminder -------------------------------------------------------------------------------------------------


def test_gapminder_is_142_countries_at_12_times() -> None:
    table = gapminder()
    assert len(table) == 1704
    assert table.times == list(range(1952, 2008, 5))
    assert [len(table.at(year)) for year in table.times] == [142] * 12
    assert (table.label, table.time, table.weight) == ("country", "year", "pop")
    assert table.hierarchy == ("continent", "country")
    assert table.dimensions == ["country", "continent"]
    assert table.measures == ["lifeExp", "pop", "gdpPercap"]
    assert table.additive == ["pop"]
    assert table.keys("continent") == CONTINENTS
    assert table.labels["lifeExp"] == "Life expectancy"
    assert gapminder() is table
    assert table.at(2007) is table.at(2007)


def test_histogram_of_the_talk(world: Table) -> None:
    edges = world.edges("lifeExp")
    assert edges.tolist() == list(range(35, 90, 5))
    histogram = world.histogram("lifeExp", edges)
    assert histogram.counts.tolist() == [[1, 8, 10, 12, 12, 9, 7, 39, 31, 13]]
    assert (histogram.total, histogram.missing, histogram.outside) == (142, 0, 0)
    assert histogram.keys.tolist() == ["all"]
    assert histogram.counts.dtype.kind == "i"


def test_histogram_by_continent(world: Table) -> None:
    histogram = world.histogram("lifeExp", world.edges("lifeExp"), by="continent")
    bins = {
        "Asia": {40: 1, 55: 2, 60: 5, 65: 3, 70: 13, 75: 6, 80: 3},
        "Europe": {70: 8, 75: 15, 80: 7},
        "Africa": {35: 1, 40: 7, 45: 10, 50: 12, 55: 10, 60: 3, 65: 2, 70: 6, 75: 1},
        "Americas": {60: 1, 65: 2, 70: 12, 75: 9, 80: 1},
        "Oceania": {80: 2},
    }
    assert histogram.keys.tolist() == CONTINENTS
    for key, counts in zip(histogram.keys, histogram.counts, strict=True):
        found = {int(edge): int(count) for edge, count in zip(histogram.edges, counts, strict=False) if count}
        assert found == bins[key]


@pytest.mark.parametrize("year", range(1952, 2008, 5))
def test_every_year_has_142_countries_in_bins(year: int) -> None:
    table = gapminder().at(year)
    assert table.histogram("lifeExp", table.edges("lifeExp")).counts.sum() == 142


def test_population_by_continent_coloured_by_life(world: Table) -> None:
    groups = world.group("continent", "pop", color="lifeExp")
    assert groups.keys.tolist() == CONTINENTS
    assert groups.values.tolist() == POPULATION
    assert groups.colors == pytest.approx(MEAN_LIFE, abs=5e-4)
    assert groups.counts.tolist() == [33, 30, 52, 25, 2]
    assert world.total("pop") == 6_251_013_179
    assert world.total("lifeExp") == pytest.approx(68.919, abs=5e-4)
    assert world.total(None) == 142


def test_segments_are_sorted_inside_each_bar(world: Table) -> None:
    segments = world.segments("continent", "pop", color="lifeExp")
    assert len(segments.keys) == 142
    assert segments.detail == "country"
    for bar, total in zip(CONTINENTS, POPULATION, strict=True):
        values = segments.values[segments.bars == bar]
        assert values.sum() == total
        assert (np.diff(values) <= 0).all()
    assert segments.keys[:2].tolist() == ["China", "India"]
    assert segments.values[:2].tolist() == [1_318_683_096, 1_110_396_331]
    assert segments.colors is not None
    assert segments.colors[0] == pytest.approx(72.961)
    assert set(segments.others) == {()}


def test_segments_collect_the_tail_of_each_bar(world: Table) -> None:
    segments = world.segments("continent", "pop", color="lifeExp", limit=10)
    africa = segments.bars == "Africa"
    assert africa.sum() == 11
    assert segments.keys[africa][-1] == "42 others"
    frame = world.frame[world.frame.continent == "Africa"].sort_values("pop", ascending=False)
    assert segments.others[int(np.flatnonzero(africa)[-1])] == tuple(frame.country[10:])
    assert segments.values[africa][-1] == frame["pop"][10:].sum()
    assert segments.colors is not None
    expected = np.average(frame.lifeExp[10:], weights=frame["pop"][10:])
    assert segments.colors[africa][-1] == pytest.approx(expected)
    assert segments.keys[segments.bars == "Oceania"].tolist() == ["Australia", "New Zealand"]


def test_tree_of_the_talk(world: Table) -> None:
    tree = world.tree(size="pop", color="lifeExp")
    assert len(tree.ids) == 148
    assert tree.ids[0] == "World"
    assert tree.parents[0] == ""
    assert tree.values[0] == 6_251_013_179
    assert tree.colors is not None
    assert tree.colors[0] == pytest.approx(68.919, abs=5e-4)
    for key, total, mean in zip(CONTINENTS, POPULATION, MEAN_LIFE, strict=True):
        place = tree.place(f"World/{key}")
        assert place is not None
        assert tree.parents[place] == "World"
        assert tree.values[place] == total
        assert tree.colors[place] == pytest.approx(mean, abs=5e-4)
    china = tree.place("World/Asia/China")
    assert china is not None
    assert tree.values[china] == 1_318_683_096
    assert tree.colors[china] == pytest.approx(72.961)
    assert tree.paths[china] == ("Asia", "China")
    assert (tree.parents == "World/Asia").sum() == 33
    assert tree.place("World/Nowhere") is None


def test_a_node_gives_the_predicate_of_its_rows(world: Table) -> None:
    tree = world.tree(size="pop", limit=10)
    for place, id in enumerate(tree.ids):
        predicate = tree.predicate(id)
        if place == 0:
            assert predicate is None
        else:
            assert world.mask(predicate).sum() == tree.counts[place]
    assert tree.predicate("World/Asia") == IsIn("continent", ("Asia",))
    others = tree.place("World/Africa/~others")
    assert others is not None
    assert tree.labels[others] == "42 others"
    assert len(tree.others[others]) == 42


def test_three_levels_with_bands(world: Table) -> None:
    table = gapminder().with_bands("lifeExp").at(2007)
    bands = table.keys("lifeExp band")
    assert bands == ["under 50 years", "50–60 years", "60–70 years", "70 years and over"]
    tree = table.tree(["continent", "lifeExp band", "country"], "pop", "lifeExp")
    cuts = pd.cut(world.frame.lifeExp, [-np.inf, 50, 60, 70, np.inf], right=False, labels=bands)
    expected = world.frame.groupby(["continent", cuts], observed=True)["pop"].sum()
    for (continent, band), total in expected.items():
        place = tree.place(f"World/{continent}/{band}")
        assert place is not None
        assert tree.values[place] == total
    assert len(tree.ids) == 1 + 5 + len(expected) + 142
    assert tree.values[0] == 6_251_013_179


def test_lines_sum_a_stock_over_countries_never_over_years() -> None:
    table = gapminder()
    lines = table.lines("pop", by="continent")
    pivot = table.frame.pivot_table("pop", "continent", "year", aggfunc="sum").loc[CONTINENTS]
    assert lines.times.tolist() == table.times
    assert lines.values == pytest.approx(pivot.to_numpy())
    with pytest.raises(TableError, match="level at a moment"):
        table.group("continent", "pop")
    with pytest.raises(TableError, match="level at a moment"):
        table.tree(size="pop")
    with pytest.raises(TableError, match="level at a moment"):
        table.histogram("lifeExp", table.edges("lifeExp"), weight="pop")
    # Rows of a single year may be summed although the table has more.
    only = table.mask(IsIn("year", (2007,)))
    assert table.group("continent", "pop", where=only).values.tolist() == POPULATION
    # A mean weighted by a stock is no sum of it.
    mean = table.group("continent", "lifeExp").values[0]
    asia = table.frame[table.frame.continent == "Asia"]
    assert mean == pytest.approx(np.average(asia.lifeExp, weights=asia["pop"]))


def test_lines_of_means_and_of_chosen_keys() -> None:
    table = gapminder()
    lines = table.lines("lifeExp", by="country", keys=["Rwanda", "Japan", "Atlantis"])
    assert lines.keys.tolist() == ["Rwanda", "Japan"]
    japan = table.frame[table.frame.country == "Japan"].sort_values("year")
    assert lines.values[1] == pytest.approx(japan.lifeExp.to_numpy())
    asia = table.lines("lifeExp", where=table.mask(IsIn("continent", ("Asia",))))
    frame = table.frame[table.frame.continent == "Asia"]
    expected = [np.average(rows.lifeExp, weights=rows["pop"]) for _, rows in frame.groupby("year")]
    assert asia.keys.tolist() == ["all"]
    assert asia.values[0] == pytest.approx(expected)
    few = table.lines("lifeExp", by="country", limit=3)
    assert len(few.keys) == 3
    assert len(few.others) == 139


def test_whole_and_selection_line_up(world: Table) -> None:
    asia = world.mask(IsIn("continent", ("Asia",)))
    for whole, part in (
        (world.group("country", "pop", top=5), world.group("country", "pop", where=asia, top=5)),
        (
            world.segments("continent", "pop", limit=5),
            world.segments("continent", "pop", where=asia, limit=5),
        ),
    ):
        assert whole.keys.tolist() == part.keys.tolist()
        assert (part.values <= whole.values).all()
    part = world.group("continent", "lifeExp", where=asia)
    assert part.values[0] == pytest.approx(69.444, abs=5e-4)
    assert np.isnan(part.values[1:]).all()
    ranked = world.group("country", "pop", where=asia, top=3, rank=asia)
    assert ranked.keys.tolist() == ["China", "India", "Indonesia", "139 others"]


def test_top_collects_the_others(world: Table) -> None:
    groups = world.group("country", "pop", color="lifeExp", top=5)
    frame = world.frame.sort_values("pop", ascending=False)
    assert groups.keys.tolist() == [*frame.country[:5], "137 others"]
    assert groups.others == tuple(frame.country[5:])
    assert groups.others_key == "137 others"
    assert groups.values[-1] == frame["pop"][5:].sum()
    assert groups.colors is not None
    assert groups.colors[-1] == pytest.approx(np.average(frame.lifeExp[5:], weights=frame["pop"][5:]))
    # "1 others" would hide one name to save one bar.
    assert world.group("continent", "pop", top=4).others == ()


def test_rows(world: Table) -> None:
    asia = world.mask(IsIn("continent", ("Asia",)))
    rows = world.rows(asia, ["country", "pop"])
    pd.testing.assert_frame_equal(rows, world.frame.loc[world.frame.continent == "Asia", ["country", "pop"]])
    assert len(world.rows()) == 142


# Any table -------------------------------------------------------------------------------------------------

cells = st.one_of(st.none(), st.sampled_from([0.0, 1.0, -2.0, 5.5]), st.floats(-100, 100))
keys = st.sampled_from(["a", "b", "c/d", None])


@st.composite
def tables(draw: st.DrawFn) -> Table:
    rows = draw(st.integers(0, 40))
    columns = {
        "outer": pd.Series(draw(st.lists(keys, min_size=rows, max_size=rows)), dtype="str"),
        "inner": pd.Series(draw(st.lists(keys, min_size=rows, max_size=rows)), dtype="str"),
        "sum": pd.Series(draw(st.lists(cells, min_size=rows, max_size=rows)), dtype=float),
        "size": pd.Series(draw(st.lists(st.integers(0, 9), min_size=rows, max_size=rows)), dtype=float),
        "mean": pd.Series(draw(st.lists(cells, min_size=rows, max_size=rows)), dtype=float),
    }
    return Table(
        pd.DataFrame(columns),
        [
            Column("outer", "dimension"),
            Column("inner", "dimension"),
            Column("sum", "measure"),
            Column("size", "measure"),
            Column("mean", "measure", aggregate="mean"),
        ],
        name="any",
        weight=draw(st.sampled_from([None, "size"])),
    )


def frame_of(table: Table, where: np.ndarray | None) -> pd.DataFrame:
    frame = table.frame.fillna({"outer": "missing", "inner": "missing"})
    return frame if where is None else frame[where]


def pandas_mean(rows: pd.DataFrame, weight: str | None) -> float:
    rows = rows.dropna(subset=["mean"])
    weights = np.ones(len(rows)) if weight is None else rows[weight].to_numpy()
    return float(np.average(rows["mean"], weights=weights)) if weights.sum() else np.nan


masks = st.one_of(st.none(), st.integers(0, 2**32 - 1))


def mask_of(table: Table, seed: int | None) -> np.ndarray | None:
    return None if seed is None else np.random.default_rng(seed).random(len(table)) < 0.5


@given(tables(), masks, st.sampled_from([None, 1, 2]))
@settings(max_examples=50, deadline=None)
def test_group_is_pandas_groupby(table: Table, seed: int | None, top: int | None) -> None:
    where = mask_of(table, seed)
    groups = table.group("outer", "sum", color="mean", where=where, top=top)
    frame = frame_of(table, where)
    members = {key: [key] for key in groups.keys} | {groups.others_key: list(groups.others)}
    assert groups.colors is not None
    for key, value, color, count in zip(
        groups.keys, groups.values, groups.colors, groups.counts, strict=True
    ):
        rows = frame[frame.outer.isin(members[key])]
        assert value == pytest.approx(rows["sum"].sum())
        assert color == pytest.approx(pandas_mean(rows, table.weight), nan_ok=True)
        assert count == len(rows)
    assert groups.counts.sum() == len(frame)
    if len(table) and table.frame.outer.isna().any():
        assert groups.keys[-1] == "missing"


@given(tables(), masks, st.sampled_from([None, "outer"]), st.sampled_from([None, "size"]))
@settings(max_examples=50, deadline=None)
def test_histogram_is_pandas_cut(table: Table, seed: int | None, by: str | None, weight: str | None) -> None:
    where = mask_of(table, seed)
    edges = np.array([-2.0, 0.0, 1.0, 5.5, 50.0])
    histogram = table.histogram("mean", edges, by=by, weight=weight, where=where)
    frame = frame_of(table, where)
    bins = pd.cut(frame["mean"], edges, right=False, labels=False)
    for key, counts in zip(histogram.keys, histogram.counts, strict=True):
        inside = frame[bins.notna() & ((frame.outer == key) if by else True)]
        for place, count in enumerate(counts):
            rows = inside[bins[inside.index] == place]
            assert count == (len(rows) if weight is None else rows[weight].sum())
    assert histogram.missing == frame["mean"].isna().sum()
    assert histogram.outside == len(frame) - histogram.missing - bins.notna().sum()
    assert histogram.total == histogram.counts.sum()


@given(tables(), masks, st.sampled_from([1, 2, 60]))
@settings(max_examples=50, deadline=None)
def test_tree_parents_are_the_sums_of_their_children(table: Table, seed: int | None, limit: int) -> None:
    where = mask_of(table, seed)
    tree = table.tree(["outer", "inner"], "size", "mean", where=where, limit=limit)
    frame = frame_of(table, where)
    assert len(set(tree.ids)) == len(tree.ids)
    assert tree.colors is not None
    for place, id in enumerate(tree.ids):
        rows = frame
        for level, (column, key) in enumerate(zip(tree.columns, tree.paths[place], strict=False)):
            last = level == len(tree.paths[place]) - 1
            wanted = tree.others[place] if last and tree.others[place] else [key]
            rows = rows[rows[column].isin(wanted)]
        assert tree.values[place] == rows["size"].sum()
        assert tree.counts[place] == len(rows)
        assert tree.colors[place] == pytest.approx(pandas_mean(rows, table.weight), nan_ok=True)
        children = tree.values[tree.parents == id]
        assert len(children) == 0 or children.sum() == tree.values[place]
        assert place == 0 or tree.parents[place] in tree.ids[:place]


@given(tables(), masks, st.sampled_from([1, 2, 60]))
@settings(max_examples=50, deadline=None)
def test_segments_are_pairs(table: Table, seed: int | None, limit: int) -> None:
    where = mask_of(table, seed)
    segments = table.segments("outer", "sum", color="mean", by="inner", where=where, limit=limit)
    frame = frame_of(table, where)
    assert segments.colors is not None
    for place in range(len(segments.keys)):
        wanted = segments.others[place] or [segments.keys[place]]
        rows = frame[(frame.outer == segments.bars[place]) & frame.inner.isin(wanted)]
        assert segments.values[place] == pytest.approx(rows["sum"].sum())
        assert segments.counts[place] == len(rows)
        assert segments.colors[place] == pytest.approx(pandas_mean(rows, table.weight), nan_ok=True)
    assert segments.counts.sum() == len(frame)


def test_a_table_without_rows_answers_with_nothing() -> None:
    frame = pd.DataFrame({"year": [], "place": pd.Series(dtype="str"), "x": pd.Series(dtype=float)})
    table = Table(
        frame,
        [Column("year", "time"), Column("place", "dimension"), Column("x", "measure")],
        name="empty",
        hierarchy=("place",),
    )
    assert len(table) == 0
    assert table.times == []
    assert table.edges("x").tolist() == [0, 1]
    assert table.edges("x", 5).tolist() == [0, 5]
    histogram = table.histogram("x", table.edges("x"), by="place")
    assert histogram.counts.shape == (0, 1)
    assert histogram.total == 0
    assert len(table.group("place", "x", top=3).keys) == 0
    assert len(table.segments("place", "x").keys) == 0
    assert table.tree(size="x").ids.tolist() == ["All"]
    assert table.lines("x", by="place").values.shape == (0, 0)
    assert table.total("x") == 0
    assert len(table.rows(np.zeros(0, dtype=bool))) == 0
    with pytest.raises(TableError, match="no rows"):
        table.check_explorable()


def test_one_row_and_a_column_without_any_value() -> None:
    table = Table(pd.DataFrame({"x": [7.5], "void": [np.nan], "who": ["me"]}), name="one")
    assert table.edges("x")[0] <= 7.5 < table.edges("x")[-1]
    assert table.histogram("x", table.edges("x")).total == 1
    histogram = table.histogram("void", table.edges("void"))
    assert (histogram.total, histogram.missing) == (0, 1)
    assert np.isnan(table.total("void"))
    assert table.with_bands("void").keys("void band") == ["missing"]
    table.check_explorable()


def test_nothing_to_explore() -> None:
    table = Table(pd.DataFrame({"id": [f"row {i}" for i in range(100)]}), name="names")
    with pytest.raises(TableError, match="measure or a dimension"):
        table.check_explorable()


def test_a_missing_middle_level_is_a_node_of_its_own() -> None:
    frame = pd.DataFrame(
        {"a": ["x", "x", None], "b": ["u", None, None], "c": ["p", "q", None], "n": [1.0, 2.0, 4.0]}
    )
    tree = Table(frame, name="gaps", root="All").tree(["a", "b", "c"], "n")
    assert dict(zip(tree.ids, tree.values, strict=True)) == {
        "All": 7, "All/x": 3, "All/missing": 4, "All/x/missing": 2, "All/x/u": 1, "All/missing/missing": 4,
        "All/x/missing/q": 2, "All/x/u/p": 1, "All/missing/missing/missing": 4,
    }  # fmt: skip


def test_slashes_and_tildes_in_names_cannot_make_two_nodes_one() -> None:
    frame = pd.DataFrame({"a": ["x/y", "x"], "b": ["z", "y/z"], "n": [1.0, 2.0]})
    tree = Table(frame, name="t").tree(["a", "b"], "n")
    assert set(tree.ids) == {"All", "All/x~1y", "All/x~1y/z", "All/x", "All/x/y~1z"}
    assert tree.labels.tolist() == ["All", "x", "x/y", "y/z", "z"]


def test_five_hundred_categories_are_collected_until_the_tree_fits() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({name: rng.integers(0, 500, 50_000).astype(str) for name in "abc"})
    tree = Table(frame, name="wide").tree(["a", "b", "c"])
    assert len(tree.ids) <= 3_000
    assert tree.values[0] == 50_000
    segments = Table(frame, name="wide").segments("a", None, by="b")
    assert segments.counts.sum() == 50_000


def test_means_and_negative_values_are_no_sizes(world: Table) -> None:
    with pytest.raises(TableError, match=r"averaged.*pop"):
        world.tree(size="lifeExp")
    with pytest.raises(TableError, match="averaged"):
        world.segments("continent", "lifeExp")
    table = Table(pd.DataFrame({"g": list("aabb"), "balance": [1.0, -1.0, 2.0, 3.0]}), name="t")
    with pytest.raises(TableError, match="negative"):
        table.tree(["g"], "balance")


def test_errors_name_what_was_meant(world: Table) -> None:
    with pytest.raises(TableError, match='Did you mean "lifeExp"'):
        world.histogram("lifeexp", np.array([0, 1]))
    with pytest.raises(TableError, match="holds text"):
        world.edges("continent")
    with pytest.raises(TableError, match="Did you mean"):
        gapminder().at(2008)
    with pytest.raises(TableError, match="no time column"):
        Table(pd.DataFrame({"x": [1.5]}), name="t").at(2007)
    with pytest.raises(TableError, match="no time column"):
        Table(pd.DataFrame({"x": [1.5]}), name="t").lines("x")
    with pytest.raises(TableError, match="at least one dimension"):
        world.tree([])
    with pytest.raises(TableError, match="increasing"):
        world.histogram("lifeExp", np.array([1.0, 1.0]))
    with pytest.raises(SelectionError, match="142"):
        world.group("continent", "pop", where=np.zeros(3, dtype=bool))
    with pytest.raises(SelectionError, match="int"):
        world.group("continent", "pop", where=np.zeros(142, dtype=int))


def test_parts_keep_categories_so_that_colours_stay() -> None:
    table = gapminder()
    oceania = table.part(table.mask(IsIn("continent", ("Oceania",))))
    assert len(oceania) == 24
    assert oceania.keys("continent") == CONTINENTS
    assert oceania.at(2007).group("continent", "pop").values.tolist() == [0, 0, 0, 0, 24_549_947]


def test_a_table_does_not_change_the_frame_it_is_made_from() -> None:
    frame = pd.DataFrame({"x": [1.5, np.inf], "mixed": [1, "a"]}, index=[5, 6])
    before = frame.copy()
    table = Table(frame, name="t")
    pd.testing.assert_frame_equal(frame, before)
    assert table.frame.mixed.tolist() == ["1", "a"]
    assert len(table.notes) == 2
    assert table.total("x") == 1.5


def test_answers_are_fast_at_100_000_rows() -> None:
    """A brush needs all of a page's answers; a core of its own takes about 3 ms."""
    import time

    rng = np.random.default_rng(1)
    big = gapminder().at(2007).frame.sample(100_000, replace=True, random_state=1).reset_index(drop=True)
    big["lifeExp"] += rng.normal(0, 1, len(big))
    table = Table(big, gapminder().columns, name="big", weight="pop", hierarchy=("continent", "country"))
    table = table.with_bands("gdpPercap")
    edges = table.edges("lifeExp")
    path = ("continent", "gdpPercap band", "country")

    def answer(where: np.ndarray | None) -> None:
        table.histogram("lifeExp", edges, by="continent", where=where)
        table.group("continent", "pop", color="lifeExp", where=where)
        table.segments("continent", "pop", color="lifeExp", where=where)
        table.tree(path, "pop", "lifeExp", where=where)

    answer(None)
    seconds = []
    for low in range(40, 80):
        start = time.process_time()
        mask = table.mask(IsIn("continent", ("Asia", "Africa")))
        answer(mask & (table.numbers("lifeExp") >= low))
        seconds.append(time.process_time() - start)
    assert np.median(seconds) < 0.05
