"""What a person chose on a map of regions: the table, its regions, the measure, colours, projection, zoom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, ClassVar

import param

from dashboards.parts.explorer_state import OWN, ExplorerState
from data_sources import SourceError, Table, gapminder
from data_sources.boundaries import Located, Regions, election, locate, montreal_regions, world_regions

__all__ = ["EVERYWHERE", "PALETTES", "MapState"]

EVERYWHERE = "everything"

PALETTES: Mapping[str, str] = {
    "Viridis": "yellow to violet",
    "Cividis": "yellow to blue",
    "Inferno": "yellow to black",
    "YlGnBu": "blue to yellow",
    "Purples": "violet",
    "RdBu": "blue to red",
}
"""Colour maps and what they look like; all are told apart with the common kinds of colour blindness."""

# West, east, south, north.
ZOOMS: Mapping[str, tuple[float, float, float, float]] = {
    "Africa": (-20, 54, -37, 38),
    "Asia": (28, 148, -12, 58),
    "Europe": (-25, 42, 34, 70),
    "North America": (-130, -55, 5, 65),
    "South America": (-85, -33, -57, 14),
    "Oceania": (108, 180, -50, 0),
}

WORLD_PROJECTIONS = (
    "natural earth", "equal earth", "robinson", "equirectangular", "mercator", "mollweide", "orthographic",
)  # fmt: skip
OWN_PROJECTIONS = ("mercator", "equirectangular")


@cache
def _shipped(key: str) -> Located:
    regions = {"gapminder": world_regions, "election": montreal_regions}[key]()
    return locate(MapState.TABLES[key](), regions)


class MapState(ExplorerState):
    """The choices of a map of regions.

    Attributes
    ----------
    located : Located
        Which region each row of the table is about.
    """

    data = param.Selector(default="gapminder", objects=["gapminder", "election", OWN], label="Table")
    own_regions = param.ClassSelector(class_=Regions, default=None, label="Your map")

    shading = param.Selector(
        default="automatic", objects=["automatic", "linear", "log", "classes"], label="Colour scale"
    )
    palette = param.Selector(default="Viridis", objects=list(PALETTES), label="Colours")
    projection = param.Selector(
        default=WORLD_PROJECTIONS[0], objects=list(WORLD_PROJECTIONS), label="Projection"
    )
    zoom = param.Selector(default=EVERYWHERE, objects=[EVERYWHERE, *ZOOMS], label="Zoom to")

    TABLES: ClassVar[Mapping[str, Callable[[], Table]]] = {"gapminder": gapminder, "election": election}
    SET_FIRST: ClassVar[tuple[str, ...]] = ("own_regions", "own", "data", "measure")
    NOT_IN_URL: ClassVar[dict[str, str]] = {"own": "your own table", "own_regions": "your own map"}
    URL_KEYS: ClassVar[dict[str, str]] = {
        "data": "d",
        "time": "y",
        "measure": "m",
        "width": "w",
        "weighted": "wt",
        "stack": "c",
        "shading": "cs",
        "palette": "cp",
        "projection": "pj",
        "zoom": "z",
        "selection": "s",
    }

    located: Located

    def __init__(self, **params: Any) -> None:
        if params.get("own") is not None:
            locate(
                params["own"], params.get("own_regions") or world_regions()
            )  # raises when it cannot be mapped
        super().__init__(**params)

    def owner(self, view: str) -> str:
        """Return under which name a view owns its predicate."""
        if view in ("map", "ranking"):
            return f"{view} {self.located.column}"
        return super().owner(view)

    @property
    def source(self) -> Table:
        """The chosen table with the middles of its regions."""
        return self.located.table

    def _fit(self) -> None:
        self.located = self._locate()
        super()._fit()

    def _locate(self) -> Located:
        if self.data != OWN or self.own is None:
            return _shipped(self.data if self.data != OWN else "gapminder")
        try:
            return locate(self.own, self.own_regions or world_regions())
        except SourceError:
            # Between two steps of an undo the table is there already and its map not yet.
            return _shipped("gapminder")

    def _fit_more(self, table: Table) -> None:
        world = self.located.regions.is_world
        projections = WORLD_PROJECTIONS if world else OWN_PROJECTIONS
        self.param["projection"].objects = list(projections)
        self.param["zoom"].objects = [EVERYWHERE, *ZOOMS] if world else [EVERYWHERE]
        fresh: dict[str, Any] = {"projection": projections[0], "zoom": EVERYWHERE, "shading": "automatic"}
        if table.times:
            # A map shows one moment, also of measures that could be summed over all.
            self.param["time"].objects = table.times
            fresh["time"] = table.times[-1]
        self._defaults |= fresh
        self.param.update(**fresh)
