"""The MNI152 brain that comes inside nilearn, with a made-up lesion of known extent; for demos and tests."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data_sources.errors import ImageError, did_you_mean
from data_sources.limits import LESION_MM
from data_sources.volumes.nifti import read_nifti
from data_sources.volumes.volume import Volume

__all__ = ["brain", "lesion", "tissue"]

_MAPS = {"t1": "t1", "grey": "gm", "white": "wm"}
_TISSUE = 130
"""From here on the template is grey or white matter, below it is fluid or background."""

_SCALE = 0.8
"""Of the template's grey levels: white matter is 176 then and grey 134, which leaves room above."""

_LESION_VALUE = 202.0
"""Brighter than tissue by twice the noise: an eye sees it, yet many more healthy voxels are as bright."""

_TEXTURE, _NOISE = 8.0, 12.0
"""Standard deviations of the spots inside a lesion and of the noise everywhere, in grey levels."""

_ROUGHNESS, _ROUGH_MM = 0.3, 0.45
"""How far the outline swings, as a share of the radius, and over what length, in radii."""

_EDGE_MM = 1.0
"""Blur of the edge (sigma): two or three voxels are half lesion."""

_CANDIDATES = 400


@lru_cache(maxsize=3)
def _map(which: str) -> Volume:
    file = f"nilearn/datasets/data/mni_icbm152_{_MAPS[which]}_tal_nlin_sym_09a_converted.nii.gz"
    try:
        path = Path(str(distribution("nilearn").locate_file(file)))
    except PackageNotFoundError as error:
        raise ImageError("the brain comes with nilearn, which is not installed") from error
    if not path.is_file():
        raise ImageError(f"nilearn {distribution('nilearn').version} does not carry {path.name}")
    return read_nifti(path, {"t1": "MNI152"}.get(which, f"MNI152 {which} matter"))


def tissue(which: str) -> Volume:
    """Return how much of each voxel of the brain is "grey" or "white" matter: uint8, 255 = all of it."""
    if which not in ("grey", "white"):
        raise ImageError(f"there is no tissue {which!r}. {did_you_mean(which, ('grey', 'white'))}")
    return _map(which)


def brain(lesion_mm: float = 10, seed: int = 0) -> tuple[Volume, NDArray[np.bool_]]:
    """Return a brain with a lesion, and the lesion's true extent.

    The MNI152 average of 152 heads, T1-weighted, 197 × 233 × 189 voxels of 1 mm, with noise. The lesion lies
    in grey and white matter, has an uneven outline, a blurred edge and spots. It is brighter than healthy
    tissue by twice the noise, so that an eye sees it and no threshold finds it.

    Parameters
    ----------
    lesion_mm : float
        Radius of a ball of about the lesion's volume, in mm; 0 = no lesion.
    seed : int
        Place, outline, spots and noise.

    Returns
    -------
    volume : Volume
        uint8.
    truth : (197, 233, 189) bool array
    """
    if not (lesion_mm == 0 or 2 <= lesion_mm <= LESION_MM):
        raise ImageError(f"a lesion of {lesion_mm} mm; allowed are 0 for none, and 2 to {LESION_MM}")
    template = _map("t1")
    rng = np.random.default_rng(seed)
    values = template.array().astype(np.float32)
    truth = np.zeros(template.shape, bool)
    inside = values > 0
    healthy = values.copy()
    values *= _SCALE
    if lesion_mm:
        box, soft, found = lesion(healthy, lesion_mm, rng)
        truth[box] = found
        spots = _smooth_noise(soft.shape, 2.0, rng) * _TEXTURE + _LESION_VALUE
        values[box] += soft * inside[box] * (spots - values[box])
    noise = rng.standard_normal(values.shape, np.float32)
    noise *= _NOISE
    values[inside] += noise[inside]
    np.clip(np.round(values, out=values), 0, 255, out=values)
    name = f"MNI152 with a lesion of {lesion_mm:g} mm" if lesion_mm else "MNI152"
    return Volume(values.astype(np.uint8), affine=template.affine, name=name, header=template.header), truth


def lesion(
    values: NDArray[np.float32], radius: float, rng: np.random.Generator
) -> tuple[tuple[slice, ...], NDArray[np.float32], NDArray[np.bool_]]:
    """Place a lesion in a brain.

    Parameters
    ----------
    values : (I, J, K) float32 array
        The template, in its own grey levels.
    radius : float
        In voxels.
    rng : numpy.random.Generator

    Returns
    -------
    box : tuple of slice
        Where in `values` it lies.
    soft : float32 array of the box's shape
        How much of each voxel is lesion, 0 to 1.
    truth : bool array of the box's shape
        More than half.
    """
    reach = int(np.ceil(radius * (1 + 2 * _ROUGHNESS) + 4 * _EDGE_MM))
    center = _place(values, radius, reach, rng)
    box = tuple(slice(one - reach, one + reach + 1) for one in center)
    offsets = np.array(np.mgrid[(slice(-reach, reach + 1),) * 3], np.float32)
    distance = np.sqrt((offsets**2).sum(0))
    swing = _smooth_noise(distance.shape, _ROUGH_MM * radius, rng)
    height = distance / radius - _ROUGHNESS * np.clip(swing, -2, 2)
    height[values[box] < _TISSUE / 2] = np.inf  # it does not grow out of the brain, nor into the ventricles
    core = _connected(height <= _level(height, radius))
    from scipy import ndimage

    soft = ndimage.gaussian_filter(core.astype(np.float32), _EDGE_MM)
    soft[values[box] == 0] = 0
    truth = soft > 0.5
    return box, soft, truth


def _level(height: NDArray[np.float32], radius: float) -> float:
    """Height up to which a ball's number of voxels lies in one piece."""
    wanted = round(4 / 3 * np.pi * radius**3)
    return float(np.partition(height.ravel(), wanted)[wanted])


def _connected(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    from scipy import ndimage

    pieces, count = ndimage.label(mask)
    if count < 2:
        return mask
    return np.asarray(pieces == 1 + np.argmax(np.bincount(pieces.ravel())[1:]))


def _place(
    values: NDArray[np.float32], radius: float, reach: int, rng: np.random.Generator
) -> tuple[int, int, int]:
    """Choose the first of many random places whose ball is nine tenths tissue, else the best of them."""
    ball = np.array(np.mgrid[(slice(-int(radius), int(radius) + 1),) * 3]).reshape(3, -1).T
    ball = ball[(ball**2).sum(1) <= radius**2]
    ball = ball[:: max(1, len(ball) // 500)]
    best, most = None, -1.0
    for _ in range(_CANDIDATES):
        center = np.array([rng.integers(reach, length - reach) for length in values.shape])
        if values[tuple(center)] < _TISSUE:
            continue
        share = float((values[tuple((center + ball).T)] >= _TISSUE).mean())
        if share > most:
            best, most = center, share
        if share >= 0.9:
            break
    if best is None:
        raise ImageError(f"no place for a lesion of {radius:g} voxels was found; try another seed")
    return int(best[0]), int(best[1]), int(best[2])


def _smooth_noise(shape: tuple[int, ...], sigma: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Noise blurred by `sigma`, of mean 0 and standard deviation 1."""
    from scipy import ndimage

    noise = ndimage.gaussian_filter(rng.standard_normal(shape, np.float32), sigma, mode="wrap")
    noise -= noise.mean()
    return np.asarray(noise / noise.std())
