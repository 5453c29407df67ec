"""Label maps keep values, names and colours through every format; other programs' files are read."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import tifffile
import zarr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_sources.errors import ImageError
from segmentation.annotations import CLASS_COLORS, AnnotationClass
from segmentation.errors import SegmentationError
from segmentation.label_files import LABEL_FORMATS, load_labels, save_labels

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 4, (21, 34)).astype(np.uint8)
CLASSES = (
    AnnotationClass(3, "Zellkern <b>β</b>", "#123456"),
    AnnotationClass(1, "background", "#ff00aa", locked=True),
    AnnotationClass(2, "crack", "#00ff00"),
    AnnotationClass(200, "never drawn", "#0000ff"),
)

name = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(str.strip)
color = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@pytest.mark.parametrize("kind", LABEL_FORMATS)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    names=st.lists(name, min_size=3, max_size=3, unique_by=lambda one: one.strip().casefold()),
    colors=st.lists(color, min_size=3, max_size=3),
    ids=st.lists(st.integers(1, 255), min_size=3, max_size=3, unique=True),
)
def test_everything_survives(kind: str, tmp_path: Path, names: list, colors: list, ids: list) -> None:
    classes = tuple(AnnotationClass(*one) for one in zip(ids, names, colors, strict=True))
    labels = np.array([0, *ids], np.uint8)[LABELS]
    save_labels(tmp_path / f"labels{kind}", labels, classes)
    found = load_labels(tmp_path / f"labels{kind}")
    np.testing.assert_array_equal(found.labels, labels)
    assert found.labels.dtype == np.uint8
    assert found.classes == classes
    assert [one.name for one in tmp_path.iterdir()] == [f"labels{kind}"]


@pytest.mark.parametrize("kind", LABEL_FORMATS)
def test_order_locks_and_unused_classes_survive_and_again(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"labels{kind}"
    save_labels(path, LABELS, CLASSES)
    again = load_labels(path)
    save_labels(path, again.labels, again.classes)  # over the old file
    assert load_labels(path).classes == CLASSES
    np.testing.assert_array_equal(load_labels(path).labels, LABELS)


@pytest.mark.parametrize("kind", [".tif", ".zarr"])
def test_volumes_survive(kind: str, tmp_path: Path) -> None:
    volume = RNG.integers(0, 4, (5, 21, 34))
    save_labels(tmp_path / f"labels{kind}", volume, CLASSES)
    found = load_labels(tmp_path / f"labels{kind}")
    np.testing.assert_array_equal(found.labels, volume)
    assert found.classes == CLASSES


def test_other_programs_see_the_colours(tmp_path: Path) -> None:
    save_labels(tmp_path / "x.png", LABELS, CLASSES)
    rgb = np.asarray(PIL.Image.open(tmp_path / "x.png").convert("RGB"))
    np.testing.assert_array_equal(rgb[LABELS == 3], np.tile([0x12, 0x34, 0x56], ((LABELS == 3).sum(), 1)))
    save_labels(tmp_path / "x.tif", LABELS, CLASSES)
    with tifffile.TiffFile(tmp_path / "x.tif") as tiff:
        np.testing.assert_array_equal(tiff.pages[0].colormap[:, 3] >> 8, [0x12, 0x34, 0x56])
        np.testing.assert_array_equal(tiff.asarray(), LABELS)
    save_labels(tmp_path / "x.zarr", LABELS, CLASSES)
    np.testing.assert_array_equal(zarr.open_array(tmp_path / "x.zarr", mode="r")[:], LABELS)


def test_classes_without_a_name_get_one(tmp_path: Path) -> None:
    save_labels(tmp_path / "x.png", LABELS, CLASSES[:1])
    found = load_labels(tmp_path / "x.png").classes
    assert found == (
        CLASSES[0],
        AnnotationClass(1, "Class 1", CLASS_COLORS[0]),
        AnnotationClass(2, "Class 2", CLASS_COLORS[1]),
    )


def test_grey_pictures_of_other_programs(tmp_path: Path) -> None:
    PIL.Image.fromarray(LABELS).save(tmp_path / "x.png")
    found = load_labels(tmp_path / "x.png")
    np.testing.assert_array_equal(found.labels, LABELS)
    assert [one.name for one in found.classes] == ["Class 1", "Class 2", "Class 3"]
    assert [one.color for one in found.classes] == list(CLASS_COLORS[:3])
    tifffile.imwrite(
        tmp_path / "x.tif", LABELS.astype(np.uint16), description='{"shape": [21, 34]}', metadata=None
    )
    np.testing.assert_array_equal(load_labels(tmp_path / "x.tif").labels, LABELS)
    buffer = io.BytesIO()
    np.save(buffer, LABELS == 1)
    np.testing.assert_array_equal(load_labels(buffer.getvalue()).labels, LABELS == 1)


def test_palettes_of_other_programs_give_colours() -> None:
    picture = PIL.Image.frombytes("P", LABELS.shape[::-1], LABELS.tobytes())
    picture.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255])
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    assert [one.color for one in load_labels(buffer.getvalue()).classes] == ["#ff0000", "#00ff00", "#0000ff"]


@pytest.mark.parametrize(
    ("labels", "file", "message"),
    [
        (LABELS, "x.jpg", "written as .png"),
        (LABELS, "x.npy", "written as .png"),
        (LABELS[None].repeat(2, 0), "x.png", "a PNG holds one picture"),
        (LABELS / 2, "x.png", "whole numbers"),
        (LABELS.astype(int) - 1, "x.png", "got -1 to 2"),
        (LABELS.astype(int) * 21_845, "x.png", "got 0 to 65535"),
        (LABELS[0], "x.png", "shape"),
        (LABELS[:0], "x.png", "shape"),
        (LABELS, "gone/x.png", "cannot write"),
    ],
)
def test_what_is_no_label_map_is_not_written(
    labels: np.ndarray, file: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(SegmentationError, match=message):
        save_labels(tmp_path / file, labels, CLASSES)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "said",
    [{"version": 2, "classes": []}, {"version": 1}, {"version": 1, "classes": [{"id": 1}]}, [], None, 5],
)
def test_damaged_class_names_are_said(said: object, tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "x.tif", LABELS, description=json.dumps({"brushlink": said}), metadata=None)
    with pytest.raises(SegmentationError, match=r"class names"):
        load_labels(tmp_path / "x.tif")


def test_65_535_classes_are_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "x.tif", np.arange(65_536, dtype=np.uint16).reshape(256, 256))
    with pytest.raises(SegmentationError, match="got 0 to 65535"):
        load_labels(tmp_path / "x.tif")
    with pytest.raises(ImageError, match="cannot be read"):
        load_labels(tmp_path / "gone.tif")
