"""Choosing the image: one that comes along, one of the server's folder, or a file of the user's own."""

from __future__ import annotations

import asyncio
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from dashboards.parts.escape import escape
from dashboards.parts.file_drop import new_files
from dashboards.parts.history import History
from dashboards.parts.image_state import ImageState
from dashboards.parts.limits import DROPPED_IMAGE_BYTES
from data_sources import SourceError
from data_sources.images import Image, read_image
from data_sources.wording import number_text

__all__ = ["ImageChoice", "described"]


class ImageChoice(pn.viewable.Viewer):
    """A list of images, a place to drop a file, and the plane of a volume or series.

    Parameters
    ----------
    state : ImageState
        Gets the image; it keeps the old one, and all that was chosen, when a file cannot be read.
    history : History
        Of the same state.
    several : bool
        Whether several files may be dropped at once.
    """

    def __init__(self, state: ImageState, history: History, several: bool = False) -> None:
        super().__init__()
        self._state = state
        self._history = history
        self._following = False
        self._list = pmui.Select(
            label="Image", size="small", sizing_mode="stretch_width", filter_on_search=True, searchable=True
        )
        self._drop = pn.widgets.FileDropper(
            multiple=several,
            max_file_size=f"{DROPPED_IMAGE_BYTES // 1_000_000}MB",
            sizing_mode="stretch_width",
            height=86,
            margin=(4, 10),
        )
        self._plane = pmui.IntSlider(
            label="Plane", start=0, end=1, sizing_mode="stretch_width", visible=False
        )
        self._about = pn.pane.HTML("", margin=(0, 10), stylesheets=[_STYLE], sizing_mode="stretch_width")
        self._problem = pmui.Alert(
            severity="error", visible=False, margin=(4, 10), sizing_mode="stretch_width"
        )
        self._column = pmui.Column(
            self._list,
            self._drop,
            self._problem,
            self._about,
            self._plane,
            sizing_mode="stretch_width",
            margin=0,
            css_classes=["image-choice"],
        )
        self._show()
        self._list.param.watch(self._listed, "value")
        self._drop.param.watch(self._dropped, "value")
        self._plane.param.watch(self._turned, "value")
        self._plane.param.watch(lambda _: history.commit(), "value_throttled", onlychanged=False)
        state.param.watch(self._show, ["image", "problem"])

    # -- choosing -------------------------------------------------------------------------------

    def _listed(self, event: param.parameterized.Event) -> None:
        if not self._following and (key := self._state.titles().get(event.new)) is not None:
            self._state.problem = ""
            self._state.choose(key)

    def _turned(self, event: param.parameterized.Event) -> None:
        if not self._following:
            with self._history.dragging():
                self._state.plane = event.new

    async def _dropped(self, event: param.parameterized.Event) -> None:
        for name, content in new_files(event.new).items():
            self._about.object = f"<p role='status'>Reading {escape(name)} …</p>"
            try:
                # In a thread: a large file must not hold up other pages.
                image = await asyncio.to_thread(read_image, content, name=name)
                self._complain("")
                self._state.take(image)
            except SourceError as error:
                self._complain(str(error))
        self._describe()

    def _complain(self, message: str) -> None:
        self._problem.object = escape(message)
        self._problem.visible = bool(message)

    # -- showing --------------------------------------------------------------------------------

    def _show(self, *_: param.parameterized.Event) -> None:
        state, titles = self._state, self._state.titles()
        self._following = True
        try:
            shown = next((title for title, key in titles.items() if key == state.chosen), None)
            self._list.param.update(options=list(titles), value=shown)
            planes = state.source.planes
            words = "Time" if state.source.axes.startswith("T") else "Plane"
            self._plane.param.update(
                label=words, end=max(planes - 1, 1), value=state.plane, visible=planes > 1
            )
        finally:
            self._following = False
        self._complain(state.problem)
        self._describe()

    def _describe(self) -> None:
        self._about.object = "".join(f"<p>{escape(line)}</p>" for line in described(self._state.source))

    def __panel__(self) -> pn.viewable.Viewable:
        return self._column


def described(image: Image) -> list[str]:
    """Say in plain words how large an image is, of what values, with which channels."""
    rows, cols = image.spatial_shape[-2:]
    size = f"{cols:,} × {rows:,} px"
    if image.planes > 1:
        size += f", {image.planes:,} {'times' if image.axes.startswith('T') else 'planes'}"
    kinds: dict[str, Any] = {
        "bool": "yes or no", "uint8": "8 bits", "uint16": "16 bits", "int16": "16 bits with sign",
        "float32": "decimal numbers", "float64": "decimal numbers",
    }  # fmt: skip
    channels = "grey" if image.channels == 1 else ", ".join(image.channel_names[:6])
    lines = [f"{size}; {kinds[image.array.dtype.name]}; {channels}."]
    if image.pixel_size is not None:
        across = image.pixel_size[-1]
        lines.append(f"A pixel is {number_text(across)} {image.unit} wide.")
    return lines


_STYLE = ":host { font-size: 12px; opacity: .8; } p { margin: 2px 0; }"
