"""What a lasso, a box or a click on a map means as a predicate; pure functions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data_sources import AnyOf, InPolygon, IsIn, Predicate, Table
from data_sources.boundaries import LATITUDE, LONGITUDE

__all__ = ["region_predicate", "simplified"]

# A lasso of more corners makes a link long and looks no different; it takes them where it needs them.
_CORNERS = (32, 64, 128)


def region_predicate(
    ring: Sequence[tuple[float, float]], chosen: np.ndarray, table: Table, column: str
) -> Predicate | None:
    """Read a region drawn on a map.

    Parameters
    ----------
    ring : sequence of (longitude, latitude)
        Around it.
    chosen : ndarray of int
        The rows whose middles lie inside on the screen.
    table : Table
        Of the rows, with the columns `LONGITUDE` and `LATITUDE`.
    column : str
        Names the regions.

    Returns
    -------
    Predicate or None
        The polygon, where it says the same as the picture: then it has an outline that can be shown again,
        and a short link. Else, as around a pole, the regions by name. None for no region at all.
    """
    if not len(chosen):
        return None
    wanted = np.zeros(len(table), dtype=bool)
    wanted[chosen] = True
    around = _unwrapped(ring)
    for corners in (*(simplified(around, most) for most in _CORNERS), around):
        if len(corners) < 3:
            continue
        predicate = _in_polygon(corners)
        if np.array_equal(predicate.mask(table.frame), wanted):
            return predicate
    names = table.coding(column)
    return IsIn(column, tuple(names.keys[names.codes[np.sort(chosen)]]))


def simplified(ring: Sequence[tuple[float, float]], most: int) -> list[tuple[float, float]]:
    """Drop the corners that change a ring least, until few are left; rounded to a tenth of a degree or finer.

    Parameters
    ----------
    ring : sequence of (float, float)
    most : int
        Corners to keep.
    """
    corners = np.array(ring, dtype=float).reshape(-1, 2)
    while len(corners) > max(most, 3):
        before, after = np.roll(corners, 1, axis=0), np.roll(corners, -1, axis=0)
        one, two = corners - before, after - before
        areas = np.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0])
        corners = np.delete(corners, np.argmin(areas), axis=0)
    size = float(np.ptp(corners, axis=0).max()) if len(corners) else 1.0
    digits = max(1, int(np.ceil(2.5 - np.log10(size)))) if size > 0 else 3
    return [(round(float(lon), digits), round(float(lat), digits)) for lon, lat in corners]


def _unwrapped(ring: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Let longitudes run on over 180°, where a lasso crosses it."""
    corners = np.array(ring, dtype=float).reshape(-1, 2)
    if len(corners):
        corners[:, 0] = np.degrees(np.unwrap(np.radians(corners[:, 0])))
    return [(float(lon), float(lat)) for lon, lat in corners]


def _in_polygon(corners: Sequence[tuple[float, float]]) -> Predicate:
    """Return the polygon, and where it reaches over 180° its copy at the other end of the map."""
    inside = InPolygon(LONGITUDE, LATITUDE, tuple(corners))
    longitudes = [lon for lon, _ in corners]
    turns = [turn for turn, out in ((-360, max(longitudes) > 180), (360, min(longitudes) < -180)) if out]
    copies = [
        InPolygon(LONGITUDE, LATITUDE, tuple((lon + turn, lat) for lon, lat in corners)) for turn in turns
    ]
    return AnyOf((inside, *copies)) if copies else inside
