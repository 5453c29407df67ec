"""The shipped example of a map of one's own: Montreal's districts and their election of 2013."""

from __future__ import annotations

import gzip
import io
from collections.abc import Hashable
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution

import pandas as pd

from data_sources.boundaries.geojson import read_boundaries
from data_sources.boundaries.regions import Regions
from data_sources.columns import Column
from data_sources.errors import BoundaryError
from data_sources.table import Table

__all__ = ["election", "montreal_regions"]

_PALETTE: dict[Hashable, str] = {"Coderre": "#0072B2", "Bergeron": "#E69F00", "Joly": "#009E73"}


def _bytes(name: str) -> bytes:
    try:
        path = distribution("plotly").locate_file(f"plotly/package_data/datasets/{name}")
        with gzip.open(str(path)) as file:
            return file.read()
    except (PackageNotFoundError, OSError) as error:
        raise BoundaryError(
            "Montreal's districts come inside the plotly package, which is not there. Install plotly."
        ) from error


@lru_cache(maxsize=1)
def montreal_regions() -> Regions:
    """Return the 58 electoral districts of Montreal, from the file inside the plotly package."""
    return read_boundaries(_bytes("election.geojson.gz"), "Montreal districts.geojson")


@lru_cache(maxsize=1)
def election() -> Table:
    """Return the votes for mayor in each district of Montreal, 2013: 58 rows, always the same object.

    Raises
    ------
    BoundaryError
        If the installed plotly does not carry the data.
    """
    frame = pd.read_csv(io.BytesIO(_bytes("election.csv.gz")))
    for name in map(str, _PALETTE):
        frame[f"{name} share"] = 100 * frame[name] / frame["total"]
    columns = [
        Column("district", "label", "District"),
        Column("winner", "dimension", "Winner", palette=_PALETTE),
        Column("result", "dimension", "Result"),
        Column("total", "measure", "Votes", "votes", ",.0f"),
        *(Column(name, "measure", f"Votes for {name}", "votes", ",.0f") for name in map(str, _PALETTE)),
        *(
            Column(f"{name} share", "measure", f"Share of {name}", "%", ",.1f", "mean")
            for name in map(str, _PALETTE)
        ),
        Column("district_id", "label", "District number"),
    ]  # fmt: skip
    order = [column.name for column in columns]
    return Table(
        frame[order],
        columns,
        name="election",
        title="Montreal election 2013",
        label="district",
        weight="total",
        hierarchy=("winner", "district"),
        root="Montreal",
        source="Données Québec, by way of the plotly package",
        description="Votes for mayor in 58 districts of Montreal; their shapes are a GeoJSON file.",
    )
