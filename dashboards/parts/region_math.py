"""Pixels inside drawn regions and value bands, and their statistics, histograms, profiles; pure, for /region.

A region is a list, as it stands in links: ``["box", row0, col0, row1, col1]`` or ``["lasso", row, col, row,
col, …]``, in pixels; a pixel belongs when its centre lies inside. A band is ``[channel, low, high]``:
low <= value < high. A line is ``[row0, col0, row1, col1]``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboards.parts.image_look import channel_values
from data_sources.images import Image
from segmentation.strokes import polygon_mask

__all__ = [
    "PERCENTILES",
    "band_mask",
    "channel_labels",
    "counts",
    "edges",
    "is_band",
    "is_line",
    "is_region",
    "lines_of",
    "profile",
    "region_mask",
    "regions_of",
    "selections_of",
    "shapes_of",
    "snapped",
    "statistics",
]

PERCENTILES = (5, 25, 50, 75, 95)
# Corners are kept to so many decimals: a hundredth of a pixel is finer than any mouse.
_BOX_DECIMALS, _LASSO_DECIMALS = 2, 1
_MAX_CORNERS = 5_000
# Seen on light and dark images.
_LINE = {"color": "#ffd400", "width": 2, "dash": "solid"}


# -- regions ---------------------------------------------------------------------------------------


def is_region(region: Any) -> bool:
    """Tell whether a value, perhaps of a stranger's link, is a region."""
    if not isinstance(region, list | tuple) or not region or not _numbers(region[1:]):
        return False
    if region[0] == "box":
        return len(region) == 5
    return region[0] == "lasso" and 7 <= len(region) <= 2 * _MAX_CORNERS + 1 and len(region) % 2 == 1


def is_band(band: Any, channels: int = 10_000) -> bool:
    """Tell whether a value is a band of one of so many channels."""
    if not isinstance(band, list | tuple) or len(band) != 3 or not _numbers(band):
        return False
    return isinstance(band[0], int) and 0 <= band[0] < channels and band[1] < band[2]


def is_line(line: Any) -> bool:
    """Tell whether a value is a line."""
    return isinstance(line, list | tuple) and len(line) == 4 and _numbers(line)


def _numbers(values: Iterable[Any]) -> bool:
    return all(
        isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one) and abs(one) < 1e6
        for one in values
    )


def regions_of(selections: Iterable[Mapping[str, Any]]) -> list[list[Any]]:
    """Read regions off Plotly's outlines of selections; corners are sorted, whichever way one dragged."""
    found: list[list[Any]] = []
    for one in selections:
        if one.get("type") == "rect":
            rows, cols = sorted((one["y0"], one["y1"])), sorted((one["x0"], one["x1"]))
            corners = [rows[0], cols[0], rows[1], cols[1]]
            found.append(["box", *(round(float(corner), _BOX_DECIMALS) for corner in corners)])
        elif one.get("type") == "path":
            pairs = [pair.split(",") for pair in str(one["path"]).strip("MZ").replace("M", "L").split("L")]
            flat = [round(float(value), _LASSO_DECIMALS) for x, y in pairs for value in (y, x)]
            found.append(["lasso", *flat])
    return [region for region in found if is_region(region)]


def selections_of(regions: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
    """Write regions as Plotly's outlines of selections."""
    outlines: list[dict[str, Any]] = []
    for kind, *numbers in regions:
        if kind == "box":
            row0, col0, row1, col1 = numbers
            where = {"type": "rect", "x0": col0, "y0": row0, "x1": col1, "y1": row1}
        else:
            corners = zip(numbers[::2], numbers[1::2], strict=True)
            where = {"type": "path", "path": "M" + "L".join(f"{col},{row}" for row, col in corners) + "Z"}
        outlines.append({"xref": "x", "yref": "y", "line": _LINE, **where})
    return outlines


def region_mask(regions: Sequence[Sequence[Any]], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Pixels in any of the regions; all pixels when there is no region. What lies outside is clipped."""
    if not regions:
        return np.ones(shape, bool)
    mask = np.zeros(shape, bool)
    for kind, *numbers in regions:
        if kind == "box":
            row0, col0, row1, col1 = (max(0, math.ceil(one)) for one in numbers)
            mask[row0:row1, col0:col1] = True
        else:
            mask |= polygon_mask(zip(numbers[::2], numbers[1::2], strict=True), shape)
    return mask


def band_mask(
    image: Image, bands: Iterable[Sequence[Any]], skip: int | None = None
) -> NDArray[np.bool_] | None:
    """Pixels within every band but that of channel `skip`; None when there is none to keep to."""
    mask: NDArray[np.bool_] | None = None
    for channel, low, high in bands:
        if channel != skip and channel < image.channels:
            values = channel_values(image, channel)
            inside = (values >= low) & (values < high)
            mask = inside if mask is None else mask & inside
    return mask


# -- numbers ---------------------------------------------------------------------------------------


def channel_labels(image: Image) -> tuple[str, ...]:
    """Names of the channels; "value" for a grey image."""
    return image.channel_names or ("value",)


def statistics(image: Image, mask: NDArray[np.bool_]) -> pd.DataFrame:
    """Pixels, mean, standard deviation (of the pixels, ddof 0), least, percentiles, most: a row a channel."""
    rows = []
    for channel, name in enumerate(channel_labels(image)):
        values = channel_values(image, channel)[mask].astype(np.float64)
        row: dict[str, Any] = {"channel": name, "pixels": int(values.size)}
        known = values.size > 0
        row["mean"] = float(values.mean()) if known else math.nan
        row["sd"] = float(values.std()) if known else math.nan
        row["min"] = float(values.min()) if known else math.nan
        points = np.percentile(values, PERCENTILES) if known else [math.nan] * len(PERCENTILES)
        row |= {f"p{one}": float(value) for one, value in zip(PERCENTILES, points, strict=True)}
        row["max"] = float(values.max()) if known else math.nan
        rows.append(row)
    return pd.DataFrame(rows)


def edges(image: Image, bins: int) -> NDArray[np.float64]:
    """Edges of equal bins for all channels: whole numbers fall in the middle of theirs, never on an edge."""
    array = image.array
    if array.dtype == bool:
        return np.array([-0.5, 0.5, 1.5])
    if array.dtype == np.uint8:
        return np.linspace(0, 256, min(bins, 256) + 1) - 0.5
    low, high = float(array.min()), float(array.max())
    if array.dtype.kind in "iu":
        width = max(1, math.ceil((high - low + 1) / bins))
        return low - 0.5 + width * np.arange(math.ceil((high - low + 1) / width) + 1, dtype=np.float64)
    if low == high:
        return np.array([low - 0.5, low + 0.5])
    return np.linspace(low, np.nextafter(high, math.inf), bins + 1)


def counts(values: NDArray[Any], bounds: NDArray[np.float64]) -> NDArray[np.int64]:
    """Count values in equal bins."""
    width = bounds[1] - bounds[0]
    place = ((values.ravel() - bounds[0]) / width).astype(np.int64)
    return np.bincount(np.clip(place, 0, len(bounds) - 2), minlength=len(bounds) - 1)


def snapped(low: float, high: float, bounds: NDArray[np.float64]) -> tuple[float, float] | None:
    """Move the ends of a brush to the nearest edges of bins; None beside all bins."""
    first, last = (int(np.abs(bounds - end).argmin()) for end in (low, high))
    if first == last:
        inside = int(np.clip(np.searchsorted(bounds, (low + high) / 2) - 1, 0, len(bounds) - 2))
        if high < bounds[0] or low > bounds[-1]:
            return None
        first, last = inside, inside + 1
    return float(bounds[first]), float(bounds[last])


# -- lines -----------------------------------------------------------------------------------------


def lines_of(shapes: Iterable[Mapping[str, Any]]) -> list[list[float]]:
    """Read the lines among drawn shapes."""
    found = [
        [round(float(one[key]), _BOX_DECIMALS) for key in ("y0", "x0", "y1", "x1")]
        for one in shapes
        if one.get("type") == "line"
    ]
    return [line for line in found if is_line(line)]


def shapes_of(lines: Iterable[Sequence[float]], color: str) -> list[dict[str, Any]]:
    """Write lines as shapes that can be moved and erased."""
    return [
        {
            "type": "line", "xref": "x", "yref": "y", "editable": True,
            "x0": col0, "y0": row0, "x1": col1, "y1": row1, "line": {"color": color, "width": 2},
        }
        for row0, col0, row1, col1 in lines
    ]  # fmt: skip


def profile(image: Image, line: Sequence[float]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Values along a line, a sample a pixel, interpolated between the four pixels around it.

    Returns
    -------
    (n,) float, (channels, n) float
        Distance from the start in pixels, and values; NaN outside the image.
    """
    from scipy.ndimage import map_coordinates

    row0, col0, row1, col1 = line
    length = math.hypot(row1 - row0, col1 - col0)
    along = np.linspace(0, 1, max(2, math.ceil(length) + 1))
    rows, cols = row0 + (row1 - row0) * along, col0 + (col1 - col0) * along
    height, width = image.array.shape[:2]
    outside = (rows < -0.5) | (cols < -0.5) | (rows > height - 0.5) | (cols > width - 0.5)
    # Within half a pixel of the edge there are no four pixels: the nearest counts.
    places = np.array([np.clip(rows, 0, height - 1), np.clip(cols, 0, width - 1)])
    first = np.maximum(np.floor(places.min(axis=1)).astype(int), 0)
    past = np.ceil(places.max(axis=1)).astype(int) + 1
    values = np.empty((image.channels, len(along)))
    for channel in range(image.channels):
        part = channel_values(image, channel)[first[0] : past[0], first[1] : past[1]].astype(np.float64)
        values[channel] = map_coordinates(part, places - first[:, None], order=1)
    values[:, outside] = np.nan
    return along * length, values
