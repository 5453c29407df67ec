"""The Gapminder explorer: histogram, bars, sunburst, treemap, panels and time lines of one table, linked."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from typing import Any, ClassVar

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import plotly.graph_objects as go

from dashboards.parts import explorer_pictures as pictures
from dashboards.parts.breadcrumb import Breadcrumb
from dashboards.parts.charts.layout import empty_spec
from dashboards.parts.column_choice import column_choice
from dashboards.parts.controls import choice, player, section, switch
from dashboards.parts.dashboard import Dashboard
from dashboards.parts.explorer_pictures import Scene
from dashboards.parts.explorer_state import ROWS, ExplorerState
from dashboards.parts.figure_diff import Spec, difference
from dashboards.parts.linked_plotly import LinkedPlotly
from dashboards.parts.plotly_events import Brush, Point
from dashboards.parts.selection_bar import SelectionBar
from dashboards.parts.shell import open_page
from data_sources import AllOf, InPolygon, Interval, IsIn, Predicate, SourceError, Table
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
HEIGHT = 340


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
    extensions: ClassVar[tuple[str, ...]] = ("plotly", "tabulator")

    def __init__(self, table: Table | pd.DataFrame | None = None, **choices: Any) -> None:
        if isinstance(table, pd.DataFrame):
            table = Table(table, name="table", title="Your table")
        super().__init__(ExplorerState(own=table, **choices))
        self.state: ExplorerState
        self._specs: dict[str, Spec] = {}
        self._brushes: dict[str, Predicate | None] = {}
        for name in DRAWN:
            self._specs[name] = spec = self._spec(name)
            self.views[name] = LinkedPlotly(go.Figure(spec), name=name, log=self.events, height=HEIGHT)
        self._bar = SelectionBar(remove=self.deselect, clear=self.deselect)
        self._crumbs = Breadcrumb(self._drill)
        self._rows = pn.widgets.Tabulator(
            self._listed(), disabled=True, show_index=False, pagination="remote", page_size=10,
            sizing_mode="stretch_width", theme="simple",
        )  # fmt: skip
        self._wire()
        self._follow()

    @property
    def selected(self) -> pd.DataFrame:
        """The selected rows of the present time."""
        return self.state.now.rows(self.state.now.mask(self.state.selection))

    # -- events become predicates ---------------------------------------------------------------

    def _wire(self) -> None:
        views = self.views
        views["histogram"].param.watch(lambda event: self._brushed_histogram(event.new), "selected")
        views["histogram"].param.watch(lambda event: self._clicked_bin(event.new), "click", onlychanged=False)
        views["histogram"].param.watch(lambda event: self._switched(event.new), "hidden")
        views["bars"].param.watch(lambda event: self._clicked_bar(event.new), "click", onlychanged=False)
        views["facets"].param.watch(lambda event: self._brushed_panel(event.new), "selected")
        for name in ("sunburst", "treemap"):
            views[name].param.watch(lambda event: self._drill(event.new), "level")
        views["sunburst"].param.watch(
            lambda event: self._clicked_sector(event.new), "click", onlychanged=False
        )
        self.state.param.watch(lambda *_: self._follow(), [*self.state.choices, "table"])
        self.param.watch(lambda _: self._follow(), "theme")

    def select(self, owner: str, predicate: Predicate | None) -> None:
        """Set what one view selects; None takes it back."""
        self.state.selection = self.state.selection.with_predicate(owner, predicate)

    def deselect(self, owner: str | None = None) -> None:
        """Take back what one view selects, or everything."""
        selection = self.state.selection
        kept = type(selection)() if owner is None else selection.without(owner)
        self.state.param.update(selection=kept, level="" if owner in (None, "tree") else self.state.level)

    def _toggle(self, owner: str, predicate: Predicate) -> None:
        self.select(owner, None if self.state.selection.get(owner) == predicate else predicate)

    def _brushed_histogram(self, brush: Brush | None) -> None:
        state = self.state
        predicate = None
        if brush is not None and brush.x is not None and state.measure is not None:
            predicate = Interval(
                state.measure, *_tidy(brush.x, state.edges[-1] - state.edges[0]), closed="both"
            )
        self._own("histogram", predicate)

    def _clicked_bin(self, point: Point | None) -> None:
        state = self.state
        if point is None or point.xaxis != "x" or state.measure is None:
            return
        inside = int((state.edges <= float(point.x)).sum()) - 1
        low, high = (float(edge) for edge in state.edges[inside : inside + 2])
        self._toggle("histogram", Interval(state.measure, low, high))

    def _switched(self, hidden: frozenset[str]) -> None:
        state = self.state
        if state.stack is None:
            return
        keys = state.table.keys(state.stack)
        shown = tuple(key for key in keys if str(key) not in hidden)
        self.select("legend", IsIn(state.stack, shown) if 0 < len(shown) < len(keys) else None)

    def _clicked_bar(self, point: Point | None) -> None:
        if point is None or point.x is None:
            return
        state, stack = self.state, pictures.bar_stack(Scene(self.state, self.theme))
        place = round(float(point.x))
        if not 0 <= place < len(stack.keys):
            return
        key = stack.keys[place]
        before = self._chosen_bars()
        if "shift" in point.modifiers or "ctrl" in point.modifiers or "meta" in point.modifiers:
            chosen = tuple(old for old in before if old != key) if key in before else (*before, key)
        else:
            chosen = () if before == (key,) else (key,)
        self.select("bars", IsIn(state.bars, chosen) if chosen else None)

    def _chosen_bars(self) -> tuple[Hashable, ...]:
        predicate = self.state.selection.get("bars")
        return predicate.values if isinstance(predicate, IsIn) and predicate.column == self.state.bars else ()

    def _brushed_panel(self, brush: Brush | None) -> None:
        self._own("facets", None if brush is None else self._panel_predicate(brush))

    def _panel_predicate(self, brush: Brush) -> Predicate | None:
        state = self.state
        keys = state.table.keys(state.facets)
        place = int(brush.xaxis[1:] or 1) - 1
        if not 0 <= place < len(keys):
            return None
        inside: list[Predicate] = [IsIn(state.facets, (keys[place],))]
        across = {"histogram": state.measure, "scatter": state.x}.get(state.kind)
        if brush.vertices and state.kind == "scatter":
            inside.append(InPolygon(state.x, state.y, brush.vertices, log_x=state.log_x))
        elif brush.x is not None and across is not None:
            inside.append(Interval(across, *brush.x, closed="both"))
            if state.kind == "scatter" and brush.y is not None:
                inside.append(Interval(state.y, *brush.y, closed="both"))
        return AllOf(tuple(inside))

    def _own(self, owner: str, predicate: Predicate | None) -> None:
        """Take over what a brush in the browser says; its outline is on the screen already."""
        self._brushes[owner] = predicate
        if predicate is not None or self.state.selection.get(owner) is not None:
            self.select(owner, predicate)

    def _drill(self, level: str) -> None:
        if level == self.state.level:
            return
        tree = pictures.tree_of(Scene(self.state, self.theme))
        selection = self.state.selection.with_predicate("tree", tree.predicate(level))
        self.state.param.update(level=level, selection=selection)

    def _clicked_sector(self, point: Point | None) -> None:
        """Select a leaf: a click on one leaves the level of the sunburst as it is."""
        if point is None or point.id is None:
            return
        tree = pictures.tree_of(Scene(self.state, self.theme))
        if point.id in set(tree.parents) or (predicate := tree.predicate(point.id)) is None:
            return
        back = self.state.selection.get("tree") == predicate
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
        state, predicate = self.state, self.state.selection.get("legend")
        if not isinstance(predicate, IsIn) or predicate.column != state.stack:
            return frozenset()
        return frozenset(str(key) for key in state.table.keys(state.stack) if key not in predicate.values)

    def _follow(self) -> None:
        """Bring everything on the page up to the state; what is equal already is not touched."""
        for name, view in self.views.items():
            with self.events.effect(name):
                spec = self._spec(name)
                patch = difference(self._specs[name], spec)
                if patch is None:
                    view.replace(go.Figure(spec))
                elif patch:
                    view.patch(patch.traces, patch.layout)
                self._specs[name] = spec
        self._outline()
        self._level()
        self._say()
        with self.events.effect("table"):
            self._rows.value = self._listed()

    def _outline(self) -> None:
        """Show the brush that a link or undo brought back; take away one that is gone."""
        for owner in ("histogram", "facets"):
            predicate = self.state.selection.get(owner)
            if predicate == self._brushes.get(owner):
                continue
            self._brushes[owner] = predicate
            self.views[owner].clear_selection()
            outlines = _outlines(predicate, self.state)
            if outlines:
                self.views[owner].patch(layout={"selections": outlines})

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

    def _listed(self) -> pd.DataFrame:
        table = self.state.now
        frame = self.selected
        return frame.rename(columns={name: column.title for name, column in table.columns.items()})

    # -- the page -------------------------------------------------------------------------------

    def controls(self) -> list[pn.viewable.Viewable]:
        """Return the controls, in the order of the work."""
        p = self.state.param
        return [
            section(
                "Histogram and time lines",
                column_choice(p.measure),
                column_choice(p.width),
                column_choice(p.stack),
                switch(p.weighted),
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
                column_choice(p.x),
                column_choice(p.y),
                switch(p.log_x),
            ),
        ]

    def main(self) -> pn.viewable.Viewable:
        """Return the pictures."""
        views = self.views
        grid = pn.FlexBox(
            _card(views["histogram"]),
            _card(views["bars"]),
            _card(self._crumbs, views["sunburst"]),
            _card(views["treemap"]),
            _card(views["facets"]),
            _card(views["lines"]),
            sizing_mode="stretch_width",
            gap="12px",
            margin=(0, 12),
        )
        time = player(self.state.param.time, self.history, margin=(0, 16))
        return pn.Column(self._bar, time, grid, _card(self._rows), sizing_mode="stretch_width")

    def tables(self) -> dict[str, Callable[[], pd.DataFrame]]:
        """Return what can be downloaded."""
        state = self.state
        return {
            "Selected rows": lambda: self.selected,
            "All rows shown": lambda: state.now.rows(),
            "Whole table": lambda: state.table.rows(),
        }


def _card(*objects: Any) -> pmui.Paper:
    """Put a picture, with what belongs to it, on a card; two share a row where there is room."""
    return pmui.Paper(
        *objects,
        elevation=0,
        variant="outlined",
        margin=0,
        sizing_mode="stretch_width",
        styles={"flex": "1 1 420px", "min-width": "min(100%, 420px)"},
        sx={"padding": "6px"},
    )


def _tidy(ends: tuple[float, float], span: float) -> tuple[float, float]:
    """Round the ends of a brush to what a hand can mean: a thousandth of the axis."""
    digits = 3 - math.floor(math.log10(span)) if span > 0 else 3
    low, high = (round(float(end), digits) for end in ends)
    return low, high


def _outlines(predicate: Predicate | None, state: ExplorerState) -> list[dict[str, Any]]:
    """Return the outline of a brush as Plotly draws it, for a predicate that a brush can have made."""
    number, inner = "", [predicate]
    if isinstance(predicate, AllOf):
        panel = next((part for part in predicate.predicates if isinstance(part, IsIn)), None)
        keys = state.table.keys(state.facets) if state.facets else []
        if panel is None or panel.values[0] not in keys:
            return []
        place = keys.index(panel.values[0])
        number, inner = ("" if place == 0 else str(place + 1)), list(predicate.predicates)
    axes = {"xref": f"x{number}", "yref": f"y{number}"}
    for part in inner:
        if isinstance(part, InPolygon):
            path = "M" + "L".join(f"{x},{y}" for x, y in part.vertices) + "Z"
            return [{"type": "path", "path": path, **axes}]
    intervals = [part for part in inner if isinstance(part, Interval)]
    if not intervals or any(part.low is None or part.high is None for part in intervals):
        return []
    box = {"type": "rect", "x0": intervals[0].low, "x1": intervals[0].high, **axes}
    if len(intervals) == 2:
        return [{**box, "y0": intervals[1].low, "y1": intervals[1].high}]
    return [{**box, "y0": 0, "y1": 1, "yref": f"y{number} domain"}]


if pn.state.served:
    open_page("gapminder")
