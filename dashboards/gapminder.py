"""The Gapminder explorer: histogram, bars, sunburst, treemap, panels and time lines of one table, linked."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, ClassVar

import pandas as pd
import panel as pn

from dashboards.parts import explorer_pictures as pictures
from dashboards.parts.breadcrumb import Breadcrumb
from dashboards.parts.brushing import panel_predicate, toggled
from dashboards.parts.category_switch import CategorySwitch
from dashboards.parts.clock import Clock
from dashboards.parts.column_choice import column_choice
from dashboards.parts.controls import choice, section, switch
from dashboards.parts.explorer_links import EXPLORER_LINKS
from dashboards.parts.explorer_scene import Scene
from dashboards.parts.explorer_state import ExplorerState
from dashboards.parts.explorer_static import explorer_view
from dashboards.parts.figure_diff import Spec
from dashboards.parts.linked_explorer import SHARED_ROW, LinkedExplorer, card
from dashboards.parts.member_list import MemberList
from dashboards.parts.plotly_events import Brush, Point
from dashboards.parts.shell import open_page
from dashboards.parts.static_view import StaticView
from dashboards.parts.table_choice import TableChoice
from data_sources import AllOf, IsIn, Table

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


class GapminderExplorer(LinkedExplorer):
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
    drawn: ClassVar[dict[str, Callable[..., Spec]]] = DRAWN
    brushed: ClassVar[tuple[str, ...]] = ("histogram", "facets")
    hint: ClassVar[str] = "Drag in the histogram or a panel, click a bar, a sector or the legend to select."

    def __init__(self, table: Table | pd.DataFrame | None = None, **choices: Any) -> None:
        if isinstance(table, pd.DataFrame):
            table = Table(table, name="table", title="Your table")
        super().__init__(ExplorerState(own=table, **choices))
        self._make_views(dict.fromkeys(DRAWN, HEIGHT))
        self._crumbs = Breadcrumb(self._drill)
        self._legend = CategorySwitch(self._show_only)
        self._members = MemberList()
        self._hear(
            (
                ("histogram", "selected", self._brushed_histogram),
                ("histogram", "click", self._clicked_bin),
                ("histogram", "hidden", self._switched),
                ("bars", "click", self._clicked_bar),
                ("facets", "selected", self._brushed_panel),
                ("sunburst", "level", self._drill),
                ("sunburst", "click", self._clicked_sector),
                ("treemap", "level", self._drill),
            )
        )
        self._follow()

    # -- events become predicates ---------------------------------------------------------------

    def deselect(self, owner: str | None = None) -> None:
        """Take back what one view selects, or everything; the hierarchies go back to the root."""
        selection = self.state.selection
        kept = type(selection)() if owner is None else selection.without(owner)
        self.state.param.update(
            selection=kept, level="" if owner in (None, self.state.owner("tree")) else self.state.level
        )

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

    def _extra(self, name: str) -> dict[str, Any]:
        if name == "histogram":
            return {"hidden": self._hidden()}
        return {"chosen": self._chosen_bars()} if name == "bars" else {}

    def _hidden(self) -> frozenset[str]:
        state, predicate = self.state, self._chosen("legend")
        if not isinstance(predicate, IsIn) or state.stack is None:
            return frozenset()
        return frozenset(str(key) for key in state.table.keys(state.stack) if key not in predicate.values)

    def _follow_more(self) -> None:
        self._level()
        self._switches()

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

    def _switches(self) -> None:
        state, hidden = self.state, self._hidden()
        keys = [] if state.stack is None else state.table.keys(state.stack)
        self._legend.show(keys, [key for key in keys if str(key) not in hidden])

    # -- the page -------------------------------------------------------------------------------

    def static_view(self) -> StaticView:
        """Return what a saved file holds: all links between the pictures work in it."""
        shown = ("histogram", "bars", "sunburst", "treemap", "facets", "lines")
        return explorer_view(self, EXPLORER_LINKS, dict.fromkeys(shown, HEIGHT))

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
        rows = pn.Column(sizing_mode="stretch_width", min_height=HEIGHT, margin=0, styles=SHARED_ROW)
        whole = pn.Column(sizing_mode="stretch_width")

        def fill() -> None:
            whole.append(self._members)
            # As high as it is: in a column a card's width in its row would be its height.
            rows.objects = [card(self._rows, flex="1 1 auto")]

        grid = pn.FlexBox(
            card(views["histogram"]),
            card(views["bars"]),
            pn.Column(self._crumbs, styles={"flex": "1 0 100%"}, margin=0),
            card(views["sunburst"]),
            card(views["treemap"]),
            card(views["facets"]),
            card(views["lines"]),
            rows,
            sizing_mode="stretch_width",
            gap="12px",
            margin=(0, 16, 16, 16),
        )
        clock = Clock(self.state.param.time, self.history, self.after_paint)
        whole.extend([self._bar, clock, grid])
        # No picture, and below the first screen: made when that has been painted, in the place kept for it.
        self.after_paint(fill)
        return whole


if pn.state.served:
    open_page("gapminder")
