"""A figure as the nodes of a tree: what is set, in words, and what has changed; pure, for `FigureTree`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboards.parts.figure_schema import Path, Spec, dots, value_of
from dashboards.parts.figure_values import python_text, summary
from dashboards.parts.limits import FIGURE_NODES
from dashboards.parts.plotly_paths import same

__all__ = ["editable_text", "nodes_of"]

# A value that is longer is written anew, not edited letter by letter.
_EDITABLE = 400

Node = dict[str, Any]


def nodes_of(spec: Spec, before: Spec) -> list[Node]:
    """Return the two nodes of a figure, "data" and "layout", with all that is set below them.

    Parameters
    ----------
    spec : mapping
        The figure.
    before : mapping
        The figure that it is compared with.

    Returns
    -------
    list of dict
        Each with key, path (dotted), kind ("object", "list", "value"), text (of the value, or what is special
        about a member), mark ("new", "changed", "inside", "gone" or "") and members. After `FIGURE_NODES`
        nodes only the counts are given.
    """
    left = [FIGURE_NODES]
    return [
        _node("data", spec.get("data") or [], ("data",), before, left),
        _node("layout", spec.get("layout") or {}, ("layout",), before, left),
    ]


def _node(key: str | int, value: Any, path: Path, before: Spec, left: list[int]) -> Node:
    left[0] -= 1
    old = value_of(before, path)
    members: list[Node] = []
    # Outlines of countries are data, though they come as an object.
    if isinstance(value, Mapping) and key != "geojson":
        kind, text = "object", _title(value)
        pairs: list[tuple[str | int, Any]] = list(value.items())
    elif isinstance(value, list) and (key == "data" or _is_objects(value)):
        kind, text = "list", f"{len(value):,}"
        pairs = list(enumerate(value))
    else:
        kind, text, pairs = "value", summary(value), []
    if left[0] > 0:
        members = [_node(name, member, (*path, name), before, left) for name, member in pairs]
    elif pairs:
        text = f"{len(pairs):,} more, not listed"
    if kind == "object" and isinstance(old, Mapping):
        members += [
            {
                "key": str(name),
                "path": dots((*path, name)),
                "kind": "value",
                "text": summary(member),
                "mark": "gone",
                "members": [],
            }
            for name, member in old.items()
            if name not in value
        ]
    return {
        "key": str(key),
        "path": dots(path),
        "kind": kind,
        "text": text,
        "mark": _mark(kind, value, old, members, len(path)),
        "members": members,
    }


def _is_objects(value: list[Any]) -> bool:
    return bool(value) and all(isinstance(member, Mapping) for member in value)


def _title(value: Mapping[str, Any]) -> str:
    """Say which of its like an object is: type and name of a trace, text of an annotation."""
    words = [str(value[name]) for name in ("type", "name", "text") if isinstance(value.get(name), str)]
    text = " ".join(word for word in words if word)
    return text if len(text) <= 60 else text[:59] + "…"


def _mark(kind: str, value: Any, old: Any, members: list[Node], depth: int) -> str:
    if old is None and depth > 1:
        return "new"
    if kind == "value" and not same(value, old):
        return "changed"
    if any(member["mark"] for member in members):
        return "inside"
    return ""


def editable_text(value: Any) -> str:
    """Return a value as it can be edited: a Python literal; empty when it is not set or too long for that."""
    if value is None:
        return ""
    text = python_text(value)
    return text if len(text) <= _EDITABLE else ""
