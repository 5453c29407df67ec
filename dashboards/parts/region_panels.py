"""What stands around the pictures of /region: tools, the pixel under the mouse, numbers, masks."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param

from dashboards.parts.escape import escape
from dashboards.parts.image_view import ImageView
from dashboards.parts.linked_plotly import LinkedPlotly
from dashboards.parts.region_state import RegionState
from dashboards.parts.theme import CATEGORICAL
from data_sources.images import Image

__all__ = ["STATISTICS", "MaskList", "PixelReadout", "RegionBar", "StatisticsTable", "pixel_words"]

STATISTICS = {
    "pixels": "pixels", "mean": "mean", "sd": "standard deviation", "min": "minimum", "p5": "5 % below",
    "p25": "25 % below", "p50": "median", "p75": "75 % below", "p95": "95 % below", "max": "maximum",
}  # fmt: skip

TOOLS = {"Box": "select", "Lasso": "lasso", "Line": "drawline", "Move": "pan", "Zoom": "zoom"}


def number(value: float) -> str:
    """Write a value of a pixel, or a mean of some: no more digits than are looked at."""
    if value != value:
        return "–"
    if float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.2f}" if abs(value) >= 1 else f"{value:.4g}"


def pixel_words(image: Image, pixel: tuple[int, int] | None) -> str:
    """Say where a pixel is and what it holds, as HTML; what to do when there is none."""
    if pixel is None:
        return "<span class='hint'>Move over the image to read the values of a pixel.</span>"
    row, col = pixel
    values = (
        image.array[row, col].tolist() if image.channel_axis is not None else [image.array[row, col].item()]
    )
    names = image.channel_names or ("value",)
    listed = ", ".join(
        f"{escape(name)} <b>{number(value)}</b>" for name, value in zip(names, values, strict=True)
    )
    where = f"x {col}, y {row}"
    if image.pixel_size is not None:
        down, across = image.pixel_size
        where += f" ({col * across:,.4g}, {row * down:,.4g} {escape(image.unit)})"
    return f"<span class='where'>{where}</span> {listed}"


def band_words(low: float, high: float, image: Image) -> str:
    """Say which values a band holds."""
    if image.array.dtype.kind in "iub":
        first, last = math.ceil(low), math.ceil(high) - 1
        return f"{first:,}" if first == last else f"{first:,} to {last:,}"
    return f"{number(low)} to {number(high)}"


class PixelReadout(pn.viewable.Viewer):
    """A line with the place and the true values of the pixel under the mouse.

    Parameters
    ----------
    view : ImageView
    """

    def __init__(self, view: ImageView) -> None:
        super().__init__()
        self._view = view
        self._text = pn.pane.HTML(
            "",
            margin=(6, 12, 0, 12),
            min_height=22,
            sizing_mode="stretch_width",
            stylesheets=[_STYLE],
            css_classes=["pixel-readout"],
        )
        self.show(None)
        view.param.watch(lambda event: self.show(event.new), "pixel")

    def show(self, pixel: tuple[int, int] | None) -> None:
        """Show a pixel (row, col), or none."""
        self._text.object = pixel_words(self._view.image, pixel)

    def __panel__(self) -> pn.viewable.Viewable:
        return self._text


class RegionBar(pn.viewable.Viewer):
    """The tools, and what is selected in words.

    Parameters
    ----------
    plot : LinkedPlotly
        Of the image: its drag mode is the tool.
    clear : callable
        Called when everything is to be deselected.
    """

    def __init__(self, plot: LinkedPlotly, clear: Callable[[], None]) -> None:
        super().__init__()
        self._plot = plot
        self._tool = pmui.RadioButtonGroup(
            options=TOOLS,
            value=plot.dragmode if plot.dragmode in TOOLS.values() else None,
            size="small",
            color="primary",
            margin=0,
        )
        self._text = pn.pane.HTML("", margin=(6, 6, 2, 6), stylesheets=[_STYLE])
        self._clear = pmui.Button(
            label="Clear",
            description="Select all pixels again",
            icon="close",
            variant="text",
            size="small",
            margin=(0, 6),
            disabled=True,
        )
        self._clear.on_click(lambda _: clear())
        self._tool.param.watch(self._chosen, "value")
        plot.param.watch(self._follow, "dragmode")
        self._row = pn.FlexBox(
            self._tool,
            self._clear,
            self._text,
            sizing_mode="stretch_width",
            align_items="center",
            min_height=40,
            gap="4px",
            margin=(0, 16, 6, 16),
            css_classes=["region-bar"],
        )

    def _chosen(self, event: param.parameterized.Event) -> None:
        if event.new and event.new != self._plot.dragmode:
            self._plot.set_dragmode(event.new)

    def _follow(self, event: param.parameterized.Event) -> None:
        if event.new in TOOLS.values():
            self._tool.value = event.new

    def show(self, state: RegionState, pixels: int) -> None:
        """Say how many pixels are selected, and by what."""
        rows, cols = state.shape
        total = rows * cols
        anything = bool(state.regions or state.bands)
        share = 100 * pixels / total
        head = f"{pixels:,} of {total:,} pixels ({share:.3g} %)" if anything else f"All {total:,} pixels"
        parts = []
        if state.regions:
            parts.append(f"{len(state.regions)} region{'s' if len(state.regions) > 1 else ''}")
        names = state.image.channel_names or ("value",)
        for channel, low, high in state.bands:
            parts.append(f"{escape(names[channel])} {band_words(low, high, state.image)}")
        hint = "Drag over the image to select; with Shift add a region."
        tail = " · ".join(parts) if parts else f"<span class='hint'>{hint}</span>"
        self._text.object = f"<b role='status'>{head}</b> &nbsp; {tail}"
        self._clear.disabled = not (anything or state.lines)

    def __panel__(self) -> pn.viewable.Viewable:
        return self._row


class StatisticsTable(pn.viewable.Viewer):
    """Statistics of the selected pixels, a column a channel."""

    def __init__(self) -> None:
        super().__init__()
        self._pane = pn.pane.HTML(
            "", sizing_mode="stretch_width", stylesheets=[_STYLE], margin=(8, 12), css_classes=["statistics"]
        )

    def show(self, table: pd.DataFrame, caption: str) -> None:
        """Show statistics, under a heading of plain text."""
        channels = table["channel"].tolist()
        head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in channels)
        rows = "".join(
            f"<tr><th scope='row'>{words}</th>"
            + "".join(f"<td>{number(value)}</td>" for value in table[name])
            + "</tr>"
            for name, words in STATISTICS.items()
        )
        self._pane.object = (
            f"<div class='scroll'><table><caption>{escape(caption)}</caption>"
            f"<thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        )

    def __panel__(self) -> pn.viewable.Viewable:
        return self._pane


class MaskList(pn.viewable.Viewer):
    """Keeps the selected pixels as masks, each with a name and a colour.

    Parameters
    ----------
    state : RegionState
        Gets the kept masks.
    """

    def __init__(self, state: RegionState) -> None:
        super().__init__()
        self._state = state
        self._name = pmui.TextInput(
            label="Name of the mask", size="small", sizing_mode="stretch_width", margin=(6, 10)
        )
        self._keep = pmui.Button(
            label="Keep selection as mask", size="small", variant="outlined", margin=(4, 10)
        )
        self._keep.on_click(self._kept)
        self._list = pmui.Column(sizing_mode="stretch_width", margin=0, css_classes=["kept-masks"])
        self._hint = pn.pane.HTML(
            "<p class='hint'>Kept masks stay on the image in their colours. Download them in the bar above "
            "as classes of one label map, which the shape annotator opens.</p>",
            stylesheets=[_STYLE],
            margin=(0, 10),
            sizing_mode="stretch_width",
        )
        self._shown: list[Any] = []
        self._column = pmui.Column(
            self._name, self._keep, self._list, self._hint, sizing_mode="stretch_width", margin=0
        )

    def _kept(self, _: object) -> None:
        self._state.keep(self._name.value or "")
        self._name.value = ""

    def show(self) -> None:
        """Follow the state."""
        kept = list(self._state.kept)
        anything = bool(self._state.regions or self._state.bands)
        self._keep.disabled = not anything
        if kept != self._shown:
            self._shown = kept
            self._list.objects = [self._row(place, one[0]) for place, one in enumerate(kept)]

    def _row(self, place: int, name: str) -> pmui.Row:
        color = CATEGORICAL[place % len(CATEGORICAL)]
        pixels = int(self._state.masks[name].sum())
        words = pn.pane.HTML(
            f"<span style='color:{color}'>■</span> {escape(name)} – {pixels:,} pixels",
            stylesheets=[_STYLE],
            margin=(8, 0, 0, 10),
            sizing_mode="stretch_width",
        )
        away = pmui.IconButton(icon="delete", description=f"Take “{name}” away", size="small", margin=0)

        def remove(_: object) -> None:
            self._state.kept = [one for one in self._state.kept if one[0] != name]

        away.on_click(remove)
        return pmui.Row(words, away, margin=0, sizing_mode="stretch_width")

    def __panel__(self) -> pn.viewable.Viewable:
        return self._column


_STYLE = """
:host { font-size: 14px; }
.hint { opacity: .75; }
p.hint { font-size: 12px; margin: 2px 0; }
.where { opacity: .8; margin-right: 8px; font-variant-numeric: tabular-nums; }
b, td { font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
caption { text-align: left; font-weight: 600; padding: 2px 6px 6px; }
table { border-collapse: collapse; font-size: 13px; width: 100%; }
th { text-align: right; font-weight: 500; padding: 3px 6px; opacity: .8; white-space: nowrap; }
th[scope=row] { text-align: left; }
td { text-align: right; padding: 3px 6px; white-space: nowrap; }
tbody tr { border-top: 1px solid rgba(128, 128, 128, .25); }
"""
