"""Rough loops around objects whose true outline is known, drawn five ways; for bench_contours and tests."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import ndimage as ndi
from skimage import data, filters, measure, morphology, segmentation

from segmentation.strokes import polygon_mask

__all__ = ["HANDS", "coins_by_gradient", "coins_by_otsu", "instances", "rough_loop"]

HANDS = ("too wide", "too tight", "aside", "wavy", "sloppy")
"""Ways to draw a bad loop; sloppy is wavy, too wide and aside at once."""


def coins_by_gradient() -> tuple[np.ndarray, np.ndarray]:
    """Picture and numbered coins, by scikit-image's own tutorial (watershed of the Sobel gradient)."""
    picture = data.coins()
    markers = np.zeros(picture.shape, int)
    markers[picture < 30] = 1
    markers[picture > 150] = 2
    filled = ndi.binary_fill_holes(segmentation.watershed(filters.sobel(picture), markers) - 1)
    numbered, _ = ndi.label(filled)
    numbered = morphology.remove_small_objects(numbered, max_size=300)
    return picture, segmentation.relabel_sequential(numbered)[0]


def coins_by_otsu() -> tuple[np.ndarray, np.ndarray]:
    """Picture and numbered coins, each by Otsu's threshold within 10 px around it, without any gradient."""
    picture, guess = coins_by_gradient()
    numbered = np.zeros_like(guess)
    for region in measure.regionprops(guess):
        r0, c0, r1, c1 = region.bbox
        window = (slice(max(r0 - 10, 0), r1 + 10), slice(max(c0 - 10, 0), c1 + 10))
        alone = np.isin(guess[window], (0, region.label))
        bright = (picture[window] > filters.threshold_otsu(picture[window][alone])) & alone
        parts, _ = ndi.label(ndi.binary_fill_holes(bright))
        held = np.bincount(parts[guess[window] == region.label])
        held[0] = 0
        numbered[window][parts == held.argmax()] = region.label
    return picture, numbered


def rough_loop(mask: np.ndarray, hand: str, rng: np.random.Generator, iou: float = 0.65) -> np.ndarray | None:
    """Draw badly around an object, as badly as `iou` says.

    Parameters
    ----------
    mask : bool array, (rows, cols)
        The object, with room around it.
    hand : str
        One of `HANDS`.
    rng : Generator
        Where the hand trembles.
    iou : float
        Intersection over union with the object that is aimed at.

    Returns
    -------
    float array (n, 2) of (row, col), or None when nothing is left of the loop
    """
    inward = ndi.distance_transform_edt(mask) - ndi.distance_transform_edt(~mask)
    radius = np.sqrt(mask.sum() / np.pi)
    angle = rng.uniform(0, 2 * np.pi)
    way = np.array([np.sin(angle), np.cos(angle)])
    tremble = ndi.gaussian_filter(rng.normal(size=mask.shape), max(0.35 * radius, 1.0), mode="wrap")
    tremble /= tremble.std()

    def drawn(much: float) -> np.ndarray | None:
        reach = much * radius
        if hand in ("aside", "sloppy"):
            aside = reach * (1 if hand == "aside" else 0.6) * way
            level = ndi.shift(inward, aside, order=1, mode="nearest")
            level += 0.1 * reach * tremble if hand == "aside" else 0.5 * reach * (1 + tremble)
        else:
            grown = {"too wide": 1 + 0.15 * tremble, "too tight": -1 - 0.15 * tremble, "wavy": tremble}[hand]
            level = inward + reach * grown
        loops = measure.find_contours(np.pad(level, 1, constant_values=-1e3), 0)
        return max(loops, key=_area) - 1 if loops else None

    low, high = 0.0, 2.0
    best, nearest = None, np.inf
    for _ in range(14):  # the loop gets worse the more it is off: halve until it is as bad as asked
        much = (low + high) / 2
        loop = drawn(much)
        found = 0.0
        if loop is not None and len(loop) > 3:
            inside = polygon_mask(loop, mask.shape)
            found = float((inside & mask).sum() / (inside | mask).sum())
            if abs(found - iou) < nearest:
                best, nearest = loop, abs(found - iou)
        low, high = (much, high) if found > iou else (low, much)
    return best


def instances(
    numbered: np.ndarray, every: int = 1, seed: int = 0
) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
    """Give the number of one object in `every`, and one loop a hand around it, in picture coordinates."""
    for region in measure.regionprops(numbered)[::every]:
        room = int(1.2 * np.sqrt(region.area / np.pi) + 4)
        corner = np.maximum(np.array(region.bbox[:2]) - room, 0)
        past = np.minimum(np.array(region.bbox[2:]) + room, numbered.shape)
        part = numbered[corner[0] : past[0], corner[1] : past[1]] == region.label
        loops = {}
        for place, hand in enumerate(HANDS):
            loop = rough_loop(part, hand, np.random.default_rng([seed, region.label, place]))
            if loop is not None:
                loops[hand] = loop + corner
        yield region.label, loops


def _area(loop: np.ndarray) -> float:
    rows, cols = loop[:, 0], loop[:, 1]
    return float(abs(np.sum(rows * np.roll(cols, -1) - cols * np.roll(rows, -1))) / 2)
