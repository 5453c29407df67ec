"""`JoinedFeatures`: a bank and a network of the user's own side by side; for dashboards and scripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from segmentation.picture import Picture
from segmentation.stored_features import FeatureExtractor
from segmentation.tiles import Box, box_shape, whole

__all__ = ["JoinedFeatures"]


@dataclass(frozen=True)
class JoinedFeatures:
    """Features of several extractors, one after the other.

    Parameters
    ----------
    parts : tuple of FeatureExtractor
        In the order of their features.
    """

    parts: tuple[FeatureExtractor, ...]

    def count(self, channels: int = 1, ndim: int = 2) -> int:
        """Return the number of features."""
        return sum(part.count(channels, ndim) for part in self.parts)

    def names(self, channels: int = 1, ndim: int = 2) -> tuple[str, ...]:
        """Return a name for each."""
        return tuple(name for part in self.parts for name in part.names(channels, ndim))

    def halo(self, ndim: int = 2, spacing: Sequence[float] | None = None) -> tuple[int, ...]:
        """Return how many pixels around a box its features depend on, along each axis."""
        return tuple(map(max, zip(*(part.halo(ndim, spacing) for part in self.parts), strict=True)))

    def check(self, picture: Picture) -> None:
        """Raise SegmentationError when this picture does not suit one of the parts."""
        for part in self.parts:
            part.check(picture)

    def compute(self, image: Any, *, box: Box | None = None, out: np.ndarray | None = None) -> np.ndarray:
        """Return (F, *box shape) float32; an array is taken as grey, or with channels last."""
        axis = -1 if not isinstance(image, Picture) and np.ndim(image) == 3 else None
        picture = image if isinstance(image, Picture) else Picture(image, axis)
        box = whole(picture.shape) if box is None else box
        if out is None:
            out = np.empty((self.count(picture.channels, picture.ndim), *box_shape(box)), np.float32)
        first = 0
        for part in self.parts:
            past = first + part.count(picture.channels, picture.ndim)
            part.compute(picture, box=box, out=out[first:past])
            first = past
        return out
