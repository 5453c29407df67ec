"""The segmentation page's files: labels, strokes, model, the project, and the lines that repeat it."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboards.parts.segment_state import SegmentState
from data_sources.images import Image
from segmentation.annotations import AnnotationClass, Annotations
from segmentation.classifier import PixelClassifier
from segmentation.errors import SegmentationError
from segmentation.geojson import annotations_to_geojson
from segmentation.label_files import save_labels
from segmentation.limits import GEOJSON_BYTES, MAX_STROKES
from segmentation.models import save_model
from segmentation.strokes import Stroke

__all__ = [
    "PROJECT_VERSION",
    "document_of",
    "label_bytes",
    "lines",
    "marks_of",
    "model_bytes",
    "project_bytes",
    "read_project",
    "strokes_bytes",
]

PROJECT_VERSION = 1
"""Of the layout of a project; one of a later version is refused."""

_DOCUMENT = "project.json"
_MODEL = "model.skops"


# -- the document: what is saved between visits, and in a project --------------------------------


def document_of(state: SegmentState) -> dict[str, Any]:
    """Write classes, strokes of all images and settings as JSON values; images by name."""
    return {
        "version": PROJECT_VERSION,
        "kind": "brushlink segmentation",
        "settings": state.to_query(),
        "classes": [
            {"id": one.id, "name": one.name, "color": one.color, "locked": one.locked}
            for one in state.classes
        ],
        "strokes": {key: [_written(one) for one in value] for key, value in state.strokes.items()},
    }


def marks_of(
    document: Mapping[str, Any],
) -> tuple[tuple[AnnotationClass, ...], dict[str, tuple[Stroke, ...]]]:
    """Read the classes and the strokes of all images from a document.

    Raises
    ------
    SegmentationError
        A newer version, or values that make no sense.
    """
    version = document.get("version")
    if version != PROJECT_VERSION:
        raise SegmentationError(
            f"this project is of version {version!r:.40} and this page reads version {PROJECT_VERSION}; "
            "open it with the Brushlink that wrote it, or a newer one"
        )
    try:
        classes = tuple(
            AnnotationClass(one["id"], one["name"], one["color"], bool(one.get("locked", False)))
            for one in document["classes"]
        )
        strokes = {
            str(key): tuple(_read(one) for one in value) for key, value in dict(document["strokes"]).items()
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SegmentationError(
            f"this project does not hold together: {type(error).__name__}: {error}"
        ) from error
    for value in strokes.values():
        if len(value) > MAX_STROKES:
            raise SegmentationError(f"{len(value):,} strokes on one image; allowed are {MAX_STROKES:,}")
        Annotations((1, 1), classes, value)  # raises for classes that do not exist
    return classes, strokes


def _written(stroke: Stroke) -> dict[str, Any]:
    made: dict[str, Any] = {
        "kind": stroke.kind,
        "class": stroke.class_id,
        "width": stroke.width,
        # One text a stroke: a list of pairs would be kept in a thousand parts.
        "at": " ".join(f"{row:.10g},{col:.10g}" for row, col in stroke.vertices),
    }
    if stroke.holes:
        made["holes"] = [" ".join(f"{row:.10g},{col:.10g}" for row, col in ring) for ring in stroke.holes]
    if stroke.protects:
        made["protects"] = list(stroke.protects)
    return made


def _read(made: Mapping[str, Any]) -> Stroke:
    def points(text: str) -> tuple[tuple[float, float], ...]:
        pairs = [pair.split(",") for pair in str(text).split()]
        return tuple((float(row), float(col)) for row, col in pairs)

    return Stroke(
        made["kind"],
        points(made["at"]),
        int(made["class"]),
        float(made["width"]),
        tuple(points(ring) for ring in made.get("holes", ())),
        tuple(made.get("protects", ())),
    )


# -- files --------------------------------------------------------------------------------------


def project_bytes(state: SegmentState, classifier: PixelClassifier | None) -> bytes:
    """Write the whole project as one file: the document, and the model when there is one."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_DOCUMENT, json.dumps(document_of(state), ensure_ascii=False, indent=1))
        if classifier is not None:
            archive.writestr(_MODEL, model_bytes(classifier, state.image))
    return buffer.getvalue()


def read_project(content: bytes) -> dict[str, Any]:
    """Return the document of a project file.

    Raises
    ------
    SegmentationError
        Not a project.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if archive.getinfo(_DOCUMENT).file_size > GEOJSON_BYTES:
                raise SegmentationError("this project unpacks into more than a drawing can be")
            document = json.loads(archive.read(_DOCUMENT))
    except (zipfile.BadZipFile, KeyError, ValueError, RecursionError, OSError) as error:
        raise SegmentationError(
            "this is no project of Brushlink: a .zip that was saved by “Project” of the download menu"
        ) from error
    if not isinstance(document, dict):
        raise SegmentationError("this project does not hold together: its document is no object")
    return document


def label_bytes(ending: str, labels: NDArray[np.uint8], classes: tuple[AnnotationClass, ...]) -> bytes:
    """Write a label map with names and colours, as "png" or "tif"."""
    return _through_file(f"labels.{ending}", lambda path: save_labels(path, labels, classes))


def model_bytes(classifier: PixelClassifier, image: Image) -> bytes:
    """Write the model as skops, with how images are to be read."""
    notes = {"value_range": _span(image)}
    return _through_file(_MODEL, lambda path: save_model(classifier, path, notes=notes))


def strokes_bytes(state: SegmentState) -> bytes:
    """Write the strokes of the image on the page as GeoJSON."""
    strokes, classes = state.marks
    found = annotations_to_geojson(Annotations(state.image.spatial_shape, classes, strokes))
    return json.dumps(found, ensure_ascii=False, allow_nan=False).encode()


def lines() -> dict[str, str]:
    """Return the lines that give the same labels again, by language."""
    return {
        "Shell": "brushlink segment segment-model.skops IMAGE.png -o results",
        "Python": (
            "from data_sources.images import read_image\n"
            "from segmentation import PixelClassifier, warm_up\n\n"
            "warm_up()\n"
            'classifier = PixelClassifier.load("segment-model.skops")\n'
            'labels = classifier.predict(read_image("IMAGE.png").array)\n'
        ),
    }


def _span(image: Image) -> list[float] | None:
    from data_sources.images import VALUE_RANGES

    usual = tuple(map(float, VALUE_RANGES[image.array.dtype.name]))
    return None if image.value_range == usual else list(image.value_range or ())


def _through_file(name: str, write: Callable[[Path], None]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="brushlink-") as folder:
        path = Path(folder) / name
        write(path)
        return path.read_bytes()
