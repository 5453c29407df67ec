"""The compiled way to compute planes in a box, as jobs of the thread pool; called by ``features.py``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from segmentation.context import fill_context
from segmentation.engine import run, threads
from segmentation.feature_kernels import DERIVED, MARGIN, SLACK, scale_planes, tensor_eigenvalues
from segmentation.features import DIFFERENCE_RATIO, INNER_SIGMA, Plane, kernel_radius
from segmentation.picture import Picture
from segmentation.tiles import Box, box_shape, grown
from segmentation.volume_kernels import DERIVED_3D, scale_volume, tensor_eigenvalues_3d

__all__ = ["fill", "gaussian_half"]

BAND = 262_144
"""Pixels that a job covers at least: below it the start of a job is felt."""

DERIVED_NAMES = {
    "intensity": "blur",
    "mean": "blur",
    "edges": "edges",
    "gradient": "gradient",
    "laplacian": "laplacian",
    "texture": "hessian",
    "hessian": "hessian",
}

Kernel = tuple[np.ndarray, int]


def gaussian_half(sigma: float) -> Kernel:
    """Return the half of a normalised Gaussian kernel, centre first, float32, and its radius."""
    radius = kernel_radius(sigma)
    positions = np.arange(-radius, radius + 1)
    values = np.exp(-0.5 * (positions / sigma) ** 2)
    return (values / values.sum())[radius:].astype(np.float32), radius


@dataclass(frozen=True)
class Source:
    """A part of a plane as the kernels want it: complete along the first axis, as known along others."""

    flat: np.ndarray
    begin: tuple[int, ...]
    shape: tuple[int, ...]
    pitch: int

    def frame(self, box: Box) -> tuple[int, int, list[tuple[int, int, int]]]:
        """Return a box's first pixel, the step along axis 0, and (lead, length, tail) of the other axes."""
        step = self.pitch if len(box) == 2 else self.pitch * self.shape[1]
        origin = (box[0].start - self.begin[0]) * step + box[-1].start - self.begin[-1]
        if len(box) == 3:
            origin += (box[1].start - self.begin[1]) * self.pitch
        known = [
            (part.start - begin, part.stop - part.start, begin + length - part.stop)
            for part, begin, length in zip(box[1:], self.begin[1:], self.shape[1:], strict=True)
        ]
        return origin, step, known


def padded(values: np.ndarray, begin: Sequence[int], before: int, after: int) -> Source:
    """Lay out a float32 array as a `Source`, with its first and last plane along the first axis repeated.

    Parameters
    ----------
    values : (rows, columns) or (planes, rows, columns) float32 array
    begin : sequence of int
        Where the array lies in the picture.
    before, after : int
        How often the first and the last one repeat.
    """
    columns = values.shape[-1]
    lines = -(-columns // 16)
    # Rows that lie a multiple of 4 KiB apart would fall into the same few cache lines: an odd number of
    # 64-byte lines.
    pitch = 16 * (lines + 1 - lines % 2)
    count = values.shape[0] + before + after
    size = count * int(np.prod(values.shape[1:-1], dtype=int)) * pitch
    flat = np.empty(size + SLACK, np.float32)
    flat[size:] = 0
    laid = flat[:size].reshape(count, *values.shape[1:-1], pitch)
    laid[..., columns:] = 0
    laid[before : before + values.shape[0], ..., :columns] = values
    laid[:before, ..., :columns] = values[0]
    laid[before + values.shape[0] :, ..., :columns] = values[-1]
    return Source(flat, (begin[0] - before, *begin[1:]), (*laid.shape[:-1], columns), pitch)


def read_source(picture: Picture, channel: int | None, box: Box, halo: Sequence[int]) -> Source:
    """Read a box of a channel with the halo of its filters."""
    wide = grown(box, halo, picture.shape)
    before = halo[0] - (box[0].start - wide[0].start)
    after = halo[0] - (wide[0].stop - box[0].stop)
    return padded(picture.read(wide, channel), [part.start for part in wide], before, after)


def fill(
    picture: Picture,
    groups: Sequence[tuple[int | None, Sequence[Plane]]],
    box: Box,
    halo: Sequence[int],
    out: np.ndarray,
) -> None:
    """Write the planes of every group (see `FeatureBank.groups`) in the box into `out`."""
    reach = [length + 2 for length in halo]
    sources = run([partial(read_source, picture, channel, box, reach) for channel, _ in groups])
    jobs: list[Callable[[], None]] = []
    first = 0
    for (channel, planes), source in zip(groups, sources, strict=True):
        target = Target(picture, box, source, out, first)
        jobs += _structure_jobs(target, planes) + _blur_jobs(target, planes)
        jobs += _deviation_jobs(target, planes) + _difference_jobs(target, planes)
        context = [(i, plane) for i, plane in enumerate(planes) if plane.family.startswith("context")]
        if context:
            part = out[first : first + len(planes)]
            jobs += [partial(fill_context, picture, channel, box, [one], part) for one in context]
        first += len(planes)
    run(jobs)


@dataclass(frozen=True)
class Target:
    """Where the planes of one channel go: the box, its source, and the channel's first plane of `out`."""

    picture: Picture
    box: Box
    source: Source
    out: np.ndarray
    first: int

    @property
    def shape(self) -> tuple[int, ...]:
        return box_shape(self.box)

    def bands(self) -> list[tuple[int, int]]:
        """Cut the first axis so that every thread has work, and no job is too short."""
        length = self.shape[0]
        pixels = int(np.prod(self.shape))
        count = max(1, min(length, 2 * threads(), pixels // BAND))
        edges = [length * i // count for i in range(count + 1)]
        return list(pairwise(edges))

    def kernels(self, sigma: float) -> tuple[Kernel, ...]:
        return tuple(gaussian_half(sigma / step) for step in self.picture.spacing)

    def derive(
        self,
        source: Source,
        box: Box,
        sigma: float,
        wanted: dict[str, int],
        out: np.ndarray,
        band: tuple[int, int],
    ) -> None:
        """Blur some rows (or planes) of a box and write what is wanted of them."""
        derive(self.picture, source, box, sigma, wanted, out, band)


def derive(
    picture: Picture,
    source: Source,
    box: Box,
    sigma: float,
    wanted: dict[str, int],
    out: np.ndarray,
    band: tuple[int, int],
) -> None:
    """Call the kernel of two or three axes: see `scale_planes` and `scale_volume`."""
    kernels = tuple(gaussian_half(sigma / step) for step in picture.spacing)
    origin, step, known = source.frame(box)
    rows = (band[0], band[1], box[0].stop - box[0].start)
    gaps = [
        min(gap, MARGIN)
        for part, n in zip(box, picture.shape, strict=True)
        for gap in (part.start, n - part.stop)
    ]
    names = DERIVED if picture.ndim == 2 else DERIVED_3D
    indices = np.array([wanted.get(name, -1) for name in names])
    if picture.ndim == 2:
        lead, columns, tail = known[0]
        frame = (origin, step, lead, columns, tail)
        scale_planes(source.flat, frame, rows, tuple(gaps), *kernels, picture.spacing, indices, out)
    else:
        scale_volume(
            source.flat,
            (origin, step, source.pitch),
            rows,
            *known,
            tuple(gaps),
            kernels,
            picture.spacing,
            indices,
            out,
        )


def _blur_jobs(target: Target, planes: Sequence[Plane]) -> list[Callable[[], None]]:
    """One blur a scale serves every family derived from it."""
    ranks = ("large", "small") if target.picture.ndim == 2 else ("large", "middle", "small")
    scales: dict[float, list[dict[str, int]]] = {}
    for i, plane in enumerate(planes):
        name = DERIVED_NAMES.get(plane.family)
        if name is None:
            continue
        key = ranks[plane.rank] if name == "hessian" else name
        rounds = scales.setdefault(plane.sigma, [{}])
        free = next((wanted for wanted in rounds if key not in wanted), None)
        if free is None:  # the same plane asked for under two names
            free = {}
            rounds.append(free)
        free[key] = target.first + i
    return [
        partial(target.derive, target.source, target.box, sigma, wanted, target.out, band)
        for sigma, rounds in sorted(scales.items(), reverse=True)
        for wanted in rounds
        for band in target.bands()
    ]


def _deviation_jobs(target: Target, planes: Sequence[Plane]) -> list[Callable[[], None]]:
    wanted = [
        (target.first + i, plane.sigma) for i, plane in enumerate(planes) if plane.family == "deviation"
    ]
    if not wanted:
        return []
    source = target.source
    squares = Source(np.square(source.flat), source.begin, source.shape, source.pitch)

    def job(index: int, sigma: float, band: tuple[int, int]) -> None:
        means = np.empty((1, *target.shape), np.float32)
        target.derive(source, target.box, sigma, {"blur": 0}, means, band)
        target.derive(squares, target.box, sigma, {"blur": index}, target.out, band)
        part, mean = target.out[index, slice(*band)], means[0, slice(*band)]
        np.multiply(mean, mean, out=mean)
        np.subtract(part, mean, out=part)
        np.maximum(part, 0, out=part)
        np.sqrt(part, out=part)

    return [partial(job, index, sigma, band) for index, sigma in wanted for band in target.bands()]


def _difference_jobs(target: Target, planes: Sequence[Plane]) -> list[Callable[[], None]]:
    def job(index: int, sigma: float, band: tuple[int, int]) -> None:
        narrow = np.empty((1, *target.shape), np.float32)
        target.derive(target.source, target.box, sigma * DIFFERENCE_RATIO, {"blur": 0}, narrow, band)
        target.derive(target.source, target.box, sigma, {"blur": index}, target.out, band)
        target.out[index, slice(*band)] -= narrow[0, slice(*band)]

    return [
        partial(job, target.first + i, plane.sigma, band)
        for i, plane in enumerate(planes)
        if plane.family == "difference"
        for band in target.bands()
    ]


def _structure_jobs(target: Target, planes: Sequence[Plane]) -> list[Callable[[], None]]:
    """Blur products of gradients at the outer scale, and take the tensor's eigenvalues."""
    scales: dict[float, dict[int, int]] = {}
    for i, plane in enumerate(planes):
        if plane.family == "structure":
            scales.setdefault(plane.sigma, {})[plane.rank] = target.first + i
    if not scales:
        return []
    picture, ndim = target.picture, target.picture.ndim
    reach = [kernel_radius(max(scales) / step) for step in picture.spacing]
    wide = grown(target.box, reach, picture.shape)
    slopes = np.empty((ndim, *box_shape(wide)), np.float32)
    names = ("down_slope", "across_slope") if ndim == 2 else ("depth_slope", "down_slope", "across_slope")
    derive(
        picture,
        target.source,
        wide,
        INNER_SIGMA,
        {name: i for i, name in enumerate(names)},
        slopes,
        (0, box_shape(wide)[0]),
    )
    before = reach[0] - (target.box[0].start - wide[0].start)
    after = reach[0] - (wide[0].stop - target.box[0].stop)
    pairs = [(a, b) for a in range(ndim) for b in range(a, ndim)]
    begin = [part.start for part in wide]
    products = [padded(slopes[a] * slopes[b], begin, before, after) for a, b in pairs]

    def job(sigma: float, indices: dict[int, int], band: tuple[int, int]) -> None:
        tensor = np.empty((len(pairs), *target.shape), np.float32)
        for i, product in enumerate(products):
            target.derive(product, target.box, sigma, {"blur": i}, tensor, band)
        part = np.ascontiguousarray(tensor[:, slice(*band)]).reshape(len(pairs), -1)
        values = np.empty((ndim, part.shape[1]), np.float32)
        if ndim == 2:
            tensor_eigenvalues(part[0], part[1], part[2], values[0], values[1])
        else:
            tensor_eigenvalues_3d(part, values[0], values[1], values[2])
        np.maximum(values, 0, out=values)
        np.sqrt(values, out=values)
        for rank, index in indices.items():
            target.out[index, slice(*band)] = values[rank].reshape(-1, *target.shape[1:])

    return [
        partial(job, sigma, indices, band)
        for sigma, indices in sorted(scales.items(), reverse=True)
        for band in target.bands()
    ]
