"""`StoredFeatures`: the features of one picture, computed where asked for, kept where that is cheap."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial
from itertools import product
from typing import Any, Protocol

import numpy as np

from segmentation.blocks import Blocks
from segmentation.engine import run
from segmentation.errors import SegmentationError
from segmentation.limits import SAMPLE_PIXELS, TILE_PIXELS, WHOLE_STACK_PIXELS
from segmentation.picture import Picture
from segmentation.tiles import Box, box_shape, tiles

__all__ = ["FeatureExtractor", "StoredFeatures", "sample_indices"]

LABEL_TILE = {2: (128, 128), 3: (32, 64, 64)}
"""Tiles that are computed when they hold a label, cut down to the box around their labels."""

EVEN_GRID_PIXELS = 2_097_152
"""Pixels up to which a picture is sampled on an even grid; fixed, for it decides what is predicted."""

SAMPLE_BLOCK = {2: 64, 3: 16}
"""Side of the blocks in which a picture too large for an even grid is sampled."""


COARSE_TILE = 256
"""Side of the tiles in which a view is read: its features are computed in full, and most are dropped."""

KEPT_VIEWS = 2
"""Views of a large picture whose every few pixels are kept: the present one, and the one before a zoom."""


class FeatureExtractor(Protocol):
    """What turns a picture into features: `FeatureBank`, or anything with these methods."""

    def count(self, channels: int = 1, ndim: int = 2) -> int:
        """Return the number of features."""

    def names(self, channels: int = 1, ndim: int = 2) -> tuple[str, ...]:
        """Return a name for each."""

    def halo(self, ndim: int = 2, spacing: Sequence[float] | None = None) -> tuple[int, ...]:
        """Return how many pixels around a box its features depend on, along each axis."""

    def check(self, picture: Picture) -> None:
        """Raise SegmentationError when this picture does not suit."""

    def compute(self, image: Any, *, box: Box | None = None, out: np.ndarray | None = None) -> np.ndarray:
        """Return (F, *box shape) float32, the same values for a pixel whatever the box."""


class StoredFeatures:
    """Features of one picture.

    Parameters
    ----------
    picture : Picture
    extractor : FeatureExtractor
        Usually a `FeatureBank`.

    Notes
    -----
    Thread-safe. All planes are kept only when asked for (`keep_all`) and only below `WHOLE_STACK_PIXELS`; of
    larger pictures the columns under the labels are kept, and those of labels that are gone are dropped.
    """

    def __init__(self, picture: Picture, extractor: FeatureExtractor) -> None:
        extractor.check(picture)
        self.picture, self.extractor = picture, extractor
        self.count = extractor.count(picture.channels, picture.ndim)
        self._lock = threading.RLock()
        # Of its own: while a view is read, labels can be learned.
        self._view_lock = threading.Lock()
        self._blocks: Blocks | None = None
        self._coarse: dict[int, np.ndarray] = {}
        self._views: OrderedDict[Any, np.ndarray] = OrderedDict()
        self._indices = np.empty(0, np.int64)
        self._columns = np.empty((self.count, 0), np.float32)
        self._sample: np.ndarray | None = None

    @property
    def small(self) -> bool:
        """Whether all planes may be kept at once."""
        return int(np.prod(self.picture.shape)) <= WHOLE_STACK_PIXELS

    def keep_all(self) -> Blocks:
        """Compute all features and keep them.

        Returns
        -------
        Blocks
            Which `PixelClassifier.predict` walks.

        Raises
        ------
        SegmentationError
            When the picture has more than `WHOLE_STACK_PIXELS` pixels.
        """
        with self._lock:
            if self._blocks is None:
                if not self.small:
                    raise SegmentationError(
                        f"{self.picture.shape} pixels are too many to keep all {self.count} features of; "
                        f"at most {WHOLE_STACK_PIXELS}. Ask for boxes."
                    )
                blocks = Blocks(self.picture.shape, self.count)
                blocks.fill(lambda box, out: self.extractor.compute(self.picture, box=box, out=out))
                self._blocks = blocks
                self._indices = np.empty(0, np.int64)
                self._columns = np.empty((self.count, 0), np.float32)
            return self._blocks

    def box(self, box: Box) -> np.ndarray:
        """Return the planes of a box, (F, *box shape) float32, C-contiguous."""
        if self._blocks is not None:
            return self._blocks.planes(box)
        return self.extractor.compute(self.picture, box=box)

    def coarse(self, stride: int) -> np.ndarray:
        """Return every `stride`-th pixel of all planes, (F, *ceil(shape / stride)) float32, and keep all."""
        with self._lock:
            if stride not in self._coarse:
                axes = np.meshgrid(*(np.arange(0, n, stride) for n in self.picture.shape), indexing="ij")
                indices = np.ravel_multi_index(axes, self.picture.shape)
                columns = self.keep_all().columns(indices.ravel())
                self._coarse[stride] = columns.reshape(self.count, *indices.shape)
            return self._coarse[stride]

    def coarse_box(self, box: Box, stride: int) -> np.ndarray:
        """Return every `stride`-th pixel of the planes of a box, (F, *ceil(box shape / stride)) float32.

        The last few that were asked for are kept: a stroke after the other is answered for the same view.
        """
        place = (tuple((part.start, part.stop) for part in box), stride)
        with self._view_lock:
            if place not in self._views:
                shape = box_shape(box)
                out = np.empty((self.count, *(-(-length // stride) for length in shape)), np.float32)
                side = max(stride, COARSE_TILE // stride * stride)

                def job(part: Box) -> None:
                    there = tuple(
                        slice(one.start + whole.start, one.stop + whole.start)
                        for one, whole in zip(part, box, strict=True)
                    )
                    here = tuple(slice(one.start // stride, -(-one.stop // stride)) for one in part)
                    every = (slice(None), *(slice(None, None, stride),) * len(shape))
                    out[(slice(None), *here)] = self.box(there)[every]

                run([partial(job, part) for part in tiles(shape, (side,) * len(shape))])
                self._views[place] = out
                while len(self._views) > KEPT_VIEWS:
                    self._views.popitem(last=False)
            self._views.move_to_end(place)
            return self._views[place]

    def bands(self) -> list[Box]:
        """Cut the picture into tiles, wide ones, whose features fit in a thread's share of memory."""
        shape = self.picture.shape
        columns = min(shape[-1], 2048)
        budget = max(1, TILE_PIXELS * 64 // (columns * max(self.count, 1)))
        if len(shape) == 2:
            return tiles(shape, (max(8, min(128, budget // 8 * 8)), columns))
        rows = min(shape[1], max(8, budget))
        return tiles(shape, (max(1, budget // rows), rows, columns))

    def columns(self, indices: np.ndarray) -> np.ndarray:
        """Return the features of single pixels.

        Parameters
        ----------
        indices : (n,) int array
            Sorted flat indices into the picture.

        Returns
        -------
        (F, n) float32 array
        """
        with self._lock:
            if self._blocks is None and self.small and self._labels_are_wide(indices):
                self.keep_all()
            if self._blocks is not None:
                return self._blocks.columns(indices)
            known = np.isin(indices, self._indices, assume_unique=True)
            columns = np.empty((self.count, len(indices)), np.float32)
            columns[:, known] = self._columns[:, np.searchsorted(self._indices, indices[known])]
            columns[:, ~known] = self._computed(indices[~known])
            self._indices, self._columns = indices.copy(), columns
            return columns

    def sample(self) -> np.ndarray:
        """Return the features on the picture's fixed grid (`sample_indices`), (F, m) float32."""
        with self._lock:
            if self._sample is None:
                indices = sample_indices(self.picture.shape)
                self._sample = self.keep_all().columns(indices) if self.small else self._computed(indices)
            return self._sample

    def _tiles_of(self, indices: np.ndarray) -> list[tuple[Box, np.ndarray]]:
        """Group pixels by tile: the box around them, and where in `indices` they are."""
        shape = self.picture.shape
        sides = LABEL_TILE[len(shape)]
        places = np.stack(np.unravel_index(indices, shape))
        numbers = np.ravel_multi_index(
            tuple(places // np.array(sides)[:, None]), [-(-n // s) for n, s in zip(shape, sides, strict=True)]
        )
        order = np.argsort(numbers, kind="stable")
        groups = np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1)
        boxes = [
            tuple(slice(int(row.min()), int(row.max()) + 1) for row in places[:, group]) for group in groups
        ]
        return list(zip(boxes, groups, strict=True))

    def _labels_are_wide(self, indices: np.ndarray) -> bool:
        """Whether the labelled tiles with their halo hold more pixels than the picture."""
        if len(indices) == 0:
            return False
        halo = self.extractor.halo(self.picture.ndim, self.picture.spacing)
        pixels = sum(
            np.prod([length + 2 * reach for length, reach in zip(box_shape(box), halo, strict=True)])
            for box, _ in self._tiles_of(indices)
        )
        return bool(pixels > np.prod(self.picture.shape))

    def _computed(self, indices: np.ndarray) -> np.ndarray:
        columns = np.empty((self.count, len(indices)), np.float32)
        if len(indices) == 0:
            return columns
        places = np.stack(np.unravel_index(indices, self.picture.shape))
        for box, group in self._tiles_of(indices):
            planes = self.extractor.compute(self.picture, box=box)
            offsets = tuple(row - part.start for row, part in zip(places[:, group], box, strict=True))
            columns[:, group] = planes[(slice(None), *offsets)]
        return columns


def sample_indices(shape: Sequence[int]) -> np.ndarray:
    """Return the pixels on which a picture's class shares are estimated: they depend on its shape alone.

    Parameters
    ----------
    shape : sequence of int
        Of the picture, channels not counted.

    Returns
    -------
    (m,) int64 array
        Sorted flat indices, about `SAMPLE_PIXELS`: an even grid, or for large pictures even grids in evenly
        spread blocks, so that features are computed only there.
    """
    pixels, ndim = int(np.prod(shape)), len(shape)
    if pixels <= EVEN_GRID_PIXELS:
        step = max(1, round((pixels / SAMPLE_PIXELS) ** (1 / ndim)))
        axes = [np.arange(min(step // 2, n - 1), n, step) for n in shape]
        return np.ravel_multi_index(np.meshgrid(*axes, indexing="ij"), tuple(shape)).ravel()
    side = SAMPLE_BLOCK[ndim]
    per_axis = round(64 ** (1 / ndim))
    step = max(1, round((per_axis**ndim * side**ndim / SAMPLE_PIXELS) ** (1 / ndim)))
    blocks = [
        [slice(max(0, int((i + 0.5) * n / per_axis) - side // 2), None) for i in range(per_axis)]
        for n in shape
    ]
    found = []
    for corner in product(*blocks):
        axes = [
            np.arange(part.start, min(part.start + side, n), step)
            for part, n in zip(corner, shape, strict=True)
        ]
        found.append(np.ravel_multi_index(np.meshgrid(*axes, indexing="ij"), tuple(shape)).ravel())
    return np.unique(np.concatenate(found))
