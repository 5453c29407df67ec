"""Stroke-grouped cross-validation and hot spots."""

import numpy as np
import pytest

from segmentation import engine
from segmentation.classifier import PixelClassifier
from segmentation.errors import SegmentationError
from segmentation.features import FeatureBank
from segmentation.hotspots import hot_spots
from segmentation.validation import Score, cross_validate, stroke_groups

# In a fresh clone the first test compiles the kernels.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    engine.warm_up()


def test_score_by_hand() -> None:
    score = Score(np.array([1, 4], np.uint8), np.array([[8, 2], [1, 9]]))
    assert score.iou == pytest.approx({1: 8 / 11, 4: 9 / 12})
    assert score.f1 == pytest.approx({1: 16 / 19, 4: 18 / 21})
    assert score.accuracy == pytest.approx(0.85)
    assert score.mean_iou == pytest.approx((8 / 11 + 0.75) / 2)


def test_strokes_are_connected_pixels_of_a_class() -> None:
    labels = np.array([[1, 0, 2, 2], [0, 1, 2, 0], [0, 0, 0, 1]], np.uint8)
    groups = stroke_groups(labels)
    assert groups[0, 0] == groups[1, 1]  # diagonal
    assert groups.max() == 3
    assert (groups[labels == 0] == 0).all()


def noise_with_strokes(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A picture that says nothing about the classes, with strokes that can only be learned by heart."""
    image = rng.random((160, 160)).astype(np.float32)
    labels = np.zeros(image.shape, np.uint8)
    for number, corner in enumerate(rng.permutation(64)):
        row, column = (corner // 8) * 20 + 4, (corner % 8) * 20 + 4
        labels[row : row + 6, column : column + 12] = number % 2 + 1
    return image, labels


def test_honest_where_leaving_out_pixels_is_not() -> None:
    image, labels = noise_with_strokes(np.random.default_rng(0))
    found = cross_validate(PixelClassifier(FeatureBank(sigma_min=4)), image, labels)
    assert found.strokes == {1: 32, 2: 32}
    assert found.unvalidated == ()
    assert 0.4 < found.by_stroke.accuracy < 0.6  # a coin would do as well
    assert found.by_pixel.accuracy > 0.8
    assert found.optimism > 0.3
    assert found.by_stroke.confusion.sum() == np.count_nonzero(labels) == found.by_pixel.confusion.sum()


def test_good_strokes_score_well_and_known_strokes_are_used() -> None:
    rng = np.random.default_rng(1)
    image = np.zeros((80, 80), np.float32)
    image[:, 40:] = 0.8
    image += 0.1 * rng.random(image.shape).astype(np.float32)
    labels, strokes = np.zeros(image.shape, np.uint8), np.zeros(image.shape, int)
    for number in range(4):
        labels[number * 20 + 5, 5:35], strokes[number * 20 + 5, 5:35] = 1, 2 * number + 1
        labels[number * 20 + 5, 45:75], strokes[number * 20 + 5, 45:75] = 2, 2 * number + 2
    classifier = PixelClassifier(FeatureBank(sigma_max=2))
    found = cross_validate(classifier, image, labels, strokes=strokes, folds=3)
    assert found.by_stroke.mean_iou > 0.97
    assert found.strokes == {1: 4, 2: 4}
    steps: list[tuple[int, int]] = []

    def note(done: int, total: int) -> None:
        steps.append((done, total))
        if len(steps) == 8:
            raise KeyboardInterrupt

    cross_validate(classifier, image, labels, strokes=strokes, folds=3, progress=note)
    assert steps == [(done, 6) for done in range(6)]
    with pytest.raises(KeyboardInterrupt):  # two fits into the next one
        cross_validate(classifier, image, labels, strokes=strokes, folds=3, progress=note)
    with pytest.raises(SegmentationError, match="call fit"):
        _ = classifier.classes_  # not changed


def test_a_class_of_one_stroke_is_learned_but_not_scored() -> None:
    image, labels = noise_with_strokes(np.random.default_rng(2))
    labels[labels == 2] = 1
    labels[150:155, 0:100] = 2
    found = cross_validate(PixelClassifier(FeatureBank(sigma_max=2)), image, labels)
    assert found.unvalidated == (2,)
    assert found.by_stroke.confusion[1].sum() == 0
    only = np.zeros_like(labels)
    only[3, 3:9], only[50, 3:9] = 1, 2
    with pytest.raises(SegmentationError, match="one stroke only"):
        cross_validate(PixelClassifier(FeatureBank(sigma_max=2)), image, only)


def test_hot_spots_prefer_large_uncertain_places_far_away() -> None:
    uncertainty = np.full((160, 240), 0.05)
    uncertainty[16:64, 16:64] = 0.9  # large, but a stroke lies in it
    uncertainty[96:136, 160:208] = 0.8  # large and far
    uncertainty[120:128, 16:24] = 0.9  # small
    labels = np.zeros(uncertainty.shape, np.uint8)
    labels[20:60, 20:60] = 1
    spots = hot_spots(uncertainty, labels)
    best = spots[0]
    assert best.box == (slice(96, 136), slice(160, 208))
    assert 96 <= best.center[0] < 136
    assert 160 <= best.center[1] < 208
    assert best.score == 1.0
    assert best.uncertainty == pytest.approx(0.8)
    assert best.area == 40 * 48
    assert [spot.score for spot in spots] == sorted((spot.score for spot in spots), reverse=True)


def test_hot_spots_of_a_certain_picture_and_of_a_volume() -> None:
    assert hot_spots(np.zeros((50, 50)), np.zeros((50, 50), np.uint8)) == []
    volume = np.zeros((20, 33, 40))
    volume[8:16, 16:33, 8:24] = 0.9
    (spot,) = hot_spots(volume, np.zeros(volume.shape, np.uint8))
    assert spot.box == (slice(8, 16), slice(16, 33), slice(8, 24))
    with pytest.raises(SegmentationError, match="shape"):
        hot_spots(volume, np.zeros((20, 33, 41), np.uint8))
