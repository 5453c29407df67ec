"""The Gapminder explorer: histogram, bars, sunburst, treemap, panels and time lines of one table, linked."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import panel as pn
import param
import plotly.graph_objects as go

from dashboards.parts import explorer_pictures as pictures
from dashboards.parts.breadcrumb import Breadcrumb
from dashboards.parts.brushing import bin_predicate, outlines, panel_predicate, range_predicate, toggled
from dashboards.parts.category_switch import CategorySwitch
from dashboards.parts.charts.layout import empty_spec
from dashboards.parts.clock import Clock
from dashboards.parts.column_choice import column_choice
from dashboards.parts.controls import choice, section, switch
from dashboards.parts.dashboard import Dashboard
from dashboards.parts.explorer_scene import Scene
from dashboards.parts.explorer_state import ROWS, ExplorerState
from dashboards.parts.figure_diff import Spec, difference
from dashboards.parts.linked_plotly import LinkedPlotly
from dashboards.parts.member_list import MemberList
from dashboards.parts.plotly_events import Brush, Point
from dashboards.parts.row_list import RowList
from dashboards.parts.selection_bar import SelectionBar
from dashboards.parts.shell import open_page
from dashboards.parts.table_choice import TableChoice
from data_sources import AllOf, IsIn, Predicate, SourceError, Table
from data_sources.wording import number_text

__all__ = ["GapminderExplorer"]

# On the screen from top to bottom; the two hierarchies, which Plotly draws slowest, answer last.
DRAWN: dict[str, Callable[..., Spec]] = {
    "histogram": pictures.histogram,
    "bars": pictures.bars,
    "facets": pictures.facets,
    "lines": pictures.lines,
    "sunburst": pictures.sunburst,
    "treemap": pictures.treemap,
}
HEIGHT = 330


class GapminderExplorer(Dashboard):
    """Explore a table by linked pictures.

    Parameters
    ----------
    table : Table or DataFrame, optional
        Gapminder (142 countries, 1952 to 2007) when not given.
    **choices
        Any choice of `ExplorerState`: ``measure="gdpPercap"``, ``time=1952``, ….

    Attributes
    ----------
    selected : DataFrame
        The rows that every view's selection leaves, at the present time.
    """

    slug: ClassVar[str] = "gapminder"
    title: ClassVar[str] = "Gapminder explorer"
    intro: ClassVar[str] = (
        "Six pictures of one table, where colour is what you selected and grey is the rest. "
        "Brush the histogram or a panel, click bars, sectors and legend entries, and the others answer."
    )
    tags: ClassVar[tuple[str, ...]] = ("tables", "linked views", "hierarchy", "time")
    extensions: ClassVar[tuple[str, ...]] = ("plotly", "tabulator", "filedropper")

    def __init__(self, table: Table | pd.DataFrame | None = None, **choices: Any) -> None:
        if isinstance(table, pd.DataFrame):
            table = Table(table, name="table", title="Your table")
        super().__init__(ExplorerState(own=table, **choices))
        self.state: ExplorerState
        self._specs: dict[str, Spec] = {}
        self._brushes: dict[str, Predicate | None] = {}
        self._following = False
        self._listing = False
        for name in DRAWN:
            self._specs[name] = spec = self._spec(name)
            self.views[name] = LinkedPlotly(go.Figure(spec), name=name, log=self.events, height=HEIGHT)
        self._bar = SelectionBar(remove=self.deselect, clear=self.deselect)
        self._crumbs = Breadcrumb(self._drill)
        self._legend = CategorySwitch(self._show_only)
        self._rows = RowList()
        self._members = MemberList()
        self._wire()
        self._follow()

    @property
    def selected(self) -> pd.DataFrame:
        """The selected rows of the present time."""
        return self.state.now.rows(self.state.now.mask(self.state.selection))

    # -- events become predicates ---------------------------------------------------------------

    def _wire(self) -> None:
        for view, stream, handle in (
            ("histogram", "selected", self._brushed_histogram),
            ("histogram", "click", self._clicked_bin),
            ("histogram", "hidden", self._switched),
            ("bars", "click", self._clicked_bar),
            ("facets", "selected", self._brushed_panel),
            ("sunburst", "level", self._drill),
            ("sunburst", "click", self._clicked_sector),
            ("treemap", "level", self._drill),
        ):
            self.views[view].param.watch(functools.partial(self._heard, handle), stream, onlychanged=False)
        self.state.param.watch(lambda *_: self._follow(), [*self.state.choices, "table"])
        self.param.watch(lambda _: self._follow(), "theme")

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
        kept = type(selection)() if owner is None else selection.without(owner)
        self.state.param.update(
            selection=kept, level="" if owner in (None, self.state.owner("tree")) else self.state.level
        )

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

    def _switched(self, hidden: frozenset[str]) -> None:
        state = self.state
        if state.stack is None:
            return
        self._show_only(tuple(key for key in state.table.keys(state.stack) if str(key) not in hidden))

    def _show_only(self, shown: tuple[Hashable, ...]) -> None:
        stack = self.state.stack
        everything = not shown or len(shown) == len(self.state.table.keys(stack))
        self.select("legend", None if everything else IsIn(stack, shown))

    def _clicked_bar(self, point: Point | None) -> None:
        if point is None or point.x is None:
            return
        state, stack = self.state, pictures.bar_stack(Scene(self.state, self.theme))
        place = round(float(point.x))
        if not 0 <= place < len(stack.keys):
            return
        collected = () if state.scale == "log" or point.index is None else stack.others[point.index]
        if collected:
            self._list_others(stack.keys[place], collected)
            return
        chosen = toggled(self._chosen_bars(), stack.members[place], point)
        self.select("bars", IsIn(state.bars, chosen) if chosen else None)

    def _list_others(self, bar: Hashable, members: tuple[Hashable, ...]) -> None:
        now, bars = self.state.now, self.state.bars
        inside = now.mask(AllOf((IsIn(bars, (bar,)), IsIn(str(now.label or now.hierarchy[-1]), members))))
        self._members.open(f"The {len(members):,} others of {bar}", now, inside)

    def _chosen_bars(self) -> tuple[Hashable, ...]:
        predicate = self._chosen("bars")
        return predicate.values if isinstance(predicate, IsIn) else ()

    def _brushed_panel(self, brush: Brush | None) -> None:
        state = self.state
        if brush is None:
            self._own("facets", None)
            return
        across = {"histogram": state.measure, "bar": None, "scatter": state.x}[state.kind]
        up, log = (state.y, state.log_x) if state.kind == "scatter" else (None, False)
        keys = state.table.keys(state.facets)
        self._own("facets", panel_predicate(brush, state.facets, keys, across, up, log))

    def _own(self, view: str, predicate: Predicate | None) -> None:
        """Take over what a brush in the browser says; its outline is on the screen already."""
        self._brushes[view] = predicate
        if predicate != self._chosen(view):
            self.select(view, predicate)

    def _drill(self, level: str) -> None:
        if level == self.state.level:
            return
        tree = pictures.tree_of(Scene(self.state, self.theme))
        selection = self.state.selection.with_predicate(self.state.owner("tree"), tree.predicate(level))
        self.state.param.update(level=level, selection=selection)

    def _clicked_sector(self, point: Point | None) -> None:
        """Select a leaf: a click on one leaves the level of the sunburst as it is."""
        if point is None or point.id is None:
            return
        tree = pictures.tree_of(Scene(self.state, self.theme))
        if point.id in set(tree.parents) or (predicate := tree.predicate(point.id)) is None:
            return
        back = self._chosen("tree") == predicate
        self.select("tree", tree.predicate(self.state.level) if back else predicate)

    # -- the state becomes pictures -------------------------------------------------------------

    def _spec(self, name: str) -> Spec:
        scene = Scene(self.state, self.theme)
        extra: dict[str, Any] = {}
        if name == "histogram":
            extra["hidden"] = self._hidden()
        elif name == "bars":
            extra["chosen"] = self._chosen_bars()
        try:
            return DRAWN[name](scene, **extra)
        except SourceError as error:
            return empty_spec(str(error), self.theme)

    def _hidden(self) -> frozenset[str]:
        state, predicate = self.state, self._chosen("legend")
        if not isinstance(predicate, IsIn) or state.stack is None:
            return frozenset()
        return frozenset(str(key) for key in state.table.keys(state.stack) if key not in predicate.values)

    def _follow(self) -> None:
        """Bring everything on the page up to the state; what is equal already is not touched."""
        if self._following:
            return
        self._following = True
        try:
            self._draw()
            self._outline()
            self._level()
            self._say()
            self._switches()
        finally:
            self._following = False
        self._list_soon()

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
        for name in ("histogram", "facets"):
            predicate = self._chosen(name)
            if predicate == self._brushes.get(name):
                continue
            self._brushes[name] = predicate
            self.views[name].clear_selection()
            if drawn := outlines(predicate, keys, _top(self._specs[name])):
                self.views[name].patch(layout={"selections": drawn})

    def _level(self) -> None:
        state = self.state
        if state.path is None:
            return
        scene = Scene(state, self.theme)
        tree = pictures.tree_of(scene)
        for name in ("sunburst", "treemap"):
            wanted = state.level if state.level in set(tree.ids) else ""
            if name == "sunburst" and wanted and wanted not in set(tree.parents):
                wanted = str(tree.parents[tree.place(wanted)])
            wanted = "" if wanted == tree.ids[0] else wanted
            if self.views[name].level != wanted:
                self.views[name].set_level(wanted)
        self._crumbs.show(tree, state.level)

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
        self._bar.show(
            state.selection, now.labels, count,
            "Drag in the histogram or a panel, click a bar, a sector or the legend to select.",
        )  # fmt: skip

    def _switches(self) -> None:
        state = self.state
        if state.stack is not None:
            keys, hidden = state.table.keys(state.stack), self._hidden()
            self._legend.show(keys, [key for key in keys if str(key) not in hidden])

    # -- the page -------------------------------------------------------------------------------

    def controls(self) -> list[pn.viewable.Viewable]:
        """Return the controls, in the order of the work."""
        p = self.state.param
        scatter = p.kind.rx() == "scatter"
        return [
            section("Data", TableChoice(self.state)),
            section(
                "Histogram and time lines",
                column_choice(p.measure),
                column_choice(p.width),
                column_choice(p.stack),
                self._legend,
                switch(p.weighted, label="Weighted", visible=p.table.rx().weight.rx.is_not(None)),
            ),
            section(
                "Bars and sectors",
                column_choice(p.bars),
                column_choice(p.height),
                column_choice(p.shade),
                choice(p.scale),
                column_choice(p.path),
            ),
            section(
                "Panels",
                column_choice(p.facets),
                choice(p.kind),
                choice(p.arrangement),
                choice(p.axes),
                column_choice(p.x, visible=scatter),
                column_choice(p.y, visible=scatter),
                switch(p.log_x, visible=scatter),
            ),
        ]

    def main(self) -> pn.viewable.Viewable:
        """Return the pictures."""
        views = self.views
        below = [
            pn.Column(sizing_mode="stretch_width", min_height=HEIGHT, margin=0, styles=_SHARED_ROW)
            for _ in ("facets", "lines", "rows")
        ]

        whole = pn.Column(sizing_mode="stretch_width")

        def fill() -> None:
            whole.append(self._members)
            cards = (_card(views["facets"]), _card(views["lines"]), _card(self._rows))
            for place, card in zip(below, cards, strict=True):
                place.objects = [card]

        grid = pn.FlexBox(
            _card(views["histogram"]),
            _card(views["bars"]),
            pn.Column(self._crumbs, styles={"flex": "1 0 100%"}, margin=0),
            _card(views["sunburst"]),
            _card(views["treemap"]),
            *below,
            sizing_mode="stretch_width",
            gap="12px",
            margin=(0, 16, 16, 16),
        )
        clock = Clock(self.state.param.time, self.history, self.after_paint)
        whole.extend([self._bar, clock, grid])
        # Below the first screen: made when that has been painted, each in the place kept for it.
        self.after_paint(fill)
        return whole

    def tables(self) -> dict[str, Callable[[], pd.DataFrame]]:
        """Return what can be downloaded."""
        state = self.state
        return {
            "Selected rows": lambda: self.selected,
            "All rows shown": lambda: state.now.rows(),
            "Whole table": lambda: state.table.rows(),
        }


# Two cards share a row where there is room for both.
_SHARED_ROW = {"flex": "1 1 420px", "min-width": "min(100%, 420px)"}
_CARD = {
    "border": "1px solid var(--mui-palette-divider, #80808040)",
    "border-radius": "6px",
    "padding": "4px",
}


def _top(spec: Spec) -> float:
    """Return a height that no bar of a picture reaches over."""
    tops = [float(np.max(trace["y"], initial=0)) for trace in spec["data"] if trace["type"] == "bar"]
    return max([*(spec["layout"]["yaxis"].get("range") or [])[1:], *tops], default=1.0)


def _card(*objects: Any) -> pn.Column:
    """Put a picture on a card; a plain box, since each Material component costs the first paint some time."""
    return pn.Column(*objects, margin=0, sizing_mode="stretch_width", styles={**_SHARED_ROW, **_CARD})


if pn.state.served:
    open_page("gapminder")
