"""An image in the page: what is visible at screen resolution, true values, layers on top."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import panel as pn
import param
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboards.parts.event_log import EventLog
from dashboards.parts.image_look import Look, Pyramid, colored, default_look, picture_uri
from dashboards.parts.image_overlays import Overlay
from dashboards.parts.limits import IMAGE_WHOLE_PIXELS
from dashboards.parts.linked_plotly import LinkedPlotly
from dashboards.parts.plotly_events import Point
from dashboards.parts.scale_bar import BAR_TRACE, scale_bar
from data_sources.errors import ImageError
from data_sources.images import Image
from segmentation.strokes import Box

__all__ = ["ImageView"]

BASE, CORNERS, SCALE_BAR = 0, 1, 2
# Before the first drawing says how large it is.
USUAL_PX = 800
# From so many image pixels a screen pixel on, the next smaller picture is sent.
SHRINK_FROM = 1.5
# Sent around the visible part, as a share of it: a small pan needs no new picture.
MARGIN = 0.12

_GREY_LABEL = "x %{x}, y %{y}<br>%{color[0]}<extra></extra>"
_COLOR_LABEL = "x %{x}, y %{y}<br>%{color[0]}, %{color[1]}, %{color[2]}<extra></extra>"
# Seen on light and dark images; a selection from a link has no handles that would tell where it is.
_OUTLINE = {"line": {"color": "#ffd400", "width": 2, "dash": "solid"}}
# Layout images are smoothed by browsers when enlarged; labels are square.
_SQUARE = ".layer-above image { image-rendering: pixelated; }"


class ImageView(pn.viewable.Viewer):
    """One picture to look at, select from and draw on.

    Pixel (row, col) covers [row - 0.5, row + 0.5] × [col - 0.5, col + 0.5]; x is the column, y the row,
    row 0 on top.

    Parameters
    ----------
    image : data_sources.images.Image, optional
        Two-dimensional; `show` shows another.
    name : str
        Of the view: the page's element carries the CSS class ``view-<name>``.
    log : EventLog, optional
        Where events are noted.
    draw : sequence of str
        Buttons to draw with ("drawrect", "eraseshape", …), beside those to select, zoom and pan.
    labels : bool
        Whether the browser writes the values beside the mouse, where the pixels shown are the true ones.
    dragmode : str
        What dragging does at first; see `LinkedPlotly.set_dragmode`.
    **pane : object
        Layout of the pane; by default it is as high as the image at its width, within the window.

    Attributes
    ----------
    plot : LinkedPlotly
        To be entered in `Dashboard.views`; selections, shapes and clicks are watched there.
    image : Image
        What is shown.
    look : Look
        How.
    """

    pixel = param.Tuple(default=None, length=2, allow_None=True, doc="(row, col) under the mouse.")
    visible = param.Tuple(default=(0, 0, 1, 1), length=4, doc="Visible part: row0, col0, row1, col1.")

    def __init__(
        self,
        image: Image | None = None,
        name: str = "image",
        log: EventLog | None = None,
        draw: Sequence[str] = (),
        labels: bool = False,
        dragmode: str = "zoom",
        **pane: Any,
    ) -> None:
        super().__init__(name=name)
        self.image = image if image is not None else Image(np.zeros((1, 1), np.uint8), "YX")
        self.look = default_look(self.image)
        self._labels = labels
        self._dragmode = dragmode
        self._pyramid = Pyramid(self.image.array)
        self._overlays: dict[str, Overlay] = {}
        self._sent: tuple[int, Box] = (0, (0, 0, 0, 0))
        self._turn = 0
        self._lengths: dict[str, float] = {}
        self.plot = LinkedPlotly(
            self._figure(),
            name=name,
            log=log,
            config={
                "scrollZoom": True,
                "modeBarButtonsToAdd": list(draw),
                "modeBarButtonsToRemove": ["autoScale2d"],
            },
            **{"min_height": 160, "stylesheets": [_SQUARE], "styles": self._room(), **pane},
        )
        self.visible = self._whole
        self.plot.param.watch(self._on_viewport, "viewport")
        self.plot.param.watch(self._on_hover, "hover")

    def __panel__(self) -> pn.viewable.Viewable:
        return self.plot.pane

    # -- showing --------------------------------------------------------------------------------

    def show(self, image: Image, look: Look | None = None) -> None:
        """Show another image whole, without overlays, shapes and selection.

        Parameters
        ----------
        image : Image
            Two-dimensional: of a volume or series choose a `plane` first.
        look : Look, optional
            `default_look` of it when not given.

        Raises
        ------
        ImageError
            A volume or series.
        """
        if image.spatial_ndim != 2:
            raise ImageError(f"{image.name} has {image.planes} planes: choose one to show")
        self.image = image
        self.look = look or default_look(image)
        self._pyramid = Pyramid(image.array)
        self._overlays.clear()
        self._turn += 1
        self._sent = (0, (0, 0, 0, 0))
        self._dragmode = self.plot.dragmode
        self.plot.pane.styles = self._room()
        self.plot.param.update(shapes=[], selected=None, selections=[])
        figure, before = self._figure(), self.plot.figure._layout
        # The theme, and how one draws, are not the image's.
        figure.layout.update({key: before[key] for key in ("template", "newshape", "meta") if key in before})
        self.plot.replace(figure)
        self.param.update(pixel=None, visible=self._whole)

    def set_look(self, look: Look) -> None:
        """Show the same image with other contrast, channels or colours; zoom and overlays stay."""
        if look != self.look:
            self.look = look
            self.plot.patch({BASE: self._base(*self._sent)})

    def values_at(self, row: int, col: int) -> tuple[float | int, ...]:
        """Return the true values of a pixel, one a channel."""
        return tuple(np.atleast_1d(self.image.array[row, col]).tolist())

    # -- overlays -------------------------------------------------------------------------------

    def set_overlay(
        self,
        name: str,
        indexed: NDArray[np.uint8],
        colors: Mapping[int, Any],
        box: Box | None = None,
        opacity: float = 1.0,
    ) -> None:
        """Lay a map of small numbers over the image; the image itself is not sent again.

        Overlays lie over each other in the order in which they were first set. The same array again (not a
        changed one: make a new one) costs nothing.

        Parameters
        ----------
        name : str
            Of the overlay; the same name replaces it.
        indexed : ndarray of uint8, (rows, cols)
            Numbers that stand for colours; of any resolution: it is stretched over `box`.
        colors : mapping of int to str or tuple
            Number to "#rrggbb", "#rrggbbaa" or (r, g, b, a); numbers without a colour are transparent.
        box : (row0, col0, row1, col1), optional
            Pixels of the image that it covers; the whole image by default.
        opacity : float
            0 to 1.
        """
        overlay = Overlay(np.asarray(indexed, np.uint8), dict(colors), box or self._whole, float(opacity))
        known = self._overlays.get(name)
        if known is not None and known.same(overlay):
            return
        self._overlays[name] = overlay
        self._send_overlay(name, new=known is None)

    def hide_overlay(self, name: str) -> None:
        """Take an overlay away; unknown names are ignored."""
        overlay = self._overlays.get(name)
        if overlay is not None and overlay.shown:
            self._overlays[name] = replace(overlay, shown=False)
            self._send_overlay(name)

    def _send_overlay(self, name: str, new: bool = False) -> None:
        place = list(self._overlays).index(name)
        level, seen = self._wanted()
        made = self._overlays[name].layout_image(place, 2**level, seen)
        if new:
            images = [one.to_plotly_json() for one in self.plot.figure.layout.images]
            self.plot.patch(layout={"images": [*images, made]})
        else:
            self.plot.patch(
                layout={
                    f"images[{place}].{key}": made[key]
                    for key in ("visible", "source", "x", "y", "sizex", "sizey", "opacity")
                    if made["visible"] or key == "visible"
                }
            )

    # -- what is visible ------------------------------------------------------------------------

    @property
    def _whole(self) -> Box:
        rows, cols = self.image.array.shape[:2]
        return (0, 0, rows, cols)

    def _on_viewport(self, event: param.parameterized.Event) -> None:
        if not {"x", "y"} <= event.new.keys():
            return
        rows, cols = self.image.array.shape[:2]
        left, right = sorted(event.new["x"])
        top, bottom = sorted(event.new["y"])
        self._lengths = self.plot.lengths
        width, height = right - left, bottom - top
        if width >= cols and height >= rows and (width > cols + 1 or height > rows + 1):
            # Zoomed out beyond the image, maybe along one axis alone: the other then takes less room.
            # With limits of the axes (minallowed) instead, plotly.js 3.1 zooms
            # two axes of one scale by different factors.
            self.plot.set_ranges({"x": (-0.5, cols - 0.5), "y": (rows - 0.5, -0.5)})
            return
        row0, col0 = (
            min(max(math.floor(top + 0.5), 0), rows - 1),
            min(max(math.floor(left + 0.5), 0), cols - 1),
        )
        row1, col1 = min(math.ceil(bottom + 0.5), rows), min(math.ceil(right + 0.5), cols)
        self.visible = (row0, col0, max(row1, row0 + 1), max(col1, col0 + 1))
        self.plot.patch({SCALE_BAR: scale_bar(self.image, self.visible)})
        level, box = self._sent
        wanted, around = self._wanted()
        if wanted != level or not _inside(self.visible, box):
            self.plot.patch({BASE: self._base(wanted, around)})
            for name, overlay in self._overlays.items():
                if overlay.shown and overlay.large:
                    self._send_overlay(name)

    def _wanted(self) -> tuple[int, Box]:
        """Say how often to halve the picture, and which part of it to send."""
        rows, cols = self.image.array.shape[:2]
        if rows * cols <= IMAGE_WHOLE_PIXELS:
            return 0, self._whole
        row0, col0, row1, col1 = self.visible
        lengths = self._lengths
        ratio = min((col1 - col0) / lengths.get("x", USUAL_PX), (row1 - row0) / lengths.get("y", USUAL_PX))
        level = max(0, math.ceil(math.log2(max(ratio, 1e-9) / SHRINK_FROM)))
        step = 2**level
        more_rows, more_cols = int((row1 - row0) * MARGIN), int((col1 - col0) * MARGIN)
        return level, (
            max(0, (row0 - more_rows) // step * step),
            max(0, (col0 - more_cols) // step * step),
            min(rows, row1 + more_rows),
            min(cols, col1 + more_cols),
        )

    def _base(self, level: int, box: Box) -> dict[str, Any]:
        """Draw the part of the image in `box`, halved `level` times."""
        self._sent = (level, box)
        step = 2**level
        values = self._pyramid.level(level)
        row0, col0 = box[0] // step, box[1] // step
        row1, col1 = math.ceil(box[2] / step), math.ceil(box[3] / step)
        pixels = colored(values[row0:row1, col0:col1], self.look)
        exact = level == 0 and self._labels and self.look == _as_is(self.image)
        return {
            "source": picture_uri(pixels, lossy=level > 0),
            "x0": row_center(col0, step),
            "y0": row_center(row0, step),
            "dx": step,
            "dy": step,
            "zsmooth": "fast" if level else False,
            "hoverinfo": "all" if exact else "none",
            "hovertemplate": (_COLOR_LABEL if pixels.ndim == 3 else _GREY_LABEL) if exact else None,
        }

    def _figure(self) -> go.Figure:
        rows, cols = self.image.array.shape[:2]
        self.visible = self._whole
        axis = {"showgrid": False, "zeroline": False, "constrain": "domain", "ticks": ""}
        return go.Figure(
            [
                go.Image(**self._base(*self._wanted())),
                # Invisible: without points Plotly offers no selecting, and a double click leaves the outline.
                go.Scatter(
                    x=[-0.5, cols - 0.5],
                    y=[-0.5, rows - 0.5],
                    mode="markers",
                    marker={"opacity": 0},
                    hoverinfo="skip",
                    showlegend=False,
                ),
                go.Scatter(**BAR_TRACE, **scale_bar(self.image, self._whole)),
            ],
            {
                "dragmode": self._dragmode,
                "margin": {"l": 8, "r": 8, "t": 30, "b": 8},
                "uirevision": f"{self.name}-{self._turn}",
                "xaxis": {**axis, "range": [-0.5, cols - 0.5]},
                "yaxis": {
                    **axis,
                    "range": [rows - 0.5, -0.5],
                    "scaleanchor": "x",
                    "scaleratio": 1,
                    "constraintoward": "top",
                },
                "newselection": _OUTLINE,
                "showlegend": False,
            },
        )

    def _room(self) -> dict[str, str]:
        """Style of the pane: the proportions of the image, with room for the ticks."""
        rows, cols = self.image.array.shape[:2]
        proportion = min(max(cols / rows, 0.6), 2.4)
        return {"aspect-ratio": f"{proportion:.3f}", "max-height": "max(320px, min(700px, 78vh))"}

    # -- under the mouse ------------------------------------------------------------------------

    def pixel_of(self, point: Point | None) -> tuple[int, int] | None:
        """Return the pixel (row, col) of a hovered or clicked point; None beside the image."""
        if point is None or point.curve != BASE or point.x is None or point.y is None:
            return None
        rows, cols = self.image.array.shape[:2]
        row, col = math.floor(float(point.y) + 0.5), math.floor(float(point.x) + 0.5)
        return (row, col) if 0 <= row < rows and 0 <= col < cols else None

    def _on_hover(self, event: param.parameterized.Event) -> None:
        self.pixel = self.pixel_of(event.new)


def row_center(first: int, step: int) -> float:
    """Return where the first of the sent pixels has its middle, in image pixels."""
    return first * step + (step - 1) / 2


def _inside(part: Box, box: Box) -> bool:
    return part[0] >= box[0] and part[1] >= box[1] and part[2] <= box[2] and part[3] <= box[3]


def _as_is(image: Image) -> Look | None:
    """Return the look in which the pixels shown are the values; None when there is none."""
    return default_look(image) if image.array.dtype == np.uint8 and image.channels in (1, 3) else None
