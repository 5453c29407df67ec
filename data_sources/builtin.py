"""Gapminder, the table that everything begins with; see also `bikeshare`."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution

import pandas as pd

from data_sources.columns import Column
from data_sources.errors import TableError
from data_sources.table import Table

__all__ = ["gapminder"]

CONTINENTS = ("Asia", "Europe", "Africa", "Americas", "Oceania")
"""In the order of the talk, which is the order of the rows."""


@lru_cache(maxsize=1)
def gapminder() -> Table:
    """Return 142 countries at 12 times, 1952 to 2007: life expectancy, population, GDP per person.

    Returns
    -------
    Table
        1704 rows, always the same object. The hierarchy is continent and country; means are weighted by
        population.

    Raises
    ------
    TableError
        If the installed plotly does not carry the data.

    Notes
    -----
    The rows are those of the file inside the plotly package, which is read without importing it; they come
    from the Gapminder foundation by way of J. Bryan's excerpt.
    """
    try:
        path = distribution("plotly").locate_file("plotly/package_data/datasets/gapminder.csv.gz")
        frame = pd.read_csv(str(path), compression="gzip")
    except (PackageNotFoundError, OSError) as error:
        raise TableError(
            "Gapminder's numbers come inside the plotly package, which is not there. Install plotly."
        ) from error
    frame = frame[["country", "continent", "year", "lifeExp", "pop", "gdpPercap", "iso_alpha"]]
    return Table(
        frame,
        [
            Column("country", "label", "Country"),
            Column("continent", "dimension", "Continent", order=CONTINENTS),
            Column("year", "time", "Year", format="d"),
            Column(
                "lifeExp", "measure", "Life expectancy", "years", ",.2~f", "mean", description="At birth."
            ),
            Column("pop", "measure", "Population", "people", ",.0f", "sum", stock=True),
            Column(
                "gdpPercap",
                "measure",
                "GDP per person",
                "US$",
                ",.0f",
                "mean",
                description="Per year, in international dollars of 2005: corrected for prices and inflation.",
            ),
            Column("iso_alpha", "label", "Country code", description="ISO 3166, three letters."),
        ],
        name="gapminder",
        title="Gapminder",
        label="country",
        time="year",
        weight="pop",
        hierarchy=("continent", "country"),
        root="World",
        source="Gapminder foundation, excerpt by J. Bryan",
        description="142 countries every five years from 1952 to 2007.",
    )
