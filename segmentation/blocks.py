"""`Blocks`: features of a small picture, laid out as the forest walks them; for ``stored_features.py``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from segmentation.engine import ready, run, threads
from segmentation.forest import Forest
from segmentation.tiles import Box, box_shape

__all__ = ["Blocks"]

SIDE = 8
"""Side of a block; the forest's kernels are made for it."""

BAND_VALUES = 16_777_216
"""Values of the planes that a thread computes at once, 64 MB: narrow bands compute the same halo again."""


class Blocks:
    """Features of 8×8 blocks of pixels: for each block one feature after the other, 64 values each.

    Planes would be gathered into blocks for every prediction; here that is done once. Rows and columns beyond
    the picture repeat the last one.

    Parameters
    ----------
    shape : tuple of int
        Of the picture, (rows, columns) or (planes, rows, columns).
    features : int
    """

    def __init__(self, shape: tuple[int, ...], features: int) -> None:
        self.shape, self.features = shape, features
        height, width = shape[-2:]
        self.grid = (shape[0] if len(shape) == 3 else 1, -(-height // SIDE), -(-width // SIDE))
        self.values = np.empty(
            (self.grid[0] * self.grid[1], self.grid[2], features * SIDE * SIDE), np.float32
        )

    def fill(self, compute: Callable[[Box, np.ndarray], np.ndarray]) -> None:
        """Compute all features, a band of rows at a time.

        Parameters
        ----------
        compute : callable
            Called with a box and a (F, *box shape) float32 array; returns that array with the box's planes.
        """
        depth, height, width = (1, *self.shape) if len(self.shape) == 2 else self.shape
        rows = min(
            -(-height // SIDE) * SIDE, max(SIDE, BAND_VALUES // (self.features * width) // SIDE * SIDE)
        )
        bands = [(z, begin) for z in range(depth) for begin in range(0, height, rows)]
        if len(self.shape) == 3:  # the filters' halo along z is dear: several planes at once
            self._fill_slabs(compute, max(1, 4 * BAND_VALUES // (self.features * height * width)))
            return
        workers = min(threads(), len(bands))

        def work(number: int) -> None:
            scratch = np.empty(self.features * rows * width, np.float32)
            for _, begin in bands[number::workers]:
                box = (slice(begin, min(begin + rows, height)), slice(0, width))
                size = (self.features, *box_shape(box))
                planes = compute(box, scratch[: int(np.prod(size))].reshape(size))
                self._put(planes, begin // SIDE)

        run([partial(work, number) for number in range(workers)])

    def _fill_slabs(self, compute: Callable[[Box, np.ndarray], np.ndarray], planes_at_once: int) -> None:
        depth, height, width = self.shape
        scratch = np.empty((self.features, min(planes_at_once, depth), height, width), np.float32)
        for begin in range(0, depth, planes_at_once):
            count = min(planes_at_once, depth - begin)
            part = scratch.reshape(-1)[: self.features * count * height * width]
            box = (slice(begin, begin + count), slice(0, height), slice(0, width))
            planes = compute(box, part.reshape(self.features, count, height, width))
            run(
                [
                    partial(self._put, np.ascontiguousarray(planes[:, z]), (begin + z) * self.grid[1])
                    for z in range(count)
                ]
            )

    def _put(self, planes: np.ndarray, first: int) -> None:
        """Lay out the planes of some rows from block row `first` on."""
        count = -(-planes.shape[1] // SIDE)
        target = self.values[first : first + count]
        if ready("forest"):
            from segmentation.forest_kernels import lay_out

            lay_out(planes, target)
            return
        missing = (count * SIDE - planes.shape[1], self.grid[2] * SIDE - planes.shape[2])
        padded = np.pad(planes, ((0, 0), (0, missing[0]), (0, missing[1])), mode="edge")
        cut = padded.reshape(self.features, count, SIDE, self.grid[2], SIDE)
        target[...] = cut.transpose(1, 3, 0, 2, 4).reshape(target.shape)

    def columns(self, indices: np.ndarray) -> np.ndarray:
        """Return the features of single pixels, (F, n) float32; `indices` are flat ones into the picture."""
        places = np.unravel_index(indices, self.shape)
        row, column = places[-2], places[-1]
        plane = places[0] if len(places) == 3 else np.zeros_like(row)
        block = (plane * self.grid[1] + row // SIDE) * self.grid[2] + column // SIDE
        pixel = row % SIDE * SIDE + column % SIDE
        by_block = self.values.reshape(-1, self.features, SIDE * SIDE)
        out = np.empty((self.features, len(indices)), np.float32)

        def job(first: int, last: int) -> None:
            out[:, first:last] = by_block[block[first:last], :, pixel[first:last]].T

        step = max(1, -(-len(indices) // (4 * threads())))
        run([partial(job, first, min(first + step, len(indices))) for first in range(0, len(indices), step)])
        return out

    def planes(self, box: Box) -> np.ndarray:
        """Return the planes of a box, (F, *box shape) float32, C-contiguous."""
        rows, columns = box[-2:]
        depth = box[0] if len(box) == 3 else slice(0, 1)
        size = (*self.grid, self.features, SIDE, SIDE)
        down = slice(rows.start // SIDE, -(-rows.stop // SIDE))
        across = slice(columns.start // SIDE, -(-columns.stop // SIDE))
        part = self.values.reshape(size)[depth, down, across]
        whole = part.transpose(3, 0, 1, 4, 2, 5).reshape(
            self.features, part.shape[0], part.shape[1] * SIDE, part.shape[2] * SIDE
        )
        top, left = down.start * SIDE, across.start * SIDE
        cut = whole[:, :, rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
        return np.ascontiguousarray(cut).reshape(self.features, *box_shape(box))

    def votes(self, forest: Forest) -> np.ndarray:
        """Return the votes of every pixel, (k, *spatial), as `Forest.votes_on` does for planes."""
        depth, height, width = (1, *self.shape) if len(self.shape) == 2 else self.shape
        out = np.empty((forest.classes, depth * height, width), forest.votes.dtype)
        if not ready("forest"):
            box = tuple(slice(0, n) for n in self.shape)
            return forest.votes_on(self.planes(box))
        from segmentation.forest_kernels import vote_blocks

        total = len(self.values)
        step = max(1, -(-total // (8 * threads())))
        arrays = (self.values, forest.roots, forest.nodes, forest.votes, height)
        run(
            [
                partial(vote_blocks, *arrays, first, min(first + step, total), out)
                for first in range(0, total, step)
            ]
        )
        return out.reshape(forest.classes, *self.shape)
