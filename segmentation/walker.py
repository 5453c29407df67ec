"""Random walker with intensity priors in a box, and edges put where the contrast is half; for volumes.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["cube_marks", "cube_means", "half_contrast", "touching", "walk"]

Volume32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

BETA = 1.0
"""How much a step between neighbours hinders the walker, per squared step in units of the noise."""
GAMMA = 0.3
"""Weight of what the values alone say, beside 1 for each neighbour."""
NOISE_SIGMA, EDGE_SIGMA = 1.0, 0.7
"""Blur (of the smallest voxel side) before the walk, and before edges are measured."""
TOLERANCE, ROUNDS = 2e-3, 150
"""Change of a probability at which the solver stops, and the most rounds it may take."""
BINS, BIN_BLUR, UNSEEN = 256, 8.0, 2e-3
"""Histograms of the marked values: bins, their blur, and the share that stands for values nobody marked."""


def walk(
    values: Volume32, marks: NDArray[np.uint8], spacing: Sequence[float], check: Callable[[], None]
) -> dict[int, Volume32]:
    """Probability that a random walker from each voxel meets a mark of a class first.

    Grady, *Multilabel random walker image segmentation using prior models*, CVPR 2005: besides its neighbours
    each voxel is tied to the classes by how often values like its own were marked.

    Parameters
    ----------
    values : (I, J, K) float32 array
    marks : uint8 array of the same shape
        Classes; 0 = none. At least two classes.
    spacing : (float, float, float)
        Size of a voxel.
    check : callable
        Called once a round; what it raises ends the walk.

    Returns
    -------
    dict of int to float32 array
        For each class but the last; those of the last are what is missing to 1.
    """
    from scipy import ndimage

    steps = np.asarray(spacing, float) / min(spacing)
    blurred = ndimage.gaussian_filter(values, NOISE_SIGMA / steps)
    classes = np.unique(marks[marks > 0]).tolist()
    priors = _priors(blurred, marks, classes)
    conductance = _conductance(blurred, steps)
    free = (marks == 0).astype(np.float32)
    found = {}
    for number, class_id in enumerate(classes[:-1]):
        start = np.where(marks == 0, priors[number], marks == class_id).astype(np.float32)
        found[class_id] = _solve(conductance, free, start, priors[number], check)
    return found


def _priors(values: Volume32, marks: NDArray[np.uint8], classes: Sequence[int]) -> list[Volume32]:
    from scipy import ndimage

    low, high = float(values.min()), float(values.max())
    bins = ((values - low) * ((BINS - 1) / max(high - low, 1e-12))).astype(np.uint8)
    shares = []
    for class_id in classes:
        counts = np.bincount(bins[marks == class_id], minlength=BINS).astype(float)
        smooth = ndimage.gaussian_filter1d(counts, BIN_BLUR)
        shares.append(smooth / smooth.sum() + UNSEEN)
    total = np.sum(shares, axis=0)
    return [(one / total).astype(np.float32)[bins] for one in shares]


def _along(axis: int) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Slices that pick the first and the second of all neighbours along an axis."""
    first, second = [slice(None)] * 3, [slice(None)] * 3
    first[axis], second[axis] = slice(None, -1), slice(1, None)
    return tuple(first), tuple(second)


def _conductance(values: Volume32, steps: NDArray[np.float64]) -> list[Volume32]:
    """How easily one goes to the next voxel along each axis."""
    changes = [np.diff(values, axis=axis) for axis in range(3)]
    moving = np.concatenate([np.abs(one).ravel()[::7] for one in changes])
    moving = moving[moving > 0]
    noise = float(np.median(moving)) / 0.6745 if len(moving) else 1.0
    return [
        ((np.exp(-BETA * (one / noise) ** 2) + 1e-4) / step**2).astype(np.float32)
        for one, step in zip(changes, steps, strict=True)
    ]


def _solve(
    conductance: list[Volume32],
    free: Volume32,
    start: Volume32,
    prior: Volume32,
    check: Callable[[], None],
) -> Volume32:
    """Solve for the potentials by conjugate gradients; voxels that are not free keep their start."""
    degree = np.full(start.shape, GAMMA, np.float32)
    for axis, weight in enumerate(conductance):
        first, second = _along(axis)
        degree[first] += weight
        degree[second] += weight

    def applied(x: Volume32) -> Volume32:
        y = degree * x
        for axis, weight in enumerate(conductance):
            first, second = _along(axis)
            y[first] -= weight * x[second]
            y[second] -= weight * x[first]
        return y

    x = start.copy()
    rest = (np.float32(GAMMA) * prior - applied(x)) * free
    way = rest / degree
    power = float(np.vdot(rest, way))
    for _ in range(ROUNDS):
        check()
        turned = applied(way) * free
        length = power / max(float(np.vdot(way, turned)), 1e-30)
        x += np.float32(length) * way
        rest -= np.float32(length) * turned
        if abs(length) * float(np.abs(way).max()) < TOLERANCE:
            break
        ahead = rest / degree
        before, power = power, float(np.vdot(rest, ahead))
        way = ahead + np.float32(power / max(before, 1e-30)) * way
    return x


def touching(mask: Mask, seeds: Mask) -> Mask:
    """Parts of a mask, by faces, that hold a seed."""
    from scipy import ndimage

    parts, _ = ndimage.label(mask)
    wanted = np.unique(parts[seeds & mask])
    return np.asarray(np.isin(parts, wanted[wanted > 0]))


def cube_means(values: Volume32, side: int) -> Volume32:
    """Means of cubes of voxels; those at the far ends have fewer."""
    for axis in range(3):
        starts = np.arange(0, values.shape[axis], side)
        sizes = np.diff(np.append(starts, values.shape[axis])).astype(np.float32)
        sums = np.add.reduceat(values, starts, axis=axis)
        sizes = sizes.reshape([-1 if one == axis else 1 for one in range(3)])
        values = np.asarray(sums / sizes, np.float32)
    return values


def cube_marks(marks: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Largest class that is marked in each cube of voxels."""
    for axis in range(3):
        marks = np.maximum.reduceat(marks, np.arange(0, marks.shape[axis], side), axis=axis)
    return marks


# Edges ----------------------------------------------------------------------------------------------------

SHELL = (1.5, 4.0)
"""Where the surroundings are measured, in voxels outside of the edge: beyond its blur."""
BAND = 2.0
"""How far an edge may move in one round."""
PASSES = 3
"""Rounds: after them edges rest, or swing by single voxels."""
CORE, LOCAL, AROUND, EVEN = 2.0, 4.0, 1.5, 0.8
"""Depth that counts as inside; blurs of the inside's values, of the surroundings' and of the decision."""
SIDED = 0.8
"""Share of the surroundings that must be darker (or brighter) for the other side not to count as outside."""


def half_contrast(
    mask: Mask,
    values: Volume32,
    seeds: Mask,
    allowed: Mask,
    spacing: Sequence[float],
    check: Callable[[], None],
) -> Mask:
    """Move the edge of a mask to where the values are half way between its inside and its surroundings.

    An edge is blurred over two or three voxels, and there it is where half of a voxel belongs to either side.
    What half is, is measured nearby: the inside may be uneven, and the surroundings mostly are.

    Parameters
    ----------
    mask : (I, J, K) bool array
        Right but for a few voxels.
    values : float32 array
    seeds, allowed : bool arrays
        Voxels that must belong to it (and hold it together), and that may.
    spacing, check
        As in `walk`.
    """
    from scipy import ndimage

    steps = np.asarray(spacing, float) / min(spacing)
    blurred = ndimage.gaussian_filter(values, EDGE_SIGMA / steps)
    reach = [int(np.ceil((SHELL[1] + 4 * AROUND) / step)) for step in steps]
    for _ in range(PASSES):
        check()
        box = _around(mask, reach)
        part, inner, may = mask[box], seeds[box], allowed[box]
        decided = _decided(part, blurred[box], inner, may, steps)
        mask = np.zeros_like(mask)
        mask[box] = decided
        mask = touching(mask, seeds)
    return mask


def _around(mask: Mask, reach: Sequence[int]) -> tuple[slice, ...]:
    found = []
    for axis, more in enumerate(reach):
        hit = np.flatnonzero(mask.any(axis=tuple(one for one in range(3) if one != axis)))
        found.append(slice(max(int(hit[0]) - more, 0), min(int(hit[-1]) + more + 1, mask.shape[axis])))
    return tuple(found)


def _decided(mask: Mask, values: Volume32, seeds: Mask, allowed: Mask, steps: NDArray[np.float64]) -> Mask:
    from scipy import ndimage

    def blur(field: Any, sigma: float) -> Volume32:
        return np.asarray(ndimage.gaussian_filter(np.asarray(field, np.float32), sigma / steps))

    depth = ndimage.distance_transform_edt(np.pad(mask, 1), sampling=steps)[1:-1, 1:-1, 1:-1]
    away = ndimage.distance_transform_edt(~mask, sampling=steps)
    core = (depth >= min(CORE, 0.5 * depth.max())) | seeds
    weight = blur(core, LOCAL)
    bias = 0.1 * weight.max()
    inside = (blur(np.where(core, values, 0), LOCAL) + bias * values[core].mean()) / (weight + bias)
    shell = (away >= SHELL[0]) & (away <= SHELL[1])
    if not shell.any():
        return mask
    difference = values - inside
    darker = float((difference[shell] < 0).mean())
    if darker > SIDED:
        difference = np.clip(-difference, 0, None)
    elif darker < 1 - SIDED:
        difference = np.clip(difference, 0, None)
    else:
        difference = np.abs(difference)
    contrast = blur(difference * shell, AROUND) / np.maximum(blur(shell, AROUND), 1e-3)
    half = np.maximum(contrast / 2, max(float(values[core].std()), 1e-6))
    vote = np.clip((half - difference) / half, -1, 1)
    band = max(BAND, 1.01 * float(steps.max()))
    vote = np.where((away <= band) & (depth <= band), vote, np.where(mask, 1, -1))
    vote[~allowed] = -1
    vote[seeds] = 1
    vote = blur(vote, EVEN)
    # Blurs of together variance s² draw the edge of a ball of radius r inwards by s² / r: that is given back.
    radius = (3 * mask.sum() * float(np.prod(steps)) / (4 * np.pi)) ** (1 / 3)
    slope = np.sqrt(sum(one**2 for one in np.gradient(vote, *steps)))
    shift = (EDGE_SIGMA**2 + EVEN**2) / radius
    return np.asarray(((vote + shift * slope > 0) & allowed) | seeds)
