"""Drawn shapes from and to files: GeoJSON, CSV, label maps; pure, for pages on which a person draws."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboards.parts.drawing import Marks
from segmentation.annotations import AnnotationClass, Annotations
from segmentation.errors import SegmentationError
from segmentation.geojson import annotations_from_geojson, annotations_to_geojson
from segmentation.label_files import load_labels, save_labels
from segmentation.limits import GEOJSON_BYTES, MAX_STROKES
from segmentation.strokes import Stroke

__all__ = ["added", "geojson_bytes", "labels_as_shapes", "labels_bytes", "read_shapes", "shapes_csv"]

_COLUMNS = ["kind", "class", "color", "width", "vertices", "holes"]


def read_shapes(name: str, content: bytes, shape: tuple[int, int]) -> Annotations:
    """Read shapes of a file of ours or of another program.

    Parameters
    ----------
    name : str
        Its ending tells what it is: .geojson, .json, .csv, .png, .tif, .tiff.
    content : bytes
    shape : (int, int)
        Of the image they belong to.

    Raises
    ------
    BrushlinkError
        It is none of these, is damaged, or belongs to an image of another size.
    """
    ending = Path(name).suffix.lower()
    if len(content) > GEOJSON_BYTES:
        raise SegmentationError(
            f"“{name}” has {len(content) / 1e6:,.0f} MB; at most {GEOJSON_BYTES / 1e6:,.0f} MB are read"
        )
    if ending in (".geojson", ".json"):
        try:
            document = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise SegmentationError(f"“{name}” is no JSON ({error})") from error
        return annotations_from_geojson(document, shape)
    if ending == ".csv":
        return _from_csv(name, content, shape)
    if ending in (".png", ".tif", ".tiff"):
        found = load_labels(content)
        if found.labels.shape != shape:
            raise SegmentationError(
                f"“{name}” is a label map of {' × '.join(map(str, found.labels.shape))}, the image is "
                f"{shape[0]} × {shape[1]}"
            )
        return Annotations(shape, found.classes, labels_as_shapes(found.labels))
    raise SegmentationError(f"“{name}”: shapes are read from .geojson, .json, .csv, .png and .tif files")


def added(marks: Marks, more: Annotations) -> Marks:
    """Add shapes to those that are there: a class of the same name is the same class."""
    strokes, classes = marks
    log = Annotations(more.shape, classes)
    known = {one.name.casefold(): one.id for one in classes}
    place = {0: 0}
    for one in more.classes:
        if one.name.casefold() not in known:
            known[one.name.casefold()] = log.add_class(one.name, one.color).id
        place[one.id] = known[one.name.casefold()]
    new = tuple(
        Stroke(
            one.kind,
            one.vertices,
            place[one.class_id],
            one.width,
            one.holes,
            tuple(place[other] for other in one.protects if other in place),
        )
        for one in more.strokes
    )
    return (*strokes, *new), log.classes


def labels_as_shapes(labels: NDArray[np.uint8]) -> list[Stroke]:
    """Turn each connected region of a label map into an area that holds exactly its pixels."""
    from scipy import ndimage as ndi
    from skimage.measure import approximate_polygon, find_contours

    shapes: list[Stroke] = []
    for class_id in (int(one) for one in np.unique(labels) if one):
        parts, count = ndi.label(labels == class_id)
        if len(shapes) + count > MAX_STROKES:
            raise SegmentationError(f"this label map has more than {MAX_STROKES:,} regions; smooth it first")
        for number, (rows, cols) in enumerate(ndi.find_objects(parts), start=1):
            mask = np.pad(parts[rows, cols] == number, 1)
            origin = np.array([rows.start - 1, cols.start - 1])
            found = find_contours(mask.astype(float), 0.5, fully_connected="low")
            rings = [approximate_polygon(ring, 0)[:-1] + origin for ring in found]
            rings.sort(key=lambda ring: -np.prod(np.ptp(ring, axis=0)))
            outer, *holes = [tuple((float(row), float(col)) for row, col in ring) for ring in rings]
            shapes.append(Stroke("polygon", outer, class_id, holes=tuple(holes)))
    return shapes


def geojson_bytes(marks: Marks, shape: tuple[int, int]) -> bytes:
    """Write shapes as GeoJSON that QuPath reads."""
    strokes, classes = marks
    document = annotations_to_geojson(Annotations(shape, classes, strokes))
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode()


def labels_bytes(ending: str, labels: NDArray[np.uint8], classes: Iterable[AnnotationClass]) -> bytes:
    """Write a label map with names and colours of its classes, as "png" or "tif"."""
    with tempfile.TemporaryDirectory(prefix="brushlink-") as folder:
        path = Path(folder) / f"labels.{ending}"
        save_labels(path, labels, classes)
        return path.read_bytes()


def shapes_csv(marks: Marks, measures: pd.DataFrame) -> pd.DataFrame:
    """Return the table of shapes with what is needed to draw them again."""
    strokes, classes = marks
    known = {one.id: one for one in classes}
    rows = []
    for one in strokes:
        owner = known.get(one.class_id)
        rows.append(
            {
                "kind": one.kind,
                "class": owner.name if owner else "",
                "color": owner.color if owner else "",
                "width": one.width,
                "vertices": _ring_text(one.vertices),
                "holes": "; ".join(map(_ring_text, one.holes)),
            }
        )
    drawn = pd.DataFrame(rows, columns=_COLUMNS)
    return pd.concat([measures.drop(columns=["Type", "Class"]), drawn], axis=1)


def _ring_text(ring: tuple[tuple[float, float], ...]) -> str:
    return " ".join(f"{row:.14g},{col:.14g}" for row, col in ring)


def _from_csv(name: str, content: bytes, shape: tuple[int, int]) -> Annotations:
    try:
        table = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    except (ValueError, UnicodeDecodeError) as error:
        raise SegmentationError(f"“{name}” cannot be read as CSV ({error})") from error
    missing = [column for column in ("kind", "class", "vertices") if column not in table]
    if missing:
        raise SegmentationError(
            f"“{name}” has no column {', '.join(missing)}: shapes are read from a CSV that this page wrote "
            f"(“Shapes to open again”); it has {', '.join(map(str, table.columns[:8]))}"
        )
    log = Annotations(shape, ())
    ids: dict[str, int] = {"": 0}
    strokes = []
    for number, row in enumerate(table.to_dict("records"), start=1):
        try:
            if row["class"] not in ids:
                ids[row["class"]] = log.add_class(row["class"], row.get("color") or None).id
            holes = tuple(_ring(text) for text in row.get("holes", "").split(";") if text.strip())
            width = float(row.get("width") or 1)
            strokes.append(Stroke(row["kind"], _ring(row["vertices"]), ids[row["class"]], width, holes))
        except (ValueError, SegmentationError) as error:
            raise SegmentationError(f"row {number} of “{name}”: {error}") from error
    return Annotations(shape, log.classes, strokes)


def _ring(text: str) -> tuple[tuple[float, float], ...]:
    pairs = [pair.split(",") for pair in text.split()]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError(f"vertices are written row,col row,col …; got {text[:40]!r}")
    return tuple((float(row), float(col)) for row, col in pairs)
