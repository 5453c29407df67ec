"""PixelClassifier on real pictures, and on what goes wrong."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from skimage import data

from segmentation import engine
from segmentation.backends import BACKENDS, register_backend
from segmentation.classifier import PixelClassifier
from segmentation.errors import BackendError, SegmentationError
from segmentation.features import FeatureBank
from segmentation.picture import Picture
from segmentation.state import classifier_from, state_of
from segmentation.stored_features import StoredFeatures, sample_indices

# In a fresh clone the first test compiles the kernels.
pytestmark = pytest.mark.timeout(600)

SMALL = FeatureBank(sigma_max=4)


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    engine.warm_up()


@pytest.fixture(scope="module")
def coins() -> np.ndarray:
    return data.coins()[:200, :260]


@pytest.fixture(scope="module")
def strokes(coins: np.ndarray) -> np.ndarray:
    labels = np.zeros(coins.shape, np.uint8)
    labels[100:104, 10:250] = 1  # between two rows of coins
    labels[40:44, 35:55] = 7
    labels[130:150, 48:52] = 7
    return labels


@pytest.fixture(scope="module")
def fitted(coins: np.ndarray, strokes: np.ndarray) -> PixelClassifier:
    return PixelClassifier(SMALL, random_state=3).fit(coins, strokes)


def test_learns_its_strokes_and_coins(
    fitted: PixelClassifier, coins: np.ndarray, strokes: np.ndarray
) -> None:
    labels = fitted.predict(coins)
    assert labels.dtype == np.uint8
    assert labels.shape == coins.shape
    assert fitted.classes_.tolist() == [1, 7]
    assert set(np.unique(labels)) == {1, 7}
    drawn = strokes > 0
    assert np.mean(labels[drawn] == strokes[drawn]) > 0.98
    coin = (slice(35, 55), slice(35, 58))  # well inside the first coin
    assert np.mean(labels[coin] == 7) > 0.8


def test_same_seed_same_answer_whatever_the_way(
    fitted: PixelClassifier, coins: np.ndarray, strokes: np.ndarray
) -> None:
    labels = fitted.predict(coins)
    again = PixelClassifier(SMALL, random_state=3).fit(coins, strokes)
    np.testing.assert_array_equal(again.predict(coins), labels)
    stored = fitted.stored(coins)
    stored.keep_all()
    np.testing.assert_array_equal(fitted.predict(stored), labels)
    for box in (
        (slice(13, 71), slice(0, 260)),
        (slice(190, 200), slice(101, 102)),
        (slice(0, 9), slice(7, 200)),
    ):
        np.testing.assert_array_equal(fitted.predict_box(coins, box), labels[box])
        np.testing.assert_array_equal(fitted.predict_box(stored, box), labels[box])


@pytest.mark.parametrize("pixels", [600, 5_000])
def test_tile_size_changes_nothing(
    fitted: PixelClassifier, coins: np.ndarray, pixels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = fitted.predict(coins), fitted.predict_proba(coins)
    monkeypatch.setattr("segmentation.stored_features.WHOLE_STACK_PIXELS", 1_000)
    monkeypatch.setattr("segmentation.stored_features.TILE_PIXELS", pixels)
    np.testing.assert_array_equal(fitted.predict(coins), whole[0])
    np.testing.assert_array_equal(fitted.predict_proba(coins), whole[1])


def test_probabilities_decide(fitted: PixelClassifier, coins: np.ndarray) -> None:
    proba = fitted.predict_proba(coins)
    assert proba.dtype == np.float32
    assert proba.shape == (2, *coins.shape)
    np.testing.assert_allclose(proba.sum(0), 1, atol=1e-5)
    clear = np.abs(proba[0] - proba[1]) > 1e-5
    np.testing.assert_array_equal(fitted.classes_[proba.argmax(0)][clear], fitted.predict(coins)[clear])
    raw = fitted.predict_proba(coins, corrected=False)
    assert np.abs(raw - proba).max() > 0.01
    uncertainty = fitted.uncertainty(coins)
    np.testing.assert_allclose(uncertainty, 1 - np.abs(proba[0] - proba[1]), atol=1e-6)


def test_the_correction_follows_rare_classes(coins: np.ndarray, strokes: np.ndarray) -> None:
    plain = PixelClassifier(SMALL, prior_strength=0, self_training=0).fit(coins, strokes)
    halved = PixelClassifier(SMALL, prior_strength=0.5, self_training=0).fit(coins, strokes)
    shares = halved.class_shares(coins)
    assert sum(shares.values()) == pytest.approx(1)
    drawn = np.mean(strokes[strokes > 0] == 7)
    moved = np.mean(halved.predict(coins) == 7) - np.mean(plain.predict(coins) == 7)
    assert np.sign(moved) == np.sign(shares[7] - drawn)


def test_bias_paints_more_of_a_class(coins: np.ndarray, strokes: np.ndarray) -> None:
    shares = [
        np.mean(PixelClassifier(SMALL, class_bias={7: bias}).fit(coins, strokes).predict(coins) == 7)
        for bias in (0.5, 1, 2)
    ]
    assert shares[0] < shares[1] < shares[2]


def test_a_list_of_images(coins: np.ndarray, strokes: np.ndarray) -> None:
    parts = [(coins[:100], strokes[:100]), (coins[100:], strokes[100:])]
    classifier = PixelClassifier(SMALL).fit([image for image, _ in parts], [labels for _, labels in parts])
    assert classifier.classes_.tolist() == [1, 7]
    assert classifier.predict(coins).shape == coins.shape
    only_one_labelled = PixelClassifier(SMALL).fit(
        [coins, coins[:50]], [strokes, np.zeros((50, 260), np.uint8)]
    )
    alone = PixelClassifier(SMALL).fit(coins, strokes)
    np.testing.assert_array_equal(only_one_labelled.predict(coins), alone.predict(coins))


def test_colour_and_channel_axis_are_remembered() -> None:
    image = data.astronaut()[:90, 150:260]
    labels = np.zeros(image.shape[:2], np.uint8)
    labels[:4, :40], labels[40:50, 55:65] = 1, 2
    classifier = PixelClassifier(SMALL).fit(image, labels)  # the last axis is the one the labels lack
    front = PixelClassifier(SMALL).fit(np.moveaxis(image, -1, 0), labels, channel_axis=0)
    np.testing.assert_array_equal(classifier.predict(image), front.predict(np.moveaxis(image, -1, 0)))
    with pytest.raises(SegmentationError, match="3 channels; this one has 2 axes and 2 channels"):
        classifier.predict(image[..., :2])


def test_volume(coins: np.ndarray) -> None:
    volume = np.repeat(coins[None, :60, :70], 12, axis=0)
    labels = np.zeros(volume.shape, np.uint8)
    labels[2, 5:9, 5:60], labels[6, 40:44, 38:52] = 1, 2
    bank = FeatureBank(sigma_max=2)
    classifier = PixelClassifier(bank).fit(volume, labels, spacing=(2.0, 1.0, 1.0))
    found = classifier.predict(volume, spacing=(2.0, 1.0, 1.0))
    assert found.shape == volume.shape
    assert np.mean(found[labels > 0] == labels[labels > 0]) > 0.95
    box = (slice(3, 9), slice(0, 31), slice(20, 70))
    np.testing.assert_array_equal(found[box], predict_box_of(classifier, volume, box))


def predict_box_of(classifier: PixelClassifier, volume: np.ndarray, box: tuple[slice, ...]) -> np.ndarray:
    return classifier.predict_box(classifier.stored(volume, None, (2.0, 1.0, 1.0)), box)


def test_preview_is_the_answer_at_every_fourth_pixel_and_between_them_near_it(
    coins: np.ndarray, strokes: np.ndarray
) -> None:
    classifier = PixelClassifier(SMALL, smoothing=0)
    stored = classifier.stored(coins)
    labels = classifier.fit(stored, strokes).predict(stored)
    preview = classifier.preview(stored, 4)
    assert preview.shape == labels.shape
    np.testing.assert_array_equal(preview[::4, ::4], labels[::4, ::4])
    nearest = np.kron(labels[::4, ::4], np.ones((4, 4), np.uint8))
    assert np.mean(preview == labels) > np.mean(nearest == labels) > 0.85
    quick = PixelClassifier(SMALL).fit(stored, strokes, quick=True).predict(stored)
    assert np.mean(quick == labels) > 0.9


def test_preview_of_a_volume(coins: np.ndarray) -> None:
    volume = np.repeat(coins[None, :60, :70], 6, axis=0)
    labels = np.zeros(volume.shape, np.uint8)
    labels[2, 5:9, 5:60], labels[4, 40:44, 38:52] = 1, 2
    classifier = PixelClassifier(FeatureBank(sigma_max=1), smoothing=0)
    stored = classifier.stored(volume)
    preview = classifier.fit(stored, labels).preview(stored, 3)
    assert preview.shape == volume.shape
    found = classifier.predict(stored)
    np.testing.assert_array_equal(preview[::3, ::3, ::3], found[::3, ::3, ::3])


def test_features_of_new_strokes_only(strokes: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = Picture(np.tile(data.camera(), (3, 3)))  # too large to keep all planes
    stored = StoredFeatures(picture, SMALL)
    asked: list[int] = []
    compute = FeatureBank.compute

    def counted(self: FeatureBank, image: object, **options: object) -> np.ndarray:
        planes = compute(self, image, **options)  # type: ignore[arg-type]
        asked.append(planes[0].size)
        return planes

    monkeypatch.setattr(FeatureBank, "compute", counted)
    first = np.arange(1000, 1100)
    both = np.concatenate([first, np.arange(900_000, 900_050)])
    before = stored.columns(first)
    asked.clear()
    grown = stored.columns(both)
    assert asked == [50]
    np.testing.assert_array_equal(grown[:, :100], before)
    asked.clear()
    np.testing.assert_array_equal(stored.columns(first), before)  # undone: nothing to compute
    assert asked == []
    assert stored._columns.shape[1] == 100


@pytest.mark.parametrize(
    "shape", [(3, 5), (512, 512), (1024, 1024), (5000, 4000), (20, 30, 40), (300, 400, 500)]
)
def test_sample_grid_spreads_over_the_picture(shape: tuple[int, ...]) -> None:
    indices = sample_indices(shape)
    np.testing.assert_array_equal(indices, np.unique(indices))
    assert min(np.prod(shape), 4_000) <= len(indices) <= 40_000
    for axis, places in enumerate(np.unravel_index(indices, shape)):
        quarter = np.bincount(places * 4 // shape[axis], minlength=min(4, shape[axis]))
        assert quarter.min() > 0 or shape[axis] < 4


def test_importances_name_features(fitted: PixelClassifier) -> None:
    importances = fitted.feature_importances_
    assert set(importances) == set(SMALL.names())
    assert sum(importances.values()) == pytest.approx(1)
    assert list(importances.values()) == sorted(importances.values(), reverse=True)


@pytest.mark.parametrize("backend", ["random forest", "extra trees", "logistic regression", "neural network"])
def test_backends_answer(backend: str, coins: np.ndarray, strokes: np.ndarray) -> None:
    classifier = PixelClassifier(SMALL, backend=backend).fit(coins, strokes)
    labels = classifier.predict(coins)
    drawn = strokes > 0
    assert np.mean(labels[drawn] == strokes[drawn]) > 0.95
    np.testing.assert_allclose(classifier.predict_proba(coins).sum(0), 1, atol=1e-5)
    if "forest" not in backend and "trees" not in backend:
        with pytest.raises(SegmentationError, match="no feature importances"):
            _ = classifier.feature_importances_


@pytest.fixture
def crashing() -> Iterator[str]:
    class Crashing:
        def __init__(self, random_state: int) -> None:
            self.seed = random_state

        def fit(self, X: np.ndarray, y: np.ndarray) -> None:
            raise ZeroDivisionError("by design")

    register_backend("crashing", Crashing)  # type: ignore[arg-type]
    yield "crashing"
    del BACKENDS["crashing"]


def test_a_crashing_backend_leaves_the_last_result(
    coins: np.ndarray, strokes: np.ndarray, crashing: str
) -> None:
    classifier = PixelClassifier(SMALL).fit(coins, strokes)
    labels = classifier.predict(coins)
    classifier.backend = crashing
    with pytest.raises(BackendError, match="ZeroDivisionError: by design"):
        classifier.fit(coins, strokes)
    np.testing.assert_array_equal(classifier.predict(coins), labels)
    with pytest.raises(BackendError, match='Did you mean "random forest"'):
        PixelClassifier(SMALL, backend="random forrest").fit(coins, strokes)
    with pytest.raises(SegmentationError, match="own backends"):
        register_backend("extra trees", lambda **_: None)  # type: ignore[arg-type, return-value]


class Answering:
    """Learns nothing, and answers as it was told."""

    def __init__(self, answer: Callable[[int], np.ndarray]) -> None:
        self.answer = answer

    def fit(self, X: np.ndarray, y: np.ndarray) -> None:
        """Take all."""

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        return self.answer(len(X))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda count: 1 // 0, "predict_proba of Answering failed: ZeroDivisionError"),
        (lambda count: np.full((count, 3), 1 / 3), "for .* pixels and 2 classes"),
        (lambda count: np.full((count, 2), np.nan), "not finite"),
        (lambda count: [["a", "b"]] * count, "predict_proba of Answering failed: ValueError"),
    ],
)
def test_a_backend_that_crashes_on_asking_leaves_the_last_result_too(
    answer: Callable[[int], np.ndarray], message: str, coins: np.ndarray, strokes: np.ndarray
) -> None:
    classifier = PixelClassifier(SMALL).fit(coins, strokes)
    labels = classifier.predict(coins)
    register_backend("answering", lambda random_state: Answering(answer))
    try:
        classifier.backend = "answering"
        with pytest.raises(BackendError, match=message):
            classifier.fit(coins, strokes)  # the second of two rounds asks the first
        np.testing.assert_array_equal(classifier.predict(coins), labels)
        once = PixelClassifier(SMALL, backend="answering", self_training=0).fit(coins, strokes)
        with pytest.raises(BackendError, match=message):
            once.predict(coins)
    finally:
        del BACKENDS["answering"]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.zeros((200, 260), np.uint8), "no labelled pixel"),
        (np.ones((200, 260), np.uint8), "all labels are of class 1"),
        (np.zeros((100, 260), np.uint8), "labels have shape"),
        (np.zeros((200, 260)), "not float64"),
        (np.full((200, 260), 65_535, np.uint16), "65535"),
        (np.full((200, 260), -1), "-1"),
    ],
)
def test_labels_that_teach_nothing(coins: np.ndarray, labels: np.ndarray, message: str) -> None:
    with pytest.raises(SegmentationError, match=message):
        PixelClassifier(SMALL).fit(coins, labels)


def test_hardly_any_information(coins: np.ndarray) -> None:
    labels = np.zeros(coins.shape, np.uint8)
    labels[0, 0], labels[40, 45] = 1, 2  # one pixel each
    assert set(np.unique(PixelClassifier(SMALL).fit(coins, labels).predict(coins))) <= {1, 2}
    flat = np.full(coins.shape, 9, np.uint8)
    assert set(np.unique(PixelClassifier(SMALL).fit(flat, labels).predict(flat))) <= {1, 2}


def test_use_before_fit() -> None:
    with pytest.raises(SegmentationError, match="call fit"):
        PixelClassifier().predict(np.zeros((8, 8), np.uint8))


@pytest.mark.parametrize("backend", ["brush forest", "random forest", "logistic regression"])
def test_state_round_trip(backend: str, coins: np.ndarray, strokes: np.ndarray) -> None:
    classifier = PixelClassifier(
        SMALL, backend=backend, class_names={1: "ground", 7: "coin"}, class_bias={7: 1.2}
    )
    classifier.fit(coins, strokes)
    again = classifier_from(state_of(classifier))
    np.testing.assert_array_equal(again.predict(coins), classifier.predict(coins))
    assert again.class_names == {1: "ground", 7: "coin"}
    assert again.features == SMALL


def test_forged_forests_are_refused(fitted: PixelClassifier) -> None:
    def forged(name: str, change: object) -> dict:
        state = state_of(fitted)
        array = state["forest"][name].copy()
        change(array)  # type: ignore[operator]
        return {**state, "forest": {**state["forest"], name: array}}

    def put(index: int, value: float) -> object:
        return lambda array: array.__setitem__(index, value)

    inner = int(np.flatnonzero(state_of(fitted)["forest"]["feature"] >= 0)[0])
    for state in (
        forged("right", put(inner, 10**6)),
        forged("right", put(inner, inner)),  # a walk without end
        forged("feature", put(inner, 24)),
        forged("feature", put(inner, -(10**6))),
        forged("roots", put(1, 0)),
        forged("threshold", put(inner, np.nan)),
        forged("leaves", put(0, 7.0)),
        {**state_of(fitted), "channels": 3},
        {**state_of(fitted), "format": 99},
        {key: value for key, value in state_of(fitted).items() if key != "classes"},
    ):
        with pytest.raises(SegmentationError):
            classifier_from(state)
