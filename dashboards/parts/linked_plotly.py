"""The one door between Plotly and the dashboards: typed events out, in-place patches in.

A dashboard makes a `LinkedPlotly` for each picture, watches its parameters and patches it; no dashboard
reads a raw payload. The traps of Panel's Plotly pane are cured here and in `linked_plot.js`, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import panel as pn
import param
import plotly.graph_objects as go

from dashboards.parts import theme
from dashboards.parts.browser_cures import load_when_shown
from dashboards.parts.budget import Budget, Shown
from dashboards.parts.event_log import EventLog
from dashboards.parts.hierarchies import level_name, root_of, sector_ids, trees
from dashboards.parts.holoviews_figure import as_figure
from dashboards.parts.outlines import outlines_for
from dashboards.parts.plotly_events import hidden_names, parse_shapes
from dashboards.parts.plotly_pane import LinkedPane
from dashboards.parts.plotly_paths import dotted, same, value_at
from dashboards.parts.plotly_streams import PlotlyStreams
from dashboards.parts.thinning import COORDINATES, Thinning

__all__ = ["LinkedPlotly"]

CONFIG = {
    "displaylogo": False,
    "doubleClickDelay": 300,
    "scrollZoom": False,
    "showTips": False,
    # Never another server: maps find their outlines on the page (`topojson`).
    "topojsonURL": "assets/",
    "plotlyServerURL": "",
}


class LinkedPlotly(PlotlyStreams):
    """A Plotly figure with typed events and in-place patches.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure or HoloViews object
        Shown; it becomes the view's own and changes with it. What HoloViews or hvPlot made is drawn as a
        figure of Plotly first, so its events are the same.
    name : str
        Name of the view: the page's element carries the CSS class ``view-<name>``.
    log : EventLog, optional
        Where events are noted.
    budget : Budget, optional
        What the pane may cost.
    config : mapping, optional
        More of Plotly's configuration; it cannot change later.
    topojson : mapping, optional
        Outlines for maps, name ("world_110m") to topology, instead of those of `outlines_for`, which come
        along by themselves with the first figure that has a map.
    **pane : object
        Layout of the pane: height, sizing_mode, ….

    Notes
    -----
    The parameters that stand for what the browser says are those of `PlotlyStreams`.
    """

    shown = param.ClassSelector(class_=Shown, default=Shown(), doc="The meter: how much is shown of what.")

    def __init__(
        self,
        figure: go.Figure | Any,
        name: str = "plot",
        log: EventLog | None = None,
        budget: Budget | None = None,
        config: Mapping[str, Any] | None = None,
        topojson: Mapping[str, Any] | None = None,
        **pane: Any,
    ) -> None:
        super().__init__(name, log)
        self.budget = budget if budget is not None else Budget()
        self._thinning = Thinning(self.budget)
        figure = self._admit(as_figure(figure))
        self._pane = LinkedPane(
            figure,
            self._handle,
            topojson or outlines_for(figure),
            config={**CONFIG, **(config or {})},
            css_classes=[f"view-{name}"],
            **{"sizing_mode": "stretch_width", **pane},
        )
        self.param.update(**self._state_of(figure))

    def __panel__(self) -> pn.viewable.Viewable:
        return self._pane

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        load_when_shown()
        return super()._repr_mimebundle_(include, exclude)

    @property
    def pane(self) -> LinkedPane:
        """The pane, for its layout: height, visibility, margins."""
        return self._pane

    # -- actions ------------------------------------------------------------------------

    def patch(
        self,
        traces: Mapping[int | str, Mapping[str, Any]] | None = None,
        layout: Mapping[str, Any] | None = None,
    ) -> None:
        """Change attributes in place, as one message and one repaint; what is equal already is not sent.

        Parameters
        ----------
        traces : mapping
            Index, name or uid of a trace → {attribute: value}. Attributes in dots or underscores
            ("marker.color", "marker_color"); values are whole: an array is one value, of any dimension.
            None removes an attribute.
        layout : mapping
            {attribute: value} of the layout.

        Raises
        ------
        KeyError
            When a trace is not in the figure.
        ValueError
            When an attribute or value is not Plotly's.
        """
        figure = self.figure
        changed: dict[int, dict[str, Any]] = {}
        with self._pane.muted():
            for key, values in (traces or {}).items():
                place = self._place(key)
                trace = figure.data[place]
                for path, value in self._thinning.patch(figure._data[place], place, values).items():
                    if path in self._touched or not same(value_at(figure._data[place], path), value):
                        trace[path] = value
                        changed.setdefault(place, {})[path] = value_at(figure._data[place], path)
            changed_layout = {}
            for attribute, value in (layout or {}).items():
                path = dotted(attribute)
                if path in self._touched or not same(value_at(figure._layout, path), value):
                    figure.layout[path] = value
                    changed_layout[path] = value
        if changed or changed_layout:
            self._pane.send(changed, changed_layout)
        if any("visible" in values for values in changed.values()):
            self.param.update(hidden=hidden_names(figure._data))
        if any(COORDINATES & values.keys() for values in changed.values()):
            self.param.update(shown=self._thinning.weigh(figure))

    def replace(self, figure: go.Figure | Any, thinning: Thinning | None = None) -> None:
        """Show another figure in the same place; zoom, level, hidden groups and drawn shapes stay.

        Parameters
        ----------
        figure : plotly.graph_objects.Figure
            For changes of structure (traces, axes): what can be patched should be patched.
        thinning : Thinning, optional
            That has admitted the figure already: cutting millions of data belongs into a thread. Its budget
            is the view's from now on.
        """
        figure = self._admit(as_figure(figure), thinning)
        with self._pane.muted():
            # Drawn shapes are editable; a reference line of the old figure is its own affair.
            if not figure.layout.shapes and (
                drawn := [shape for shape in self.shapes if shape.get("editable")]
            ):
                figure.layout.shapes = drawn
            if self.level:
                for place in trees(figure):
                    if self.level in sector_ids(figure.data[place]):
                        figure.data[place].level = self.level
            for trace in figure.data:
                group = getattr(trace, "legendgroup", None)
                if (group or trace.name) in self.hidden and trace.visible is None:
                    trace.visible = "legendonly"
        self._touched.clear()
        self._pane.bring_outlines(outlines_for(figure))
        self._pane.object = figure
        self.param.update(**self._state_of(figure))

    def clear_selection(self) -> None:
        """Take away the brush, its outline and its dimming."""
        self._touched |= {"selectedpoints", "selections"}
        self.patch(
            {
                place: {"selectedpoints": None}
                for place, trace in enumerate(self.figure.data)
                if "selectedpoints" in trace
            },
            {"selections": []},
        )
        self._touched -= {"selectedpoints", "selections"}
        self.param.update(selected=None)

    def set_hidden(self, names: Iterable[str]) -> None:
        """Switch legend groups (or traces without a group) off, all others on.

        Parameters
        ----------
        names : iterable of str
            As in the legend; unknown names are ignored.
        """
        wanted = frozenset(map(str, names))
        changes: dict[int | str, dict[str, Any]] = {}
        for place, trace in enumerate(self.figure._data):
            group = str(trace.get("legendgroup") or trace.get("name") or "")
            if group and trace.get("visible") is not False:
                changes[place] = {"visible": "legendonly" if group in wanted else True}
        self.patch(changes)
        self.param.update(hidden=hidden_names(self.figure._data))

    def set_level(self, level: str) -> None:
        """Drill a sunburst or treemap to a sector; "" goes to the root.

        Parameters
        ----------
        level : str
            Id of a sector.

        Raises
        ------
        ValueError
            When no hierarchy of the figure has this id.
        """
        places = trees(self.figure)
        if level and not any(level in sector_ids(self.figure.data[place]) for place in places):
            raise ValueError(
                f"no sector {level!r} in view {self.name!r}: give one of its ids, or '' for the root"
            )
        self._touched.add("level")
        self.patch({place: {"level": level or root_of(self.figure.data[place])} for place in places})
        self._touched.discard("level")
        self.param.update(level=level_name(level, self.figure))

    def set_shapes(self, shapes: Sequence[Mapping[str, Any]]) -> None:
        """Draw exactly these shapes.

        Parameters
        ----------
        shapes : sequence of mapping
            As ``layout.shapes``.
        """
        kept = parse_shapes(shapes)
        self.patch(layout={"shapes": kept})
        self.param.update(shapes=kept)

    def set_drawing(
        self,
        drawing: Mapping[str, Any],
        pen: Mapping[str, Any],
        shapes: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        """Say how the picture is drawn on; for `dashboards.parts.drawing` alone.

        Parameters
        ----------
        drawing : mapping
            Tool, revision and keys, as linked_plot_draw.js reads them.
        pen : mapping
            Other attributes of the layout: dragmode, ``newshape.…``.
        shapes : sequence of mapping, optional
            All shapes; sent even when Python has them already: the browser may be ahead.
        """
        layout: dict[str, Any] = {
            **pen,
            "meta": {**(self.figure._layout.get("meta") or {}), "drawing": drawing},
        }
        if shapes is not None:
            layout["shapes"] = list(shapes)
        self._touched.add("shapes")
        self.patch(layout=layout)
        self._touched.discard("shapes")
        if shapes is not None:
            self.param.update(shapes=list(shapes))
        if "dragmode" in pen:
            self.param.update(dragmode=pen["dragmode"])

    def set_ranges(self, ranges: Mapping[str, tuple[float, float]]) -> None:
        """Zoom to what is given, wherever a hand has zoomed to meanwhile.

        Parameters
        ----------
        ranges : mapping of str to (float, float)
            Axis id ("x", "y2") to its two ends, as the layout has them.
        """
        layout = {f"{axis[0]}axis{axis[1:]}.range": list(ends) for axis, ends in ranges.items()}
        self._touched |= layout.keys()
        self.patch(layout=layout)
        self._touched -= layout.keys()

    def set_dragmode(self, mode: str) -> None:
        """Choose what dragging does: zoom, pan, select, lasso, drawrect, eraseshape, ….

        Parameters
        ----------
        mode : str
            One of Plotly's drag modes.
        """
        self.patch(layout={"dragmode": mode})
        self.param.update(dragmode=mode)

    def set_theme(self, mode: theme.Mode) -> None:
        """Dress the picture in light or dark; patches, zoom and selections stay.

        Parameters
        ----------
        mode : {"light", "dark"}
            As the page.
        """
        self.patch(layout={"template": theme.template(mode)})

    @param.depends("level", watch=True)
    def _level_asked(self) -> None:
        places = trees(self.figure)
        if places and level_name(self.figure.data[places[0]].level, self.figure) != self.level:
            self.set_level(self.level)

    @param.depends("hidden", watch=True)
    def _hidden_asked(self) -> None:
        if hidden_names(self.figure._data) != self.hidden:
            self.set_hidden(self.hidden)

    # -- inside ------------------------------------------------------------------------

    def _admit(self, figure: go.Figure, thinning: Thinning | None = None) -> go.Figure:
        """Make a figure fit to be shown: within the budget, and with one revision for all its versions."""
        if figure.layout.uirevision is None:
            figure.layout.uirevision = self.name
        if thinning is None:
            self._thinning.admit(figure)
        else:
            self._thinning, self.budget = thinning, thinning.budget
        self.param.update(shown=self._thinning.weigh(figure))
        return figure

    def _state_of(self, figure: go.Figure) -> dict[str, Any]:
        """Parameters that a figure itself says."""
        places = trees(figure)
        level = figure.data[places[0]].level if places else None
        return {
            "hidden": hidden_names(figure._data),
            "shapes": parse_shapes(figure._layout.get("shapes")),
            "level": level_name(level, figure),
            "dragmode": str(figure.layout.dragmode or "zoom"),
        }

    def _place(self, key: int | str) -> int:
        if isinstance(key, int | np.integer):
            if not 0 <= key < len(self.figure.data):
                raise KeyError(f"view {self.name!r} has {len(self.figure.data)} traces, no number {key}")
            return int(key)
        for place, trace in enumerate(self.figure.data):
            if key in (trace.uid, trace.name):
                return place
        names = [trace.name for trace in self.figure.data]
        raise KeyError(f"view {self.name!r} has no trace {key!r}; its traces are {names}")
