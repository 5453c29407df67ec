"""From marks to labels of a volume, what is seen first; off the event loop, for volume_learning.py."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboards.parts.live_loop import Turn
from dashboards.parts.volume_state import REST
from data_sources.volumes import Volume
from segmentation.classifier import PixelClassifier
from segmentation.errors import Cancelled
from segmentation.volumes import VOLUME_BANK, VolumeSegmenter, clean_labels

__all__ = ["Found", "Request", "answer"]

Box = tuple[slice, ...]

# Smoothing of a step of the choice, mm.
SMOOTH_MM = 0.5


@dataclass(frozen=True, eq=False)
class Request:
    """What is asked: everything that decides about the answer, read when it is asked for.

    Attributes
    ----------
    volume : Volume
    marks : uint8 array
        Classes under strokes.
    point : (int, int, int)
        Voxel where the planes cross: answered first.
    method : str
        As `segmentation.volumes.VOLUME_METHODS` has it.
    values : (float, float) or None
        To grow over; None takes those that were marked.
    largest, fill : bool
    smooth : int
    names, colors : mapping of int to str
        Of the classes, for the model.
    """

    volume: Volume
    marks: NDArray[np.uint8] = field(repr=False)
    point: tuple[int, int, int]
    method: str
    values: tuple[float, float] | None
    largest: bool
    fill: bool
    smooth: int
    names: Mapping[int, str]
    colors: Mapping[int, str]


@dataclass(frozen=True, eq=False)
class Found:
    """Labels of a part of the volume, and how far the work is.

    Attributes
    ----------
    box : tuple of slice
    labels : uint8 array
        Class ids of `box`; 0 = the rest.
    done, total : int
        Parts that are done, of all.
    final : bool
        Whether this is the last word: whole, and tidied.
    seconds : float
        Since it was asked for.
    model : PixelClassifier or None
        The classifier that found it.
    """

    box: Box
    labels: NDArray[np.uint8] = field(repr=False)
    done: int
    total: int
    final: bool
    seconds: float
    model: Any = None


def answer(request: Request, turn: Turn) -> None:
    """Tell a `Found` for each part as it is done, the slices that are seen first, then the tidied whole.

    Parameters
    ----------
    request : Request
    turn : Turn
        Asked often whether a newer stroke has come, or this one was cancelled.
    """
    start = time.perf_counter()
    try:
        _answer(request, turn, start)
    except Cancelled:
        return


def _answer(request: Request, turn: Turn, start: float) -> None:
    classifier = None
    if request.method == "classifier":
        classifier = PixelClassifier(
            VOLUME_BANK,
            prior_strength=0,
            self_training=0,
            smoothing=0,
            class_names=dict(request.names),
            class_colors=dict(request.colors),
        )
    segmenter = VolumeSegmenter(
        request.volume,
        request.marks,
        method=request.method,
        background=REST,
        window=request.values if request.method == "region growing" else None,
        classifier=classifier,
        cancelled=lambda: turn.stale,
    )
    labels = np.zeros(request.volume.shape, np.uint8)

    def tell(box: Box, part: NDArray[np.uint8], done: int, total: int, final: bool = False) -> None:
        seconds = time.perf_counter() - start
        turn.tell(Found(box, part, done, total, final, seconds, segmenter.classifier))

    whole = tuple(slice(0, one) for one in labels.shape)
    if request.method == "classifier":
        for axis in range(3):
            seen = list(whole)
            seen[axis] = slice(request.point[axis], request.point[axis] + 1)
            tell(tuple(seen), segmenter.box(tuple(seen)), 0, 1)
    done = total = 1
    for box, part, done, total in segmenter.blocks(request.point):
        labels[box] = part
        tell(box, part, done, total)
    made = clean_labels(
        labels,
        largest=request.largest,
        fill_holes=request.fill,
        smooth=SMOOTH_MM * request.smooth,
        spacing=request.volume.spacing,
        scribbles=segmenter.scribbles,
        cancelled=lambda: turn.stale,
    )
    tell(whole, made, done, total, final=True)
