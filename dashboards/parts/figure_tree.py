"""The nested tree of a figure: look, search, edit, add; it knows which element of a picture is which node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from dashboards.parts.page_text import page_text

__all__ = ["FigureTree"]


class FigureTree(JSComponent):
    """A tree with the value and the meaning of one node below it.

    It shows what Python tells it and says what the hand did. Whoever makes it registers what answers each
    message with `answer`.

    Messages from the browser: ``select`` with ``path`` (a node, or an element of the picture);
    ``edit`` with ``path`` and ``text``; ``remove`` with ``path``; ``figure`` with ``text`` and ``title`` (one
    that was brought from another page).
    """

    view = param.String(constant=True, doc="Name of the picture whose elements are clicked.")
    nodes = param.List(doc="As `figure_nodes.nodes_of` returns them.")
    selected = param.String(doc="Dotted path.")
    detail = param.Dict(default={}, doc="What is said of the selected place: words, may, choices, text, …")
    brought = param.Boolean(doc="Whether the figure came from another page.")
    message = param.String(doc="What is wrong with an edit of the selected node.")

    _esm = page_text("figure_touch.js", "figure_tree.js")
    _stylesheets: ClassVar[list[str]] = [page_text("figure_tree.css")]

    def __init__(self, **params: Any) -> None:
        super().__init__(**{"sizing_mode": "stretch_width", "margin": 0, **params})
        self._answers: dict[str, Callable[[Mapping[str, Any]], object]] = {}

    def answer(self, **answers: Callable[[Mapping[str, Any]], object]) -> None:
        """Say what to call for each type of message; it gets the message as a mapping."""
        self._answers.update(answers)

    def _handle_msg(self, data: Any) -> None:
        # A message comes from outside: unknown ones, and ones of another shape, are dropped.
        if isinstance(data, Mapping) and data.get("type") in self._answers:
            self._answers[data["type"]](data)
