"""Edits of a figure: read from what was typed in any spelling, checked against Plotly, applied; pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from dashboards.parts.figure_schema import (
    EditError,
    Path,
    Spec,
    checked,
    dots,
    names_in,
    place_of,
    value_of,
)
from dashboards.parts.figure_values import literal
from dashboards.parts.limits import EDIT_CHARS
from data_sources.errors import did_you_mean

__all__ = ["Edit", "applied", "joined", "read_edits", "read_path", "refuse_long"]


class Edit(NamedTuple):
    """One change: a path, and the value it gets; None removes it."""

    path: Path
    value: Any


_TARGET = re.compile(r"""(?:fig\.)?([A-Za-z_]\w*(?:\.\w+|\[\s*(?:\d+|"\w+"|'\w+')\s*\])*)\s*""")
_KEY = re.compile(r"\w+")
_CALL = re.compile(r"(?:fig\.)?(?:(layout|data\[\d+\])\.)?(update_layout|update_traces|update)\s*(?=\()")
_EXAMPLE = 'Type layout.title.font.size = 25, title_font_size=25 or {"title": {"font": {"size": 25}}}.'


# -- reading ----------------------------------------------------------------------------------------


def read_edits(text: str, spec: Spec, at: Path = ()) -> list[Edit]:
    """Read what was typed: a path with a value, in dots or underscores, a nested dict, or an update call.

    Parameters
    ----------
    text : str
        ``layout.title.font.size = 25``, ``title_font_size=25``, ``{"title": {"font": {"size": 25}}}``,
        ``fig.update_traces(marker_color="red", selector=0)``. Never evaluated.
    spec : mapping
        The figure that is to be changed.
    at : tuple
        Path of what is looked at: names that are not the layout's are read from there.

    Returns
    -------
    list of Edit
        Checked against Plotly; applying them cannot fail.

    Raises
    ------
    EditError
        With what is wrong and what to do.
    """
    refuse_long(len(text))
    text = text.strip().rstrip(";")
    if not text:
        raise EditError(f"Nothing to change. {_EXAMPLE}")
    if text.startswith(("{", "dict(")):
        return _read_mapping(_value(text, ()), spec, at)
    if (call := _CALL.match(text)) is not None:
        return _read_call(call[1] or "", call[2], text[call.end() :], spec)
    target = _TARGET.match(text)
    if target is None or text[target.end() : target.end() + 1] != "=":
        raise EditError(f"“{_cut(text)}” is no path with a value. {_EXAMPLE}")
    path = _resolve(_keys(target[1]), spec, at)
    return _leaves(path, _value(text[target.end() + 1 :], path), spec)


def refuse_long(length: int) -> None:
    """Refuse an edit of more characters than are read.

    Raises
    ------
    EditError
        When it is longer than `EDIT_CHARS`.
    """
    if length > EDIT_CHARS:
        raise EditError(
            f"That is {length:,} characters long and at most {EDIT_CHARS:,} are read as an edit. "
            "Nothing was changed; make such a figure in Python and bring it here."
        )


def read_path(text: str, spec: Spec, at: Path = ()) -> Path | None:
    """Read a path without a value; None when the text is something else.

    Raises
    ------
    EditError
        When it is a path, and there is no such place.
    """
    text = text.strip()
    target = _TARGET.fullmatch(text)
    return _resolve(_keys(target[1]), spec, at) if target else None


def _value(text: str, path: Path) -> Any:
    text = text.strip()
    try:
        return literal(text)
    except ValueError as error:
        where = f" for {dots(path)}" if path else ""
        hint = f' Text needs quotes: "{text}".' if re.fullmatch(r"[\w #.%-]+", text) else ""
        raise EditError(f"“{_cut(text)}” cannot be read{where}: {error}.{hint}") from error


def _cut(text: str, chars: int = 80) -> str:
    return text if len(text) <= chars else text[: chars - 1] + "…"


def _keys(text: str) -> list[str | int]:
    return [int(key) if key.isdigit() else key for key in _KEY.findall(text)]


def _read_call(holder: str, method: str, text: str, spec: Spec) -> list[Edit]:
    """Read what stands in the brackets of an update."""
    try:
        call = ast.parse(method + text, mode="eval").body
    except (SyntaxError, RecursionError, MemoryError, ValueError) as error:
        raise EditError(f"“{_cut(method + text)}” is no complete call. {_EXAMPLE}") from error
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        raise EditError(f"“{_cut(method + text)}” is more than one call. {_EXAMPLE}")
    given = {str(part.arg): _value(ast.unparse(part.value), ()) for part in call.keywords if part.arg}
    above: list[Path] = [_below((), _keys(holder), spec)]
    if method == "update_layout":
        above = [("layout",)]
    elif method == "update_traces":
        count = len(spec["data"])
        chosen = given.pop("selector", None)
        if not (chosen is None or (isinstance(chosen, int) and 0 <= chosen < count)):
            raise EditError(f"selector={_cut(repr(chosen))}: give the number of one of the {count} traces.")
        above = [("data", number) for number in (range(count) if chosen is None else [chosen])]
    for part in call.args:
        members = _value(ast.unparse(part), ())
        if not isinstance(members, Mapping):
            raise EditError(f"“{_cut(text)}”: give a dict, or names with values.")
        given |= members
    if not given:
        raise EditError(f"“{_cut(text)}” changes nothing. {_EXAMPLE}")
    return [
        edit
        for start in above
        for name, value in given.items()
        for edit in _leaves(_below(start, [name], spec), value, spec, merge=True)
    ]


def _read_mapping(members: Any, spec: Spec, at: Path) -> list[Edit]:
    if not isinstance(members, Mapping) or not members:
        raise EditError(f"Nothing to change. {_EXAMPLE}")
    return [
        edit
        for name, value in members.items()
        for edit in _leaves(_resolve([str(name)], spec, at), value, spec, merge=True)
    ]


def _leaves(path: Path, value: Any, spec: Spec, merge: bool = False) -> list[Edit]:
    """Split a dict into the values in it: what is given is set, what is not stays.

    With `merge` the members of a list are split too, as Plotly's update does it.
    """
    place = place_of(path, spec)
    present = value_of(spec, path)
    fresh = isinstance(path[-1], int) and present is None
    members: list[tuple[Path, Any]] = []
    if place.kind in ("traces", "list") and isinstance(value, list) and (merge or place.kind == "traces"):
        members = [((*path, number), member) for number, member in enumerate(value) if member != {}]
    elif place.kind in ("object", "figure") and isinstance(value, Mapping) and value and not fresh:
        members = [(_below(path, [str(name)], spec), member) for name, member in value.items()]
    if members and (place.kind != "list" or present):
        edits: list[Edit] = []
        for inside, member in members:
            edits += _leaves(inside, member, applied(spec, edits) if edits else spec, merge)
        return edits
    if value is None:
        return [Edit(path, None)]
    if place.kind == "object" and isinstance(value, str) and not fresh:
        return [Edit((*path, name), text) for name, text in checked(path, value, spec).items()]
    return [Edit(path, checked(path, value, spec))]


def _resolve(keys: list[str | int], spec: Spec, at: Path) -> Path:
    """Find the place that keys mean: from the top, else in the layout, else where somebody looks."""
    starts: list[Path] = [(), ("layout",)]
    starts += [at[:depth] for depth in range(len(at), 1, -1)]
    for start in starts:
        first = _magic(start, str(keys[0]), spec)
        if first is not None:
            return _below(start, keys, spec)
    private = next((key for key in keys if str(key).startswith("_")), None)
    if private is not None:
        raise EditError(f"“{private}”: names that begin with an underscore are Python's own, not a figure's.")
    for number in range(len(spec["data"])):
        if _magic(("data", number), str(keys[0]), spec) is not None:
            raise EditError(f"“{keys[0]}” belongs to a trace: write data[{number}].{keys[0]}.")
    near = sorted({"data", "layout", *_all_names(("layout",), spec), *(_all_names(at, spec) if at else ())})
    word = str(keys[0]).split("_")[0]
    raise EditError(f"There is no “{keys[0]}” in a figure. {did_you_mean(word, near)}")


def _all_names(path: Path, spec: Spec) -> tuple[str, ...]:
    container = place_of(path, spec).container
    return tuple(container._valid_props) if container is not None else ()


def _magic(start: Path, key: str, spec: Spec) -> tuple[str, str] | None:
    """Split "title_font_size" into the longest member of a place at its beginning, and the rest."""
    place = place_of(start, spec)
    parts = key.split("_")
    for count in range(len(parts), 0, -1):
        name = "_".join(parts[:count])
        if names_in(place, name):
            return name, "_".join(parts[count:])
    return None


def _below(start: Path, keys: Iterable[str | int], spec: Spec) -> Path:
    path = start
    for key in keys:
        rest = str(key)
        while rest:
            kind = place_of(path, spec).kind
            if kind in ("traces", "list"):
                number, _, rest = rest.partition("_")
                path = (*path, int(number) if number.isdigit() else number)
            else:
                found = _magic(path, rest, spec)
                # No member: its first word is what is wrong, unless it begins with an underscore.
                name, rest = found if found is not None else (rest.split("_")[0] or rest, "")
                path = (*path, name)
            place_of(path, spec)
    return path


# -- applying ---------------------------------------------------------------------------------------


def applied(spec: Spec, edits: Iterable[Edit]) -> dict[str, Any]:
    """Return a figure with edits; the one that is given stays as it is.

    Raises
    ------
    EditError
        When an edit does not fit the figure.
    """
    result: Any = {**spec}
    for path, value in edits:
        place_of(path, result)
        result = _put(result, path, None if value is None else checked(path, value, result))
    return dict(result)


def _put(holder: Any, path: Path, value: Any) -> Any:
    """Copy what holds the path, and set it there."""
    key, rest = path[0], path[1:]
    if isinstance(key, int):
        members = list(holder or ())
        if key == len(members):
            members.append({})
        if rest:
            members[key] = _put(members[key], rest, value)
        elif value is None:
            del members[key]
        else:
            members[key] = value
        return members
    kept = dict(holder or {})
    if rest:
        # A branch stays when its last member goes, as in Plotly; removing what is not set makes none.
        inner = _put(kept.get(key), rest, value)
        if inner or key in kept:
            kept[key] = inner
    elif value is None:
        kept.pop(key, None)
    else:
        kept[key] = value
    return kept


def joined(edits: Iterable[Edit], more: Iterable[Edit]) -> list[Edit]:
    """Put new edits behind old ones; an old one of the same place, or inside of it, goes.

    Where a member of a list came or went the numbers behind it changed: older edits stay as they are.
    """
    kept = list(edits)
    for edit in more:
        last = max((n for n, old in enumerate(kept) if isinstance(old.path[-1], int)), default=-1)
        depth = len(edit.path)
        kept = [old for n, old in enumerate(kept) if n <= last or old.path[:depth] != edit.path]
        kept.append(edit)
    return kept
