"""A network of the user's own as features; it is written here byte by byte, without another package."""

import struct
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import correlate
from skimage import data

from segmentation import engine
from segmentation.classifier import PixelClassifier
from segmentation.errors import BackendError, SegmentationError
from segmentation.onnx_features import OnnxFeatures
from segmentation.picture import Picture

pytest.importorskip("onnxruntime", reason='the extra "onnx" is not installed')
pytestmark = pytest.mark.timeout(600)


def field(number: int, value: int | bytes | str) -> bytes:
    """Encode one field of a protocol buffer."""

    def varint(n: int) -> bytes:
        parts = []
        while True:
            n, low = n >> 7, n & 0x7F
            parts.append(low | (0x80 if n else 0))
            if not n:
                return bytes(parts)

    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    raw = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(raw)) + raw


def convolution(weights: np.ndarray, stride: int) -> bytes:
    """Return an ONNX file of one convolution, (1, C, H, W) to (1, F, H / stride, W / stride)."""
    filters, channels, size, _ = weights.shape

    def ints(name: str, *values: int) -> bytes:  # AttributeProto, type INTS
        return field(1, name) + b"".join(field(8, value) for value in values) + field(20, 7)

    def tensor_type(name: str, *shape: str | int) -> bytes:  # ValueInfoProto of float32
        dims = b"".join(field(1, field(1, d) if isinstance(d, int) else field(2, d)) for d in shape)
        return field(1, name) + field(2, field(1, field(1, 1) + field(2, dims)))

    pad = size // 2
    node = field(1, "x") + field(1, "w") + field(2, "y") + field(4, "Conv")
    node += field(5, ints("strides", stride, stride)) + field(5, ints("pads", pad, pad, pad, pad))
    initializer = b"".join(field(1, n) for n in weights.shape) + field(2, 1) + field(8, "w")
    initializer += field(9, struct.pack(f"<{weights.size}f", *weights.ravel()))
    graph = field(1, node) + field(2, "one layer") + field(5, initializer)
    graph += field(11, tensor_type("x", 1, channels, "h", "w")) + field(
        12, tensor_type("y", 1, filters, "a", "b")
    )
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 13))


@pytest.fixture(scope="module")
def weights() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(5, 1, 5, 5)).astype(np.float32)


@pytest.fixture(scope="module")
def network(weights: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("onnx") / "layer.onnx"
    path.write_bytes(convolution(weights, stride=2))
    return path


@pytest.fixture(scope="module")
def features(network: Path) -> OnnxFeatures:
    return OnnxFeatures(network, mean=(0.5,), std=(0.25,), stride=2, halo=4, tile=64)


def test_equals_the_convolution(features: OnnxFeatures, weights: np.ndarray) -> None:
    image = data.coins()[:130, :150]
    planes = features.compute(image)
    assert planes.shape == (5, 130, 150)
    assert planes.dtype == np.float32
    normalised = (image / 255 - 0.5) / 0.25
    for plane, kernel in zip(planes, weights[:, 0], strict=True):
        cells = correlate(normalised, kernel, mode="nearest")[::2, ::2]
        # Linear interpolation by hand at row 10, column 20: a quarter of a cell from the nearest centre.
        near, far = 0.75, 0.25
        upper = cells[5] * near + cells[4] * far
        assert plane[10, 20] == pytest.approx(upper[10] * near + upper[9] * far, abs=1e-4)


def test_a_tile_is_the_whole(features: OnnxFeatures) -> None:
    picture = Picture(data.coins()[:131, :157])
    planes = features.compute(picture)
    for box in (
        (slice(0, 131), slice(0, 157)),
        (slice(63, 66), slice(1, 2)),
        (slice(120, 131), slice(100, 157)),
        (slice(5, 128), slice(127, 129)),
    ):
        np.testing.assert_array_equal(features.compute(picture, box=box), planes[(slice(None), *box)])


def test_a_classifier_learns_from_it(features: OnnxFeatures) -> None:
    engine.warm_up()
    image = data.coins()[:120, :130]
    labels = np.zeros(image.shape, np.uint8)
    labels[100:104, 10:120], labels[40:44, 35:55] = 1, 2
    classifier = PixelClassifier(features).fit(image, labels)
    found = classifier.predict(image)
    assert np.mean(found[labels > 0] == labels[labels > 0]) > 0.9
    box = (slice(30, 70), slice(20, 99))
    np.testing.assert_array_equal(classifier.predict_box(image, box), found[box])
    assert next(iter(classifier.feature_importances_)).startswith("layer ")


def test_what_does_not_fit_says_so(network: Path, tmp_path: Path, features: OnnxFeatures) -> None:
    with pytest.raises(SegmentationError, match="multiples of stride"):
        OnnxFeatures(network, stride=2, halo=3)
    with pytest.raises(SegmentationError, match="layout"):
        OnnxFeatures(network, layout="CHW")
    with pytest.raises(BackendError, match="should have 80 × 80 cells"):
        OnnxFeatures(network, stride=1, halo=8, tile=64).count()
    with pytest.raises(SegmentationError, match="3 axes"):
        features.check(Picture(np.zeros((4, 5, 6), np.uint8)))
    with pytest.raises(BackendError, match="fails on"):
        features.compute(data.astronaut()[:70, :70])  # three channels, the network has one
    junk = tmp_path / "junk.onnx"
    junk.write_bytes(b"not a network")
    with pytest.raises(BackendError, match=r"junk\.onnx"):
        OnnxFeatures(junk)
