"""A line to type an edit of a figure in any spelling; the answer shows it in all three, before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from dashboards.parts.limits import EDIT_CHARS
from dashboards.parts.page_text import page_text

__all__ = ["EditLine"]


class EditLine(JSComponent):
    """A line to type in, what is wrong with it, and the last edit in three spellings.

    Parameters
    ----------
    typed : callable
        Called with the text, and with how long it was: of a longer one than `EDIT_CHARS` the rest stays in
        the browser.
    """

    error = param.String(doc="What is wrong; the text stays in the line.")
    done = param.Integer(doc="Counts the edits that were taken: the line is emptied.")
    answer = param.Dict(default={}, doc="spellings, rows of (path, before, after), proof.")
    limit = param.Integer(default=EDIT_CHARS, constant=True)

    _esm = page_text("figure_edit.js")
    _stylesheets: ClassVar[list[str]] = [page_text("figure_edit.css")]

    def __init__(self, typed: Callable[[str, int], None], **params: Any) -> None:
        super().__init__(**{"sizing_mode": "stretch_width", "margin": 0, **params})
        self._typed = typed

    def _handle_msg(self, data: Any) -> None:
        if isinstance(data, Mapping) and data.get("type") == "typed" and isinstance(data.get("text"), str):
            length = data.get("length")
            self._typed(data["text"], length if isinstance(length, int) else len(data["text"]))
