"""One edit in the three spellings that Plotly takes, and the proof that all make the same figure; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import plotly.graph_objects as go

from dashboards.parts.figure_paths import Edit
from dashboards.parts.figure_schema import Path, Spec, dots, place_of, value_of
from dashboards.parts.figure_values import json_text, plain, python_text

__all__ = ["Spelling", "proof", "spellings"]

# Texts beyond that (pictures as data: URIs) are left out of a proof.
_LONG_TEXT = 1_000


class Spelling(NamedTuple):
    """One edit in the three ways in which Plotly takes it, each as Python that works."""

    dots: str
    underscores: str
    nested: str


def spellings(edit: Edit, spec: Spec) -> Spelling:
    """Spell an edit in dots, in underscores and as a nested dict.

    Parameters
    ----------
    edit : Edit
    spec : mapping
        The figure before.
    """
    path, value = edit
    if path[0] == "data" and len(path) == 2:
        return _of_trace(path, value)
    written, first = python_text(value), _first_needed(path, spec)
    if path[0] == "data":
        number, inside = path[1], path[2:]
        return Spelling(
            f"{first}fig.{dots(path)} = {written}",
            f"{first}fig.update_traces({_underscored(inside)}={written}, selector={number})",
            f"fig.data[{number}].update({python_text(_nested(inside, value))})",
        )
    inside = path[1:]
    return Spelling(
        f"{first}fig.{dots(path)} = {written}",
        f"{first}fig.update_layout({_underscored(inside)}={written})",
        f"fig.update_layout({python_text(_nested(inside, value))})",
    )


def _of_trace(path: Path, value: Any) -> Spelling:
    if value is None:
        text = f"fig.data = fig.data[:{path[1]}] + fig.data[{int(path[1]) + 1}:]"
        return Spelling(text, text, text)
    name = place_of(("data", 0), {"data": [value]}).container.__name__
    inside = {key: member for key, member in value.items() if key != "type"}
    flat = list(_flat(inside))
    flat_text = ", ".join(f"{_underscored(way)}={python_text(leaf)}" for way, leaf in flat)
    one_by_one = [f"fig.{dots((*path, *way))} = {python_text(leaf)}" for way, leaf in flat]
    return Spelling(
        "\n".join([f"fig.add_trace(go.{name}())", *one_by_one]),
        f"fig.add_trace(go.{name}({flat_text}))",
        f"fig.add_trace({python_text(value)})",
    )


def _first_needed(path: Path, spec: Spec) -> str:
    """Return the line that is needed before: Plotly makes no second axis and no annotation by itself."""
    for depth in range(2, len(path)):
        if _is_missing(path[:depth], spec):
            if isinstance(path[depth - 1], int):
                return f"fig.{dots(path[: depth - 1])} += ({{}},)\n"
            return f"fig.{dots(path[:depth])} = {{}}\n"
    return ""


def _is_missing(path: Path, spec: Spec) -> bool:
    """Whether a place is a new member of a list, or a new subplot (xaxis2)."""
    key = path[-1]
    new = isinstance(key, int) or (len(path) == 2 and key[-1].isdigit())
    return new and value_of(spec, path) is None


def _flat(value: Mapping[str, Any], path: Path = ()) -> Iterator[tuple[Path, Any]]:
    for key, member in value.items():
        if isinstance(member, Mapping):
            yield from _flat(member, (*path, key))
        else:
            yield (*path, key), member


def _underscored(path: Path) -> str:
    return "_".join(map(str, path))


def _nested(path: Path, value: Any) -> Any:
    for key in reversed(path):
        value = [*[{}] * key, value] if isinstance(key, int) else {key: value}
    return value


def proof(edit: Edit, spec: Spec) -> list[str]:
    """Let plotly.py itself make an edit in the three spellings, and return the figure as JSON after each.

    Parameters
    ----------
    edit : Edit
        Of an attribute, not of a whole trace.
    spec : mapping
        The figure before. Its columns are left out: they are not what is changed.
    """
    path, value = edit
    inside = path[1:] if path[0] == "layout" else path[2:]
    results = []
    for way in range(3):
        figure = go.Figure(_light(spec))
        top = figure.layout if path[0] == "layout" else figure.data[int(path[1])]
        if way < 2:
            _make_way(figure, path, spec)
        if way == 0:
            holder: Any = figure
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = value
        elif way == 1:
            top.update(**{_underscored(inside): value})
        else:
            top.update(_nested(inside, value))
        results.append(json_text(figure.to_plotly_json()))
    return results


def _make_way(figure: go.Figure, path: Path, spec: Spec) -> None:
    """Do what `_first_needed` says."""
    for depth in range(2, len(path)):
        if _is_missing(path[:depth], spec):
            *above, last, key = path[:depth]
            holder: Any = figure
            for name in above:
                holder = holder[name]
            if isinstance(key, int):
                holder[last] = (*holder[last], {})
            else:
                holder[last][key] = {}
            return


def _light(spec: Spec) -> dict[str, Any]:
    return {
        "data": [_without_columns(trace) for trace in spec["data"]],
        "layout": {"template": "none", **plain(spec["layout"])},
    }


def _without_columns(value: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, member in value.items():
        if isinstance(member, Mapping):
            kept[key] = _without_columns(member)
        elif isinstance(member, str | int | float | bool) and len(str(member)) < _LONG_TEXT:
            kept[key] = member
    return kept
