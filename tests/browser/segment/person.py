"""Strokes that somebody would draw who knows what is to be seen: inside a class, from a given place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage as ndi
from skimage.graph import MCP_Geometric

__all__ = ["path_inside", "roomiest"]

ROOM = 0.7
"""Pixels between the brush and the border of the class, at least."""


def path_inside(
    truth: NDArray[np.uint8],
    class_id: int,
    near: tuple[float, float],
    width: float,
    length: float,
    edge: float = np.inf,
) -> list[tuple[float, float]]:
    """Return (x, y) corners of a stroke of a class that begins near a place and stays inside the class.

    Parameters
    ----------
    truth : uint8 array
    class_id : int
    near : (row, col)
    width : float
        Of the brush, pixels.
    length : float
        At most; a small region is left by none.
    edge : float
        Pixels that the stroke keeps to along the border of the class.
    """
    depth = ndi.distance_transform_edt(np.pad(truth == class_id, 1))[1:-1, 1:-1]
    room = (depth >= width / 2 + ROOM) & (depth <= width / 2 + ROOM + edge)
    rows, cols = np.nonzero(room)
    first = np.argmin((rows - near[0]) ** 2 + (cols - near[1]) ** 2)
    walk = MCP_Geometric(np.where(room, 1.0, np.inf), fully_connected=True)
    cost, _ = walk.find_costs([(rows[first], cols[first])])
    cost = np.where(np.isfinite(cost) & (cost <= length), cost, -1)
    path = walk.traceback(np.unravel_index(int(cost.argmax()), cost.shape))
    kept = [*path[:-1:3], path[-1]]
    return [(float(col), float(row)) for row, col in kept]


def roomiest(truth: NDArray[np.uint8], class_id: int, count: int) -> list[tuple[int, int]]:
    """Return the middles of the widest places of a class, well apart: where a person would begin."""
    depth = ndi.distance_transform_edt(np.pad(truth == class_id, 1))[1:-1, 1:-1]
    apart = min(truth.shape) // 4
    found: list[tuple[int, int]] = []
    for _ in range(count):
        row, col = np.unravel_index(int(depth.argmax()), depth.shape)
        found.append((int(row), int(col)))
        rows, cols = np.ogrid[: truth.shape[0], : truth.shape[1]]
        depth[(rows - row) ** 2 + (cols - col) ** 2 < apart**2] = 0
    return found
