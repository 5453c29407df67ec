"""Trainable segmentation: features, strokes, classifier, contours, models. A library: no Panel, no Plotly.

Names are loaded when they are first used, so that ``import segmentation`` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from segmentation.annotations import AnnotationClass, Annotations
    from segmentation.backends import BACKENDS, register_backend
    from segmentation.classifier import PixelClassifier
    from segmentation.contours import Contour, refine_contour
    from segmentation.engine import warm_up
    from segmentation.errors import BackendError, Cancelled, ModelError, SegmentationError
    from segmentation.features import FeatureBank
    from segmentation.forest import Forest
    from segmentation.hotspots import HotSpot, hot_spots
    from segmentation.label_files import load_labels, save_labels
    from segmentation.picture import Picture
    from segmentation.regions import class_fractions, find_regions, measure_regions
    from segmentation.scribbles import Scribbles
    from segmentation.stored_features import StoredFeatures
    from segmentation.strokes import Stroke, rasterise
    from segmentation.surfaces import Surface, measure_volume, stl_bytes, surface
    from segmentation.tidying import clean_labels
    from segmentation.validation import CrossValidation, cross_validate
    from segmentation.volume_script import volume_script
    from segmentation.volumes import VolumeSegmenter, segment_volume

_HOMES = {
    "AnnotationClass": "annotations",
    "Annotations": "annotations",
    "BACKENDS": "backends",
    "BackendError": "errors",
    "Cancelled": "errors",
    "Contour": "contours",
    "CrossValidation": "validation",
    "FeatureBank": "features",
    "Forest": "forest",
    "HotSpot": "hotspots",
    "ModelError": "errors",
    "Picture": "picture",
    "PixelClassifier": "classifier",
    "Scribbles": "scribbles",
    "SegmentationError": "errors",
    "StoredFeatures": "stored_features",
    "Stroke": "strokes",
    "Surface": "surfaces",
    "VolumeSegmenter": "volumes",
    "class_fractions": "regions",
    "clean_labels": "tidying",
    "cross_validate": "validation",
    "find_regions": "regions",
    "hot_spots": "hotspots",
    "load_labels": "label_files",
    "measure_regions": "regions",
    "measure_volume": "surfaces",
    "rasterise": "strokes",
    "refine_contour": "contours",
    "register_backend": "backends",
    "save_labels": "label_files",
    "segment_volume": "volumes",
    "stl_bytes": "surfaces",
    "surface": "surfaces",
    "volume_script": "volume_script",
    "warm_up": "engine",
}

__all__ = [
    "BACKENDS",
    "AnnotationClass",
    "Annotations",
    "BackendError",
    "Cancelled",
    "Contour",
    "CrossValidation",
    "FeatureBank",
    "Forest",
    "HotSpot",
    "ModelError",
    "Picture",
    "PixelClassifier",
    "Scribbles",
    "SegmentationError",
    "StoredFeatures",
    "Stroke",
    "Surface",
    "VolumeSegmenter",
    "class_fractions",
    "clean_labels",
    "cross_validate",
    "find_regions",
    "hot_spots",
    "load_labels",
    "measure_regions",
    "measure_volume",
    "rasterise",
    "refine_contour",
    "register_backend",
    "save_labels",
    "segment_volume",
    "stl_bytes",
    "surface",
    "volume_script",
    "warm_up",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
