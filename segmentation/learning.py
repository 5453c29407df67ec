"""How a classifier learns from strokes, in two rounds; called by ``classifier.py`` and validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from segmentation.backends import Model, fit_backend, shares_at
from segmentation.prior import class_weights, estimate_shares
from segmentation.rows import LabelledPixels
from segmentation.stored_features import StoredFeatures

__all__ = ["CONFIDENT", "OWN_BACKEND", "Fitted", "learn", "samples_of"]

OWN_BACKEND = "brush forest"
"""The engine's own forest."""

SCOUT_OPTIONS = {"trees": 32, "per_tree": 1500}
"""A forest of smaller trees: for the first answer to a stroke, and for the first of two rounds."""

CONFIDENT = 0.6
"""Probability from which an unlabelled pixel of the sample grid may serve as a sample of its class."""


@dataclass(frozen=True)
class Fitted:
    """All that was learned.

    Attributes
    ----------
    model : Model
    class_ids : (k,) uint8 array
        Ascending.
    stroke_shares : (k,) float64 array
        Share of each class among the samples of the last round.
    channels, ndim : int
        Of the pictures learned from.
    channel_axis : int or None
        Negative: counted from the last axis.
    """

    model: Model
    class_ids: np.ndarray
    stroke_shares: np.ndarray
    channels: int
    ndim: int
    channel_axis: int | None


def samples_of(stored: Sequence[StoredFeatures], chosen: Sequence[LabelledPixels]) -> np.ndarray:
    """Return the features of chosen pixels, (F, N) float32, picture after picture."""
    used = [(one, part) for one, part in zip(stored, chosen, strict=True) if len(part.indices)]
    return np.concatenate([one.columns(part.indices) for one, part in used], axis=1)


def learn(
    stored: Sequence[StoredFeatures],
    chosen: Sequence[LabelledPixels],
    class_ids: np.ndarray,
    *,
    backend: str,
    options: Mapping[str, Any],
    self_training: float,
    prior_strength: float,
    seed: int,
    quick: bool,
) -> Fitted:
    """Learn from chosen pixels.

    Strokes are few and close together. So a first forest looks at the pictures' sample grids, and the pixels
    there that it is sure of join the strokes in a second round (self-training; Yarowsky, ACL 1995): samples
    from all over the pictures, the classes in shares nearer to the pictures' own.

    Parameters
    ----------
    stored, chosen : sequences
        Pictures, and their labelled pixels (`segmentation.rows.choose`).
    class_ids : (k,) uint8 array
    backend, options, self_training, prior_strength, seed
        See `PixelClassifier`.
    quick : bool
        One round, and a small forest if it is the engine's own.

    Returns
    -------
    Fitted

    Raises
    ------
    BackendError
        The backend failed.
    """
    count = len(class_ids)
    samples = samples_of(stored, chosen)
    classes = np.searchsorted(class_ids, np.concatenate([part.ids for part in chosen])).astype(np.uint8)
    shares = np.bincount(classes, minlength=count) / len(classes)
    two_rounds = self_training > 0 and not quick
    scout = {**options, **SCOUT_OPTIONS} if backend == OWN_BACKEND and (quick or two_rounds) else options
    model = fit_backend(backend, samples, classes, count, seed, scout)
    if two_rounds:
        grid = np.concatenate(
            [one.sample() for one, part in zip(stored, chosen, strict=True) if len(part.indices)], axis=1
        )
        more, found = _confident(
            model, grid, shares, prior_strength, round(self_training * len(classes)), seed
        )
        samples, classes = np.concatenate([samples, grid[:, more]], axis=1), np.concatenate([classes, found])
        shares = np.bincount(classes, minlength=count) / len(classes)
        model = fit_backend(backend, samples, classes, count, seed + 1, options)
    picture = stored[0].picture
    axis = None if picture.channel_axis is None else picture.channel_axis - picture.ndim - 1
    return Fitted(model, class_ids, shares, picture.channels, picture.ndim, axis)


def _confident(
    model: Model, grid: np.ndarray, stroke_shares: np.ndarray, strength: float, count: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return confident pixels of the sample grid and their classes, at most `count`."""
    proba = shares_at(model, grid)
    weights = class_weights(estimate_shares(proba, stroke_shares), stroke_shares, strength)
    proba = proba * weights[:, None]
    proba /= proba.sum(0)
    confident = np.flatnonzero(proba.max(0) > CONFIDENT)
    drawn = np.random.default_rng(seed).permutation(len(confident))[:count]
    confident = confident[np.sort(drawn)]
    return confident, proba[:, confident].argmax(0).astype(np.uint8)
