"""A window that lists who is collected in "n others"; for explorers."""

from __future__ import annotations

import numpy as np
import panel as pn
import panel_material_ui as pmui

from dashboards.parts.row_list import RowList
from data_sources import Table

__all__ = ["MemberList"]


class MemberList(pn.viewable.Viewer):
    """A dialog over the page with a list of rows; Escape and a click beside it close it."""

    def __init__(self) -> None:
        super().__init__()
        # Without a list until it opens: one that is never drawn asks the browser without end whether it may
        # be (20,000 times a second, a whole core), until Panel's tabulator.ts waits otherwise.
        self._dialog = pmui.Dialog(title="", show_close_button=True, close_on_click=True, width_option="lg")

    def open(self, title: str, table: Table, where: np.ndarray | None) -> None:
        """Show rows.

        Parameters
        ----------
        title : str
            Plain text: a dialog writes its title as text.
        table : Table
        where : ndarray of bool, shape (n,), or None
        """
        # A new list each time: one that was hidden when it was filled has no columns yet to change.
        rows = RowList()
        rows.show(table, where)
        self._dialog.param.update(objects=[rows], title=title, open=True)

    def __panel__(self) -> pn.viewable.Viewable:
        return self._dialog
