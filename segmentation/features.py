"""`FeatureBank`: which filters at which scales, their names, their reach, and their values in a box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from segmentation.engine import ready
from segmentation.errors import SegmentationError
from segmentation.limits import MAX_FILTER_RADIUS
from segmentation.picture import Picture
from segmentation.tiles import Box, box_shape, whole

__all__ = ["DEFAULT_BANK", "EXTRA_FAMILIES", "TRUNCATE", "FeatureBank", "Plane", "kernel_radius"]

TRUNCATE = 4.0
"""Gaussian kernels end at this many sigmas, as in `scipy.ndimage.gaussian_filter` and scikit-image."""

INNER_SIGMA = 1.0
"""Scale of the gradient in the structure tensor; the tensor's sigma is the window that averages them."""

DIFFERENCE_RATIO = 0.66
"""The narrower Gaussian of a difference of Gaussians, as in ilastik."""

CONTEXT_CELLS = 4.0
"""A context plane is blurred on the pyramid level where its sigma is at least this many cells."""

EXTRA_FAMILIES = {
    "mean": "local mean: Gaussian blur",
    "deviation": "local standard deviation in a Gaussian window",
    "gradient": "gradient magnitude of the blurred picture",
    "laplacian": "Laplacian of Gaussian",
    "difference": "difference of Gaussians, sigma and 0.66 sigma",
    "structure": "square roots of the structure tensor's eigenvalues",
    "hessian": "eigenvalues of the Hessian of the blurred picture",
}
"""The wider set, each family at `extra_sigmas`; all but "mean" and "deviation" by central differences."""


class Plane(NamedTuple):
    """One feature of one channel: its family, its scale, and which eigenvalue (0 = largest)."""

    family: str
    sigma: float
    rank: int = 0

    def label(self) -> str:
        """Return the name of the plane, such as "texture 2, sigma 4"."""
        rank = f" {self.rank + 1}" if self.family in ("texture", "hessian", "structure") else ""
        return f"{self.family}{rank}, sigma {self.sigma:g}"


def kernel_radius(sigma: float) -> int:
    """Return the reach of a Gaussian in pixels."""
    return int(TRUNCATE * sigma + 0.5)


@dataclass(frozen=True)
class FeatureBank:
    """A set of multiscale filters.

    The default is scikit-image's `skimage.feature.multiscale_basic_features`, equal to it within 1e-5 for
    images in [0, 1].

    Parameters
    ----------
    intensity, edges, texture : bool
        Gaussian blur, its Sobel magnitude, and the eigenvalues of its Hessian, largest first.
    sigma_min, sigma_max : float
        Smallest and largest standard deviation, in pixels (with `spacing`: in its unit).
    num_sigma : int, optional
        Number of scales, spaced evenly in the logarithm; by default one an octave.
    extra : tuple of str
        Families of the wider set: see `EXTRA_FAMILIES`.
    extra_sigmas : tuple of float
        Scales of the extra families.
    extra_on : {"brightness", "channels"}
        What the extra families and the context are computed on: the mean of the channels, or each channel.
    context : tuple of float
        Scales of the context planes: blur and deviation in a large window, computed on an origin-aligned
        pyramid of cell means and interpolated linearly. They are planes of their own, never an approximation
        of the exact ones.
    """

    intensity: bool = True
    edges: bool = True
    texture: bool = True
    sigma_min: float = 0.5
    sigma_max: float = 16.0
    num_sigma: int | None = None
    extra: tuple[str, ...] = ()
    extra_sigmas: tuple[float, ...] = (0.7, 1.0, 1.6, 3.5, 5.0, 10.0)
    extra_on: str = "brightness"
    context: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        for name in ("extra", "extra_sigmas", "context"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if not (self.intensity or self.edges or self.texture or self.extra or self.context):
            raise SegmentationError(
                "a feature bank needs a family: intensity, edges, texture, extra or context"
            )
        scales = (self.sigma_min, self.sigma_max, *self.extra_sigmas, *self.context)
        if not all(np.isfinite(sigma) and sigma > 0 for sigma in scales) or self.sigma_min > self.sigma_max:
            raise SegmentationError(
                f"sigmas must be positive and sigma_min <= sigma_max; given were sigma_min={self.sigma_min}, "
                f"sigma_max={self.sigma_max}, extra_sigmas={self.extra_sigmas}, context={self.context}"
            )
        if self.num_sigma is not None and self.num_sigma < 1:
            raise SegmentationError(f"num_sigma={self.num_sigma} must be at least 1")
        if self.extra_on not in ("brightness", "channels"):
            raise SegmentationError(f'extra_on="{self.extra_on}" must be "brightness" or "channels"')
        unknown = [family for family in self.extra if family not in EXTRA_FAMILIES]
        if unknown:
            raise SegmentationError(
                f"unknown families {unknown}; the extra ones are {', '.join(EXTRA_FAMILIES)}"
            )

    @cached_property
    def sigmas(self) -> tuple[float, ...]:
        """Scales of intensity, edges and texture."""
        count = self.num_sigma
        if count is None:
            count = int(np.log2(self.sigma_max) - np.log2(self.sigma_min) + 1)
        low, high = np.log2(self.sigma_min), np.log2(self.sigma_max)
        return tuple(float(sigma) for sigma in np.logspace(low, high, num=count, base=2, endpoint=True))

    def basic_planes(self, ndim: int = 2) -> tuple[Plane, ...]:
        """Return scikit-image's planes of one channel, in its order."""
        found: list[Plane] = []
        if self.intensity or self.edges or self.texture:
            for sigma in self.sigmas:
                if self.intensity:
                    found.append(Plane("intensity", sigma))
                if self.edges:
                    found.append(Plane("edges", sigma))
                if self.texture:
                    found += [Plane("texture", sigma, rank) for rank in range(ndim)]
        return tuple(found)

    def extra_planes(self, ndim: int = 2) -> tuple[Plane, ...]:
        """Return the planes of the extra families and of the context, of one channel or of the brightness."""
        found: list[Plane] = []
        for family in self.extra:
            for sigma in self.extra_sigmas:
                ranks = ndim if family in ("hessian", "structure") else 1
                found += [Plane(family, float(sigma), rank) for rank in range(ranks)]
        for sigma in self.context:
            found += [Plane("context mean", float(sigma)), Plane("context deviation", float(sigma))]
        return tuple(found)

    def planes(self, ndim: int = 2) -> tuple[Plane, ...]:
        """Return all planes of a grey picture in order."""
        return self.basic_planes(ndim) + self.extra_planes(ndim)

    def groups(self, channels: int = 1, ndim: int = 2) -> list[tuple[int | None, tuple[Plane, ...]]]:
        """Return (channel, its planes) in the order of the features; channel None is the brightness."""
        if channels == 1 or self.extra_on == "channels":
            return [(channel, self.planes(ndim)) for channel in range(channels)]
        found: list[tuple[int | None, tuple[Plane, ...]]] = [
            (channel, self.basic_planes(ndim)) for channel in range(channels)
        ]
        return [(channel, planes) for channel, planes in [*found, (None, self.extra_planes(ndim))] if planes]

    def names(self, channels: int = 1, ndim: int = 2) -> tuple[str, ...]:
        """Return the names of the features, in the order of `compute`."""
        if channels == 1:
            return tuple(plane.label() for plane in self.planes(ndim))
        return tuple(
            f"{'brightness' if channel is None else f'channel {channel + 1}'}: {plane.label()}"
            for channel, planes in self.groups(channels, ndim)
            for plane in planes
        )

    def count(self, channels: int = 1, ndim: int = 2) -> int:
        """Return the number of features."""
        return sum(len(planes) for _, planes in self.groups(channels, ndim))

    def halo(self, ndim: int = 2, spacing: Sequence[float] | None = None) -> tuple[int, ...]:
        """Return how many pixels around a box its features depend on, along each axis."""
        steps = (1.0,) * ndim if spacing is None else tuple(spacing)
        return tuple(max(plane_reach(plane, step) for plane in self.planes(ndim)) for step in steps)

    def exact_halo(self, ndim: int = 2, spacing: Sequence[float] | None = None) -> tuple[int, ...]:
        """Return the halo of all planes but the context's, which read the whole picture's pyramid."""
        exact = [plane for plane in self.planes(ndim) if not plane.family.startswith("context")]
        steps = (1.0,) * ndim if spacing is None else tuple(spacing)
        return tuple(max((plane_reach(plane, step) for plane in exact), default=0) for step in steps)

    def cost(self, channels: int = 1, ndim: int = 2) -> float:
        """Return the multiplications a pixel that the blurs cost: a figure to compare banks by."""
        blurs: dict[tuple[int | None, str, float], int] = {}
        for channel, planes in self.groups(channels, ndim):
            for plane in planes:
                if plane.family == "structure":
                    blurs[channel, "structure", plane.sigma] = ndim * (ndim + 1) // 2
                elif plane.family in ("deviation", "difference"):
                    blurs[channel, plane.family, plane.sigma] = 2
                elif not plane.family.startswith("context"):
                    blurs[channel, "blur", plane.sigma] = 1
        return float(sum(n * ndim * (kernel_radius(key[2]) + 1) for key, n in blurs.items()))

    def compute(
        self,
        image: Any,
        *,
        channel_axis: int | None = None,
        spacing: Sequence[float] | None = None,
        box: Box | None = None,
        out: np.ndarray | None = None,
    ) -> np.ndarray:
        """Compute the features of a picture, or of a box of it.

        Parameters
        ----------
        image : array_like or Picture
            (rows, columns) or (planes, rows, columns), and channels along `channel_axis`; see `Picture`.
        channel_axis : int, optional
            Axis of the channels; None = grey.
        spacing : sequence of float, optional
            Size of a pixel along each axis. Sigmas are in its unit, and derivatives are divided by it, so
            that the filters of an anisotropic volume are round in space.
        box : tuple of slice, optional
            The part to compute; the rest is read only as far as the filters reach. The values are
            bit-identical to those of the whole picture.
        out : (F, *box shape) float32 array, optional
            Written in place: reusing it saves the time for fresh memory.

        Returns
        -------
        (F, *spatial) float32 array
            In the order of `names`: channel by channel, then what is computed on the brightness.

        Raises
        ------
        SegmentationError
            See `Picture`; a filter larger than `MAX_FILTER_RADIUS` pixels; a box outside the picture.
        """
        picture = image if isinstance(image, Picture) else Picture(image, channel_axis, spacing)
        self.check(picture)
        box = whole(picture.shape) if box is None else _checked_box(box, picture.shape)
        groups = self.groups(picture.channels, picture.ndim)
        shape = (self.count(picture.channels, picture.ndim), *box_shape(box))
        if out is None:
            out = np.empty(shape, np.float32)
        elif out.shape != shape or out.dtype != np.float32 or not out.flags.c_contiguous:
            raise SegmentationError(f"out must be a contiguous float32 array of shape {shape}")
        if ready("features") if picture.ndim == 2 else ready("features", "volume"):
            from segmentation.feature_tiles import fill
        else:
            from segmentation.feature_reference import fill
        fill(picture, groups, box, self.exact_halo(picture.ndim, picture.spacing), out)
        return out

    def check(self, picture: Picture) -> None:
        """Raise SegmentationError when a filter is larger than `MAX_FILTER_RADIUS` pixels of this picture."""
        for step in picture.spacing:
            radius = max(plane_reach(plane, step) for plane in self.planes(picture.ndim))
            if radius > MAX_FILTER_RADIUS:
                raise SegmentationError(
                    f"with spacing {picture.spacing} the largest filter reaches {radius} pixels, allowed are "
                    f"{MAX_FILTER_RADIUS}; sigmas are in the unit of the spacing: give smaller ones"
                )

    def to_json(self) -> dict[str, Any]:
        """Return the recipe as plain values; `FeatureBank.from_json` reads it."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    @classmethod
    def from_json(cls, recipe: dict[str, Any]) -> FeatureBank:
        """Build a bank from `to_json`'s values; SegmentationError when they make no sense."""
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(recipe) - known)
        if unknown:
            raise SegmentationError(
                f"a feature recipe with unknown entries {unknown}; known are {sorted(known)}"
            )
        try:
            return cls(**recipe)
        except TypeError as error:
            raise SegmentationError(f"a feature recipe with a value of the wrong type: {error}") from error


def plane_reach(plane: Plane, step: float) -> int:
    """Return how many pixels of size `step` around a pixel its value depends on."""
    if plane.family.startswith("context"):
        cell = context_cell(plane.sigma)
        return (kernel_radius(plane.sigma / cell / step) + 2) * cell
    more = {"edges": 1, "gradient": 1, "texture": 2, "hessian": 2, "laplacian": 2}.get(plane.family, 0)
    if plane.family == "structure":
        more = kernel_radius(INNER_SIGMA / step) + 1
    return kernel_radius(plane.sigma / step) + more


def context_cell(sigma: float) -> int:
    """Return the side of a pyramid cell, a power of two, for a context plane of this scale."""
    return int(2 ** max(0, int(np.floor(np.log2(sigma / CONTEXT_CELLS)))))


def _checked_box(box: Box, shape: tuple[int, ...]) -> Box:
    parts = [
        slice(0 if part.start is None else part.start, length if part.stop is None else part.stop, part.step)
        for part, length in zip(box, shape, strict=False)
    ]
    fits = len(box) == len(shape) and all(
        part.step in (None, 1) and 0 <= part.start < part.stop <= length
        for part, length in zip(parts, shape, strict=True)
    )
    if not fits:
        raise SegmentationError(f"the box {box} is empty or does not lie in a picture of shape {shape}")
    return tuple(slice(part.start, part.stop) for part in parts)


DEFAULT_BANK = FeatureBank(
    sigma_max=8,
    extra=("structure", "mean", "hessian", "laplacian"),
    extra_sigmas=(0.7, 1.4, 2.8),
    context=(100,),
)
"""The shipped features: scikit-image's up to sigma 8, the brightness at scales between, a wide context."""
