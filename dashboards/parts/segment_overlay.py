"""What lies over the image on the segmentation page: labels, outlines, levels of a number; pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from segmentation.annotations import AnnotationClass

__all__ = ["LEVELS", "class_colors", "feature_levels", "outlines", "ramp", "share_levels"]

LEVELS = 32
"""Steps of a number shown as colour: the palette PNG packs few steps well, and eyes tell no more apart."""

# Of uncertainty: from nothing over magenta to yellow, seen on grey and on colour alike.
_HEAT = (
    (0.0, (70, 0, 110, 0)),
    (0.35, (200, 30, 120, 150)),
    (0.7, (250, 140, 40, 220)),
    (1.0, (255, 240, 120, 255)),
)
_GREY = ((0.0, (0, 0, 0, 255)), (1.0, (255, 255, 255, 255)))


def class_colors(classes: Iterable[AnnotationClass]) -> dict[int, str]:
    """Return the colour of each class id."""
    return {one.id: one.color for one in classes}


def outlines(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Keep the pixels of each class that touch, by a side, one of another class.

    Parameters
    ----------
    labels : ndarray of uint8, (rows, cols)

    Returns
    -------
    ndarray of uint8, shape of `labels`
        Their classes, and 0 elsewhere.
    """
    border = np.zeros(labels.shape, bool)
    down, across = labels[1:] != labels[:-1], labels[:, 1:] != labels[:, :-1]
    border[1:] |= down
    border[:-1] |= down
    border[:, 1:] |= across
    border[:, :-1] |= across
    return np.where(border, labels, np.uint8(0))


def share_levels(shares: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Cut numbers of 0 to 1 into levels 0 … `LEVELS` - 1."""
    return np.minimum(shares * LEVELS, LEVELS - 1).astype(np.uint8)


def feature_levels(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Cut the values of a feature into levels, between their percentiles 1 and 99."""
    low, high = np.percentile(values[:: max(1, values.shape[0] // 512)], (1, 99))
    span = high - low if high > low else 1.0
    return share_levels(np.clip((values - low) / span, 0, 1).astype(np.float32))


def ramp(color: str | None = None, heat: bool = False) -> dict[int, tuple[int, int, int, int]]:
    """Return the colour of each level: from nothing to a class's colour, of heat, or grey and opaque.

    Parameters
    ----------
    color : str, optional
        "#rrggbb" of a class.
    heat : bool
        Of uncertainty.
    """
    if color is not None:
        rgb = tuple(int(color[at : at + 2], 16) for at in (1, 3, 5))
        stops: Sequence[tuple[float, tuple[int, ...]]] = ((0.0, (*rgb, 0)), (1.0, (*rgb, 255)))
    else:
        stops = _HEAT if heat else _GREY
    at = [place for place, _ in stops]
    found = np.stack(
        [np.interp(np.linspace(0, 1, LEVELS), at, [one[part] for _, one in stops]) for part in range(4)], 1
    )
    return {level: tuple(int(part) for part in row) for level, row in enumerate(np.rint(found))}  # type: ignore[misc]
