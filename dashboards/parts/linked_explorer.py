"""What explorers of a table share: views that answer each other, a selection in words, a list of rows."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import panel as pn
import param
import plotly.graph_objects as go

from dashboards.parts.brushing import bin_predicate, outlines, range_predicate
from dashboards.parts.charts.layout import empty_spec
from dashboards.parts.dashboard import Dashboard
from dashboards.parts.explorer_scene import Scene
from dashboards.parts.explorer_state import ROWS, ExplorerState
from dashboards.parts.figure_diff import Spec, difference
from dashboards.parts.linked_plotly import LinkedPlotly
from dashboards.parts.plotly_events import Brush, Point
from dashboards.parts.row_list import RowList
from dashboards.parts.selection_bar import SelectionBar
from data_sources import Predicate, SourceError
from data_sources.wording import number_text

__all__ = ["CARD", "SHARED_ROW", "LinkedExplorer", "card"]


class LinkedExplorer(Dashboard):
    """A dashboard over one table: pure functions draw its pictures, predicates link them.

    A subclass makes its state, calls ``super().__init__``, makes its views with `_make_views`, wires their
    events with `_hear`, and calls `_follow` once. One of its views is called "histogram".

    Attributes
    ----------
    drawn : mapping of str to callable
        Name of a view to the function that draws it from a `Scene`, in the order in which they answer.
    brushed : tuple of str
        Views along whose axes one drags; their outlines come back with a link or undo.
    hint : str
        What to do when nothing is selected.
    selected : DataFrame
        The rows that every view's selection leaves, at the present time.
    """

    extensions: ClassVar[tuple[str, ...]] = ("plotly", "tabulator", "filedropper")
    drawn: ClassVar[Mapping[str, Callable[..., Spec]]] = {}
    brushed: ClassVar[tuple[str, ...]] = ("histogram",)
    hint: ClassVar[str] = ""

    def __init__(self, state: ExplorerState) -> None:
        super().__init__(state)
        self.state: ExplorerState
        self._specs: dict[str, Spec] = {}
        self._brushes: dict[str, Predicate | None] = {}
        self._following = False
        self._listing = False
        self._bar = SelectionBar(remove=self.deselect, clear=self.deselect)
        self._rows = RowList()

    @property
    def selected(self) -> pd.DataFrame:
        """The selected rows of the present time."""
        return self.state.now.rows(self.state.now.mask(self.state.selection))

    def _make_views(self, heights: Mapping[str, int], **more: Mapping[str, Any]) -> None:
        """Draw each picture for the first time; `more` are arguments for single views."""
        for name in self.drawn:
            self._specs[name] = spec = self._spec(name)
            self.views[name] = LinkedPlotly(
                go.Figure(spec), name=name, log=self.events, **{"height": heights[name], **more.get(name, {})}
            )

    # -- events become predicates ---------------------------------------------------------------

    def _hear(self, streams: Iterable[tuple[str, str, Callable[[Any], None]]]) -> None:
        """Give events of views, each a view, a stream and its handler, to the handlers; follow the state."""
        for view, stream, handle in streams:
            self.views[view].param.watch(functools.partial(self._heard, handle), stream, onlychanged=False)
        self.state.param.watch(self._follow, [*self.state.choices, "table"])
        self.param.watch(self._follow, "theme")

    def _heard(self, handle: Callable[[Any], None], event: param.parameterized.Event) -> None:
        # What the views say while they follow the state is an echo of it, not a hand.
        if not self._following:
            handle(event.new)

    def select(self, view: str, predicate: Predicate | None) -> None:
        """Set what one view selects; None takes it back."""
        self.state.selection = self.state.selection.with_predicate(self.state.owner(view), predicate)

    def _chosen(self, view: str) -> Predicate | None:
        """Return what a view itself selects at present."""
        return self.state.selection.get(self.state.owner(view))

    def deselect(self, owner: str | None = None) -> None:
        """Take back what one view selects, or everything."""
        selection = self.state.selection
        self.state.selection = type(selection)() if owner is None else selection.without(owner)

    def _brushed_histogram(self, brush: Brush | None) -> None:
        state = self.state
        if state.measure is not None:
            span = float(state.edges[-1] - state.edges[0])
            self._own("histogram", range_predicate(brush, state.measure, span))

    def _clicked_bin(self, point: Point | None) -> None:
        state = self.state
        if point is None or point.xaxis != "x" or state.measure is None:
            return
        predicate = bin_predicate(point, state.measure, state.edges)
        self.select("histogram", None if self._chosen("histogram") == predicate else predicate)

    def _own(self, view: str, predicate: Predicate | None) -> None:
        """Take over what a brush in the browser says; its outline is on the screen already."""
        self._brushes[view] = predicate
        if predicate != self._chosen(view):
            self.select(view, predicate)

    # -- the state becomes pictures -------------------------------------------------------------

    def _extra(self, name: str) -> dict[str, Any]:
        """Return what else than a scene a picture is drawn from."""
        return {}

    def _spec(self, name: str) -> Spec:
        try:
            return self.drawn[name](Scene(self.state, self.theme), **self._extra(name))
        except SourceError as error:
            return empty_spec(str(error), self.theme)

    def _follow(self, *_: param.parameterized.Event) -> None:
        """Bring everything on the page up to the state; what is equal already is not touched."""
        if self._following:
            return
        self._following = True
        try:
            self._draw()
            self._outline()
            self._say()
            self._follow_more()
        finally:
            self._following = False
        self._list_soon()

    def _follow_more(self) -> None:
        """Bring up to the state what only this dashboard has."""

    def _draw(self) -> None:
        for name, view in self.views.items():
            with self.events.effect(name):
                spec = self._spec(name)
                patch = difference(self._specs[name], spec)
                if patch is None:
                    view.replace(go.Figure(spec))
                elif patch:
                    view.patch(patch.traces, patch.layout)
                self._specs[name] = spec

    def _outline(self) -> None:
        """Show the brush that a link or undo brought back; take away one that is gone."""
        keys = self.state.table.keys(self.state.facets) if self.state.facets else []
        for name in self.brushed:
            predicate = self._chosen(name)
            if predicate == self._brushes.get(name):
                continue
            self._brushes[name] = predicate
            self.views[name].clear_selection()
            if drawn := outlines(predicate, keys, _top(self._specs[name])):
                self.views[name].patch(layout={"selections": drawn})

    def _say(self) -> None:
        state, now = self.state, self.state.now
        where = now.mask(state.selection)
        part = len(now) if where is None else int(where.sum())
        count = f"{len(now):,} {state.noun}" if where is None else f"{part:,} of {len(now):,} {state.noun}"
        if state.height not in (None, ROWS):
            column = now.columns[state.height]
            whole = now.total(state.height)
            amount = (
                number_text(whole)
                if where is None
                else f"{number_text(now.total(state.height, where))} of {number_text(whole)}"
            )
            count += f" · {amount} {column.unit or column.label.lower()}"
        self._bar.show(state.selection, now.labels, count, self.hint)

    def _list_soon(self) -> None:
        """List the rows in a message behind that of the pictures, which are what is waited for."""
        document = pn.state.curdoc
        if document is None or document.session_context is None:
            self._list()
        elif not self._listing:
            self._listing = True
            document.add_next_tick_callback(self._list)

    def _list(self) -> None:
        self._listing = False
        with self.events.effect("table"):
            self._rows.show(self.state.now, self.state.now.mask(self.state.selection))

    # -- the page -------------------------------------------------------------------------------

    def tables(self) -> dict[str, Callable[[], pd.DataFrame]]:
        """Return what can be downloaded."""
        state = self.state
        return {
            "Selected rows": lambda: self.selected,
            "All rows shown": lambda: state.now.rows(),
            "Whole table": lambda: state.table.rows(),
        }


# Two cards share a row where there is room for both.
SHARED_ROW = {"flex": "1 1 420px", "min-width": "min(100%, 420px)"}
CARD = {
    "border": "1px solid var(--mui-palette-divider, #80808040)",
    "border-radius": "6px",
    "padding": "4px",
}


def card(*objects: Any, **styles: str) -> pn.Column:
    """Put a picture on a card; a plain box, since each Material component costs the first paint some time."""
    return pn.Column(*objects, margin=0, sizing_mode="stretch_width", styles={**SHARED_ROW, **CARD, **styles})


def _top(spec: Spec) -> float:
    """Return a height that no bar of a picture reaches over."""
    tops = [float(np.max(trace["y"], initial=0)) for trace in spec["data"] if trace["type"] == "bar"]
    return max([*(spec["layout"]["yaxis"].get("range") or [])[1:], *tops], default=1.0)
