"""Regions and shares against scikit-image's measures and hand arithmetic."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from skimage.measure import label, regionprops_table

from segmentation.annotations import AnnotationClass
from segmentation.errors import SegmentationError
from segmentation.regions import class_fractions, find_regions, measure_regions, save_table

CELL, GROUND = AnnotationClass(2, "cell", "#0072b2"), AnnotationClass(1, "ground", "#e69f00")
ROWS, COLS = np.mgrid[:60, :90]


def disc(row: float, col: float, radius: float) -> np.ndarray:
    return np.hypot(ROWS - row, COLS - col) < radius


def scene() -> np.ndarray:
    labels = np.ones((60, 90), np.uint8)
    labels[disc(20, 20, 10)] = 2
    labels[disc(35, 65, 15)] = 2
    labels[5, 80] = 2
    return labels


@given(arrays.arrays(np.uint8, (9, 11), elements=st.integers(0, 2)))
def test_components_equal_scikit_image(labels: np.ndarray) -> None:
    np.testing.assert_array_equal(find_regions(labels, 1), label(labels == 1, connectivity=2))


def test_measures_equal_scikit_image() -> None:
    labels, image = scene(), np.random.default_rng(0).normal(100, 20, (60, 90))
    table = measure_regions(labels, [CELL], image=image)
    names = (
        "area",
        "centroid",
        "perimeter_crofton",
        "intensity_mean",
        "intensity_std",
        "intensity_min",
        "intensity_max",
        "intensity_median",
    )
    oracle = regionprops_table(label(labels == 2, connectivity=2), image, properties=names)
    for ours, theirs in {
        "area [px]": "area",
        "row": "centroid-0",
        "col": "centroid-1",
        "perimeter [px]": "perimeter_crofton",
        "mean": "intensity_mean",
        "sd": "intensity_std",
        "min": "intensity_min",
        "max": "intensity_max",
        "median": "intensity_median",
    }.items():
        np.testing.assert_allclose(table[ours], oracle[theirs], err_msg=ours)
    assert table["region"].tolist() == [1, 2, 3]
    assert set(table["class"]) == {"cell"}


def test_a_disc_in_micrometres() -> None:
    table = measure_regions(scene(), [CELL], pixel_size=(0.5, 0.5), unit="µm", min_pixels=400)
    (row,) = table.to_dict("records")
    assert row["area [µm²]"] == pytest.approx(np.pi * 7.5**2, rel=0.02)
    assert row["perimeter [µm]"] == pytest.approx(2 * np.pi * 7.5, rel=0.02)
    assert (row["row [µm]"], row["col [µm]"]) == (pytest.approx(17.5), pytest.approx(32.5))


def test_pixels_that_are_not_square() -> None:
    """A disc of pixels 3 high and 1 wide is an ellipse; its border is known by Ramanujan's formula."""
    table = measure_regions(disc(30, 45, 20).astype(np.uint8), [GROUND], pixel_size=(3, 1), unit="µm")
    a, b = 60, 20
    ramanujan = np.pi * (3 * (a + b) - np.sqrt((3 * a + b) * (a + 3 * b)))
    assert table["area [µm²]"][0] == pytest.approx(np.pi * a * b, rel=0.01)
    assert table["perimeter [µm]"][0] == pytest.approx(ramanujan, rel=0.03)


def test_channels_have_columns_of_their_own() -> None:
    labels = scene()
    image = np.stack([np.full(labels.shape, 7), labels * 10], axis=0)
    table = measure_regions(
        labels, [GROUND, CELL], image=image, channel_axis=0, channel_names=["dapi", "gfp"]
    )
    assert table["class"].tolist() == ["ground", "cell", "cell", "cell"]
    assert set(table["mean dapi"]) == {7}
    assert table["max gfp"].tolist() == [10, 20, 20, 20]
    assert "mean channel 1" in measure_regions(labels, [CELL], image=image, channel_axis=0)


def test_a_volume_has_volumes() -> None:
    labels = np.zeros((6, 20, 20), np.uint8)
    labels[1:4, 2:6, 3:8] = 2
    table = measure_regions(labels, [CELL], image=labels, pixel_size=(2, 1, 1), unit="mm")
    (row,) = table.to_dict("records")
    assert row["volume [px]"] == 60
    assert row["volume [mm³]"] == 120
    assert (row["plane"], row["row"], row["col"], row["plane [mm]"]) == (2, 3.5, 5, 4)
    assert not any("perimeter" in name for name in table)


def test_watershed_cuts_discs_that_touch() -> None:
    labels = (disc(30, 25, 14) | disc(30, 50, 14) | disc(30, 73, 11)).astype(np.uint8)
    labels[0, 0] = 1
    assert find_regions(labels, 1).max() == 2
    regions = find_regions(labels, 1, split="watershed")
    assert regions.max() == 4
    for row, col, radius in ((30, 25, 14), (30, 50, 14), (30, 73, 11)):
        truth = disc(row, col, radius)
        own = regions == regions[row, col]
        assert (own & truth).sum() / (own | truth).sum() > 0.93
    np.testing.assert_array_equal(regions > 0, labels > 0)


def test_watershed_leaves_a_single_disc_whole() -> None:
    for radius in (1, 2, 3.5, 6, 11, 20):
        assert find_regions(disc(30.3, 44.8, radius).astype(np.uint8), 1, split="watershed").max() == 1


def test_small_regions_are_left_out_and_none_is_an_empty_table() -> None:
    assert find_regions(scene(), 2, min_pixels=2).max() == 2
    table = measure_regions(scene(), [CELL], image=scene(), min_pixels=10**6, pixel_size=(1, 2), unit="µm")
    assert len(table) == 0
    assert list(table) == list(measure_regions(scene(), [CELL], image=scene(), pixel_size=(1, 2), unit="µm"))


def test_shares_of_classes() -> None:
    labels = np.array([[0, 0, 1, 1], [1, 2, 2, 2]])
    table = class_fractions(
        labels, [GROUND, CELL, AnnotationClass(9, "none", "#000000")], pixel_size=(0.5, 2), unit="µm"
    )
    assert table["pixels"].tolist() == [3, 3, 0]
    assert table["fraction"].tolist() == [0.5, 0.5, 0]
    assert table["area [µm²]"].tolist() == [3, 3, 0]
    assert class_fractions(labels * 0, [CELL])["fraction"].tolist() == [0]


def test_tables_come_back_from_csv_and_parquet(tmp_path: Path) -> None:
    table = measure_regions(scene(), [CELL], image=scene(), pixel_size=(0.5, 0.5), unit="µm")
    save_table(tmp_path / "t.csv", table)
    save_table(tmp_path / "t.parquet", table)
    pd.testing.assert_frame_equal(
        pd.read_csv(tmp_path / "t.csv", encoding="utf-8-sig"), table, check_dtype=False
    )
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "t.parquet"), table)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["t.csv", "t.parquet"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: find_regions(scene(), 2, split="magic"), "split by"),
        (lambda: find_regions(scene() / 2, 2), "whole numbers"),
        (lambda: measure_regions(scene(), []), "no classes"),
        (lambda: measure_regions(scene(), [CELL], image=np.zeros((3, 4))), "shape"),
        (lambda: measure_regions(scene(), [CELL], pixel_size=(1,)), "pixel size is 2 numbers"),
        (lambda: measure_regions(scene(), [CELL], pixel_size=(1, 0)), "pixel size is 2 numbers"),
        (
            lambda: measure_regions(
                scene(), [CELL], image=np.zeros((60, 90, 2)), channel_axis=-1, channel_names=["a"]
            ),
            "1 channel names",
        ),
        (lambda: save_table("t.xlsx", pd.DataFrame()), "written as"),
    ],
)
def test_what_cannot_be_measured_is_said(call: object, message: str) -> None:
    with pytest.raises(SegmentationError, match=message):
        call()  # type: ignore[operator]
