"""Looks, encodings, layers and folders of images; oracles are numpy, Pillow and hand arithmetic."""

from __future__ import annotations

import base64
import io
import os
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from skimage.data import chelsea
from skimage.transform import downscale_local_mean

from brushlink.serve import IMAGES_VARIABLE
from dashboards.parts import image_overlays
from dashboards.parts.image_folder import FOLDER_VARIABLE, ImageFolder, served_folder
from dashboards.parts.image_look import (
    Look,
    Pyramid,
    auto_limits,
    colored,
    default_look,
    palette_uri,
    picture_uri,
)
from dashboards.parts.image_state import ImageState
from dashboards.parts.image_view import ImageView
from dashboards.parts.limits import IMAGE_WHOLE_PIXELS
from dashboards.parts.scale_bar import round_length, scale_bar
from data_sources.errors import ImageError
from data_sources.images import Image


def decoded(uri: str) -> PIL.Image.Image:
    return PIL.Image.open(io.BytesIO(base64.b64decode(uri.split(",", 1)[1])))


def save(path: Path, value: int = 9) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.fromarray(np.full((4, 5), value, np.uint8)).save(path, "PNG")
    return path


def test_eight_bits_are_shown_as_they_are() -> None:
    image = Image(chelsea(), "YXC")
    assert np.array_equal(
        np.asarray(decoded(picture_uri(colored(image.array, default_look(image))))), chelsea()
    )


def test_contrast_limits_of_any_type() -> None:
    for values in (
        np.arange(256, dtype=np.uint8).reshape(16, 16),
        np.arange(0, 65536, 256, dtype=np.uint16).reshape(16, 16),
        (np.arange(256) * 200 - 20000).astype(np.int16).reshape(16, 16),
        np.linspace(0, 1, 256, dtype=np.float32).reshape(16, 16),
    ):
        low, high = float(values.flat[50]), float(values.flat[200])
        shown = colored(values, Look(((low, high),), ("#ffffff",), (True,)))
        wanted = np.clip((values.astype(float) - low) / (high - low), 0, 1) * 255
        assert np.abs(shown - wanted).max() <= 0.51


def test_channels_add_their_colours() -> None:
    values = np.zeros((1, 3, 2), np.uint8)
    values[0, 0], values[0, 1], values[0, 2] = (255, 0), (0, 255), (255, 255)
    look = Look(((0, 255),) * 2, ("#00ff00", "#ff00ff"), (True, True))
    assert colored(values, look)[0].tolist() == [[0, 255, 0], [255, 0, 255], [255, 255, 255]]
    alone = Look(((0, 255),) * 2, ("#00ff00", "#ff00ff"), (False, True))
    assert colored(values, alone)[0].tolist() == [[0, 0, 0], [255, 0, 255], [255, 0, 255]]


def test_deep_images_open_between_their_percentiles() -> None:
    values = np.arange(10_000, dtype=np.uint16).reshape(100, 100)
    ((low, high),) = auto_limits(Image(values, "YX"))
    assert (low, high) == pytest.approx(tuple(np.percentile(values, (0.2, 99.8))))
    assert auto_limits(Image(np.full((3, 3), 8, np.uint16), "YX")) == ((0, 65535),)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.float32])
def test_the_pyramid_holds_means(kind: type) -> None:
    values = (np.random.default_rng(0).random((37, 50, 3)) * 200).astype(kind)
    half = Pyramid(values).level(1)
    padded = np.pad(values, [(0, 1), (0, 0), (0, 0)], mode="edge").astype(float)
    oracle = downscale_local_mean(padded, (2, 2, 1))
    assert half.dtype == kind
    assert half.shape == (19, 25, 3)
    assert np.abs(half - oracle).max() <= (0.5 if kind != np.float32 else 1e-4)


def test_a_layer_is_a_palette_of_a_byte_a_pixel_at_most() -> None:
    indexed = np.random.default_rng(0).integers(0, 3, (64, 64)).astype(np.uint8)
    picture = decoded(palette_uri(indexed, {1: "#ff000080", 2: (0, 0, 255, 64)}))
    assert picture.mode == "P"
    pixels = np.asarray(picture.convert("RGBA"))
    assert (pixels[indexed == 0][:, 3] == 0).all()
    assert (pixels[indexed == 1] == (255, 0, 0, 128)).all()
    assert (pixels[indexed == 2] == (0, 0, 255, 64)).all()


def test_a_large_image_travels_as_large_as_the_screen() -> None:
    values = np.random.default_rng(0).integers(0, 255, (3000, 3200)).astype(np.uint8)
    view = ImageView(Image(values, "YX"))
    sent = np.asarray(decoded(view.plot.figure.data[0].source))
    assert sent.size < 2 * IMAGE_WHOLE_PIXELS
    assert view.plot.figure.data[0].dx == 4
    assert view.plot.figure.data[0].x0 == 1.5
    view.plot._on_viewport({"xaxis": [999.5, 1399.5, 800], "yaxis": [1799.5, 1499.5, 600]})
    assert view.visible == (1500, 1000, 1800, 1400)
    trace = view.plot.figure.data[0]
    sent = np.asarray(decoded(trace.source))
    assert trace.dx == 1
    assert trace.zsmooth is False
    row, col = int(trace.y0), int(trace.x0)
    assert np.array_equal(sent, values[row : row + sent.shape[0], col : col + sent.shape[1]])
    assert row <= 1500
    assert row + sent.shape[0] >= 1800
    assert sent.size < 400_000
    before = trace.source
    view.plot._on_viewport({"xaxis": [1009.5, 1389.5, 800], "yaxis": [1789.5, 1509.5, 600]})
    assert view.plot.figure.data[0].source == before


def test_a_layer_over_a_part_and_over_a_large_image() -> None:
    view = ImageView(Image(np.zeros((2000, 3000), np.uint8), "YX"))
    view.set_overlay("a", np.ones((10, 20), np.uint8), {1: "#ff0000"}, box=(100, 200, 140, 280), opacity=0.5)
    (layer,) = view.plot.figure.layout.images
    assert (layer.x, layer.y, layer.sizex, layer.sizey, layer.opacity) == (199.5, 99.5, 80, 40, 0.5)
    large = np.zeros((2000, 3000), np.uint8)
    large[700:760, 1000:1080] = 1
    view.set_overlay("b", large, {1: "#00ff00"})
    layer = view.plot.figure.layout.images[1]
    sent = np.asarray(decoded(layer.source))
    assert sent.shape == (1000, 1500)
    rows, cols = np.nonzero(sent)
    step = layer.sizex / sent.shape[1]
    assert layer.x + 0.5 + cols.min() * step == pytest.approx(1000, abs=step)
    assert layer.y + 0.5 + (rows.max() + 1) * step == pytest.approx(760, abs=step)
    view.hide_overlay("a")
    assert view.plot.figure.layout.images[0].visible is False


def test_the_same_layer_again_is_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[np.ndarray] = []
    write = image_overlays.palette_uri
    monkeypatch.setattr(
        image_overlays, "palette_uri", lambda indexed, colors: made.append(indexed) or write(indexed, colors)
    )
    view = ImageView(Image(np.zeros((60, 80), np.uint8), "YX"))
    labels = np.ones((60, 80), np.uint8)
    for _ in range(3):
        view.set_overlay("a", labels, {1: "#ff0000"})
    assert len(made) == 1
    view.set_overlay("a", labels, {1: "#00ff00"})
    view.set_overlay("a", labels.copy(), {1: "#00ff00"})
    assert len(made) == 3
    view.hide_overlay("a")
    view.set_overlay("a", labels, {1: "#00ff00"})
    assert view.plot.figure.layout.images[0].visible is True


def test_zooming_out_ends_at_the_image() -> None:
    view = ImageView(Image(np.zeros((60, 80), np.uint8), "YX"))
    sent: list[dict[str, object]] = []
    view.plot.pane.send = lambda traces, layout: sent.append(dict(layout))  # type: ignore[method-assign]
    view.plot._on_viewport({"xaxis": [-40, 120, 500], "yaxis": [90, -30, 400]})
    assert sent == [{"xaxis.range": [-0.5, 79.5], "yaxis.range": [59.5, -0.5]}]
    assert view.visible == (0, 0, 60, 80)


# -- folders ------------------------------------------------------------------------------------------


def test_nothing_outside_the_folder_is_reached(tmp_path: Path) -> None:
    root = tmp_path / "images"
    save(root / "a.png")
    save(root / "plate 1" / "b.TIF")
    save(root / ".hidden.png")
    (root / "notes.txt").write_text("no image")
    outside = save(tmp_path / "secret.png")
    os.symlink(outside, root / "link.png")
    os.symlink(tmp_path, root / "up")
    folder = ImageFolder(root)
    assert folder.names() == ["a.png", "plate 1/b.TIF"]
    assert folder.read("plate 1/b.TIF").array[0, 0] == 9
    for name in (
        "../secret.png", "plate 1/../../secret.png", str(outside), "link.png", "up/secret.png", ".hidden.png",
        "a.png\0", "C:\\a.png", "..", "", "/", "plate 1\\b.TIF", "gone.png", "file:a.png",
    ):  # fmt: skip
        with pytest.raises(ImageError):
            folder.path(name)
    with pytest.raises(ImageError, match="no such folder"):
        ImageFolder(tmp_path / "gone")


def test_every_process_of_the_server_knows_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert FOLDER_VARIABLE == IMAGES_VARIABLE
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    assert served_folder() is None
    save(tmp_path / "z.png", 77)
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    state = ImageState()
    assert state.image.array[0, 0] == 77
    state.picture = "coins"
    assert state.to_query() == "v=1&i=coins"
    assert ImageState().apply_query("v=1&i=folder/../../etc/hosts")


def test_a_damaged_file_leaves_the_image_before(tmp_path: Path) -> None:
    save(tmp_path / "good.png")
    (tmp_path / "x bad.png").write_bytes(b"this is a text")
    state = ImageState(folder=ImageFolder(tmp_path))
    state.picture = "folder/x bad.png"
    assert "x bad.png" in state.problem
    assert "PNG" in state.problem
    assert state.picture == "folder/good.png"
    assert state.image.array[0, 0] == 9
    state.picture = "cat"
    assert state.problem == ""
    assert state.image.channels == 3


def test_an_image_of_ones_own_is_no_part_of_a_link() -> None:
    state = ImageState()
    state.take(Image(np.zeros((3, 4), np.uint8), "YX", "mine"))
    assert state.link().left_out == ("your own image",)
    assert state.titles()["mine (yours)"] == state.chosen
    (complaint,) = ImageState().apply_query("v=1&i=your+own")
    assert "cannot be used" in complaint


@pytest.mark.parametrize(
    ("most", "length"), [(1, 1), (1.99, 1), (2, 2), (49, 20), (50, 50), (0.1 / 0.001, 100), (0.007, 0.005)]
)
def test_lengths_that_read_well(most: float, length: float) -> None:
    assert round_length(most) == pytest.approx(length)


def test_the_scale_bar_follows_the_zoom() -> None:
    image = Image(np.zeros((60, 100), np.uint8), "YX", pixel_size=(0.5, 0.5), unit="µm")
    # A quarter of 100 columns of 0.5 µm is 12.5 µm: 10 µm are 20 columns.
    bar = scale_bar(image, (0, 0, 60, 100))
    assert (bar["x"][-1] - bar["x"][0], bar["text"][0]) == (pytest.approx(20), "10 µm")
    assert all(0 < y < 60 for y in bar["y"])
    view = ImageView(image)
    assert tuple(view.plot.figure.data[2].x) == tuple(bar["x"])
    view.plot.viewport = {"x": (39.5, 59.5), "y": (29.5, 9.5)}
    # A quarter of 20 columns is 2.5 µm: 2 µm are 4 columns.
    assert view.plot.figure.data[2].text[0] == "2 µm"
    assert view.plot.figure.data[2].x[1] - view.plot.figure.data[2].x[0] == pytest.approx(4)


def test_an_image_of_unknown_size_has_no_scale_bar() -> None:
    assert not len(ImageView(Image(np.zeros((6, 10), np.uint8), "YX")).plot.figure.data[2].x)
