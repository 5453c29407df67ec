"""Volumes: what nibabel, tifffile, NumPy and zarr wrote is read in their order; what is wrong is told."""

from __future__ import annotations

import gzip
import io
import struct
import warnings
from pathlib import Path

import nibabel
import numpy as np
import pytest
import tifffile
import zarr
from hypothesis import given
from hypothesis import strategies as st

from data_sources.errors import ImageError
from data_sources.volumes import Volume, nifti_bytes, read_volume

OBLIQUE = np.array(
    [[-1.5, 0.1, 0.0, 40.0], [0.1, 1.2, 0.3, -20.0], [0.0, -0.2, 4.0, 7.5], [0.0, 0.0, 0.0, 1.0]]
)


def values(dtype: str = "int16", shape: tuple[int, ...] = (7, 9, 5)) -> np.ndarray:
    return np.arange(np.prod(shape)).reshape(shape).astype(dtype)


def written(path: Path, array: np.ndarray, affine: np.ndarray | None = OBLIQUE) -> Path:
    nibabel.save(nibabel.Nifti1Image(array, affine), path)
    return path


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int32", "float32", "float64"])
def test_nifti_is_read_as_nibabel_reads_it(tmp_path: Path, suffix: str, dtype: str) -> None:
    path = written(tmp_path / f"a{suffix}", values(dtype))
    oracle = nibabel.load(path)
    for source in (path, path.read_bytes()):
        volume = read_volume(source)
        np.testing.assert_array_equal(volume.array(), np.asanyarray(oracle.dataobj))
        assert volume.dtype == dtype
        np.testing.assert_array_equal(volume.affine, oracle.affine)
        np.testing.assert_allclose(volume.spacing, oracle.header.get_zooms(), rtol=1e-6)
        assert volume.codes == nibabel.aff2axcodes(oracle.affine)


def test_a_plain_nifti_on_disk_is_mapped_and_a_plane_of_it_read(tmp_path: Path) -> None:
    volume = read_volume(written(tmp_path / "a.nii", values()))
    assert isinstance(volume.values, np.memmap)
    for axis in range(3):
        np.testing.assert_array_equal(volume.slice(axis, 2), values().take(2, axis=axis))


@pytest.mark.parametrize("endian", ["<", ">"])
def test_scaled_numbers_and_foreign_byte_order(tmp_path: Path, endian: str) -> None:
    image = nibabel.Nifti1Image(values(), OBLIQUE, nibabel.Nifti1Header(endianness=endian))
    image.header.set_data_dtype("int16")
    image.header.set_slope_inter(0.5, -1024)
    path = tmp_path / "a.nii"
    path.write_bytes(image.to_bytes()[:352] + values().astype(endian + "i2").tobytes(order="F"))
    oracle = nibabel.load(path)
    for source in (path, path.read_bytes(), gzip.compress(path.read_bytes())):
        volume = read_volume(source)
        np.testing.assert_allclose(volume.array(), oracle.get_fdata(), rtol=1e-6)
        np.testing.assert_allclose(volume.slice(1, 3), oracle.get_fdata()[:, 3])
        assert volume.slice(0, 0).dtype.isnative


def test_nifti_2_and_a_last_axis_of_one(tmp_path: Path) -> None:
    path = tmp_path / "a.nii"
    nibabel.save(nibabel.Nifti2Image(values()[..., None], OBLIQUE), path)
    assert read_volume(path).shape == (7, 9, 5)


def test_lengths_in_micrometres_become_millimetres() -> None:
    image = nibabel.Nifti1Image(values(), np.diag([50.0, 50.0, 200.0, 1]))
    image.header.set_xyzt_units("micron")
    assert read_volume(image.to_bytes()).spacing == pytest.approx((0.05, 0.05, 0.2))


def test_one_volume_of_a_series() -> None:
    series = values(shape=(4, 5, 6, 3))
    content = nibabel.Nifti1Image(series, np.eye(4)).to_bytes()
    np.testing.assert_array_equal(read_volume(content, frame=2).array(), series[..., 2])
    with pytest.raises(ImageError, match="there are 3, counted from 0"):
        read_volume(content, frame=3)


def test_npy_is_mapped_and_takes_a_spacing(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", values("float32"))
    volume = read_volume(tmp_path / "a.npy", spacing=(3, 1, 1))
    assert isinstance(volume.values, np.memmap)
    assert (volume.spacing, volume.codes, volume.oriented) == ((3, 1, 1), ("", "", ""), False)
    np.testing.assert_array_equal(volume.slice(2, 4), values("float32")[:, :, 4])
    np.testing.assert_array_equal(read_volume((tmp_path / "a.npy").read_bytes()).array(), values("float32"))


def test_a_tiff_stack_with_micrometres_and_floats_of_any_size(tmp_path: Path) -> None:
    stack = values("float32") * 100
    tifffile.imwrite(
        tmp_path / "a.tif",
        stack,
        imagej=True,
        resolution=(2, 2),
        metadata={"axes": "ZYX", "spacing": 4, "unit": "um"},
    )
    volume = read_volume(tmp_path / "a.tif")
    np.testing.assert_array_equal(volume.array(), stack)
    assert volume.spacing == pytest.approx((0.004, 0.0005, 0.0005))


def test_zarr_is_read_in_parts(tmp_path: Path) -> None:
    array = zarr.create_array(str(tmp_path / "a.zarr"), shape=(7, 9, 5), chunks=(2, 9, 5), dtype="int16")
    array[:] = values()
    volume = read_volume(tmp_path / "a.zarr", spacing=(2, 1, 1))
    assert not isinstance(volume.values, np.ndarray)
    for axis in range(3):
        np.testing.assert_array_equal(volume.slice(axis, 1), values().take(1, axis=axis))
    np.testing.assert_array_equal(volume.array(), values())


def test_ome_zarr_with_a_time_and_a_channel_axis(tmp_path: Path) -> None:
    stored = values("uint16", (2, 1, 4, 6, 5))
    group = zarr.create_group(str(tmp_path / "a.zarr"))
    group.create_array("0", shape=stored.shape, chunks=(1, 1, 2, 6, 5), dtype="uint16")[:] = stored
    axes = [{"name": "t"}, {"name": "c"}] + [{"name": one, "unit": "micrometer"} for one in "zyx"]
    scale = [{"type": "scale", "scale": [1, 1, 3, 0.5, 0.5]}]
    group.attrs["multiscales"] = [
        {"axes": axes, "datasets": [{"path": "0", "coordinateTransformations": scale}]}
    ]
    volume = read_volume(tmp_path / "a.zarr", frame=1)
    np.testing.assert_array_equal(volume.array(), stored[1, 0])
    np.testing.assert_array_equal(volume.slice(1, 5), stored[1, 0, :, 5])
    assert volume.spacing == pytest.approx((0.003, 0.0005, 0.0005))
    with pytest.raises(ImageError, match="2 time points"):
        read_volume(tmp_path / "a.zarr")


# What cannot be read
# ----------------------------------------------------------------------------------------------------------


def nifti(shape: tuple[int, ...], dtype: str = "int16") -> bytes:
    return nibabel.Nifti1Image(np.zeros(shape, dtype), np.eye(4)).to_bytes()


def with_header(offset: int, form: str, *numbers: float) -> bytes:
    content = bytearray(nifti((4, 5, 6)))
    struct.pack_into(form, content, offset, *numbers)
    return bytes(content)


NOISE = nibabel.Nifti1Image(
    np.random.default_rng(0).integers(0, 99, (20, 20, 20), "int16"), np.eye(4)
).to_bytes()
NAN = np.full((4, 4, 4), np.nan, np.float32)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (nifti((4, 5)), "2 axes .4 × 5.; a volume has three; a single picture opens"),
        (nifti((4, 5, 1)), "a single picture"),
        (nifti((4, 5, 6, 2)), "4 axes .4 × 5 × 6 × 2.; a volume has three; choose one of a series"),
        (nifti((4, 5, 6, 2, 3)), "a volume has three"),
        (nifti((4, 5, 6), "complex64"), "values of type complex64; allowed are real numbers"),
        (with_header(80, "<f", 0.0), "voxels of 0 × 1 × 1 mm; each size must be above 0"),
        (with_header(80, "<f", np.nan), "voxels of nan × 1 × 1 mm"),
        (with_header(280, "<4f", 0, 0, 0, 0), "axes do not span space"),
        (with_header(40, "<8h", 3, 4, -5, 6, 1, 1, 1, 1), "sizes"),
        (
            with_header(40, "<8h", 3, 2200, 2200, 2200, 1, 1, 1, 1),
            "10,648,000,000 voxels; allowed are 500,000,000",
        ),
        (with_header(40, "<8h", 3, 700, 700, 700, 1, 1, 1, 1), "promises 686,000,352 bytes, there are 592"),
        (
            gzip.compress(with_header(40, "<8h", 3, 790, 790, 790, 1, 1, 1, 1)),
            "takes 986,078,000 bytes|promises",
        ),
        (with_header(70, "<h", 1234), "type that is not understood"),
        (with_header(108, "<f", -5.0), "values at byte -5"),
        (nibabel.Nifti1Image(NAN, np.eye(4)).to_bytes(), "64 of 64 values are NaN or infinite; replace them"),
        (nifti((4, 5, 6))[:300], "starts with"),
        (nifti((4, 5, 6))[:-1], "truncated"),
        (gzip.compress(NOISE)[:-600], "truncated"),
        (gzip.compress(nifti((4, 5, 6)))[:40], "truncated"),
        (gzip.compress(b"hello"), "no NIfTI"),
        (b"", "is empty; formats are NIfTI"),
        (b"hello world", "starts with b'hello wo', which is no volume we read"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "a PNG is a single picture"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_volume_is_told(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "scan.nii").write_bytes(content)
    for source in (content, tmp_path / "scan.nii"):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(ImageError, match=said):
                read_volume(source, "scan")


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (npy(np.zeros((3, 4))), "2 axes"),
        (npy(np.zeros((3, 4, 5, 6))), "4 axes"),
        (npy(np.zeros((3, 4, 0))), "each side needs at least one"),
        (npy(np.zeros((3, 4, 5), complex)), "real numbers"),
        (npy(NAN), "NaN"),
        (npy(np.zeros((3, 4, 5)))[:-8], "damaged or truncated"),
        (npy(np.zeros((2, 2, 9_000), bool)), "allowed are 8,192 along an axis"),
    ],
)
def test_what_is_no_volume_in_npy_is_told(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(content)
    for source in (content, tmp_path / "a.npy"):
        with pytest.raises(ImageError, match=said):
            read_volume(source)


def test_a_missing_file_and_colour_are_told(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="cannot be read"):
        read_volume(tmp_path / "nothing.nii")
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((4, 16, 16, 3), np.uint8), photometric="rgb")
    with pytest.raises(ImageError, match="3 channels; a volume has one"):
        read_volume(tmp_path / "a.tif")
    with pytest.raises(ImageError, match="leave out spacing"):
        read_volume(nifti((4, 5, 6)), spacing=(1, 1, 1))


def test_nan_can_be_filled() -> None:
    array = values("float32")
    array[1, 2, 3], array[0, 0, 0] = np.nan, np.inf
    expected = np.where(np.isfinite(array), array, -7)
    np.testing.assert_array_equal(read_volume(npy(array), fill=-7).array(), expected)


# Where it lies
# ----------------------------------------------------------------------------------------------------------


@given(
    st.lists(st.floats(-3, 3), min_size=9, max_size=9), st.lists(st.floats(-99, 99), min_size=3, max_size=3)
)
def test_voxels_to_millimetres_and_back(numbers: list[float], shift: list[float]) -> None:
    affine = np.eye(4)
    affine[:3, :3] = np.reshape(numbers, (3, 3)) + 7 * np.eye(3)  # the diagonal outweighs the rest
    affine[:3, 3] = shift
    volume = Volume(values(), affine=affine)
    places = np.array([[0, 0, 0], [6, 8, 4], [1.5, 2.5, 0.5]])
    np.testing.assert_allclose(volume.mm(places), nibabel.affines.apply_affine(affine, places), atol=1e-9)
    np.testing.assert_allclose(volume.voxel(volume.mm(places)), places, atol=1e-9)
    assert volume.codes == nibabel.aff2axcodes(affine)
    np.testing.assert_allclose(volume.spacing, nibabel.affines.voxel_sizes(affine))


def test_planes_follow_the_orientation() -> None:
    affine = np.array([[0, 0, 2.0, 0], [-1, 0, 0, 0], [0, -3, 0, 0], [0, 0, 0, 1]])  # P, I, R
    volume = Volume(values(), affine=affine)
    assert volume.codes == ("P", "I", "R")
    assert [volume.axis(one) for one in ("sagittal", "coronal", "axial")] == [2, 0, 1]
    assert volume.voxel_ml == pytest.approx(6 / 1000)
    assert Volume(values()).axis("axial") == 0


def test_what_makes_no_volume() -> None:
    with pytest.raises(ImageError, match="three numbers above 0"):
        Volume(values(), spacing=(1, 0, 1))
    with pytest.raises(ImageError, match="4 × 4 finite numbers"):
        Volume(values(), affine=np.eye(3))
    with pytest.raises(ImageError, match="axes do not span space"):
        Volume(values(), affine=np.ones((4, 4)))
    with pytest.raises(ImageError, match="no plane 9 across axis 1; there are 9, counted from 0"):
        Volume(values()).slice(1, 9)
    with pytest.raises(ImageError, match="no plane 'oblique'"):
        Volume(values()).axis("oblique")


def test_the_window_leaves_out_hot_voxels_and_has_a_width() -> None:
    rng = np.random.default_rng(0)
    array = rng.normal(1000, 50, (60, 70, 80))
    array[0, 0, :20] = 1e6
    low, high = Volume(array).window()
    oracle = np.percentile(array, [1, 99.5])
    assert (low, high) == pytest.approx(tuple(oracle), abs=5)
    assert Volume(np.full((4, 5, 6), 3)).window() == (3, 4)
    assert Volume(np.eye(5, dtype=bool)[None].repeat(5, 0)).window() == (0, 1)


# Out again
# ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
@pytest.mark.parametrize("form", ["both", "qform only", "sform only"])
def test_a_mask_comes_back_with_affine_and_shape(tmp_path: Path, suffix: str, form: str) -> None:
    rigid = np.array([[0, -1.0, 0, 5], [1, 0, 0, -9], [0, 0, 2.5, 3], [0, 0, 0, 1]])
    image = nibabel.Nifti1Image(values(), rigid)
    image.set_qform(rigid, code=0 if form == "sform only" else 1)
    image.set_sform(rigid, code=0 if form == "qform only" else 4)
    image.header["descrip"] = b"Jane Doe"
    nibabel.save(image, tmp_path / "a.nii")
    volume = read_volume(tmp_path / "a.nii")
    mask = (np.arange(volume.array().size) % 3 == 0).reshape(volume.shape)
    (tmp_path / f"m{suffix}").write_bytes(nifti_bytes(mask, volume, compressed=suffix == ".nii.gz"))
    back = nibabel.load(tmp_path / f"m{suffix}")
    np.testing.assert_array_equal(back.affine, nibabel.load(tmp_path / "a.nii").affine)
    np.testing.assert_array_equal(np.asanyarray(back.dataobj), mask)
    assert back.header.get_data_dtype() == np.uint8
    assert [int(back.header[key]) for key in ("qform_code", "sform_code")] == [
        int(image.header[key]) for key in ("qform_code", "sform_code")
    ]
    assert b"Jane" not in back.header.binaryblock
    again = read_volume(tmp_path / f"m{suffix}")
    np.testing.assert_array_equal(again.affine, volume.affine)


def test_a_mask_of_an_array_without_a_header() -> None:
    volume = Volume(values(), spacing=(3, 1, 0.5))
    back = nibabel.Nifti1Image.from_bytes(nifti_bytes(values("uint8"), volume, compressed=False))
    np.testing.assert_array_equal(back.affine, np.diag([3, 1, 0.5, 1]))
    with pytest.raises(ImageError, match="do not lie on"):
        nifti_bytes(np.zeros((2, 2, 2)), volume)
