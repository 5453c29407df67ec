"""A picture that is one slice of a volume: slider, wheel and keys, neighbours ready; the view of a plane.

Only what is looked at travels, at the resolution of the screen: the slice, and the neighbours that
linked_plot_deck.js asks for while a hand turns.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import panel as pn
import param
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboards.parts.event_log import EventLog
from dashboards.parts.image_look import WHITE, Look, Pyramid, colored, palette_uri, picture_uri
from dashboards.parts.limits import SLICE_STOCK_BYTES
from dashboards.parts.linked_plotly import LinkedPlotly
from dashboards.parts.scale_bar import BAR_TRACE, bar_of
from dashboards.parts.volume_planes import Plane
from data_sources.volumes import Volume

__all__ = ["AXIS_COLORS", "SliceView", "slice_uri"]

BASE, SCALE_BAR = 0, 1

AXIS_COLORS = {"axial": "#e69f00", "coronal": "#56b4e9", "sagittal": "#cc79a7"}
"""Colour of each plane: of its name, its line in the other pictures, its square in the 3-D view."""

NOTHING = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
# From so many pixels a screen pixel on, the next smaller picture is sent.
SHRINK_FROM = 1.7
USUAL_PX = 420
# Layout images are smoothed by browsers when enlarged; labels are square.
_SQUARE = ".layer-above image { image-rendering: pixelated; }"

Overlay = Callable[[int], "NDArray[np.uint8] | None"]


def slice_uri(values: NDArray[Any], window: tuple[float, float]) -> str:
    """Write a slice as a grey PNG: the lower end of `window` is black, the upper one white."""
    if values.dtype.kind in "iu" and values.dtype.itemsize > 2:
        values = values.astype(np.float64)
    return picture_uri(colored(values, Look((window,), (WHITE,), (True,))))


class SliceView(pn.viewable.Viewer):
    """One plane of a volume to leaf through, point at and draw on.

    Pixel (row, col) covers [row - 0.5, row + 0.5] × [col - 0.5, col + 0.5]; x is the column, y the row.

    Parameters
    ----------
    volume : Volume
    plane : Plane
    n : int
        Slice that is shown.
    window : (float, float)
        Values that are black and white.
    on_turn : callable
        Called with (slice, whether the hand has come to rest).
    on_point : callable
        Called with (row, col, whether the hand has come to rest).
    log : EventLog, optional
    across : sequence of str
        Colours of the planes whose lines stand upright and lie across in this picture.
    **pane : object
        Layout of the pane.

    Attributes
    ----------
    plot : LinkedPlotly
    """

    index = param.Integer(default=0, doc="Slice that is shown.")
    pixel = param.Tuple(default=None, length=2, allow_None=True, doc="(row, col) under the mouse.")

    def __init__(
        self,
        volume: Volume,
        plane: Plane,
        n: int,
        window: tuple[float, float],
        on_turn: Callable[[int, bool], None],
        on_point: Callable[[int, int, bool], None],
        log: EventLog | None = None,
        across: Sequence[str] = (WHITE, WHITE),
        **pane: Any,
    ) -> None:
        super().__init__(name=plane.name)
        self._on_turn, self._on_point, self._lines = on_turn, on_point, tuple(across)
        self._volume, self._plane, self._window = volume, plane, window
        self._overlay: Overlay | None = None
        self._colors: dict[int, Any] = {}
        self._revisions = [0, 0]
        self._level, self._opened, self._answering = 0, 0, False
        self._cross: list[int] | None = None
        self.index = n
        self.plot = LinkedPlotly(
            self._figure(),
            name=plane.name,
            log=log,
            config={"scrollZoom": True, "displayModeBar": False},
            **{"min_height": 200, "stylesheets": [_SQUARE], **pane},
        )
        self.plot.hear("slice", self._asked)
        self.plot.hear("point", self._pointed)
        self.plot.param.watch(self._on_viewport, "viewport")
        self.plot.param.watch(self._on_hover, "hover")

    def __panel__(self) -> pn.viewable.Viewable:
        return self.plot.pane

    @property
    def plane(self) -> Plane:
        """What is looked along."""
        return self._plane

    # -- showing --------------------------------------------------------------------------------

    def open(self, volume: Volume, plane: Plane, n: int, window: tuple[float, float]) -> None:
        """Show another volume, without overlay and shapes."""
        self._volume, self._plane, self._window = volume, plane, window
        self._overlay, self._cross, self._level = None, None, 0
        self._opened += 1
        self._revisions = [one + 1 for one in self._revisions]
        self.index = n
        self.plot.param.update(shapes=[])
        figure, before = self._figure(), self.plot.figure._layout
        figure.layout.update(
            {key: before[key] for key in ("template", "newshape", "dragmode") if key in before}
        )
        figure.layout.meta = {**(before.get("meta") or {}), **figure.layout.meta}
        self.plot.replace(figure)

    def turn_to(self, n: int) -> None:
        """Show slice `n`, whatever the browser shows."""
        if n == self.index:
            return
        self.index = n
        if not self._answering:
            self._tell({"n": n, **self._stock([n], [n])})

    def set_window(self, window: tuple[float, float]) -> None:
        """Say which values are black and white."""
        if window != self._window:
            self._window = window
            self._revisions[0] += 1
            self._tell({"gb": self._revisions[0], **self._stock([self.index], [])})

    def set_overlay(self, overlay: Overlay | None, colors: Mapping[int, Any]) -> None:
        """Lay a map of small numbers over every slice.

        Parameters
        ----------
        overlay : callable or None
            Slice → picture of uint8, or None where nothing lies over it; called whenever a slice is sent.
        colors : mapping of int to str
            Number to "#rrggbb" or "#rrggbbaa"; numbers without a colour are transparent.
        """
        if overlay is None and self._overlay is None:
            return
        self._overlay, self._colors = overlay, dict(colors)
        self._revisions[1] += 1
        told = {"go": self._revisions[1], "blank": overlay is None, **self._stock([], [self.index])}
        self._tell(told)

    def set_cross(self, row: int, col: int) -> None:
        """Draw the crosshair through a pixel."""
        if self._cross != [col, row]:
            self._cross = [col, row]
            self._tell({"cross": self._cross})

    def values(self, n: int) -> NDArray[Any]:
        """Return the true values of a slice as a picture."""
        return self._plane.picture(self._volume.slice(self._plane.axis, n))

    # -- to the browser -------------------------------------------------------------------------

    def _tell(self, told: dict[str, Any]) -> None:
        """Send a change, and hold in the figure what the browser shows then."""
        figure, base, over = self.plot.figure, dict(told.get("base", ())), dict(told.get("over", ()))
        # Past Plotly's checks, which take longer than all the rest of a turn.
        if self.index in base:
            figure._data[BASE]["source"] = base[self.index]
        if self.index in over or told.get("blank"):
            figure._layout["images"][0]["source"] = over.get(self.index) or NOTHING
        figure._layout["meta"] = {**(figure._layout.get("meta") or {}), "deck": self._said()}
        self.plot.pane.tell("deck", told)

    def _said(self) -> dict[str, Any]:
        """Say what linked_plot_deck.js needs to know."""
        plane = self._plane
        return {
            "of": self._opened,
            "n": self.index,
            "count": plane.count,
            "title": plane.title,
            "mm": self._along(),
            "gb": self._revisions[0],
            "go": self._revisions[1],
            "blank": self._overlay is None,
            "cross": self._cross,
            "colors": list(self._lines),
        }

    def _along(self) -> list[float] | None:
        """Say where slices lie: mm of the first one and between two; None where that depends on the pixel."""
        if not self._volume.oriented:
            return None
        column = self._volume.affine[:3, self._plane.axis]
        world = int(np.argmax(np.abs(column)))
        others = [self._volume.affine[world, axis] for axis in range(3) if axis != self._plane.axis]
        if any(abs(one) > 1e-6 * abs(column[world]) for one in others):
            return None
        return [float(self._volume.affine[world, 3]), float(column[world])]

    def _stock(self, bases: Sequence[int], overs: Sequence[int]) -> dict[str, Any]:
        """Write the pictures and overlays of some slices, the first ones in any case."""
        made: dict[str, Any] = {"base": [], "over": []}
        spent = 0
        for key, wanted, write in (("base", bases, self._base_uri), ("over", overs, self._over_uri)):
            for n in wanted:
                if made[key] and spent > SLICE_STOCK_BYTES:
                    break
                uri = write(n)
                spent += len(uri)
                made[key].append([n, uri])
        return {key: value for key, value in made.items() if value}

    def _base_uri(self, n: int) -> str:
        return slice_uri(Pyramid(self.values(n)).level(self._level), self._window)

    def _over_uri(self, n: int) -> str:
        over = None if self._overlay is None else self._overlay(n)
        return "" if over is None or not over.any() else palette_uri(over, self._colors)

    # -- from the browser -----------------------------------------------------------------------

    def _asked(self, data: Mapping[str, Any]) -> None:
        """Turn to where the hand is, and send what the browser lacks around it."""
        if data.get("of") != self._opened:  # said while the volume before was shown
            return
        count = self._plane.count
        n = min(max(int(data["n"]), 0), count - 1)
        wanted = [
            [int(one) for one in data[key] if 0 <= int(one) < count][:12] if revision == mine else []
            for key, revision, mine in zip(("base", "over"), data["rev"], self._revisions, strict=True)
        ]
        before = list(self._revisions)
        self._answering = True
        try:
            self._on_turn(n, bool(data.get("end")))
        finally:
            self._answering = False
        # What became another picture meanwhile was sent by whoever changed it.
        bases, overs = (
            one if same else [] for one, same in zip(wanted, map(_same, before, self._revisions), strict=True)
        )
        self._tell({"n": self.index, **self._stock(bases, overs)})
        if data.get("end") and self.index not in bases:
            # The browser had it already: now the figure, which is downloaded and saved, has it too.
            self.plot.figure._data[BASE]["source"] = self._base_uri(self.index)
            self.plot.figure._layout["images"][0]["source"] = self._over_uri(self.index) or NOTHING

    def _pointed(self, data: Mapping[str, Any]) -> None:
        if data.get("of") != self._opened:
            return
        row, col = math.floor(float(data["y"]) + 0.5), math.floor(float(data["x"]) + 0.5)
        rows, cols = self._plane.shape
        if 0 <= row < rows and 0 <= col < cols:
            self._cross = None  # the browser has drawn where the hand is: what we say next counts
            self._on_point(row, col, bool(data.get("end")))

    def _on_hover(self, event: param.parameterized.Event) -> None:
        point = event.new
        if point is None or point.curve != BASE or point.x is None or point.y is None:
            self.pixel = None
            return
        row, col = math.floor(float(point.y) + 0.5), math.floor(float(point.x) + 0.5)
        rows, cols = self._plane.shape
        self.pixel = (row, col) if 0 <= row < rows and 0 <= col < cols else None

    def _on_viewport(self, event: param.parameterized.Event) -> None:
        if not {"x", "y"} <= event.new.keys():
            return
        rows, cols = self._plane.shape
        left, right = sorted(event.new["x"])
        top, bottom = sorted(event.new["y"])
        row0, col0 = max(math.floor(top + 0.5), 0), max(math.floor(left + 0.5), 0)
        row1, col1 = min(math.ceil(bottom + 0.5), rows), min(math.ceil(right + 0.5), cols)
        if row1 > row0 and col1 > col0:
            bar = bar_of(self._plane.spacing[1], "mm", (row0, col0, row1, col1))
            self.plot.patch({SCALE_BAR: bar})
        length = self.plot.lengths.get("x", USUAL_PX)
        ratio = (right - left) / max(length, 1.0)
        level = max(0, math.ceil(math.log2(max(ratio, 1e-9) / SHRINK_FROM)))
        if level != self._level:
            self._level = level
            self._revisions[0] += 1
            self._tell({"gb": self._revisions[0], "n": self.index, **self._stock([self.index], [])})
            self.plot.patch({BASE: {key: value for key, value in self._placed().items() if key != "source"}})

    # -- the figure -----------------------------------------------------------------------------

    def _placed(self) -> dict[str, Any]:
        step = 2**self._level
        return {
            "source": self._base_uri(self.index),
            "x0": (step - 1) / 2,
            "y0": (step - 1) / 2,
            "dx": step,
            "dy": step,
            "zsmooth": "fast" if self._level else False,
        }

    def _figure(self) -> go.Figure:
        plane = self._plane
        rows, cols = plane.shape
        height, width = plane.spacing
        axis = {
            "showgrid": False,
            "zeroline": False,
            "constrain": "domain",
            "showticklabels": False,
            "ticks": "",
        }
        left, right, top, bottom = plane.letters
        places = ((left, 0, 0.5), (right, 1, 0.5), (top, 0.5, 1), (bottom, 0.5, 0))
        letters = [
            {
                "text": f"<b>{letter}</b>",
                "xref": "x domain",
                "yref": "y domain",
                "x": x,
                "y": y,
                "xanchor": ("left", "center", "right")[round(2 * x)],
                "yanchor": ("bottom", "middle", "top")[round(2 * y)],
                "showarrow": False,
                "font": {"color": "#ffd400", "size": 13, "shadow": "0 0 3px #000, 0 0 6px #000"},
            }
            for letter, x, y in places
            if letter
        ]
        return go.Figure(
            [
                go.Image(**self._placed(), hoverinfo="none", hovertemplate=None, name=plane.title),
                go.Scatter(**BAR_TRACE, **bar_of(width, "mm", (0, 0, rows, cols))),
            ],
            {
                "dragmode": "pan",
                "margin": {"l": 4, "r": 4, "t": 4, "b": 30},
                "uirevision": f"{self.name}-{self._opened}",
                "meta": {"deck": self._said()},
                "plot_bgcolor": "#000000",
                "images": [
                    {
                        "source": self._over_uri(self.index) or NOTHING,
                        "xref": "x",
                        "yref": "y",
                        "x": -0.5,
                        "y": -0.5,
                        "sizex": cols,
                        "sizey": rows,
                        "sizing": "stretch",
                        "layer": "above",
                    }
                ],
                "annotations": letters,
                "xaxis": {**axis, "range": [-0.5, cols - 0.5]},
                "yaxis": {
                    **axis,
                    "range": [rows - 0.5, -0.5],
                    "scaleanchor": "x",
                    "scaleratio": height / width,
                },
                "showlegend": False,
            },
        )


def _same(one: int, other: int) -> bool:
    return one == other
