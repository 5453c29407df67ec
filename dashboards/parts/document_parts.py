"""A document in parts (values of its objects, members of its lists), so that a change is small to write."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from data_sources import BrushlinkError

__all__ = ["PartsError", "joined", "split", "text_of"]

_DEPTH = 3


class PartsError(BrushlinkError):
    """Parts that are damaged, or not all there."""


class _Container:
    def __init__(self, sign: str) -> None:
        self.sign = sign


_OBJECT, _LIST = _Container("{"), _Container("[")


def split(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Parts of a document: every value of its objects, every member of its lists."""
    name = json.dumps(path)
    if isinstance(value, Mapping) and len(path) < _DEPTH:
        yield name, _OBJECT
        for key, member in value.items():
            yield from split(member, (*path, str(key)))
    elif isinstance(value, list) and path:
        yield name, _LIST
        for place, member in enumerate(value):
            yield json.dumps((*path, place)), member
    else:
        yield name, value


def text_of(value: Any) -> str:
    """Write a part as JSON; a container as its opening sign."""
    if isinstance(value, _Container):
        return value.sign
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def joined(parts: Mapping[str, str]) -> dict[str, Any]:
    """Put a document together again.

    Raises
    ------
    PartsError
        Parts are damaged or missing.
    """
    try:
        made: dict[tuple[Any, ...], Any] = {}
        # Shorter paths are containers of longer ones, and lists are filled in order.
        paths = [tuple(json.loads(name)) for name in parts]
        for path in sorted(paths, key=_in_turn):
            text = parts[json.dumps(path)]
            value = {"{": {}, "[": []}[text] if text in ("{", "[") else json.loads(text)
            made[path] = value
            if path:
                parent = made[path[:-1]]
                if isinstance(parent, list):
                    if path[-1] != len(parent):
                        raise KeyError(f"member {len(parent)} is missing")
                    parent.append(value)
                else:
                    parent[path[-1]] = value
        document = made[()]
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise PartsError(f"what was kept is damaged ({type(error).__name__}: {error})") from error
    if not isinstance(document, dict):
        raise PartsError("what was kept is damaged (no object)")
    return document


def _in_turn(path: tuple[Any, ...]) -> tuple[int, int]:
    place = path[-1] if path else None
    return len(path), place if isinstance(place, int) else -1
