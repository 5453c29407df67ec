"""The world map: a measure by region and year; lasso regions, and histogram, bars and time lines answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pandas as pd
import panel as pn

from dashboards.parts.brushing import toggled
from dashboards.parts.category_switch import CategorySwitch
from dashboards.parts.charts.map import SHAPES
from dashboards.parts.clock import Clock
from dashboards.parts.column_choice import column_choice
from dashboards.parts.controls import choice, section, switch
from dashboards.parts.explorer_pictures import histogram, lines
from dashboards.parts.explorer_scene import Scene
from dashboards.parts.explorer_static import explorer_view
from dashboards.parts.figure_diff import Spec
from dashboards.parts.linked_explorer import SHARED_ROW, LinkedExplorer, card
from dashboards.parts.map_brushing import region_predicate
from dashboards.parts.map_choice import MapChoice
from dashboards.parts.map_links import MAP_LINKS
from dashboards.parts.map_pictures import places_of, ranked, ranking, region_map, rows_of
from dashboards.parts.map_state import PALETTES, MapState
from dashboards.parts.plotly_events import Brush, Point
from dashboards.parts.shell import open_page
from dashboards.parts.static_view import StaticView
from data_sources import IsIn, Table
from data_sources.boundaries import LATITUDE, LONGITUDE, Regions

__all__ = ["WorldMap"]

# On the screen from top to bottom.
DRAWN: dict[str, Callable[..., Spec]] = {
    "map": region_map,
    "histogram": histogram,
    "ranking": ranking,
    "lines": lines,
}
HEIGHTS = {"map": 468, "histogram": 224, "ranking": 224, "lines": 330}
# The world is twice as wide as high: on a phone it would stand in the middle of an empty card.
LOW_HEIGHT = f"clamp(280px, 58vw + 58px, {HEIGHTS['map']}px)"
LOW_MAP = f":host {{ height: {LOW_HEIGHT} !important; }}"


class WorldMap(LinkedExplorer):
    """Explore a table about countries, or about the regions of a GeoJSON file, on a map.

    Parameters
    ----------
    table : Table or DataFrame, optional
        A row a region and time; Gapminder (142 countries, 1952 to 2007) when not given. Countries may be
        named or given by their ISO codes.
    regions : Regions, optional
        Of the table, from `data_sources.boundaries.read_boundaries`; the countries of the world by default.
    **choices
        Any choice of `MapState`: ``measure="gdpPercap"``, ``time=1952``, ``projection="robinson"``, ….

    Attributes
    ----------
    selected : DataFrame
        The rows that every view's selection leaves, at the present time.
    """

    slug: ClassVar[str] = "worldmap"
    title: ClassVar[str] = "World map"
    intro: ClassVar[str] = (
        "How a measure spreads over the world, year by year, and over the shapes of your own GeoJSON file. "
        "Draw a lasso around countries or click them, and histogram, ranking and time lines answer."
    )
    tags: ClassVar[tuple[str, ...]] = ("maps", "tables", "linked views", "time")
    drawn: ClassVar[dict[str, Callable[..., Spec]]] = DRAWN
    hint: ClassVar[str] = (
        "Draw a lasso on the map, click a region or a bar, or drag in the histogram to select."
    )

    def __init__(
        self, table: Table | pd.DataFrame | None = None, regions: Regions | None = None, **choices: Any
    ) -> None:
        if isinstance(table, pd.DataFrame):
            table = Table(table, name="table", title="Your table")
        super().__init__(MapState(own=table, own_regions=regions, **choices))
        self.state: MapState
        self._make_views(
            HEIGHTS, map={"config": {"scrollZoom": True}, "height": None, "stylesheets": [LOW_MAP]}
        )
        self._legend = CategorySwitch(self._show_only)
        self._hear(
            (
                ("map", "selected", self._brushed_map),
                ("map", "click", self._clicked_region),
                ("histogram", "selected", self._brushed_histogram),
                ("histogram", "click", self._clicked_bin),
                ("histogram", "hidden", self._switched),
                ("ranking", "click", self._clicked_bar),
            )
        )
        self._follow()

    # -- events become predicates ---------------------------------------------------------------

    def _brushed_map(self, brush: Brush | None) -> None:
        self._forget_what_is_dimmed()
        if brush is None:
            if self._chosen("map") is None:
                self._follow()
            else:
                self.select("map", None)
            return
        places, rows = places_of(self.state), rows_of(self.state)
        chosen = [rows[places.of_trace(trace)[list(found)]] for trace, found in brush.indices.items()]
        here = pd.Index([row for part in chosen for row in part if row >= 0]).unique().to_numpy(int)
        predicate = region_predicate(brush.vertices, here, self.state.now, self.state.located.column)
        if predicate == self._chosen("map"):
            self._follow()
        else:
            self.select("map", predicate)

    def _clicked_region(self, point: Point | None) -> None:
        if point is None or point.index is None:
            return
        place = int(places_of(self.state).of_trace(SHAPES if point.curve == SHAPES else 1)[point.index])
        keys = [key for key, there in zip(self._keys(), self.state.located.places, strict=True) if there >= 0]
        self._toggle("map", keys[place], point)

    def _clicked_bar(self, point: Point | None) -> None:
        if point is None or point.index is None:
            return
        state = self.state
        rows = ranked(Scene(state, self.theme))
        if point.index >= len(rows):
            return  # a bar of the table before, clicked while the new one was on its way
        row = int(rows[point.index])
        coding = state.now.coding(state.located.column)
        self._toggle("map", coding.keys[coding.codes[row]], point)

    def _toggle(self, view: str, key: Any, point: Point) -> None:
        """Select one region; with Shift, Ctrl or Command held, add it to the selected or take it away."""
        state, column = self.state, self.state.located.column
        before: tuple[Any, ...] = ()
        if (predicate := self._chosen(view)) is not None:
            coding = state.now.coding(column)
            before = tuple(coding.keys[coding.codes[state.now.mask(predicate)]])
        chosen = toggled(before, (key,), point)
        self.select(view, IsIn(column, chosen) if chosen else None)

    def _keys(self) -> list[Any]:
        return self.state.table.keys(self.state.located.column)

    def _switched(self, hidden: frozenset[str]) -> None:
        if self.state.stack is not None:
            keys = self.state.table.keys(self.state.stack)
            self._show_only(tuple(key for key in keys if str(key) not in hidden))

    def _show_only(self, shown: tuple[Any, ...]) -> None:
        stack = self.state.stack
        everything = not shown or len(shown) == len(self.state.table.keys(stack))
        self.select("legend", None if everything else IsIn(stack, shown))

    def _forget_what_is_dimmed(self) -> None:
        """Send what is selected again, also if it is as before: the browser has dimmed regions by itself."""
        spec = self._specs["map"]
        data = [
            trace | {"selectedpoints": "?"} if "selectedpoints" in trace else trace for trace in spec["data"]
        ]
        self._specs["map"] = {**spec, "data": data}

    # -- the state becomes pictures -------------------------------------------------------------

    def _extra(self, name: str) -> dict[str, Any]:
        return {"hidden": self._hidden()} if name == "histogram" else {}

    def _hidden(self) -> frozenset[str]:
        state, predicate = self.state, self._chosen("legend")
        if not isinstance(predicate, IsIn) or state.stack is None:
            return frozenset()
        return frozenset(str(key) for key in state.table.keys(state.stack) if key not in predicate.values)

    def _follow_more(self) -> None:
        state, hidden = self.state, self._hidden()
        keys = [] if state.stack is None else state.table.keys(state.stack)
        self._legend.show(keys, [key for key in keys if str(key) not in hidden])

    # -- the page -------------------------------------------------------------------------------

    def static_view(self) -> StaticView:
        """Return what a saved file holds: time, lasso and clicks link its pictures."""
        return explorer_view(
            self,
            MAP_LINKS,
            {**HEIGHTS, "map": LOW_HEIGHT},
            wide=("map", "lines"),
            scripts=("explorer", "map", "row_list", "explorer_page", "map_page"),
            owners=("map", "ranking", "histogram", "legend"),
            columns=(self.state.located.column, LONGITUDE, LATITUDE),
        )

    def controls(self) -> list[pn.viewable.Viewable]:
        """Return the controls, in the order of the work."""
        p = self.state.param
        return [
            section("Data", MapChoice(self.state)),
            section(
                "Map",
                column_choice(p.measure),
                choice(p.shading),
                choice(p.palette, labels=dict(PALETTES)),
                column_choice(p.zoom),
                column_choice(p.projection),
            ),
            section(
                "Histogram and time lines",
                column_choice(p.width),
                column_choice(p.stack),
                self._legend,
                switch(p.weighted, label="Weighted", visible=p.table.rx().weight.rx.is_not(None)),
            ),
        ]

    def main(self) -> pn.viewable.Viewable:
        """Return the pictures."""
        views = self.views
        below = [
            pn.Column(sizing_mode="stretch_width", min_height=HEIGHTS["lines"], margin=0, styles=SHARED_ROW)
            for _ in ("lines", "rows")
        ]

        def fill() -> None:
            for place, made in zip(below, (views["lines"], self._rows), strict=True):
                # As high as it is: in a column a card's width in its row would be its height.
                place.objects = [card(made, flex="1 1 auto")]

        beside = pn.Column(
            card(views["histogram"], flex="none"),
            card(views["ranking"], flex="none"),
            margin=0,
            sizing_mode="stretch_width",
            styles={"flex": "2 1 330px", "min-width": "min(100%, 330px)", "gap": "8px"},
        )
        grid = pn.FlexBox(
            card(views["map"], flex="3 1 540px"),
            beside,
            *below,
            sizing_mode="stretch_width",
            gap="12px",
            margin=(0, 16, 16, 16),
        )
        clock = Clock(self.state.param.time, self.history, self.after_paint)
        # Below the first screen: made when that has been painted, each in the place kept for it.
        self.after_paint(fill)
        return pn.Column(self._bar, clock, grid, sizing_mode="stretch_width")


if pn.state.served:
    open_page("worldmap")
