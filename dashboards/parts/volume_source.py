"""Choosing the volume: one that comes along, or a file of the user's own; for the volume page."""

from __future__ import annotations

import asyncio

import panel as pn
import panel_material_ui as pmui
import param

from dashboards.parts.escape import escape
from dashboards.parts.file_drop import new_files
from dashboards.parts.limits import DROPPED_VOLUME_BYTES
from dashboards.parts.volume_state import VolumeState
from data_sources import SourceError
from data_sources.volumes import Volume, read_volume

__all__ = ["VolumeChoice", "described"]

_STYLE = ":host { font-size: 12px; opacity: .8; } p { margin: 2px 0; }"


class VolumeChoice(pn.viewable.Viewer):
    """A list of volumes, and a place to drop a file.

    Parameters
    ----------
    state : VolumeState
        Gets the volume; it keeps the old one, and all that was drawn, when a file cannot be read.
    """

    def __init__(self, state: VolumeState) -> None:
        super().__init__()
        self._state = state
        self._following = False
        self._list = pmui.Select(label="Volume", size="small", sizing_mode="stretch_width")
        self._drop = pn.widgets.FileDropper(
            multiple=False,
            max_file_size=f"{DROPPED_VOLUME_BYTES // 1_000_000}MB",
            sizing_mode="stretch_width",
            height=86,
            margin=(4, 10),
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
            sizing_mode="stretch_width",
            margin=0,
            css_classes=["volume-choice"],
        )
        self._show()
        self._list.param.watch(self._listed, "value")
        self._drop.param.watch(self._dropped, "value")
        state.param.watch(self._show, ["volume", "problem"])

    def __panel__(self) -> pn.viewable.Viewable:
        return self._column

    def _listed(self, event: param.parameterized.Event) -> None:
        if not self._following and (key := self._state.titles().get(event.new)) is not None:
            self._state.problem = ""
            self._state.picture = key

    async def _dropped(self, event: param.parameterized.Event) -> None:
        for name, data in new_files(event.new).items():
            self._about.object = f"<p role='status'>Reading {escape(name)} …</p>"
            try:
                # In a thread: a large file must not hold up other pages.
                volume = await asyncio.to_thread(read_volume, data, name=name)
                self._complain("")
                self._state.take(volume)
            except SourceError as error:
                self._complain(str(error))
        self._describe()

    def _complain(self, message: str) -> None:
        self._problem.object = escape(message)
        self._problem.visible = bool(message)

    def _show(self, *_: param.parameterized.Event) -> None:
        state, titles = self._state, self._state.titles()
        self._following = True
        try:
            shown = next((title for title, key in titles.items() if key == state.picture), None)
            self._list.param.update(options=list(titles), value=shown)
        finally:
            self._following = False
        self._complain(state.problem)
        self._describe()

    def _describe(self) -> None:
        self._about.object = "".join(f"<p>{escape(line)}</p>" for line in described(self._state.volume))


def described(volume: Volume) -> list[str]:
    """Say in plain words how large a volume is, of what values, and how it lies."""
    size = " × ".join(f"{one:,}" for one in volume.shape)
    steps = " × ".join(f"{one:.3g}" for one in volume.spacing)
    lies = f"axes run to {', '.join(volume.codes)}" if volume.oriented else "not oriented: shown as stored"
    return [f"{size} voxels of {steps} mm; {volume.dtype.name}.", f"NIfTI, TIFF stack or NPY; {lies}."]
