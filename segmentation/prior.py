"""How common each class is in a picture, and the weights that follow from it; called by ``classifier.py``.

Strokes give every class about the same number of pixels, pictures do not, so a classifier fitted on strokes
paints rare classes too often. The shares in the picture are estimated from the probabilities of unlabelled
pixels by expectation maximisation (Saerens, Latinne, Decaestecker: Adjusting the outputs of a classifier to
new a priori probabilities, Neural Computation 14, 2002), and the probabilities weighted by the ratio of both
shares to some power.
"""

from __future__ import annotations

import numpy as np

__all__ = ["class_weights", "estimate_shares"]

MAX_ROUNDS = 60
"""Rounds of expectation maximisation; it creeps towards the end, and a weight is taken at half strength."""
SMALLEST_SHARE = 1e-4
"""A class that has strokes is in the picture: its share is not allowed to vanish."""


def estimate_shares(proba: np.ndarray, stroke_shares: np.ndarray) -> np.ndarray:
    """Estimate how common the classes are.

    Parameters
    ----------
    proba : (k, m) array
        Probabilities of unlabelled pixels, columns summing to 1.
    stroke_shares : (k,) array
        Share of each class among the samples that the classifier was fitted on.

    Returns
    -------
    (k,) float64 array
        Shares of the classes among those pixels, summing to 1, none below `SMALLEST_SHARE` before that.
    """
    likelihood = np.asarray(proba, dtype=np.float64) / stroke_shares[:, None]
    shares = np.array(stroke_shares, dtype=np.float64)
    for _ in range(MAX_ROUNDS):
        joint = likelihood * shares[:, None]
        joint /= np.maximum(joint.sum(0), 1e-12)
        found = np.maximum(joint.mean(1), SMALLEST_SHARE)
        found /= found.sum()
        moved = np.abs(found - shares).max()
        shares = found
        if moved < 1e-4:
            break
    return shares


def class_weights(
    shares: np.ndarray, stroke_shares: np.ndarray, strength: float, bias: np.ndarray | None = None
) -> np.ndarray:
    """Return the factor of each class's probability.

    Parameters
    ----------
    shares, stroke_shares : (k,) arrays
        Of the picture, and of the samples.
    strength : float
        0 = no correction, 1 = Bayes' rule for the estimated shares. Half of it scored best on every set
        measured: the estimate is uncertain, and the mean IoU weighs rare classes more than their area does.
    bias : (k,) array, optional
        Factors of the user's own.

    Returns
    -------
    (k,) float64 array
    """
    weights = (np.asarray(shares) / stroke_shares) ** strength
    return weights if bias is None else weights * bias
