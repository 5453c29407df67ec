"""From a rough closed contour to the exact one, by several methods on a crop; for dashboards, scripts.

Every method gets the same three parts of the crop: the core (well inside the rough contour), the outside
(well beyond it) and the band between, in which the border is looked for. How wide the band is follows from
the size of the object, not from pixels. What a method finds is then moved, within a band of its own, to the
middle of the slope between the object and its surroundings, and cut from neighbours along the valleys between
them (watershed; Beucher and Meyer 1993), so that where the border lies does not depend on the method.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from segmentation.errors import SegmentationError
from segmentation.limits import CONTOUR_PIXELS, MIN_CONTOUR_PIXELS
from segmentation.strokes import Box, polygon_mask

__all__ = ["CONTOUR_METHODS", "Contour", "refine_contour"]

# Shares of the object's radius (that of a disc of its area), found on coins and nuclei:
# benchmarks/bench_contours.py
_CORE_DEPTH = 0.35
_OUTSIDE_DISTANCE = 0.35
_INNER_DEPTH = 0.3
_BAND = 0.4
_PADDING = 0.8

_LEVEL = 0.55
"""Where people see the border of a blurred object: at this share of the step from outside to inside, of the
brightness to the power below; without it that is the middle between a dark ground and the object."""

_BRIGHTNESS_POWER = 0.7
"""All methods look at the brightness to this power: between itself and its square root, which makes the noise
of photon counts even; found on coins and nuclei like the shares above."""

_NEIGHBOURS = 0.3
"""This share of the surroundings, the part most like the object, may be neighbours and is not its ground."""

_WALKER_BETA = 1000.0
"""How much a step in brightness (of a range of 0 to 1) stops the random walker."""

_STOPPING_SLOPE = 0.32
"""The snake stops where the picture is at least this steep, as a share of the steepest places in the band."""


class PixelModel(Protocol):
    """What ``method="classifier"`` needs of a fitted `PixelClassifier`."""

    @property
    def classes_(self) -> Any:
        """Numbers of the classes, in the order of the probabilities."""

    def predict_proba(self, image: NDArray[Any], **options: Any) -> NDArray[np.float32]:
        """Probabilities, (classes, rows, cols)."""


@dataclass(frozen=True, eq=False)
class Contour:
    """A closed contour on an image, as vertices and as measures; ``numpy.asarray`` gives the vertices.

    Attributes
    ----------
    vertices : ndarray of float, (n, 2)
        (row, col), the first not repeated; their polygon holds exactly the pixels of `mask`.
    area : float
        Number of pixels inside.
    perimeter : float
        Length in pixels, by Crofton's formula (unbiased for digital shapes).
    rough_iou : float
        Intersection over union with the rough contour: how far it was moved.
    reference_iou : float or None
        Intersection over union with the reference, when one was given.
    method : str
        What found it.
    box : (int, int, int, int)
        Pixels of the crop (first row, first column, row past the last, column past the last).
    """

    vertices: NDArray[np.float64] = field(repr=False)
    area: float
    perimeter: float
    rough_iou: float
    reference_iou: float | None
    method: str
    box: Box
    _mask: NDArray[np.bool_] = field(repr=False)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.vertices, dtype=dtype)

    def __len__(self) -> int:
        return len(self.vertices)

    def mask(self, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """Pixels inside, on an image of `shape` (rows, cols)."""
        mask = np.zeros(shape, bool)
        r0, c0, r1, c1 = self.box
        mask[r0:r1, c0:c1] = self._mask
        return mask


@dataclass(frozen=True, eq=False)
class _Crop:
    """What the methods work on: brightness (rows, cols, channels), the parts that are known, the radius."""

    values: NDArray[np.float64]
    rough: NDArray[np.bool_]
    core: NDArray[np.bool_]
    outside: NDArray[np.bool_]
    radius: float


def refine_contour(
    image: ArrayLike,
    vertices: ArrayLike,
    *,
    method: str = "random_walker",
    channel_axis: int | None = None,
    reference: ArrayLike | None = None,
    classifier: PixelModel | None = None,
    class_id: int | None = None,
    proba: ArrayLike | None = None,
) -> Contour:
    """Move a rough closed contour to the border of the object that it surrounds.

    Parameters
    ----------
    image : array, (rows, cols) or with channels
        Any numeric type; only a crop around the contour is used.
    vertices : array, (n, 2)
        Rough contour as (row, col), closed by itself; a third too large or too small, or as much aside, is
        fine.
    method : {"random_walker", "watershed", "geodesic", "classifier"}
        ``random_walker`` (Grady 2006) weighs all paths between core and outside and bridges gaps in an edge;
        ``watershed`` floods the gradient from both, the fastest; ``geodesic`` grows a smooth snake
        (Márquez-Neila 2014) until edges stop it; ``classifier`` keeps the pixels of a class of `classifier`.
    channel_axis : int, optional
        Axis of the channels, None for a grey image.
    reference : array of bool, (rows, cols), optional
        True object, to report the intersection over union with.
    classifier : PixelClassifier, optional
        Fitted, for ``method="classifier"``.
    class_id : int, optional
        The class of the object; by default the one most likely in the core.
    proba : array, (classes, rows, cols), optional
        What ``classifier.predict_proba(image)`` gave, when it is at hand; otherwise the whole image is
        predicted, so that the contour follows the same probabilities as the class map.

    Returns
    -------
    Contour

    Raises
    ------
    SegmentationError
        Unknown method, a contour of fewer than three vertices or nine pixels inside the image, values that
        are not finite, a missing or unfitted classifier, shapes that do not match.
    """
    if method not in CONTOUR_METHODS:
        raise SegmentationError(f"methods are {', '.join(CONTOUR_METHODS)}; got {method!r}")
    picture = np.asarray(image)
    if picture.dtype.kind not in "buif":
        raise SegmentationError(f"an image holds numbers; got {picture.dtype}")
    if channel_axis is not None:
        picture = np.moveaxis(picture, channel_axis, -1)
    if picture.ndim != (2 if channel_axis is None else 3):
        raise SegmentationError(
            f"an image is (rows, cols), or has a channel_axis; got shape {np.shape(image)}"
        )
    points = np.asarray(vertices, dtype=float)
    if points.ndim != 2 or points.shape[-1] != 2 or len(points) < 3:
        raise SegmentationError(f"a contour is at least three (row, col) pairs; got shape {points.shape}")
    shape = (int(picture.shape[0]), int(picture.shape[1]))
    truth = None if reference is None else np.asarray(reference, dtype=bool)
    if truth is not None and truth.shape != shape:
        raise SegmentationError(f"the reference has shape {truth.shape}, the image {shape}")
    whole = polygon_mask(points, shape)
    count = int(whole.sum())
    if count < MIN_CONTOUR_PIXELS:
        raise SegmentationError(
            f"the contour holds {count} pixels of the image; it needs {MIN_CONTOUR_PIXELS}"
        )
    box, step = _crop_box(whole)
    inside = (slice(box[0], box[2], step), slice(box[1], box[3], step))
    values = picture[inside].astype(np.float64)
    if not np.isfinite(values).all():
        raise SegmentationError("the image has NaN or infinite values around the contour; replace them first")
    crop = _parts(values.reshape(*values.shape[:2], -1), whole[inside])
    if method == CLASSIFIER:
        if classifier is None:
            raise SegmentationError('method "classifier" needs a fitted classifier')
        if proba is None:
            proba = classifier.predict_proba(picture, channel_axis=None if channel_axis is None else -1)
        chances = np.asarray(proba)
        ids = [int(one) for one in classifier.classes_]
        if chances.shape != (len(ids), *shape):
            raise SegmentationError(f"probabilities have shape {(len(ids), *shape)}; got {chances.shape}")
        found = _by_classifier(crop, chances[(slice(None), *inside)], ids, class_id)
    elif np.ptp(values) == 0 or not crop.outside.any():
        found = crop.rough  # nothing to see: the hand was right
    else:
        found = _at_level(crop, _one_object(_METHODS[method](crop), crop))
    found = _one_object(found, crop)
    size = (box[2] - box[0], box[3] - box[1])
    mask = found.repeat(step, axis=0).repeat(step, axis=1)[: size[0], : size[1]] if step > 1 else found
    return _measured(mask, whole, truth, method, box)


def _crop_box(whole: NDArray[np.bool_]) -> tuple[Box, int]:
    """Box around the contour with room for the band, and the step at which its pixels are taken."""
    rows, cols = np.flatnonzero(whole.any(axis=1)), np.flatnonzero(whole.any(axis=0))
    pad = math.ceil(_PADDING * math.sqrt(whole.sum() / math.pi)) + 4
    r0, c0 = max(rows[0] - pad, 0), max(cols[0] - pad, 0)
    r1, c1 = min(rows[-1] + pad + 1, whole.shape[0]), min(cols[-1] + pad + 1, whole.shape[1])
    step = 1
    while (r1 - r0) * (c1 - c0) > CONTOUR_PIXELS * step**2:
        step += 1
    return (int(r0), int(c0), int(r1), int(c1)), step


def _parts(values: NDArray[np.float64], rough: NDArray[np.bool_]) -> _Crop:
    from scipy import ndimage as ndi

    depth = ndi.distance_transform_edt(rough)
    radius = math.sqrt(rough.sum() / math.pi)
    core = depth > min(_CORE_DEPTH * radius, 0.7 * depth.max())
    outside = np.zeros_like(rough)
    if not rough.all():
        outside = ndi.distance_transform_edt(~rough) > _OUTSIDE_DISTANCE * radius + 1
    return _Crop((values - values.min(axis=(0, 1))) ** _BRIGHTNESS_POWER, rough, core, outside, radius)


def _markers(crop: _Crop) -> NDArray[np.int32]:
    """1 in the core, 2 outside, 0 where the border is looked for."""
    return np.where(crop.core, 1, np.where(crop.outside, 2, 0)).astype(np.int32)


def _edges(crop: _Crop) -> NDArray[np.float64]:
    """Steepness of the brightness, the largest of all channels."""
    from scipy import ndimage as ndi

    slopes = [ndi.gaussian_gradient_magnitude(plane, 1.0) for plane in np.moveaxis(crop.values, -1, 0)]
    return np.max(slopes, axis=0)


def _by_watershed(crop: _Crop) -> NDArray[np.bool_]:
    from skimage.segmentation import watershed

    flooded: NDArray[np.bool_] = watershed(_edges(crop), _markers(crop)) == 1
    return flooded


def _at_level(crop: _Crop, found: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Move a border, within a band, to `_LEVEL` of the way from outside to inside or to a valley before."""
    from scipy import ndimage as ndi
    from skimage.segmentation import watershed

    radius = math.sqrt(found.sum() / math.pi)
    depth, distance = ndi.distance_transform_edt(found), ndi.distance_transform_edt(~found)
    ring = (distance > max(0.2 * radius, 1.5)) & (distance < max(0.8 * radius, 5))
    if not ring.any():
        return found
    values = np.stack([ndi.gaussian_filter(plane, 0.5) for plane in np.moveaxis(crop.values, -1, 0)], axis=-1)
    object_color = np.median(values[found], axis=0)
    away = np.linalg.norm(values[ring] - object_color, axis=-1)
    ground = np.median(values[ring][away >= np.quantile(away, _NEIGHBOURS)], axis=0)
    step = object_color - ground
    if step @ step == 0:
        return found
    level = (values - ground) @ step / (step @ step)
    inner = depth > min(max(_INNER_DEPTH * radius, 1), 0.6 * depth.max())
    markers = np.where(inner, 1, np.where(distance > max(_BAND * radius, 1.5), 2, 0))
    # Clipped, because bright spots inside are not tops between which a valley would count.
    relief = -ndi.gaussian_filter(np.clip(level, 0, 1), 1.0)
    moved = watershed(relief, markers, mask=(level > _LEVEL) | inner) == 1
    return ndi.gaussian_filter(moved.astype(float), 0.7) > 0.5


def _by_random_walker(crop: _Crop) -> NDArray[np.bool_]:
    from skimage.segmentation import random_walker

    low, high = np.percentile(crop.values, [0.5, 99.5])  # a few bright dots do not flatten the rest
    values = np.clip((crop.values - low) / max(high - low, 1e-12), 0, 1)
    reached: NDArray[np.bool_] = (
        random_walker(values, _markers(crop), beta=_WALKER_BETA, mode="bf", prob_tol=10, channel_axis=-1) == 1
    )
    return reached


def _by_geodesic(crop: _Crop) -> NDArray[np.bool_]:
    from skimage.segmentation import morphological_geodesic_active_contour

    slope = _edges(crop)
    band = ~crop.core & ~crop.outside
    steepest = max(float(np.percentile(slope[band], 95)), 1e-12) if band.any() else 1.0
    edges = 1 / (1 + (slope / (_STOPPING_SLOPE * steepest)) ** 2)
    edges[crop.outside] = 0
    steps = math.ceil((_CORE_DEPTH + _OUTSIDE_DISTANCE) * crop.radius * 1.5) + 5
    snake = morphological_geodesic_active_contour(
        edges, steps, init_level_set=crop.core.astype(np.int8), smoothing=1, threshold=0.5, balloon=1
    )
    grown: NDArray[np.bool_] = snake.astype(bool) & ~crop.outside
    return grown


def _by_classifier(
    crop: _Crop, proba: NDArray[Any], ids: list[int], class_id: int | None
) -> NDArray[np.bool_]:
    """Pixels of the class, cut from neighbours of the same class by flooding its probability."""
    from skimage.segmentation import watershed

    if class_id is None:
        class_id = ids[int(proba[:, crop.core].mean(axis=1).argmax())]
    if class_id not in ids:
        raise SegmentationError(f"the classifier knows the classes {ids}; got {class_id}")
    likely = (proba.argmax(axis=0) == ids.index(class_id)) | crop.core
    flooded: NDArray[np.bool_] = watershed(-proba[ids.index(class_id)], _markers(crop), mask=likely) == 1
    return flooded


def _one_object(found: NDArray[np.bool_], crop: _Crop) -> NDArray[np.bool_]:
    """Component that holds most of the core, without holes; the rough contour when nothing was found."""
    from scipy import ndimage as ndi

    parts, count = ndi.label(found)
    held = np.bincount(parts[crop.core], minlength=count + 1)
    held[0] = 0
    if not held.any():
        return crop.rough
    return ndi.binary_fill_holes(parts == held.argmax())


def _measured(
    mask: NDArray[np.bool_],
    whole: NDArray[np.bool_],
    truth: NDArray[np.bool_] | None,
    method: str,
    box: Box,
) -> Contour:
    from skimage.measure import approximate_polygon, find_contours, perimeter_crofton

    r0, c0, r1, c1 = box
    rings = find_contours(np.pad(mask, 1).astype(float), 0.5, fully_connected="low")
    ring = max(rings, key=len)
    vertices = approximate_polygon(ring, 0)[:-1] + np.array([r0 - 1, c0 - 1])

    def iou(other: NDArray[np.bool_]) -> float:
        both = int((mask & other[r0:r1, c0:c1]).sum())
        return both / (int(mask.sum()) + int(other.sum()) - both)

    return Contour(
        vertices,
        float(mask.sum()),
        float(perimeter_crofton(np.pad(mask, 1), directions=4)),
        iou(whole),
        None if truth is None else iou(truth),
        method,
        box,
        mask,
    )


_METHODS: Mapping[str, Callable[[_Crop], NDArray[np.bool_]]] = {
    "random_walker": _by_random_walker,
    "watershed": _by_watershed,
    "geodesic": _by_geodesic,
}
CLASSIFIER = "classifier"
CONTOUR_METHODS = (*_METHODS, CLASSIFIER)
"""Names that `refine_contour` takes."""
