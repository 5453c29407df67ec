"""A histogram of a volume's values whose brush is a range: a window to look through, values to grow over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import panel as pn
import param
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboards.parts.event_log import EventLog
from dashboards.parts.linked_plotly import LinkedPlotly
from dashboards.parts.theme import CATEGORICAL

__all__ = ["RangeHistogram"]

BINS = 96
_OUTSIDE = "#9aa0a6"


class RangeHistogram(pn.viewable.Viewer):
    """Bars of counts; those inside the range are in colour, and dragging over them chooses another range.

    Parameters
    ----------
    name : str
    on_range : callable
        Called with (low, high), or with None when the brush is taken away.
    log : EventLog, optional
    color : str
        Of bars inside the range.
    """

    def __init__(
        self,
        name: str,
        on_range: Callable[[tuple[float, float] | None], None],
        log: EventLog | None = None,
        color: str = CATEGORICAL[0],
        **pane: Any,
    ) -> None:
        super().__init__(name=name)
        self._on_range, self._color = on_range, color
        self._edges = np.linspace(0.0, 1.0, BINS + 1)
        self._shown: tuple[Any, ...] = ()
        self.plot = LinkedPlotly(
            _figure(self._edges),
            name=name,
            log=log,
            config={"displayModeBar": False},
            **{"height": 120, "margin": (0, 6), **pane},
        )
        self.plot.param.watch(self._brushed, "selected")

    def __panel__(self) -> pn.viewable.Viewable:
        return self.plot.pane

    def show(self, values: NDArray[Any], chosen: tuple[float, float] | None) -> None:
        """Count values, and colour those within a range."""
        drawn = (id(values), chosen)
        if drawn == self._shown:
            return
        self._shown = drawn
        whole = values.dtype.kind in "iub"
        low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
        if not high > low:
            high = low + 1
        if whole:  # bins as wide as some values, or bars of no value would stand between others
            step = max(1, int(np.ceil((high - low + 1) / BINS)))
            edges = np.arange(low, high + step + 0.5, step) - 0.5
        else:
            edges = np.linspace(low, high, BINS + 1)
        counts, _ = np.histogram(values, edges)
        middles = (edges[:-1] + edges[1:]) / 2
        inside = (
            np.ones(len(middles), bool) if chosen is None else (middles >= chosen[0]) & (middles <= chosen[1])
        )
        # Nothing around the object is the highest bar by far: it may leave the picture.
        top = float(np.sort(counts)[-2:].min()) if len(counts) > 1 else 1.0
        self.plot.patch(
            {
                0: {
                    "x": middles,
                    "y": counts,
                    "width": np.diff(edges),
                    "marker.color": [self._color if one else _OUTSIDE for one in inside],
                }
            },
            {"xaxis.range": [edges[0], edges[-1]], "yaxis.range": [0, max(top, 1.0) * 1.1]},
        )

    def _brushed(self, event: param.parameterized.Event) -> None:
        brush = event.new
        if brush is None or brush.x is None:
            self._on_range(None)
            return
        low, high = sorted(float(one) for one in brush.x)
        if high > low:
            self._on_range((low, high))


def _figure(edges: NDArray[np.float64]) -> go.Figure:
    axis = {"showgrid": False, "zeroline": False}
    return go.Figure(
        go.Bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=np.zeros(len(edges) - 1),
            width=np.diff(edges),
            marker={"color": [CATEGORICAL[0]] * (len(edges) - 1), "line": {"width": 0}},
            hovertemplate="%{x:.4g}: %{y:,} voxels<extra></extra>",
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
        ),
        {
            "dragmode": "select",
            "selectdirection": "h",
            "margin": {"l": 8, "r": 8, "t": 4, "b": 24},
            "bargap": 0,
            "xaxis": {**axis, "range": [0, 1]},
            "yaxis": {**axis, "range": [0, 1], "showticklabels": False},
            "showlegend": False,
        },
    )
