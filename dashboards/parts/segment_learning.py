"""What learns behind the segmentation page: kept features, answers, numbers made of them; no widgets."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboards.parts.live_loop import Answer, Background, Request, Turn, answer, view_of
from dashboards.parts.segment_overlay import feature_levels, share_levels
from dashboards.parts.segment_state import SegmentState
from data_sources.images import VALUE_RANGES, Image
from segmentation.classifier import PixelClassifier
from segmentation.hotspots import HotSpot, hot_spots
from segmentation.picture import SCALES, Picture
from segmentation.regions import class_fractions, find_regions, measure_regions
from segmentation.stored_features import FeatureExtractor, StoredFeatures
from segmentation.strokes import ERASE, rasterise
from segmentation.validation import Score, cross_validate

__all__ = ["Learning", "picture_of", "score_against"]

# Images whose features are kept; those of one with two million pixels take 800 MB.
KEPT = 3


def picture_of(image: Image, value_range: tuple[float, float] | None = None) -> Picture:
    """Return an image as the classifier reads it: the same as `brushlink segment` does.

    Parameters
    ----------
    image : Image
    value_range : (float, float), optional
        Values that count as black and white, when they are not the image's own.
    """
    if value_range is not None:
        image = replace(image, value_range=value_range)
    plain = image.value_range == tuple(map(float, VALUE_RANGES[image.array.dtype.name]))
    values = image.array if plain and image.array.dtype.name in SCALES else image.scaled()
    return Picture(values, None if image.channel_axis is None else -1)


def score_against(labels: NDArray[np.uint8], truth: NDArray[np.uint8]) -> Score:
    """Compare labels with a truth, where the truth says something."""
    known = truth > 0
    ids = np.union1d(np.unique(truth[known]), np.unique(labels[known]))
    ids = ids[ids > 0].astype(np.uint8)
    confusion = np.zeros((len(ids), len(ids)), np.int64)
    np.add.at(confusion, (np.searchsorted(ids, truth[known]), np.searchsorted(ids, labels[known])), 1)
    return Score(ids, confusion)


class _Cancelled(Exception):
    """Nobody waits for this work any more."""


class Learning:
    """The classifier of the page, off the event loop.

    Parameters
    ----------
    state : SegmentState
        What to learn from and how.
    post : callable, optional
        See `Background`.

    Attributes
    ----------
    labels : uint8 array or None
        The answer for the image on the page: the newest parts over older ones.
    classifier : PixelClassifier or None
        That gave it; None before the final one.
    """

    def __init__(self, state: SegmentState, post: Callable[[Callable[[], None]], Any] | None) -> None:
        self._state = state
        self.work = Background(post)
        self._stored: OrderedDict[tuple[Any, ...], StoredFeatures] = OrderedDict()
        self._images: dict[str, Image] = {}
        self.labels: NDArray[np.uint8] | None = None
        self.classifier: PixelClassifier | None = None
        self._levels: dict[tuple[Any, ...], NDArray[np.uint8]] = {}

    # -- the loop -------------------------------------------------------------------------------

    def drawn_classes(self) -> set[int]:
        """Classes that have strokes, on any image at hand."""
        strokes = self._state.strokes
        return {one.class_id for key in strokes if self._image(key) for one in strokes[key]} - {ERASE}

    def ask(
        self,
        drawn: NDArray[np.uint8],
        visible: tuple[int, int, int, int],
        tell: Callable[[Answer], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Learn from all strokes and answer for the image on the page.

        Parameters
        ----------
        drawn : uint8 array
            Label map of the strokes on that image, which the log keeps.
        visible : (int, int, int, int)
            Part of the image that is seen.
        tell, failed : callable
            Called with each `Answer`, or with the error that ended the work.
        """
        state = self._state
        bank = state.features()
        images, labels = [], []
        for key, strokes in state.strokes.items():
            if (image := self._image(key)) is not None:
                images.append(self.stored(key, image, bank))
                labels.append(drawn if key == state.key else rasterise(strokes, _flat(image.spatial_shape)))
        target = self.stored(state.key, state.image, bank)
        # Read now: in the thread the state may have gone on.
        settings = state.classifier()

        def make() -> PixelClassifier:
            return PixelClassifier(
                settings.features,
                backend=settings.backend,
                class_names=settings.class_names,
                class_colors=settings.class_colors,
            )

        fitted = None if state.model is None else state.model.classifier
        request = Request(make, images, labels, target, visible, fitted)
        self.work.ask("live", lambda turn: answer(request, turn), tell, failed)

    def take(self, told: Answer) -> None:
        """Lay an answer over the older ones."""
        shape = self._state.image.spatial_shape
        if self.labels is None or self.labels.shape != shape:
            self.labels = np.zeros(shape, np.uint8)
        fresh = self.labels.copy()
        fresh[told.box[0] : told.box[2], told.box[1] : told.box[3]] = told.labels
        self.labels = fresh
        if told.stage == "final":
            self.classifier = told.classifier
            self._levels = {key: value for key, value in self._levels.items() if key[0] == "feature"}

    def forget(self) -> None:
        """Drop the answer: there is nothing to learn from, or another image."""
        for name in ("live", "levels", "hints", "regions"):
            self.work.cancel(name)
        self.labels, self.classifier = None, None
        self._levels.clear()

    def look_at(self, visible: tuple[int, int, int, int]) -> None:
        """Read what is seen of a large picture, so that the next stroke is answered for it at once."""
        target = self.target()
        if target.small or not self.work.threaded:
            return
        (row0, col0, row1, col1), stride = view_of(visible)

        def work(turn: Turn) -> None:
            target.coarse_box((slice(row0, row1), slice(col0, col1)), stride)

        # What goes wrong here goes wrong again with the next stroke, which says so.
        self.work.ask("view", work, lambda _: None, lambda _: None)

    def stored(self, key: str, image: Image, bank: FeatureExtractor) -> StoredFeatures:
        """Return the features of an image, kept since it was last asked for."""
        span = None if self._state.model is None else self._state.model.value_range
        place = (key, bank, span)
        if place not in self._stored or self._images.get(key) is not image:
            self._stored[place] = StoredFeatures(picture_of(image, span), bank)
            self._images[key] = image
        self._stored.move_to_end(place)
        while len(self._stored) > KEPT:
            self._stored.popitem(last=False)
        return self._stored[place]

    def _image(self, key: str) -> Image | None:
        if key == self._state.key:
            return self._state.image
        if key not in self._images:
            found = self._state.image_of(key)
            if found is None:
                return None
            self._images[key] = found
        return self._images[key]

    # -- numbers made of an answer --------------------------------------------------------------

    def target(self) -> StoredFeatures:
        """Return the features of the image on the page."""
        return self.stored(self._state.key, self._state.image, self._state.features())

    def levels(
        self,
        what: tuple[Any, ...],
        tell: Callable[[NDArray[np.uint8]], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Make a picture of levels: ("probability", class), ("uncertainty",) or ("feature", number)."""
        if what in self._levels:
            self.work.cancel("levels")
            tell(self._levels[what])
            return
        target, classifier = self.target(), self.classifier

        def work(turn: Turn) -> None:
            if what[0] == "feature":
                made = feature_levels(_plane(target, what[1]))
            elif what[0] == "uncertainty":
                assert classifier is not None
                made = share_levels(classifier.uncertainty(target))
            else:
                assert classifier is not None
                place = classifier.classes_.tolist().index(what[1])
                made = share_levels(classifier.predict_proba(target)[place])
            turn.tell(made)

        def keep(made: NDArray[np.uint8]) -> None:
            self._levels[what] = made
            tell(made)

        self.work.ask("levels", work, keep, failed)

    def hints(self, tell: Callable[[list[HotSpot]], None], failed: Callable[[BaseException], None]) -> None:
        """Find where a stroke would teach most."""
        target, classifier = self.target(), self.classifier
        strokes = self._state.strokes.get(self._state.key, ())
        if classifier is None:
            return

        def work(turn: Turn) -> None:
            labels = rasterise(strokes, _flat(target.picture.shape))
            turn.tell(hot_spots(classifier.uncertainty(target), labels))

        self.work.ask("hints", work, tell, failed)

    def regions(self, tell: Callable[[Any], None], failed: Callable[[BaseException], None]) -> None:
        """Count the classes' pixels and measure the regions of one."""
        state, labels = self._state, self.labels
        if labels is None:
            return
        image, classes = state.image, state.classes
        chosen = next(one for one in classes if one.id == state.class_or_first(state.measured))
        split, least = state.split, state.min_pixels

        def work(turn: Turn) -> None:
            size = image.pixel_size
            shares = class_fractions(labels, classes, pixel_size=size, unit=image.unit)
            if turn.stale:
                return
            table = measure_regions(
                labels,
                [chosen],
                image=image.array,
                channel_axis=image.channel_axis,
                channel_names=image.channel_names,
                pixel_size=size,
                unit=image.unit,
                split=split,
                min_pixels=least,
            )
            regions = find_regions(labels, chosen.id, split=split, min_pixels=least)
            turn.tell((shares, table, regions))

        self.work.ask("regions", work, tell, failed)

    def validate(self, tell: Callable[[Any], None], failed: Callable[[BaseException], None]) -> None:
        """Cross-validate, leaving out whole strokes; tells (folds done, of) in between."""
        state = self._state
        bank, maker = state.features(), state.classifier()
        images, labels, numbers = [], [], []
        for key, strokes in state.strokes.items():
            if (image := self._image(key)) is not None:
                shape = _flat(image.spatial_shape)
                images.append(self.stored(key, image, bank))
                labels.append(rasterise(strokes, shape))
                numbers.append(_stroke_numbers(strokes, shape))

        def work(turn: Turn) -> None:
            def step(done: int, total: int) -> None:
                if turn.stale:
                    raise _Cancelled
                turn.tell((done, total))

            with suppress(_Cancelled):
                turn.tell(cross_validate(maker, images, labels, strokes=numbers, progress=step))

        self.work.ask("quality", work, tell, failed)


def _flat(shape: tuple[int, ...]) -> tuple[int, int]:
    """Take the shape of a single picture for what it is."""
    rows, cols = shape
    return rows, cols


def _stroke_numbers(strokes: Any, shape: tuple[int, ...]) -> NDArray[np.int32]:
    """Return the number of the stroke that gave each pixel its label, counted from 1."""
    from segmentation.strokes import stroke_mask

    numbers = np.zeros(shape, np.int32)
    for number, stroke in enumerate(strokes, start=1):
        mask = stroke_mask(stroke, (shape[0], shape[1]))
        numbers[mask] = 0 if stroke.class_id == ERASE else number
    return numbers


def _plane(target: StoredFeatures, number: int) -> NDArray[np.float32]:
    """Return one feature of the whole picture, tile by tile."""
    out = np.empty(target.picture.shape, np.float32)
    for box in target.bands():
        out[box] = target.box(box)[number]
    return out
