"""Compiled guided filter on class probabilities; called by ``classifier.py`` alone.

He, Sun, Tang: Guided image filtering, PAMI 35 (2013). In each 3×3 window the probabilities are fitted by a
line of the picture's brightness, and a pixel takes the mean of its windows' fits: single odd pixels vanish,
edges that the picture has stay.
"""

from __future__ import annotations

import numpy as np
from numba import njit

REACH = 2
"""Pixels around a box that its filtered probabilities depend on: a window of windows."""


@njit(nogil=True, cache=True)
def _window_mean(values: np.ndarray, across: np.ndarray, out: np.ndarray) -> None:
    """Mean over 3×3 pixels, the border repeated; always added in the same order."""
    height, width = values.shape
    ninth = np.float32(1 / 9)
    for y in range(height):
        up, here, down = values[max(y - 1, 0)], values[y], values[min(y + 1, height - 1)]
        for x in range(width):
            across[x] = (up[x] + down[x]) + here[x]
        line = out[y]
        for x in range(1, width - 1):
            line[x] = ((across[x - 1] + across[x + 1]) + across[x]) * ninth
        line[0] = ((across[0] + across[min(1, width - 1)]) + across[0]) * ninth
        line[width - 1] = ((across[max(width - 2, 0)] + across[width - 1]) + across[width - 1]) * ninth


@njit(nogil=True, cache=True)
def smooth(shares: np.ndarray, guide: np.ndarray, softness: float) -> None:
    """Filter probabilities in place, guided by a picture.

    Parameters
    ----------
    shares : (k, H, W) float32 array
        Probabilities, all of one plane of the picture.
    guide : (H, W) float32 array
        Brightness.
    softness : float
        Variance of brightness up to which a window counts as even.
    """
    classes, height, width = shares.shape
    across = np.empty(width, np.float32)
    mean, inverse = np.empty((height, width), np.float32), np.empty((height, width), np.float32)
    product, slope = np.empty((height, width), np.float32), np.empty((height, width), np.float32)
    soft, one = np.float32(softness), np.float32(1)
    for y in range(height):
        for x in range(width):
            product[y, x] = guide[y, x] * guide[y, x]
    _window_mean(guide, across, mean)
    _window_mean(product, across, inverse)
    for y in range(height):
        for x in range(width):
            inverse[y, x] = one / (max(inverse[y, x] - mean[y, x] * mean[y, x], np.float32(0)) + soft)
    average = np.empty((height, width), np.float32)
    for c in range(classes):
        share = shares[c]
        for y in range(height):
            for x in range(width):
                product[y, x] = guide[y, x] * share[y, x]
        _window_mean(product, across, slope)
        _window_mean(share, across, average)
        for y in range(height):
            for x in range(width):
                a = (slope[y, x] - mean[y, x] * average[y, x]) * inverse[y, x]
                slope[y, x] = a
                average[y, x] -= a * mean[y, x]
        _window_mean(slope, across, product)
        _window_mean(average, across, share)
        for y in range(height):
            for x in range(width):
                share[y, x] = max(product[y, x] * guide[y, x] + share[y, x], np.float32(0))


def compile_all() -> None:
    """Compile the kernel, or load it from the cache, by calling it on a tiny picture."""
    smooth(np.zeros((1, 3, 3), np.float32), np.zeros((3, 3), np.float32), 1.0)
