"""Figure anatomy: a figure beside the tree it is made of, to be edited by click and by path."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param
import plotly.graph_objects as go
import plotly.io as pio

from dashboards.parts import theme
from dashboards.parts.anatomy_state import (
    FIRST,
    STEPS,
    AnatomyState,
    OwnFigure,
    edits_of,
    read_figure,
    written,
)
from dashboards.parts.anatomy_static import anatomy_view
from dashboards.parts.anatomy_words import answer_of, code_tabs, detail_of, edits_from, spelled, whole_code
from dashboards.parts.chart_catalogue import Chart, chart_of
from dashboards.parts.chart_finder import ChartFinder
from dashboards.parts.code_view import CodeView
from dashboards.parts.controls import section
from dashboards.parts.dashboard import Dashboard
from dashboards.parts.escape import escape
from dashboards.parts.figure_diff import Patch, Spec, difference
from dashboards.parts.figure_edit import EditLine
from dashboards.parts.figure_nodes import nodes_of
from dashboards.parts.figure_paths import Edit, applied, joined, read_edits, read_path, refuse_long
from dashboards.parts.figure_schema import EditError, Path, dots, value_of, walk
from dashboards.parts.figure_tree import FigureTree
from dashboards.parts.figure_values import spec_of, summary
from dashboards.parts.holoviews_figure import load_when_painted
from dashboards.parts.linked_plotly import LinkedPlotly
from dashboards.parts.shell import open_page, say
from dashboards.parts.static_view import StaticView, as_shown

__all__ = ["FigureAnatomy"]

HEIGHT = 560
VIEW = "figure"


class FigureAnatomy(Dashboard):
    """A figure, the tree it is made of, and its code.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure, optional
        To look into; the talk's first figure when not given.
    **choices
        Any choice of `AnatomyState`: ``chart="sunburst"``, ….

    Attributes
    ----------
    figure : plotly.graph_objects.Figure
        With the edits made so far.
    """

    slug: ClassVar[str] = "anatomy"
    title: ClassVar[str] = "Figure anatomy"
    intro: ClassVar[str] = (
        "Every figure is a tree of attributes: click an element of the picture to find its branch. "
        "Edit a node, or type a path in any of Plotly's three spellings, and the picture follows."
    )
    tags: ClassVar[tuple[str, ...]] = ("figures", "learning", "chart catalogue")

    def __init__(self, figure: go.Figure | None = None, **choices: Any) -> None:
        if figure is not None:
            choices["own"] = OwnFigure(spec_of(figure), "your figure")
        super().__init__(AnatomyState(**choices))
        self.state: AnatomyState
        self._base_key: Any = None
        self._base: Spec = {}
        self._spec: Spec = {"data": [], "layout": {}}
        # What the line answers at present: the paths of the last edit.
        self._said: Mapping[Path, Any] = {}
        self._answered: list[list[Any]] = []
        self._drawing = False
        self._take_base()
        self._spec = self._present()
        self.views[VIEW] = LinkedPlotly(self._drawn(), name=VIEW, log=self.events, height=HEIGHT)
        self._tree = FigureTree(view=VIEW)
        self._tree.answer(
            select=lambda message: self.select(str(message.get("path", ""))),
            edit=lambda message: self._edited(str(message.get("path", "")), str(message.get("text", ""))),
            remove=lambda message: self._removed(str(message.get("path", ""))),
            figure=lambda message: self._brought(str(message.get("text", "")), str(message.get("title", ""))),
        )
        self._line = EditLine(self._typed)
        self._code = CodeView(self.code)
        self.views[VIEW].param.watch(self._drew, "shapes")
        self.state.param.watch(self._follow, self.state.choices)
        self._show()

    @property
    def figure(self) -> go.Figure:
        """The figure with its edits, without the look of the page."""
        return go.Figure(self._spec)

    # -- the state becomes a figure -------------------------------------------------------------

    def _take_base(self) -> None:
        state = self.state
        key = (state.chart, state.step, id(state.own))
        if key != self._base_key:
            self._base, self._base_key = state.base(), key

    def _present(self) -> Spec:
        edits, problems = edits_of(self.state.edits, self._base)
        if problems:
            say("Not every edit fits this figure. " + " ".join(problems[:3]), "warning")
        return applied(self._base, edits)

    def _drawn(self) -> go.Figure:
        """Return the figure as it goes on the page: in the page's look unless it has its own."""
        figure = go.Figure(self._spec)
        if self._spec["layout"].get("template") is None:
            figure.layout.template = theme.template(self.theme)
        # Zoom and drill belong to one chart: another one starts afresh.
        figure.layout.uirevision = f"{self.state.chart} {self.state.step} {id(self.state.own)}"
        return figure

    def _follow(self, *_: param.parameterized.Event) -> None:
        """Bring picture, tree and code up to the state."""
        key = self._base_key
        with self.events.effect("figure"):
            self._take_base()
            spec = self._present()
            patch = difference(self._spec, spec) if key == self._base_key else None
            if key != self._base_key:
                self._tree.selected = ""
            template = self._spec["layout"].get("template")
            self._spec = spec
            view = self.views[VIEW]
            # A map that shows more may need more outlines, which come with a whole figure.
            mapped = patch is not None and any(name.startswith("geo") for name in patch.layout)
            if patch is None or mapped or template != spec["layout"].get("template"):
                if view.shapes:
                    view.set_shapes([])
                view.replace(self._drawn())
            elif patch:
                self._patch(patch)
        with self.events.effect("tree"):
            self._show()

    def _patch(self, patch: Patch) -> None:
        view = self.views[VIEW]
        if "shapes" in patch.layout:
            self._drawing = True
            view.set_shapes(patch.layout["shapes"] or [])
            self._drawing = False
        rest = {name: value for name, value in patch.layout.items() if name != "shapes"}
        view.patch(patch.traces, rest)

    def _theme_views(self, *_: param.parameterized.Event) -> None:
        for view in self.views.values():
            own = self._spec["layout"].get("template")
            if own is None:
                view.set_theme(self.theme)
            elif isinstance(own, str):
                view.patch(layout={"template": pio.templates[own].to_plotly_json()})

    def _show(self) -> None:
        """Tell tree, line and code what the figure is now."""
        self._tree.param.update(nodes=nodes_of(self._spec, self._base), brought=self.state.own is not None)
        if self.state.edits != self._answered:
            self._said = {}
            self._line.error = ""
        named = value_of(self._spec, ("layout", "title", "text")) is not None
        self.select(self._tree.selected or ("layout.title.text" if named else "layout"))
        self._code.tabs = code_tabs(self._spec, *self._call())

    # -- edits ----------------------------------------------------------------------------------

    def edit(self, text: str) -> None:
        """Edit the figure by what could be typed.

        Parameters
        ----------
        text : str
            See `read_edits`.

        Raises
        ------
        EditError
            With what is wrong; the figure stays as it was.
        """
        self._commit(read_edits(text, self._spec, self._at()))

    def _at(self) -> Path:
        try:
            return read_path(self._tree.selected, self._spec) or ()
        except EditError:  # what was selected is gone
            return ()

    def _typed(self, text: str, length: int) -> None:
        try:
            refuse_long(length)
            path = read_path(text, self._spec, self._at())
            if path is not None:
                self._line.error = ""
                self.select(dots(path))
            else:
                self.edit(text)
        except EditError as error:
            self._line.error = str(error)
        else:
            self._line.done += 1

    def _edited(self, dotted: str, text: str) -> None:
        """Set the selected node; text without quotes is taken where text is meant."""
        try:
            refuse_long(len(text))
            path = read_path(dotted, self._spec)
            if not path:
                raise EditError("Select an attribute first.")
            self._commit(edits_from(path, text, self._spec))
        except EditError as error:
            self._tree.message = str(error)

    def _removed(self, dotted: str) -> None:
        try:
            path = read_path(dotted, self._spec)
            if not path or len(path) < 2 or value_of(self._spec, path) is None:
                raise EditError(f"{dotted or 'Nothing'} is not set, so there is nothing to remove.")
            self._commit([Edit(path, None)])
        except EditError as error:
            self._tree.message = str(error)

    def _commit(self, edits: list[Edit]) -> None:
        before = self._spec
        after = applied(before, edits)
        # The budget and Plotly itself may still refuse: then nothing has happened yet.
        try:
            go.Figure(after)
        except ValueError as error:
            raise EditError(str(error).strip().splitlines()[0]) from error
        mine = joined(edits_of(self.state.edits, self._base)[0], edits)
        self._answered = written(mine)
        self.state.edits = self._answered
        self._said = dict(edits)
        self._line.param.update(answer=answer_of(edits, before), error="")
        self._tree.message = ""
        if value_of(after, edits[0].path) is not None:
            self.select(dots(edits[0].path))

    def _drew(self, event: param.parameterized.Event) -> None:
        """Take over shapes that a hand drew, moved or erased in the picture."""
        drawn = list(event.new)
        if not self._drawing and drawn != (self._spec["layout"].get("shapes") or []):
            self._commit([Edit(("layout", "shapes"), drawn or None)])

    # -- looking --------------------------------------------------------------------------------

    def select(self, dotted: str) -> None:
        """Look at a node of the tree, set or not: ``layout.title.font``."""
        try:
            path = read_path(dotted, self._spec) or ("layout",)
            detail = detail_of(path, self._spec)
        except EditError:
            path = ("layout",)
            detail = detail_of(path, self._spec)
        if dots(path) != self._tree.selected:
            self._tree.message = ""
        self._tree.param.update(detail=detail, selected=dots(path))
        if path not in self._said:
            self._said = {}
            self._line.answer = spelled(path, self._spec)

    def static_view(self) -> StaticView:
        """Return what a saved file holds: the figure, its tree with what each node means, its code."""
        texts = {tab["name"]: self.code(tab["name"]) for tab in self._code.tabs}
        picture = as_shown(self.views[VIEW], wide=True)
        picture = replace(picture, dressed=self._spec["layout"].get("template") is None)
        return anatomy_view(
            VIEW, picture, self._spec, self._base, self._tree.selected, self._code.tabs, texts
        )

    # -- other figures --------------------------------------------------------------------------

    def _to_step(self, step: int, *_: object) -> None:
        state = self.state
        if (state.chart, state.step, state.own) != (FIRST, step, None):
            state.start_from(step=step)

    def _chosen(self, slug: str) -> None:
        if slug != self.state.chart or self.state.own is not None:
            self.state.start_from(chart=slug)

    def _brought(self, text: str, title: str) -> None:
        if not text:
            say("There is no figure from another page here. Open one there, and choose Inspect.", "warning")
            return
        # A page that is opened anew has read its edits from the address already: they belong to this figure.
        edits = self.state.edits if self.state.own is None and self.state.chart == FIRST else []
        self.open_json(text, title, edits)

    def open_json(self, text: str, title: str = "your figure", edits: Sequence[list[Any]] = ()) -> None:
        """Look into a figure written as JSON, from another page or program.

        Parameters
        ----------
        text : str
            Data and layout.
        title : str
            Name for people.
        edits : sequence of [str, object]
            To be made to it at once.

        Raises
        ------
        EditError
            When it is not one, or too long.
        """
        own = read_figure(text, title)
        self.state.start_from(own=own, edits=list(edits))

    def code(self, name: str) -> str:
        """Return the whole code of a tab: "Graph objects", "JSON", or the library of the chart's call."""
        return whole_code(name, self._spec, *self._call())

    def _call(self) -> tuple[Chart | None, Spec, list[Edit]]:
        """Return the chart that was called, what it made, and the edits since."""
        state = self.state
        called = state.own is None and state.chart != FIRST
        return chart_of(state.chart) if called else None, self._base, edits_of(state.edits, self._base)[0]

    # -- the page -------------------------------------------------------------------------------

    def controls(self) -> list[pn.viewable.Viewable]:
        """Return the controls, in the order of the work."""
        state = self.state
        steps = [
            pmui.Button(
                label=name,
                size="small",
                variant="outlined",
                sizing_mode="stretch_width",
                margin=(2, 10),
                on_click=functools.partial(self._to_step, step),
            )
            for step, name in enumerate(STEPS)
        ]
        finder = ChartFinder(self._chosen)
        brought = pn.pane.HTML("", visible=False, margin=(12, 10, 0, 10), styles={"font-size": "14px"})

        def follow(*_: param.parameterized.Event) -> None:
            first = state.chart == FIRST and state.own is None
            for step, button in enumerate(steps):
                button.variant = "contained" if first and step == state.step else "outlined"
            finder.chosen = "" if first or state.own is not None else state.chart
            own = escape(state.own.title if state.own else "")
            brought.param.update(object=f"Now: <b>{own}</b>", visible=bool(own))

        state.param.watch(follow, ["chart", "step", "own"])
        follow()
        return [
            brought,
            section("Build the talk's first figure", *steps),
            section("Or start from a chart", finder),
        ]

    def main(self) -> pn.viewable.Viewable:
        """Return line, picture, tree and code."""
        below = pn.Column(sizing_mode="stretch_width", min_height=300, margin=(0, 16, 16, 16))
        beside = pn.FlexBox(
            pn.Column(self.views[VIEW], margin=0, sizing_mode="stretch_width", styles={**_WIDE, **_CARD}),
            pn.Column(self._tree, margin=0, sizing_mode="stretch_width", styles=_SLIM),
            sizing_mode="stretch_width",
            gap="12px",
            margin=(10, 16, 12, 16),
        )
        self.after_paint(lambda: below.append(self._code))
        load_when_painted()
        line = pn.Column(self._line, sizing_mode="stretch_width", margin=(6, 16, 0, 16))
        return pn.Column(line, beside, below, sizing_mode="stretch_width")

    def tables(self) -> dict[str, Callable[[], pd.DataFrame]]:
        """Return what can be downloaded."""
        return {"Attributes": self._attributes}

    def _attributes(self) -> pd.DataFrame:
        rows = [(dots(path), summary(value)) for path, value in walk(self._spec)]
        return pd.DataFrame(rows, columns=["path", "value"])


_WIDE = {"flex": "3 1 520px", "min-width": "min(100%, 420px)"}
_SLIM = {"flex": "2 1 340px", "min-width": "min(100%, 320px)"}
_CARD = {
    "border": "1px solid var(--mui-palette-divider, #80808040)",
    "border-radius": "8px",
    "padding": "4px",
}


if pn.state.served:
    open_page("anatomy")
