"""The selected rows as a list to page through: names first, titles with units, readable numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn
from bokeh.models.widgets.tables import NumberFormatter

from data_sources import Table

__all__ = ["RowList"]

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
        names = sorted(
            (name for name in columns if not _is_band(table, name)), key=lambda name: name != table.label
        )
        titles = {name: columns[name].title for name in names}
        changed: dict[str, Any] = {"value": table.rows(where, names).rename(columns=titles)}
        if self._table is None or list(self._table.columns) != list(columns):
            numeric = [
                name
                for name in names
                if columns[name].role in ("measure", "time") and _is_number(table, name)
            ]
            formats = {titles[name]: NumberFormatter(format=_numeral(table, name)) for name in numeric}
            changed |= {"formatters": formats, "page": 1}
        self._table, self._rows = table, where
        self._list.param.update(**changed)

    def __panel__(self) -> pn.viewable.Viewable:
        return self._list


def _is_band(table: Table, name: str) -> bool:
    """Whether a column only says in which band of another one a row is: the number itself is listed."""
    return name.endswith(" band") and name.removesuffix(" band") in table.columns


def _is_number(table: Table, name: str) -> bool:
    return table.frame[name].dtype.kind in "iuf"


def _numeral(table: Table, name: str) -> str:
    """Return the number format in the language of numeral.js, which the list writes with."""
    if name == table.time:
        return "0"
    values = table.numbers(name)
    known = values[np.isfinite(values)]
    if not len(known) or (known == np.floor(known)).all():
        return "0,0"
    return "0,0.0" if np.abs(known).max() >= 1000 else "0,0.00"
