"""What Plotly allows where in a figure: attributes, words, values; for the tree and the paths of figures.

A *path* is a tuple of names and numbers from the top of a figure: ``("layout", "title", "font", "size")``,
``("data", 0, "marker", "color")``. Everything comes from plotly.py's own validators; nothing is evaluated.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import plotly.graph_objects as go
from plotly.validator_cache import ValidatorCache

from dashboards.parts.figure_values import plain
from data_sources import BrushlinkError
from data_sources.errors import did_you_mean

__all__ = [
    "TILED_TYPES",
    "TRACE_TYPES",
    "Attribute",
    "EditError",
    "Path",
    "Place",
    "Spec",
    "attributes_at",
    "checked",
    "dots",
    "names_in",
    "place_of",
    "value_of",
    "walk",
    "words_at",
]

Path = tuple[str | int, ...]
Spec = Mapping[str, Any]

TRACE_TYPES: tuple[str, ...] = tuple(sorted(ValidatorCache.get_validator("", "data").class_strs_map))
"""Types a trace can have."""

# They ask a server for the tiles of their map.
TILED_TYPES = frozenset(
    f"{kind}{map_}" for kind in ("density", "scatter", "choropleth") for map_ in ("map", "mapbox")
)

_SUBPLOT = re.compile(r"([a-z]+)([2-9]|[1-9]\d+)")
_OPENING = re.compile(r"^The '[\w.]+' property is (.*?) (?:that|and) may be specified\s+as:?")
_MESSAGE_CHARS = 400


class EditError(BrushlinkError):
    """A path or a value that is not a figure's; nothing was changed."""


class Place(NamedTuple):
    """What stands at a path.

    Attributes
    ----------
    kind : {"figure", "traces", "object", "list", "value"}
        "list" holds objects (annotations, shapes), "value" is a leaf.
    container : type or None
        Class of graph objects of an object, or of the members of a list.
    validator : object or None
        Plotly's, of a value, an object or a list.
    """

    kind: str
    container: Any = None
    validator: Any = None


class Attribute(NamedTuple):
    """An attribute that a container may have."""

    name: str
    kind: str
    words: str


def dots(path: Path) -> str:
    """Write a path with dots: ``data[0].marker.color``."""
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else key
    return text


def place_of(path: Path, spec: Spec) -> Place:
    """Say what stands at a path of a figure, set or not.

    Parameters
    ----------
    path : tuple
        From the top.
    spec : mapping
        The figure as plain data: the type of a trace decides what it may have.

    Raises
    ------
    EditError
        With what is wrong and the nearest right name.
    """
    place = Place("figure")
    for depth, key in enumerate(path):
        place = _member(place, key, path[:depth], spec)
    return place


def _member(place: Place, key: str | int, above: Path, spec: Spec) -> Place:
    if place.kind == "figure":
        if key == "data":
            return Place("traces")
        if key == "layout":
            return Place("object", go.Layout)
        raise EditError(f"A figure has “data” and “layout”, no “{key}”.")
    if place.kind in ("traces", "list"):
        count = len(value_of(spec, above) or ())
        if not isinstance(key, int):
            raise EditError(
                f"{dots(above)} is a list: give a number, as in {dots((*above, 0))}, not “{key}”."
            )
        if not 0 <= key <= count:
            there = f"has {count}, numbered from 0" if count else "is empty"
            raise EditError(f"{dots(above)} {there}; {dots((*above, count))} adds one.")
        if place.kind == "list":
            return Place("object", place.container, place.validator)
        return Place("object", _trace_class(spec, key))
    if place.kind == "value":
        raise EditError(f"{dots(above)} is a value and has no members, so no “{key}”.")
    if isinstance(key, int):
        raise EditError(f"{dots(above)} has names, not numbers, so no [{key}].")
    if key.startswith("_"):
        raise EditError(f"“{key}”: names that begin with an underscore are Python's own, not a figure's.")
    names = _names(place.container)
    if key not in names and not _is_subplot(place.container, key):
        inside = f"in {dots(above)}" if above else "in a figure"
        raise EditError(f"There is no “{key}” {inside}. {did_you_mean(key, names)}")
    return _place(_validator(place.container, key))


def _trace_class(spec: Spec, number: int) -> Any:
    traces = spec.get("data") or ()
    kind = traces[number].get("type", "scatter") if number < len(traces) else "scatter"
    return _trace_classes()[kind]


@functools.cache
def _trace_classes() -> dict[str, Any]:
    names = ValidatorCache.get_validator("", "data").class_strs_map
    return {kind: getattr(go, name) for kind, name in names.items()}


def names_in(place: Place, name: str) -> bool:
    """Whether an object may have a member of a name."""
    if place.kind == "figure":
        return name in ("data", "layout")
    return place.kind == "object" and (name in _names(place.container) or _is_subplot(place.container, name))


@functools.cache
def _names(container: Any) -> tuple[str, ...]:
    return tuple(sorted(container._valid_props - {"templateitemname"}))


def _is_subplot(container: Any, name: str) -> bool:
    """Whether a name is one of a numbered family: xaxis2, legend3, …."""
    found = _SUBPLOT.fullmatch(name)
    return container is go.Layout and found is not None and found[1] in container._subplotid_prop_names


def _validator(container: Any, name: str) -> Any:
    if container is go.Layout and (found := _SUBPLOT.fullmatch(name)):
        name = found[1] if found[1] in container._subplotid_prop_names else name
    parent = container._path_str
    return ValidatorCache.get_validator("layout" if container is go.Layout else parent, name)


def _place(validator: Any) -> Place:
    kind = type(validator).__name__
    if kind == "CompoundArrayValidator":
        return Place("list", validator.data_class, validator)
    if hasattr(validator, "data_class") and kind != "BaseTemplateValidator":
        return Place("object", validator.data_class, validator)
    return Place("value", None, validator)


def value_of(spec: Any, path: Path) -> Any:
    """Read a path of a figure; None where nothing is set."""
    for key in path:
        if isinstance(key, int):
            if not isinstance(spec, list | tuple) or key >= len(spec):
                return None
            spec = spec[key]
        else:
            spec = spec.get(key) if isinstance(spec, Mapping) else None
    return spec


# -- words ----------------------------------------------------------------------------------------


def attributes_at(place: Place) -> list[Attribute]:
    """List what an object may have, by name, with what plotly.py says about each."""
    if place.kind != "object":
        return []
    words = _described(place.container)
    return [
        Attribute(name, _place(_validator(place.container, name)).kind, words.get(name, ""))
        for name in _names(place.container)
    ]


@functools.lru_cache(maxsize=512)
def _described(container: Any) -> dict[str, str]:
    """Read plotly.py's description of the attributes of a class: names at eight blanks, words at twelve."""
    found: dict[str, str] = {}
    name = ""
    for line in container()._prop_descriptions.splitlines():
        text = line.strip()
        if line.startswith(" " * 12):
            found[name] = f"{found[name]} {text}".strip()
        elif text:
            name = text
            found[name] = ""
    # Of an object plotly.py only says which class it is.
    return {name: "" if ":class:`" in text[:40] else text for name, text in found.items()}


def words_at(path: Path, spec: Spec) -> tuple[str, str, list[str]]:
    """Describe an attribute: what it does, what it may be, and its choices when it has some.

    Raises
    ------
    EditError
        When there is no such place.
    """
    place = place_of(path, spec)
    above = place_of(path[:-1], spec) if path else place
    words = _described(above.container).get(str(path[-1]), "") if above.kind == "object" else ""
    if place.kind != "value":
        return words, "", []
    if (
        type(place.validator).__name__ == "LiteralValidator"
    ):  # the type of a trace; plotly.py has no words for it
        return words, "It is fixed: another type is another trace.", []
    lines = [line.strip() for line in place.validator.description().splitlines()]
    return words, "\n".join(line for line in lines if line), _choices(place.validator)


def _choices(validator: Any) -> list[str]:
    kind = type(validator).__name__
    if kind == "BooleanValidator":
        return ["true", "false"]
    values = getattr(validator, "values", None) or [
        *(getattr(validator, "all_flags", None) or getattr(validator, "flags", None) or ()),
        *(getattr(validator, "extras", None) or ()),
    ]
    return [str(value).lower() if isinstance(value, bool) else str(value) for value in values][:40]


# -- values ---------------------------------------------------------------------------------------


def checked(path: Path, value: Any, spec: Spec) -> Any:
    """Return a value as Plotly would keep it at a path, as plain data.

    Parameters
    ----------
    path : tuple
        Of an object (value: mapping), of a list (value: list of mappings) or of a value.
    value : object
        Plain data: numbers, texts, lists, mappings.
    spec : mapping
        The figure.

    Raises
    ------
    EditError
        With what the attribute may be.
    """
    place = place_of(path, spec)
    _refuse_private(path, value)
    refuse_network(path, value)
    try:
        if place.kind == "object":
            if isinstance(value, str) and type(place.validator).__name__ == "TitleValidator":
                value = {"text": value}
            if not isinstance(value, Mapping):
                raise EditError(
                    f"{dots(path)} is an object: give a dict of its members, not {_short(value)}."
                )
            if path[0] == "data" and len(path) == 2:
                return _checked_trace(path, value)
            return plain(place.container(**value).to_plotly_json())
        if place.kind == "list":
            if not isinstance(value, list | tuple):
                raise EditError(f"{dots(path)} is a list: give a list of dicts, not {_short(value)}.")
            return [plain(place.container(**member).to_plotly_json()) for member in value]
        if place.kind in ("traces", "figure"):
            raise EditError(
                f"{dots(path) or 'The figure'} is changed member by member, as in {dots((*path, 0))}."
            )
        kept = place.validator.validate_coerce(value)
        # A template goes by its name, as it does in Python.
        named = isinstance(value, str) and hasattr(kept, "to_plotly_json")
        return value if named else plain(kept.to_plotly_json() if hasattr(kept, "to_plotly_json") else kept)
    except (ValueError, TypeError) as error:
        raise EditError(_said(path, value, error)) from error


def _refuse_private(path: Path, value: Any) -> None:
    """Refuse names that graph objects take for their own affairs."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            if str(name).startswith("_") or name in ("arg", "skip_invalid"):
                raise EditError(f"There is no “{name}” in {dots(path)}.")
            _refuse_private((*path, str(name)), member)
    elif isinstance(value, list | tuple):
        for member in value:
            _refuse_private(path, member)


# What plotly.js would fetch: pictures, outlines, styles of maps.
_FETCHED = frozenset({"source", "geojson", "style", "url"})


def refuse_network(path: Path, value: Any) -> None:
    """Refuse what the browser would get from a server: pages here never ask another one.

    Raises
    ------
    EditError
        With what to give in its place.
    """
    if isinstance(value, Mapping):
        if value.get("type") in TILED_TYPES and path[:1] == ("data",):
            raise EditError(
                f"A {value['type']} needs a server of map tiles, and pages here ask no server. "
                "Use scattergeo or choropleth."
            )
        for name, member in value.items():
            refuse_network((*path, str(name)), member)
    elif isinstance(value, list | tuple):
        for number, member in enumerate(value):
            if isinstance(member, Mapping):
                refuse_network((*path, number), member)
    elif isinstance(value, str) and path and path[-1] in _FETCHED and ("//" in value[:12]):
        raise EditError(
            f"{dots(path)} would be fetched from a server, and pages here ask none. Give the data itself."
        )
    elif path[:1] == ("data",) and path[-1:] == ("type",) and value in TILED_TYPES:
        refuse_network(path[:-1], {"type": value})


def _checked_trace(path: Path, value: Mapping[str, Any]) -> Any:
    kind = value.get("type", "scatter")
    if kind not in _trace_classes():
        raise EditError(f"There is no trace of type {_short(kind)}. {did_you_mean(kind, TRACE_TYPES)}")
    given = {name: member for name, member in value.items() if name != "type"}
    return {"type": kind, **plain(_trace_classes()[kind](**given).to_plotly_json())} | {"type": kind}


def _said(path: Path, value: Any, error: Exception) -> str:
    """Shorten what plotly.py says of a value, which fills a screen."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    wrong = next((line for line in lines if "property specified for" in line), "")
    if wrong:
        name = wrong.rsplit("'", 2)[-2] if wrong.count("'") > 1 else ""
        near = next((line for line in lines if line.startswith("Did you mean")), "")
        return f"There is no “{name}” in {dots(path)}. {near}".strip()
    may = [line for line in lines if not line.startswith(("Invalid value", "Received value"))]
    text = " ".join(may)
    text = _OPENING.sub(r"It must be \1:", text)
    text = text if len(text) <= _MESSAGE_CHARS else text[: _MESSAGE_CHARS - 1] + "…"
    return f"{dots(path)} cannot be {_short(value)}. {text}".strip()


def _short(value: Any, chars: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= chars else text[: chars - 1] + "…"


def walk(spec: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Go through all values of a figure with their paths; a list of plain values is one value."""
    if isinstance(spec, Mapping):
        for key, value in spec.items():
            yield from walk(value, (*path, key))
    elif isinstance(spec, list) and spec and all(isinstance(member, Mapping) for member in spec):
        for number, member in enumerate(spec):
            yield from walk(member, (*path, number))
    else:
        yield path, spec
