"""The brain with a lesion: seeded, of the size that is asked for, and not to be found by a threshold."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import distribution

import nibabel
import numpy as np
import pytest

from data_sources.errors import ImageError
from data_sources.volumes import brain, tissue

FILES = "nilearn/datasets/data/mni_icbm152_{}_tal_nlin_sym_09a_converted.nii.gz"


def stored(which: str) -> np.ndarray:
    return np.asarray(nibabel.load(distribution("nilearn").locate_file(FILES.format(which))).dataobj)


def best_band_dice(values: np.ndarray, truth: np.ndarray) -> float:
    """Dice of the best of all bands of grey levels, so also of all thresholds from either side."""
    inside = np.append(0, np.cumsum(np.bincount(values[truth], minlength=256)))
    everywhere = np.append(0, np.cumsum(np.bincount(values.ravel(), minlength=256)))
    hits = inside[None] - inside[:, None]
    chosen = everywhere[None] - everywhere[:, None]
    return float(np.max(2 * hits / np.maximum(np.abs(chosen) + truth.sum(), 1)))


@pytest.mark.parametrize("radius", [6, 10, 14])
@pytest.mark.parametrize("seed", [0, 1, 77])
def test_no_threshold_finds_the_lesion(radius: int, seed: int) -> None:
    volume, truth = brain(radius, seed)
    assert volume.shape == truth.shape == (197, 233, 189)
    assert best_band_dice(volume.array(), truth) < 0.5
    assert truth.sum() == pytest.approx(4 / 3 * np.pi * radius**3, rel=0.12)


def test_the_lesion_is_uneven_blurred_and_where_there_is_brain() -> None:
    from scipy import ndimage

    volume, truth = brain(12, 3)
    template = stored("t1")
    assert ndimage.label(truth)[1] == 1
    assert (template[truth] > 0).all()
    center = np.argwhere(truth).mean(0)
    border = truth & ~ndimage.binary_erosion(truth)
    distance = np.linalg.norm(np.argwhere(border) - center, axis=1)
    assert distance.std() > 0.08 * 12  # a ball's would be about a third of a voxel
    change = volume.array() - 0.8 * template  # the grey levels of the template are scaled
    outside = ndimage.binary_dilation(truth, iterations=2) & ~truth
    far = ndimage.binary_dilation(truth, iterations=12) & ~ndimage.binary_dilation(truth, iterations=8)
    far &= template > 0
    assert change[outside].mean() > abs(change[far].mean()) + 5  # the blur reaches beyond the edge
    assert volume.codes == ("R", "A", "S")


def test_a_seed_gives_one_brain_and_another_seed_another() -> None:
    one, truth = brain(8, 5)
    again, same = brain(8, 5)
    other, _ = brain(8, 6)
    np.testing.assert_array_equal(one.array(), again.array())
    np.testing.assert_array_equal(truth, same)
    assert (one.array() != other.array()).any()
    assert not brain(0)[1].any()


def test_tissue_maps_are_those_of_the_package() -> None:
    np.testing.assert_array_equal(tissue("grey").array(), stored("gm"))
    np.testing.assert_array_equal(tissue("white").array(), stored("wm"))
    with pytest.raises(ImageError, match='Did you mean "grey"'):
        tissue("gray")
    with pytest.raises(ImageError, match="allowed are 0 for none, and 2 to 30"):
        brain(50)


def test_the_package_is_not_loaded_for_its_file() -> None:
    program = "import sys; from data_sources.volumes import brain; brain(6); print('nilearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=100)
    assert done.stdout.split() == ["False"], done.stderr
