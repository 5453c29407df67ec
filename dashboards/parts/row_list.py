"""The selected rows as a list to page through: names first, titles with units, readable numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn
from bokeh.models.widgets.tables import NumberFormatter

from data_sources import Table

__all__ = ["RowList", "listed_names", "numeral"]

_ROWS_A_PAGE = 10
_STYLE = ":host .tabulator { font-size: 13px; } :host .tabulator .tabulator-header { font-size: 12px; }"


class RowList(pn.viewable.Viewer):
    """A list of rows; only the page on the screen travels to the browser."""

    def __init__(self) -> None:
        super().__init__()
        self._table: Table | None = None
        self._rows: np.ndarray | None = None
        self._list = pn.widgets.Tabulator(
            disabled=True,
            selectable=False,
            show_index=False,
            pagination="remote",
            page_size=_ROWS_A_PAGE,
            layout="fit_data_stretch",
            sizing_mode="stretch_width",
            theme="simple",
            stylesheets=[_STYLE],
            css_classes=["row-list"],
        )

    def show(self, table: Table, where: np.ndarray | None) -> None:
        """List rows.

        Parameters
        ----------
        table : Table
        where : ndarray of bool, shape (n,), optional
            All rows when not given.
        """
        if table is self._table and where is self._rows:
            return
        columns = table.columns
        names = listed_names(table)
        titles = {name: columns[name].title for name in names}
        changed: dict[str, Any] = {"value": table.rows(where, names).rename(columns=titles)}
        if self._table is None or list(self._table.columns) != list(columns):
            written = {titles[name]: numeral(table, name) for name in names}
            formats = {title: NumberFormatter(format=how) for title, how in written.items() if how}
            changed |= {"formatters": formats, "page": 1}
        self._table, self._rows = table, where
        self._list.param.update(**changed)

    def __panel__(self) -> pn.viewable.Viewable:
        return self._list


def listed_names(table: Table) -> list[str]:
    """Return the columns that are listed, the one that names a row first.

    A column that only says in which band of another one a row is, is not: the number itself is there.
    """

    def is_band(name: str) -> bool:
        return name.endswith(" band") and name.removesuffix(" band") in table.columns

    return sorted((name for name in table.columns if not is_band(name)), key=lambda name: name != table.label)


def numeral(table: Table, name: str) -> str:
    """Return the number format of a column in the language of numeral.js; empty for texts."""
    if table.columns[name].role not in ("measure", "time") or table.frame[name].dtype.kind not in "iuf":
        return ""
    if name == table.time:
        return "0"
    values = table.numbers(name)
    known = values[np.isfinite(values)]
    if not len(known) or (known == np.floor(known)).all():
        return "0,0"
    return "0,0.0" if np.abs(known).max() >= 1000 else "0,0.00"
