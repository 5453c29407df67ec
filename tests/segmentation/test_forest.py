"""The packed forest against scikit-learn, pixel for pixel."""

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

from segmentation import engine
from segmentation.errors import SegmentationError
from segmentation.forest import Forest, grow_forest

# In a fresh clone the first test compiles the kernels.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    engine.warm_up("forest", "growth")


@pytest.fixture(scope="module")
def planes() -> np.ndarray:
    rng = np.random.default_rng(0)
    smooth = rng.random((6, 37, 61)).astype(np.float32).cumsum(1).cumsum(2)
    return np.ascontiguousarray(smooth / smooth.max() + 0.01 * rng.random(smooth.shape), dtype=np.float32)


@pytest.fixture(scope="module")
def samples(planes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    pixels = planes.reshape(6, -1)[:, rng.choice(37 * 61, 500, replace=False)]
    noise = rng.random(500)
    return pixels, ((pixels[0] + pixels[3] > 0.7).astype(np.uint8) + (noise < 0.2)).astype(np.uint8)


def pixels_of(planes: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(planes.reshape(planes.shape[0], -1).T)


@pytest.mark.parametrize(
    "reference",
    [
        RandomForestClassifier(30, max_depth=8, max_samples=0.3, random_state=0, n_jobs=1),
        RandomForestClassifier(17, random_state=1, n_jobs=1),
        ExtraTreesClassifier(40, random_state=2, n_jobs=1),
        ExtraTreesClassifier(4, max_depth=1, random_state=3, n_jobs=1),  # few votes: many ties
    ],
    ids=lambda estimator: f"{type(estimator).__name__}{estimator.n_estimators}",
)
def test_same_forest_same_labels_and_probabilities(
    reference: RandomForestClassifier, planes: np.ndarray, samples: tuple[np.ndarray, np.ndarray]
) -> None:
    reference.fit(samples[0].T, samples[1])
    forest = Forest.from_sklearn(reference)
    np.testing.assert_array_equal(forest.labels_on(planes).ravel(), reference.predict(pixels_of(planes)))
    shares = forest.votes_on(planes) / (forest.trees * forest.vote_scale)
    np.testing.assert_allclose(shares.reshape(3, -1).T, reference.predict_proba(pixels_of(planes)), atol=1e-6)


def test_thresholds_between_two_floats_keep_their_side() -> None:
    values = np.array([[0.1, np.nextafter(np.float32(0.1), np.float32(1)), 0.3]], np.float32)
    reference = RandomForestClassifier(9, bootstrap=False, random_state=0).fit(values.T, [0, 1, 1])
    forest = Forest.from_sklearn(reference)
    planes = values.reshape(1, 1, 3)
    np.testing.assert_array_equal(forest.labels_on(planes).ravel(), reference.predict(values.T))


def test_own_forest_exports_to_scikit_learn_with_the_same_answers(
    planes: np.ndarray, samples: tuple[np.ndarray, np.ndarray]
) -> None:
    forest = grow_forest(*samples, 3, trees=20, per_tree=300, max_depth=9, min_leaf=2, seed=5)
    exported = forest.to_sklearn()
    np.testing.assert_array_equal(forest.labels_on(planes).ravel() + 1, exported.predict(pixels_of(planes)))
    shares = forest.votes_on(planes) / (forest.trees * forest.vote_scale)
    np.testing.assert_array_equal(shares.reshape(3, -1).T, exported.predict_proba(pixels_of(planes)))
    depths = [tree.tree_.max_depth for tree in exported.estimators_]
    assert max(depths) == 9


def test_own_forest_is_as_accurate_as_extra_trees() -> None:
    rng = np.random.default_rng(7)

    def draw(count: int) -> tuple[np.ndarray, np.ndarray]:
        x = rng.normal(size=(count, 12)).astype(np.float32)
        y = (x[:, 0] * x[:, 1] > 0).astype(np.uint8) + (x[:, 2] + 0.5 * rng.normal(size=count) > 1)
        return x, y.astype(np.uint8)

    gaps = []
    for seed in range(5):
        (x, y), (unseen, truth) = draw(1500), draw(4000)
        reference = ExtraTreesClassifier(60, random_state=seed, max_features=3).fit(x, y)
        own = grow_forest(x.T, y, 3, trees=60, per_tree=1500, max_depth=60, min_leaf=1, tried=3, seed=seed)
        labels = own.labels_on(np.ascontiguousarray(unseen.T).reshape(12, 1, -1)).ravel()
        gaps.append(np.mean(labels == truth) - reference.score(unseen, truth))
    assert abs(np.mean(gaps)) < 0.01


def test_growth_depends_on_the_seed_alone(
    planes: np.ndarray, samples: tuple[np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"trees": 12, "per_tree": 200, "max_depth": 20, "min_leaf": 1}
    first = grow_forest(*samples, 3, seed=1, **options)
    monkeypatch.setattr("segmentation.forest.threads", lambda: 1)
    again = grow_forest(*samples, 3, seed=1, **options)
    other = grow_forest(*samples, 3, seed=2, **options)
    for name in ("roots", "feature", "threshold", "right", "leaves"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
    assert not np.array_equal(first.labels_on(planes), other.labels_on(planes))


def test_classes_that_are_not_met_change_no_tree(samples: tuple[np.ndarray, np.ndarray]) -> None:
    """Few classes are counted in another way than many."""
    few, many = (
        grow_forest(*samples, count, trees=4, per_tree=300, max_depth=12, min_leaf=1) for count in (3, 20)
    )
    np.testing.assert_array_equal(few.feature, many.feature)
    np.testing.assert_array_equal(few.threshold, many.threshold)
    np.testing.assert_array_equal(few.leaves, many.leaves[:, :3])


def test_min_leaf_and_depth_are_kept(samples: tuple[np.ndarray, np.ndarray]) -> None:
    forest = grow_forest(*samples, 3, trees=8, per_tree=500, max_depth=4, min_leaf=20, seed=0)
    nodes = np.diff([*forest.roots, len(forest.feature)])
    assert nodes.max() <= 2**5 - 1
    exported = forest.to_sklearn()
    for tree in exported.estimators_:
        leaves = tree.apply(samples[0].T)
        assert np.bincount(leaves)[np.unique(leaves)].min() >= 20


def test_constant_features_give_one_leaf() -> None:
    forest = grow_forest(
        np.ones((3, 10), np.float32),
        np.arange(10, dtype=np.uint8) % 2,
        2,
        trees=5,
        per_tree=10,
        max_depth=9,
        min_leaf=1,
    )
    assert len(forest.feature) == 5
    np.testing.assert_array_equal(forest.leaves, 0.5)


def test_weights_move_the_labels(planes: np.ndarray, samples: tuple[np.ndarray, np.ndarray]) -> None:
    forest = grow_forest(*samples, 3, trees=20, per_tree=300, max_depth=9, min_leaf=1)
    votes = forest.votes_on(planes).astype(float)
    weights = np.array([0.5, 1.0, 3.0])
    np.testing.assert_array_equal(
        forest.labels_on(planes, weights), (votes * weights[:, None, None]).argmax(0)
    )


def test_volumes_and_narrow_pictures(planes: np.ndarray, samples: tuple[np.ndarray, np.ndarray]) -> None:
    forest = grow_forest(*samples, 3, trees=5, per_tree=300, max_depth=9, min_leaf=1)
    flat = forest.labels_on(planes)
    volume = np.ascontiguousarray(planes[:, :36].reshape(6, 4, 9, 61))
    np.testing.assert_array_equal(forest.labels_on(volume).reshape(36, 61), flat[:36])
    np.testing.assert_array_equal(forest.labels_on(np.ascontiguousarray(planes[:, :, :3])), flat[:, :3])
    assert forest.votes_on(volume).shape == (3, 4, 9, 61)


def test_planes_of_another_bank_are_refused(samples: tuple[np.ndarray, np.ndarray]) -> None:
    forest = grow_forest(*samples, 3, trees=2, per_tree=300, max_depth=3, min_leaf=1)
    with pytest.raises(SegmentationError, match="6 features, given are 5"):
        forest.labels_on(np.zeros((5, 8, 8), np.float32))
    with pytest.raises(SegmentationError, match="float32"):
        forest.labels_on(np.zeros((6, 8, 8)))
