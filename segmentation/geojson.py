"""Annotations as GeoJSON that QuPath reads and writes; called by dashboards and the command line.

A file is a FeatureCollection. Each stroke is a Feature whose ``classification`` (name, colour) and geometry
QuPath understands; what it does not know (kind, brush width, protected classes) is in
``properties.brushlink``, and the image's shape and the classes in a member ``brushlink`` of the collection.
QuPath counts from the corner of the first pixel: x = col + 0.5, y = row + 0.5.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from segmentation.annotations import AnnotationClass, Annotations
from segmentation.errors import SegmentationError
from segmentation.limits import GEOJSON_BYTES, MAX_COORDINATE
from segmentation.strokes import ERASE, Point, Stroke
from segmentation.whole_files import written_whole

__all__ = ["annotations_from_geojson", "annotations_to_geojson", "load_annotations", "save_annotations"]

_VERSION = 1
_CIRCLE_CORNERS = 64  # divisible by 4, so that the polygon touches the box of the circle and gives it back
_GEOMETRIES = "Point, MultiPoint, LineString, MultiLineString, Polygon, MultiPolygon and GeometryCollection"


def annotations_to_geojson(annotations: Annotations) -> dict[str, Any]:
    """FeatureCollection of all strokes in the order they were drawn, ready for ``json.dump``."""
    classes = {one.id: one for one in annotations.classes}
    return {
        "type": "FeatureCollection",
        "features": [_feature(stroke, classes) for stroke in annotations.strokes],
        "brushlink": {
            "version": _VERSION,
            "shape": list(annotations.shape),
            "classes": [
                {"id": one.id, "name": one.name, "color": one.color, "locked": one.locked}
                for one in annotations.classes
            ],
        },
    }


def annotations_from_geojson(document: object, shape: tuple[int, int] | None = None) -> Annotations:
    """Annotations of a GeoJSON document of ours, of QuPath or of another tool.

    Parameters
    ----------
    document : object
        What ``json.load`` returned: a FeatureCollection, a Feature, or a list of Features.
    shape : (int, int), optional
        Rows and columns of the image it belongs to. Needed when the document does not say; when both say,
        they must agree.

    Returns
    -------
    Annotations
        Without a past. Classes that the document does not list are made from the names of its features, in
        order of appearance.

    Raises
    ------
    SegmentationError
        Not GeoJSON, an unknown geometry, a shape that is missing or another, a newer version than this one
        reads.
    """
    features, own = _collection(document)
    if own.get("version", _VERSION) != _VERSION:
        raise SegmentationError(f"annotations of version {own['version']!r}; this reads version {_VERSION}")
    said = own.get("shape")
    if said is not None and not (
        isinstance(said, list) and len(said) == 2 and all(type(n) is int for n in said)
    ):
        raise SegmentationError(f"the image's shape is [rows, columns]; got {said!r:.80}")
    if said is None and shape is None:
        raise SegmentationError("these annotations do not say how large their image is: give its shape")
    if said is not None and shape is not None and tuple(said) != tuple(shape):
        raise SegmentationError(
            f"annotations of an image of {said[0]} × {said[1]}, given is {shape[0]} × {shape[1]}"
        )
    classes = [_class(one) for one in _list(own.get("classes", []), "classes")]
    known = {one.name.casefold(): one.id for one in classes}
    strokes: list[Stroke] = []
    log = Annotations(tuple(said) if said is not None else shape, classes)  # type: ignore[arg-type]
    for place, feature in enumerate(features):
        properties = _mapping(feature.get("properties") or {}, f"properties of feature {place}")
        extra = _mapping(properties.get("brushlink") or {}, f"brushlink properties of feature {place}")
        class_id = ERASE
        if not extra.get("erase"):
            name, color = _classification(properties)
            if name.casefold() not in known:
                known[name.casefold()] = log.add_class(name, color).id
            class_id = known[name.casefold()]
        width, protects = extra.get("width", 1.0), tuple(_list(extra.get("protects", []), "protects"))
        if not isinstance(width, int | float) or not all(type(one) is int for one in protects):
            raise SegmentationError(
                f"feature {place}: width is a number and protects a list of class numbers"
            )
        geometry = _mapping(feature.get("geometry"), f"geometry of feature {place}")
        for kind, vertices, holes in _geometry(geometry, extra.get("kind")):
            strokes.append(Stroke(kind, vertices, class_id, width, holes, protects))  # type: ignore[arg-type]
    return Annotations(log.shape, log.classes, strokes)


def save_annotations(path: str | os.PathLike[str], annotations: Annotations) -> None:
    """Write annotations as GeoJSON; the file appears whole or not at all."""
    text = json.dumps(annotations_to_geojson(annotations), ensure_ascii=False, allow_nan=False)
    with written_whole(path) as draft:
        draft.write_text(text, encoding="utf-8")


def load_annotations(path: str | os.PathLike[str], shape: tuple[int, int] | None = None) -> Annotations:
    """Read annotations from a GeoJSON file, see `annotations_from_geojson`."""
    source = Path(path)
    try:
        size = source.stat().st_size
        if size > GEOJSON_BYTES:
            raise SegmentationError(
                f"{source.name}: {size:,} bytes of GeoJSON; allowed are {GEOJSON_BYTES:,}"
            )
        document = json.loads(source.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SegmentationError(f"{source.name} cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise SegmentationError(f"{source.name} is not GeoJSON: {error}") from error
    return annotations_from_geojson(document, shape)


# Writing ------------------------------------------------------------------------------------------


def _feature(stroke: Stroke, classes: Mapping[int, AnnotationClass]) -> dict[str, Any]:
    extra: dict[str, Any] = {"kind": stroke.kind}
    if not stroke.is_area:
        extra["width"] = stroke.width
    if stroke.protects:
        extra["protects"] = list(stroke.protects)
    properties: dict[str, Any] = {"objectType": "annotation", "brushlink": extra}
    if stroke.class_id == ERASE:
        extra["erase"] = True
        properties["classification"] = {"name": "Ignore*", "color": [128, 128, 128]}
    else:
        one = classes[stroke.class_id]
        color = [int(one.color[at : at + 2], 16) for at in (1, 3, 5)]
        properties["classification"] = {"name": one.name, "color": color}
        properties["isLocked"] = one.locked
    return {"type": "Feature", "geometry": _as_geometry(stroke), "properties": properties}


def _as_geometry(stroke: Stroke) -> dict[str, Any]:
    if stroke.is_area:
        rings = [_outline(stroke.kind, stroke.vertices), *stroke.holes]
        return {"type": "Polygon", "coordinates": [_closed([_xy(one) for one in ring]) for ring in rings]}
    if len(stroke.vertices) == 1:
        return {"type": "Point", "coordinates": _xy(stroke.vertices[0])}
    return {"type": "LineString", "coordinates": [_xy(one) for one in stroke.vertices]}


def _closed(ring: list[list[float]]) -> list[list[float]]:
    """Ring that ends where it starts, with the four positions that readers insist on."""
    return [*ring, *[ring[0]] * max(1, 4 - len(ring))]


def _outline(kind: str, vertices: tuple[Point, ...]) -> tuple[Point, ...]:
    """Outer ring of an area; of a rect or circle it starts at the same place however it was dragged."""
    if kind == "polygon":
        return vertices
    (a, b), (c, d) = vertices
    top, left, bottom, right = min(a, c), min(b, d), max(a, c), max(b, d)
    if kind == "rect":
        return ((top, left), (top, right), (bottom, right), (bottom, left))
    return _around(top, left, bottom, right)


def _around(top: float, left: float, bottom: float, right: float) -> tuple[Point, ...]:
    """Corners on the ellipse in a box; those at the four ends are exactly on the box."""
    row, col, half_height, half_width = (
        (top + bottom) / 2,
        (left + right) / 2,
        (bottom - top) / 2,
        (right - left) / 2,
    )
    points = []
    for step in range(_CIRCLE_CORNERS):
        angle = 2 * math.pi * step / _CIRCLE_CORNERS
        points.append((row + half_height * math.sin(angle), col + half_width * math.cos(angle)))
    quarter = _CIRCLE_CORNERS // 4
    points[0], points[2 * quarter] = (row, right), (row, left)
    points[quarter], points[3 * quarter] = (bottom, col), (top, col)
    return tuple(points)


def _xy(point: Point) -> list[float]:
    return [point[1] + 0.5, point[0] + 0.5]


# Reading ------------------------------------------------------------------------------------------


def _collection(document: object) -> tuple[list[Mapping[str, Any]], Mapping[str, Any]]:
    """Features of a document, and what we wrote beside them."""
    own: Mapping[str, Any] = {}
    if isinstance(document, Mapping) and document.get("type") == "FeatureCollection":
        own = _mapping(document.get("brushlink") or {}, "member brushlink")
        document = document.get("features")
    elif isinstance(document, Mapping) and document.get("type") == "Feature":
        document = [document]
    features = [_mapping(one, "a feature") for one in _list(document, "features")]
    for one in features:
        if one.get("type") != "Feature":
            raise SegmentationError(f"GeoJSON features have type Feature; got {one.get('type')!r:.60}")
    return features, own


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise SegmentationError(f"not GeoJSON as we know it: {what} should be an object, got {value!r:.60}")
    return value


def _list(value: object, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise SegmentationError(f"not GeoJSON as we know it: {what} should be a list, got {value!r:.60}")
    return value


def _class(value: object) -> AnnotationClass:
    one = _mapping(value, "a class")
    return AnnotationClass(
        one.get("id", 0), one.get("name", ""), one.get("color", ""), one.get("locked") is True
    )


def _classification(properties: Mapping[str, Any]) -> tuple[str, str | None]:
    """Name and colour that a feature gives, in today's and in older forms of QuPath."""
    given = properties.get("classification") or {"name": "Unclassified"}
    if isinstance(given, str):
        given = {"name": given}
    given = _mapping(given, "a classification")
    names = given.get("names")
    name = given.get("name") or (": ".join(map(str, names)) if isinstance(names, list) else "")
    color = given.get("color")
    if color is None and isinstance(given.get("colorRGB"), int):
        packed = given["colorRGB"] & 0xFFFFFF
        color = [packed >> 16, packed >> 8 & 255, packed & 255]
    if color is None:
        return str(name), None
    if not (
        isinstance(color, list) and len(color) == 3 and all(type(n) is int and 0 <= n <= 255 for n in color)
    ):
        raise SegmentationError(f"a colour in GeoJSON is [red, green, blue] of 0..255; got {color!r:.60}")
    return str(name), "#{:02x}{:02x}{:02x}".format(*color)


_Part = tuple[str, tuple[Point, ...], tuple[tuple[Point, ...], ...]]


def _geometry(geometry: Mapping[str, Any], kind: object, depth: int = 0) -> list[_Part]:
    """Strokes of a geometry as (kind, vertices, holes)."""
    name, given = geometry.get("type"), geometry.get("coordinates")
    if name == "GeometryCollection":
        if depth:
            raise SegmentationError("a GeometryCollection inside another is not read")
        inner = [_mapping(one, "a geometry") for one in _list(geometry.get("geometries"), "geometries")]
        return [part for one in inner for part in _geometry(one, None, depth + 1)]
    if name == "Point":
        return [("path", _row_col([given]), ())]
    if name == "MultiPoint":
        return [("path", _row_col([one]), ()) for one in _list(given, "coordinates")]
    if name in ("LineString", "MultiLineString"):
        lines = [_row_col(one) for one in ([given] if name == "LineString" else _list(given, "coordinates"))]
        return [("line" if kind == "line" and len(one) == 2 else "path", one, ()) for one in lines]
    if name in ("Polygon", "MultiPolygon"):
        parts: list[_Part] = []
        for rings in [given] if name == "Polygon" else _list(given, "coordinates"):
            outer, *holes = [_ring(one) for one in _list(rings, "coordinates")] or [()]
            corners = _corners(str(kind), outer) if kind in ("rect", "circle") and not holes else None
            parts.append((str(kind), corners, ()) if corners else ("polygon", outer, tuple(holes)))
        return parts
    raise SegmentationError(f"geometries read are {_GEOMETRIES}; got {name!r:.60}")


def _row_col(coordinates: object) -> tuple[Point, ...]:
    points = []
    for one in _list(coordinates, "coordinates"):
        if not isinstance(one, list) or len(one) < 2:
            raise SegmentationError(f"a position in GeoJSON is [x, y]; got {one!r:.60}")
        points.append((_number(one[1]) - 0.5, _number(one[0]) - 0.5))
    return tuple(points)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > MAX_COORDINATE:
        raise SegmentationError(f"a number within ±{MAX_COORDINATE:,} was expected; got {value!r:.60}")
    return float(value)


def _ring(coordinates: object) -> tuple[Point, ...]:
    points = _row_col(coordinates)
    return points[:-1] if len(points) > 1 and points[0] == points[-1] else points


def _corners(kind: str, ring: tuple[Point, ...]) -> tuple[Point, ...] | None:
    """Opposite corners of the rect or circle that `ring` is, None when someone else has changed its form."""
    if not ring:
        return None
    rows, cols = zip(*ring, strict=True)
    corners = ((min(rows), min(cols)), (max(rows), max(cols)))
    written = _outline(kind, corners)
    if len(written) != len(ring) or any(math.dist(a, b) > 1e-3 for a, b in zip(written, ring, strict=True)):
        return None
    return corners
