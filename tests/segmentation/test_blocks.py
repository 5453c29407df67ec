"""Features laid out in blocks of pixels give back the same planes, columns and votes."""

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier

from segmentation import blocks as module
from segmentation import engine
from segmentation.blocks import Blocks
from segmentation.forest import Forest
from segmentation.tiles import Box

# In a fresh clone the first test compiles the kernels.
pytestmark = pytest.mark.timeout(600)

SHAPES = [(1, 1), (8, 16), (37, 61), (5, 300), (300, 5), (3, 19, 26), (40, 9, 8)]


def filled(planes: np.ndarray) -> Blocks:
    def compute(box: Box, out: np.ndarray) -> np.ndarray:
        out[...] = planes[(slice(None), *box)]
        return out

    laid = Blocks(planes.shape[1:], len(planes))
    laid.fill(compute)
    return laid


@pytest.fixture(params=[True, False], ids=["compiled", "not yet compiled"])
def kernels(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    engine.warm_up("forest")
    if not request.param:
        monkeypatch.setattr(module, "ready", lambda *groups: False)
    return bool(request.param)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_what_was_laid_out_comes_back(
    shape: tuple[int, ...], kernels: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BAND_VALUES", 4_000)  # several bands
    rng = np.random.default_rng(0)
    planes = rng.random((3, *shape)).astype(np.float32)
    laid = filled(planes)
    indices = np.sort(rng.choice(np.prod(shape), min(50, int(np.prod(shape))), replace=False))
    np.testing.assert_array_equal(laid.columns(indices), planes.reshape(3, -1)[:, indices])
    cut = tuple(slice(n // 3, n) for n in shape)
    for box in (cut, tuple(slice(0, n) for n in shape)):
        part = laid.planes(box)
        assert part.flags.c_contiguous
        np.testing.assert_array_equal(part, planes[(slice(None), *box)])


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("classes", [2, 12])
def test_votes_are_those_of_the_planes(shape: tuple[int, ...], classes: int, kernels: bool) -> None:
    rng = np.random.default_rng(1)
    planes = rng.random((3, *shape)).astype(np.float32)
    samples = rng.random((200, 3)).astype(np.float32)
    answers = (samples[:, 0] * classes).astype(int)
    forest = Forest.from_sklearn(ExtraTreesClassifier(5, random_state=0, n_jobs=1).fit(samples, answers))
    np.testing.assert_array_equal(filled(planes).votes(forest), forest.votes_on(planes))
