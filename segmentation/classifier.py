"""`PixelClassifier`: labels in, class maps out; the library's face, for dashboards and the command."""

from __future__ import annotations

import os
import weakref
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from segmentation.backends import shares_at
from segmentation.engine import run
from segmentation.errors import SegmentationError
from segmentation.features import DEFAULT_BANK
from segmentation.forest import Forest
from segmentation.learning import OWN_BACKEND, Fitted, learn
from segmentation.limits import MAX_SAMPLES
from segmentation.picture import Picture
from segmentation.prior import class_weights, estimate_shares
from segmentation.rows import checked_labels, choose, labelled_pixels
from segmentation.smoothing import REACH, best_class, smooth_shares, stretched_labels, variance
from segmentation.stored_features import FeatureExtractor, StoredFeatures, sample_indices
from segmentation.tiles import Box, box_shape, grown, inside

__all__ = ["CONFIGURATION", "DEFAULT_BANK", "PixelClassifier"]

CONFIGURATION = "brushlink-1"
"""Name of the shipped settings; benchmarks print it with every figure."""

KEPT_CLASSES = 16
"""Up to so many classes the votes of a small picture are counted at once: 64 MB."""

Votes = tuple[np.ndarray, np.float32]
"""(k, *spatial) votes, and the probability that one vote is worth."""


class PixelClassifier:
    """Learns classes of pixels from strokes.

    Parameters
    ----------
    features : FeatureBank or other FeatureExtractor, optional
        `DEFAULT_BANK` when left out.
    backend : str
        One of `segmentation.backends.BACKENDS`; the engine's own forest of extremely randomised trees by
        default.
    options : mapping, optional
        Settings of the backend.
    prior_strength : float, default 0.5
        Power of the class-prior correction (`segmentation.prior`); 0 switches it off.
    class_bias : mapping of int to float, optional
        Class id → factor of its probability, on top of the correction.
    self_training : float, default 0.5
        Confident unlabelled pixels that a second round learns from, as a multiple of the labelled samples:
        strokes are few and close together, these are spread over the whole picture. 0 = one round.
    smoothing : float, default 0.001
        Guided filter on the probabilities: variance, as a share of the picture's, up to which a window counts
        as even. 0 switches it off.
    max_samples : int, optional
        Labelled pixels to learn from at most; the classes' shares as equal as possible. `MAX_SAMPLES` by
        default.
    random_state : int
        The same labels and seed give the same class maps.
    class_names, class_colors : mapping of int to str, optional
        Carried along, and saved with the model.

    Attributes
    ----------
    classes_ : (k,) uint8 array
        Class ids that had labels, ascending. Other attributes ending in an underscore exist after `fit` too.
    """

    def __init__(
        self,
        features: FeatureExtractor | None = None,
        *,
        backend: str = OWN_BACKEND,
        options: Mapping[str, Any] | None = None,
        prior_strength: float = 0.5,
        class_bias: Mapping[int, float] | None = None,
        self_training: float = 0.5,
        smoothing: float = 0.001,
        max_samples: int = MAX_SAMPLES,
        random_state: int = 0,
        class_names: Mapping[int, str] | None = None,
        class_colors: Mapping[int, str] | None = None,
    ) -> None:
        self.features: FeatureExtractor = DEFAULT_BANK if features is None else features
        self.backend, self.options = backend, dict(options or {})
        self.prior_strength, self.class_bias = prior_strength, dict(class_bias or {})
        self.self_training, self.smoothing = self_training, smoothing
        self.max_samples, self.random_state = max_samples, random_state
        self.class_names, self.class_colors = dict(class_names or {}), dict(class_colors or {})
        self._fitted: Fitted | None = None
        self._weights: weakref.WeakKeyDictionary[StoredFeatures, tuple[np.ndarray, np.ndarray]]
        self._weights = weakref.WeakKeyDictionary()

    # Learning
    # -----------------------------------------------------------------------------------------------------

    def fit(
        self,
        image: Any,
        labels: Any,
        *,
        channel_axis: int | None = None,
        spacing: Sequence[float] | None = None,
        quick: bool = False,
    ) -> PixelClassifier:
        """Learn from labels.

        Parameters
        ----------
        image : array_like, Picture, StoredFeatures, or list of these
            See `Picture`. `StoredFeatures` keep what was computed: live use passes the same object again and
            again.
        labels : array_like, or list of these
            Integers, shape of the image without channels; 0 = no label. An array's last axis counts as
            channels when its labels have one axis less.
        channel_axis : int, optional
            Axis of the channels.
        spacing : sequence of float, optional
            Size of a pixel along each axis.
        quick : bool, default False
            One round of few trees, for the first answer to a stroke; fit again without it for the final.

        Returns
        -------
        PixelClassifier
            Itself.

        Raises
        ------
        SegmentationError
            No labels, labels of one class, shapes that do not match, images of different channels or axes.
        BackendError
            The backend failed; what was fitted before still stands.
        """
        stored, maps = self.prepared(image, labels, channel_axis, spacing)
        checked = [checked_labels(label, one.picture.shape) for label, one in zip(maps, stored, strict=True)]
        chosen, class_ids = choose(
            [labelled_pixels(label) for label in checked], self.max_samples, self.random_state
        )
        self._fitted = learn(stored, chosen, class_ids, quick=quick, **self.settings())
        self._weights = weakref.WeakKeyDictionary()
        return self

    def prepared(
        self, image: Any, labels: Any, channel_axis: int | None, spacing: Sequence[float] | None
    ) -> tuple[list[StoredFeatures], list[Any]]:
        """Return `fit`'s arguments as lists of stored features and label maps, checked against each other."""
        images, maps = (image, labels) if isinstance(image, list) else ([image], [labels])
        if len(images) != len(maps) or not images:
            raise SegmentationError(
                f"{len(images)} images and {len(maps)} label maps; give as many of both, at least one"
            )
        axes = [
            _axis_for(one, np.shape(label), channel_axis) for one, label in zip(images, maps, strict=True)
        ]
        stored = [self.stored(one, axis, spacing) for one, axis in zip(images, axes, strict=True)]
        kinds = {(one.picture.channels, one.picture.ndim) for one in stored}
        if len(kinds) > 1:
            raise SegmentationError(
                f"images with different (channels, axes) {sorted(kinds)} cannot be learned together"
            )
        return stored, maps

    def settings(self) -> dict[str, Any]:
        """Return what `segmentation.learning.learn` wants to know."""
        return {
            "backend": self.backend,
            "options": self.options,
            "self_training": self.self_training,
            "prior_strength": self.prior_strength,
            "seed": self.random_state,
        }

    # Answers
    # ------------------------------------------------------------------------------------------------------

    @property
    def classes_(self) -> np.ndarray:
        """Class ids that had labels, ascending; (k,) uint8."""
        return self._check_fitted().class_ids

    def predict(
        self, image: Any, *, channel_axis: int | None = None, spacing: Sequence[float] | None = None
    ) -> np.ndarray:
        """Return the class of every pixel.

        Parameters
        ----------
        image : array_like, Picture or StoredFeatures
            Of as many channels and axes as the images learned from. By tile, so its features need not fit in
            memory.
        channel_axis : int, optional
            As in `fit` by default.
        spacing : sequence of float, optional

        Returns
        -------
        uint8 array
            Class ids, shape of the image without channels.
        """
        stored, fitted = self._stored(image, channel_axis, spacing), self._check_fitted()
        raw = self._kept_votes(stored)
        out = np.empty(stored.picture.shape, np.uint8)
        weights = self._weights_for(stored, raw)

        def job(box: Box) -> None:
            out[box] = fitted.class_ids[best_class(self._shares(stored, box, raw=raw), weights)]

        run([partial(job, box) for box in stored.bands()])
        return out

    def predict_box(self, image: Any, box: Box) -> np.ndarray:
        """Return the class of every pixel of a box, the same as in the whole picture."""
        stored, fitted = self._stored(image, None, None), self._check_fitted()
        return fitted.class_ids[best_class(self._shares(stored, box), self._weights_for(stored))]

    def preview(self, image: Any, stride: int = 4) -> np.ndarray:
        """Return a first answer: every `stride`-th pixel decided, those between interpolated.

        Parameters
        ----------
        image : StoredFeatures
            Whose planes are kept from now on.
        stride : int
            1/16 of the pixels at 4.

        Returns
        -------
        uint8 array
            Class ids, shape of the picture.
        """
        stored, fitted = self._stored(image, None, None), self._check_fitted()
        weights = self._weights_for(stored)
        shares = fitted.model.shares_on(stored.coarse(stride))
        return fitted.class_ids[stretched_labels(shares, weights, stride, stored.picture.shape)]

    def preview_box(self, image: Any, box: Box, stride: int = 4) -> np.ndarray:
        """Return a first answer for a box of a large picture, as `preview` does for the whole of a small one.

        Parameters
        ----------
        image : StoredFeatures
        box : Box
        stride : int

        Returns
        -------
        uint8 array
            Class ids, shape of the box.
        """
        stored, fitted = self._stored(image, None, None), self._check_fitted()
        shares = fitted.model.shares_on(stored.coarse_box(box, stride))
        return fitted.class_ids[stretched_labels(shares, self._weights_for(stored), stride, box_shape(box))]

    def predict_proba(
        self,
        image: Any,
        *,
        channel_axis: int | None = None,
        spacing: Sequence[float] | None = None,
        corrected: bool = True,
    ) -> np.ndarray:
        """Return the probability of every class in every pixel.

        Parameters
        ----------
        image, channel_axis, spacing
            As in `predict`.
        corrected : bool, default True
            With class-prior correction, bias and smoothing, as `predict` decides by. False = the backend's
            own.

        Returns
        -------
        (k, *spatial) float32 array
            Summing to 1 over the classes.
        """
        stored = self._stored(image, channel_axis, spacing)
        out = np.empty((len(self.classes_), *stored.picture.shape), np.float32)
        raw = self._kept_votes(stored)
        weights = self._weights_for(stored, raw) if corrected else None

        def job(box: Box) -> None:
            shares = self._shares(stored, box, smooth=corrected, raw=raw)
            if weights is not None:
                shares *= weights.astype(np.float32).reshape(-1, *(1,) * stored.picture.ndim)
            out[(slice(None), *box)] = shares / np.maximum(shares.sum(0), 1e-12)

        run([partial(job, box) for box in stored.bands()])
        return out

    def uncertainty(
        self, image: Any, *, channel_axis: int | None = None, spacing: Sequence[float] | None = None
    ) -> np.ndarray:
        """Return 1 − (best − second best probability) of every pixel, (*spatial) float32 in [0, 1]."""
        proba = self.predict_proba(image, channel_axis=channel_axis, spacing=spacing)
        top = np.partition(proba, len(proba) - 2, axis=0)
        return 1 - (top[-1] - top[-2])

    def class_shares(
        self, image: Any, *, channel_axis: int | None = None, spacing: Sequence[float] | None = None
    ) -> dict[int, float]:
        """Return the estimated share of each class in a picture, which the correction uses."""
        stored = self._stored(image, channel_axis, spacing)
        self._weights_for(stored, shares_too=True)
        shares = self._weights[stored][1]
        return {int(class_id): float(share) for class_id, share in zip(self.classes_, shares, strict=True)}

    @property
    def feature_importances_(self) -> dict[str, float]:
        """Mean decrease of impurity by each feature, by name, largest first; of forests only."""
        fitted = self._check_fitted()
        if not isinstance(fitted.model, Forest):
            raise SegmentationError(f'the backend "{self.backend}" has no feature importances; forests have')
        names = self.features.names(fitted.channels, fitted.ndim)
        pairs = zip(names, fitted.model.importances.tolist(), strict=True)
        return dict(sorted(pairs, key=lambda pair: -pair[1]))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted classifier to a file (``.skops``), see `segmentation.models.save_model`."""
        from segmentation.models import save_model

        save_model(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> PixelClassifier:
        """Read a classifier from a file, running no code of it, see `segmentation.models.load_model`."""
        from segmentation.models import load_model

        return load_model(path)

    def stored(
        self, image: Any, channel_axis: int | None = None, spacing: Sequence[float] | None = None
    ) -> StoredFeatures:
        """Return an image with a place for its features; pass that instead of the image to use them again."""
        if isinstance(image, StoredFeatures):
            if image.extractor != self.features:
                raise SegmentationError(
                    "these features come from another feature bank than this classifier's"
                )
            return image
        picture = image if isinstance(image, Picture) else Picture(image, channel_axis, spacing)
        return StoredFeatures(picture, self.features)

    # Parts
    # --------------------------------------------------------------------------------------------------------

    def _check_fitted(self) -> Fitted:
        if self._fitted is None:
            raise SegmentationError("the classifier has not learned yet: call fit(image, labels) first")
        return self._fitted

    def _stored(
        self, image: Any, channel_axis: int | None, spacing: Sequence[float] | None
    ) -> StoredFeatures:
        fitted = self._check_fitted()
        stored = self.stored(image, fitted.channel_axis if channel_axis is None else channel_axis, spacing)
        picture = stored.picture
        if (picture.channels, picture.ndim) != (fitted.channels, fitted.ndim):
            raise SegmentationError(
                f"the classifier learned from images of {fitted.ndim} axes and {fitted.channels} channels; "
                f"this one has {picture.ndim} axes and {picture.channels} channels"
            )
        return stored

    def _weights_for(
        self, stored: StoredFeatures, raw: Votes | None = None, shares_too: bool = False
    ) -> np.ndarray:
        """Return the factor of each class for a picture, estimated on its fixed grid once a fit."""
        weights, fitted = self._weights, self._check_fitted()
        if self.prior_strength == 0 and not shares_too:  # then nothing hangs on an estimate, which is dear
            return np.array([self.class_bias.get(int(class_id), 1.0) for class_id in fitted.class_ids])
        if stored not in weights:
            if raw is None:
                proba = shares_at(fitted.model, stored.sample())
            else:
                votes, worth = raw
                proba = votes.reshape(len(votes), -1)[:, sample_indices(stored.picture.shape)] * worth
            shares = estimate_shares(proba, fitted.stroke_shares)
            bias = np.array([self.class_bias.get(int(class_id), 1.0) for class_id in fitted.class_ids])
            factors = class_weights(shares, fitted.stroke_shares, self.prior_strength, bias)
            weights[stored] = (factors, shares)
        return weights[stored][0]

    def _kept_votes(self, stored: StoredFeatures) -> Votes | None:
        """Return the votes of a whole small picture, and what one is worth; None = go by tile."""
        fitted = self._check_fitted()
        if not stored.small or len(fitted.class_ids) > KEPT_CLASSES or not isinstance(fitted.model, Forest):
            return None
        return stored.keep_all().votes(fitted.model), fitted.model.vote_worth

    def _shares(
        self, stored: StoredFeatures, box: Box, smooth: bool = True, raw: Votes | None = None
    ) -> np.ndarray:
        """Return unweighted probabilities in a box, (k, *box shape) float32; `raw`: of the whole."""
        picture, model = stored.picture, self._check_fitted().model
        smooth = smooth and self.smoothing > 0
        reach = (0,) * (picture.ndim - 2) + (REACH if smooth else 0,) * 2
        wide = grown(box, reach, picture.shape)
        part = (slice(None), *wide)
        shares = model.shares_on(stored.box(wide)) if raw is None else raw[0][part] * raw[1]
        if smooth:
            smooth_shares(shares, picture.read(wide, None), self.smoothing * variance(picture) + 1e-9)
        return np.ascontiguousarray(shares[(slice(None), *inside(box, wide))])


def _axis_for(image: Any, labels: tuple[int, ...], channel_axis: int | None) -> int | None:
    shape = tuple(np.shape(image)) if not isinstance(image, Picture | StoredFeatures) else ()
    if channel_axis is None and len(shape) == len(labels) + 1 and shape[:-1] == labels:
        return -1
    return channel_axis
