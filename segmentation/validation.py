"""How good a classifier is: cross-validation that leaves out whole strokes; for dashboards and scripts.

Neighbouring pixels of one stroke are nearly equal. Leave out single pixels, as out-of-bag scores do, and
each has its twin among the samples: the score is far too good. Here whole strokes are left out, so a class is
scored on places that the classifier has not seen. Both scores are reported: the gap between them says how
much the strokes repeat themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from segmentation.backends import fit_backend, shares_at
from segmentation.classifier import PixelClassifier
from segmentation.errors import SegmentationError
from segmentation.learning import samples_of
from segmentation.rows import checked_labels, choose, labelled_pixels

__all__ = ["CrossValidation", "Score", "cross_validate", "stroke_groups"]


@dataclass(frozen=True, eq=False)
class Score:
    """Counts of true and predicted classes, and the measures that follow from them.

    Attributes
    ----------
    class_ids : (k,) uint8 array
    confusion : (k, k) int64 array
        Rows: class of the stroke; columns: class predicted.
    """

    class_ids: np.ndarray
    confusion: np.ndarray = field(repr=False)

    @property
    def iou(self) -> dict[int, float]:
        """Intersection over union of each class; NaN where it was never met."""
        return self._each(lambda hit, drawn, found: hit / (drawn + found - hit))

    @property
    def f1(self) -> dict[int, float]:
        """Harmonic mean of precision and recall of each class."""
        return self._each(lambda hit, drawn, found: 2 * hit / (drawn + found))

    @property
    def mean_iou(self) -> float:
        """Mean of the classes' intersection over union."""
        return float(np.nanmean(list(self.iou.values())))

    @property
    def accuracy(self) -> float:
        """Share of the pixels predicted as drawn."""
        return float(np.trace(self.confusion) / self.confusion.sum())

    def _each(self, measure: Any) -> dict[int, float]:
        with np.errstate(invalid="ignore", divide="ignore"):
            values = measure(
                np.diag(self.confusion).astype(float), self.confusion.sum(1), self.confusion.sum(0)
            )
        return {int(class_id): float(value) for class_id, value in zip(self.class_ids, values, strict=True)}


@dataclass(frozen=True, eq=False)
class CrossValidation:
    """What `cross_validate` found.

    Attributes
    ----------
    by_stroke : Score
        Pixels of strokes that were left out whole: the honest one.
    by_pixel : Score
        The same pixels left out singly, as out-of-bag does: too good; the gap is the optimism.
    strokes : dict of int to int
        Number of strokes of each class.
    unvalidated : tuple of int
        Classes of one stroke, which cannot be left out: they are learned in every fold, and not scored.
    """

    by_stroke: Score
    by_pixel: Score
    strokes: dict[int, int]
    unvalidated: tuple[int, ...]

    @property
    def optimism(self) -> float:
        """How much better the pixel-wise score looks, in mean IoU."""
        return self.by_pixel.mean_iou - self.by_stroke.mean_iou


def stroke_groups(labels: np.ndarray) -> np.ndarray:
    """Give a number to each stroke of a label map: connected pixels of a class, diagonals included.

    Parameters
    ----------
    labels : uint8 array
        0 = no label.

    Returns
    -------
    int array
        Same shape; 0 = no label.
    """
    from skimage.measure import label

    return np.asarray(label(labels, background=0, connectivity=labels.ndim))


def cross_validate(
    classifier: PixelClassifier,
    image: Any,
    labels: Any,
    *,
    strokes: Any = None,
    folds: int = 5,
    channel_axis: int | None = None,
    spacing: Sequence[float] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> CrossValidation:
    """Score a classifier's settings on strokes that it did not learn from.

    Parameters
    ----------
    classifier : PixelClassifier
        Its settings are used; it need not be fitted and is not changed.
    image, labels, channel_axis, spacing
        As in `PixelClassifier.fit`, one image or a list.
    strokes : array_like of int, or list of these, optional
        Number of the stroke of every labelled pixel, if known; else connected pixels of a class are one.
    folds : int, default 5
        At most; as many as the class with the most strokes has, if fewer.
    progress : callable, optional
        Called with (fits done, of how many) before each fit; what it raises ends the work.

    Returns
    -------
    CrossValidation

    Raises
    ------
    SegmentationError
        As in `fit`; or no class has two strokes.
    """
    if folds < 2:
        raise SegmentationError(f"folds={folds}: cross-validation needs two or more")
    stored, maps = classifier.prepared(image, labels, channel_axis, spacing)
    given = [None] * len(maps) if strokes is None else (strokes if isinstance(strokes, list) else [strokes])
    pixels = [
        labelled_pixels(checked_labels(one, part.picture.shape))
        for one, part in zip(maps, stored, strict=True)
    ]
    chosen, class_ids = choose(pixels, classifier.max_samples, classifier.random_state)
    numbers = [
        (stroke_groups(np.asarray(label)) if known is None else np.asarray(known)).ravel()[part.indices]
        for label, known, part in zip(maps, given, chosen, strict=True)
    ]
    owner = np.repeat(np.arange(len(chosen)), [len(part.ids) for part in chosen])
    ids = np.concatenate([part.ids for part in chosen])
    stroke_of = np.unique(np.stack([owner, np.concatenate(numbers)]), axis=1, return_inverse=True)[1].ravel()
    by_stroke, counts = _folds_by_stroke(ids, stroke_of, class_ids, folds, classifier.random_state)
    alone = tuple(int(class_id) for class_id, count in counts.items() if count < 2)
    if len(alone) == len(class_ids):
        raise SegmentationError(
            "each class has one stroke only; draw a second one of some class to leave one out"
        )
    scored = by_stroke >= 0
    by_pixel = np.full(len(ids), -1)
    by_pixel[scored] = np.random.default_rng(classifier.random_state).integers(0, folds, scored.sum())
    samples = samples_of(stored, chosen)
    classes = np.searchsorted(class_ids, ids).astype(np.uint8)

    done, total = 0, int(by_stroke.max() + by_pixel.max()) + 2

    def score(fold_of: np.ndarray) -> Score:
        nonlocal done
        confusion = np.zeros((len(class_ids), len(class_ids)), np.int64)
        for fold in range(fold_of.max() + 1):
            if progress is not None:
                progress(done, total)
            done += 1
            test = fold_of == fold
            if not test.any() or len(np.unique(classes[~test])) < len(class_ids):
                continue
            known = (np.ascontiguousarray(samples[:, ~test]), classes[~test], len(class_ids))
            model = fit_backend(classifier.backend, *known, classifier.random_state, classifier.options)
            predicted = shares_at(model, samples[:, test]).argmax(0)
            np.add.at(confusion, (classes[test], predicted), 1)
        return Score(class_ids, confusion)

    return CrossValidation(score(by_stroke), score(by_pixel), counts, alone)


def _folds_by_stroke(
    ids: np.ndarray, stroke_of: np.ndarray, class_ids: np.ndarray, folds: int, seed: int
) -> tuple[np.ndarray, dict[int, int]]:
    """Deal each class's strokes to the folds, largest first to the emptiest; −1 = always learned from."""
    fold_of = np.full(len(ids), -1)
    counts = {}
    rng = np.random.default_rng(seed)
    for class_id in class_ids:
        mine = np.flatnonzero(ids == class_id)
        strokes, sizes = np.unique(stroke_of[mine], return_counts=True)
        counts[int(class_id)] = len(strokes)
        if len(strokes) < 2:
            continue
        filled = np.zeros(min(folds, len(strokes)))
        for at in sorted(rng.permutation(len(strokes)), key=lambda i: -sizes[i]):
            fold = int(filled.argmin())
            filled[fold] += sizes[at]
            fold_of[mine[stroke_of[mine] == strokes[at]]] = fold
    return fold_of, counts
