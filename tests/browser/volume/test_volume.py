"""The volume page as a hand uses it: D18 of the talk."""

from __future__ import annotations

import gzip
import io
import re

import nibabel as nib
import numpy as np
import pytest

from dashboards.parts.volume_state import sample
from dashboards.volume import VolumeExplorer
from segmentation import engine
from tests.browser.apps.dashboard_page import dashboard_page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

PLANES = ("axial", "coronal", "sagittal")
# Grey value of a pixel of the slice that is painted, read back from the picture itself.
PIXEL_JS = """
const image = gd.querySelector('.im image');
const uri = image.getAttribute('xlink:href') || image.getAttribute('href');
return (async () => {
  const picture = new Image();
  picture.src = uri;
  await picture.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [picture.width, picture.height];
  const context = canvas.getContext('2d', {willReadFrequently: true});
  context.drawImage(picture, 0, 0);
  return arg.map(([row, col]) => context.getImageData(col, row, 1, 1).data[0]);
})();
"""


@pytest.fixture(scope="module", autouse=True)
def _ready():
    engine.warm_up()
    sample("lesion-10")


@pytest.fixture
def volume(browser, show):
    with dashboard_page(browser, show, VolumeExplorer) as page:
        yield page


def deck(page, name):
    return page.plot(name).js(
        "const d = gd._brushlinkDeck; return {n: d.n, cross: d.cross, kept: d.base.size};"
    )


def status(page):
    return page.page.locator(".status p").inner_text()


def tool(page, key, name):
    page.page.keyboard.press(key)
    page.until(
        lambda: all(page.plot(one).js("return gd.layout.meta.drawing.tool") == name for one in PLANES), name
    )


def overlay(page, name):
    return page.plot(name).js("return gd._fullLayout.images[0].source.startsWith('data:image/png')")


def dice(found, truth):
    return 2 * (found & truth).sum() / (found.sum() + truth.sum())


def expected(volume, axis, n, voxels):
    """Grey values of voxels of `vol[n]` within the window, by plain arithmetic."""
    low, high = volume.window()
    return [
        round(float(np.clip((float(volume.values[one]) - low) / (high - low), 0, 1)) * 255) for one in voxels
    ]


def test_slices_are_those_of_the_volume_and_planes_answer_each_other(volume):
    page, state = volume, volume.dashboard.state
    given = state.volume
    before = {name: deck(page, name)["n"] for name in PLANES}
    assert tuple(before[name] for name in ("sagittal", "coronal", "axial")) == state.point

    # A click in one plane moves the other two: MNI is stored R A S, and shown from the feet and the front.
    plot = page.plot("axial")
    plot.click_point(80, 100)
    page.until(lambda: deck(page, "coronal")["n"] != before["coronal"], "the coronal plane follows")
    # A mouse points at whole pixels of the screen, which may be the voxel beside.
    col, row = deck(page, "axial")["cross"]
    assert max(abs(col - 80), abs(row - 100)) <= 1
    page.until(lambda: deck(page, "coronal")["n"] == 232 - row, "the coronal plane")
    page.until(lambda: deck(page, "sagittal")["n"] == 196 - col, "the sagittal plane follows")
    assert deck(page, "axial") | {"kept": 0} == {"n": before["axial"], "cross": [col, row], "kept": 0}
    page.until(lambda: state.point == (196 - col, 232 - row, before["axial"]), "Python knows")

    # Wheel, keys and slider turn the slice that is seen, and each shows the volume's own values.
    x, y = plot.px(80, 100)
    page.page.mouse.move(x, y)
    page.page.mouse.wheel(0, -120)
    page.until(lambda: state.point[2] == before["axial"] + 1, "one slice up")
    page.page.keyboard.press("ArrowUp")
    page.until(lambda: state.point[2] == before["axial"] + 2, "another one")
    plot.js(
        "const s = gd._brushlinkDeck.slider; s.value = 77;"
        " for (const kind of ['input', 'change']) s.dispatchEvent(new Event(kind, {bubbles: true}));"
    )
    page.until(lambda: deck(page, "axial")["n"] == 77 and state.point[2] == 77, "slice 77")
    probes = [(60, 70), (100, 98), (150, 120)]
    voxels = [(196 - x, 232 - y, 77) for y, x in probes]
    page.until(lambda: plot.js(PIXEL_JS, probes) == expected(given, 2, 77, voxels), "its values")
    # The lines of the other planes move to it.
    page.until(lambda: deck(page, "coronal")["cross"] == [col, 188 - 77], "the line of the axial plane")

    # Neighbours are there before the hand turns on.
    page.until(lambda: deck(page, "axial")["kept"] >= 8, "neighbours")
    # True value, voxel and mm under the mouse.
    plot.hover(98, 100)
    text = page.page.locator(".readout p")

    def told() -> None:
        said = text.inner_text()
        assert "under the mouse" in said
        found = re.search(r"voxel\s*(\d+), (\d+), 77", said)
        assert found is not None
        i, j = int(found[1]), int(found[2])
        assert max(abs(i - 98), abs(j - 132)) <= 1
        mm = ", ".join(f"{one:.1f}" for one in given.affine[:3, :3] @ (i, j, 77) + given.affine[:3, 3])
        assert mm in said
        assert said.rstrip().endswith(str(int(given.values[i, j, 77])))

    page.until(told, "the voxel under the mouse")
    # Undo goes back to the planes before.
    page.page.keyboard.press("Control+z")
    page.until(lambda: state.point[2] != 77 and deck(page, "axial")["n"] == state.point[2], "undo")


# Leafs 24 slices, as quickly as a hand; says how often the scene was painted meanwhile.
LEAF_JS = """
const scene = window.brushlinkPlot('3d');
scene._brushlinkSceneMs = arg;
let painted = 0;
scene.on('plotly_afterplot', () => { painted += 1; });
const slider = gd._brushlinkDeck.slider;
return (async () => {
  for (let n = 60; n < 84; n++) {
    slider.value = n;
    slider.dispatchEvent(new Event('input', {bubbles: true}));
    await new Promise((done) => setTimeout(done, 40));
    scene._brushlinkSceneMs = arg;
  }
  return painted;
})();
"""


def test_a_scene_that_is_slow_to_paint_waits_for_the_hand(volume):
    page, state = volume, volume.dashboard.state
    scene, plot = page.plot("3d"), page.plot("axial")
    shown = "return gd.data.filter(t => t.type === 'mesh3d' && t.visible && t.i && t.i.length > 500).length"
    page.until(lambda: scene.js(shown) >= 2, "slices and head in the scene")
    page.settle()

    def follows(n):
        height = state.volume.mm([(0, 0, n)])[0, 2]
        return scene.trace(1, "z")[0] == pytest.approx(height)

    assert plot.js(LEAF_JS, 10_000) == 0
    page.until(lambda: state.point[2] == 83 and follows(83), "the scene follows at rest")
    assert plot.js(LEAF_JS, 1) > 0
    page.until(lambda: follows(83), "the scene follows at once")


def test_three_strokes_find_the_lesion_and_the_camera_stays(volume, tmp_path):
    page, dashboard = volume, volume.dashboard
    truth = sample("lesion-10")[1]
    plot = page.plot("axial")
    page.until(lambda: "draw a stroke on Lesion and Other tissue" in status(page), "what to do")
    tool(page, "p", "pen")
    col, row = deck(page, "axial")["cross"]
    plane = dashboard.state.planes["axial"]
    section = plane.picture(np.take(truth, deck(page, "axial")["n"], plane.axis))
    inside = np.argwhere(section)
    tall = [tuple(inside[np.argmin(np.abs(inside - (row + step, col)).sum(axis=1))]) for step in (-5, 0, 5)]
    plot.drag_path([plot.px(int(c), int(r)) for r, c in tall], 5)
    page.until(lambda: len(dashboard.drawing.log.strokes) == 1, "a stroke")
    page.page.keyboard.press("2")
    page.until(lambda: plot.js("return gd.layout.newshape.name").startswith(";2;"), "the other class")
    reach = int(np.abs(inside - (row, col)).max()) + 5
    for name, (x, y) in (("axial", (col, row)), ("coronal", deck(page, "coronal")["cross"])):
        drawn = page.plot(name)
        radius = abs(drawn.px(x + reach, y)[0] - drawn.px(x, y)[0])
        drawn.drag_path(drawn.circle(drawn.px(x, y), radius, 20), 3)
        page.until(
            lambda name=name: any(key[0] == name and any(s.class_id == 2 for s in one)
                for key, one in dashboard.state.strokes_here().items()), f"a loop in {name}",
        )  # fmt: skip
    page.settle()  # or it may be the answer to the loop before
    page.until(lambda: dashboard.learning.final and "Done" in status(page), "the answer")
    assert dice(dashboard.mask == 1, truth) >= 0.85
    assert abs((dashboard.mask == 1).sum() / truth.sum() - 1) <= 0.15
    assert all(overlay(page, name) for name in PLANES)

    # Its surface is in the scene beside that of the head, and turning the scene survives a turn of a slice.
    scene = page.plot("3d")
    page.until(
        lambda: scene.js("return gd.data.filter(t => t.type === 'mesh3d' && t.i.length > 500).length") >= 2
    )
    heading = page.page.locator(".results th", has_text="volume [ml]")
    page.until(lambda: heading.count() == 1 and dashboard.learning.measured, "the measures")
    table = dashboard.tables()["Measures"]()
    assert table["voxels"][0] == (dashboard.mask == 1).sum()
    assert table["volume [ml]"][0] == pytest.approx(table["voxels"][0] / 1000)
    box = scene.box_of("canvas")
    centre = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    camera = "gd._fullLayout.scene._scene.getCamera().eye"
    eye = f"return ['x', 'y', 'z'].map(one => {camera}[one].toFixed(3));"
    first = scene.js(eye)
    scene.drag(centre, (centre[0] + 90, centre[1] + 30), 6)
    page.until(lambda: scene.js(eye) != first, "the scene turns")
    turned = scene.js(eye)
    cut = scene.trace(1, "z")[0]
    tool(page, "v", "move")
    page.page.mouse.move(*plot.px(20, 20))
    page.page.keyboard.press("PageUp")
    page.until(lambda: scene.trace(1, "z")[0] != cut, "the slice in the scene follows")
    assert scene.js(eye) == turned

    # The mask keeps shape and place, and the mesh is a mesh of it.
    page.page.get_by_role("button", name="Download", exact=True).click()
    with page.page.expect_download() as coming:
        page.page.get_by_role("button", name="Mask as NII.GZ", exact=True).click()
    coming.value.save_as(tmp_path / "mask.nii.gz")
    read = nib.load(tmp_path / "mask.nii.gz")
    source = sample("lesion-10")[0]
    assert read.shape == source.shape
    assert np.allclose(read.affine, source.affine)
    assert np.array_equal(np.asarray(read.dataobj), dashboard.mask)


def nifti(values):
    return gzip.compress(nib.Nifti1Image(values, np.eye(4)).to_bytes())


def without_thickness():
    raw = bytearray(nib.Nifti1Image(np.zeros((6, 6, 6), np.uint8), np.eye(4)).to_bytes())
    raw[80:84] = bytes(4)  # pixdim[1], which nibabel would not write
    raw[280:296] = bytes(16)  # the row of the affine for x
    return gzip.compress(bytes(raw))


def bad_files():
    rng = np.random.default_rng(0)
    whole = nifti(rng.integers(0, 255, (40, 40, 40)).astype(np.uint8))
    giant = nib.Nifti1Header()
    giant.set_data_dtype(np.float32)
    giant["dim"] = [3, 1700, 1700, 1700, 1, 1, 1, 1]
    giant["magic"], giant["vox_offset"] = b"n+1", 352
    hole = np.zeros((6, 6, 6), np.float32)
    hole[2, 2, 2] = np.nan
    return {
        "flat.nii.gz": nifti(np.zeros((6, 6), np.uint8)),
        "series.nii.gz": nifti(np.zeros((6, 6, 6, 3), np.uint8)),
        "hole.nii.gz": nifti(hole),
        "zero.nii.gz": without_thickness(),
        "torn.nii.gz": whole[: len(whole) // 2],
        "giant.nii.gz": gzip.compress(giant.binaryblock + bytes(400)),
        "not-a-volume.nii": b"\0" * 500,
    }


def test_own_volumes_and_files_that_are_none(volume):
    page, dashboard = volume, volume.dashboard
    page.do(lambda: dashboard.state.param.update(example=True))
    page.until(lambda: "Done" in status(page), "the answer")
    strokes, given = dashboard.state.strokes, dashboard.state.volume
    drop = page.page.locator(".volume-choice input[type=file]")
    drop.wait_for(state="attached")
    alert = page.page.locator(".volume-choice .MuiAlert-message")
    said = set()
    for name, content in bad_files().items():
        drop.set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})
        page.until(lambda name=name: alert.count() and name in alert.inner_text(), f"a word about {name}")
        said.add(alert.inner_text())
        assert dashboard.state.volume is given
        assert dashboard.state.strokes == strokes
    assert len(said) == 7

    rng = np.random.default_rng(1)
    values = rng.normal(500, 100, (20, 48, 64)).astype(np.int16)
    buffer = io.BytesIO()
    np.save(buffer, values)
    drop.set_input_files(
        {"name": "own.npy", "mimeType": "application/octet-stream", "buffer": buffer.getvalue()}
    )
    page.until(lambda: dashboard.state.volume is not given, "the own volume")
    page.until(lambda: deck(page, "axial")["n"] == 10, "its middle")
    assert np.array_equal(dashboard.state.volume.array(), values)
    assert dashboard.mask is None
    assert page.plot("axial").js("return gd._brushlinkDeck.count") == 20
    page.do(lambda: setattr(dashboard.state, "picture", "lesion-10"))
    page.until(lambda: "Done" in status(page), "the strokes are there, and what they find")
