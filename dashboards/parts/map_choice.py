"""Which table is mapped: one that comes along, or the user's own, with the regions of its GeoJSON file."""

from __future__ import annotations

from typing import Any

import panel_material_ui as pmui

from dashboards.parts.escape import escape
from dashboards.parts.explorer_state import OWN
from dashboards.parts.map_state import MapState
from dashboards.parts.table_choice import TableChoice
from data_sources import Table
from data_sources.boundaries import (
    Located,
    Regions,
    locate,
    read_boundaries,
    region_table,
    world_regions,
)
from data_sources.errors import BoundaryError

__all__ = ["MapChoice"]


class MapChoice(TableChoice):
    """A list of tables, a place to drop a table or a GeoJSON file, and the roles of the columns.

    A table is matched with the shapes that were dropped before, else with the countries of the world. One
    that matches neither is kept for the GeoJSON file that may follow.

    Parameters
    ----------
    state : MapState
        Gets table and regions together; it keeps the old ones when they do not fit.
    """

    def __init__(self, state: MapState) -> None:
        self._waiting: Table | None = None
        self._lost = pmui.Alert(
            severity="warning", visible=False, margin=(4, 10), sizing_mode="stretch_width"
        )
        super().__init__(state)
        self._column.insert(3, self._lost)

    def _read(self, data: bytes, name: str) -> Any:
        opening = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
        if name.lower().endswith((".geojson", ".json")) or opening.startswith(b"{"):
            return read_boundaries(data, name)
        return super()._read(data, name)

    def _take(self, found: Any) -> None:
        if isinstance(found, Regions):
            self._take_regions(found)
        else:
            self._take_table(found)

    def _take_regions(self, regions: Regions) -> None:
        """Map the table that waited for these shapes, or the present one, or what the file itself says."""
        mine = self._state.own if self._state.data == OWN else None
        for table in (self._waiting, mine):
            if table is None:
                continue
            try:
                self._set(locate(table, regions), table)
            except BoundaryError:
                continue
            return
        table = region_table(regions)
        self._set(locate(table, regions), table)

    def _take_table(self, table: Table) -> None:
        regions = self._state.own_regions
        try:
            if regions is not None:
                try:
                    return self._set(locate(table, regions), table)
                except BoundaryError:
                    pass  # perhaps it is about countries
            self._set(locate(table, world_regions()), table)
        except BoundaryError as error:
            if "names the" not in str(error):
                raise
            self._waiting = table
            raise BoundaryError(
                f"{error} The table is kept for the GeoJSON file that you drop next."
            ) from error

    def _set(self, located: Located, table: Table) -> None:
        self._complain("")
        self._waiting = None
        regions = None if located.regions.is_world else located.regions
        self._state.param.update(own=table, own_regions=regions, data=OWN)

    def _describe(self) -> None:
        super()._describe()
        state = self._state
        assert isinstance(state, MapState)
        complaint = state.located.complaint()
        self._lost.object = escape(complaint)
        self._lost.visible = bool(complaint)
