"""Measures what was segmented: regions as a table, shares of classes; for dashboards and commands."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from segmentation.annotations import AnnotationClass
from segmentation.errors import SegmentationError
from segmentation.label_files import checked_labels
from segmentation.limits import MAX_REGIONS
from segmentation.whole_files import written_whole

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["class_fractions", "find_regions", "measure_regions", "save_table"]


def find_regions(
    labels: ArrayLike, class_id: int, *, split: str = "components", min_pixels: int = 1
) -> NDArray[np.int32]:
    """Give each region of a class a number.

    Parameters
    ----------
    labels : array of int, (rows, cols) or (planes, rows, cols)
    class_id : int
    split : {"components", "watershed"}
        ``components``: pixels that touch, corners included, are one region. ``watershed``: regions that touch
        are cut where they are narrow (flooding the distance to the border from its peaks), for round objects.
    min_pixels : int
        Smaller regions are left out.

    Returns
    -------
    ndarray of int32, shape of `labels`
        0 = none, else 1..n in the order of their first pixels.

    Raises
    ------
    SegmentationError
        Unknown `split`, values that are no labels, more regions than allowed.
    """
    from scipy import ndimage as ndi
    from skimage.segmentation import relabel_sequential

    if split not in ("components", "watershed"):
        raise SegmentationError(f'regions are split by "components" or "watershed"; got {split!r}')
    mask = checked_labels(labels) == class_id
    regions, count = ndi.label(mask, np.ones((3,) * mask.ndim), output=np.int32)
    if split == "watershed" and count:
        regions = _cut_at_necks(mask)
    sizes = np.bincount(regions.ravel())
    small = sizes < min_pixels
    small[0] = False
    if small.any():
        regions[small[regions]] = 0
    result: NDArray[np.int32] = relabel_sequential(regions)[0].astype(np.int32)
    if result.max(initial=0) > MAX_REGIONS:
        raise SegmentationError(
            f"{result.max():,} regions; allowed are {MAX_REGIONS:,}. Leave out the small ones with min_pixels"
        )
    return result


def _cut_at_necks(mask: NDArray[np.bool_]) -> NDArray[np.int32]:
    from scipy import ndimage as ndi
    from skimage.morphology import h_maxima
    from skimage.segmentation import watershed

    depth = ndi.distance_transform_edt(np.pad(mask, 1))[(slice(1, -1),) * mask.ndim]
    smooth = ndi.gaussian_filter(depth, 1.0)
    # A peak counts when it rises by half a pixel over the neck to the next: less is the stairs of a digital
    # border.
    peaks = h_maxima(smooth, 0.5) > 0
    peaks &= mask
    whole, _ = ndi.label(mask, np.ones((3,) * mask.ndim))
    markers, count = ndi.label(peaks, np.ones((3,) * mask.ndim))
    # A region too small for a peak is its own marker.
    without = ~np.isin(whole, np.unique(whole[peaks])) & mask
    markers[without] = whole[without] + count
    return watershed(-smooth, markers, mask=mask).astype(np.int32)


def measure_regions(
    labels: ArrayLike,
    classes: Iterable[AnnotationClass],
    *,
    image: ArrayLike | None = None,
    channel_axis: int | None = None,
    channel_names: Sequence[str] = (),
    pixel_size: Sequence[float] | None = None,
    unit: str = "px",
    split: str = "components",
    min_pixels: int = 1,
) -> pd.DataFrame:
    """Measure every region of some classes.

    Parameters
    ----------
    labels : array of int, (rows, cols) or (planes, rows, cols)
    classes : iterable of AnnotationClass
        Which to measure.
    image : array, optional
        Values to summarise, shape of `labels` and channels.
    channel_axis : int, optional
        Axis of the channels in `image`.
    channel_names : sequence of str
        One a channel; numbers from 1 otherwise.
    pixel_size : sequence of float, optional
        Size of a pixel along each axis of `labels`, in `unit`; adds columns in that unit.
    unit : str
    split, min_pixels
        See `find_regions`.

    Returns
    -------
    DataFrame
        A row a region: ``region``, ``class_id``, ``class``; ``area [px]`` and ``perimeter [px]`` (Crofton's
        formula; in volumes ``volume [px]`` alone); ``row``, ``col`` (``plane``) of the centroid; with a pixel
        size the same in ``[unit]``, ``[unit²]`` or ``[unit³]``; with an image ``mean``, ``sd``, ``min``,
        ``max`` and ``median``, followed by the channel's name when it has channels.

    Raises
    ------
    SegmentationError
        Shapes that do not match, a pixel size that is not, see also `find_regions`.
    """
    import pandas as pd

    array = checked_labels(labels)
    size = _checked_size(pixel_size, array.ndim)
    channels = _channels(image, channel_axis, channel_names, array.shape)
    tables = []
    for one in classes:
        regions = find_regions(array, one.id, split=split, min_pixels=min_pixels)
        columns: dict[str, object] = {"class_id": one.id, "class": one.name}
        columns.update(_shape_columns(regions, size, unit))
        for name, values in channels:
            columns.update(_value_columns(regions, values, name))
        tables.append(pd.DataFrame(columns, index=range(int(regions.max(initial=0)))))
    if not tables:
        raise SegmentationError("no classes to measure; give at least one")
    table = pd.concat(tables, ignore_index=True)
    table.insert(0, "region", np.arange(1, len(table) + 1))
    return table


def class_fractions(
    labels: ArrayLike,
    classes: Iterable[AnnotationClass],
    *,
    pixel_size: Sequence[float] | None = None,
    unit: str = "px",
) -> pd.DataFrame:
    """Count the pixels of each class.

    Returns
    -------
    DataFrame
        A row a class: ``class_id``, ``class``, ``pixels``, ``fraction`` of all pixels that carry a class, and
        with a pixel size ``area [unit²]`` (``volume [unit³]`` in volumes).
    """
    import pandas as pd

    array = checked_labels(labels)
    size = _checked_size(pixel_size, array.ndim)
    counts = np.bincount(array.ravel(), minlength=256)
    known = tuple(classes)
    pixels = np.array([counts[one.id] for one in known], dtype=np.int64)
    total = int(counts[1:].sum())
    table = pd.DataFrame(
        {
            "class_id": [one.id for one in known],
            "class": [one.name for one in known],
            "pixels": pixels,
            "fraction": pixels / total if total else np.zeros(len(known)),
        }
    )
    if size is not None:
        table[_measure(array.ndim, unit)] = pixels * math.prod(size)
    return table


def save_table(path: str | os.PathLike[str], table: pd.DataFrame) -> None:
    """Write a table as ``.csv`` (UTF-8, as spreadsheets expect it) or ``.parquet``, whole or not at all."""
    target = Path(path)
    kind = target.suffix.lower()
    if kind not in (".csv", ".parquet"):
        raise SegmentationError(f"tables are written as .csv or .parquet; got {target.name!r}")
    with written_whole(target) as draft:
        if kind == ".csv":
            table.to_csv(draft, index=False, encoding="utf-8-sig")
        else:
            table.to_parquet(draft, index=False)


def _measure(ndim: int, unit: str) -> str:
    return f"area [{unit}²]" if ndim == 2 else f"volume [{unit}³]"


def _checked_size(pixel_size: Sequence[float] | None, ndim: int) -> tuple[float, ...] | None:
    if pixel_size is None:
        return None
    size = tuple(float(one) for one in pixel_size)
    if len(size) != ndim or not all(math.isfinite(one) and one > 0 for one in size):
        raise SegmentationError(f"a pixel size is {ndim} numbers above 0; got {tuple(pixel_size)}")
    return size


def _channels(
    image: ArrayLike | None, channel_axis: int | None, names: Sequence[str], shape: tuple[int, ...]
) -> list[tuple[str, NDArray[np.float64]]]:
    if image is None:
        return []
    values = np.asarray(image)
    if channel_axis is not None:
        values = np.moveaxis(values, channel_axis, -1)
    spatial = values.shape if channel_axis is None else values.shape[:-1]
    if spatial != shape or values.dtype.kind not in "buif":
        raise SegmentationError(
            f"an image of shape {spatial} and type {values.dtype} for labels of shape {shape}"
        )
    if channel_axis is None:
        return [("", values)]
    titles = list(names) or [f"channel {one}" for one in range(1, values.shape[-1] + 1)]
    if len(titles) != values.shape[-1]:
        raise SegmentationError(f"{len(titles)} channel names for {values.shape[-1]} channels")
    return [(f" {title}", values[..., place]) for place, title in enumerate(titles)]


def _shape_columns(
    regions: NDArray[np.int32], size: tuple[float, ...] | None, unit: str
) -> dict[str, NDArray[np.float64]]:
    from skimage.measure import regionprops_table

    flat = regions.ndim == 2
    found = regionprops_table(
        regions, properties=("area", "centroid", "perimeter_crofton")[: 3 if flat else 2]
    )
    columns = {"area [px]" if flat else "volume [px]": found["area"].astype(float)}
    if flat:
        columns["perimeter [px]"] = found["perimeter_crofton"].astype(float)
    axes = ("plane", "row", "col")[-regions.ndim :]
    for place, axis in enumerate(axes):
        columns[axis] = found[f"centroid-{place}"].astype(float)
    if size is None:
        return columns
    columns[_measure(regions.ndim, unit)] = found["area"] * math.prod(size)
    if flat:
        columns[f"perimeter [{unit}]"] = columns["perimeter [px]"] * _stretch(regions, size)
    for place, axis in enumerate(axes):
        columns[f"{axis} [{unit}]"] = columns[axis] * size[place]
    return columns


def _stretch(regions: NDArray[np.int32], size: tuple[float, ...]) -> NDArray[np.float64]:
    """How many units a pixel of each region's border is long, on average over its directions."""
    count = int(regions.max(initial=0))
    if size[0] == size[1]:
        return np.full(count, size[0])
    from skimage.measure import find_contours, regionprops

    factors = np.full(count, math.sqrt(size[0] * size[1]))
    for place, region in enumerate(regionprops(regions)):
        steps = [np.diff(ring, axis=0) for ring in find_contours(np.pad(region.image, 1).astype(float), 0.5)]
        moved = np.concatenate(steps)
        factors[place] = np.hypot(*(moved * size).T).sum() / np.hypot(*moved.T).sum()
    return factors


def _value_columns(
    regions: NDArray[np.int32], values: NDArray[np.float64], name: str
) -> dict[str, NDArray[np.float64]]:
    inside = regions.ravel() > 0
    owner, value = regions.ravel()[inside], values.ravel()[inside].astype(float)
    order = np.lexsort((value, owner))
    owner, value = owner[order], value[order]
    starts = np.flatnonzero(np.diff(owner, prepend=0))
    counts = np.diff(starts, append=len(owner))
    if not len(starts):
        return {f"{what}{name}": np.empty(0) for what in ("mean", "sd", "min", "max", "median")}
    mean = np.add.reduceat(value, starts) / counts
    away = value - np.repeat(mean, counts)
    half, odd = starts + counts // 2, counts % 2 == 1
    return {
        f"mean{name}": mean,
        f"sd{name}": np.sqrt(np.add.reduceat(away**2, starts) / counts),
        f"min{name}": value[starts],
        f"max{name}": value[starts + counts - 1],
        f"median{name}": np.where(odd, value[half], (value[half - 1] + value[half]) / 2),
    }
