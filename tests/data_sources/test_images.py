"""Images are read as the libraries that wrote them meant; what is no image is refused with a reason."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import skimage.data
import sklearn.datasets
import tifffile
import zarr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_sources.errors import ImageError
from data_sources.images import BUNDLED, Image, bundled_image, read_image, read_indexed

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (31, 47), dtype=np.uint8)
RGB = RNG.integers(0, 256, (31, 47, 3), dtype=np.uint8)
DEEP = RNG.integers(0, 65_536, (31, 47), dtype=np.uint16)
STACK = RNG.integers(0, 65_536, (5, 31, 47), dtype=np.uint16)


def png(array: np.ndarray, **options: object) -> bytes:
    buffer = io.BytesIO()
    PIL.Image.fromarray(array).save(buffer, "PNG", **options)
    return buffer.getvalue()


def tiff(array: np.ndarray, **options: object) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, array, **options)
    return buffer.getvalue()


def npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


# Bundled pictures -----------------------------------------------------------------------------------

SKIMAGE = {
    "cat": "chelsea",
    "phantom": "shepp_logan_phantom",
    "tissue": "immunohistochemistry",
    "hubble": "hubble_deep_field",
}
NO_FUNCTION = {"china", "flower", "horse", "logo", "motorcycle left", "motorcycle right", "phantom"}


@pytest.mark.parametrize("name", sorted(set(BUNDLED) - NO_FUNCTION))
def test_bundled_pictures_equal_scikit_image(name: str) -> None:
    image = bundled_image(name)
    np.testing.assert_array_equal(image.array, getattr(skimage.data, SKIMAGE.get(name, name))())
    assert image.axes == ("YXC" if image.array.ndim == 3 else "YX")
    assert image.name == name


@pytest.mark.parametrize("name", ["china", "flower"])
def test_bundled_photographs_equal_scikit_learn(name: str) -> None:
    np.testing.assert_array_equal(
        bundled_image(name).array, sklearn.datasets.load_sample_image(f"{name}.jpg")
    )


def test_transparency_is_dropped() -> None:
    np.testing.assert_array_equal(bundled_image("logo").array, skimage.data.logo()[..., :3])


def test_a_name_that_does_not_exist_gets_a_hint() -> None:
    with pytest.raises(ImageError, match='Did you mean "coins"'):
        bundled_image("coin")


# Formats --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("array", [GREY, RGB, DEEP], ids=["grey", "rgb", "16 bits"])
@pytest.mark.parametrize("write", [png, tiff, npy])
def test_png_tiff_and_npy_give_back_every_value(array: np.ndarray, write: object) -> None:
    image = read_image(write(array))  # type: ignore[operator]
    np.testing.assert_array_equal(image.array, array)
    assert image.array.dtype == array.dtype
    assert image.axes == ("YXC" if array.ndim == 3 else "YX")
    assert image.value_range == (0, np.iinfo(array.dtype).max)


def test_a_path_gives_the_name(tmp_path: Path) -> None:
    (tmp_path / "field.of.view.dat").write_bytes(png(GREY))
    assert read_image(tmp_path / "field.of.view.dat").name == "field.of.view.dat"
    assert read_image(str(tmp_path / "field.of.view.dat"), name="mine").name == "mine"


def test_jpeg_equals_pillow_and_is_turned_as_the_camera_says() -> None:
    smooth = np.dstack([np.add.outer(np.arange(31), np.arange(47)) * 3] * 3).astype(np.uint8)
    buffer = io.BytesIO()
    PIL.Image.fromarray(smooth).save(buffer, "JPEG", quality=95)
    np.testing.assert_array_equal(read_image(buffer.getvalue()).array, np.asarray(PIL.Image.open(buffer)))
    exif = PIL.Image.Exif()
    exif[0x0112] = 6  # turn by 90° to the right
    turned = io.BytesIO()
    PIL.Image.fromarray(smooth).save(turned, "JPEG", quality=95, exif=exif)
    assert read_image(turned.getvalue()).array.shape == (47, 31, 3)


def test_palettes_and_two_level_pictures_are_expanded() -> None:
    picture = PIL.Image.fromarray(GREY).convert("P")
    picture.putpalette([value for grey in range(256) for value in (grey, 255 - grey, 7)])
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    np.testing.assert_array_equal(
        read_image(buffer.getvalue()).array, np.dstack([GREY, 255 - GREY, np.full_like(GREY, 7)])
    )
    np.testing.assert_array_equal(read_image(png(GREY > 99)).array, np.where(GREY > 99, 255, 0))


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits", "raw"])
@pytest.mark.parametrize("array", [GREY, RGB, DEEP], ids=["grey", "rgb", "16 bits"])
def test_compressed_tiff(compression: str, array: np.ndarray) -> None:
    buffer = io.BytesIO()
    PIL.Image.fromarray(array).save(buffer, "TIFF", compression=compression)
    np.testing.assert_array_equal(read_image(buffer.getvalue()).array, array)


def test_pages_of_a_compressed_tiff() -> None:
    pages = [PIL.Image.fromarray(plane) for plane in STACK]
    buffer = io.BytesIO()
    pages[0].save(buffer, "TIFF", save_all=True, append_images=pages[1:], compression="tiff_lzw")
    image = read_image(buffer.getvalue())
    np.testing.assert_array_equal(image.array, STACK)
    assert image.axes == "ZYX"


def test_pages_can_be_depth_time_or_channels() -> None:
    pages = tiff(STACK, photometric="minisblack", metadata=None)
    for axes in ("ZYX", "TYX"):
        image = read_image(pages, axes=axes)
        assert image.axes == axes
        np.testing.assert_array_equal(image.array, STACK)
    np.testing.assert_array_equal(read_image(pages, axes="YXC").array, np.moveaxis(STACK, 0, -1))
    with pytest.raises(ImageError, match="axes"):
        read_image(pages, axes="YX")


def test_ome_tiff_gives_channels_and_pixel_size() -> None:
    about = {
        "axes": "CYX",
        "Channel": {"Name": ["DAPI", "GFP", "µ-red", "far", "more"]},
        "PhysicalSizeX": 0.25,
        "PhysicalSizeXUnit": "µm",
        "PhysicalSizeY": 500,
        "PhysicalSizeYUnit": "nm",
    }
    image = read_image(tiff(STACK, ome=True, photometric="minisblack", metadata=about))
    assert (image.axes, image.channel_axis, image.channels) == ("YXC", 2, 5)
    assert image.channel_names == ("DAPI", "GFP", "µ-red", "far", "more")
    assert image.unit == "µm"
    assert image.pixel_size == pytest.approx((0.5, 0.25))
    np.testing.assert_array_equal(image.array, np.moveaxis(STACK, 0, -1))


def test_ome_tiff_with_time_depth_and_channels() -> None:
    array = RNG.integers(0, 256, (2, 3, 2, 31, 47), dtype=np.uint8)
    data = tiff(
        array,
        ome=True,
        metadata={"axes": "TZCYX", "PhysicalSizeX": 1, "PhysicalSizeY": 1, "PhysicalSizeZ": 4},
    )
    image = read_image(data, frame=1)
    assert (image.axes, image.pixel_size, image.planes) == ("ZYXC", (4, 1, 1), 3)
    np.testing.assert_array_equal(image.array, np.moveaxis(array[1], 1, -1))
    np.testing.assert_array_equal(image.plane(2).array, np.moveaxis(array[1, 2], 0, -1))
    for frame in (None, 2, -1):
        with pytest.raises(ImageError, match="frame"):
            read_image(data, frame=frame)


def test_imagej_tiff_gives_voxel_size() -> None:
    about = {"axes": "ZYX", "spacing": 1.5, "unit": "um"}
    image = read_image(tiff(STACK, imagej=True, resolution=(4, 2), metadata=about))
    assert (image.axes, image.unit, image.pixel_size) == ("ZYX", "µm", (1.5, 0.5, 0.25))


def test_resolution_without_a_unit_is_no_pixel_size() -> None:
    image = read_image(tiff(GREY, resolution=(72, 72)))
    assert (image.pixel_size, image.unit) == (None, "px")


@pytest.mark.parametrize("version", [2, 3])
def test_zarr_array(tmp_path: Path, version: int) -> None:
    stored = zarr.create_array(
        tmp_path / "a.zarr", shape=RGB.shape, chunks=(16, 16, 3), dtype="u1", zarr_format=version
    )
    stored[:] = RGB
    image = read_image(tmp_path / "a.zarr")
    np.testing.assert_array_equal(image.array, RGB)
    assert (image.axes, image.name) == ("YXC", "a.zarr")


@pytest.mark.parametrize("version", [2, 3])
def test_ome_zarr(tmp_path: Path, version: int) -> None:
    array = RNG.integers(0, 65_536, (1, 2, 3, 31, 47), dtype=np.uint16)
    group = zarr.open_group(tmp_path / "o.zarr", mode="w", zarr_format=version)
    group.create_array("0", shape=array.shape, chunks=(1, 1, 1, 16, 16), dtype="u2")[:] = array
    group.create_array("1", shape=(1, 2, 3, 15, 23), chunks=(1, 1, 1, 16, 16), dtype="u2")
    space = [{"name": axis, "type": "space", "unit": "micrometer"} for axis in "zyx"]
    said = {
        "multiscales": [
            {
                "axes": [{"name": "t", "type": "time"}, {"name": "c", "type": "channel"}, *space],
                "datasets": [
                    {
                        "path": "0",
                        "coordinateTransformations": [{"type": "scale", "scale": [1, 1, 2, 0.5, 0.25]}],
                    },
                    {"path": "1"},
                ],
            }
        ],
        "omero": {"channels": [{"label": "nuclei"}, {"label": "membrane"}]},
    }
    group.attrs.update({"ome": {"version": "0.5", **said}} if version == 3 else said)
    image = read_image(tmp_path / "o.zarr")
    assert (image.axes, image.channel_names) == ("ZYXC", ("nuclei", "membrane"))
    assert (image.pixel_size, image.unit) == ((2, 0.5, 0.25), "µm")
    np.testing.assert_array_equal(image.array, np.moveaxis(array[0], 0, -1))


# What an image is -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("array", "axes", "wanted"),
    [
        (np.zeros((4, 5)), None, "YX"),
        (np.zeros((4, 5, 3)), None, "YXC"),
        (np.zeros((4, 5, 6)), None, "ZYX"),
        (np.zeros((4, 5, 6)), "YXC", "YXC"),
        (np.zeros((4, 5, 6, 2)), None, "ZYXC"),
    ],
)
def test_axes_of_an_array(array: np.ndarray, axes: str | None, wanted: str) -> None:
    assert read_image(npy(array), axes=axes).axes == wanted


def test_values_are_scaled_by_type_and_not_by_content() -> None:
    from skimage.util import img_as_float32

    for array in (GREY, DEEP, GREY / np.float32(300)):
        np.testing.assert_allclose(read_image(npy(array)).scaled(), img_as_float32(array), atol=1e-7)
    twelve_bits = read_image(npy(DEEP // 16), value_range=(0, 4095))
    np.testing.assert_allclose(twelve_bits.scaled(), (DEEP // 16) / 4095, atol=1e-7)


def test_big_endian_values_become_native() -> None:
    image = read_image(npy(DEEP.astype(">u2")))
    assert image.array.dtype == np.dtype("u2")
    np.testing.assert_array_equal(image.array, DEEP)


def test_an_image_is_read_only_and_its_own() -> None:
    array = GREY.copy()
    image = Image(array, "YX")
    array[:] = 0
    np.testing.assert_array_equal(image.array, GREY)
    with pytest.raises(ValueError, match="read-only"):
        image.array[0, 0] = 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((GREY, "XY"), "axes"),
        ((GREY, "YXC"), "axes"),
        ((RGB, "YXC", "x", ("a", "b")), "2 channel names for 3 channels"),
        ((GREY, "YX", "x", (), (1.0,)), "pixel size"),
        ((GREY, "YX", "x", (), (1.0, 0.0)), "pixel size"),
        ((GREY, "YX", "x", (), None, "px", (5, 5)), "value range"),
        ((GREY.astype(np.complex64), "YX"), "complex64"),
        ((GREY.astype(np.int64), "YX"), "int64"),
        ((np.zeros((0, 5), np.uint8), "YX"), "at least one"),
        ((np.full((4, 4), np.nan), "YX"), "16 values are NaN"),
        ((np.array([[0, np.inf]]), "YX"), "1 values are NaN"),
        ((np.array([[0, 255.0]]), "YX"), "0 to 255, allowed are 0 to 1"),
        ((np.zeros((2, 2, 65), np.uint8), "YXC"), "65 channels"),
    ],
)
def test_images_that_make_no_sense_are_refused(arguments: tuple, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        Image(*arguments)


# What is refused ------------------------------------------------------------------------------------


def huge_png() -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body)) + bytes(50)
    )


def huge_jpeg() -> bytes:
    return b"\xff\xd8\xff\xe0\0\4ab\xff\xff\xc0\0\x11\x08" + struct.pack(">HH", 65_000, 65_000) + bytes(20)


def huge_npy() -> bytes:
    return npy(np.zeros(1, np.uint8)).replace(b"(1,), }" + b" " * 12, b"(100000, 100000), }")


def huge_tiff() -> bytes:
    data = tiff(np.zeros((16, 32), np.uint8), metadata=None)
    for tag, side in ((256, 32), (257, 16)):
        assert struct.pack("<HHII", tag, 4, 1, side) in data
        data = data.replace(struct.pack("<HHII", tag, 4, 1, side), struct.pack("<HHII", tag, 4, 1, 100_000))
    return data


@pytest.mark.parametrize("make", [huge_png, huge_jpeg, huge_npy, huge_tiff])
def test_ten_gigapixels_are_refused_by_the_header(make: object) -> None:
    with pytest.raises(ImageError, match=r"pixels; allowed are 80,000,000"):
        read_image(make())  # type: ignore[operator]


def test_ten_gigapixels_of_zarr_are_refused_by_the_header(tmp_path: Path) -> None:
    zarr.create_array(tmp_path / "big.zarr", shape=(100_000, 100_000), chunks=(1000, 1000), dtype="u1")
    with pytest.raises(ImageError, match=r"10,000,000,000 pixels"):
        read_image(tmp_path / "big.zarr")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"GIF89a" + bytes(50), "no image we read"),
        (b"<html>", "no image we read"),
        (b"\x89PNG\r\n\x1a\n", "ends before its size"),
        (b"\xff\xd8\xff\xd9", "ends before its size"),
        (b"\xff\xd8\xff\xe0\xff\xff", "ends before its size"),
        (png(GREY)[:-500], "damaged PNG"),
        (tiff(STACK, photometric="minisblack")[:-5000], "damaged TIFF"),
        (tiff(STACK, photometric="minisblack", compression="zlib")[:-5000], "damaged TIFF"),
        (b"II*\0" + bytes(40), "without a page"),
        (b"II*\0\x08", "damaged TIFF"),
        (npy(GREY)[:-5], "damaged NPY"),
        (b"\x93NUMPY\x01\x00", "damaged NPY"),
        (npy(np.zeros((0, 5), np.uint8)), "at least one"),
        (npy(np.zeros(5, np.uint8)), "2 to 4"),
        (npy(np.full((5, 5), np.nan)), "NaN"),
        (npy(np.full((5, 5), 7.5)), "allowed are 0 to 1"),
        (npy(np.zeros((5, 5), "U3")), "str96"),
    ],
)
def test_damaged_and_foreign_files_are_refused(content: bytes, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        read_image(content)


def test_pickled_arrays_are_refused_before_anything_runs() -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.array([[{}, {}]], dtype=object), allow_pickle=True)
    with pytest.raises(ImageError, match="object"):
        read_image(buffer.getvalue())


def test_colour_png_of_16_bits_is_refused_rather_than_cut_to_8() -> None:
    body = png(RGB)
    deep = body[:24] + b"\x10" + body[25:]
    with pytest.raises(ImageError, match="16 bits"):
        read_image(deep)


@pytest.mark.parametrize("where", ["gone.png", "gone/deeper.png", "nul\0byte.png"])
def test_paths_that_are_not_there_are_named(tmp_path: Path, where: str) -> None:
    with pytest.raises(ImageError, match="cannot be read"):
        read_image(tmp_path / where)


def test_a_folder_that_is_no_zarr_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="without a Zarr array"):
        read_image(tmp_path)


def test_a_zarr_codec_that_runs_code_is_refused(tmp_path: Path) -> None:
    """numcodecs' pickle filter would run what a chunk holds."""
    zarr.create_array(tmp_path / "e.zarr", shape=(8, 8), chunks=(8, 8), dtype="u1", zarr_format=2)[:] = 1
    about = json.loads((tmp_path / "e.zarr" / ".zarray").read_text())
    about.update(filters=[{"id": "pickle", "protocol": 5}], compressor=None)
    (tmp_path / "e.zarr" / ".zarray").write_text(json.dumps(about))
    (tmp_path / "e.zarr" / "0.0").write_bytes(b"cbuiltins\nprint\n(S'code ran'\ntR.")
    with pytest.raises(ImageError, match="'pickle', which is not read"):
        read_image(tmp_path / "e.zarr")


def test_a_zarr_level_outside_its_folder_is_refused(tmp_path: Path) -> None:
    zarr.create_array(tmp_path / "other.zarr", shape=(8, 8), chunks=(8, 8), dtype="u1")
    group = zarr.open_group(tmp_path / "o.zarr", mode="w", zarr_format=3)
    axes = [{"name": "y"}, {"name": "x"}]
    group.attrs["ome"] = {"multiscales": [{"axes": axes, "datasets": [{"path": "../other.zarr"}]}]}
    with pytest.raises(ImageError, match="outside"):
        read_image(tmp_path / "o.zarr")


def test_an_ome_tiff_that_names_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.tif").write_bytes(tiff(GREY))
    xml = (
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="urn:uuid:1">'
        '<Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="uint8" SizeX="47" SizeY="31" '
        'SizeC="1" SizeZ="1" SizeT="1"><TiffData><UUID FileName="secret.tif">urn:uuid:2</UUID></TiffData>'
        "</Pixels></Image></OME>"
    )
    (tmp_path / "x.ome.tif").write_bytes(tiff(GREY, description=xml, metadata=None))
    with pytest.raises(ImageError, match=r"several files"):
        read_image(tmp_path / "x.ome.tif")


FILES = [
    png(GREY),
    png(RGB),
    tiff(STACK[:2, :9, :9], photometric="minisblack"),
    tiff(GREY, compression="zlib"),
    npy(GREY),
]


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(FILES),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=4),
    st.booleans(),
)
@pytest.mark.filterwarnings("ignore")  # decoders warn about what they still could read
def test_any_damage_is_read_or_refused(content: bytes, damage: list[tuple[float, int]], start: bool) -> None:
    data = bytearray(content)
    for place, value in damage:
        data[int(place * (min(len(data), 200) if start else len(data) - 1))] = value
    try:
        image = read_image(bytes(data))
    except ImageError:
        return
    assert image.array.size > 0


# Label maps -----------------------------------------------------------------------------------------


def test_indices_of_a_palette_are_kept() -> None:
    picture = PIL.Image.fromarray(GREY % 3).convert("P")
    picture = PIL.Image.frombytes("P", picture.size, (GREY % 3).tobytes())
    picture.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    found = read_indexed(buffer.getvalue())
    np.testing.assert_array_equal(found.array, GREY % 3)
    assert {place: found.colors[place] for place in range(3)} == {0: "#ff0000", 1: "#00ff00", 2: "#0000ff"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (png(RGB), "colour picture"),
        (npy(GREY / np.float32(255)), "whole numbers"),
        (npy(GREY.astype(np.int16) - 200), "whole numbers"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
    ],
)
def test_what_is_no_label_map_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        read_indexed(content)


def test_reading_needs_neither_panel_nor_plotly_nor_scikit_image() -> None:
    code = (
        "import sys\n"
        "for name in ('panel', 'plotly', 'skimage', 'sklearn', 'bokeh'): sys.modules[name] = None\n"
        "from data_sources.images import bundled_image\n"
        "assert bundled_image('coins').array.shape == (303, 384)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
