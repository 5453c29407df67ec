"""The explorer over a Gapminder-like table of 100 000 rows; served by `bench_gapminder`."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
import panel as pn

from dashboards.gapminder import GapminderExplorer
from dashboards.parts.shell import serve_class
from data_sources import Table, gapminder

ROWS = 100_000


@lru_cache(maxsize=1)
def large_table() -> Table:
    """Return Gapminder with 59 towns in place of each country: 142 × 59 × 12 = 100 536 rows, same columns."""
    known = gapminder()
    rng = np.random.default_rng(2007)
    copies = -(-ROWS // len(known))
    parts = []
    for copy in range(copies):
        part = known.frame.copy()
        part["country"] = part["country"].astype(str) + f" {copy + 1:02d}"
        part["lifeExp"] = np.clip(part["lifeExp"] + rng.normal(0, 2, len(part)), 25, 84.9)
        part["gdpPercap"] *= rng.lognormal(0, 0.2, len(part))
        part["pop"] = np.maximum(part["pop"] // copies, 1)
        parts.append(part)
    return Table(
        pd.concat(parts, ignore_index=True),
        known.columns,
        name="large",
        title="100 000 rows",
        label="country",
        time="year",
        weight="pop",
        hierarchy=("continent", "country"),
        root="World",
    )


if pn.state.served:
    # Panel runs this file anew for each visitor; the imported module makes the table once.
    from benchmarks import gapminder_large

    serve_class(lambda: GapminderExplorer(gapminder_large.large_table()))
