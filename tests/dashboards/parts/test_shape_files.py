"""Shapes from and to files: what comes back is what went out, and other things are told."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image as Picture
from skimage import data, measure

from dashboards.parts.shape_files import (
    added,
    geojson_bytes,
    labels_as_shapes,
    labels_bytes,
    read_shapes,
    shapes_csv,
)
from dashboards.parts.shape_table import shape_table
from data_sources import BrushlinkError
from data_sources.images import Image
from segmentation.annotations import AnnotationClass, Annotations
from segmentation.strokes import Stroke, rasterise

SHAPE = (60, 80)
CLASSES = (AnnotationClass(2, "Cell", "#ff0000"), AnnotationClass(5, "Nucleus", "#00ff00"))
STROKES = (
    Stroke("rect", ((5, 6), (20, 30)), 2),
    Stroke("circle", ((10, 40), (30, 70)), 5),
    Stroke("line", ((40, 5), (50, 70)), 2, 3.5),
    Stroke("path", ((45, 5), (46.25, 7), (50, 9)), 5, 2),
    Stroke("polygon", ((30, 5), (55, 5), (55, 35), (30, 35)), 2, holes=(((40, 10), (50, 10), (50, 20)),)),
)
MARKS = (STROKES, CLASSES)
IMAGE = Image(np.arange(60 * 80, dtype=np.uint16).reshape(SHAPE), "YX", pixel_size=(0.5, 0.25), unit="µm")


def table_bytes() -> bytes:
    return shapes_csv(MARKS, shape_table(IMAGE, STROKES, CLASSES)).to_csv(index=False).encode("utf-8-sig")


@pytest.mark.parametrize(
    ("name", "content"), [("a.geojson", geojson_bytes(MARKS, SHAPE)), ("a.csv", table_bytes())]
)
def test_shapes_come_back_as_they_were(name: str, content: bytes) -> None:
    found = read_shapes(name, content, SHAPE)
    strokes, classes = added(((), CLASSES), found)
    assert strokes == STROKES
    assert classes == CLASSES


@pytest.mark.parametrize("ending", ["png", "tif"])
def test_a_label_map_comes_back_pixel_for_pixel(ending: str) -> None:
    labels = Annotations(SHAPE, CLASSES, STROKES).labels
    found = read_shapes(f"a.{ending}", labels_bytes(ending, labels, CLASSES), SHAPE)
    assert np.array_equal(found.labels, labels)
    assert [one.name for one in found.classes] == ["Cell", "Nucleus"]


def test_regions_of_any_form_are_held_exactly() -> None:
    labels = measure.label(data.coins()[::2, ::2] > 110).astype(np.uint8)
    shapes = labels_as_shapes(labels)
    assert np.array_equal(rasterise(shapes, labels.shape), labels)


def test_added_shapes_join_classes_of_the_same_name() -> None:
    more = Annotations(
        SHAPE,
        (AnnotationClass(1, "nucleus", "#0000ff"), AnnotationClass(2, "New", "#0000ff")),
        (Stroke("rect", ((0, 0), (5, 5)), 1), Stroke("rect", ((5, 5), (9, 9)), 2)),
    )
    strokes, classes = added(MARKS, more)
    assert [one.class_id for one in strokes[-2:]] == [5, 1]
    assert [(one.id, one.name) for one in classes] == [(2, "Cell"), (5, "Nucleus"), (1, "New")]


def grey(rows: int, cols: int) -> bytes:
    buffer = io.BytesIO()
    Picture.fromarray(np.zeros((rows, cols), np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.geojson", b"{", "is no JSON"),
        ("a.geojson", b"[" * 100_000, "is no JSON"),
        ("a.geojson", b'{"type": "Topology"}', "features should be a list"),
        ("a.geojson", geojson_bytes(MARKS, (61, 80)), "61 × 80, given is 60 × 80"),
        ("a.csv", b"a,b\n1,2", "no column kind, class, vertices"),
        ("a.csv", b"kind,class,vertices\nrect,Cell,1;2", "row 1 of “a.csv”: vertices are written"),
        ("a.csv", b"kind,class,vertices\nblob,Cell,\"1,2 3,4\"", "row 1 .* a stroke is one of"),
        ("a.csv", b"\xff\xfe\x00", "cannot be read as CSV"),
        ("a.png", grey(6, 8), "label map of 6 × 8, the image is 60 × 80"),
        ("a.png", b"Dear reader", "a.png|image"),
        ("a.txt", b"", "are read from"),
    ],
)  # fmt: skip
def test_what_is_none_is_told(name: str, content: bytes, words: str) -> None:
    with pytest.raises(BrushlinkError, match=words):
        read_shapes(name, content, SHAPE)


def test_measures_are_those_of_skimage_and_by_hand() -> None:
    table = shape_table(IMAGE, STROKES, CLASSES)
    rect, circle, line, path, polygon = (row for _, row in table.iterrows())
    assert rect["Area (px)"] == 15 * 24
    assert rect["Length (px)"] == 2 * (15 + 24)
    assert rect["Area (µm²)"] == 15 * 24 * 0.125
    assert rect["Length (µm)"] == 2 * (15 * 0.5 + 24 * 0.25)
    assert line["Length (px)"] == pytest.approx(np.hypot(10, 65))
    assert np.isnan(line["Area (px)"])
    assert path["Length (px)"] == pytest.approx(np.hypot(1.25, 2) + np.hypot(3.75, 2))
    for stroke, row in zip(STROKES, (rect, circle, line, path, polygon), strict=True):
        (region,) = measure.regionprops(rasterise([stroke], SHAPE), IMAGE.array)
        assert row["Mean"] == pytest.approx(region.intensity_mean)
        if stroke.is_area:
            assert row["Area (px)"] == region.area
    assert circle["Length (px)"] == pytest.approx(79.33, abs=0.02)  # Ramanujan: half axes 10 and 15
    assert polygon["Length (px)"] == pytest.approx(110 + 20 + np.hypot(10, 10))
    assert pd.isna(shape_table(IMAGE, [Stroke("rect", ((-9, -9), (-5, -5)), 2)], CLASSES)["Mean"][0])
    assert list(shape_table(IMAGE, (), CLASSES).columns) == list(table.columns)


def test_documents_are_json() -> None:
    json.loads(geojson_bytes(MARKS, SHAPE))
