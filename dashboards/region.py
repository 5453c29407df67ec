"""Region histogram: select pixels of an image, and histograms, statistics and masks answer, both ways."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param
import PIL.Image
from numpy.typing import NDArray

from dashboards.parts.controls import choice, section
from dashboards.parts.dashboard import Dashboard
from dashboards.parts.image_controls import LookControls
from dashboards.parts.image_folder import ImageFolder
from dashboards.parts.image_look import channel_values
from dashboards.parts.image_source import ImageChoice
from dashboards.parts.image_state import as_image
from dashboards.parts.image_view import ImageView
from dashboards.parts.linked_explorer import card
from dashboards.parts.linked_plotly import LinkedPlotly
from dashboards.parts.plotly_events import Brush
from dashboards.parts.region_figures import (
    HISTOGRAM_ROWS,
    histogram_figure,
    histogram_patch,
    profile_figure,
)
from dashboards.parts.region_math import (
    channel_labels,
    counts,
    lines_of,
    profile,
    regions_of,
    selections_of,
    shapes_of,
    snapped,
    statistics,
)
from dashboards.parts.region_panels import MaskList, PixelReadout, RegionBar, StatisticsTable
from dashboards.parts.region_state import RegionState
from dashboards.parts.region_static import region_view
from dashboards.parts.shape_files import labels_bytes
from dashboards.parts.shell import open_page
from dashboards.parts.static_view import StaticView
from dashboards.parts.theme import CATEGORICAL
from segmentation.annotations import AnnotationClass

__all__ = ["RegionHistogram"]

HISTOGRAM_HEIGHT, PROFILE_HEIGHT = 330, 250
HIGHLIGHT = "#00e5ffb4"
LINE = "#ffd400"


class RegionHistogram(Dashboard):
    """Look at an image, select regions of it or bands of its values, and measure them.

    Parameters
    ----------
    image : array_like or Image, optional
        (rows, cols), (rows, cols, 3) or (planes, rows, cols); a photograph of a cat when not given.
    images : path, optional
        A folder whose images can be chosen.
    **choices
        Any choice of `RegionState`: ``regions=[["box", 92, 84, 157, 174]]``, ``bins=256``, ….

    Attributes
    ----------
    mask : ndarray of bool, (rows, cols)
        The selected pixels; all, when nothing is selected.
    masks : dict of str to ndarray of bool
        The masks that were kept.
    statistics : DataFrame
        Of the selected pixels, a row a channel.
    counts : ndarray of int, (channels, bins)
        Histograms of the selected pixels.
    """

    slug: ClassVar[str] = "region"
    title: ClassVar[str] = "Region histogram"
    intro: ClassVar[str] = (
        "What values an image holds, and where: pixel by pixel, in regions, along lines. "
        "Select a region of the image, or brush a histogram to light up its pixels."
    )
    tags: ClassVar[tuple[str, ...]] = ("images", "linked views", "measuring")
    extensions: ClassVar[tuple[str, ...]] = ("plotly", "filedropper")

    def __init__(self, image: Any = None, images: str | None = None, **choices: Any) -> None:
        own = None if image is None else as_image(image)
        folder = None if images is None else ImageFolder(images)
        super().__init__(RegionState(own, folder, **choices))
        self.state: RegionState
        self._following = False
        self._shown: tuple[Any, ...] = ()
        self.image_view = ImageView(
            self.state.image,
            log=self.events,
            draw=("drawline", "eraseshape"),
            labels=True,
            dragmode="select",
        )
        self.image_view.plot.patch(layout={"newshape": {"line": {"color": LINE, "width": 2}}})
        self.image_view.set_look(self.state.look)
        self.views["image"] = self.image_view.plot
        self.views["histogram"] = LinkedPlotly(
            self._histogram(), name="histogram", log=self.events, height=HISTOGRAM_HEIGHT
        )
        self.views["profile"] = LinkedPlotly(
            self._profile(), name="profile", log=self.events, height=PROFILE_HEIGHT
        )
        self._bar = RegionBar(self.image_view.plot, clear=self._clear)
        self._readout = PixelReadout(self.image_view)
        self._table = StatisticsTable()
        self._masks = MaskList(self.state)
        self._hear()
        self._follow()

    # -- what a notebook reads ------------------------------------------------------------------

    @property
    def mask(self) -> NDArray[np.bool_]:
        """The selected pixels."""
        return self.state.mask

    @property
    def masks(self) -> dict[str, NDArray[np.bool_]]:
        """The masks that were kept, by name."""
        return self.state.masks

    @property
    def statistics(self) -> pd.DataFrame:
        """Numbers about the selected pixels, a row a channel."""
        return statistics(self.state.image, self.mask)

    @property
    def counts(self) -> NDArray[np.int64]:
        """Histograms of the selected pixels: (channels, bins)."""
        return np.array(self._counts(range(self.state.image.channels)))

    # -- hands ----------------------------------------------------------------------------------

    def _hear(self) -> None:
        heard = (
            (self.image_view.plot, "selections", self._selected),
            (self.image_view.plot, "shapes", self._drawn),
            (self.views["histogram"], "selected", self._brushed),
            (self.views["histogram"], "selections", self._unbrushed),
        )
        for view, stream, handle in heard:
            view.param.watch(functools.partial(self._heard, handle), stream, onlychanged=False)
        self.state.param.watch(self._follow, [*self.state.choices, "image"])
        self.param.watch(self._follow, "theme")

    def _heard(self, handle: Callable[[Any], None], event: param.parameterized.Event) -> None:
        # What the views say while they follow the state is an echo of it, not a hand.
        if not self._following:
            handle(event.new)

    def _selected(self, outlines: list[dict[str, Any]]) -> None:
        self.state.regions = regions_of(outlines)

    def _drawn(self, shapes: list[dict[str, Any]]) -> None:
        self.state.lines = lines_of(shapes)

    def _brushed(self, brush: Brush | None) -> None:
        if brush is None or brush.x is None:
            return
        row = int(brush.xaxis[1:] or 1) - 1
        channels = self.shown_channels
        if row >= len(channels):
            return
        others = [band for band in self.state.bands if band[0] != channels[row]]
        ends = snapped(float(brush.x[0]), float(brush.x[1]), self.state.edges)
        self.state.bands = others if ends is None else [*others, [channels[row], *ends]]
        self._outline_bands()

    def _unbrushed(self, outlines: list[dict[str, Any]]) -> None:
        # Not on "nothing selected" itself: the browser says so, too, when undo takes one of several away.
        if not outlines:
            self.state.bands = []

    def _clear(self) -> None:
        self.state.param.update(regions=[], bands=[], lines=[])

    # -- the state becomes pictures -------------------------------------------------------------

    def _follow(self, *_: param.parameterized.Event) -> None:
        if self._following:
            return
        self._following = True
        try:
            self._follow_image()
            self._follow_selection()
        finally:
            self._following = False

    def _follow_image(self) -> None:
        state, view = self.state, self.image_view
        if view.image is not state.image:
            with self.events.effect("image"):
                view.show(state.image, state.look)
            self._readout.show(None)
        view.set_look(state.look)
        shown = (state.image, state.bins, tuple(self.shown_channels), self.theme)
        if shown != self._shown:
            if self._shown:
                with self.events.effect("histogram"):
                    self.views["histogram"].replace(self._histogram())
            self._shown = shown

    def _follow_selection(self) -> None:
        state, plot = self.state, self.image_view.plot
        if regions_of(plot.figure._layout.get("selections") or []) != state.regions:
            plot.patch(layout={"selections": selections_of(state.regions)})
        if lines_of(plot.shapes) != state.lines:
            plot.set_shapes(shapes_of(state.lines, LINE))
        mask = state.mask
        with self.events.effect("histogram"):
            rows = self.shown_channels
            bands = {rows.index(band[0]): (band[1], band[2]) for band in state.bands if band[0] in rows}
            colors = [state.look.colors[channel] for channel in rows]
            self.views["histogram"].patch(
                histogram_patch(self._counts(rows), state.edges, colors, bands, self.theme)
            )
            self._outline_bands()
        with self.events.effect("image"):
            self._overlay(mask)
        with self.events.effect("profile"):
            self.views["profile"].replace(self._profile())
        self._bar.show(state, int(mask.sum()))
        self._table.show(self.statistics, "Selected pixels" if state.regions or state.bands else "All pixels")
        self._masks.show()

    def _overlay(self, mask: NDArray[np.bool_]) -> None:
        """Light up the pixels within the brushed bands, over the masks that were kept."""
        state, view = self.state, self.image_view
        labels = self._labels()
        if labels.any():
            colors = {place: f"{_color(place)}73" for place in range(1, len(state.kept) + 1)}
            view.set_overlay("kept", labels, colors)
        else:
            view.hide_overlay("kept")
        if state.bands:
            view.set_overlay("band", mask.astype(np.uint8), {1: HIGHLIGHT})
        else:
            view.hide_overlay("band")

    def _labels(self) -> NDArray[np.uint8]:
        labels = np.zeros(self.state.shape, np.uint8)
        for place, mask in enumerate(self.state.masks.values(), start=1):
            labels[mask] = place
        return labels

    def _outline_bands(self) -> None:
        """Draw a box over each brushed band, from one edge of a bin to another."""
        rows, outlines = self.shown_channels, []
        for channel, low, high in self.state.bands:
            if channel in rows:
                axis = str(rows.index(channel) + 1) if rows.index(channel) else ""
                outlines.append(
                    {
                        "type": "rect", "xref": f"x{axis}", "yref": f"y{axis} domain",
                        "x0": low, "x1": high, "y0": 0, "y1": 1,
                    }
                )  # fmt: skip
        self.views["histogram"].patch(layout={"selections": outlines})

    @property
    def shown_channels(self) -> list[int]:
        """Channels that have a histogram."""
        shown = [channel for channel, on in enumerate(self.state.look.shown) if on]
        return shown[:HISTOGRAM_ROWS] or [0]

    def _counts(self, channels: Any) -> list[NDArray[np.int64]]:
        """Histograms of the selected pixels; each channel's own band does not narrow its own histogram."""
        state, image = self.state, self.state.image
        return [
            counts(
                channel_values(image, channel)[state.mask_of(state.regions, state.bands, skip=channel)],
                state.edges,
            )
            for channel in channels
        ]

    def _histogram(self) -> Any:
        image, rows = self.state.image, self.shown_channels
        names = [channel_labels(image)[channel] for channel in rows]
        whole = [counts(channel_values(image, channel), self.state.edges) for channel in rows]
        return histogram_figure(names, self.state.edges, whole, self.theme)

    def _profile(self) -> Any:
        state, image = self.state, self.state.image
        rows = self.shown_channels
        names = [channel_labels(image)[channel] for channel in rows]
        colors = [state.look.colors[channel] for channel in rows]
        if not state.lines:
            return profile_figure(image, names, colors, None, None, self.theme)
        along, values = profile(image, state.lines[-1])
        return profile_figure(image, names, colors, along, values[rows], self.theme)

    # -- the page -------------------------------------------------------------------------------

    def controls(self) -> list[pn.viewable.Viewable]:
        """Return the controls, in the order of the work."""
        return [
            section("Image", ImageChoice(self.state, self.history)),
            section("Contrast and channels", LookControls(self.state, self.history)),
            section("Histogram", choice(self.state.param.bins, buttons=True)),
            section("Masks", self._masks),
        ]

    def main(self) -> pn.viewable.Viewable:
        """Return the pictures."""
        below = pn.Column(sizing_mode="stretch_width", min_height=PROFILE_HEIGHT, margin=0)
        # Below the first screen: made when that has been painted, in the place kept for it.
        self.after_paint(lambda: below.append(card(self.views["profile"])))
        column: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": 0}
        grid = pn.FlexBox(
            pn.Column(
                card(self._readout, self.image_view, flex="none"),
                below,
                **column,
                styles={"flex": "3 1 520px", "min-width": "min(100%, 520px)", "gap": "12px"},
            ),
            pn.Column(
                card(self.views["histogram"], flex="none"),
                card(self._table, flex="none"),
                **column,
                styles={"flex": "2 1 360px", "min-width": "min(100%, 360px)", "gap": "12px"},
            ),
            sizing_mode="stretch_width",
            gap="12px",
            margin=(0, 16, 16, 16),
        )
        return pmui.Column(self._bar, grid, sizing_mode="stretch_width", margin=0)

    def tables(self) -> dict[str, Callable[[], pd.DataFrame]]:
        """Return what the download offers as tables."""
        offered: dict[str, Callable[[], pd.DataFrame]] = {
            "Statistics": lambda: self.statistics,
            "Histogram": self._histogram_table,
            "Profile": self._profile_table,
        }
        return offered

    def files(self) -> dict[str, dict[str, Callable[[], bytes]]]:
        """Return what the download offers as files."""
        return {
            "Mask of the selection": {"png": lambda: png_bytes(self.mask.astype(np.uint8) * 255)},
            "Kept masks, as classes": {
                ending: functools.partial(self._kept_file, ending) for ending in ("png", "tif")
            },
        }

    def _kept_file(self, ending: str) -> bytes:
        """Write the kept masks as a map of labels, with their names and colours as classes."""
        names = list(self.state.masks)
        classes = [
            AnnotationClass(place, name, _color(place).lower()) for place, name in enumerate(names, start=1)
        ]
        return labels_bytes(ending, self._labels(), classes)

    def static_view(self) -> StaticView:
        """Return what a saved file holds."""
        return region_view(self.state, self.image_view, self.views["histogram"], self.shown_channels)

    def _histogram_table(self) -> pd.DataFrame:
        bounds = self.state.edges
        found: dict[str, Any] = {"from": bounds[:-1], "to": bounds[1:]}
        image = self.state.image
        for channel, (name, chosen) in enumerate(zip(channel_labels(image), self.counts, strict=True)):
            found[f"{name} selected"] = chosen
            found[f"{name} whole image"] = counts(channel_values(image, channel), bounds)
        return pd.DataFrame(found)

    def _profile_table(self) -> pd.DataFrame:
        image, parts = self.state.image, []
        for number, line in enumerate(self.state.lines, start=1):
            along, values = profile(image, line)
            curves = dict(zip(channel_labels(image), values, strict=True))
            parts.append(pd.DataFrame({"line": number, "distance_px": along, **curves}))
        columns = ["line", "distance_px", *channel_labels(image)]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def png_bytes(values: NDArray[np.uint8]) -> bytes:
    """Write small numbers as a PNG in grey."""
    buffer = io.BytesIO()
    PIL.Image.fromarray(values).save(buffer, "PNG")
    return buffer.getvalue()


def _color(place: int) -> str:
    """Colour of the kept mask number `place`, from 1."""
    return CATEGORICAL[(place - 1) % len(CATEGORICAL)]


if pn.state.served:
    open_page("region")
