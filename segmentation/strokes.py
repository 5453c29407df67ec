"""What is drawn on an image, and its rasterising to a label map; for annotations, contours, dashboards.

Coordinates are (row, col) in pixels and pixel *i* covers [i - 0.5, i + 0.5], as in skimage, matplotlib and
Plotly's image axes (x = col, y = row). One rule decides every pixel: its centre lies inside, where a centre
on a top or left edge belongs and one on a bottom or right edge does not. So areas side by side neither
overlap nor leave a gap, and a stroke 8 wide paints 8 pixels.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from segmentation.errors import SegmentationError
from segmentation.limits import MAX_CLASSES, MAX_COORDINATE, MAX_STROKE_VERTICES

__all__ = ["ERASE", "Box", "Kind", "Stroke", "polygon_mask", "rasterise", "stroke_from_shape", "stroke_mask"]

Kind = Literal["rect", "circle", "line", "path", "polygon"]
Point = tuple[float, float]
Box = tuple[int, int, int, int]
"""First row, first column, row past the last, column past the last."""

ERASE = 0
"""The class that takes labels away."""

_SNAP = 1024.0
"""Coordinates are multiples of 1/1024 px: shifting by half a pixel is exact, so files keep every label."""

_AREAS = ("rect", "circle", "polygon")
_TOKEN = re.compile(r"[A-Za-z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_LEFTOVER = re.compile(r"[\s,]*")


def _snap(value: float) -> float:
    return round(value * _SNAP) / _SNAP


def _points(vertices: Iterable[Iterable[float]], what: str) -> tuple[Point, ...]:
    try:
        array = np.asarray([tuple(vertex) for vertex in vertices], dtype=float)
    except (TypeError, ValueError) as error:
        raise SegmentationError(f"{what} must be (row, col) pairs of numbers: {error}") from error
    if array.ndim != 2 or array.shape[1] != 2 or not len(array):
        raise SegmentationError(f"{what} must be (row, col) pairs, at least one; got shape {array.shape}")
    if len(array) > MAX_STROKE_VERTICES:
        raise SegmentationError(f"{what}: {len(array):,}, allowed are {MAX_STROKE_VERTICES:,}; simplify it")
    if not np.isfinite(array).all() or np.abs(array).max() > MAX_COORDINATE:
        raise SegmentationError(f"{what} must be finite and within ±{MAX_COORDINATE:,} pixels")
    return tuple((float(row), float(col)) for row, col in np.round(array * _SNAP) / _SNAP)


@dataclass(frozen=True)
class Stroke:
    """One thing drawn: a brush stroke, a line or an area, with the class it gives to the pixels under it.

    Parameters
    ----------
    kind : {"rect", "circle", "line", "path", "polygon"}
        ``rect`` and ``circle`` have two vertices, opposite corners of their box in any order (``circle`` is
        the ellipse that fills it); ``line`` has two; ``path`` is an open brush stroke; ``polygon`` a closed
        area, filled even-odd.
    vertices : tuple of (row, col)
        Image coordinates in pixels; kept as multiples of 1/1024.
    class_id : int
        1..255, or 0 to erase.
    width : float, default 1.0
        Width of ``line`` and ``path`` in *image* pixels, with round ends; areas have no outline.
    holes : tuple of tuple of (row, col), optional
        Rings cut out of a ``polygon``.
    protects : tuple of int, optional
        Classes that were locked when this was drawn: their pixels are left as they are.

    Raises
    ------
    SegmentationError
        Unknown kind, wrong number of vertices, coordinates that are no finite numbers, class outside 0..255,
        width not > 0.
    """

    kind: Kind
    vertices: tuple[Point, ...]
    class_id: int
    width: float = 1.0
    holes: tuple[tuple[Point, ...], ...] = ()
    protects: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise SegmentationError(f"a stroke is one of {', '.join(get_args(Kind))}; got {self.kind!r}")
        vertices = _points(self.vertices, f"the vertices of a {self.kind}")
        if self.kind in ("rect", "circle", "line") and len(vertices) != 2:
            raise SegmentationError(f"a {self.kind} has two vertices; got {len(vertices)}")
        if isinstance(self.class_id, bool) or int(self.class_id) != self.class_id:
            raise SegmentationError(f"a class is a whole number; got {self.class_id!r}")
        if not 0 <= self.class_id <= MAX_CLASSES:
            raise SegmentationError(f"a class is 1..{MAX_CLASSES}, or 0 to erase; got {self.class_id!r}")
        if not (math.isfinite(self.width) and 0 < self.width <= MAX_COORDINATE):
            raise SegmentationError(f"a stroke's width is in image pixels, above 0; got {self.width!r}")
        if self.holes and self.kind != "polygon":
            raise SegmentationError(f"only a polygon has holes; this is a {self.kind}")
        object.__setattr__(self, "vertices", vertices)
        object.__setattr__(self, "class_id", int(self.class_id))
        object.__setattr__(self, "width", max(_snap(float(self.width)), 1 / _SNAP))
        holes = tuple(_points(ring, "the vertices of a hole") for ring in self.holes)
        object.__setattr__(self, "holes", holes)
        object.__setattr__(self, "protects", tuple(sorted({int(one) for one in self.protects})))

    @property
    def is_area(self) -> bool:
        """Whether the inside is labelled (rect, circle, polygon) rather than the pixels along a line."""
        return self.kind in _AREAS

    def box(self, shape: tuple[int, int]) -> Box | None:
        """Pixels this can touch on an image of `shape` (rows, cols), or None when it lies outside."""
        points = np.asarray(self.vertices)
        reach = 0.0 if self.is_area else max(self.width / 2, 0.5)
        low = np.floor(points.min(axis=0) - reach).astype(int)
        high = np.ceil(points.max(axis=0) + reach).astype(int) + 1
        r0, c0 = max(int(low[0]), 0), max(int(low[1]), 0)
        r1, c1 = min(int(high[0]), shape[0]), min(int(high[1]), shape[1])
        return (r0, c0, r1, c1) if r0 < r1 and c0 < c1 else None


def _spans(
    rows: NDArray[Any], low: NDArray[Any], high: NDArray[Any], size: tuple[int, int]
) -> NDArray[np.bool_]:
    """Union of the half-open column intervals [low, high) on `rows`, all relative to a window of `size`."""
    height, width = size
    first = np.clip(np.ceil(low), 0, width).astype(np.intp)
    past = np.clip(np.ceil(high), 0, width).astype(np.intp)
    keep = past > first
    steps = np.zeros((height, width + 1), np.int32)
    np.add.at(steps, (rows[keep], first[keep]), 1)
    np.add.at(steps, (rows[keep], past[keep]), -1)
    return np.cumsum(steps[:, :width], axis=1, dtype=np.int32) > 0


def _rows_of(low: NDArray[Any], high: NDArray[Any], height: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Whole rows in each [low, high), clipped to the window, as pairs (index of the interval, row)."""
    first = np.clip(np.ceil(low), 0, height).astype(np.intp)
    past = np.clip(np.ceil(high), 0, height).astype(np.intp)
    count = np.maximum(past - first, 0)
    index = np.repeat(np.arange(len(count)), count)
    start = np.repeat(np.cumsum(count) - count, count)
    return index, np.arange(len(index)) - start + first[index]


def _fill(rings: Iterable[NDArray[np.float64]], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Even-odd filling of closed rings, in window coordinates: count the edges left of each pixel centre."""
    height, width = size
    steps = np.zeros((height, width + 1), np.int32)
    for ring in rings:
        start, stop = ring, np.roll(ring, -1, axis=0)
        upward = start[:, 0] > stop[:, 0]
        top = np.where(upward[:, None], stop, start)
        bottom = np.where(upward[:, None], start, stop)
        edge, rows = _rows_of(top[:, 0], bottom[:, 0], height)
        share = (rows - top[edge, 0]) / (bottom[edge, 0] - top[edge, 0])
        cols = top[edge, 1] + share * (bottom[edge, 1] - top[edge, 1])
        np.add.at(steps, (rows, np.clip(np.ceil(cols), 0, width).astype(np.intp)), 1)
    return (np.cumsum(steps[:, :width], axis=1, dtype=np.int32) & 1).astype(bool)


def _ellipse(corners: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.bool_]:
    low, high = corners.min(axis=0), corners.max(axis=0)
    (row, col), (half_height, half_width) = (low + high) / 2, (high - low) / 2
    if not half_height or not half_width:
        return np.zeros(size, bool)
    _, rows = _rows_of(low[:1], high[:1], size[0])
    reach = half_width * np.sqrt(np.maximum(1 - ((rows - row) / half_height) ** 2, 0))
    return _spans(rows, col - reach, col + reach, size)


def _brush(points: NDArray[np.float64], width: float, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Round brush pulled along `points`: a union of capsules, each convex, so one column interval a row."""
    radius = max(width, 1.0) / 2
    start = points[:-1] if len(points) > 1 else points
    stop = points[1:] if len(points) > 1 else points
    low, high = np.minimum(start[:, 0], stop[:, 0]), np.maximum(start[:, 0], stop[:, 0])
    part, rows = _rows_of(low - radius, high + radius, size[0])
    a, b = start[part], stop[part]
    left, right = np.full(len(rows), np.inf), np.full(len(rows), -np.inf)

    def widen(hit: NDArray[np.bool_], first: NDArray[Any], last: NDArray[Any]) -> None:
        left[hit] = np.minimum(left[hit], first[hit])
        right[hit] = np.maximum(right[hit], last[hit])

    for end in (a, b):
        rest = radius**2 - (rows - end[:, 0]) ** 2
        reach = np.sqrt(np.maximum(rest, 0))
        widen(rest >= 0, end[:, 1] - reach, end[:, 1] + reach)
    along = b - a
    length = np.hypot(along[:, 0], along[:, 1])
    unit = along / np.where(length > 0, length, 1)[:, None]
    for side in (radius, -radius):  # the two long edges of the capsule
        row_0, row_1 = a[:, 0] - side * unit[:, 1], b[:, 0] - side * unit[:, 1]
        rise = row_1 - row_0
        crosses = (np.minimum(row_0, row_1) <= rows) & (rows <= np.maximum(row_0, row_1)) & (rise != 0)
        share = (rows - row_0) / np.where(crosses, rise, 1)
        col = a[:, 1] + side * unit[:, 0] + share * along[:, 1]
        widen(crosses, col, col)
    mask = _spans(rows, left, right, size)
    under = np.floor(points + 0.5)  # however thin the brush, it paints the pixels under its vertices
    under = under[((under >= 0) & (under < size)).all(axis=1)].astype(np.intp)
    mask[under[:, 0], under[:, 1]] = True
    return mask


def _window_mask(stroke: Stroke, box: Box) -> NDArray[np.bool_]:
    r0, c0, r1, c1 = box
    origin, size = np.array([r0, c0], float), (r1 - r0, c1 - c0)
    points = np.asarray(stroke.vertices) - origin
    if stroke.kind == "circle":
        return _ellipse(points, size)
    if stroke.kind == "rect":
        (a, b), (c, d) = points
        return _fill([np.array([(a, b), (a, d), (c, d), (c, b)])], size)
    if stroke.kind == "polygon":
        return _fill([points, *(np.asarray(ring) - origin for ring in stroke.holes)], size)
    return _brush(points, stroke.width, size)


def stroke_mask(stroke: Stroke, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Pixels that `stroke` labels on an image of `shape` (rows, cols); what lies outside is clipped.

    An area that covers no pixel centre (a degenerate rect, circle or polygon) is empty; a line or path always
    labels at least the pixels under its vertices.
    """
    mask = np.zeros(shape, bool)
    box = stroke.box(shape)
    if box is not None:
        mask[box[0] : box[2], box[1] : box[3]] = _window_mask(stroke, box)
    return mask


def polygon_mask(vertices: Iterable[Iterable[float]], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Pixels of an image of `shape` inside the closed polygon of (row, col) `vertices`, even-odd."""
    return stroke_mask(Stroke("polygon", tuple(vertices), 1), shape)  # type: ignore[arg-type]


def rasterise(
    strokes: Iterable[Stroke], shape: tuple[int, int], *, box: Box | None = None
) -> NDArray[np.uint8]:
    """Label map of `strokes` as drawn: later ones win, class 0 erases, protected classes stay.

    Parameters
    ----------
    strokes : iterable of Stroke
    shape : (int, int)
        Rows and columns of the image.
    box : (int, int, int, int), optional
        Only these pixels (first row, first column, row past the last, column past the last); equal to the
        same part of the whole.

    Returns
    -------
    ndarray of uint8, shape `shape` or that of `box`
        0 = unlabelled, else the class.
    """
    rows, cols = shape
    if rows < 1 or cols < 1:
        raise SegmentationError(f"an image to draw on has at least one pixel; got shape {shape}")
    top, left, bottom, right = box or (0, 0, rows, cols)
    labels = np.zeros((bottom - top, right - left), np.uint8)
    for stroke in strokes:
        touched = stroke.box(shape)
        if touched is None:
            continue
        r0, c0 = max(touched[0], top), max(touched[1], left)
        r1, c1 = min(touched[2], bottom), min(touched[3], right)
        if r0 >= r1 or c0 >= c1:
            continue
        mask = _window_mask(stroke, (r0, c0, r1, c1))
        part = labels[r0 - top : r1 - top, c0 - left : c1 - left]
        if stroke.protects:
            mask &= ~np.isin(part, stroke.protects)
        part[mask] = stroke.class_id
    return labels


def _parse_path(path: str) -> tuple[tuple[Point, ...], bool]:
    """Vertices as (x, y) of an SVG path of absolute M, L, H, V and Z commands, and whether it is closed."""
    if _LEFTOVER.fullmatch(_TOKEN.sub("", path)) is None:
        raise SegmentationError(f"not a drawn path: {path[:60]!r}; expected like 'M1,2L3,4Z'")
    points: list[Point] = []
    numbers: list[float] = []
    command, closed = "", False

    def take() -> None:
        if command in ("H", "V"):
            if not points:
                raise SegmentationError(f"a drawn path starts with M; got {path[:60]!r}")
            for value in numbers:
                x, y = points[-1]
                points.append((value, y) if command == "H" else (x, value))
        else:
            if len(numbers) % 2:
                raise SegmentationError(f"a drawn path has an x without a y: {path[:60]!r}")
            points.extend(zip(numbers[::2], numbers[1::2], strict=True))
        numbers.clear()

    for token in _TOKEN.findall(path):
        if not token.isalpha():
            if closed or not command:
                raise SegmentationError(f"a drawn path is one M … Z; got {path[:60]!r}")
            numbers.append(float(token))
            continue
        take()
        if token not in "MLHVZ" or closed or (token == "M") == bool(command):
            raise SegmentationError(f"a drawn path is M, then L, H, V, Z; got {token!r} in {path[:60]!r}")
        command, closed = token, token == "Z"
    take()
    if not points:
        raise SegmentationError(f"a drawn path without a point: {path[:60]!r}")
    return tuple(points), closed


def stroke_from_shape(
    shape: Mapping[str, Any], class_id: int, *, width: float = 1.0, protects: Iterable[int] = ()
) -> Stroke:
    """Stroke of one of Plotly's layout shapes, as it arrives when drawn, edited or read back.

    Parameters
    ----------
    shape : mapping
        ``type`` rect, circle or line with ``x0 y0 x1 y1`` (in any order: a drag may run up and left), or
        ``path`` with a ``path`` of M, L, H, V and Z. A closed path is an area, an open one a brush stroke.
    class_id : int
        Class it gives, 0 erases.
    width : float
        Brush width in *image* pixels. The shape's own ``line.width`` is in screen pixels and is not used: the
        caller knows the zoom.
    protects : iterable of int
        Classes that are locked.

    Raises
    ------
    SegmentationError
        Unknown type, a missing or non-numeric coordinate, a path that Plotly does not draw.
    """
    kind = shape.get("type")
    if kind in ("rect", "circle", "line"):
        try:
            x0, y0, x1, y1 = (float(shape[key]) for key in ("x0", "y0", "x1", "y1"))
        except (KeyError, TypeError, ValueError) as error:
            given = f"{dict(shape)!r:.200}"
            raise SegmentationError(f"a {kind} needs numbers x0, y0, x1 and y1; got {given}") from error
        return Stroke(kind, ((y0, x0), (y1, x1)), class_id, width, protects=tuple(protects))
    if kind == "path":
        points, closed = _parse_path(str(shape.get("path", "")))
        vertices = tuple((y, x) for x, y in points)
        return Stroke("polygon" if closed else "path", vertices, class_id, width, protects=tuple(protects))
    raise SegmentationError(f"a drawn shape is a rect, circle, line or path; got type {kind!r}")
