"""Drawing on a picture: a log of strokes and the shapes in the browser, kept equal; for pages that draw."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import param

from dashboards.parts.linked_plotly import LinkedPlotly
from segmentation.annotations import AnnotationClass, Annotations
from segmentation.errors import SegmentationError
from segmentation.strokes import Stroke, stroke_from_shape

__all__ = ["KEYS", "TOOLS", "Drawing", "Marks", "shape_of"]

Marks = tuple[tuple[Stroke, ...], tuple[AnnotationClass, ...]]
"""Strokes and classes of a log: an immutable value, so it can be a choice of a dashboard's state."""

T = TypeVar("T")

TOOLS = {
    "move": "pan",
    "pen": "drawopenpath",
    "line": "drawline",
    "rectangle": "drawrect",
    "ellipse": "drawcircle",
    "area": "drawclosedpath",
    "polygon": "drawclosedpath",
    "erase": "pan",
}
"""Tool → drag mode of Plotly; linked_plot_draw.js does what Plotly cannot: polygons by clicks, erasing."""

KEYS = {
    "v": "move",
    "p": "pen",
    "l": "line",
    "r": "rectangle",
    "c": "ellipse",
    "a": "area",
    "g": "polygon",
    "e": "erase",
}
"""Key → tool; the digits 1 to 9 choose the class, [ and ] change the width."""

WIDTHS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)
"""Widths that [ and ] step through, image pixels."""

ERASER_COLOR = "#808080"
STROKE_OPACITY = 0.8
AREA_ALPHA = 0.3
OUTLINE_PX = 2
# Revisions that are remembered: a gesture in the browser can be a few messages behind.
REVISIONS = 24


def shape_of(stroke: Stroke, color: str, name: str, editable: bool = True) -> dict[str, Any]:
    """Write a stroke as a shape of Plotly's layout.

    Parameters
    ----------
    stroke : Stroke
    color : str
        ``#rrggbb`` of its class.
    name : str
        "id;class;width", see linked_plot_draw.js.
    editable : bool
    """
    shape: dict[str, Any] = {
        "name": name,
        "xref": "x",
        "yref": "y",
        "layer": "above",
        "editable": editable and not stroke.holes,
        "opacity": STROKE_OPACITY,
        "line": {"color": color, "width": OUTLINE_PX if stroke.is_area else stroke.width},
        "fillcolor": _translucent(color) if stroke.is_area else "rgba(0,0,0,0)",
    }
    if stroke.kind in ("path", "polygon"):
        rings = [stroke.vertices, *stroke.holes]
        close = "Z" if stroke.kind == "polygon" else ""
        shape["type"] = "path"
        shape["path"] = "".join(
            "M" + "L".join(f"{_number(col)},{_number(row)}" for row, col in ring) + close for ring in rings
        )
    else:
        (row_0, col_0), (row_1, col_1) = stroke.vertices
        shape.update(type=stroke.kind, x0=col_0, y0=row_0, x1=col_1, y1=row_1)
    return shape


class Drawing(param.Parameterized):
    """Binds a log of strokes to a picture, both ways: what Python holds equals what the browser shows.

    A gesture of the hand (draw, move, erase) is one step of the log; what changes in the log (undo, another
    colour, a file) is drawn. A gesture that was made on shapes which Python has changed meanwhile is
    applied to the present log, and the browser shown the result.

    Parameters
    ----------
    view : LinkedPlotly
        A picture of an image with axes x (columns) and y (rows).
    annotations : Annotations
        The log.
    on_key : callable, optional
        Called with keys that draw nothing and are in `more_keys`.
    more_keys : str
        Such keys.
    """

    tool = param.Selector(default="pen", objects=list(TOOLS), doc="What dragging does.")
    class_id = param.Integer(default=1, doc="Class of new strokes.")
    width = param.Number(default=8.0, bounds=(1, 512), doc="Of new strokes, image pixels.")
    visible = param.Boolean(default=True, doc="Whether the strokes are shown.")
    keyed = param.Boolean(default=True, doc="Whether keys are heard: where several are drawn on, by one.")
    steps = param.Integer(default=0, constant=True, doc="Counts changes of strokes and classes.")
    picked = param.Integer(
        default=-1, doc="Place of the stroke that was clicked in the picture, -1 for none."
    )

    def __init__(
        self,
        view: LinkedPlotly,
        annotations: Annotations,
        on_key: Callable[[str], None] | None = None,
        more_keys: str = "",
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._view, self._log = view, annotations
        self._on_key, self._more_keys = on_key, more_keys
        self._revision, self._serial = 0, 0
        # What the browser has at each revision that was sent to it: id → stroke.
        self._sent: OrderedDict[int, dict[str, Stroke]] = OrderedDict()
        self._ids: list[str] = []
        self._known: Marks = ((), ())
        view.hear("drawn", self._drawn)
        view.hear("key", self._pressed)
        view.hear("picked", self._on_picked)
        self.param.watch(self._take_up, ["tool", "class_id", "width", "keyed"])
        self.param.watch(lambda _: self._show(), "visible")
        self._show()

    # -- the log --------------------------------------------------------------------------------

    @property
    def log(self) -> Annotations:
        """The log; after changing it by hand call `refresh`, or change it through `do`."""
        return self._log

    @property
    def marks(self) -> Marks:
        """Strokes and classes at present."""
        return (self._log.strokes, self._log.classes)

    @property
    def active(self) -> AnnotationClass | None:
        """The class of new strokes, if there is any class."""
        return next((one for one in self._log.classes if one.id == self.class_id), None)

    def do(self, change: Callable[[Annotations], T]) -> T:
        """Change the log, and draw what came of it."""
        result = change(self._log)
        self.refresh()
        return result

    def take_tool(self, tool: str) -> None:
        """Draw with a tool, also when it is the same and Plotly's own buttons chose another drag mode."""
        if tool == self.tool:
            self.param.trigger("tool")
        else:
            self.tool = tool

    def undo(self) -> bool:
        """Take the last step of the log back; False when there is none."""
        return self.do(lambda log: log.undo())

    def redo(self) -> bool:
        """Take the last undone step of the log again; False when there is none."""
        return self.do(lambda log: log.redo())

    def restore(self, marks: Marks) -> None:
        """Show strokes and classes as `marks` had them, as one step of the log."""
        strokes, classes = marks
        self.do(lambda log: log.replace_all(strokes, classes))

    def open(self, annotations: Annotations) -> None:
        """Draw on with another log: another image, or a file; gestures on what was there count no more."""
        self._log = annotations
        self._sent.clear()
        self._known = ((), ())
        self._ids = []
        self.refresh(always=True)

    def refresh(self, always: bool = False) -> None:
        """Draw what changed in the log and announce it."""
        if not always and self.marks == self._known:
            return
        self._show()
        self._announce()

    # -- to the browser -------------------------------------------------------------------------

    def _show(self) -> None:
        """Send all shapes, as a new revision."""
        self._number_strokes()
        if self.active is None and self._log.classes:
            with param.discard_events(self):
                self.class_id = self._log.classes[0].id
        self._revision += 1
        self._sent[self._revision] = dict(zip(self._ids, self._log.strokes, strict=True))
        while len(self._sent) > REVISIONS:
            self._sent.popitem(last=False)
        self._send(self._shapes())

    def _take_up(self, *_: param.parameterized.Event) -> None:
        self._send(None)

    def _send(self, shapes: list[dict[str, Any]] | None) -> None:
        active = self.active
        color = active.color if active is not None else ERASER_COLOR
        area = self.tool in ("rectangle", "ellipse", "area", "polygon")
        pen: dict[str, Any] = {
            # Without a class there is nothing to draw.
            "dragmode": TOOLS[self.tool] if active is not None else "pan",
            "newshape.name": f";{self.class_id};{0 if area else self.width:g}",
            "newshape.line.color": color,
            "newshape.line.width": OUTLINE_PX if area else self.width,
            "newshape.fillcolor": _translucent(color),
            "newshape.opacity": STROKE_OPACITY,
            "activeshape.fillcolor": "rgba(0,0,0,0)",
            "activeshape.opacity": 1,
        }
        keys = "".join(KEYS) + "123456789[]" + self._more_keys if self.keyed else ""
        drawing = {"tool": self.tool, "mode": pen["dragmode"], "rev": self._revision, "keys": keys}
        self._view.set_drawing(drawing, pen, shapes)

    def _shapes(self) -> list[dict[str, Any]]:
        classes = {one.id: one for one in self._log.classes}
        shapes = []
        for key, stroke in zip(self._ids, self._log.strokes, strict=True):
            owner = classes.get(stroke.class_id)
            color = owner.color if owner is not None else ERASER_COLOR
            shape = shape_of(stroke, color, _name(key, stroke), not (owner is not None and owner.locked))
            if not self.visible:
                shape["visible"] = False
            shapes.append(shape)
        return shapes

    def _number_strokes(self) -> None:
        """Give ids to strokes, the same as before to those that were there before."""
        free: dict[Stroke, list[str]] = {}
        for key, stroke in zip(self._ids, self._known[0], strict=True):
            free.setdefault(stroke, []).append(key)
        self._ids = [
            free[stroke].pop(0) if free.get(stroke) else self._new_id() for stroke in self._log.strokes
        ]
        self._known = self.marks

    def _new_id(self) -> str:
        self._serial += 1
        return f"s{self._serial}"

    # -- from the browser -----------------------------------------------------------------------

    def _drawn(self, data: Mapping[str, Any]) -> None:
        """Take over what a hand changed."""
        revision, ids = int(data["rev"]), [str(one) for one in data["ids"]]
        base = self._sent.get(revision)
        if base is None:  # far behind: what the log says stands
            self._show()
            return
        try:
            changed = {str(key): self._stroke(shape, base.get(key)) for key, shape in data["shapes"].items()}
            after = {key: changed.get(key, base.get(key)) for key in ids}
            self._sent[revision] = {key: stroke for key, stroke in after.items() if stroke is not None}
            outside = [key for key, one in changed.items() if one.box(self._log.shape) is None]
            gone = (base.keys() - after.keys()) | set(outside)
            self._apply({key: one for key, one in changed.items() if key not in gone}, gone)
        except SegmentationError:
            self._show()
            raise
        if revision != self._revision or outside or list(after) != self._ids:
            self._show()
        else:
            self._view.note_shapes(self._shapes())
        self._announce()
        if outside:
            raise SegmentationError("that stroke lies outside the image; draw on the image")

    def _apply(self, changed: Mapping[str, Stroke], gone: set[str]) -> None:
        """Make one step of the log: strokes replaced in place, taken away, or added at the end."""
        now = dict(zip(self._ids, self._log.strokes, strict=True))
        after = {key: changed.get(key, one) for key, one in now.items() if key not in gone}
        after.update({key: one for key, one in changed.items() if key not in now})
        self._log.replace_all(after.values())
        self._ids, self._known = list(after), self.marks

    def _stroke(self, shape: Mapping[str, Any], before: Stroke | None) -> Stroke:
        if before is not None:
            protects, class_id, width = before.protects, before.class_id, before.width
        else:
            _, said, wide = str(shape.get("name", "")).split(";")
            class_id, width = int(said), float(wide) or 1.0
            if class_id not in {one.id for one in self._log.classes}:
                raise SegmentationError("the class of that stroke has been removed; choose another class")
            protects = tuple(set(self._log.locked) - {class_id})
        return stroke_from_shape(shape, class_id, width=width, protects=protects)

    def _on_picked(self, data: Mapping[str, Any]) -> None:
        key = str(data.get("id", ""))
        self.picked = self._ids.index(key) if key in self._ids else -1

    def _pressed(self, data: Mapping[str, Any]) -> None:
        key = str(data.get("key", ""))
        if key in KEYS:
            self.take_tool(KEYS[key])
        elif key in "123456789" and key:
            if int(key) <= len(self._log.classes):
                self.class_id = self._log.classes[int(key) - 1].id
        elif key == "[":
            self.width = max((one for one in WIDTHS if one < self.width), default=WIDTHS[0])
        elif key == "]":
            self.width = min((one for one in WIDTHS if one > self.width), default=WIDTHS[-1])
        elif self._on_key is not None:
            self._on_key(key)

    def _announce(self) -> None:
        with param.edit_constant(self):
            self.steps += 1


def _name(key: str, stroke: Stroke) -> str:
    return f"{key};{stroke.class_id};{0 if stroke.is_area else stroke.width:g}"


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _translucent(color: str) -> str:
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{AREA_ALPHA})"
