"""Figure anatomy: a figure beside the tree it is made of, to be edited by click and by path."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param
import plotly.graph_objects as go
import plotly.io as pio

from dashboards.parts import theme
from dashboards.parts.anatomy_state import FIRST, STEPS, AnatomyState, edits_of, written
from dashboards.parts.chart_catalogue import chart_of
from dashboards.parts.chart_finder import ChartFinder
from dashboards.parts.code_view import CodeView, code_rows
from dashboards.parts.controls import section
from dashboards.parts.dashboard import Dashboard
from dashboards.parts.figure_code import call_code, marked_lines, python_code, short_json, shortened
from dashboards.parts.figure_diff import Spec, difference
from dashboards.parts.figure_edit import EditLine
from dashboards.parts.figure_nodes import editable_text, nodes_of
from dashboards.parts.figure_paths import Edit, applied, joined, read_edits, read_path
from dashboards.parts.figure_schema import (
    TRACE_TYPES,
    EditError,
    Path,
    attributes_at,
    dots,
    place_of,
    refuse_network,
    value_of,
    walk,
    words_at,
)
from dashboards.parts.figure_spelling import Spelling, proof, spellings
from dashboards.parts.figure_tree import FigureTree
from dashboards.parts.figure_values import json_text, literal, spec_of, summary
from dashboards.parts.limits import CODE_CHARS, EDIT_CHARS, INSPECT_CHARS
from dashboards.parts.linked_plotly import LinkedPlotly
from dashboards.parts.shell import open_page, say

__all__ = ["FigureAnatomy"]

HEIGHT = 560
VIEW = "figure"
GRAPH_OBJECTS, JSON = "Graph objects", "JSON"


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
            choices["own"] = {**spec_of(figure), "title": "your figure"}
        super().__init__(AnatomyState(**choices))
        self.state: AnatomyState
        self._base_key: Any = None
        self._base: Spec = {}
        self._spec: Spec = {"data": [], "layout": {}}
        # What the line answers at present: the paths of the last edit.
        self._said: Mapping[Path, Any] = {}
        self._answered: list[list[Any]] = []
        self._template: Any = None
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
        self.state.param.watch(lambda *_: self._follow(), self.state.choices)
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

    def _follow(self) -> None:
        """Bring picture, tree and code up to the state."""
        key = self._base_key
        with self.events.effect("figure"):
            self._take_base()
            spec = self._present()
            patch = difference(self._spec, spec) if key == self._base_key else None
            template = self._spec["layout"].get("template")
            self._spec = spec
            view = self.views[VIEW]
            if patch is None or template != spec["layout"].get("template"):
                if view.shapes:
                    view.set_shapes([])
                view.replace(self._drawn())
            elif patch:
                view.patch(patch.traces, patch.layout)
        with self.events.effect("tree"):
            self._show()

    def _theme_views(self, *_: param.parameterized.Event) -> None:
        for view in self.views.values():
            own = self._spec["layout"].get("template")
            if own is None:
                view.set_theme(self.theme)
            elif isinstance(own, str):
                view.patch(layout={"template": pio.templates[own].to_plotly_json()})

    def _show(self) -> None:
        """Tell tree, line and code what the figure is now."""
        self._tree.nodes = nodes_of(self._spec, self._base)
        if self.state.edits != self._answered:
            self._said = {}
            self._line.error = ""
        self.select(self._tree.selected or "layout")
        self._code.tabs = self._tabs()

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
            if length > EDIT_CHARS:
                raise EditError(
                    f"That is {length:,} characters long and at most {EDIT_CHARS:,} are read as an edit. "
                    "Nothing was changed; make such a figure in Python and bring it here."
                )
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
            if len(text) > EDIT_CHARS:
                raise EditError(f"That is {len(text):,} characters long and at most {EDIT_CHARS:,} are read.")
            path = read_path(dotted, self._spec)
            if not path:
                raise EditError("Select an attribute first.")
            self._commit(_edits_from(path, text, self._spec))
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
        self._line.param.update(answer=_answer(edits, before), error="")
        self._tree.message = ""
        if value_of(after, edits[0].path) is not None:
            self.select(dots(edits[0].path))

    def _drew(self, event: param.parameterized.Event) -> None:
        """Take over shapes that a hand drew, moved or erased in the picture."""
        drawn = list(event.new)
        if drawn != (self._spec["layout"].get("shapes") or []):
            self._commit([Edit(("layout", "shapes"), drawn or None)])

    # -- looking --------------------------------------------------------------------------------

    def select(self, dotted: str) -> None:
        """Look at a node of the tree, set or not: ``layout.title.font``."""
        try:
            path = read_path(dotted, self._spec) or ("layout",)
            detail = _detail(path, self._spec)
        except EditError:
            path = ("layout",)
            detail = _detail(path, self._spec)
        if dots(path) != self._tree.selected:
            self._tree.message = ""
        self._tree.param.update(detail=detail, selected=dots(path))
        if path not in self._said:
            self._said = {}
            self._line.answer = _spelled(path, self._spec)

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
        self.open_json(text, title)

    def open_json(self, text: str, title: str = "your figure") -> None:
        """Look into a figure written as JSON, from another page or program.

        Raises
        ------
        EditError
            When it is not one, or too long.
        """
        if len(text) > INSPECT_CHARS:
            raise EditError(
                f"The figure is {len(text):,} characters long; at most {INSPECT_CHARS:,} are read."
            )
        try:
            given = json.loads(text)
            spec = spec_of(go.Figure(given["data"], given["layout"], skip_invalid=True))
            for name in ("data", "layout"):
                refuse_network((name,), spec[name])
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise EditError(
                "This is not a figure: it needs “data”, a list of traces, and “layout”."
            ) from error
        self.state.start_from(own={**spec, "title": title[:80] or "your figure"})

    # -- code -----------------------------------------------------------------------------------

    def code(self, name: str) -> str:
        """Return the whole code of a tab: "Graph objects", "JSON", or the library of the chart's call."""
        if name == JSON:
            return json_text(self._spec)
        if name == GRAPH_OBJECTS:
            return python_code(self._spec)
        edits, _ = edits_of(self.state.edits, self._base)
        return call_code(chart_of(self.state.chart), self._base, edits)

    def _tabs(self) -> list[dict[str, Any]]:
        state = self.state
        short, base = shortened(self._spec), shortened(self._base)
        tabs = [_tab(GRAPH_OBJECTS, python_code(base), python_code(short), python=True)]
        if state.own is None and state.chart != FIRST:
            chart = chart_of(state.chart)
            name = chart.library if chart.library != "graph objects" else "As it was called"
            edits, _ = edits_of(state.edits, self._base)
            tabs.insert(0, _tab(name, chart.call, call_code(chart, self._base, edits), python=True))
        tabs.append(_tab(JSON, short_json(self._base), short_json(self._spec), python=False))
        return tabs

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

        def follow(*_: param.parameterized.Event) -> None:
            first = state.chart == FIRST and state.own is None
            for step, button in enumerate(steps):
                button.variant = "contained" if first and step == state.step else "outlined"
            finder.chosen = "" if first or state.own is not None else state.chart

        state.param.watch(follow, ["chart", "step", "own"])
        follow()
        return [
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


def _edits_from(path: Path, text: str, spec: Spec) -> list[Edit]:
    """Read what was typed into a node: a value, or text without its quotes."""
    try:
        return read_edits(f"{dots(path)} = {text}", spec)
    except EditError as error:
        try:
            literal(text)
        except ValueError:
            return read_edits(f"{dots(path)} = {json.dumps(text)}", spec)
        raise error


def _detail(path: Path, spec: Spec) -> dict[str, Any]:
    """Say everything about one place of a figure."""
    place = place_of(path, spec)
    words, may, choices = words_at(path, spec)
    value = value_of(spec, path)
    detail: dict[str, Any] = {
        "path": dots(path),
        "kind": place.kind,
        "words": words,
        "may": may,
        "choices": choices,
        "is_set": value is not None,
        "is_color": type(place.validator).__name__ == "ColorValidator",
        "text": editable_text(value) if place.kind == "value" else "",
        "attributes": [],
    }
    detail["long"] = detail["is_set"] and place.kind == "value" and not detail["text"]
    if place.kind == "object":
        present = value if isinstance(value, Mapping) else {}
        detail["attributes"] = [
            [item.name, item.kind, item.words[:220], ""]
            for item in attributes_at(place)
            if item.name not in present
        ]
    elif place.kind == "list":
        count = len(value or ())
        detail["attributes"] = [[f"[{count}]", "object", "One more.", f"{dots(path)}[{count}]"]]
    elif place.kind == "traces":
        count = len(value or ())
        detail["attributes"] = [[kind, "object", "", f"data[{count}].type"] for kind in TRACE_TYPES]
    return detail


def _spelled(path: Path, spec: Spec) -> dict[str, Any]:
    """Show what stands at a path in three spellings."""
    value = value_of(spec, path)
    if len(path) < 2 or not editable_text(value):
        return {}
    return {"rows": [[dots(path), "", ""]], "spellings": _named([spellings(Edit(path, value), spec)])}


def _named(spelled: list[Spelling]) -> list[list[str]]:
    names = ("Dots", "Underscores", "Dict")
    return [[name, "\n".join(way[n] for way in spelled)] for n, name in enumerate(names)]


def _answer(edits: list[Edit], before: Spec) -> dict[str, Any]:
    """Show edits in three spellings, with before and after."""
    spec, rows, spelled, said = before, [], [], ""
    for edit in edits[:20]:
        old = value_of(spec, edit.path)
        now = "removed" if edit.value is None else summary(edit.value)
        rows.append([dots(edit.path), "not set" if old is None else summary(old), now])
        spelled.append(spellings(edit, spec))
        spec = applied(spec, [edit])
    edit = edits[0]
    if len(edits) == 1 and len(edit.path) > 2 - (edit.path[0] == "layout"):
        results = proof(edit, before)
        size = len(results[0].encode())
        if len(set(results)) == 1:
            said = f"All three make the same JSON, to the byte ({size:,} bytes without columns)."
    return {"rows": rows, "spellings": _named(spelled), "proof": said}


def _tab(name: str, old: str, new: str, python: bool) -> dict[str, Any]:
    note = "Long lists are cut here; copying gives all of it." if "in all" in new else ""
    if len(new) > CODE_CHARS:
        note = f"The first {CODE_CHARS:,} of {len(new):,} characters; copying gives all of it."
        old, new = old[:CODE_CHARS], new[:CODE_CHARS]
    return {"name": name, "note": note, "rows": code_rows(marked_lines(old, new), python)}


if pn.state.served:
    open_page("anatomy")
