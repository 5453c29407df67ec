"""Segments volumes from a few scribbles: a classifier, growing or a random walker, block by block.

`segment_volume` answers for the whole; `VolumeSegmenter` also for a plane or a box first, to be shown while
the rest is computed. Methods: ``"random walker"`` finds things from scribbles on and around them, ``"region
growing"`` what hangs together within a range of values, ``"classifier"`` all that looks like what was marked.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmentation.classifier import PixelClassifier
from segmentation.engine import run
from segmentation.errors import Cancelled, SegmentationError
from segmentation.features import FeatureBank
from segmentation.growing import between, grow
from segmentation.limits import WALK_VOXELS
from segmentation.picture import Picture
from segmentation.scribbles import Scribbles
from segmentation.stored_features import StoredFeatures
from segmentation.tidying import clean_labels
from segmentation.tiles import Box, box_shape, tiles, whole
from segmentation.walker import cube_marks, cube_means, half_contrast, touching, walk

__all__ = ["VOLUME_BANK", "VOLUME_METHODS", "VolumeSegmenter", "clean_labels", "segment_volume"]

VOLUME_METHODS = ("random walker", "region growing", "classifier")
"""The first is the default: it finds a lesion from three strokes."""

VOLUME_BANK = FeatureBank(sigma_min=0.7, sigma_max=2.8)
"""Features of the classifier: brightness, edges and bends at three scales, 15 in all."""

SIDES = (24, 96, 96)
"""Sides of a block: a third of a second of features on one core, so that a cancel is heard soon."""

BEYOND_MM = 12.0
"""How far beyond the marks the walker looks, where no marks of another class bound it; at least."""

BESIDE = 4
"""Voxels beyond the outermost marks of other classes that the walker still looks at."""

Progress = Callable[[int, int], Any]


class Scaled01:
    """Values as the classifier wants them, float32 from 0 to 1 within a window; computed where asked for."""

    def __init__(self, values: Any, window: tuple[float, float]) -> None:
        self.values, self.window = values, window
        self.shape, self.dtype = tuple(values.shape), np.dtype(np.float32)

    def __getitem__(self, key: Any) -> NDArray[np.float32]:
        low, high = self.window
        part = np.asarray(self.values[key]).astype(np.float64)
        return np.clip((part - low) / (high - low), 0, 1).astype(np.float32)


class VolumeSegmenter:
    """One question about a volume: what was marked, and how the rest is to be found.

    Parameters
    ----------
    values : (I, J, K) array
        Real numbers; an array, a memory map, anything with `shape`, `dtype` and slices, or a
        `data_sources.volumes.Volume`, whose spacing and window are then taken.
    labels : Scribbles or uint8 array of the volume's shape
        Marked voxels, classes 1..255.
    spacing : (float, float, float), optional
        Size of a voxel along each axis in mm.
    method : {"random walker", "region growing", "classifier"}
    background : int, optional
        Class that stands for all else; it becomes 0 in the answer.
    window : (float, float), optional
        Region growing: values that belong to what is grown, by default those that were marked. Classifier:
        values that count as black and white, by default the volume's percentiles. Of no use to the walker.
    roi : Box, optional
        Where region growing may go; by default between the marks of other classes.
    sharp : bool
        Random walker: put edges where the contrast is half.
    classifier : PixelClassifier, optional
        Settings to learn with; one that is fitted is used as it is, and `labels` may be empty.
    progress : callable, optional
        Called with (parts done, of all).
    cancelled : callable, optional
        Asked often; when it returns True, `Cancelled` is raised.

    Raises
    ------
    SegmentationError
        Values that are no volume, no marks or of one class only, an unknown method.
    """

    def __init__(
        self,
        values: Any,
        labels: Any,
        *,
        spacing: Sequence[float] | None = None,
        method: str = VOLUME_METHODS[0],
        background: int | None = None,
        window: tuple[float, float] | None = None,
        roi: Box | None = None,
        sharp: bool = True,
        classifier: PixelClassifier | None = None,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> None:
        self.values, self.spacing, self._whole = _taken(values, spacing)
        self.shape: tuple[int, int, int] = tuple(int(one) for one in self.values.shape)  # type: ignore[assignment]
        self.scribbles = Scribbles.of(labels, self.shape)
        if method not in VOLUME_METHODS:
            raise SegmentationError(f"there is no method {method!r}; allowed are {', '.join(VOLUME_METHODS)}")
        self.method, self.background = method, background
        self._window, self._roi, self._sharp = window, roi, sharp
        self._progress, self._cancelled = progress, cancelled
        self.classifier = classifier
        self._stored: StoredFeatures | None = None
        self._found: tuple[Box, NDArray[np.uint8]] | None = None
        self._check()

    def _check(self) -> None:
        marked = set(self.scribbles.classes)
        fitted = self.method == "classifier" and self.classifier is not None and _is_fitted(self.classifier)
        if fitted:
            return
        if not marked - {self.background}:
            raise SegmentationError("there is no marked voxel of what is to be found; draw a stroke on it")
        if len(marked) < 2 and self.method != "region growing":
            raise SegmentationError(
                f"all marks are of class {min(marked)}; draw a stroke of a second class, such as around it. "
                'Or use the method "region growing", which needs one class'
            )

    # Answers
    # --------------------------------------------------------------------------------------------------------

    def prepare(self) -> VolumeSegmenter:
        """Do once what all answers stand on: fit the classifier, let the walker walk. Called when needed."""
        if self.method == "classifier":
            self._learned()
        elif self._found is None:
            self._found = self._walked() if self.method == "random walker" else self._grown()
        return self

    def box(self, box: Box) -> NDArray[np.uint8]:
        """Return the labels of a box, the same as in the whole before `clean_labels`."""
        self._heard()
        self.prepare()
        if self.method == "classifier":
            stored = self._learned()
            assert self.classifier is not None
            return self._without_background(self.classifier.predict_box(stored, box))
        assert self._found is not None
        where, labels = self._found
        out = np.zeros(box_shape(box), np.uint8)
        cut = [slice(max(a.start, b.start), min(a.stop, b.stop)) for a, b in zip(where, box, strict=True)]
        if all(part.start < part.stop for part in cut):
            to = tuple(slice(c.start - b.start, c.stop - b.start) for c, b in zip(cut, box, strict=True))
            out[to] = labels[
                tuple(slice(c.start - a.start, c.stop - a.start) for c, a in zip(cut, where, strict=True))
            ]
        return out

    def plane(self, axis: int, n: int) -> NDArray[np.uint8]:
        """Return the labels of a plane, 2-D, the other axes in their order; before `clean_labels`."""
        part = list(whole(self.shape))
        part[axis] = slice(n, n + 1)
        return self.box(tuple(part)).squeeze(axis)

    def blocks(
        self, first: Sequence[float] | None = None
    ) -> Iterator[tuple[Box, NDArray[np.uint8], int, int]]:
        """Yield (box, its labels, parts done, of all), the blocks nearest to voxel `first` before others."""
        self.prepare()
        if self.method != "classifier":
            assert self._found is not None
            yield self._found[0], self._found[1], 1, 1
            return
        boxes = tiles(self.shape, SIDES)
        if first is not None:
            boxes.sort(key=lambda box: _distance(box, first, self.spacing))
        pairs = [boxes[start : start + 2] for start in range(0, len(boxes), 2)]
        done = 0
        for pair in pairs:
            answers = run([lambda box=box: self.box(box) for box in pair])  # type: ignore[misc]
            for box, labels in zip(pair, answers, strict=True):
                done += 1
                self._tell(done, len(boxes))
                yield box, labels, done, len(boxes)

    def labels(self) -> NDArray[np.uint8]:
        """Return the labels of the whole volume."""
        out = np.zeros(self.shape, np.uint8)
        for box, part, _, _ in self.blocks():
            out[box] = part
        return out

    def save_model(self, path: str | os.PathLike[str]) -> None:
        """Write the classifier; `brushlink segment` gives these labels by it, before `clean_labels`."""
        from segmentation.models import save_model

        if self.method != "classifier":
            raise SegmentationError(f'the method "{self.method}" learns no model; the classifier does')
        self._learned()
        assert self.classifier is not None
        save_model(
            self.classifier,
            path,
            notes={"value_range": list(self.window()), "background": self.background},
        )

    # Methods
    # --------------------------------------------------------------------------------------------------------

    def _learned(self) -> StoredFeatures:
        if self._stored is None:
            classifier = self.classifier or PixelClassifier(
                VOLUME_BANK, prior_strength=0, self_training=0, smoothing=0
            )
            # Sigmas are in voxels along the last axis, as in `brushlink segment`.
            steps = tuple(step / self.spacing[-1] for step in self.spacing)
            stored = StoredFeatures(
                Picture(Scaled01(self.values, self.window()), None, steps), classifier.features
            )
            if not _is_fitted(classifier):
                self._heard()
                classifier.fit(stored, self.scribbles.dense())
            self.classifier, self._stored = classifier, stored
        return self._stored

    def window(self) -> tuple[float, float]:
        """Return the values that count as black and white for the classifier; kept with its model."""
        if self._window is None:
            self._window = self._whole().window()
        return float(self._window[0]), float(self._window[1])

    def _walked(self) -> tuple[Box, NDArray[np.uint8]]:
        box = self._walk_box()
        step = max(1, round((np.prod(box_shape(box)) / WALK_VOXELS) ** (1 / 3) + 0.49))
        marks = self.scribbles.dense(box)
        values = np.ascontiguousarray(self.values[box], dtype=np.float32)
        coarse, few = (values, marks) if step == 1 else (cube_means(values, step), cube_marks(marks, step))
        total = 1 + len(self.scribbles.classes)
        shares = walk(coarse, few, self.spacing, self._heard)
        self._tell(1, total)
        classes = np.unique(few[few > 0]).tolist()
        every = np.stack([shares.get(one, 1 - sum(shares.values())) for one in classes])
        won = np.asarray(classes, np.uint8)[every.argmax(0)]
        if step > 1:
            for axis in range(3):
                won = won.repeat(step, axis)[(slice(None),) * axis + (slice(0, values.shape[axis]),)]
        out = np.zeros(marks.shape, np.uint8)
        for number, class_id in enumerate(classes, 2):
            if class_id != self.background:
                seeds = marks == class_id
                allowed = self._allowed(class_id, box) & ((marks == 0) | seeds) & (out == 0)
                found = touching((won == class_id) & allowed | seeds, seeds)
                if self._sharp:
                    found = half_contrast(found, values, seeds, allowed, self.spacing, self._heard)
                out[found] = class_id
            self._tell(min(number, total), total)
        self._tell(total, total)
        return box, out

    def _walk_box(self) -> Box:
        """Box around the marks: close to those that surround a class, wide where nothing bounds it."""
        around = self.scribbles.box()
        size = max((part.stop - part.start) * step for part, step in zip(around, self.spacing, strict=True))
        bounded = [between(self.scribbles, one) for one in self.scribbles.classes if one != self.background]
        found = []
        for axis, (part, step) in enumerate(zip(around, self.spacing, strict=True)):
            closed = all(bound[axis] is not None for bound in bounded)
            more = BESIDE if closed else int(np.ceil(max(BEYOND_MM, size / 2) / step))
            found.append(slice(max(part.start - more, 0), min(part.stop + more, self.shape[axis])))
        return tuple(found)

    def _allowed(self, class_id: int, box: Box) -> NDArray[np.bool_]:
        allowed = np.ones(box_shape(box), bool)
        for axis, part in enumerate(between(self.scribbles, class_id)):
            if part is not None:
                places = np.arange(box[axis].start, box[axis].stop)
                keep = (places >= part.start) & (places < part.stop)
                allowed &= keep.reshape([-1 if one == axis else 1 for one in range(3)])
        return allowed

    def _grown(self) -> tuple[Box, NDArray[np.uint8]]:
        marks = self.scribbles
        classes = [one for one in marks.classes if one != self.background]
        return grow(
            self.values, marks, classes, self.spacing, self._window, self._roi, self._heard, self._tell
        )

    # Parts
    # --------------------------------------------------------------------------------------------------------

    def _without_background(self, labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if self.background is not None:
            labels[labels == self.background] = 0
        return labels

    def _heard(self) -> None:
        if self._cancelled is not None and self._cancelled():
            raise Cancelled("the segmentation was cancelled")

    def _tell(self, done: int, total: int) -> None:
        if self._progress is not None:
            self._progress(done, total)


def segment_volume(
    values: Any,
    labels: Any,
    *,
    largest: bool = False,
    fill_holes: bool = False,
    smooth: float = 0,
    **options: Any,
) -> NDArray[np.uint8]:
    """Segment a volume from a few marked voxels.

    Parameters
    ----------
    values, labels, **options
        See `VolumeSegmenter`.
    largest, fill_holes, smooth
        See `clean_labels`.

    Returns
    -------
    (I, J, K) uint8 array
        Classes; 0 = the background, and what was not looked at.

    Raises
    ------
    SegmentationError
        See `VolumeSegmenter`; `Cancelled` when `cancelled` returned True.
    """
    segmenter = VolumeSegmenter(values, labels, **options)
    found = segmenter.labels()
    return clean_labels(
        found,
        largest=largest,
        fill_holes=fill_holes,
        smooth=smooth,
        spacing=segmenter.spacing,
        scribbles=segmenter.scribbles,
        cancelled=options.get("cancelled"),
    )


def _taken(values: Any, spacing: Sequence[float] | None) -> tuple[Any, tuple[float, ...], Callable[[], Any]]:
    """Values with slices, spacing, and how to get at the `Volume` they are."""
    from data_sources.volumes import Volume

    if isinstance(values, Volume):
        volume = values
        return volume.values, tuple(volume.spacing if spacing is None else spacing), lambda: volume
    if not (hasattr(values, "shape") and hasattr(values, "dtype")):
        values = np.asarray(values)
    made = Volume(values, (1.0, 1.0, 1.0) if spacing is None else spacing)
    return values, made.spacing, lambda: made


def _is_fitted(classifier: PixelClassifier) -> bool:
    try:
        return len(classifier.classes_) > 0
    except SegmentationError:
        return False


def _distance(box: Box, point: Sequence[float], spacing: Sequence[float]) -> float:
    """Squared distance of a box from a voxel, in mm²."""
    away = [
        max(part.start - one, one - (part.stop - 1), 0) * step
        for part, one, step in zip(box, point, spacing, strict=True)
    ]
    return sum(one**2 for one in away)
