"""Boxes and tiles of pictures and volumes; the numeric modules cut their work along these."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

__all__ = ["Box", "box_shape", "grown", "inside", "tiles", "whole"]

Box = tuple[slice, ...]
"""A slice an axis, with explicit start and stop and no step."""


def whole(shape: Sequence[int]) -> Box:
    """Return the box that covers all of an array."""
    return tuple(slice(0, length) for length in shape)


def box_shape(box: Box) -> tuple[int, ...]:
    """Return the lengths of the box along each axis."""
    return tuple(part.stop - part.start for part in box)


def grown(box: Box, halo: Sequence[int], shape: Sequence[int]) -> Box:
    """Return the box with `halo` more pixels on both sides of each axis, clipped to an array of `shape`."""
    return tuple(
        slice(max(part.start - reach, 0), min(part.stop + reach, length))
        for part, reach, length in zip(box, halo, shape, strict=True)
    )


def inside(box: Box, outer: Box) -> Box:
    """Return where a box lies in the array cut out by `outer`."""
    return tuple(slice(p.start - o.start, p.stop - o.start) for p, o in zip(box, outer, strict=True))


def tiles(shape: Sequence[int], sides: Sequence[int]) -> list[Box]:
    """Cut an array into boxes of at most `sides` pixels, first axis outermost.

    Parameters
    ----------
    shape : sequence of int
        Of the array, channels not counted.
    sides : sequence of int
        Side of a tile along each axis, in pixels.

    Returns
    -------
    list of Box
        Disjoint; together they cover the array.
    """
    cuts = [
        [slice(start, min(start + side, length)) for start in range(0, length, side)]
        for length, side in zip(shape, sides, strict=True)
    ]
    return list(product(*cuts))
