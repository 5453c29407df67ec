"""/region without a browser: masks, statistics, links, undo, notebooks; against numpy and scikit-image."""

from __future__ import annotations

import io

import numpy as np
import PIL.Image
import pytest
from skimage.data import chelsea, coins
from skimage.draw import polygon2mask
from skimage.measure import profile_line

from dashboards.parts.plotly_events import Brush
from dashboards.parts.region_math import (
    counts,
    edges,
    profile,
    region_mask,
    regions_of,
    selections_of,
    snapped,
)
from dashboards.region import RegionHistogram
from data_sources.images import Image
from segmentation.label_files import load_labels

CAT = chelsea()
# Rows 92 to 156 and columns 84 to 173, both included; means as published with the talk's data.
EYE = ["box", 91.5, 83.5, 156.5, 173.5]
NOSE = ["box", 169.5, 199.5, 189.5, 224.5]


def test_the_means_of_the_whole_image_the_eye_and_the_nose() -> None:
    shown = RegionHistogram()
    assert shown.mask.all()
    assert shown.statistics["mean"].round(2).tolist() == [147.67, 111.44, 86.80]
    assert shown.counts.sum() == 3 * 300 * 451
    shown.state.regions = [EYE]
    assert shown.mask.sum() == 5850
    assert shown.statistics["mean"].round(2).tolist() == [139.86, 102.14, 65.57]
    assert shown.counts.sum() == 3 * 5850
    shown.state.regions = [NOSE]
    assert shown.statistics["mean"].round(1).tolist() == [127.8, 75.3, 33.7]
    part = CAT[170:190, 200:225].reshape(-1, 3)
    assert shown.statistics["sd"].tolist() == pytest.approx(part.std(axis=0))
    assert shown.statistics["p95"].tolist() == pytest.approx(np.percentile(part, 95, axis=0))


def test_each_histogram_answers_the_other_bands_but_not_its_own() -> None:
    shown = RegionHistogram(bins=256)
    shown.state.param.update(regions=[EYE], bands=[[0, 99.5, 149.5]])
    part = CAT[92:157, 84:174].reshape(-1, 3)
    inside = (part[:, 0] >= 100) & (part[:, 0] < 150)
    assert shown.mask.sum() == inside.sum()
    assert shown.counts[0].tolist() == np.bincount(part[:, 0], minlength=256).tolist()
    assert shown.counts[1].tolist() == np.bincount(part[inside, 1], minlength=256).tolist()


def test_regions_are_pixel_centres_clipped_to_the_image_in_any_direction() -> None:
    drawn = {"type": "rect", "x0": 3.4, "x1": -9, "y0": 2.6, "y1": -1, "xref": "x", "yref": "y"}
    (box,) = regions_of([drawn])
    mask = region_mask([box], (5, 6))
    assert mask.sum() == 3 * 4
    assert mask[:3, :4].all()
    corners = [(10.3, 8.2), (40.7, 12.4), (33.1, 50.9)]
    path = "M" + "L".join(f"{col},{row}" for row, col in corners) + "Z"
    (lasso,) = regions_of([{"type": "path", "path": path}])
    assert region_mask([lasso], (60, 70)).tolist() == polygon2mask((60, 70), corners).tolist()
    assert regions_of(selections_of([box, lasso])) == [box, lasso]
    assert region_mask([box, lasso], (60, 70)).sum() == 12 + polygon2mask((60, 70), corners).sum()


def test_bins_have_whole_numbers_in_their_middles_and_hold_every_pixel() -> None:
    rng = np.random.default_rng(1)
    for values in (
        rng.integers(0, 256, (40, 30)).astype(np.uint8),
        rng.integers(300, 4096, (40, 30)).astype(np.uint16),
        rng.integers(-500, 800, (40, 30)).astype(np.int16),
        rng.random((40, 30)).astype(np.float32),
        np.full((4, 3), 7, np.uint16),
    ):
        bounds = edges(Image(values, "YX"), 64)
        found = counts(values, bounds)
        assert found.sum() == values.size
        assert found.tolist() == np.histogram(values, bounds)[0].tolist()
    assert snapped(60, 110, edges(Image(CAT, "YXC"), 64)) == (59.5, 111.5)
    assert snapped(61, 61.2, edges(Image(CAT, "YXC"), 64)) == (59.5, 63.5)
    assert snapped(400, 500, edges(Image(CAT, "YXC"), 64)) is None


def test_the_profile_is_that_of_scikit_image() -> None:
    image = Image(CAT, "YXC")
    along, values = profile(image, [20, 30, 80, 110])
    assert along[-1] == pytest.approx(100)
    oracle = profile_line(CAT.astype(float), (20, 30), (80, 110), order=1, mode="nearest")
    assert pytest.approx(oracle, abs=1e-6) == values.T
    _, beyond = profile(image, [10, 440, 10, 460])
    assert np.isnan(beyond[0, -5:]).all()
    assert beyond[0, 0] == CAT[10, 440, 0]


def test_a_link_brings_everything_back_and_undo_goes_step_by_step() -> None:
    one = RegionHistogram()
    one.state.regions = [EYE]
    one.state.bands = [[2, 31.5, 63.5]]
    assert one.state.keep("fur") == "fur"
    one.state.lines = [[1, 2, 30, 40]]
    other = RegionHistogram()
    assert other.state.apply_query(one.state.to_query()) == []
    assert (other.mask == one.mask).all()
    assert (other.masks["fur"] == one.mask).all()
    assert other.state.lines == [[1, 2, 30, 40]]
    for _ in range(3):
        one.history.undo()
    assert one.state.bands == []
    assert one.mask.sum() == 5850
    assert not one.masks
    one.history.undo()
    assert one.mask.all()
    one.history.redo()
    assert one.mask.sum() == 5850


def test_a_strangers_link_never_breaks_the_page() -> None:
    shown = RegionHistogram()
    for query in (
        "v=1&i=../../etc/passwd",
        "v=1&r=[[~box~,1]]&b=[[9,1,2]]&l=[5]&m=[[3]]",
        "v=1&k=[[5,5]]&co=[~red~]&z=99&ch=[77]",
        "v=1&r=7&b={}",
    ):
        shown.state.apply_query(query)
        assert shown.mask.any()
    assert shown.state.apply_query("v=1&i=dog")


def test_another_image_forgets_what_was_about_the_first() -> None:
    shown = RegionHistogram(regions=[EYE])
    shown.state.picture = "coins"
    assert shown.mask.all()
    assert shown.state.image.array.shape == coins().shape
    assert shown.statistics["mean"].tolist() == pytest.approx([coins().mean()])
    assert shown.image_view.image is shown.state.image
    shown.history.undo()
    assert shown.mask.sum() == 5850


def test_arrays_in_notebooks_of_any_kind() -> None:
    rng = np.random.default_rng(2)
    deep = rng.integers(100, 4000, (50, 40)).astype(np.uint16)
    shown = RegionHistogram(deep, regions=[["box", -0.5, -0.5, 9.5, 9.5]])
    assert shown.mask.shape == (50, 40)
    assert shown.mask[:10, :10].all()
    assert shown.mask.sum() == 100
    assert shown.statistics["mean"][0] == pytest.approx(deep[:10, :10].mean())
    assert shown.image_view.values_at(3, 4) == (deep[3, 4],)
    volume = RegionHistogram(rng.normal(size=(5, 20, 30)), plane=3)
    assert volume.state.source.planes == 5
    assert volume.counts.sum() == 600
    assert RegionHistogram(np.zeros((1, 1), np.uint8)).counts.sum() == 1
    assert RegionHistogram(np.dstack([CAT, CAT[..., :1]])).state.image.channels == 3


def test_masks_are_kept_in_turn_and_written_as_pictures() -> None:
    shown = RegionHistogram(regions=[EYE])
    assert shown.state.keep() == "Mask 1"
    shown.state.regions = [NOSE]
    assert shown.state.keep("nose <b>") == "nose <b>"
    for ending in ("png", "tif"):
        written = load_labels(shown.files()["Kept masks, as classes"][ending]())
        assert (written.labels == 1).sum() == 5850
        assert (written.labels == 2).sum() == 500
        assert [one.name for one in written.classes] == ["Mask 1", "nose <b>"]
    mask = np.asarray(PIL.Image.open(io.BytesIO(shown.files()["Mask of the selection"]["png"]())))
    assert ((mask == 255) == shown.mask).all()
    assert set(np.unique(mask)) == {0, 255}
    assert len(shown.tables()["Histogram"]()) == 64


def test_a_brush_of_the_histogram_selects_values_of_its_channel() -> None:
    shown = RegionHistogram()
    shown.views["histogram"].selected = Brush("box", "x2", "y2", (60.0, 110.0), (0.0, 9.0))
    assert shown.state.bands == [[1, 59.5, 111.5]]
    assert shown.mask.sum() == ((CAT[..., 1] >= 60) & (CAT[..., 1] <= 111)).sum()
    shown.views["histogram"].selections = [{"type": "rect"}]
    shown.views["histogram"].selections = []
    assert shown.state.bands == []
