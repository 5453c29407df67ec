"""Which table is explored: one that comes along, or the user's own file, its columns mapped."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable
from typing import Any, ClassVar

import panel_material_ui as pmui

from dashboards.parts.explorer_state import OWN, ExplorerState
from dashboards.parts.source_choice import SourceChoice
from data_sources import SourceError, read_table
from data_sources.limits import TABLE_FILE_BYTES

__all__ = ["TableChoice"]

_NONE = "none"


class TableChoice(SourceChoice):
    """A list of tables, a place to drop a file, and the roles of its columns.

    Parameters
    ----------
    state : ExplorerState
    """

    LABEL: ClassVar[str] = "Table"

    def __init__(self, state: ExplorerState) -> None:
        self._state: ExplorerState
        # The roles are asked for in the order in which they matter to the pictures.
        self._label = pmui.Select(label="Name of a row", **_SLIM)
        self._time = pmui.Select(label="Time", **_SLIM)
        self._weight = pmui.Select(label="Weight of means", **_SLIM)
        self._hierarchy = pmui.MultiChoice(label="Hierarchy, outermost first", **_WIDE)
        self._averaged = pmui.MultiChoice(label="Averaged, not summed", **_WIDE)
        self._apply = pmui.Button(label="Use these roles", size="small", variant="outlined", margin=(4, 10))
        self._roles = pmui.Accordion(
            (
                "What the columns mean",
                pmui.Column(
                    self._label, self._time, self._weight, self._hierarchy, self._averaged, self._apply,
                    sizing_mode="stretch_width",
                ),
            ),
            active=[],
            sizing_mode="stretch_width",
            margin=(4, 10),
            sx={"& h3": {"fontSize": "14px", "fontWeight": 500}, "boxShadow": "none"},
        )  # fmt: skip
        super().__init__(state, ["table"], TABLE_FILE_BYTES, more=[self._roles])
        self._apply.on_click(self._map)

    # -- choosing -------------------------------------------------------------------------------

    def _titles(self) -> dict[str, str]:
        titles = {table().title: key for key, table in self._state.TABLES.items()}
        if self._state.own is not None:
            titles[f"{self._state.own.title} (yours)"] = OWN
        return titles

    def _chosen(self) -> str:
        return str(self._state.data)

    def _choose(self, key: str) -> None:
        self._complain("")
        self._state.data = key

    def _read(self, data: bytes, name: str) -> Any:
        """Read a dropped file, in a thread: what `_take` takes."""
        table = read_table(data, name)
        table.check_explorable()
        return table

    def _map(self, _: object) -> None:
        table = self._state.own or self._state.table
        measures = [table.columns[name] for name in table.measures]
        columns = [
            dataclasses.replace(column, aggregate="mean" if column.name in self._averaged.value else "sum")
            for column in measures
        ]
        roles: dict[str, Any] = {
            role: None if widget.value == _NONE else widget.value
            for role, widget in (("label", self._label), ("time", self._time), ("weight", self._weight))
        }
        try:
            self._take(table.with_roles(columns, hierarchy=tuple(self._hierarchy.value), **roles))
        except SourceError as error:
            self._complain(str(error))

    def _take(self, found: Any) -> None:
        self._complain("")
        self._state.param.update(own=found, data=OWN)

    # -- showing --------------------------------------------------------------------------------

    def _show_more(self) -> None:
        table = self._state.source
        names: list[Hashable] = list(table.columns)
        for widget, value, offered in (
            (self._label, table.label, names),
            (self._time, table.time, names),
            (self._weight, table.weight, table.measures),
        ):
            widget.param.update(options=[_NONE, *offered], value=value or _NONE)
        self._hierarchy.param.update(options=names, value=list(table.hierarchy))
        means = [name for name in table.measures if name not in table.additive]
        self._averaged.param.update(options=table.measures, value=means)

    def _lines(self) -> list[str]:
        table = self._state.table
        lines = [f"{len(table):,} rows. {table.description}", *table.notes]
        return [*lines, f"Source: {table.source}"] if table.source else lines


_WIDE: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": (6, 0)}
_SLIM: dict[str, Any] = {"size": "small", **_WIDE}
