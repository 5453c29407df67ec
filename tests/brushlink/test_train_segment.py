"""`brushlink train` and `brushlink segment`, from files to files, with Panel and Plotly absent."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tifffile
import zarr
from PIL import Image
from skimage import data

from brushlink.cli import main
from segmentation.annotations import AnnotationClass, Annotations
from segmentation.engine import warm_up
from segmentation.geojson import save_annotations
from segmentation.label_files import load_labels, save_labels
from segmentation.models import load_model, model_about
from segmentation.regions import class_fractions, measure_regions
from segmentation.strokes import Stroke
from tests.brushlink.test_cli import WEB

COIN, GROUND = AnnotationClass(4, "coin", "#d55e00"), AnnotationClass(2, "ground", "#0072b2")
PICTURE = np.ascontiguousarray(data.coins()[150:250, 100:240])
OTHER = np.ascontiguousarray(data.coins()[60:150, 200:330])


def marked(picture: np.ndarray) -> np.ndarray:
    labels = np.zeros(picture.shape, np.uint8)
    labels[::5][picture[::5] > 150] = 4
    labels[::5][picture[::5] < 75] = 2
    return labels


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pictures, labels of the first, a model and results of both, made with the web packages blocked."""
    place = tmp_path_factory.mktemp("command")
    Image.fromarray(PICTURE).save(place / "one.png")
    tifffile.imwrite(place / "two.tif", OTHER, imagej=True, resolution=(2, 2), metadata={"unit": "um"})
    save_labels(place / "labels.png", marked(PICTURE), [COIN, GROUND])
    learn = ("train", place / "one.png", place / "labels.png", "-o", place / "m.skops")
    apply = ("segment", place / "m.skops", place / "one.png", place / "two.tif", "-o", place / "results")
    done = subprocess.run(
        blocked(learn, (*apply, "--proba", "--table")), capture_output=True, text=True, timeout=110
    )
    assert done.returncode == 0, done.stderr
    assert "m.skops: classes 2 ground, 4 coin" in done.stderr
    assert "[2/2] two.tif: two_labels.png" in done.stderr
    return place


def blocked(*commands: tuple[object, ...]) -> list[str]:
    """Command line of a process that runs commands in turn and in which no web package can be imported."""
    code = f"""
import sys
for name in {WEB!r}:
    sys.modules[name] = None
from brushlink.cli import main
for arguments in {[[str(one) for one in command] for command in commands]!r}:
    if code := main(arguments):
        sys.exit(code)
"""
    return [sys.executable, "-c", code]


def run(*arguments: object) -> int:
    return main([str(one) for one in arguments])


def test_a_model_carries_names_colours_and_how_it_was_made(folder: Path) -> None:
    model = load_model(folder / "m.skops")
    assert model.class_names == {4: "coin", 2: "ground"}
    assert model.class_colors == {4: "#d55e00", 2: "#0072b2"}
    assert model_about(folder / "m.skops")["notes"] == {"value_range": None}


def test_the_command_gives_what_the_library_gives(folder: Path) -> None:
    results = folder / "results"
    warm_up()
    model = load_model(folder / "m.skops")
    found = load_labels(results / "one_labels.png")
    np.testing.assert_array_equal(found.labels, model.predict(PICTURE))
    assert {(one.id, one.name, one.color) for one in found.classes} == {
        (4, "coin", "#d55e00"),
        (2, "ground", "#0072b2"),
    }
    np.testing.assert_array_equal(tifffile.imread(results / "one_proba.tif"), model.predict_proba(PICTURE))
    labels = model.predict(OTHER)
    classes = sorted(found.classes, key=lambda one: one.id)
    regions = measure_regions(labels, classes, image=OTHER, pixel_size=(0.5, 0.5), unit="µm")
    written = pd.read_csv(results / "two_regions.csv", encoding="utf-8-sig")
    pd.testing.assert_frame_equal(written, regions, check_dtype=False)
    shares = pd.read_csv(results / "two_classes.csv", encoding="utf-8-sig")
    estimated = shares.pop("estimated fraction")  # what the correction used is kept beside the counts
    pd.testing.assert_frame_equal(
        shares, class_fractions(labels, classes, pixel_size=(0.5, 0.5), unit="µm"), check_dtype=False
    )
    assert dict(zip(shares["class_id"], estimated, strict=True)) == pytest.approx(model.class_shares(OTHER))
    assert not list(results.glob(".*"))


def test_the_answer_is_good(folder: Path, tmp_path: Path) -> None:
    assert run("segment", folder / "m.skops", folder / "one.png", "-o", tmp_path) == 0
    coin = load_labels(tmp_path / "one_labels.png").labels == 4
    truth = PICTURE > 110
    assert (coin & truth).sum() / (coin | truth).sum() > 0.85


def test_finished_files_are_skipped_and_unfinished_ones_are_not(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = (
        "segment",
        folder / "m.skops",
        folder / "one.png",
        folder / "two.tif",
        "-o",
        tmp_path,
        "--table",
    )
    assert run(*arguments) == 0
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    (tmp_path / "two_regions.csv").unlink()
    capsys.readouterr()
    assert run(*arguments) == 0
    said = capsys.readouterr().err
    assert "[1/2] one.png: done before" in said
    assert "[2/2] two.tif: two_labels.png" in said
    assert (tmp_path / "one_labels.png").stat().st_mtime_ns == before[tmp_path / "one_labels.png"]
    assert (tmp_path / "two_regions.csv").is_file()
    newer = time.time() + 60
    picture = tmp_path / "one.png"
    picture.write_bytes((folder / "one.png").read_bytes())
    os.utime(picture, (newer, newer))
    assert run("segment", folder / "m.skops", picture, "-o", tmp_path, "--table") == 0
    assert "done before" not in capsys.readouterr().err


def test_another_model_or_setting_does_not_mix_with_old_results(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("segment", folder / "m.skops", folder / "one.png", "-o", tmp_path)
    assert run(*arguments) == 0
    assert run(*arguments, "--format", "tif") == 1
    assert "other settings" in capsys.readouterr().err
    assert run(*arguments, "--format", "tif", "--force") == 0
    assert (tmp_path / "one_labels.tif").is_file()


def test_a_killed_run_leaves_no_half_file_and_goes_on(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = []
    for number in range(12):
        pictures.append(tmp_path / f"p{number:02}.png")
        Image.fromarray(np.tile(PICTURE, (2, 2))).save(pictures[-1])
    results = tmp_path / "results"
    arguments = ("segment", folder / "m.skops", *pictures, "-o", results, "--format", "tif", "--proba")
    running = subprocess.Popen(blocked(arguments), stderr=subprocess.PIPE, text=True)
    assert running.stderr is not None
    seen = 0
    for line in running.stderr:
        seen += line.startswith("[")
        if seen == 2:
            running.send_signal(signal.SIGKILL)
            break
    running.communicate(timeout=60)
    finished = sorted(results.glob("p*_labels.tif"))
    assert 2 <= len(finished) < 12
    for path in [*finished, *results.glob("p*_proba.tif")]:
        assert tifffile.imread(path).shape[-2:] == (200, 280)
    (results / ".brushlink-999999999-left").mkdir()
    capsys.readouterr()
    assert run("segment", folder / "m.skops", *pictures[:3], "-o", results, "--format", "tif", "--proba") == 0
    assert capsys.readouterr().err.count("done before") >= 2
    assert not list(results.glob(".*"))


def test_one_bad_image_does_not_stop_the_others(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.png").write_text("not a picture")
    Image.fromarray(data.astronaut()[:50, :50]).save(tmp_path / "colour.png")
    images = (tmp_path / "gone.png", tmp_path / "text.png", tmp_path / "colour.png", folder / "one.png")
    assert run("segment", folder / "m.skops", *images, "-o", tmp_path / "r") == 1
    said = capsys.readouterr().err
    assert "gone.png: FAILED" in said
    assert "text.png: FAILED" in said
    assert "the model learned from 1 channels, colour.png has 3" in said
    assert "3 of 4 images could not be segmented" in said
    assert sorted(path.name for path in (tmp_path / "r").iterdir()) == [
        "brushlink-run.json",
        "one_labels.png",
    ]


def test_annotations_and_names_over_several_files(folder: Path, tmp_path: Path) -> None:
    first = Annotations(PICTURE.shape, [COIN, GROUND])
    bright, dark = np.argwhere(PICTURE > 150), np.argwhere(PICTURE < 70)
    first.add(*(Stroke("path", (tuple(one),), 4, 2) for one in bright[::200]))
    first.add(*(Stroke("path", (tuple(one),), 2, 2) for one in dark[::200]))
    save_annotations(tmp_path / "one.geojson", first)
    # The same class has number 1 in this file, and a new class takes the number of another.
    second = np.zeros(OTHER.shape, np.uint8)
    second[::9][OTHER[::9] > 150] = 1
    second[40:44, 40:44] = 4
    save_labels(
        tmp_path / "two.tif",
        second,
        [AnnotationClass(1, "Coin", "#000000"), AnnotationClass(4, "dust", "#f0e442")],
    )
    pairs = (folder / "one.png", tmp_path / "one.geojson", folder / "two.tif", tmp_path / "two.tif")
    assert run("train", *pairs, "-o", tmp_path / "m.skops", "--seed", 3) == 0
    model = load_model(tmp_path / "m.skops")
    assert model.class_names == {4: "coin", 2: "ground", 1: "dust"}
    assert model.random_state == 3


def test_a_value_range_is_kept_for_later_images(tmp_path: Path) -> None:
    deep = PICTURE.astype(np.uint16) * 16  # 12 bits in 16
    tifffile.imwrite(tmp_path / "deep.tif", deep)
    save_labels(tmp_path / "labels.png", marked(PICTURE), [COIN, GROUND])
    paths = (tmp_path / "deep.tif", tmp_path / "labels.png", "-o", tmp_path / "m.skops")
    assert run("train", *paths, "--value-range", 0, 4095) == 0
    assert run("segment", tmp_path / "m.skops", tmp_path / "deep.tif", "-o", tmp_path / "r") == 0
    scaled = (deep / 4095).astype(np.float32)
    expected = load_model(tmp_path / "m.skops").predict(scaled)
    np.testing.assert_array_equal(load_labels(tmp_path / "r" / "deep_labels.png").labels, expected)


def test_stacks_by_plane_and_as_volumes(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = np.stack([PICTURE[:40, :48], PICTURE[20:60, 20:68], PICTURE[40:80, 60:108], PICTURE[:40, :48]])
    tifffile.imwrite(tmp_path / "stack.tif", stack, photometric="minisblack")
    model = load_model(folder / "m.skops")
    arguments = (
        "segment",
        folder / "m.skops",
        tmp_path / "stack.tif",
        "-o",
        tmp_path / "r",
        "--proba",
        "--table",
    )
    assert run(*arguments) == 1
    assert "which a PNG cannot hold" in capsys.readouterr().err
    assert run(*arguments, "--format", "tif", "--force") == 0
    planes = np.stack([model.predict(plane) for plane in stack])
    np.testing.assert_array_equal(load_labels(tmp_path / "r" / "stack_labels.tif").labels, planes)
    assert tifffile.imread(tmp_path / "r" / "stack_proba.tif").shape == (2, 4, 40, 48)
    assert "volume [px]" in pd.read_csv(tmp_path / "r" / "stack_regions.csv", encoding="utf-8-sig")
    assert run(*arguments, "--format", "zarr", "--force", "--axes", "TYX") == 0
    np.testing.assert_array_equal(zarr.open_array(tmp_path / "r" / "stack_labels.zarr", mode="r")[:], planes)
    assert set(pd.read_csv(tmp_path / "r" / "stack_regions.csv", encoding="utf-8-sig")["frame"]) == {
        0,
        1,
        2,
        3,
    }
    save_labels(tmp_path / "labels.tif", np.stack([marked(plane) for plane in stack]), [COIN, GROUND])
    learned = (tmp_path / "stack.tif", tmp_path / "labels.tif", "-o")
    assert run("train", *learned, tmp_path / "planes.skops", "--planes") == 0
    assert run("train", *learned, tmp_path / "volume.skops") == 0
    assert [model_about(tmp_path / f"{name}.skops")["ndim"] for name in ("planes", "volume")] == [2, 3]
    assert (
        run(
            "segment",
            tmp_path / "volume.skops",
            tmp_path / "stack.tif",
            "-o",
            tmp_path / "v",
            "--format",
            "tif",
        )
        == 0
    )
    expected = load_model(tmp_path / "volume.skops").predict(stack)
    np.testing.assert_array_equal(load_labels(tmp_path / "v" / "stack_labels.tif").labels, expected)
    assert run("segment", tmp_path / "volume.skops", folder / "one.png", "-o", tmp_path / "w") == 1
    assert "learned from volumes" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("train", "one.png", "gone.png", "-o", "new.skops"), "gone.png: cannot be read"),
        (
            ("train", "two.tif", "labels.png", "-o", "new.skops"),
            "labels.png labels 100 × 140 pixels, two.tif has 90 × 130",
        ),
        (("train", "one.png", "labels.png", "-o", "m.skops"), "m.skops exists"),
        (("train", "one.png", "labels.png", "-o", "gone/new.skops"), "there is no folder"),
        (("train", "one.png", "labels.png", "-o", "new.skops", "--backend", "brush forrest"), "brush forest"),
        (("train", "one.png", "labels.png", "-o", "new.skops", "--axes", "XY"), "axes 'XY'"),
        (("segment", "gone.skops", "one.png", "-o", "new"), "gone.skops cannot be read"),
        (("segment", "one.png", "one.png", "-o", "new"), "not a model"),
        (("segment", "m.skops", "one.png", "one.tif", "-o", "new"), "the same file names"),
        (("segment", "m.skops", "one.png", "-o", "one.png"), "cannot make the folder"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_and_leaves_nothing(
    arguments: tuple,
    said: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(folder)
    before = sorted(folder.rglob("*"))
    assert main(list(arguments)) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.splitlines()[-1].startswith("brushlink")
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(
    "arguments", [("train", "a.png", "-o", "m.skops"), ("train",), ("segment", "m", "i"), ("segment",)]
)
def test_wrong_usage_exits_with_2(arguments: tuple) -> None:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert ended.value.code == 2


def test_a_run_says_what_it_was_made_with(folder: Path, tmp_path: Path) -> None:
    assert run("segment", folder / "m.skops", folder / "one.png", "-o", tmp_path, "--min-pixels", 5) == 0
    said = json.loads((tmp_path / "brushlink-run.json").read_text())
    assert said["request"]["min_pixels"] == 5
    assert len(said["model"]) == 64
