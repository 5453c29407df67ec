"""Figures as plain data, and values in words: JSON, Python literals, one-line summaries; pure."""

from __future__ import annotations

import ast
import base64
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

__all__ = ["Verbatim", "json_text", "literal", "plain", "python_text", "spec_of", "summary"]

# A figure's look is its page's; the picture brings its own place.
_NOT_OURS = ("template", "width", "height", "autosize", "uirevision")
_SHORT_LIST = 6
_WIDTH = 88


def spec_of(figure: go.Figure) -> dict[str, Any]:
    """Return a figure as plain data without template and size: ``{"data": […], "layout": {…}}``.

    Columns stay numpy arrays; base64 is decoded.
    """
    layout = _decoded(figure.layout.to_plotly_json())
    return {
        "data": [_decoded(trace.to_plotly_json()) for trace in figure.data],
        "layout": {name: value for name, value in layout.items() if name not in _NOT_OURS},
    }


def _decoded(value: Any) -> Any:
    if isinstance(value, Mapping):
        if value.keys() >= {"dtype", "bdata"}:
            array = np.frombuffer(base64.b64decode(value["bdata"]), value["dtype"])
            shape = value.get("shape")
            return array.reshape([int(side) for side in str(shape).split(",")]) if shape else array
        return {key: _decoded(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        if value and isinstance(value[0], Mapping):
            return [_decoded(member) for member in value]
        return list(value)
    return value


def plain(value: Any) -> Any:
    """Return a value as JSON knows it: arrays become lists, dates texts, what is not finite None."""
    if isinstance(value, Mapping):
        return {str(key): plain(member) for key, member in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.astype(str).tolist() if value.dtype.kind == "M" else value.tolist())
    if isinstance(value, list | tuple):
        return [plain(member) for member in value]
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, np.datetime64):
        return str(value)
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return str(value)


def json_text(value: Any) -> str:
    """Write plain data as JSON for people: one member a line, a list of plain values on one."""
    return _written(plain(value), 0, _scalar_json)


def python_text(value: Any, indent: int = 0) -> str:
    """Write plain data as a Python literal in the same way; what is short stands on one line.

    Parameters
    ----------
    value : object
        Anything `plain` takes.
    indent : int
        Blanks before the closing brace.
    """
    value = plain(value)
    text = repr(value)
    return text if len(text) + indent <= _WIDTH else _written(value, indent, repr)


def _scalar_json(value: Any) -> str:
    return str(value) if isinstance(value, Verbatim) else json.dumps(value, ensure_ascii=False)


class Verbatim(str):
    """Text that `json_text` and `python_text` write as it is, where a value would be."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _written(value: Any, indent: int, scalar: Callable[[Any], str]) -> str:
    # Python takes a comma behind the last member too: a member that is added changes no other line.
    pad, end, last = " " * (indent + 4), " " * indent, "" if scalar is _scalar_json else ","
    if isinstance(value, dict) and value:
        if not any(isinstance(member, dict | list) and member for member in value.values()):
            members = ", ".join(f"{scalar(key)}: {scalar(member)}" for key, member in value.items())
            if len(members) + indent < _WIDTH:
                return "{" + members + "}"
        rows = [
            f"{pad}{scalar(key)}: {_written(member, indent + 4, scalar)}" for key, member in value.items()
        ]
        return "{\n" + ",\n".join(rows) + f"{last}\n{end}}}"
    if isinstance(value, list) and any(isinstance(member, dict) for member in value):
        rows = [pad + _written(member, indent + 4, scalar) for member in value]
        return "[\n" + ",\n".join(rows) + f"{last}\n{end}]"
    return scalar(value)


def summary(value: Any, chars: int = 80) -> str:
    """Say in one line what a value is; long lists by their length and range."""
    if isinstance(value, str):
        if value.startswith("data:"):
            return f"{value[:24].split(',')[0]}… ({_bytes(len(value))})"
        text = json.dumps(value, ensure_ascii=False)
        return text if len(text) <= chars else f"{text[: chars - 20]}…” ({len(value):,} characters)"
    if isinstance(value, np.ndarray):
        if value.ndim > 1 or value.size > _SHORT_LIST:
            return _array_words(value)
        value = value.tolist()
    if isinstance(value, list | tuple):
        if len(value) > _SHORT_LIST:
            if all(isinstance(row, list | tuple | np.ndarray) for row in value):
                return (
                    f"[{len(value):,} lists]"
                    if len({len(r) for r in value}) > 1
                    else _array_words(_as_array(value))
                )
            return _array_words(_as_array(value))
        text = json.dumps(plain(value), ensure_ascii=False)
        return text if len(text) <= chars else f"[{len(value):,} values]"
    if isinstance(value, Mapping):
        text = json.dumps(plain(value), ensure_ascii=False) if len(value) <= _SHORT_LIST else ""
        return text if 0 < len(text) <= chars else f"{{{len(value):,} members}}"
    return json.dumps(plain(value), ensure_ascii=False)


def _as_array(values: Any) -> np.ndarray:
    try:
        return np.asarray(values)
    except ValueError:  # rows of unequal length inside
        return np.asarray([str(value) for value in values])


def _array_words(array: np.ndarray) -> str:
    size = " × ".join(f"{side:,}" for side in array.shape)
    if array.dtype.kind in "iuf" and array.size and np.isfinite(array).any():
        low, high = np.nanmin(array), np.nanmax(array)
        return f"[{size} numbers, {low:.4g} … {high:.4g}]"
    if array.dtype.kind in "iufb":
        return f"[{size} values]"
    ends = f"{array.flat[0]}, … {array.flat[-1]}" if array.size else ""
    return f"[{size} values: {ends}]" if 0 < len(ends) < 60 else f"[{size} values]"


def _bytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.0f} kB"


def literal(text: str) -> Any:
    """Read a value that somebody typed: JSON, or a Python literal; nothing is evaluated.

    Parameters
    ----------
    text : str
        ``25``, ``"red"``, ``[1, 2]``, ``{"size": 25}``, ``dict(size=25)``, ``true``, ``None``.

    Raises
    ------
    ValueError
        When it is none, or is not finite.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        try:
            value = _from_node(ast.parse(text.strip(), mode="eval").body)
        except (SyntaxError, RecursionError, MemoryError) as error:
            raise ValueError("it is neither JSON nor a Python literal") from error
    _refuse_infinite(value)
    return value


_WORDS = {"true": True, "false": False, "null": None}


def _from_node(node: ast.expr) -> Any:
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return {_from_node(key): _from_node(value) for key, value in pairs if key is not None}
    if isinstance(node, ast.List | ast.Tuple):
        return [_from_node(member) for member in node.elts]
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "dict" and not node.args:
        return {str(part.arg): _from_node(part.value) for part in node.keywords}
    if isinstance(node, ast.Name) and node.id in _WORDS:
        return _WORDS[node.id]
    try:
        value = ast.literal_eval(node)
    except ValueError as error:
        raise ValueError("it is neither JSON nor a Python literal") from error
    if not isinstance(value, str | int | float | bool | None):
        raise ValueError(f"{type(value).__name__} is no value of a figure")
    return value


def _refuse_infinite(value: Any) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("numbers must be finite")
    if isinstance(value, Mapping):
        for member in value.values():
            _refuse_infinite(member)
    elif isinstance(value, list | tuple):
        for member in value:
            _refuse_infinite(member)
