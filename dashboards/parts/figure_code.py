"""A figure as Python and as JSON, whole for copying, cut for reading, with what edits changed; pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from dashboards.parts.chart_catalogue import Chart
from dashboards.parts.figure_paths import Edit, applied
from dashboards.parts.figure_schema import Spec, place_of
from dashboards.parts.figure_spelling import spellings
from dashboards.parts.figure_values import Verbatim, json_text, python_text

__all__ = ["call_code", "marked_lines", "python_code", "shortened"]

_LONG_LIST = 24
_HEAD = 6
_WIDTH = 88


def python_code(spec: Spec) -> str:
    """Write the code that makes a figure out of graph objects.

    Parameters
    ----------
    spec : mapping
        The figure; running the code makes an equal one.
    """
    lines = ["import plotly.graph_objects as go", "", "fig = go.Figure()"]
    for trace in spec["data"]:
        name = place_of(("data", 0), {"data": [trace]}).container.__name__
        arguments = _arguments({key: value for key, value in trace.items() if key != "type"})
        lines.append(_call("fig.add_trace(go.", name, arguments, "))"))
    if spec["layout"]:
        lines.append(_call("fig.", "update_layout", _arguments(spec["layout"]), ")"))
    return "\n".join(lines)


def _arguments(members: Mapping[str, Any]) -> list[str]:
    """Write keyword arguments, in underscores where only one thing is inside."""
    written = []
    for key, value in members.items():
        name = key
        while isinstance(value, Mapping) and len(value) == 1:
            ((inside, value),) = value.items()
            name = f"{name}_{inside}"
        written.append(f"{name}={python_text(value, indent=4)}")
    return written


def _call(before: str, name: str, arguments: list[str], after: str) -> str:
    line = f"{before}{name}({', '.join(arguments)}{after}"
    if len(line) <= _WIDTH and "\n" not in line:
        return line
    inside = "".join(f"    {argument},\n" for argument in arguments)
    return f"{before}{name}(\n{inside}{after}"


def call_code(chart: Chart, base: Spec, edits: Iterable[Edit]) -> str:
    """Write the call of the catalogue that made a figure, and the edits since as update calls.

    Parameters
    ----------
    chart : Chart
    base : mapping
        The figure as the call makes it.
    edits : iterable of Edit
    """
    lines = [chart.call]
    edits = list(edits)
    if chart.library == "HoloViews":
        lines[0] = _with_graph_objects(lines[0])
        if edits:
            lines.append('fig = go.Figure(hv.render(fig, backend="plotly"))')
    elif any("go." in spellings(edit, base).underscores for edit in edits if edit.path[0] == "data"):
        lines[0] = _with_graph_objects(lines[0])
    spec = base
    for edit in edits:
        lines.append(spellings(edit, spec).underscores)
        spec = applied(spec, [edit])
    return "\n".join(lines)


def _with_graph_objects(code: str) -> str:
    return code if "plotly.graph_objects" in code else f"import plotly.graph_objects as go\n{code}"


def shortened(value: Any) -> Any:
    """Return a figure in which long lists and texts are cut, for reading."""
    if isinstance(value, Mapping):
        return {key: shortened(member) for key, member in value.items()}
    if isinstance(value, np.ndarray | list | tuple):
        if len(value) > _LONG_LIST and not isinstance(value[0], Mapping):
            head = ", ".join(repr(item) for item in np.asarray(value[:_HEAD], dtype=object).tolist())
            return Verbatim(f"[{_cut(head, 120)}, … {len(value):,} in all]")
        return [shortened(member) for member in value]
    return Verbatim(repr(_cut(value, 120))) if isinstance(value, str) and len(value) > 120 else value


def _cut(text: str, chars: int) -> str:
    return text if len(text) <= chars else text[: chars - 1] + "…"


def short_json(spec: Spec) -> str:
    """Write a figure as JSON with long lists cut; for reading only."""
    return json_text(shortened(spec))


def marked_lines(old: str, new: str) -> list[tuple[str, str]]:
    """Compare two texts line by line.

    Returns
    -------
    list of (str, str)
        "" (as before), "+" (new) or "-" (gone), and the line; in the order of reading.
    """
    before, after = old.splitlines(), new.splitlines()
    rows: list[tuple[str, str]] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            rows += [("", line) for line in after[c:d]]
        else:
            rows += [("-", line) for line in before[a:b]] + [("+", line) for line in after[c:d]]
    return rows
