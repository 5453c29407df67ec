"""Code in several languages side by side as tabs, with marked lines, to be copied; used by dashboards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from dashboards.parts.escape import escape
from dashboards.parts.page_text import page_text
from dashboards.parts.source_view import highlight_python

__all__ = ["CodeView", "code_rows"]


def code_rows(lines: list[tuple[str, str]], python: bool) -> list[list[str]]:
    """Turn marked lines into rows of (mark, HTML).

    Parameters
    ----------
    lines : list of (str, str)
        Mark ("", "+", "-") and text.
    python : bool
        Whether to colour it as Python; else it is only escaped.
    """
    texts = [text for _, text in lines]
    html = highlight_python("\n".join(texts)) if python else [escape(text) for text in texts]
    return [[mark, row] for (mark, _), row in zip(lines, html, strict=True)]


class CodeView(JSComponent):
    """Tabs of code with a button that copies all of it.

    Parameters
    ----------
    copy : callable
        Called with the name of a tab; returns the whole text to be copied.
    """

    tabs = param.List(doc="One dict a tab: name, note, rows of (mark, HTML) as `code_rows` makes them.")

    _esm = page_text("clipboard.js", "code_view.js")
    _stylesheets: ClassVar[list[str]] = [page_text("code_view.css")]

    def __init__(self, copy: Callable[[str], str], **params: Any) -> None:
        super().__init__(**{"sizing_mode": "stretch_width", "margin": 0, **params})
        self._copy = copy

    def _handle_msg(self, data: Any) -> None:
        if isinstance(data, Mapping) and data.get("type") == "copy":
            name = str(data.get("name", ""))
            if any(tab["name"] == name for tab in self.tabs):
                self._send_msg({"type": "text", "text": self._copy(name)})
