"""Rasterising against scikit-image, Pillow and plain distance arithmetic.

Tolerance: a pixel whose centre lies within 1e-6 px of the outline may fall to either side (the oracles have
other rules for a centre exactly on an edge); all others must agree.
"""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from skimage.draw import ellipse, polygon2mask

from segmentation.errors import SegmentationError
from segmentation.strokes import Stroke, polygon_mask, rasterise, stroke_from_shape, stroke_mask

SHAPE = (40, 50)
CENTRES = np.stack(np.mgrid[: SHAPE[0], : SHAPE[1]], axis=-1).reshape(-1, 2).astype(float)

coordinate = st.floats(-15, 65, allow_nan=False).map(lambda value: round(value * 1024) / 1024)
point = st.tuples(coordinate, coordinate)
width = st.floats(1, 20).map(lambda value: round(value * 1024) / 1024)
stroke = st.one_of(
    st.builds(Stroke, st.sampled_from(["rect", "circle"]), st.tuples(point, point), st.integers(0, 4)),
    st.builds(Stroke, st.just("line"), st.tuples(point, point), st.integers(0, 4), width),
    st.builds(
        Stroke, st.just("path"), st.lists(point, min_size=1, max_size=6).map(tuple), st.integers(0, 4), width
    ),
    st.builds(
        Stroke,
        st.just("polygon"),
        st.lists(point, min_size=1, max_size=7).map(tuple),
        st.integers(0, 4),
        protects=st.lists(st.integers(1, 4), max_size=2).map(tuple),
    ),
)


def distance_to(points: np.ndarray, *, closed: bool) -> np.ndarray:
    """Distance of every pixel centre to the polyline, by projecting on each segment."""
    ring = np.vstack([points, points[:1]]) if closed else points
    best = np.full(len(CENTRES), np.inf)
    for a, b in itertools.pairwise(ring) if len(ring) > 1 else [(ring[0], ring[0])]:
        along = b - a
        share = np.clip((CENTRES - a) @ along / max(float(along @ along), 1e-300), 0, 1)
        best = np.minimum(best, np.linalg.norm(CENTRES - a - share[:, None] * along, axis=1))
    return best.reshape(SHAPE)


@given(st.lists(point, min_size=3, max_size=8))
def test_polygon_equals_scikit_image(vertices: list[tuple[float, float]]) -> None:
    clear = distance_to(np.array(vertices), closed=True) > 1e-6
    ours, theirs = polygon_mask(vertices, SHAPE), polygon2mask(SHAPE, np.array(vertices))
    np.testing.assert_array_equal(ours[clear], theirs[clear])


@given(st.lists(point, min_size=1, max_size=6), width)
def test_brush_is_all_within_half_the_width(vertices: list[tuple[float, float]], width: float) -> None:
    distance = distance_to(np.array(vertices), closed=False)
    clear = np.abs(distance - width / 2) > 1e-6
    ours = stroke_mask(Stroke("path", tuple(vertices), 1, width), SHAPE)
    under = np.floor(np.array(vertices) + 0.5).astype(int)
    for row, col in under[((under >= 0) & (under < SHAPE)).all(axis=1)]:
        clear[row, col] = False
        assert ours[row, col]
    np.testing.assert_array_equal(ours[clear], (distance < width / 2)[clear])


@given(point, point)
def test_circle_equals_scikit_image(a: tuple[float, float], b: tuple[float, float]) -> None:
    (row, col), (half_height, half_width) = np.add(a, b) / 2, np.abs(np.subtract(a, b)) / 2
    assume(half_height > 0.01 and half_width > 0.01)
    theirs = np.zeros(SHAPE, bool)
    theirs[ellipse(row, col, half_height, half_width, shape=SHAPE)] = True
    level = (((CENTRES - (row, col)) / (half_height, half_width)) ** 2).sum(axis=1).reshape(SHAPE)
    clear = np.abs(level - 1) > 1e-6
    np.testing.assert_array_equal(stroke_mask(Stroke("circle", (a, b), 1), SHAPE)[clear], theirs[clear])


@given(point, point)
def test_rect_holds_the_centres_from_low_to_below_high(
    a: tuple[float, float], b: tuple[float, float]
) -> None:
    low, high = np.minimum(a, b), np.maximum(a, b)
    expected = ((low <= CENTRES) & (high > CENTRES)).all(axis=1).reshape(SHAPE)
    np.testing.assert_array_equal(stroke_mask(Stroke("rect", (a, b), 1), SHAPE), expected)


def test_brush_matches_pillow_but_for_the_rim() -> None:
    points = [(8.0, 6.0), (20.0, 40.0), (33.0, 12.0)]
    picture = Image.new("1", SHAPE[::-1])
    ImageDraw.Draw(picture).line([(col, row) for row, col in points], fill=1, width=9, joint="curve")
    ours, theirs = stroke_mask(Stroke("path", tuple(points), 1, 9), SHAPE), np.asarray(picture)
    # Pillow rounds to whole pixels and has flat ends: it may differ within a pixel of the rim and around the
    # two ends.
    ends = np.min([np.linalg.norm(CENTRES - end, axis=1) for end in (points[0], points[-1])], axis=0).reshape(
        SHAPE
    )
    clear = (np.abs(distance_to(np.array(points), closed=False) - 4.5) > 1) & (ends > 6)
    np.testing.assert_array_equal(ours[clear], theirs[clear])


@pytest.mark.parametrize("width", [1, 2, 3, 8, 11])
@pytest.mark.parametrize("shift", [0.0, 0.25, 0.5])
def test_a_stroke_is_as_wide_as_it_says(width: int, shift: float) -> None:
    across = stroke_mask(Stroke("line", ((20 + shift, -9), (20 + shift, 70)), 1, width), SHAPE)
    down = stroke_mask(Stroke("line", ((-9, 20 + shift), (70, 20 + shift)), 1, width), SHAPE)
    assert set(across.sum(axis=0)) == {width}
    assert set(down.sum(axis=1)) == {width}


@given(st.floats(0, 39), st.floats(0, 49), st.floats(0, 39), st.floats(0, 49))
def test_areas_side_by_side_share_no_pixel_and_leave_none(r0: float, c0: float, r1: float, c1: float) -> None:
    whole = [(-1, -1), (-1, 60), (50, 60), (50, -1)]
    corner = [(r0, c0), (r1, c1)]
    parts = [polygon_mask([a, b, c], SHAPE) for a, b, c in _fan(whole, corner)]
    assert (np.sum(parts, axis=0) % 2 == 1).all()


def _fan(ring: list[tuple[float, float]], inner: list[tuple[float, float]]) -> list[tuple]:
    around = list(zip(ring, ring[1:] + ring[:1], strict=True))
    return [(a, b, inner[0]) for a, b in around]


@given(st.lists(stroke, max_size=8), st.tuples(st.integers(0, 39), st.integers(0, 49)), st.integers(1, 30))
def test_a_part_equals_that_part_of_the_whole(
    strokes: list[Stroke], corner: tuple[int, int], size: int
) -> None:
    (top, left), bottom, right = corner, min(corner[0] + size, 40), min(corner[1] + size, 50)
    part = rasterise(strokes, SHAPE, box=(top, left, bottom, right))
    np.testing.assert_array_equal(part, rasterise(strokes, SHAPE)[top:bottom, left:right])


@given(st.lists(stroke, max_size=8))
def test_later_strokes_win_erase_and_leave_what_is_locked(strokes: list[Stroke]) -> None:
    expected = np.zeros(SHAPE, np.uint8)
    for one in strokes:
        expected[stroke_mask(one, SHAPE) & ~np.isin(expected, one.protects)] = one.class_id
    np.testing.assert_array_equal(rasterise(strokes, SHAPE), expected)


@given(point, point)
def test_the_direction_of_a_drag_does_not_matter(a: tuple[float, float], b: tuple[float, float]) -> None:
    swapped = ((a[0], b[1]), (b[0], a[1]))
    for kind in ("rect", "circle"):
        one = stroke_mask(Stroke(kind, (a, b), 1), SHAPE)
        for corners in ((b, a), swapped, swapped[::-1]):
            np.testing.assert_array_equal(stroke_mask(Stroke(kind, corners, 1), SHAPE), one)


def test_a_polygon_has_holes() -> None:
    outer, hole = ((0, 0), (0, 20), (20, 20), (20, 0)), ((5, 5), (5, 15), (15, 15), (15, 5))
    mask = stroke_mask(Stroke("polygon", outer, 1, holes=(hole,)), SHAPE)
    assert mask.sum() == 20 * 20 - 10 * 10
    assert not mask[10, 10]


@pytest.mark.parametrize(
    ("shape", "kind", "pixels"),
    [
        ({"type": "rect", "x0": 10, "y0": 20, "x1": 2, "y1": 5}, "rect", 8 * 15),
        ({"type": "line", "x0": 2, "y0": 5, "x1": 2, "y1": 5}, "line", 9),
        ({"type": "path", "path": "M2,3L12,3L12,8L2,8Z"}, "polygon", 50),
        ({"type": "path", "path": "M 2 3 H 12 V 8 H 2 Z"}, "polygon", 50),
        ({"type": "path", "path": "M1e1,5"}, "path", 9),
        ({"type": "path", "path": "M4,4Z"}, "polygon", 0),
        ({"type": "path", "path": "M4,4L9,9Z"}, "polygon", 0),
        ({"type": "rect", "x0": 4, "y0": 4, "x1": 4, "y1": 9}, "rect", 0),
        ({"type": "circle", "x0": 4, "y0": 4, "x1": 4, "y1": 9}, "circle", 0),
        ({"type": "circle", "x0": 500, "y0": 500, "x1": 600, "y1": 700}, "circle", 0),
    ],
)
def test_shapes_as_plotly_sends_them(shape: dict, kind: str, pixels: int) -> None:
    drawn = stroke_from_shape({**shape, "line": {"color": "#f00", "width": 40}, "editable": True}, 2, width=3)
    assert drawn.kind == kind
    assert drawn.class_id == 2
    assert stroke_mask(drawn, SHAPE).sum() == pixels


def test_x_is_the_column_and_y_the_row() -> None:
    drawn = stroke_from_shape({"type": "rect", "x0": 2, "x1": 5, "y0": 10, "y1": 20}, 1)
    rows, cols = np.nonzero(stroke_mask(drawn, SHAPE))
    assert (rows.min(), rows.max(), cols.min(), cols.max()) == (10, 19, 2, 4)


@pytest.mark.parametrize(
    "shape",
    [
        {},
        {"type": None},
        {"type": "rect", "x0": 1, "y0": 2, "x1": 3},
        {"type": "rect", "x0": 1, "y0": 2, "x1": 3, "y1": "four"},
        {"type": "rect", "x0": 1, "y0": 2, "x1": 3, "y1": float("nan")},
        {"type": "rect", "x0": 1, "y0": 2, "x1": 3, "y1": 1e300},
        {"type": "path"},
        {"type": "path", "path": ""},
        {"type": "path", "path": "Z"},
        {"type": "path", "path": "M1,2L3"},
        {"type": "path", "path": "1,2L3,4"},
        {"type": "path", "path": "M1,2C3,4,5,6,7,8"},
        {"type": "path", "path": "M1,2L3,4ZM5,6L7,8Z"},
        {"type": "path", "path": "M1,2L<script>"},
        {"type": "path", "path": "m1,2l3,4"},
    ],
)
def test_shapes_that_cannot_be_drawn_are_refused(shape: dict) -> None:
    with pytest.raises(SegmentationError, match=r"drawn|needs|vertices"):
        stroke_from_shape(shape, 1)


@given(st.text(alphabet="MLHVZCz0123456789.,-+eE nan", max_size=30))
def test_any_path_text_is_drawn_or_refused(text: str) -> None:
    try:
        drawn = stroke_from_shape({"type": "path", "path": text}, 1)
    except SegmentationError:
        return
    assert stroke_mask(drawn, SHAPE).shape == SHAPE


@pytest.mark.parametrize(
    "arguments",
    [
        ("blob", ((0, 0), (1, 1)), 1),
        ("rect", ((0, 0),), 1),
        ("path", (), 1),
        ("path", ((0, 0, 0),), 1),
        ("path", ((0, 0),), 256),
        ("path", ((0, 0),), -1),
        ("path", ((0, 0),), 1.5),
        ("path", ((0, 0),), 1, 0),
        ("path", ((0, 0),), 1, float("inf")),
        ("path", ((0, float("inf")),), 1),
    ],
)
def test_strokes_that_make_no_sense_are_refused(arguments: tuple) -> None:
    with pytest.raises(SegmentationError):
        Stroke(*arguments)


def test_an_image_has_pixels() -> None:
    with pytest.raises(SegmentationError, match="at least one pixel"):
        rasterise([], (0, 5))


def test_large_images_are_fast() -> None:
    side = 2048
    rng = np.random.default_rng(0)
    walk = np.cumsum(rng.normal(0, 12, (400, 2)), axis=0) + side / 2
    loop = [
        (side / 2 + side / 2.2 * np.sin(t), side / 2 + side / 2.2 * np.cos(t))
        for t in np.linspace(0, 6.2, 500)
    ]
    strokes = [Stroke("path", tuple(map(tuple, walk)), 1, 12), Stroke("polygon", tuple(loop), 2)]
    started = time.process_time()
    labels = rasterise(strokes, (side, side))
    spent = time.process_time() - started
    assert (labels == 2).sum() > 2_000_000
    assert spent < 1.0  # measured 0.05 s; the room is for a slower, busy machine
