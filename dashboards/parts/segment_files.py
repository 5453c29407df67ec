"""The segmentation page's files: labels, probabilities, strokes, regions, model, and the project."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboards.parts.drawn_state import drawn_document, read_drawn_document
from dashboards.parts.segment_state import OpenedModel, SegmentState
from dashboards.parts.shape_files import labels_as_shapes
from data_sources.images import VALUE_RANGES, Image
from segmentation.annotations import AnnotationClass, Annotations
from segmentation.batch import StoredModel
from segmentation.classifier import PixelClassifier
from segmentation.errors import ModelError, SegmentationError
from segmentation.geojson import annotations_to_geojson
from segmentation.label_files import save_labels
from segmentation.limits import GEOJSON_BYTES, MODEL_BYTES, ONNX_BYTES
from segmentation.models import save_model
from segmentation.strokes import Stroke

__all__ = [
    "PROJECT_VERSION",
    "Project",
    "document_of",
    "label_bytes",
    "marks_of",
    "model_bytes",
    "probability_bytes",
    "project_bytes",
    "read_model",
    "read_project",
    "regions_bytes",
    "span_of",
    "strokes_bytes",
]

PROJECT_VERSION = 1
"""Of the layout of a project; one of a later version is refused."""

_DOCUMENT, _MODEL, _NETWORK = "project.json", "model.skops", "network.onnx"
_PARTS = {_DOCUMENT: GEOJSON_BYTES, _MODEL: MODEL_BYTES, _NETWORK: ONNX_BYTES}


# -- the document: what is saved between visits, and in a project --------------------------------


def document_of(state: SegmentState) -> dict[str, Any]:
    """Write classes, strokes of all images and settings as JSON values; images by name and size."""
    sizes = {**state.references, state.key: list(state.image.spatial_shape)}
    return {
        "version": PROJECT_VERSION,
        "kind": "brushlink segmentation",
        **drawn_document(state),
        "shown": state.key,
        "listed": list(state.listed),
        "images": {key: sizes[key] for key in state.project_keys() if key in sizes},
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
    return read_drawn_document(document)


# -- the project --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Project:
    """What a project file holds.

    Attributes
    ----------
    document : dict
        As `document_of` wrote it; `marks_of` checks it.
    model, network : bytes
        Empty when there is none.
    """

    document: dict[str, Any]
    model: bytes = field(default=b"", repr=False)
    network: bytes = field(default=b"", repr=False)


def project_bytes(
    state: SegmentState,
    classifier: PixelClassifier | None,
    network: tuple[dict[str, Any], bytes] | None = None,
) -> bytes:
    """Write the whole project as one file: the document, the model and the network when there are such."""
    document = document_of(state)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        if network is not None:
            document["network"] = network[0]
            archive.writestr(_NETWORK, network[1])
        elif classifier is not None:
            archive.writestr(_MODEL, model_bytes(classifier, state))
        archive.writestr(_DOCUMENT, json.dumps(document, ensure_ascii=False, indent=1))
    return buffer.getvalue()


def read_project(content: bytes) -> Project:
    """Return what a project file holds.

    Raises
    ------
    SegmentationError
        Not a project.
    """
    parts = dict.fromkeys(_PARTS, b"")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            archive.getinfo(_DOCUMENT)
            for name in _PARTS.keys() & set(archive.namelist()):
                if archive.getinfo(name).file_size > _PARTS[name]:
                    raise SegmentationError(f"this project's {name} unpacks into more than it may")
                parts[name] = archive.read(name)
        document = json.loads(parts[_DOCUMENT])
    except (zipfile.BadZipFile, KeyError, ValueError, RecursionError, OSError, NotImplementedError) as error:
        raise SegmentationError(
            "this is no project of Brushlink: a .zip that was saved by “Project” of the download menu"
        ) from error
    if not isinstance(document, dict):
        raise SegmentationError("this project does not hold together: its document is no object")
    return Project(document, parts[_MODEL], parts[_NETWORK])


# -- single files -------------------------------------------------------------------------------


def label_bytes(ending: str, labels: NDArray[np.uint8], classes: tuple[AnnotationClass, ...]) -> bytes:
    """Write a label map with names and colours, as "png" or "tif"."""
    return _through_file(f"labels.{ending}", lambda path: save_labels(path, labels, classes))


def probability_bytes(ending: str, shares: NDArray[np.float32], names: list[str]) -> bytes:
    """Write the probability of every class, classes first: as "npy", or as "tif" with their names."""
    buffer = io.BytesIO()
    if ending == "npy":
        np.save(buffer, shares)
    else:
        import tifffile

        about = {"axes": "CYX", "classes": names}
        tifffile.imwrite(buffer, shares, photometric="minisblack", metadata=about, compression="zlib")
    return buffer.getvalue()


def model_bytes(classifier: PixelClassifier, state: SegmentState) -> bytes:
    """Write the model as skops, with how images are to be read."""
    span = span_of(state.image)
    if state.model is not None:
        span = None if state.model.value_range is None else list(state.model.value_range)
    return _through_file(_MODEL, lambda path: save_model(classifier, path, notes={"value_range": span}))


def read_model(name: str, content: bytes) -> OpenedModel:
    """Read a model; no code of it runs.

    Raises
    ------
    ModelError
        Not one of ours, damaged, or with types that are not trusted.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="brushlink-") as folder:
            path = Path(folder) / _MODEL
            path.write_bytes(content)
            stored = StoredModel.load(path)
    except ModelError as error:
        raise ModelError(str(error).replace(_MODEL, name, 1)) from error
    except OSError as error:
        raise ModelError(f"{name} cannot be opened here: {error.strerror or error}") from error
    if stored.about["ndim"] != 2:
        raise ModelError(f"{name} learned from volumes; this page segments pictures")
    return OpenedModel(name, stored.classifier, stored.reading().value_range)


def strokes_bytes(state: SegmentState) -> bytes:
    """Write the strokes of the image on the page as GeoJSON."""
    strokes, classes = state.marks
    return _geojson(Annotations(state.image.spatial_shape, classes, strokes))


def regions_bytes(labels: NDArray[np.uint8], classes: tuple[AnnotationClass, ...]) -> bytes:
    """Write the regions of a label map as polygons that hold exactly their pixels, as GeoJSON."""
    rows, cols = labels.shape
    return _geojson(Annotations((rows, cols), classes, labels_as_shapes(labels)))


def span_of(image: Image) -> list[float] | None:
    """Return the values that count as black and white, where they are not those of the type."""
    usual = tuple(map(float, VALUE_RANGES[image.array.dtype.name]))
    return None if image.value_range == usual else list(image.value_range or ())


def _geojson(log: Annotations) -> bytes:
    return json.dumps(annotations_to_geojson(log), ensure_ascii=False, allow_nan=False).encode()


def _through_file(name: str, write: Callable[[Path], None]) -> bytes:
    try:
        with tempfile.TemporaryDirectory(prefix="brushlink-") as folder:
            path = Path(folder) / name
            write(path)
            return path.read_bytes()
    except OSError as error:
        raise SegmentationError(
            f"the server cannot write {name} ({error.strerror or error}); your strokes stay on the page"
        ) from error
