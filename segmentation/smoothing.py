"""From class probabilities to classes: smoothing, the best class, interpolation; for ``classifier.py``."""

from __future__ import annotations

from functools import partial

import numpy as np

from segmentation.engine import ready, run, threads
from segmentation.picture import Picture

__all__ = ["REACH", "best_class", "smooth_shares", "stretched_labels", "variance"]

REACH = 6
"""Pixels around a box that its smoothed probabilities depend on: a 7×7 window of 7×7 windows."""


def smooth_shares(shares: np.ndarray, guide: np.ndarray, softness: float) -> None:
    """Filter probabilities in place, each plane of a volume for itself.

    Parameters
    ----------
    shares : (k, *spatial) float32 array
    guide : (*spatial) float32 array
        The picture's brightness.
    softness : float
        Variance of brightness up to which a window counts as even.
    """
    planes = shares.reshape(shares.shape[0], -1, *shares.shape[-2:])
    guides = guide.reshape(-1, *guide.shape[-2:])
    if ready("smoothing"):
        from segmentation.smoothing_kernels import smooth
    else:
        from segmentation.smoothing_reference import smooth
    for z in range(len(guides)):
        part = np.ascontiguousarray(planes[:, z])
        smooth(part, np.ascontiguousarray(guides[z]), softness)
        planes[:, z] = part


def variance(picture: Picture) -> float:
    """Return the variance of a picture's brightness on its coarse grid, the same for every tile."""

    def measure() -> np.ndarray:
        cell = 8 if min(picture.shape[-2:]) >= 64 else 1
        return np.array(np.var(picture.level(None, cell), dtype=np.float64))

    return float(picture.derived("variance", measure))


def best_class(shares: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the index of the largest weighted share, the first among equals.

    Parameters
    ----------
    shares : (k, *spatial) float32 array
    weights : (k,) array

    Returns
    -------
    (*spatial) uint8 array
    """
    factors = np.asarray(weights, dtype=np.float32)
    flat = shares.reshape(len(shares), -1)
    if ready("smoothing"):
        from segmentation.smoothing_kernels import best_class as compiled

        out = np.empty(flat.shape[1], np.uint8)
        compiled(np.ascontiguousarray(flat), factors, out)
    else:
        out = (flat * factors[:, None]).argmax(0).astype(np.uint8)
    return out.reshape(shares.shape[1:])


def stretched_labels(
    shares: np.ndarray, weights: np.ndarray, stride: int, shape: tuple[int, ...]
) -> np.ndarray:
    """Interpolate the shares of every `stride`-th pixel and return the best class of every pixel.

    Parameters
    ----------
    shares : (k, *coarse) float32 array
        Of shape ``ceil(shape / stride)``.
    weights : (k,) array
    stride : int
    shape : tuple of int
        Of the picture. Along the first axis of a volume the nearest plane before is taken.

    Returns
    -------
    (*shape) uint8 array
    """
    factors = np.asarray(weights, dtype=np.float32)
    out = np.empty(
        (len(range(0, shape[0], stride)), *shape[1:]) if len(shape) == 3 else (1, *shape), np.uint8
    )
    coarse = shares if len(shape) == 3 else shares[:, None]
    if not ready("smoothing"):
        labels = best_class(coarse, factors)
        for axis in (1, 2):
            labels = labels.repeat(stride, axis).take(range(out.shape[axis]), axis)
        out = labels
    else:
        from segmentation.smoothing_kernels import stretch

        rows = max(stride, -(-out.shape[1] // (4 * threads())))
        run(
            [
                partial(
                    stretch,
                    np.ascontiguousarray(coarse[:, z]),
                    stride,
                    factors,
                    begin,
                    out[z, begin : begin + rows],
                )
                for z in range(out.shape[0])
                for begin in range(0, out.shape[1], rows)
            ]
        )
    return out.repeat(stride, 0)[: shape[0]] if len(shape) == 3 else out[0]
