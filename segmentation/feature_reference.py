"""The planes by scikit-image and SciPy: the answer until kernels are compiled; called by ``features.py``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import combinations_with_replacement

import numpy as np

from segmentation.context import fill_context
from segmentation.engine import run
from segmentation.features import DIFFERENCE_RATIO, INNER_SIGMA, TRUNCATE, Plane
from segmentation.picture import Picture
from segmentation.tiles import Box, grown, inside

__all__ = ["fill"]


def fill(
    picture: Picture,
    groups: Sequence[tuple[int | None, Sequence[Plane]]],
    box: Box,
    halo: Sequence[int],
    out: np.ndarray,
) -> None:
    """Write the planes of every group (see `FeatureBank.groups`) in the box into `out`."""
    wide = grown(box, [length + 2 for length in halo], picture.shape)
    part = inside(box, wide)
    jobs: list[Callable[[], None]] = []
    first = 0
    for channel, planes in groups:
        target = out[first : first + len(planes)]
        first += len(planes)
        context = [(i, plane) for i, plane in enumerate(planes) if plane.family.startswith("context")]
        if context:
            jobs.append(partial(fill_context, picture, channel, box, context, target))
        exact = [(i, plane) for i, plane in enumerate(planes) if not plane.family.startswith("context")]
        if exact:
            values = picture.read(wide, channel)
            for sigma in sorted({plane.sigma for _, plane in exact}, reverse=True):
                chosen = [(i, plane) for i, plane in exact if plane.sigma == sigma]
                jobs.append(partial(_fill_scale, values, picture.spacing, sigma, chosen, part, target))
    run(jobs)


def _fill_scale(
    values: np.ndarray,
    spacing: tuple[float, ...],
    sigma: float,
    planes: Sequence[tuple[int, Plane]],
    part: Box,
    target: np.ndarray,
) -> None:
    blurred = _blur(values, sigma, spacing)
    made: dict[str, list[np.ndarray]] = {}
    for index, plane in planes:
        if plane.family not in made:
            made[plane.family] = _family(plane.family, values, blurred, sigma, spacing)
        target[index] = made[plane.family][plane.rank][part]


def _blur(values: np.ndarray, sigma: float, spacing: tuple[float, ...]) -> np.ndarray:
    from scipy.ndimage import gaussian_filter

    return gaussian_filter(values, [sigma / step for step in spacing], mode="nearest", truncate=TRUNCATE)


def _family(
    family: str, values: np.ndarray, blurred: np.ndarray, sigma: float, spacing: tuple[float, ...]
) -> list[np.ndarray]:
    """Return the planes of one family at one scale, one a rank."""
    if family in ("intensity", "mean"):
        return [blurred]
    if family == "edges":
        return [_sobel(blurred, spacing)]
    if family == "deviation":
        return [np.sqrt(np.maximum(_blur(values * values, sigma, spacing) - blurred * blurred, 0))]
    if family == "difference":
        return [blurred - _blur(values, sigma * DIFFERENCE_RATIO, spacing)]
    if family == "gradient":
        return [np.sqrt(np.sum(np.square(_slopes(blurred, spacing)), axis=0))]
    if family == "laplacian":
        slopes = _slopes(blurred, spacing)
        return [np.sum([_slope(slope, axis, spacing) for axis, slope in enumerate(slopes)], axis=0)]
    if family == "structure":
        slopes = _slopes(_blur(values, INNER_SIGMA, spacing), spacing)
        tensor = [_blur(a * b, sigma, spacing) for a, b in combinations_with_replacement(slopes, 2)]
        return [np.sqrt(np.maximum(plane, 0)) for plane in _eigenvalues(tensor)]
    slopes = _slopes(blurred, spacing)
    pairs = combinations_with_replacement(range(values.ndim), 2)
    return _eigenvalues([_slope(slopes[a], b, spacing) for a, b in pairs])


def _slope(values: np.ndarray, axis: int, spacing: tuple[float, ...]) -> np.ndarray:
    if values.shape[axis] == 1:  # numpy.gradient wants two; one plane has no slope
        return np.zeros_like(values)
    return np.gradient(values, axis=axis) / np.float32(spacing[axis])


def _slopes(values: np.ndarray, spacing: tuple[float, ...]) -> list[np.ndarray]:
    return [_slope(values, axis, spacing) for axis in range(values.ndim)]


def _sobel(values: np.ndarray, spacing: tuple[float, ...]) -> np.ndarray:
    from skimage.filters import sobel

    if len(set(spacing)) == 1:
        return sobel(values) / np.float32(spacing[0])
    squares = (np.square(sobel(values, axis=axis) / np.float32(step)) for axis, step in enumerate(spacing))
    return np.sqrt(sum(squares) / np.float32(values.ndim))


def _eigenvalues(tensor: list[np.ndarray]) -> list[np.ndarray]:
    from skimage.feature import hessian_matrix_eigvals

    return [np.ascontiguousarray(plane, dtype=np.float32) for plane in hessian_matrix_eigvals(tensor)]
