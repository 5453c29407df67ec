"""Labels → samples to learn from: checked, and capped a class; called by ``classifier.py``, validation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from segmentation.errors import SegmentationError
from segmentation.limits import MAX_CLASSES

__all__ = ["LabelledPixels", "checked_labels", "choose", "labelled_pixels"]


@dataclass(frozen=True)
class LabelledPixels:
    """The labelled pixels of one picture: sorted flat indices, and their class ids."""

    indices: np.ndarray
    ids: np.ndarray


def checked_labels(labels: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Return a label map as uint8 after checking it.

    Parameters
    ----------
    labels : array_like
        Integers 0..`MAX_CLASSES`, 0 = no label.
    shape : tuple of int
        Shape of the picture without channels.

    Raises
    ------
    SegmentationError
        Another shape, no integers, or values out of range.
    """
    array = np.asarray(labels)
    if array.shape != tuple(shape):
        raise SegmentationError(
            f"the labels have shape {array.shape}, the image {tuple(shape)} without its channels"
        )
    if array.dtype.kind not in "bui":
        raise SegmentationError(f"labels are integers 0..{MAX_CLASSES}, not {array.dtype}")
    if array.size and (array.min() < 0 or array.max() > MAX_CLASSES):
        raise SegmentationError(
            f"labels are 0 (none) and class ids 1..{MAX_CLASSES}; these span {array.min()}..{array.max()}. "
            "Number the classes from 1."
        )
    return array.astype(np.uint8, copy=False)


def labelled_pixels(labels: np.ndarray) -> LabelledPixels:
    """Return the labelled pixels of a checked label map."""
    flat = labels.ravel()
    indices = np.flatnonzero(flat)
    return LabelledPixels(indices, flat[indices])


def choose(
    pixels: Sequence[LabelledPixels], limit: int, seed: int
) -> tuple[list[LabelledPixels], np.ndarray]:
    """Choose the samples to learn from: at most `limit`, the classes' shares as equal as their pixels allow.

    The choice goes by a hash of picture and pixel. So it is random, but a stroke more replaces few of the
    samples chosen before, and features that are kept stay useful.

    Parameters
    ----------
    pixels : sequence of LabelledPixels
        One a picture.
    limit : int
        Samples in all.
    seed : int

    Returns
    -------
    chosen : list of LabelledPixels
        One a picture.
    class_ids : (k,) uint8 array
        Classes that have labels, ascending.

    Raises
    ------
    SegmentationError
        No label at all, or labels of one class only.
    """
    ids = np.concatenate([p.ids for p in pixels]) if pixels else np.empty(0, np.uint8)
    class_ids = np.unique(ids)
    if len(class_ids) == 0:
        raise SegmentationError("there is no labelled pixel; draw a stroke for each of two classes")
    if len(class_ids) == 1:
        raise SegmentationError(
            f"all labels are of class {class_ids[0]}; draw at least one stroke of a second class"
        )
    owner = np.repeat(np.arange(len(pixels)), [len(p.ids) for p in pixels])
    places = np.concatenate([p.indices for p in pixels])
    rank = _hash(places, owner, seed)
    keep = np.zeros(len(ids), bool)
    room, left = limit, len(class_ids)
    for class_id in sorted(class_ids, key=lambda value: int(np.count_nonzero(ids == value))):
        members = np.flatnonzero(ids == class_id)
        count = min(len(members), room // left)
        if count < len(members):
            members = members[np.argpartition(rank[members], count)[:count]]
        keep[members] = True
        room, left = room - count, left - 1
    chosen = []
    for number in range(len(pixels)):
        mine = np.flatnonzero(keep & (owner == number))
        chosen.append(LabelledPixels(places[mine], ids[mine]))
    return chosen, class_ids


def _hash(places: np.ndarray, owner: np.ndarray, seed: int) -> np.ndarray:
    """Return SplitMix64 of (seed, picture, pixel)."""
    with np.errstate(over="ignore"):
        z = places.astype(np.uint64) + (owner.astype(np.uint64) << np.uint64(40))
        z += np.uint64(seed % 2**32) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))
