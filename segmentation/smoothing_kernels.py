"""Compiled guided filter on class probabilities; called by ``smoothing.py`` alone.

He, Sun, Tang: Guided image filtering, PAMI 35 (2013). In each window the probabilities are fitted by a line
of the picture's brightness, and a pixel takes the mean of its windows' fits: single odd pixels vanish, edges
that the picture has stay.
"""

from __future__ import annotations

import numpy as np
from numba import njit

RADIUS = 3
"""Windows have 7×7 pixels."""

CHUNK = 4096
"""Pixels decided at once: their best shares stay in the first-level cache."""


@njit(nogil=True, cache=True)
def _window_mean(values: np.ndarray, across: np.ndarray, out: np.ndarray) -> None:
    """Mean over a window, the border repeated; always added in the same order, so that tiles agree.

    Parameters
    ----------
    values, out : (H, W) float32 arrays
    across : (W + 2 * RADIUS,) float32 array
        Scratch.
    """
    height, width = values.shape
    part = np.float32(1 / (2 * RADIUS + 1) ** 2)
    middle = across[RADIUS : RADIUS + width]
    for y in range(height):
        middle[:] = values[y]
        for step in range(1, RADIUS + 1):
            up, down = values[max(y - step, 0)], values[min(y + step, height - 1)]
            for x in range(width):
                middle[x] += up[x] + down[x]
        across[:RADIUS] = middle[0]
        across[RADIUS + width :] = middle[width - 1]
        line = out[y]
        for x in range(width):
            total = across[x + RADIUS]
            for step in range(1, RADIUS + 1):
                total += across[x + RADIUS - step] + across[x + RADIUS + step]
            line[x] = total * part


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
    across = np.empty(width + 2 * RADIUS, np.float32)
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


@njit(nogil=True, cache=True)
def best_class(shares: np.ndarray, weights: np.ndarray, out: np.ndarray) -> None:
    """Write the index of the largest weighted share, the first among equals.

    Parameters
    ----------
    shares : (k, N) float32 array
    weights : (k,) float32 array
    out : (N,) uint8 array
        Written in place.
    """
    classes, pixels = shares.shape
    best = np.empty(CHUNK, np.float32)
    for begin in range(0, pixels, CHUNK):
        count = min(CHUNK, pixels - begin)
        for i in range(count):
            best[i] = shares[0, begin + i] * weights[0]
            out[begin + i] = 0
        for c in range(1, classes):
            share, weight = shares[c], weights[c]
            for i in range(count):
                value = share[begin + i] * weight
                more = value > best[i]
                best[i] = value if more else best[i]
                out[begin + i] = np.uint8(c) if more else out[begin + i]


@njit(nogil=True, cache=True)
def stretch(coarse: np.ndarray, stride: int, weights: np.ndarray, begin: int, out: np.ndarray) -> None:
    """Interpolate coarse shares linearly and write the largest weighted one, for some rows of a picture.

    Parameters
    ----------
    coarse : (k, h, w) float32 array
        Shares of every `stride`-th pixel of every `stride`-th row.
    weights : (k,) float32 array
    begin : int
        First row to write.
    out : (rows, W) uint8 array
        Written in place.
    """
    classes, height, width = coarse.shape
    rows, columns = out.shape
    line, best = np.empty(width + 1, np.float32), np.empty(columns + stride, np.float32)
    for row in range(rows):
        above = min((begin + row) // stride, height - 1)
        below = min(above + 1, height - 1)
        part = np.float32(((begin + row) % stride) / stride)
        best[:] = -1
        target = out[row]
        for c in range(classes):
            up, down, weight = coarse[c, above], coarse[c, below], weights[c]
            for x in range(width):
                line[x] = (up[x] + (down[x] - up[x]) * part) * weight
            line[width] = line[width - 1]
            for x in range(width):
                left, step = line[x], (line[x + 1] - line[x]) / np.float32(stride)
                for i in range(min(stride, columns - x * stride)):
                    value = left + step * np.float32(i)
                    if value > best[x * stride + i]:
                        best[x * stride + i] = value
                        target[x * stride + i] = c


def compile_all() -> None:
    """Compile the kernels, or load them from the cache, by calling them on a tiny picture."""
    shares, one = np.zeros((1, 3, 3), np.float32), np.ones(1, np.float32)
    smooth(shares, np.zeros((3, 3), np.float32), 1.0)
    best_class(shares.reshape(1, 9), one, np.empty(9, np.uint8))
    stretch(shares, 2, one, 0, np.empty((5, 5), np.uint8))
