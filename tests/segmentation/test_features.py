"""FeatureBank against scikit-image, SciPy and itself by tile."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage import data
from skimage.feature import multiscale_basic_features

from segmentation import engine, feature_reference
from segmentation.errors import SegmentationError
from segmentation.features import EXTRA_FAMILIES, FeatureBank
from segmentation.picture import Picture
from segmentation.tiles import whole

EVERYTHING = FeatureBank(sigma_max=4, extra=tuple(EXTRA_FAMILIES), extra_sigmas=(0.7, 1.6), context=(16,))


# In a fresh clone the first test compiles the kernels.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    engine.warm_up("features", "volume")


@pytest.fixture(scope="module")
def camera() -> np.ndarray:
    return data.camera()[100:197, 200:331]


@pytest.fixture(scope="module")
def camera_planes(camera: np.ndarray) -> np.ndarray:
    return EVERYTHING.compute(camera)


def random_volume(shape: tuple[int, ...], seed: int) -> np.ndarray:
    values = ndimage.gaussian_filter(np.random.default_rng(seed).random(shape), 1.0)
    return ((values - values.min()) / np.ptp(values)).astype(np.float32)


@pytest.mark.parametrize("kind", ["grey", "colour", "sixteen", "first"])
def test_equals_scikit_image(kind: str) -> None:
    image, axis = {
        "grey": (data.coins()[:150, :90], None),
        "colour": (data.astronaut()[60:160, 100:230], -1),
        "sixteen": (data.coins()[:80, :90].astype(np.uint16) * 257, None),
        "first": (np.moveaxis(data.astronaut()[60:130, 100:180], -1, 0), 0),
    }[kind]
    ours = FeatureBank().compute(image, channel_axis=axis)
    reference = multiscale_basic_features(image, channel_axis=axis)
    assert ours.dtype == np.float32
    assert ours.shape == (FeatureBank().count(3 if axis is not None else 1), *reference.shape[:2])
    np.testing.assert_allclose(ours, np.moveaxis(reference, -1, 0), atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    "options",
    [
        {"edges": False, "texture": False},
        {"intensity": False, "sigma_min": 1, "sigma_max": 8, "num_sigma": 3},
        {"intensity": False, "edges": False, "sigma_max": 2},
    ],
)
def test_equals_scikit_image_for_other_recipes(options: dict) -> None:
    image = data.coins()[:70, :110]
    ours = FeatureBank(**options).compute(image)
    np.testing.assert_allclose(
        ours, np.moveaxis(multiscale_basic_features(image, **options), -1, 0), atol=1e-5, rtol=0
    )


def test_volume_equals_scikit_image() -> None:
    volume = random_volume((17, 23, 31), seed=3)
    ours = FeatureBank(sigma_max=4).compute(volume)
    reference = multiscale_basic_features(volume, sigma_max=4)
    np.testing.assert_allclose(ours, np.moveaxis(reference, -1, 0), atol=1e-5, rtol=0)


def test_a_volume_with_channels_equals_scikit_image() -> None:
    volume = np.stack([random_volume((9, 14, 18), seed) for seed in (7, 8)])
    ours = FeatureBank(sigma_max=2).compute(volume, channel_axis=0)
    reference = multiscale_basic_features(volume, sigma_max=2, channel_axis=0)
    np.testing.assert_allclose(ours, np.moveaxis(reference, -1, 0), atol=1e-5, rtol=0)


def test_spacing_makes_filters_round_in_space() -> None:
    volume = random_volume((9, 20, 24), seed=4)
    bank = FeatureBank(
        edges=False, texture=False, sigma_min=2, sigma_max=2, extra=("gradient",), extra_sigmas=(2,)
    )
    blur, gradient = bank.compute(volume, spacing=(4.0, 1.0, 0.5))
    expected = ndimage.gaussian_filter(volume, (0.5, 2, 4), mode="nearest")
    np.testing.assert_allclose(blur, expected, atol=1e-5)
    slopes = np.gradient(expected, 4.0, 1.0, 0.5)
    np.testing.assert_allclose(gradient, np.sqrt(np.sum(np.square(slopes), axis=0)), atol=1e-5)


@pytest.mark.parametrize("spacing", [None, (0.5, 1.0)])
def test_compiled_and_reference_path_agree(camera: np.ndarray, spacing: tuple[float, ...] | None) -> None:
    picture = Picture(camera, spacing=spacing)
    compiled_planes = EVERYTHING.compute(picture)
    slow = np.empty_like(compiled_planes)
    planes = EVERYTHING.planes()
    feature_reference.fill(
        picture, [(0, planes)], whole(picture.shape), EVERYTHING.exact_halo(2, spacing), slow
    )
    for plane, ours, reference in zip(planes, compiled_planes, slow, strict=True):
        # A deviation is the root of a difference of float32 squares: 1e-7 of them is 3e-4 of a small one.
        tolerance = 1e-3 if plane.family == "deviation" else 1e-5
        np.testing.assert_allclose(ours, reference, atol=tolerance, err_msg=plane.label())


def test_volume_families_agree_with_the_reference_path() -> None:
    picture = Picture(random_volume((12, 14, 19), seed=5), spacing=(2.0, 1.0, 1.0))
    bank = FeatureBank(
        sigma_max=1,
        extra=("structure", "gradient", "laplacian", "hessian", "difference"),
        extra_sigmas=(1.0,),
        context=(8,),
    )
    ours = bank.compute(picture)
    slow = np.empty_like(ours)
    feature_reference.fill(
        picture, [(0, bank.planes(3))], whole(picture.shape), bank.exact_halo(3, picture.spacing), slow
    )
    np.testing.assert_allclose(ours, slow, atol=1e-5)


@settings(max_examples=25)
@given(data=st.data())
def test_a_box_is_bit_identical_to_the_whole(
    camera: np.ndarray, camera_planes: np.ndarray, data: st.DataObject
) -> None:
    box = []
    for length in camera.shape:
        start = data.draw(st.integers(0, length - 1))
        box.append(slice(start, data.draw(st.integers(start + 1, length))))
    np.testing.assert_array_equal(
        EVERYTHING.compute(camera, box=tuple(box)), camera_planes[(slice(None), *box)]
    )


def test_a_box_of_a_volume_is_bit_identical_to_the_whole() -> None:
    volume = random_volume((14, 21, 90), seed=6)
    bank = FeatureBank(sigma_max=2, extra=("structure", "deviation"), extra_sigmas=(1.0,), context=(8,))
    full = bank.compute(volume)
    for box in (
        (slice(0, 5), slice(3, 21), slice(60, 90)),
        (slice(6, 7), slice(0, 21), slice(13, 78)),
        (slice(4, 14), slice(10, 11), slice(0, 90)),
    ):
        np.testing.assert_array_equal(bank.compute(volume, box=box), full[(slice(None), *box)])


def test_a_crop_with_the_halo_suffices() -> None:
    image = data.coins()
    bank = FeatureBank(sigma_max=4)
    (halo, _), box = bank.halo(), (slice(100, 140), slice(120, 180))
    crop = image[100 - halo : 140 + halo, 120 - halo : 180 + halo]
    inner = (slice(None), slice(halo, -halo), slice(halo, -halo))
    np.testing.assert_array_equal(bank.compute(crop)[inner], bank.compute(image, box=box))
    narrow = image[101 - halo : 139 + halo, 121 - halo : 179 + halo]
    assert (
        bank.compute(narrow)[:, halo - 1 : 1 - halo, halo - 1 : 1 - halo] != bank.compute(image, box=box)
    ).any()


def test_extra_planes_of_colour_are_those_of_its_brightness() -> None:
    colour = data.astronaut()[:60, :70]
    bank = FeatureBank(intensity=False, edges=False, texture=False, extra=("structure",), extra_sigmas=(2,))
    grey = colour.astype(np.float32).mean(-1) / 255
    np.testing.assert_allclose(bank.compute(colour, channel_axis=-1), bank.compute(grey), atol=1e-5)


def test_tiny_pictures_have_finite_planes() -> None:
    for shape in ((1, 1), (1, 9), (2, 3)):
        assert np.isfinite(FeatureBank().compute(np.full(shape, 200, np.uint8))).all()


def test_context_is_the_mean_of_a_wide_window() -> None:
    rows, columns = np.mgrid[0:256, 0:256]
    ramp = ((rows + columns) / 512).astype(np.float32)
    bank = FeatureBank(intensity=False, edges=False, texture=False, context=(16,))
    mean, deviation = bank.compute(ramp)
    inner = (slice(100, 156), slice(100, 156))
    np.testing.assert_allclose(mean[inner], ramp[inner], atol=1e-3)  # the mean of a ramp is the ramp
    assert np.allclose(deviation[inner], 16 * np.sqrt(2) / 512, rtol=0.05)  # sigma 16 along each axis


def test_names_count_and_cost() -> None:
    bank = FeatureBank(context=(32,))
    assert bank.sigmas == (0.5, 1, 2, 4, 8, 16)
    assert bank.count() == 26
    assert len(bank.names(channels=3)) == bank.count(channels=3) == 74
    assert bank.names(channels=3)[72] == "brightness: context mean, sigma 32"
    assert FeatureBank(context=(32,), extra_on="channels").count(channels=3) == 78
    assert bank.names()[:4] == (
        "intensity, sigma 0.5",
        "edges, sigma 0.5",
        "texture 1, sigma 0.5",
        "texture 2, sigma 0.5",
    )
    assert bank.names(channels=3)[24] == "channel 2: intensity, sigma 0.5"
    assert FeatureBank().halo() == (66, 66)  # 4 sigma, and two pixels for second differences
    assert FeatureBank().halo(3, (4.0, 1.0, 1.0)) == (18, 66, 66)
    assert FeatureBank(sigma_max=4).cost() < FeatureBank().cost() < FeatureBank(extra=("structure",)).cost()


def test_recipe_survives_json() -> None:
    bank = FeatureBank(sigma_max=8, extra=("structure",), extra_sigmas=(1, 3), context=(32, 64))
    assert FeatureBank.from_json(bank.to_json()) == bank
    with pytest.raises(SegmentationError, match="unknown entries"):
        FeatureBank.from_json({"sigma": 3})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"intensity": False, "edges": False, "texture": False}, "needs a family"),
        ({"sigma_min": 4, "sigma_max": 2}, "sigma_min <= sigma_max"),
        ({"sigma_min": 0}, "must be positive"),
        ({"num_sigma": 0}, "at least 1"),
        ({"extra": ("gabor",)}, "unknown families"),
    ],
)
def test_impossible_banks_say_why(options: dict, message: str) -> None:
    with pytest.raises(SegmentationError, match=message):
        FeatureBank(**options)


@pytest.mark.parametrize(
    ("image", "options", "message"),
    [
        (np.zeros((0, 5), np.uint8), {}, "empty"),
        (np.zeros(5, np.uint8), {}, "two or three spatial axes"),
        (np.zeros((5, 5), np.int64), {}, "int64"),
        (np.full((5, 5), np.nan), {}, "NaN"),
        (np.full((5, 5), np.inf), {}, "NaN or infinite"),
        (np.full((5, 5), 1.5), {}, r"\[0, 1\]"),
        (np.zeros((5, 5, 200), np.uint8), {"channel_axis": -1}, "200 channels"),
        (np.zeros((5, 5), np.uint8), {"channel_axis": 4}, "channel_axis=4"),
        (np.zeros((5, 5), np.uint8), {"spacing": (1, 0)}, "spacing"),
        (np.zeros((5, 5), np.uint8), {"spacing": (0.01, 0.01)}, "unit of the spacing"),
        (np.zeros((5, 5), np.uint8), {"box": (slice(0, 9), slice(0, 2))}, "does not lie"),
        (np.zeros((5, 5), np.uint8), {"out": np.zeros((2, 5, 5), np.float32)}, "shape"),
    ],
)
def test_bad_pictures_say_what_is_allowed(image: np.ndarray, options: dict, message: str) -> None:
    with pytest.raises(SegmentationError, match=message):
        FeatureBank().compute(image, **options)
