"""What lies over an image: maps of small numbers, drawn by the browser as pictures of a few colours."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboards.parts.image_look import palette_uri
from dashboards.parts.limits import IMAGE_WHOLE_PIXELS
from segmentation.strokes import Box

__all__ = ["Overlay"]

# Image pixels between overlays that lie in the same place: too little to be seen.
OVERLAY_SHIFT = 1e-4


@dataclass(frozen=True)
class Overlay:
    """A map of small numbers stretched over a part of an image.

    Attributes
    ----------
    indexed : ndarray of uint8, (rows, cols)
        Numbers that stand for colours, of any resolution.
    colors : mapping of int to str or tuple
        Number to colour; numbers without one are transparent.
    box : Box
        Pixels of the image that it covers.
    opacity : float
        0 to 1.
    shown : bool
        Whether it is seen.
    """

    indexed: NDArray[np.uint8]
    colors: Mapping[int, Any]
    box: Box
    opacity: float
    shown: bool = True

    @property
    def large(self) -> bool:
        """Whether only its visible part is sent."""
        return self.indexed.size > IMAGE_WHOLE_PIXELS

    def same(self, other: Overlay) -> bool:
        """Whether both are the same array, shown in the same way."""
        mine, its = ((one.colors, one.box, one.opacity, one.shown) for one in (self, other))
        return self.indexed is other.indexed and mine == its

    def layout_image(self, place: int, step: int, seen: Box) -> dict[str, Any]:
        """Return the overlay as one of Plotly's layout images.

        Parameters
        ----------
        place : int
            Among the overlays of the picture.
        step : int
            Image pixels that a pixel of the screen shows.
        seen : Box
            Visible part of the image.
        """
        indexed, (row0, col0, row1, col1) = self._cut(step, seen) if self.large else (self.indexed, self.box)
        return {
            "source": palette_uri(indexed, self.colors) if self.shown else "",
            "xref": "x",
            "yref": "y",
            # plotly.js tells layout images apart by their place: a second one in the same place is not drawn.
            "x": col0 - 0.5 + place * OVERLAY_SHIFT,
            "y": row0 - 0.5,
            "sizex": col1 - col0,
            "sizey": row1 - row0,
            "sizing": "stretch",
            "layer": "above",
            "opacity": self.opacity,
            "visible": self.shown,
        }

    def _cut(self, step: int, seen: Box) -> tuple[NDArray[np.uint8], Box]:
        """Cut out what is visible, at screen resolution."""
        row0, col0, row1, col1 = self.box
        rows, cols = self.indexed.shape
        down, across = (row1 - row0) / rows, (col1 - col0) / cols
        first_row = max(0, math.floor((seen[0] - row0) / down))
        first_col = max(0, math.floor((seen[1] - col0) / across))
        past_row = min(rows, math.ceil((seen[2] - row0) / down))
        past_col = min(cols, math.ceil((seen[3] - col0) / across))
        if first_row >= past_row or first_col >= past_col:
            return np.zeros((1, 1), np.uint8), (0, 0, 1, 1)
        # Whole steps: the last one may reach beyond the overlay's edge, which hides behind the picture's.
        every = max(1, int(step / max(down, across)))
        part = self.indexed[first_row:past_row, first_col:past_col]
        part = part[every // 2 :: every, every // 2 :: every] if min(part.shape) > every else part[:1, :1]
        return part, (
            row0 + round(first_row * down),
            col0 + round(first_col * across),
            row0 + round((first_row + part.shape[0] * every) * down),
            col0 + round((first_col + part.shape[1] * every) * across),
        )
