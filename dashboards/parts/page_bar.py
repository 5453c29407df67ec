"""The bar of a page and its bridge to the browser: address, keys, clipboard, files; used by the shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from dashboards.parts.limits import INSPECT_CHARS
from dashboards.parts.page_text import page_text

__all__ = ["PageBar"]


class PageBar(JSComponent):
    """One slim bar: name, undo, redo, start over, link, download, file, inspect, source, hood, dark.

    It shows what Python tells it and says what the hand did; it decides nothing. Whoever makes it
    registers what answers each message with `answer`.

    Messages from the browser: ``ready`` when the bar is drawn, with ``key`` and ``work`` where the page keeps
    what is drawn; ``save`` to try that again; ``undo``, ``redo``, ``reset``; ``pop`` with
    ``query`` (Back or Forward); ``copied`` with ``done``; ``download`` with ``kind``, ``name``, ``format``;
    ``save_file``; ``no_figure`` with ``label``; ``long_figure`` with ``label``, ``length``; ``inspect`` with
    ``tab``; ``theme`` with ``dark``.
    """

    title = param.String(constant=True)
    slug = param.String(constant=True)
    home = param.String(default="./", constant=True, doc="Address of the gallery, relative to the page.")
    can_undo = param.Boolean()
    can_redo = param.Boolean()
    can_reset = param.Boolean()
    dark = param.Boolean()
    inspecting = param.String(doc='Which tab of the drawer is open: "source", "hood", another, or "".')
    figures = param.List(doc="Figures to look into: dicts of name and label; empty without a page for that.")
    inspect_limit = param.Integer(default=INSPECT_CHARS, constant=True)
    files = param.List(doc="Headings with rows of dicts: kind, name, label, formats.")
    keeps = param.Boolean(doc="Whether what is drawn on this page is kept under a key of the browser.")
    saving = param.Dict(
        default={}, doc='state ("saved" or "failed") and words; empty before anything is kept.'
    )
    work = param.String(doc="Number of the work that is open: this tab opens it again.")
    share = param.String(doc="What a copied link carries so that others get a copy of the work.")
    address = param.Dict(
        default=None, allow_None=True, doc="query, push (a new entry or not), and a number that makes it new."
    )

    # Text, not a path: a page then asks for nothing more, under any prefix and in any host.
    _esm = page_text("clipboard.js", "page_bridge.js", "page_bar.js")
    _stylesheets: ClassVar[list[str]] = [page_text("page_bar.css")]

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._answers: dict[str, Callable[[Mapping[str, Any]], object]] = {}
        self._addresses = 0

    def answer(self, **answers: Callable[[Mapping[str, Any]], object]) -> None:
        """Say what to call for each type of message; it gets the message as a mapping."""
        self._answers.update(answers)

    def go(self, query: str, push: bool) -> None:
        """Show a query in the address bar, as a new entry of its history or in place of this one."""
        self._addresses += 1
        self.address = {"query": query, "push": push, "number": self._addresses}

    def send_file(self, name: str, mime: str, data: bytes) -> None:
        """Hand a file to the browser, which saves it as a download."""
        self._send_msg({"type": "file", "name": name, "mime": mime, "data": data})

    def _handle_msg(self, data: Any) -> None:
        # A message comes from outside: unknown ones, and ones of another shape, are dropped.
        if isinstance(data, Mapping) and data.get("type") in self._answers:
            self._answers[data["type"]](data)
