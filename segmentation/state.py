"""What a fitted classifier is, as plain values and arrays, and back; model files are written from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from segmentation.backends import BACKENDS, EstimatorModel
from segmentation.classifier import CONFIGURATION, PixelClassifier
from segmentation.errors import ModelError
from segmentation.features import FeatureBank
from segmentation.forest import Forest
from segmentation.learning import Fitted
from segmentation.limits import MAX_CHANNELS, MAX_TREE_DEPTH

__all__ = ["FORMAT", "classifier_from", "state_of"]

FORMAT = 1
"""Version of the layout; a file of a later one is refused."""

SETTINGS = (
    "backend",
    "options",
    "prior_strength",
    "self_training",
    "smoothing",
    "max_samples",
    "random_state",
)
ARRAYS = ("roots", "feature", "threshold", "right", "leaves", "importances")


def state_of(classifier: PixelClassifier) -> dict[str, Any]:
    """Return all that predicting and showing needs.

    Parameters
    ----------
    classifier : PixelClassifier
        Fitted, with a `FeatureBank`.

    Returns
    -------
    dict
        JSON-able values; under "forest" the arrays of a `Forest`, or under "estimator" a scikit-learn
        estimator.

    Raises
    ------
    ModelError
        Not fitted, or its features or backend are the user's own code, which a model file does not carry.
    """
    fitted = classifier._fitted
    if fitted is None:
        raise ModelError("the classifier has not learned yet: call fit(image, labels) before saving")
    if not isinstance(classifier.features, FeatureBank):
        raise ModelError(
            f"features of type {type(classifier.features).__name__} are code of your own, which a model file "
            "does not carry; only a FeatureBank can be saved"
        )
    state: dict[str, Any] = {
        "format": FORMAT,
        "configuration": CONFIGURATION,
        "features": classifier.features.to_json(),
        "settings": {name: getattr(classifier, name) for name in SETTINGS},
        "class_bias": {str(key): float(value) for key, value in classifier.class_bias.items()},
        "class_names": {str(key): str(value) for key, value in classifier.class_names.items()},
        "class_colors": {str(key): str(value) for key, value in classifier.class_colors.items()},
        "classes": fitted.class_ids.tolist(),
        "stroke_shares": fitted.stroke_shares.tolist(),
        "channels": fitted.channels,
        "ndim": fitted.ndim,
        "channel_axis": fitted.channel_axis,
    }
    if isinstance(fitted.model, Forest):
        state["forest"] = {name: getattr(fitted.model, name) for name in ARRAYS}
    elif isinstance(fitted.model, EstimatorModel):
        state["estimator"] = fitted.model.estimator
    else:
        raise ModelError(f'the model of backend "{classifier.backend}" cannot be saved')
    return state


def classifier_from(state: Mapping[str, Any]) -> PixelClassifier:
    """Build a classifier from `state_of`'s values, checking each: they may come from a foreign file.

    Raises
    ------
    ModelError
        A value is missing, of the wrong kind, or does not fit the others.
    """
    try:
        if state["format"] != FORMAT:
            raise ModelError(f"a model of format {state['format']!r}; this version reads format {FORMAT}")
        settings = {name: state["settings"][name] for name in SETTINGS}
        if settings["backend"] not in BACKENDS:
            raise ModelError(f'the model\'s backend "{settings["backend"]}" is not registered here')
        classifier = PixelClassifier(
            FeatureBank.from_json(dict(state["features"])),
            class_bias={int(key): float(value) for key, value in state["class_bias"].items()},
            class_names={int(key): str(value) for key, value in state["class_names"].items()},
            class_colors={int(key): str(value) for key, value in state["class_colors"].items()},
            **settings,
        )
        classifier._fitted = _fitted_from(state, classifier.features)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        raise ModelError(f"the model does not hold together: {type(error).__name__}: {error}") from error
    return classifier


def _fitted_from(state: Mapping[str, Any], bank: Any) -> Fitted:
    class_ids = np.array(state["classes"], np.uint8)
    shares = np.array(state["stroke_shares"], np.float64)
    channels, ndim = int(state["channels"]), int(state["ndim"])
    axis = None if state["channel_axis"] is None else int(state["channel_axis"])
    if len(class_ids) < 2 or np.any(np.diff(class_ids.astype(int)) <= 0) or class_ids[0] < 1:
        raise ModelError(f"a model needs two or more ascending class ids from 1; got {state['classes']}")
    if shares.shape != class_ids.shape or not np.all(shares > 0) or not np.isclose(shares.sum(), 1):
        raise ModelError("the classes' shares are not positive numbers that sum to 1")
    if (
        ndim not in (2, 3)
        or not 1 <= channels <= MAX_CHANNELS
        or (axis is not None and not -ndim - 1 <= axis < 0)
    ):
        raise ModelError(f"impossible images: {ndim} axes, {channels} channels, channel_axis {axis}")
    if "forest" in state:
        model: Any = _forest_from(state["forest"], bank.count(channels, ndim), len(class_ids))
    else:
        model = EstimatorModel(state["estimator"], len(class_ids))
    return Fitted(model, class_ids, shares, channels, ndim, axis)


def _forest_from(arrays: Mapping[str, Any], features: int, classes: int) -> Forest:
    """Check every index: the kernels follow them without looking."""
    kinds = (np.int32, np.int32, np.float32, np.int32, np.float64, np.float64)
    roots, feature, threshold, right, leaves, importances = (
        np.ascontiguousarray(arrays[name], dtype=kind) for name, kind in zip(ARRAYS, kinds, strict=True)
    )
    nodes = len(feature)
    flat = all(array.ndim == 1 for array in (roots, feature, threshold, right, importances))
    sizes = (len(threshold), len(right), len(importances)) == (nodes, nodes, features)
    if not flat or leaves.ndim != 2 or nodes == 0 or not sizes:
        raise ModelError("the forest's arrays do not fit each other or the features")
    if leaves.shape[1] != classes or not np.all(np.isfinite(leaves)) or leaves.min(initial=0) < 0:
        raise ModelError("the forest's leaves do not hold shares of the model's classes")
    if not np.allclose(leaves.sum(1), 1) or not np.all(np.isfinite(threshold)):
        raise ModelError("the forest's leaves do not sum to 1, or a threshold is no number")
    is_leaf = feature < 0
    ends = np.append(roots[1:], nodes)
    if len(roots) == 0 or roots[0] != 0 or np.any(np.diff(roots) <= 0) or roots[-1] >= nodes:
        raise ModelError("the forest's trees do not begin where they should")
    place = np.arange(nodes)
    end_of = np.repeat(ends, ends - roots)
    inner = ~is_leaf
    if np.any(feature[inner] >= features) or np.any(-1 - feature[is_leaf] >= len(leaves)):
        raise ModelError("a node of the forest asks a feature that does not exist, or has no leaf")
    # Children lie behind their parent in the same tree: every walk ends.
    if np.any(right[inner] <= place[inner] + 1) or np.any(right[inner] >= end_of[inner]):
        raise ModelError("a node of the forest has a child outside its tree")
    depth = np.zeros(nodes, int)
    for node in place[inner]:
        depth[node + 1] = max(depth[node + 1], depth[node] + 1)
        depth[right[node]] = max(depth[right[node]], depth[node] + 1)
    if depth.max() > MAX_TREE_DEPTH:
        raise ModelError(f"a tree is {depth.max()} levels deep; at most {MAX_TREE_DEPTH} are allowed")
    return Forest(roots, feature, threshold, right, leaves, features, importances)
