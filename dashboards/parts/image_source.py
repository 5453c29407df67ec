"""Choosing the image: one that comes along, one of the server's folder, or a file of the user's own."""

from __future__ import annotations

from typing import Any, ClassVar

import panel_material_ui as pmui
import param

from dashboards.parts.history import History
from dashboards.parts.image_state import ImageState
from dashboards.parts.limits import DROPPED_IMAGE_BYTES
from dashboards.parts.source_choice import SourceChoice
from data_sources.images import Image, read_image
from data_sources.wording import number_text

__all__ = ["ImageChoice", "described"]


class ImageChoice(SourceChoice):
    """A list of images, a place to drop a file, and the plane of a volume or series.

    Parameters
    ----------
    state : ImageState
    history : History
        Of the same state.
    several : bool
        Whether several files may be dropped at once.
    """

    LABEL: ClassVar[str] = "Image"

    def __init__(self, state: ImageState, history: History, several: bool = False) -> None:
        self._state: ImageState
        self._history = history
        self._plane = pmui.IntSlider(
            label="Plane", start=0, end=1, sizing_mode="stretch_width", visible=False
        )
        super().__init__(
            state,
            ["image", "problem"],
            DROPPED_IMAGE_BYTES,
            several,
            [self._plane],
            filter_on_search=True,
            searchable=True,
        )
        self._plane.param.watch(self._turned, "value")
        self._plane.param.watch(lambda _: history.commit(), "value_throttled", onlychanged=False)

    def _titles(self) -> dict[str, str]:
        return self._state.titles()

    def _chosen(self) -> str:
        return self._state.chosen

    def _choose(self, key: str) -> None:
        self._state.problem = ""
        self._state.choose(key)

    def _read(self, data: bytes, name: str) -> Image:
        return read_image(data, name=name)

    def _take(self, found: Image) -> None:
        self._state.take(found)

    def _turned(self, event: param.parameterized.Event) -> None:
        if not self._following:
            with self._history.dragging():
                self._state.plane = event.new

    def _show_more(self) -> None:
        state, planes = self._state, self._state.source.planes
        words = "Time" if state.source.axes.startswith("T") else "Plane"
        self._plane.param.update(label=words, end=max(planes - 1, 1), value=state.plane, visible=planes > 1)
        self._complain(state.problem)

    def _lines(self) -> list[str]:
        return described(self._state.source)


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
