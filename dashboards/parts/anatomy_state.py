"""What was chosen in the anatomy of a figure: where it starts from and what was edited; no Panel."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar

import param
import plotly.graph_objects as go

from dashboards.parts.chart_catalogue import CHARTS, chart_of
from dashboards.parts.figure_paths import Edit, applied, read_path
from dashboards.parts.figure_schema import TRACE_TYPES, EditError, Spec, dots, refuse_network
from dashboards.parts.figure_values import spec_of
from dashboards.parts.holoviews_figure import as_figure
from dashboards.parts.limits import INSPECT_CHARS
from dashboards.parts.state import DashboardState

__all__ = ["FIRST", "STEPS", "AnatomyState", "OwnFigure", "edits_of", "read_figure", "written"]

FIRST = "first"
"""Where the talk begins: a figure built step by step."""

# The talk's first figure: what each step adds.
_ADDED: tuple[dict[str, Any], ...] = (
    {},
    {"type": "scatter", "x": [0, 1, 2], "y": [6, 2, 1]},
    {"type": "bar", "x": [0, 1, 2], "y": [3, 1, 1]},
    {"title": {"text": "My first figure"}},
)
STEPS = ("1 Empty figure", "2 Scatter", "3 Bars beside it", "4 A title")
"""Names of the steps."""


@dataclass(frozen=True, eq=False)
class OwnFigure:
    """A figure from elsewhere; each is itself alone, so that comparing does not go through its columns.

    Attributes
    ----------
    spec : mapping
        As `spec_of` returns it.
    title : str
        Name for people.
    """

    spec: Spec
    title: str


class AnatomyState(DashboardState):
    """Where the figure starts from, and the edits since."""

    chart = param.Selector(default=FIRST, objects=[FIRST, *(chart.slug for chart in CHARTS)], label="Chart")
    step = param.Integer(default=len(STEPS) - 1, bounds=(0, len(STEPS) - 1), label="Step")
    edits = param.List(default=[], item_type=list, label="Edits")
    own = param.ClassSelector(class_=OwnFigure, default=None, allow_None=True, label="Figure")

    URL_KEYS: ClassVar[dict[str, str]] = {"chart": "c", "step": "n", "edits": "e"}
    NOT_IN_URL: ClassVar[dict[str, str]] = {"own": "the figure that was brought here"}

    def base(self) -> dict[str, Any]:
        """Return the figure without edits, as plain data."""
        if self.own is not None:
            return dict(self.own.spec)
        if self.chart == FIRST:
            return first_figure(self.step)
        return spec_of(as_figure(chart_of(self.chart).make()))

    def start_from(self, **values: Any) -> None:
        """Start anew from a chart, a step or a figure of one's own, as one step of undo."""
        fresh = {"chart": FIRST, "step": self.param["step"].default, "own": None, "edits": []}
        self.param.update(**{**fresh, **values})


def first_figure(step: int) -> dict[str, Any]:
    """Return the talk's first figure as far as a step has built it."""
    data = [dict(trace) for trace in _ADDED[1 : min(step, 2) + 1]]
    return {"data": data, "layout": dict(_ADDED[3]) if step > 2 else {}}


def edits_of(written: list[list[Any]], spec: Spec) -> tuple[list[Edit], list[str]]:
    """Read edits as a state holds them.

    Parameters
    ----------
    written : list of [str, object]
        Dotted paths and values; they may come from anybody's link.
    spec : mapping
        The figure that they are made to.

    Returns
    -------
    edits : list of Edit
        Those that fit.
    problems : list of str
        What is wrong with the others.
    """
    edits: list[Edit] = []
    problems: list[str] = []
    present: Spec = spec
    for item in written:
        try:
            if len(item) != 2 or not isinstance(item[0], str):
                raise EditError(f"An edit is a path and a value, not {str(item)[:60]}.")
            path = read_path(item[0], present)
            if not path or len(path) < 2:
                raise EditError(f"“{item[0][:60]}” is no path of an attribute.")
            edit = Edit(path, item[1])
            present = applied(present, [edit])
        except EditError as error:
            problems.append(str(error))
        else:
            edits.append(edit)
    return edits, problems


def written(edits: list[Edit]) -> list[list[Any]]:
    """Write edits as a state holds them."""
    return [[dots(edit.path), edit.value] for edit in edits]


def read_figure(text: str, title: str) -> OwnFigure:
    """Read a figure written as JSON, from another page or program.

    Raises
    ------
    EditError
        When it is not one, is too long, or would fetch something from a server.
    """
    if len(text) > INSPECT_CHARS:
        raise EditError(f"The figure is {len(text):,} characters long; at most {INSPECT_CHARS:,} are read.")
    try:
        given = json.loads(text)
        traces, layout = given["data"], given["layout"]
        if not all(trace["type"] in TRACE_TYPES for trace in traces):
            raise ValueError("a trace of no known type")
        spec = spec_of(go.Figure(traces, layout, skip_invalid=True))
        for name in ("data", "layout"):
            refuse_network((name,), spec[name])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise EditError(
            "This is no figure: it needs “data”, a list of traces with their types, and a “layout”."
        ) from error
    return OwnFigure(spec, title[:80] or "your figure")
