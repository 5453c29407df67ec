"""Annotations survive GeoJSON; other tools' files are read; what is no GeoJSON is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation.annotations import AnnotationClass, Annotations
from segmentation.errors import SegmentationError
from segmentation.geojson import (
    annotations_from_geojson,
    annotations_to_geojson,
    load_annotations,
    save_annotations,
)
from segmentation.strokes import Stroke

SHAPE = (24, 30)
point = st.tuples(st.floats(-9, 40), st.floats(-9, 40))
ring = st.lists(point, min_size=3, max_size=6).map(tuple)
name = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(str.strip)
stroke = st.one_of(
    st.builds(Stroke, st.sampled_from(["rect", "circle"]), st.tuples(point, point), st.integers(0, 3)),
    st.builds(Stroke, st.just("line"), st.tuples(point, point), st.integers(0, 3), st.floats(0.5, 9)),
    st.builds(
        Stroke,
        st.just("path"),
        st.lists(point, min_size=1, max_size=5).map(tuple),
        st.integers(0, 3),
        st.floats(1, 9),
    ),
    st.builds(
        Stroke, st.just("polygon"), ring, st.integers(0, 3), holes=st.lists(ring, max_size=2).map(tuple)
    ),
)


@given(
    st.lists(stroke, max_size=6),
    st.lists(name, min_size=3, max_size=3, unique_by=lambda n: n.strip().casefold()),
)
def test_everything_survives(strokes: list[Stroke], names: list[str]) -> None:
    colors = ["#0072b2", "#FF00aa", "#000000"]
    classes = [
        AnnotationClass(id, *pair, locked=id == 2)
        for id, pair in enumerate(zip(names, colors, strict=True), 1)
    ]
    before = Annotations(SHAPE, classes[::-1], strokes)
    after = annotations_from_geojson(json.loads(json.dumps(annotations_to_geojson(before))))
    assert after.classes == before.classes
    assert after.shape == SHAPE
    np.testing.assert_array_equal(after.labels, before.labels)
    assert [(one.kind, one.class_id, one.holes) for one in after.strokes] == [
        (one.kind, one.class_id, one.holes) for one in before.strokes
    ]
    for ours, theirs in zip(after.strokes, before.strokes, strict=True):
        assert ours.is_area or (ours.width, ours.vertices) == (theirs.width, theirs.vertices)


def test_locks_at_the_time_of_drawing_survive(tmp_path: Path) -> None:
    log = Annotations(SHAPE)
    log.lock_class(1)
    log.add(Stroke("rect", ((0, 0), (9, 9)), 1))
    log.add(Stroke("circle", ((0, 0), (19, 19)), 2))
    log.lock_class(1, False)
    save_annotations(tmp_path / "log.geojson", log)
    again = load_annotations(tmp_path / "log.geojson", SHAPE)
    assert again.strokes[1].protects == (1,)
    np.testing.assert_array_equal(again.labels, log.labels)
    assert [entry.name for entry in tmp_path.iterdir()] == ["log.geojson"]


def test_positions_are_those_of_qupath() -> None:
    """In QuPath the first pixel is the square from (0, 0) to (1, 1)."""
    log = Annotations(SHAPE, strokes=[Stroke("rect", ((-0.5, 2.5), (0.5, 4.5)), 1)])
    feature = annotations_to_geojson(log)["features"][0]
    assert feature["geometry"]["coordinates"] == [[[3, 0], [5, 0], [5, 1], [3, 1], [3, 0]]]
    assert feature["properties"]["objectType"] == "annotation"
    assert feature["properties"]["classification"] == {"name": "Class 1", "color": [0, 114, 178]}


QUPATH = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "id": "7f4cd1d7-8eb7-4f1c-a6a6-ff1a3c9d2a35",
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[2, 1], [12, 1], [12, 11], [2, 11], [2, 1]],
                    [[4, 3], [10, 3], [10, 9], [4, 9], [4, 3]],
                ],
            },
            "properties": {
                "objectType": "annotation",
                "classification": {"name": "Tumor", "color": [200, 0, 0]},
            },
        },
        {
            "type": "Feature",
            "geometry": {
                "type": "MultiPolygon",
                "coordinates": [[[[15, 15], [20, 15], [20, 20], [15, 20], [15, 15]]]],
            },
            "properties": {
                "objectType": "annotation",
                "classification": {"names": ["Stroma"], "colorRGB": -6895466},
            },
        },
        {
            "type": "Feature",
            "geometry": {
                "type": "GeometryCollection",
                "geometries": [
                    {"type": "Point", "coordinates": [25.5, 2.5]},
                    {"type": "LineString", "coordinates": [[25.5, 10.5], [25.5, 13.5]]},
                ],
            },
            "properties": {"classification": {"name": "Tumor"}},
        },
    ],
}


def test_a_file_of_qupath_is_read() -> None:
    log = annotations_from_geojson(QUPATH, SHAPE)
    assert [(one.id, one.name, one.color) for one in log.classes] == [
        (1, "Tumor", "#c80000"),
        (2, "Stroma", "#96c896"),
    ]
    assert (log.labels == 1).sum() == 10 * 10 - 6 * 6 + 1 + 4
    assert (log.labels == 2).sum() == 25
    assert log.labels[1, 2] == 1
    assert log.labels[2, 25] == 1


def test_a_rectangle_that_was_turned_elsewhere_is_a_polygon() -> None:
    log = Annotations(SHAPE, strokes=[Stroke("rect", ((2, 2), (8, 8)), 1)])
    document = annotations_to_geojson(log)
    document["features"][0]["geometry"]["coordinates"][0][1] = [12.5, 4.5]
    assert annotations_from_geojson(document).strokes[0].kind == "polygon"


def feature(**changes: object) -> dict:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [1, 2]},
        "properties": {},
        **changes,
    }


def geometry(kind: str, coordinates: object) -> dict:
    return feature(geometry={"type": kind, "coordinates": coordinates})


@pytest.mark.parametrize(
    "document",
    [
        None,
        7,
        {},
        {"type": "FeatureCollection"},
        {"type": "FeatureCollection", "features": 5},
        {"type": "FeatureCollection", "features": [5]},
        {"type": "FeatureCollection", "features": [{"type": "Topology"}]},
        {"type": "FeatureCollection", "features": [], "brushlink": {"version": 2}},
        {"type": "FeatureCollection", "features": [], "brushlink": {"shape": [3]}},
        {"type": "FeatureCollection", "features": [], "brushlink": {"shape": [24, "30"]}},
        {"type": "FeatureCollection", "features": [], "brushlink": {"shape": [12, 30]}},
        {"type": "FeatureCollection", "features": [], "brushlink": {"classes": [{"id": 1}]}},
        {"type": "FeatureCollection", "features": [], "brushlink": {"classes": {}}},
        feature(geometry=None),
        feature(properties=[1]),
        feature(properties={"classification": {"name": ""}}),
        feature(properties={"classification": {"name": "a", "color": [1, 2]}}),
        feature(properties={"classification": {"name": "a", "color": [1, 2, 300]}}),
        feature(properties={"brushlink": {"width": "wide"}}),
        feature(properties={"brushlink": {"width": -1}}),
        feature(properties={"brushlink": {"protects": ["a"]}}),
        geometry("Circle", [1, 2]),
        geometry("Point", None),
        geometry("Point", ["a", 2]),
        geometry("Point", [10**400, 2]),
        geometry("Point", [float("nan"), 2]),
        geometry("Polygon", []),
        geometry("Polygon", [[]]),
        geometry("LineString", [1, 2]),
    ],
)
def test_what_is_not_geojson_is_refused(document: object) -> None:
    with pytest.raises(SegmentationError):
        annotations_from_geojson(document, SHAPE)


def test_the_size_of_the_image_has_to_be_known() -> None:
    with pytest.raises(SegmentationError, match="give its shape"):
        annotations_from_geojson(QUPATH)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b"null"])
def test_files_that_are_not_geojson_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.geojson").write_bytes(content)
    with pytest.raises(SegmentationError, match=r"GeoJSON"):
        load_annotations(tmp_path / "x.geojson", SHAPE)


def test_a_missing_file_and_a_missing_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(SegmentationError, match=r"gone\.geojson cannot be read"):
        load_annotations(tmp_path / "gone.geojson")
    with pytest.raises(SegmentationError, match="cannot write"):
        save_annotations(tmp_path / "no" / "x.geojson", Annotations(SHAPE))


json_value = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["Feature", "Polygon", "FeatureCollection"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "features", "geometry", "coordinates", "properties"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200)
@given(json_value)
def test_any_json_is_read_or_refused(document: object) -> None:
    try:
        log = annotations_from_geojson(document, SHAPE)
    except SegmentationError:
        return
    assert log.labels.shape == SHAPE
