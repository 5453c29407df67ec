"""Surfaces and measures against the geometry of balls, and against scikit-image; STL read back by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage
from skimage.measure import regionprops_table

from segmentation.errors import SegmentationError
from segmentation.surfaces import measure_volume, stl_bytes, surface


def ball(radius: float, steps: tuple[float, ...] = (1, 1, 1), side: int = 60) -> np.ndarray:
    axes = [(np.arange(int(side / step)) - int(side / step) // 2) * step for step in steps]
    return sum(np.ix_(*(axis**2 for axis in axes))) <= radius**2


@pytest.mark.parametrize("steps", [(1, 1, 1), (2, 1, 1), (1, 1, 3)])
@pytest.mark.parametrize("radius", [6, 12, 20])
def test_a_ball_has_the_area_and_volume_of_a_ball(radius: float, steps: tuple[float, ...]) -> None:
    made = surface(ball(radius, steps), spacing=steps)
    assert made.area == pytest.approx(4 * np.pi * radius**2, rel=0.08)
    assert made.enclosed == pytest.approx(4 / 3 * np.pi * radius**3, rel=0.05)


def test_the_surface_is_closed_smooth_and_faces_outwards_whatever_the_affine() -> None:
    mirrored = np.array([[-1.0, 0, 0, 50], [0, 2, 0, -9], [0, 0, 1, 4], [0, 0, 0, 1]])
    for affine in (np.eye(4), mirrored, mirrored[[1, 0, 2, 3]]):
        made = surface(ball(12), affine=affine)
        assert made.enclosed > 0
        edges = np.sort(made.faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
        assert (np.unique(edges, axis=0, return_counts=True)[1] == 2).all()
        center = affine[:3, :3] @ [30, 30, 30] + affine[:3, 3]
        np.testing.assert_allclose(made.vertices.mean(0), center, atol=0.3)
    away = np.linalg.norm(surface(ball(12)).vertices - 30, axis=1)
    assert away.std() < 0.25  # steps of voxels would be a third


@pytest.mark.parametrize("triangles", [500, 3_000, 20_000])
def test_the_budget_of_triangles_holds(triangles: int) -> None:
    noise = ndimage.gaussian_filter(np.random.default_rng(0).normal(size=(70, 70, 70)), 3)
    for values, level in ((ball(25), None), (noise > 0.005, None), (noise, 0.01)):
        made = surface(values, level=level, triangles=triangles if level is None else max(triangles, 3_000))
        assert 0 < len(made.faces) <= max(triangles, 3_000 if level else 0)


def test_a_level_of_values_and_the_end_of_the_volume() -> None:
    ramp = np.broadcast_to(np.arange(20.0)[:, None, None], (20, 12, 8))
    made = surface(ramp, level=9.25, spacing=(2, 1, 1))
    assert made.vertices[:, 0].min() == pytest.approx(18.5, abs=0.01)
    assert made.enclosed > 0
    assert len(surface(np.zeros((5, 5, 5), bool)).faces) == 0
    assert len(surface(np.ones((5, 5, 5), bool)).faces) > 0


def test_what_has_no_surface_is_told() -> None:
    with pytest.raises(SegmentationError, match="needs a level"):
        surface(np.zeros((5, 5, 5)))
    with pytest.raises(SegmentationError, match="three axes"):
        surface(np.zeros((5, 5), bool))
    with pytest.raises(SegmentationError, match="100 or more"):
        surface(np.zeros((5, 5, 5), bool), triangles=3)


def test_measures_are_those_of_scikit_image() -> None:
    rng = np.random.default_rng(4)
    labels = np.digitize(ndimage.gaussian_filter(rng.normal(size=(20, 24, 28)), 2), [0.02, 0.08]).astype(
        np.uint8
    )
    labels[labels == 2] = 5
    values = rng.normal(100, 20, labels.shape)
    affine = np.array([[0, -2.0, 0, 5], [1.5, 0, 0, -9], [0, 0, 3, 3], [0, 0, 0, 1]])
    table = measure_volume(labels, values, affine=affine, names={5: "lesion"}).set_index("class")
    oracle = regionprops_table(
        labels,
        values,
        properties=[
            "label",
            "area",
            "bbox",
            "intensity_mean",
            "intensity_min",
            "intensity_max",
            "intensity_std",
        ],
    )
    assert table.index.tolist() == oracle["label"].tolist() == [1, 5]
    assert table["name"].tolist() == ["Class 1", "lesion"]
    np.testing.assert_array_equal(table["voxels"], oracle["area"])
    np.testing.assert_allclose(table["volume [ml]"], oracle["area"] * 9 / 1000)
    for axis, (letter, step) in enumerate(zip("ijk", (1.5, 2, 3), strict=True)):
        np.testing.assert_allclose(
            table[f"extent {letter} [mm]"], (oracle[f"bbox-{axis + 3}"] - oracle[f"bbox-{axis}"]) * step
        )
    for ours, theirs in (
        ("mean", "mean"),
        ("minimum", "min"),
        ("maximum", "max"),
        ("standard deviation", "std"),
    ):
        np.testing.assert_allclose(table[ours], oracle[f"intensity_{theirs}"])
    assert len(measure_volume(np.zeros((4, 4, 4), np.uint8))) == 0


def test_stl_holds_the_triangles() -> None:
    made = surface(ball(8), spacing=(1, 1, 1))
    content = stl_bytes(made)
    count = int.from_bytes(content[80:84], "little")
    assert (count, len(content)) == (len(made.faces), 84 + 50 * len(made.faces))
    rows = np.frombuffer(content[84:], np.uint8).reshape(count, 50)[:, :48].copy().view("<f4")
    np.testing.assert_array_equal(rows[:, 3:].reshape(-1, 3, 3), made.vertices[made.faces])
    outwards = rows[:, 3:].reshape(-1, 3, 3).mean(1) - 30
    assert (np.einsum("ij,ij->i", rows[:, :3], outwards) > 0).mean() > 0.999
    np.testing.assert_allclose(np.linalg.norm(rows[:, :3], axis=1), 1, rtol=1e-4)
