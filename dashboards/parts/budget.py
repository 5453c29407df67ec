"""How much of a figure goes to the browser: bytes and points a pane; used by LinkedPlotly.

What can be thinned without telling an untruth is thinned: markers by a seeded sample, lines evenly, grids and
volumes by a stride. What would lie when thinned (bins, bars, sectors, meshes) is refused with what to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboards.parts.limits import PANE_BYTES, PANE_CELLS, PANE_POINTS
from data_sources.boundaries import Shapes

__all__ = ["Budget", "Cut", "Shown", "cut_trace", "measure", "plan", "size_of"]

SCATTERED = frozenset(
    ("scatter", "scattergl", "scatter3d", "scattergeo", "scattermap", "scatterpolar", "scatterternary")
)
GRIDS = frozenset(["heatmap", "contour", "surface", "image"])
VOLUMES = frozenset(["isosurface", "volume", "cone", "streamtube"])
SEED = 0


@dataclass(frozen=True)
class Budget:
    """What one pane may cost; give a larger one to a view that is known to bear it.

    Parameters
    ----------
    points : int
        Markers, vertices of lines, voxels of volumes.
    cells : int
        Cells of heatmaps, contours, surfaces and images.
    bytes : int
        Of all that is sent.
    """

    points: int = PANE_POINTS
    cells: int = PANE_CELLS
    bytes: int = PANE_BYTES


@dataclass(frozen=True)
class Shown:
    """The meter of a pane: how many data are shown, of how many, and what they weigh.

    Attributes
    ----------
    points, of : int
        Shown and given.
    bytes : int
        Of what is sent, about.
    """

    points: int = 0
    of: int = 0
    bytes: int = 0

    def __str__(self) -> str:
        if self.points == self.of:
            return f"{self.of:,} shown"
        return f"{self.points:,} of {self.of:,} shown"


@dataclass(frozen=True)
class Cut:
    """Which data of a trace are sent.

    Attributes
    ----------
    shape : tuple of int
        Of the data as given: (n,) or (rows, columns).
    kept : tuple of int arrays
        Indices kept along each of these dimensions.
    """

    shape: tuple[int, ...]
    kept: tuple[np.ndarray, ...]

    @property
    def count(self) -> int:
        """How many data are kept."""
        return int(np.prod([len(indices) for indices in self.kept]))

    def take(self, name: str, value: Any) -> Any:
        """Cut one attribute of the trace, when it has one value a datum; else return it as it is.

        Parameters
        ----------
        name : str
            Dotted name of the attribute.
        value : object
            Its value.
        """
        if value is None or isinstance(value, str | Mapping) or not hasattr(value, "__len__"):
            return value
        if name == "selectedpoints":
            return np.flatnonzero(np.isin(self.kept[0], np.asarray(value)))
        if name.endswith("colorscale"):
            return value
        if len(self.shape) == 1:
            if len(value) != self.shape[0]:
                return value
            if isinstance(value, np.ndarray):
                return value[self.kept[0]]
            return [value[place] for place in self.kept[0]]
        rows, columns = self.kept
        if name == "x" and len(value) in (self.shape[1], self.shape[1] + 1) and np.ndim(value) == 1:
            return np.asarray(value)[columns]
        if name == "y" and len(value) in (self.shape[0], self.shape[0] + 1) and np.ndim(value) == 1:
            return np.asarray(value)[rows]
        grid = np.asarray(value)
        return grid[np.ix_(rows, columns)] if grid.shape[:2] == self.shape else value


def size_of(trace: Mapping[str, Any]) -> tuple[int, ...]:
    """Shape of the data of a trace: (n,), or (rows, columns) of a grid.

    Parameters
    ----------
    trace : mapping
        Trace dict.
    """
    if trace.get("type") in GRIDS:
        grid = trace.get("z")
        if grid is None:
            return (0,)
        return tuple(np.shape(grid)[:2]) if isinstance(grid, np.ndarray) else (len(grid), len(grid[0]))
    for key in ("value", "ids", "labels", "locations", "lat", "x", "y", "r", "z", "values"):
        values = trace.get(key)
        if values is not None and not isinstance(values, str) and hasattr(values, "__len__"):
            return (len(values),)
    return (0,)


def plan(traces: Sequence[Mapping[str, Any]], budget: Budget) -> dict[int, Cut]:
    """Choose what to send of each trace.

    Parameters
    ----------
    traces : sequence of mapping
        Trace dicts.
    budget : Budget
        Shared by the traces in proportion to their data.

    Returns
    -------
    dict of int to Cut
        Only of the traces that must be thinned.

    Raises
    ------
    ValueError
        When the figure is too heavy and cannot be thinned truthfully.
    """
    sizes = [size_of(trace) for trace in traces]
    points = sum(size[0] for trace, size in zip(traces, sizes, strict=True) if trace["type"] not in GRIDS)
    cells = sum(int(np.prod(size)) for t, size in zip(traces, sizes, strict=True) if t["type"] in GRIDS)
    weights = [measure(trace) for trace in traces]
    lighter = min(1.0, budget.bytes / max(1, sum(weights)))
    point_share = min(lighter, budget.points / max(1, points))
    cell_share = min(lighter, budget.cells / max(1, cells))
    if point_share >= 1 and cell_share >= 1:
        return {}
    cuts = {}
    for place, (trace, size) in enumerate(zip(traces, sizes, strict=True)):
        share = cell_share if trace["type"] in GRIDS else point_share
        small = np.prod(size) * 20 < budget.points and weights[place] * 20 < budget.bytes
        if share >= 1 or small:
            continue  # small companions of a big trace (a line, a few bars) stay whole
        if (cut := cut_trace(trace, size, share)) is not None:
            cuts[place] = cut
    return cuts


def cut_trace(trace: Mapping[str, Any], size: tuple[int, ...], share: float) -> Cut | None:
    """Choose the data of one trace.

    Parameters
    ----------
    trace : mapping
        Trace dict; of its values only the kind of the trace and the coordinates of volumes are read.
    size : tuple of int
        Shape of its data.
    share : float
        How much may stay, 0 to 1.

    Raises
    ------
    ValueError
        When this kind of trace would say something untrue when thinned.
    """
    kind = trace["type"]
    if not np.prod(size) and kind not in GRIDS:
        return None
    if len(size) == 2:
        stride = int(np.ceil(share**-0.5))
        return Cut(size, tuple(np.arange(stride // 2, length, stride) for length in size))
    wanted = max(2, int(size[0] * share + 1e-6))
    if kind in VOLUMES:
        return Cut(size, (_every_voxel(trace, size[0], share),))
    if kind in SCATTERED and "lines" in str(trace.get("mode") or ""):
        return Cut(size, (np.unique(np.linspace(0, size[0] - 1, wanted).round().astype(np.int64)),))
    if kind in SCATTERED:
        chosen = np.random.default_rng(SEED).choice(size[0], wanted, replace=False)
        return Cut(size, (np.sort(chosen),))
    raise ValueError(
        f"a {kind} of {size[0]:,} data is over the budget of its pane, and thinning it would show something "
        "untrue: aggregate it first (data_sources.Table counts bins and sums groups), make its mesh or image "
        "coarser, or give the view a larger Budget"
    )


def _every_voxel(trace: Mapping[str, Any], count: int, share: float) -> np.ndarray:
    """Find the voxels of a grid thinned by the same stride along each axis."""
    stride = int(np.ceil(share ** (-1 / 3)))
    keep = np.ones(count, bool)
    for axis in "xyz":
        values, place = np.unique(np.asarray(trace[axis]), return_inverse=True)
        keep &= place % stride == (stride // 2 if len(values) > stride else 0)
    return np.flatnonzero(keep)


def measure(value: Any) -> int:
    """Bytes that a value takes on the wire, about.

    Parameters
    ----------
    value : object
        Arrays, containers, scalars.
    """
    if isinstance(value, np.ndarray):
        if value.dtype.kind in "OUS":
            return measure(value.ravel().tolist())
        return int(value.nbytes)
    if isinstance(value, Shapes):
        return value.weight
    if isinstance(value, Mapping):
        return sum(len(str(key)) + 3 + measure(member) for key, member in value.items())
    if isinstance(value, list | tuple):
        return sum(measure(member) + 1 for member in value)
    if isinstance(value, str):
        return len(value) + 2
    return 8
