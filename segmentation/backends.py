"""Classifiers by name behind one contract: fitted on samples, they give class shares on planes of features.

``brush forest`` is the engine's own; the others are scikit-learn's, and `register_backend` adds a user's.
Tree ensembles are walked by the engine's kernels whoever grew them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np

from data_sources.errors import did_you_mean
from segmentation.errors import BackendError, SegmentationError
from segmentation.forest import Forest, grow_forest

__all__ = ["BACKENDS", "Estimator", "Model", "fit_backend", "register_backend", "shares_at"]

FOREST_OPTIONS: dict[str, Any] = {
    "trees": 24,
    "per_tree": 3000,
    "max_depth": 25,
    "min_leaf": 1,
    "tried": 14,
}
"""Settings of the engine's own forest, as shipped: few trees, each of which looks at many features."""


class Model(Protocol):
    """What a fitted backend is asked."""

    def shares_on(self, planes: np.ndarray) -> np.ndarray:
        """Return (k, *spatial) float32 class probabilities of (F, *spatial) float32 planes."""


def shares_at(model: Model, columns: np.ndarray) -> np.ndarray:
    """Return (k, n) float32 class probabilities of single pixels, (F, n) float32.

    They are laid out as a picture, for a forest walks pictures: in blocks of 8×8, several threads at once.
    """
    count = columns.shape[1]
    rows = 64 if count >= 64 else 1
    places = np.minimum(np.arange(-(-count // rows) * rows), count - 1)
    planes = columns.take(places, axis=1).reshape(len(columns), rows, -1)
    return model.shares_on(planes).reshape(-1, places.size)[:, :count]


class Estimator(Protocol):
    """What a registered factory must return: scikit-learn's habit."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> Any:
        """Learn from (n, F) float32 samples and their classes 0..k-1."""

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return (n, k) probabilities, columns in the order of the classes."""


class EstimatorModel:
    """A fitted estimator with the face of a `Model`; what goes wrong in it is raised as BackendError."""

    def __init__(self, estimator: Any, classes: int) -> None:
        self.estimator, self.classes = estimator, classes

    def shares_on(self, planes: np.ndarray) -> np.ndarray:
        """Return (k, *spatial) float32 class probabilities of (F, *spatial) float32 planes."""
        pixels = np.ascontiguousarray(planes.reshape(planes.shape[0], -1).T)
        kind = type(self.estimator).__name__
        try:
            shares = np.asarray(self.estimator.predict_proba(pixels), dtype=np.float32)
        except Exception as error:
            raise BackendError(f"predict_proba of {kind} failed: {type(error).__name__}: {error}") from error
        if shares.shape != (len(pixels), self.classes):
            raise BackendError(
                f"predict_proba of {kind} returned {shares.shape} for {len(pixels)} pixels and "
                f"{self.classes} classes"
            )
        if not np.isfinite(shares).all():
            raise BackendError(f"predict_proba of {kind} returned probabilities that are not finite")
        return np.ascontiguousarray(shares.T).reshape(self.classes, *planes.shape[1:])


def _random_forest(random_state: int, **options: Any) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(
        **{"n_estimators": 100, "n_jobs": 1, "random_state": random_state, **options}
    )


def _extra_trees(random_state: int, **options: Any) -> Any:
    from sklearn.ensemble import ExtraTreesClassifier

    return ExtraTreesClassifier(**{"n_estimators": 100, "n_jobs": 1, "random_state": random_state, **options})


def _logistic_regression(random_state: int, **options: Any) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    settings = {"C": 1.0, "max_iter": 300, "random_state": random_state, **options}
    return make_pipeline(StandardScaler(), LogisticRegression(**settings))


def _neural_network(random_state: int, **options: Any) -> Any:
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    # 80 rounds by design. Run to `max_iter`, scikit-learn warns; so every round counts as one without
    # improvement, and the 79th of those (the first never counts) ends it in peace.
    rounds = {"max_iter": 81, "tol": 1e9, "n_iter_no_change": 78}
    settings = {"hidden_layer_sizes": (32,), "alpha": 0.01, **rounds, "random_state": random_state, **options}
    return make_pipeline(StandardScaler(), MLPClassifier(**settings))


BACKENDS: dict[str, Callable[..., Any] | None] = {
    "brush forest": None,
    "random forest": _random_forest,
    "extra trees": _extra_trees,
    "logistic regression": _logistic_regression,
    "neural network": _neural_network,
}
"""Name → factory called with ``random_state`` and options; None = the engine's own forest."""


def register_backend(name: str, factory: Callable[..., Estimator]) -> None:
    """Offer a classifier under a name.

    Parameters
    ----------
    name : str
        Not one of the engine's own.
    factory : callable
        Called as ``factory(random_state=int, **options)`` for every fit; returns an `Estimator`.

    Raises
    ------
    SegmentationError
        The name is taken by one of the engine's own.
    """
    if name in _BUILT_IN:
        raise SegmentationError(f'"{name}" is one of the engine\'s own backends; choose another name')
    BACKENDS[name] = factory


_BUILT_IN = frozenset(BACKENDS)


def fit_backend(
    name: str,
    samples: np.ndarray,
    classes: np.ndarray,
    class_count: int,
    seed: int,
    options: Mapping[str, Any],
) -> Model:
    """Fit a backend.

    Parameters
    ----------
    name : str
        One of `BACKENDS`.
    samples : (F, N) float32 array
    classes : (N,) uint8 array
        0..class_count - 1, each present.
    seed : int
    options : mapping
        Settings of that backend.

    Returns
    -------
    Model

    Raises
    ------
    BackendError
        Unknown name; or the backend failed: its own error is quoted and chained.
    """
    if name not in BACKENDS:
        raise BackendError(f'there is no backend "{name}". {did_you_mean(name, BACKENDS)}')
    factory = BACKENDS[name]
    try:
        if factory is None:
            return grow_forest(samples, classes, class_count, seed=seed, **{**FOREST_OPTIONS, **options})
        estimator = factory(random_state=seed, **options)
        estimator.fit(np.ascontiguousarray(samples.T), classes)
        if type(estimator).__name__ in ("RandomForestClassifier", "ExtraTreesClassifier"):
            return Forest.from_sklearn(estimator)
        return EstimatorModel(estimator, class_count)
    except SegmentationError:
        raise
    except Exception as error:
        raise BackendError(f'the backend "{name}" failed: {type(error).__name__}: {error}') from error
