"""Refined contours against objects of known outline: discs of arithmetic and the coins of scikit-image."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage as ndi
from skimage import data

from benchmarks.rough_loops import HANDS, coins_by_otsu, instances
from segmentation.classifier import PixelClassifier
from segmentation.contours import CONTOUR_METHODS, refine_contour
from segmentation.errors import SegmentationError
from segmentation.features import FeatureBank
from segmentation.strokes import polygon_mask

SHAPED = [one for one in CONTOUR_METHODS if one != "classifier"]
ROWS, COLS = np.mgrid[:120, :140]


def loop(row: float, col: float, radius: float) -> NDArray[np.float64]:
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    return np.stack([row + radius * np.sin(angles), col + radius * np.cos(angles)], axis=1)


def disc(row: float = 60, col: float = 70, radius: float = 25) -> NDArray[np.bool_]:
    return np.hypot(ROWS - row, COLS - col) < radius


def noisy(mask: NDArray[np.bool_], low: float = 60, high: float = 160, sd: float = 10) -> NDArray[np.float64]:
    return np.where(mask, high, low) + np.random.default_rng(0).normal(0, sd, mask.shape)


@pytest.mark.parametrize("method", SHAPED)
@pytest.mark.parametrize("levels", [(60, 160), (160, 60)], ids=["bright", "dark"])
def test_a_noisy_disc_is_found_with_its_measures(method: str, levels: tuple[int, int]) -> None:
    truth = disc()
    contour = refine_contour(noisy(truth, *levels), loop(62, 69, 31), method=method, reference=truth)
    assert contour.reference_iou is not None
    assert contour.reference_iou > 0.93
    assert contour.area == pytest.approx(np.pi * 25**2, rel=0.05)
    assert contour.perimeter == pytest.approx(2 * np.pi * 25, rel=0.05)
    assert contour.rough_iou == pytest.approx((25 / 31) ** 2, abs=0.06)
    assert contour.method == method


@pytest.mark.parametrize("method", SHAPED)
def test_vertices_hold_exactly_the_pixels_of_the_mask(method: str) -> None:
    contour = refine_contour(noisy(disc()), loop(60, 70, 30), method=method)
    mask = contour.mask((120, 140))
    assert mask.sum() == contour.area
    np.testing.assert_array_equal(polygon_mask(contour.vertices, mask.shape), mask)
    assert np.asarray(contour).shape == (len(contour), 2)


def test_the_default_finds_every_coin_however_badly_drawn() -> None:
    """The figure that the project promises; benchmarks/bench_contours.py measures all of it."""
    assert inspect.signature(refine_contour).parameters["method"].default == CONTOUR_METHODS[0]
    picture, numbered = coins_by_otsu()
    found: dict[str, list[float]] = {hand: [] for hand in HANDS}
    rough = []
    for label, loops in instances(numbered, every=6):
        truth = numbered == label
        for hand, drawn in loops.items():
            contour = refine_contour(picture, drawn, reference=truth)
            found[hand].append(contour.reference_iou or 0.0)
            inside = polygon_mask(drawn, truth.shape)
            rough.append((inside & truth).sum() / (inside | truth).sum())
    assert len(rough) == 20
    assert np.mean(rough) == pytest.approx(0.65, abs=0.01)
    assert min(np.mean(one) for one in found.values()) > 0.93


@pytest.mark.parametrize("method", SHAPED)
def test_a_blurred_border_lies_in_the_middle_of_the_slope(method: str) -> None:
    """The half-way line of a blurred disc is the disc, whatever the method and the rough radius."""
    truth = disc()
    picture = ndi.gaussian_filter(np.where(truth, 160.0, 20.0), 2)
    for rough in (21, 25, 31):
        contour = refine_contour(picture, loop(60, 70, rough), method=method)
        assert contour.area == pytest.approx(truth.sum(), rel=0.05)


@pytest.mark.parametrize("method", SHAPED)
@pytest.mark.parametrize("brighter", [0.8, 1.25])
def test_a_touching_neighbour_is_cut_off_along_the_valley(method: str, brighter: float) -> None:
    truth, neighbour = disc(60, 52, 18), disc(60, 88, 18)
    rows, cols = np.mgrid[:120, :140]
    domes = np.where(truth, 1 - 0.3 * np.hypot(rows - 60, cols - 52) / 18, 0.0)
    domes += brighter * np.where(neighbour & ~truth, 1 - 0.3 * np.hypot(rows - 60, cols - 88) / 18, 0.0)
    picture = ndi.gaussian_filter(20 + 120 * domes, 1.5)
    contour = refine_contour(picture, loop(60, 55, 21), method=method, reference=truth)
    assert contour.reference_iou is not None
    assert contour.reference_iou > 0.9
    assert (contour.mask(truth.shape) & neighbour).sum() < 0.06 * neighbour.sum()


def test_colour_and_channels_first() -> None:
    truth = disc()
    picture = np.stack([np.full(truth.shape, 100.0), noisy(truth), np.full(truth.shape, 30.0)], axis=-1)
    last = refine_contour(picture, loop(62, 69, 31), channel_axis=-1, reference=truth)
    first = refine_contour(np.moveaxis(picture, -1, 0), loop(62, 69, 31), channel_axis=0)
    assert last.reference_iou is not None
    assert last.reference_iou > 0.95
    np.testing.assert_array_equal(last.vertices, first.vertices)


def test_an_object_at_the_edge_and_a_loop_beyond_it() -> None:
    truth = disc(5, 70)
    contour = refine_contour(noisy(truth), loop(2, 70, 30), reference=truth)
    assert contour.reference_iou is not None
    assert contour.reference_iou > 0.9


def test_a_large_object_is_found_on_a_coarser_grid() -> None:
    rows, cols = np.mgrid[:1500, :1500]
    truth = np.hypot(rows - 750, cols - 700) < 450
    picture = np.where(truth, 200, 40).astype(np.uint8)
    contour = refine_contour(picture, loop(750, 720, 520), reference=truth)
    assert contour.reference_iou is not None
    assert contour.reference_iou > 0.98


def test_where_there_is_nothing_to_see_the_hand_was_right() -> None:
    flat = refine_contour(np.full((120, 140), 7), loop(60, 70, 20))
    assert flat.rough_iou == 1
    full = refine_contour(noisy(disc()), [(-1, -1), (-1, 141), (121, 141), (121, -1)])
    assert full.area == 120 * 140


def test_the_answer_does_not_depend_on_the_rest_of_the_image() -> None:
    picture = data.coins()
    drawn = loop(205, 36, 25)
    whole = refine_contour(picture, drawn)
    elsewhere = picture.copy()
    elsewhere[:120] = 0
    elsewhere[:, 150:] = 255
    np.testing.assert_array_equal(refine_contour(elsewhere, drawn).vertices, whole.vertices)
    np.testing.assert_array_equal(refine_contour(picture, drawn).vertices, whole.vertices)


class Threshold:
    """A stand-in for a fitted classifier: bright pixels are class 4, others class 9."""

    classes_ = np.array([4, 9])

    def predict_proba(self, image: NDArray[np.float64], **_: object) -> NDArray[np.float32]:
        bright = np.clip((image - 60) / 100, 0, 1)
        return np.stack([bright, 1 - bright]).astype(np.float32)


def test_a_classifier_cuts_the_object_from_its_neighbour() -> None:
    truth, neighbour = disc(60, 50, 22), disc(60, 92, 20)
    picture = noisy(truth | neighbour, sd=3)
    contour = refine_contour(
        picture, loop(60, 48, 27), method="classifier", classifier=Threshold(), reference=truth
    )
    assert contour.reference_iou is not None
    assert contour.reference_iou > 0.93
    assert not contour.mask(truth.shape)[60, 92]
    background = refine_contour(
        picture, loop(20, 70, 15), method="classifier", classifier=Threshold(), class_id=9
    )
    assert not (background.mask(truth.shape) & truth).any()


def test_the_live_classifier_finds_coins() -> None:
    picture, numbered = coins_by_otsu()
    picture, numbered = picture[150:, :200], numbered[150:, :200]
    labels = np.where(numbered > 0, 2, 1)
    labels[np.arange(len(labels)) % 8 > 0] = 0  # every eighth row was painted
    bank = FeatureBank(sigma_max=4)
    classifier = PixelClassifier(bank, options={"trees": 16}, class_names={1: "ground", 2: "coin"})
    classifier.fit(picture, labels)
    proba = classifier.predict_proba(picture)
    found = []
    for label, loops in instances(numbered, every=3):
        truth = numbered == label
        contour = refine_contour(
            picture, loops["sloppy"], method="classifier", classifier=classifier, proba=proba, reference=truth
        )
        found.append(contour.reference_iou)
    again = refine_contour(picture, loops["sloppy"], method="classifier", classifier=classifier, class_id=2)
    np.testing.assert_array_equal(again.vertices, contour.vertices)
    assert len(found) > 2
    assert np.mean(found) > 0.9


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((np.zeros((9, 9)), loop(4, 4, 3)), {"method": "magic"}, "methods are random_walker"),
        ((np.zeros((9, 9)), loop(4, 4, 3)), {"method": "classifier"}, "needs a fitted classifier"),
        ((np.zeros((9, 9)), loop(4, 4, 3)[:2]), {}, "at least three"),
        ((np.zeros((9, 9)), [1, 2, 3]), {}, "at least three"),
        ((np.zeros((9, 9)), loop(40, 40, 3)), {}, "holds 0 pixels"),
        ((np.zeros((9, 9)), loop(4, 4, 1)), {}, "it needs 9"),
        ((np.zeros((9, 9, 3)), loop(4, 4, 3)), {}, "channel_axis"),
        ((np.full((9, 9), np.nan), loop(4, 4, 3)), {}, "NaN"),
        ((np.array([["a"] * 9] * 9), loop(4, 4, 3)), {}, "numbers"),
        ((np.zeros((9, 9)), loop(4, 4, 3)), {"reference": np.zeros((8, 9))}, "reference has shape"),
        (
            (np.zeros((9, 9)), loop(4, 4, 3)),
            {"method": "classifier", "classifier": Threshold(), "proba": np.zeros((3, 9, 9))},
            r"probabilities have shape \(2, 9, 9\)",
        ),
    ],
)
def test_what_cannot_be_refined_is_refused(arguments: tuple, options: dict, message: str) -> None:
    with pytest.raises(SegmentationError, match=message):
        refine_contour(*arguments, **options)


def test_a_class_that_the_classifier_does_not_know_is_named() -> None:
    with pytest.raises(SegmentationError, match=r"knows the classes \[4, 9\]"):
        refine_contour(
            noisy(disc()), loop(60, 70, 30), method="classifier", classifier=Threshold(), class_id=1
        )
