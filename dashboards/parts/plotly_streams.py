"""What the browser says of a picture, as typed parameters: the half of LinkedPlotly that hears."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import panel as pn
import param
import plotly.graph_objects as go
from panel.io import hold

from dashboards.parts.budget import measure
from dashboards.parts.event_log import EventLog
from dashboards.parts.hierarchies import level_name
from dashboards.parts.plotly_events import (
    AnnotationClick,
    Brush,
    Point,
    hidden_names,
    image_px,
    parse_brush,
    parse_point,
    parse_shapes,
    parse_viewport,
)
from dashboards.parts.plotly_pane import LinkedPane
from dashboards.parts.thinning import Thinning

__all__ = ["PlotlyStreams"]


class PlotlyStreams(pn.viewable.Viewer):
    """Takes the events of a picture in; each becomes a parameter that a dashboard watches.

    Parameters
    ----------
    name : str
        Of the view.
    log : EventLog, optional
        Where events are noted.
    """

    hover = param.ClassSelector(class_=Point, default=None, allow_None=True, doc="What is under the mouse.")
    click = param.ClassSelector(
        class_=Point, default=None, allow_None=True, doc="What was clicked; fires on every click."
    )
    double_click = param.Integer(default=0, doc="Double clicks so far (zoom and pan modes).")
    selected = param.ClassSelector(class_=Brush, default=None, allow_None=True, doc="Box, lasso or points.")
    selections = param.List(default=[], item_type=dict, doc="Outlines of all selections, as the layout's.")
    shapes = param.List(default=[], item_type=dict, doc="All drawn shapes, after each draw, edit and erase.")
    hidden = param.ClassSelector(class_=frozenset, default=frozenset(), doc="Groups switched off.")
    level = param.String(default="", doc='Id of the drilled sector of a sunburst or treemap; "" is the root.')
    viewport = param.Dict(default={}, doc="Axis id to (low, high).")
    dragmode = param.String(default="zoom", doc="What dragging does.")
    annotation_click = param.ClassSelector(
        class_=AnnotationClick, default=None, allow_None=True, doc="Fires on every click."
    )
    relayout = param.Dict(default={}, doc="Other changes of the layout by hand: maps, cameras, ….")

    # The picture, which LinkedPlotly makes.
    _pane: LinkedPane
    _thinning: Thinning

    def __init__(self, name: str, log: EventLog | None = None) -> None:
        super().__init__(name=name)
        self.log = log if log is not None else EventLog()
        self._axis_lengths: dict[str, float] = {}
        # What a hand changes in the browser without our figure knowing: never left out of a patch as "equal".
        self._touched: set[str] = set()
        self._hearers: dict[str, Callable[[Mapping[str, Any]], None]] = {}

    @property
    def figure(self) -> go.Figure:
        """The live figure; changes to it in place are shown."""
        return self._pane.object

    @property
    def lengths(self) -> dict[str, float]:
        """Length of each axis on the screen in px, by axis id; empty before the picture is drawn."""
        return dict(self._axis_lengths)

    def note_shapes(self, shapes: Sequence[Mapping[str, Any]]) -> None:
        """Hold the shapes that the browser has; nothing is sent."""
        with self._pane.muted():
            self.figure.layout.shapes = list(shapes)
        self.param.update(shapes=list(shapes))

    def hear(self, kind: str, handler: Callable[[Mapping[str, Any]], None]) -> None:
        """Give events of a kind that no param stands for ("drawn", "key") to a handler."""
        self._hearers[kind] = handler

    def image_px(self, screen_px: float, xaxis: str = "x") -> float:
        """Width of a drawn line in data units of an axis (image pixels), at the present zoom.

        Parameters
        ----------
        screen_px : float
            Plotly's line width: screen pixels, whatever the zoom.
        xaxis : str
            Axis id.

        Raises
        ------
        ValueError
            Before the picture is drawn.
        """
        if xaxis not in self.viewport or xaxis not in self._axis_lengths:
            raise ValueError(f"view {self.name!r} is not drawn yet: no scale for axis {xaxis!r}")
        low, high = self.viewport[xaxis]
        return image_px(screen_px, (low, high), self._axis_lengths[xaxis])

    # -- inside ------------------------------------------------------------------------

    def _handle(self, kind: str, data: Any) -> None:
        """Take one event of the browser (see linked_plot.js for what it carries)."""
        handler = self._hearers.get(kind) or getattr(self, f"_on_{kind}")
        self.log.record(self.name, kind, data, measure(data))
        # All that the event makes run goes to the browser as one message, which is painted as one.
        with hold():
            handler(data or {})

    def _fire(self, name: str, value: Any) -> None:
        if getattr(self, name) == value:
            self.param.trigger(name)
        else:
            self.param.update(**{name: value})

    def _on_click(self, data: Mapping[str, Any]) -> None:
        for point in data.get("points", [])[:1]:
            self._fire("click", parse_point(point, self._thinning.kept))

    def _on_hover(self, data: Mapping[str, Any]) -> None:
        points = data.get("points") or []
        self.param.update(hover=parse_point(points[0], self._thinning.kept) if points else None)

    def _on_doubleclick(self, data: Mapping[str, Any]) -> None:
        self.param.update(double_click=self.double_click + 1)

    def _on_selected(self, data: Mapping[str, Any]) -> None:
        self._touched |= {"selectedpoints", "selections"}
        brush = parse_brush(data, self.figure._data, self._thinning.kept)
        if brush is not None or self.selected is not None:
            self.param.update(selected=brush)

    def _on_selections(self, data: Mapping[str, Any]) -> None:
        with self._pane.muted():
            self.figure.layout.selections = data["selections"]
        self.param.update(selections=list(data["selections"]))
        if not data["selections"] and self.selected is not None:
            self.param.update(selected=None)

    def _on_shapes(self, data: Mapping[str, Any]) -> None:
        shapes = parse_shapes(data["shapes"])
        with self._pane.muted():
            self.figure.layout.shapes = shapes
        self.param.update(shapes=shapes)

    def _on_visible(self, data: Mapping[str, Any]) -> None:
        with self._pane.muted():
            for trace, visible in zip(self.figure.data, data["visible"], strict=False):
                trace.visible = visible
        self.param.update(hidden=hidden_names(self.figure._data))

    def _on_level(self, data: Mapping[str, Any]) -> None:
        with self._pane.muted():
            self.figure.data[data["curve"]].level = data["level"]
        self.param.update(level=level_name(str(data["level"]), self.figure))

    def _on_viewport(self, data: Mapping[str, Any]) -> None:
        self._axis_lengths = {f"{name[0]}{name[5:]}": ends[2] for name, ends in data.items()}
        self.param.update(viewport=parse_viewport({name: ends[:2] for name, ends in data.items()}))

    def _on_relayout(self, data: Mapping[str, Any]) -> None:
        changes = dict(data)
        if "dragmode" in changes:
            with self._pane.muted():
                self.figure.layout.dragmode = changes["dragmode"]
            self.param.update(dragmode=str(changes.pop("dragmode")))
        if changes:
            self._fire("relayout", changes)

    def _on_annotation(self, data: Mapping[str, Any]) -> None:
        self._fire("annotation_click", AnnotationClick(int(data["index"]), data["text"], data["name"]))
