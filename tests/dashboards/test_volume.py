"""The volume page without a browser: planes, marks, answers, files, links."""

from __future__ import annotations

import gzip
import io
import itertools
import json

import nibabel as nib
import numpy as np
import pytest

from dashboards import VolumeExplorer
from dashboards.parts.volume_learning import marked_volume, plane_marks
from dashboards.parts.volume_planes import planes_of
from dashboards.parts.volume_state import VolumeState, sample
from data_sources import BrushlinkError
from data_sources.volumes import Volume
from segmentation.strokes import Stroke
from segmentation.surfaces import surface


def ball(spacing=(1.0, 1.0, 1.0), radius=9.0):
    """A bright ball in noise, and where it is."""
    shape = tuple(round(44 / step) for step in spacing)
    places = np.stack(
        np.meshgrid(*(np.arange(n) * s for n, s in zip(shape, spacing, strict=True)), indexing="ij")
    )
    truth = ((places - 22) ** 2).sum(0) < radius**2
    rng = np.random.default_rng(0)
    return np.clip(rng.normal(90, 12, shape) + 80 * truth, 0, 255).astype(np.uint8), truth


@pytest.mark.parametrize("codes", ["RAS", "LPS", "PIR", "SAL", "ILA"])
def test_planes_look_the_same_however_a_volume_is_stored(codes):
    rng = np.random.default_rng(0)
    canonical = nib.Nifti1Image(
        rng.integers(0, 255, (5, 6, 7)).astype(np.uint8), np.diag([1.0, 2.0, 3.0, 1.0])
    )
    target = nib.orientations.axcodes2ornt(codes)
    moved = canonical.as_reoriented(
        nib.orientations.ornt_transform(nib.io_orientation(canonical.affine), target)
    )
    volume = Volume(np.asarray(moved.dataobj), affine=moved.affine)
    values = np.asarray(canonical.dataobj)
    # From the feet, the front and the left: rows run to the back or down, columns to the left or to the back.
    wanted = {
        "axial": values[::-1, ::-1, 3].T,
        "coronal": values[::-1, 2, ::-1].T,
        "sagittal": values[1, ::-1, ::-1].T,
    }
    n_of = {"axial": 3, "coronal": 2, "sagittal": 1}
    ends = {"axial": "S", "coronal": "A", "sagittal": "R"}
    spacing = {"axial": (2, 1), "coronal": (3, 1), "sagittal": (3, 2)}
    for name, plane in planes_of(volume).items():
        forwards = volume.codes[plane.axis] == ends[name]
        n = n_of[name] if forwards else plane.count - 1 - n_of[name]
        part = volume.slice(plane.axis, n)
        assert np.array_equal(plane.picture(part), wanted[name])
        assert np.array_equal(plane.part(plane.picture(part)), part)
        assert plane.spacing == pytest.approx(spacing[name])
        for row, col in itertools.product((0, 2), (1, 3)):
            voxel = plane.voxel(n, row, col)
            assert volume.array()[voxel] == wanted[name][row, col]
            assert plane.pixel(voxel) == (n, row, col)


def test_a_stack_is_shown_as_stored():
    planes = planes_of(Volume(np.zeros((4, 5, 6)), spacing=(3, 1, 2)))
    assert [(one.title, one.axis, one.letters[0]) for one in planes.values()] == [
        ("z", 0, ""),
        ("y", 1, ""),
        ("x", 2, ""),
    ]
    assert planes["axial"].shape == (5, 6)
    assert planes["coronal"].spacing == (3, 2)


@pytest.mark.parametrize("spacing", [(1.0, 4.0), (4.0, 1.0), (1.0, 1.0)])
def test_a_brush_is_as_wide_as_it_looks(spacing):
    volume = Volume(np.zeros((8, 60, 60)), spacing=(9.0, *spacing))
    plane = planes_of(volume)["axial"]
    width = 12.0  # columns
    marks = plane_marks(plane, [Stroke("path", ((30, 30), (30, 30)), 1, width)])
    radius = width * spacing[1] / 2
    rows, cols = np.indices(plane.shape)
    away = np.hypot((rows - 30) * spacing[0], (cols - 30) * spacing[1])
    assert (marks[away < radius - max(spacing)] == 1).all()
    assert (marks[away > radius + max(spacing)] == 0).all()


def test_marks_lie_on_their_slices():
    volume = Volume(np.zeros((10, 20, 30), np.uint8))
    planes = planes_of(volume)
    strokes = {
        ("axial", 3): [Stroke("rect", ((4, 5), (8, 9)), 1)],
        ("sagittal", 6): [Stroke("rect", ((1, 1), (4, 4)), 2)],
    }
    marks = marked_volume(volume.shape, planes, strokes)
    wanted = np.zeros(volume.shape, np.uint8)
    wanted[3, 4:8, 5:9] = 1
    wanted[1:4, 1:4, 6] = 2
    assert np.array_equal(marks, wanted)


def strokes_on(state, truth):
    plane = state.planes["axial"]
    n, row, col = plane.pixel(state.point)
    px = plane.spacing[1]
    away, down = 14 / px, 14 / plane.spacing[0]
    loop = (
        (row - down, col - away),
        (row - down, col + away),
        (row + down, col + away),
        (row + down, col - away),
    )
    inside = Stroke("path", ((row, col - 4 / px), (row, col + 4 / px)), 1, 5 / px)
    return {state.slot("axial", n): (inside, Stroke("path", (*loop, loop[0]), 2, 3 / px))}


@pytest.mark.parametrize("method", ["random walker", "region growing", "classifier"])
@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (2.0, 1.0, 1.0)])
def test_each_method_finds_a_ball(method, spacing):
    values, truth = ball(spacing)
    explorer = VolumeExplorer(values, spacing=spacing, method=method)
    assert explorer.mask is None
    explorer.state.strokes = strokes_on(explorer.state, truth)
    found = explorer.mask == 1
    assert 2 * (found & truth).sum() / (found.sum() + truth.sum()) >= 0.85
    assert not (explorer.mask == 2).any()
    table = explorer.tables()["Measures"]()
    assert table["volume [ml]"][0] == pytest.approx(found.sum() * np.prod(spacing) / 1000)
    assert table["mean"][0] == pytest.approx(values[found].mean())
    # A mask found in noise is rougher than the ball.
    assert table["surface [cm²]"][0] == pytest.approx(surface(found, spacing=spacing).area / 100, rel=0.02)
    assert surface(truth, spacing=spacing).area / 100 == pytest.approx(4 * np.pi * 0.9**2, rel=0.05)


def test_what_was_said_of_the_volume_before_moves_nothing():
    explorer = VolumeExplorer(ball()[0])
    said = {"base": [], "over": [], "rev": [0, 0], "end": True, "of": 0}
    view = explorer.planes["axial"]
    view.plot._handle("slice", {"n": 30, **said})
    assert view.index == 30
    explorer.state.take(Volume(np.zeros((20, 48, 64), np.int16), spacing=(1.0, 1.0, 1.0)))
    point = explorer.state.point
    view.plot._handle("slice", {"n": 31, **said})
    view.plot._handle("point", {"x": 3.0, "y": 4.0, "end": True, "of": 0})
    assert explorer.state.point == point
    view.plot._handle("slice", {"n": 3, **said, "of": 1})
    assert view.index == 3


def test_measures_of_an_earlier_answer_are_not_handed_out():
    values, truth = ball()
    explorer = VolumeExplorer(values)
    assert explorer.tables()["Measures"]().empty
    explorer.state.strokes = strokes_on(explorer.state, truth)
    assert len(explorer.tables()["Measures"]()) == 1
    learning = explorer.learning
    learning.labels = learning.labels.copy()  # a newer answer
    with pytest.raises(BrushlinkError, match="being measured"):
        explorer.tables()["Measures"]()
    learning.final = False
    with pytest.raises(BrushlinkError, match="no finished result"):
        explorer.tables()["Measures"]()


def test_one_class_alone_asks_for_the_other():
    values, truth = ball()
    explorer = VolumeExplorer(values)
    inside, _ = next(iter(strokes_on(explorer.state, truth).values()))
    explorer.state.strokes = {explorer.state.slot("axial", 22): (inside,)}
    assert explorer.mask is None
    assert "Other tissue" in explorer._words.status.object
    explorer.state.method = "region growing"
    assert explorer.mask is not None
    explorer.history.undo()
    assert explorer.mask is None


def test_undo_and_reset_take_strokes_of_all_planes():
    explorer = VolumeExplorer(example=True)
    drawn = explorer.state.strokes
    assert {slot.split("|")[1] for slot in drawn} == {"axial", "coronal"}
    assert explorer.mask is not None
    explorer.history.reset()
    assert explorer.state.strokes == {}
    assert explorer.mask is None
    explorer.history.undo()
    assert explorer.state.strokes == drawn
    assert explorer.mask is not None


def test_files_hold_what_was_found():
    values, truth = ball()
    affine = np.array([[-1.0, 0, 0, 40], [0, 1, 0, -7], [0, 0, 1, 3], [0, 0, 0, 1]])
    explorer = VolumeExplorer(values, affine=affine, method="classifier")
    with pytest.raises(BrushlinkError, match="no finished result"):
        explorer.files()["Mask"]["nii.gz"]()
    explorer.state.strokes = strokes_on(explorer.state, truth)
    files = explorer.files()
    read = nib.Nifti1Image.from_bytes(gzip.decompress(files["Mask"]["nii.gz"]()))
    assert np.array_equal(read.affine, affine)
    assert np.array_equal(np.asarray(read.dataobj), explorer.mask)
    assert np.array_equal(np.load(io.BytesIO(files["Mask"]["npy"]())), explorer.mask)

    stl = files["Mesh"]["stl"]()
    count = int(np.frombuffer(stl, "<u4", 1, 80)[0])
    assert len(stl) == 84 + 50 * count
    corners = np.frombuffer(stl, np.dtype([("n", "<f4", 3), ("c", "<f4", (3, 3)), ("a", "<u2")]), count, 84)[
        "c"
    ]
    # Signed tetrahedra give the volume of a closed surface.
    inside = abs(np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum()) / 6
    assert inside == pytest.approx((explorer.mask == 1).sum(), rel=0.1)
    assert files["Model"]["skops"]()[:2] == b"PK"

    again = VolumeExplorer(values, affine=affine, method="classifier")
    again.open_document(json.loads(files["Strokes"]["json"]()))
    assert np.array_equal(again.mask, explorer.mask)
    assert "open_document" in files["How to repeat it"]["py"]().decode()


def test_links_carry_what_is_seen():
    state = VolumeState()
    assert state.to_query() == ""
    state.param.update(at=(90, 100, 80), window=(10.0, 200.0), method="classifier", layout="3d", smooth=0)
    other = VolumeState()
    assert other.apply_query(state.to_query()) == []
    assert (other.point, other.limits, other.method, other.layout) == (
        (90, 100, 80),
        (10.0, 200.0),
        "classifier",
        "3d",
    )
    assert other.apply_query("v=1&at=[999,-4,50]&w=[5,1]") == []
    assert other.point == (196, 0, 50)
    assert other.window is None


def test_the_sample_is_known_and_its_strokes_are_true():
    state = VolumeState(example=True)
    truth = state.truth
    marks = marked_volume(state.volume.shape, state.planes, state.strokes_here())
    assert truth[marks == 1].all()
    assert not truth[marks == 2].any()
    assert sum(map(len, state.strokes.values())) == 3
    assert sample("lesion-10")[0].shape == (197, 233, 189)
