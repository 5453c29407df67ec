"""Volumes from scribbles: against SciPy and scikit-image, by part as in whole, and what is refused."""

from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage.segmentation import random_walker

from benchmarks.lesion_strokes import LESION, REST, lesion_strokes
from data_sources.volumes import Volume, brain, read_volume
from segmentation.engine import warm_up
from segmentation.errors import Cancelled, SegmentationError
from segmentation.scribbles import Scribbles
from segmentation.strokes import Stroke, rasterise
from segmentation.tidying import clean_labels
from segmentation.volume_script import volume_script
from segmentation.volumes import VOLUME_METHODS, VolumeSegmenter, segment_volume
from segmentation.walker import walk

SHAPE = (36, 40, 44)


@pytest.fixture(scope="module", autouse=True)
def kernels() -> None:
    warm_up("features", "growth", "forest", "smoothing", "volume")


def ball(
    radius: float, center: tuple[float, ...] = (18, 20, 22), steps: tuple[float, ...] = (1, 1, 1)
) -> np.ndarray:
    away = [(np.arange(n) - c) * step for n, c, step in zip(SHAPE, center, steps, strict=True)]
    return sum(np.ix_(*(one**2 for one in away))) <= radius**2


def scene(radius: float = 9, noise: float = 8, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A blurred ball of 150 on uneven ground of 100 to 120, in noise; and the ball."""
    truth = ball(radius)
    ground = 110 + 10 * np.sin(np.arange(SHAPE[2]) / 6)
    soft = ndimage.gaussian_filter(truth.astype(float), 1)
    values = ground + soft * (150 - ground) + np.random.default_rng(seed).normal(0, noise, SHAPE)
    return values.astype(np.float32), truth


STROKES = [
    (0, 18, Stroke("path", ((17, 18), (22, 25)), 1, 3)),
    (0, 18, Stroke("circle", ((5, 7), (35, 37)), 2)),
    (0, 18, Stroke("circle", ((7, 9), (33, 35)), 0)),
    (0, 18, Stroke("path", ((17, 18), (22, 25)), 1, 3)),
    (2, 22, Stroke("path", ((4, 20), (18, 34), (32, 20), (18, 6), (4, 20)), 2, 3)),
]


def dice(one: np.ndarray, other: np.ndarray) -> float:
    return float(2 * (one & other).sum() / (one.sum() + other.sum()))


# Scribbles
# ----------------------------------------------------------------------------------------------------------


def test_strokes_in_planes_are_the_rasterised_planes() -> None:
    scribbles = Scribbles.from_strokes(STROKES, SHAPE)
    oracle = np.zeros(SHAPE, np.uint8)
    oracle[18] = rasterise([one for axis, _, one in STROKES if axis == 0], SHAPE[1:])
    last = rasterise([STROKES[-1][2]], SHAPE[:2])
    oracle[:, :, 22] = np.where(last > 0, last, oracle[:, :, 22])
    np.testing.assert_array_equal(scribbles.dense(), oracle)
    again = Scribbles.of(oracle, SHAPE)
    np.testing.assert_array_equal(again.indices, scribbles.indices)
    np.testing.assert_array_equal(again.ids, scribbles.ids)
    assert scribbles.classes == (1, 2)
    box = (slice(10, 19), slice(0, 21), slice(20, 44))
    np.testing.assert_array_equal(scribbles.dense(box), oracle[box])
    around = tuple(slice(int(low), int(high) + 1) for low, high in ndimage_box(oracle))
    assert scribbles.box() == around


def ndimage_box(labels: np.ndarray) -> list[tuple[int, int]]:
    (part,) = ndimage.find_objects((labels > 0).astype(int))
    return [(one.start, one.stop - 1) for one in part]


@given(st.integers(0, 2**32 - 1))
def test_any_label_volume_survives_being_sparse(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(1, 7, 3))
    labels = rng.integers(0, 3, shape).astype(np.uint8) * rng.integers(0, 2, shape).astype(np.uint8)
    np.testing.assert_array_equal(Scribbles.of(labels, shape).dense(), labels)


def test_what_is_no_scribble_is_told() -> None:
    with pytest.raises(SegmentationError, match="no plane 40 across axis 1"):
        Scribbles.from_planes([(1, 40, np.zeros((36, 44), np.uint8))], SHAPE)
    with pytest.raises(SegmentationError, match="the scribbles lie on a volume of shape"):
        Scribbles.of(Scribbles.from_strokes(STROKES, SHAPE), (9, 9, 9))
    with pytest.raises(SegmentationError, match="the labels have shape"):
        segment_volume(np.zeros(SHAPE), np.zeros((3, 3, 3), np.uint8))


# Methods
# ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", VOLUME_METHODS)
def test_a_ball_is_found_by_each_method(method: str) -> None:
    values, truth = scene()
    found = segment_volume(
        values,
        Scribbles.from_strokes(STROKES, SHAPE),
        method=method,
        background=2,
        largest=True,
        fill_holes=True,
    )
    assert found.dtype == np.uint8
    assert set(np.unique(found)) == {0, 1}
    assert dice(found == 1, truth) > (0.9 if method == "random walker" else 0.7)


@pytest.mark.parametrize("radius", [6, 9, 11])
def test_the_walker_gets_the_volume_right_to_ten_per_cent(radius: float) -> None:
    values, truth = scene(radius, seed=radius)
    found = segment_volume(values, Scribbles.from_strokes(STROKES, SHAPE), background=2)
    assert found.sum() / truth.sum() == pytest.approx(1, abs=0.1)


def test_the_walker_walks_as_that_of_scikit_image_where_values_say_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("segmentation.walker.GAMMA", 0.0)
    monkeypatch.setattr("segmentation.walker.TOLERANCE", 1e-6)
    monkeypatch.setattr("segmentation.walker.BETA", 0.0)
    marks = Scribbles.from_strokes(STROKES, SHAPE).dense()
    ours = walk(scene()[0], marks, (1, 1, 1), lambda: None)[1]
    oracle = random_walker(
        scene()[0], marks.astype(int), beta=0, mode="cg_j", tol=1e-6, return_full_prob=True
    )
    np.testing.assert_allclose(ours, oracle[0], atol=2e-3)


def test_growing_is_threshold_and_connected_parts() -> None:
    values, _ = scene()
    scribbles = Scribbles.from_strokes(STROKES[3:4], SHAPE)
    found = segment_volume(values, scribbles, method="region growing", window=(130, 160))
    blurred = ndimage.gaussian_filter(values, 1)
    parts, _ = ndimage.label((blurred >= 130) & (blurred <= 160))
    marked = parts[scribbles.dense() > 0]
    np.testing.assert_array_equal(found == 1, np.isin(parts, marked[marked > 0]))


def test_growing_stays_in_its_region() -> None:
    values, _ = scene()
    roi = (slice(12, 24), slice(14, 30), slice(10, 30))
    found = segment_volume(
        values, Scribbles.from_strokes(STROKES[3:4], SHAPE), method="region growing", window=(0, 999), roi=roi
    )
    expected = np.zeros(SHAPE, np.uint8)
    expected[roi] = 1
    np.testing.assert_array_equal(found, expected)


def test_thick_slices_count_as_thick() -> None:
    steps = (3.0, 1.0, 1.0)
    truth = ball(12, steps=steps)
    soft = ndimage.gaussian_filter(truth.astype(float), [1 / 3, 1, 1])
    values = 100 + 50 * soft + np.random.default_rng(3).normal(0, 6, SHAPE)
    strokes = [
        (0, 18, Stroke("path", ((17, 18), (22, 25)), 1, 3)),
        (0, 18, Stroke("path", ((4, 22), (20, 39), (36, 22), (20, 5), (4, 22)), 2, 3)),
        (2, 22, Stroke("path", ((12, 20), (18, 36), (24, 20), (18, 4), (12, 20)), 2, 1)),
    ]
    scribbles = Scribbles.from_strokes(strokes, SHAPE)
    found = segment_volume(Volume(values, steps), scribbles, background=2)
    assert dice(found == 1, truth) > 0.9
    again = segment_volume(values, scribbles, spacing=steps, background=2)
    np.testing.assert_array_equal(found, again)


@pytest.mark.parametrize("method", VOLUME_METHODS)
def test_planes_and_boxes_agree_with_the_whole(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segmentation.volumes.SIDES", (10, 16, 20))
    values, _ = scene()
    segmenter = VolumeSegmenter(values, Scribbles.from_strokes(STROKES, SHAPE), method=method, background=2)
    planes = [(axis, n, segmenter.plane(axis, n)) for axis, n in ((0, 18), (1, 3), (2, 43))]
    box = (slice(3, 20), slice(10, 33), slice(7, 44))
    part = segmenter.box(box)
    whole = segmenter.labels()
    for axis, n, plane in planes:
        np.testing.assert_array_equal(plane, whole.take(n, axis))
    np.testing.assert_array_equal(part, whole[box])
    nearest, _, done, total = next(segmenter.blocks(first=(18, 20, 22)))
    assert done == 1
    assert total >= 1
    assert all(one.start <= at < one.stop for one, at in zip(nearest, (18, 20, 22), strict=True))


def test_a_lazy_volume_of_other_numbers_gives_the_same() -> None:
    class Lazy:
        """Has no more than a Zarr has."""

        def __init__(self, array: np.ndarray) -> None:
            self.array, self.shape, self.dtype = array, array.shape, array.dtype

        def __getitem__(self, key: object) -> np.ndarray:
            return self.array[key]

    values = scene()[0].astype(np.int16) - 500
    scribbles = Scribbles.from_strokes(STROKES, SHAPE)
    for method in VOLUME_METHODS:
        expected = segment_volume(values, scribbles, method=method)
        np.testing.assert_array_equal(segment_volume(Lazy(values), scribbles, method=method), expected)


def test_a_large_box_is_walked_in_a_coarser_one(monkeypatch: pytest.MonkeyPatch) -> None:
    values, truth = scene()
    monkeypatch.setattr("segmentation.volumes.WALK_VOXELS", 8_000)
    found = segment_volume(values, Scribbles.from_strokes(STROKES, SHAPE), background=2)
    assert found.shape == SHAPE
    assert dice(found == 1, truth) > 0.8


def test_several_classes_without_a_background() -> None:
    values = np.full(SHAPE, 50, np.float32)
    values[:, 14:], values[:, 28:] = 100, 150
    values += np.random.default_rng(1).normal(0, 3, SHAPE).astype(np.float32)
    marks = np.zeros(SHAPE, np.uint8)
    for class_id, row in ((1, 7), (2, 21), (3, 35)):
        marks[10:26, row, 10:34] = class_id
    for method in ("random walker", "classifier"):
        found = segment_volume(values, marks, method=method)
        middle = found[14:22, :, 16:28]
        assert (middle[:, 2:12] == 1).mean() > 0.95
        assert (middle[:, 16:26] == 2).mean() > 0.95
        assert (middle[:, 30:38] == 3).mean() > 0.95


@pytest.mark.parametrize("method", VOLUME_METHODS)
def test_cancel_is_heard_and_progress_told(method: str) -> None:
    values, _ = scene()
    scribbles = Scribbles.from_strokes(STROKES, SHAPE)
    told: list[tuple[int, int]] = []
    segment_volume(values, scribbles, method=method, progress=lambda *at: told.append(at))
    assert told[-1][0] == told[-1][1]
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 2

    with pytest.raises(Cancelled):
        segment_volume(values, scribbles, method=method, cancelled=stop)
    assert asked == 3


def test_what_cannot_be_asked_is_told() -> None:
    values, _ = scene()
    only = Scribbles.from_strokes(STROKES[3:4], SHAPE)
    with pytest.raises(SegmentationError, match=r'draw a stroke of a second class.*"region growing"'):
        segment_volume(values, only)
    with pytest.raises(SegmentationError, match="no marked voxel of what is to be found"):
        segment_volume(values, only, background=1, method="region growing")
    with pytest.raises(SegmentationError, match="no method 'magic'; allowed are random walker"):
        segment_volume(values, only, method="magic")


# Tidying
# ----------------------------------------------------------------------------------------------------------


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_tidying_is_what_scipy_does_to_each_class(seed: int) -> None:
    rng = np.random.default_rng(seed)
    noise = ndimage.gaussian_filter(rng.normal(size=(14, 15, 16)), 1)
    labels = np.digitize(noise, np.quantile(noise, [0.5, 0.8])).astype(np.uint8)
    found = clean_labels(labels, largest=True, fill_holes=True)
    expected = np.zeros_like(labels)
    for class_id in (1, 2):
        parts, count = ndimage.label(labels == class_id)
        sizes = ndimage.sum_labels(labels == class_id, parts, range(1, count + 1))
        mask = ndimage.binary_fill_holes(parts == 1 + np.argmax(sizes))
        expected[mask & (expected == 0)] = class_id
    np.testing.assert_array_equal(found, expected)


def test_the_part_with_the_marks_is_kept_before_a_larger_one() -> None:
    labels = np.zeros(SHAPE, np.uint8)
    labels[2:20, 2:20, 2:20] = 1
    labels[25:30, 25:30, 25:30] = 1
    marks = np.zeros(SHAPE, np.uint8)
    marks[27, 27, 27] = 1
    assert clean_labels(labels, largest=True).sum() == 18**3
    assert clean_labels(labels, largest=True, scribbles=Scribbles.of(marks, SHAPE)).sum() == 5**3


def test_smoothing_takes_spikes_away_and_keeps_the_size() -> None:
    mask = ball(9)
    rough = mask.copy()
    rough[18, 20, 31:40] = True
    smooth = clean_labels(rough.astype(np.uint8), smooth=1.5) == 1
    assert not smooth[18, 20, 33:].any()
    assert smooth.sum() == pytest.approx(mask.sum(), rel=0.08)


# Again
# ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", VOLUME_METHODS)
def test_the_lines_that_repeat_it_give_the_same_labels(
    method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    nibabel.save(nibabel.Nifti1Image(scene()[0], np.diag([1, 1, 2, 1])), "scan.nii.gz")
    volume = read_volume("scan.nii.gz")
    options = {"method": method, "background": 2, "largest": True, "smooth": 0.5}
    expected = segment_volume(volume, Scribbles.from_strokes(STROKES, SHAPE), **options)
    program = volume_script("scan.nii.gz", STROKES, **options)
    exec(compile(program, "again.py", "exec"), {})
    again = nibabel.load("mask.nii.gz")
    np.testing.assert_array_equal(np.asarray(again.dataobj), expected)
    np.testing.assert_array_equal(again.affine, np.diag([1, 1, 2, 1]))


@pytest.mark.parametrize(("dtype", "suffix"), [("float32", ".nii.gz"), ("int16", ".nii"), ("int32", ".nii")])
def test_the_command_gives_the_same_labels_from_the_model(dtype: str, suffix: str, tmp_path: Path) -> None:
    from brushlink.cli import main

    affine = np.array([[0, -1.0, 0, 5], [1, 0, 0, -9], [0, 0, 2.0, 3], [0, 0, 0, 1]])
    scan = tmp_path / f"scan{suffix}"
    nibabel.save(nibabel.Nifti1Image((scene()[0] * 10 - 900).astype(dtype), affine), scan)
    marks = Scribbles.from_strokes(STROKES, SHAPE)
    segmenter = VolumeSegmenter(read_volume(scan), marks, method="classifier", background=2)
    expected = segmenter.labels()
    segmenter.save_model(tmp_path / "lesion.skops")
    code = main(
        ["segment", str(tmp_path / "lesion.skops"), str(scan), "-o", str(tmp_path / "out"), "--table"]
    )
    assert code == 0
    found = nibabel.load(tmp_path / "out" / "scan_labels.nii.gz")
    np.testing.assert_array_equal(np.asarray(found.dataobj), expected)
    np.testing.assert_array_equal(found.affine, affine)
    assert (tmp_path / "out" / "scan_regions.csv").is_file()


def test_a_lesion_is_found_in_three_strokes() -> None:
    found = []
    for radius in (6, 10, 14):
        volume, truth = brain(radius, seed=42)
        strokes = lesion_strokes(truth, seed=42)
        assert len(strokes) == 3
        labels = segment_volume(volume, Scribbles.from_strokes(strokes, truth.shape), background=REST)
        found.append((dice(labels == LESION, truth), labels.sum() / truth.sum()))
    mean = np.mean(found, axis=0)
    assert mean[0] >= 0.85, found
    assert mean[1] == pytest.approx(1, abs=0.1), found
