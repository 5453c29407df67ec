"""Data as one compressed block of bytes that a browser unpacks without a server; for saved files.

The block is JSON, with arrays behind it in binary: ``[length of JSON: 4 bytes][JSON][zeros to a multiple of
8][arrays, each at a multiple of 8]``, deflated. In the JSON stands for

* an array ``{"$": [type, start, length, …shape]}``,
* a list of texts ``{"$t": n}``, the number of it among its texts,
* bytes ``{"$b": [start, length]}``, the shapes of a map ``{"$s": n}``,
* a mapping that only looks like one of these ``{"$m": mapping}``.

What occurs twice is held once. `unpack` in `static/linking.js` reads it.
"""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from dashboards.parts.plotly_pane import narrow
from data_sources.boundaries import Shapes

__all__ = ["deflated", "joined"]

_FEW_TEXTS = 4


class _Packer:
    def __init__(self) -> None:
        self.binary = bytearray()
        self.known: dict[Any, Any] = {}
        self.texts: list[list[str]] = []
        self.shapes: list[Any] = []

    def value(self, value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return self._array(value)
        if isinstance(value, np.generic):
            return self.value(value.item())
        if isinstance(value, Shapes):
            return self._shapes(value)
        if isinstance(value, Mapping):
            members = {str(key): self.value(member) for key, member in value.items()}
            return {"$m": members} if len(members) == 1 and next(iter(members)).startswith("$") else members
        if isinstance(value, bytes):
            return {"$b": self._bytes(value)}
        if isinstance(value, list | tuple):
            if len(value) > _FEW_TEXTS and all(type(member) is str for member in value):
                return self._texts(tuple(value))
            return [self.value(member) for member in value]
        if isinstance(value, float) and not math.isfinite(value):
            return None
        if value is None or isinstance(value, str | int | float | bool):
            return value
        return str(value)

    def _array(self, array: np.ndarray) -> Any:
        if array.dtype.kind in "OUS":
            return self.value(array.tolist())
        if array.dtype.kind == "M":
            return self.value(array.astype(str).tolist())
        if array.dtype.kind == "b":
            array = array.astype(np.uint8)
        array = np.ascontiguousarray(narrow(array))
        start, _ = self._bytes(array.astype(array.dtype.newbyteorder("<")).tobytes())
        shape = list(array.shape) if array.ndim > 1 else []
        return {"$": [f"{array.dtype.kind}{array.dtype.itemsize}", start, array.size, *shape]}

    def _bytes(self, content: bytes) -> list[int]:
        if content not in self.known:
            self.binary += bytes(-len(self.binary) % 8)
            self.known[content] = len(self.binary)
            self.binary += content
        return [self.known[content], len(content)]

    def _shapes(self, shapes: Shapes) -> Any:
        if shapes not in self.known:
            self.known[shapes] = len(self.shapes)
            self.shapes.append(self.value(dict(shapes)))
        return {"$s": self.known[shapes]}

    def _texts(self, texts: tuple[str, ...]) -> Any:
        if texts not in self.known:
            self.known[texts] = len(self.texts)
            self.texts.append(list(texts))
        return {"$t": self.known[texts]}


def joined(value: Any) -> bytes:
    """Write a value as bytes, as the module says.

    Parameters
    ----------
    value : object
        Nested mappings and sequences of numbers, texts, bytes and arrays. Dates become ISO texts, numbers
        that are not finite null outside of arrays.
    """
    packer = _Packer()
    shown = packer.value(value)
    text = json.dumps(
        {"value": shown, "texts": packer.texts, "shapes": packer.shapes},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    head = text.encode("utf-8", "replace")
    return len(head).to_bytes(4, "little") + head + bytes(-(len(head) + 4) % 8) + bytes(packer.binary)


def deflated(content: bytes) -> str:
    """Compress bytes as base64."""
    return base64.b64encode(zlib.compress(content, 9)).decode("ascii")
