"""What a brush costs without a browser: all answers that a page asks a table for, next to plain pandas.

Each brush moves the range; both ways answer each brush in turns and must agree.
"""

from __future__ import annotations

import sys
from statistics import median
from time import perf_counter

import numpy as np
import pandas as pd

from benchmarks.report import Row, print_table
from data_sources import Interval, IsIn, Selection, Table, gapminder

BRUSHES = 20


def large(rows: int) -> Table:
    """Return a table like Gapminder's year 2007 with `rows` rows."""
    rng = np.random.default_rng(0)
    known = gapminder().at(2007)
    frame = known.frame.sample(rows, replace=True, random_state=0).reset_index(drop=True)
    frame["lifeExp"] += rng.normal(0, 1, rows)
    frame["gdpPercap"] *= rng.lognormal(0, 0.2, rows)
    table = Table(frame, known.columns, name="large", weight="pop", hierarchy=("continent", "country"))
    return table.with_bands("gdpPercap")


def by_table(table: Table, selection: Selection, edges: np.ndarray) -> list[np.ndarray]:
    """Answer with the table."""
    where = table.mask(selection)
    path = ("continent", "gdpPercap band", "country")
    return [
        table.histogram("lifeExp", edges, by="continent", where=where).counts,
        table.group("continent", "lifeExp", where=where).values,
        table.segments("continent", "pop", color="lifeExp", where=where).values,
        table.tree(path, "pop", "lifeExp", where=where).values,
    ]


def by_pandas(frame: pd.DataFrame, low: float, high: float, edges: np.ndarray) -> list[pd.Series]:
    """Answer as one would by hand: filter the rows, then group them; a product column weights the means."""
    rows = frame[frame.continent.isin(("Asia", "Africa")) & (frame.lifeExp >= low) & (frame.lifeExp < high)]
    rows = rows.assign(weighted=rows.lifeExp * rows["pop"])
    answers = [rows.groupby(["continent", pd.cut(rows.lifeExp, edges, right=False)], observed=False).size()]
    for keys in (["continent"], ["continent", "country"]):
        sums = rows.groupby(keys, observed=True)[["pop", "weighted"]].sum()
        answers.append(sums.weighted / sums["pop"] if len(keys) == 1 else sums["pop"])
    path = ["continent", "gdpPercap band", "country"]
    for depth in range(1, 4):
        sums = rows.groupby(path[:depth], observed=True)[["pop", "weighted"]].sum()
        answers.append(sums["pop"])
    return answers


def agree(ours: list[np.ndarray], theirs: list[pd.Series], edges: np.ndarray) -> None:
    """Stop if the two ways differ: a fast wrong answer is no answer."""
    histogram, means, segments, tree = ours
    assert np.array_equal(histogram.sum(axis=0), theirs[0].groupby(level=1, observed=False).sum().to_numpy())
    assert np.allclose(np.sort(means[~np.isnan(means)]), np.sort(theirs[1]))
    assert np.allclose(np.sort(segments[segments > 0]), np.sort(theirs[2]))
    assert tree[0] == theirs[3].sum()
    assert np.allclose(np.sort(tree[tree > 0])[-1], theirs[3].sum())


def measure(rows: int) -> Row:
    """Time both ways, brush by brush."""
    table = large(rows)
    edges = table.edges("lifeExp", 5)
    base = Selection().with_predicate("bar", IsIn("continent", ("Asia", "Africa")))
    by_table(table, base, edges)
    seconds: tuple[list[float], list[float]] = ([], [])
    for step in range(BRUSHES):
        low, high = 40.0 + step, 60.0 + step
        start = perf_counter()
        ours = by_table(table, base.with_predicate("histogram", Interval("lifeExp", low, high)), edges)
        between = perf_counter()
        theirs = by_pandas(table.frame, low, high, edges)
        seconds[1].append(perf_counter() - between)
        seconds[0].append(between - start)
        agree(ours, theirs, edges)
    ours_ms, theirs_ms = (median(part) * 1000 for part in seconds)
    return Row(f"brush → mask and four answers, {rows:,} rows", ours_ms, theirs_ms, aim=4)


def main() -> int:
    """Print the table; 1 if an aim was missed."""
    return 0 if print_table("Tables", [measure(rows) for rows in (1_704, 100_000, 1_000_000)]) else 1


if __name__ == "__main__":
    sys.exit(main())
