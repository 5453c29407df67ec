"""Keeps a figure and its patches within a budget; the memory of LinkedPlotly of what it left out."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboards.parts.budget import Budget, Cut, Shown, cut_trace, measure, plan, size_of
from dashboards.parts.plotly_paths import attributes, dotted, value_at

__all__ = ["COORDINATES", "Thinning"]

# Attributes that say how many data a trace has.
COORDINATES = frozenset(("x", "y", "z", "lat", "lon", "locations", "ids", "labels", "value", "r", "theta"))


class Thinning:
    """Cuts traces down, and their later patches in the same way.

    Parameters
    ----------
    budget : Budget
        Of the pane.
    """

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.cuts: dict[int, Cut] = {}
        self._shapes: tuple[Any, int] = (None, 0)

    @property
    def kept(self) -> dict[int, np.ndarray]:
        """Of thinned point traces: indices, in the trace as given, of the data that were sent."""
        return {place: cut.kept[0] for place, cut in self.cuts.items() if len(cut.shape) == 1}

    def admit(self, figure: go.Figure) -> None:
        """Cut a new figure down, in place.

        Parameters
        ----------
        figure : plotly.graph_objects.Figure

        Raises
        ------
        ValueError
            When it is too heavy and cannot be thinned truthfully.
        """
        _unpack(figure)
        self.cuts = plan(figure._data, self.budget)
        for place, cut in self.cuts.items():
            trace = figure._data[place]
            values = {name: cut.take(name, value) for name, value in attributes(trace)}
            values |= _grid_places(trace, cut)
            for name, value in values.items():
                if value is not value_at(trace, name):
                    figure.data[place][name] = value

    def patch(self, trace: Mapping[str, Any], place: int, values: Mapping[str, Any]) -> dict[str, Any]:
        """Cut a patch as its trace was cut, or as its new data must be.

        Parameters
        ----------
        trace : mapping
            Trace dict as it is shown.
        place : int
            Of the trace in the figure.
        values : mapping
            Attribute, in dots or underscores, to value.

        Returns
        -------
        dict
            With dotted names.
        """
        wanted = {dotted(name): value for name, value in values.items()}
        size = size_of({"type": trace["type"], **{n: v for n, v in wanted.items() if n in COORDINATES}})
        if np.prod(size) and (place not in self.cuts or size != self.cuts[place].shape):
            self.cuts.pop(place, None)
            limit = self.budget.points if len(size) == 1 else self.budget.cells
            if np.prod(size) > limit:
                cut = cut_trace({**trace, **wanted}, size, limit / float(np.prod(size)))
                if cut is not None:
                    self.cuts[place] = cut
                    wanted |= _grid_places({**trace, **wanted}, cut)
        if place in self.cuts:
            return {name: self.cuts[place].take(name, value) for name, value in wanted.items()}
        return wanted

    def weigh(self, figure: go.Figure) -> Shown:
        """Read the meter.

        Parameters
        ----------
        figure : plotly.graph_objects.Figure
            As it is shown.
        """
        sizes = [int(np.prod(size_of(trace))) for trace in figure._data]
        given = [
            int(np.prod(self.cuts[place].shape)) if place in self.cuts else size
            for place, size in enumerate(sizes)
        ]
        return Shown(sum(sizes), sum(given), sum(self._bytes(trace) for trace in figure._data))

    def _bytes(self, trace: Mapping[str, Any]) -> int:
        """Weigh a trace; the shapes of a map, a hundred thousand short lists that stay, are weighed once."""
        shapes = trace.get("geojson")
        if shapes is None:
            return measure(trace)
        if self._shapes[0] is not shapes:
            self._shapes = (shapes, measure(shapes))
        return self._shapes[1] + measure({key: value for key, value in trace.items() if key != "geojson"})


def _unpack(figure: go.Figure) -> None:
    """Turn the packed arrays of a figure that was read from JSON, or that HoloViews made, into arrays."""

    def visit(values: Mapping[str, Any], path: str) -> Iterator[tuple[str, np.ndarray]]:
        for key, value in values.items():
            if isinstance(value, Mapping) and "bdata" in value:
                flat = np.frombuffer(base64.b64decode(value["bdata"]), np.dtype(value["dtype"]))
                shape = [int(length) for length in str(value.get("shape") or flat.size).split(",")]
                yield f"{path}{key}", flat.reshape(shape)
            elif isinstance(value, Mapping):
                yield from visit(value, f"{path}{key}.")

    for trace, values in zip(figure.data, figure._data, strict=True):
        for name, array in list(visit(values, "")):
            trace[name] = array


def _grid_places(trace: Mapping[str, Any], cut: Cut) -> dict[str, Any]:
    """Place the cells of a thinned grid that had no coordinates of its own."""
    if len(cut.shape) != 2:
        return {}
    places: dict[str, Any] = {}
    for axis, indices in (("y", cut.kept[0]), ("x", cut.kept[1])):
        if trace.get(axis) is None and len(indices):
            start = trace.get(f"{axis}0") or 0
            step = trace.get(f"d{axis}") or 1
            stride = int(indices[1] - indices[0]) if len(indices) > 1 else 1
            if trace["type"] == "surface":
                places[axis] = start + indices * step
            else:
                places |= {f"{axis}0": start + int(indices[0]) * step, f"d{axis}": stride * step}
    return places
