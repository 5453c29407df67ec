"""Tools, brush width and classes as one control over a `Drawing`; for pages on which a person draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from dashboards.parts.drawing import KEYS, TOOLS, WIDTHS, Drawing
from dashboards.parts.page_text import page_text

__all__ = ["DrawingPanel"]

LABELS = {
    "move": "Move and edit strokes, drag the picture",
    "pen": "Pen",
    "line": "Line",
    "rectangle": "Rectangle",
    "ellipse": "Ellipse, from its middle",
    "area": "Area, drawn around",
    "polygon": "Polygon by clicks",
    "erase": "Eraser: takes away the strokes it touches",
}


class DrawingPanel(JSComponent):
    """Shows what a `Drawing` draws with, and changes it as the hand says; it decides nothing.

    Parameters
    ----------
    drawing : Drawing
    """

    tools = param.List(constant=True, doc="Id, label and key of each tool.")
    brushes = param.List(default=list(WIDTHS), constant=True)
    tool = param.String()
    brush = param.Number()
    classes = param.List(doc="Dicts of id, name, color, locked, strokes.")
    class_id = param.Integer()

    _esm = page_text("drawing_panel.js")
    _stylesheets: ClassVar[list[str]] = [page_text("drawing_panel.css")]

    def __init__(self, drawing: Drawing, **params: Any) -> None:
        keys = {tool: key for key, tool in KEYS.items()}
        super().__init__(
            **{
                "tools": [[tool, LABELS[tool], keys[tool]] for tool in TOOLS],
                "sizing_mode": "stretch_width",
                "margin": 0,
                **params,
            }
        )
        self._drawing = drawing
        drawing.param.watch(self._follow, ["tool", "width", "class_id", "steps"])
        self._follow()

    def _follow(self, *_: param.parameterized.Event) -> None:
        drawing = self._drawing
        counts: dict[int, int] = {}
        for stroke in drawing.log.strokes:
            counts[stroke.class_id] = counts.get(stroke.class_id, 0) + 1
        classes = [
            {
                "id": one.id,
                "name": one.name,
                "color": one.color,
                "locked": one.locked,
                "strokes": counts.get(one.id, 0),
            }
            for one in drawing.log.classes
        ]
        self.param.update(tool=drawing.tool, brush=drawing.width, class_id=drawing.class_id, classes=classes)

    def _handle_msg(self, data: Any) -> None:
        # A message comes from outside: unknown ones, and ones of another shape, are dropped.
        if not isinstance(data, Mapping):
            return
        drawing, kind = self._drawing, data.get("type")
        if kind == "tool" and data.get("tool") in TOOLS:
            drawing.take_tool(data["tool"])
        elif kind == "width" and data.get("width") in WIDTHS:
            drawing.width = data["width"]
        elif kind == "add":
            drawing.class_id = drawing.do(lambda log: log.add_class()).id
        elif kind in ("class", "rename", "recolor", "lock", "remove") and isinstance(data.get("id"), int):
            self._change(str(kind), data["id"], data)

    def _change(self, kind: str, class_id: int, data: Mapping[str, Any]) -> None:
        drawing = self._drawing
        drawing.log.class_of(class_id)
        if kind == "class":
            drawing.class_id = class_id
        elif kind == "rename":
            drawing.do(lambda log: log.rename_class(class_id, str(data.get("name", ""))))
        elif kind == "recolor":
            drawing.do(lambda log: log.recolor_class(class_id, str(data.get("color", ""))))
        elif kind == "lock":
            drawing.do(lambda log: log.lock_class(class_id, bool(data.get("locked"))))
        else:
            drawing.do(lambda log: log.remove_class(class_id))
