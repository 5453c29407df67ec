"""Volumes: three planes that answer each other, a lesion found from a few strokes, and its surface in 3-D."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param
from numpy.typing import NDArray

from dashboards.parts.dashboard import Dashboard
from dashboards.parts.drawn_state import drawn_document, read_drawn_document
from dashboards.parts.range_histogram import RangeHistogram
from dashboards.parts.session_loop import session_post
from dashboards.parts.shell import open_page
from dashboards.parts.slice_view import AXIS_COLORS, SliceView
from dashboards.parts.static_view import StaticView
from dashboards.parts.theme import CATEGORICAL
from dashboards.parts.volume_answer import Found
from dashboards.parts.volume_controls import volume_controls
from dashboards.parts.volume_drawing import VolumeDrawing
from dashboards.parts.volume_files import (
    mask_bytes,
    measures_of,
    mesh_bytes,
    model_bytes,
    repeat_lines,
    strokes_bytes,
)
from dashboards.parts.volume_layers import VolumeLayers
from dashboards.parts.volume_learning import VolumeLearning
from dashboards.parts.volume_panels import VolumeWords
from dashboards.parts.volume_solid import SolidView
from dashboards.parts.volume_state import REST, VolumeState, as_volume
from dashboards.parts.volume_static import volume_view
from segmentation import warm_up

__all__ = ["VolumeExplorer"]

DOCUMENT_VERSION = 1
# Between two paintings of a result that still grows.
PAINT_PAUSE_S = 0.4
# Two rows of pictures fill the window of a laptop; one alone fills it too.
QUARTER = {
    "flex": "1 1 46%",
    "min-width": "min(100%, 330px)",
    "height": "clamp(250px, calc(50vh - 98px), 640px)",
}
ALONE = {"flex": "1 1 100%", "min-width": "100%", "height": "clamp(300px, calc(100vh - 210px), 1200px)"}


class VolumeExplorer(Dashboard):
    """Look through a volume in three planes, draw a few strokes, and get what they mean in 3-D.

    Parameters
    ----------
    volume : Volume, path, nibabel image or array_like, optional
        Three axes; a brain with a lesion by default.
    spacing : (float, float, float), optional
        Size of a voxel of an array along each axis, mm.
    affine : (4, 4) array_like, optional
        Of an array: voxel → mm, as in NIfTI.
    **choices
        Any choice of `VolumeState`: ``method="region growing"``, ``at=(98, 120, 90)``, ….

    Attributes
    ----------
    mask : ndarray of uint8 or None
        Class of every voxel, 0 = the rest; follows the strokes.
    model : PixelClassifier or None
        That found it.
    answers : int
        Counts the finished answers: watch it to follow them.
    """

    slug: ClassVar[str] = "volume"
    title: ClassVar[str] = "Volume explorer"
    intro: ClassVar[str] = (
        "Three planes of a volume that answer each other: click to move the crosshair, leaf with the wheel. "
        "Draw on what you look for (P, 1) and beside it (2): it is found in all slices, and shown in 3-D."
    )
    tags: ClassVar[tuple[str, ...]] = ("volumes", "drawing", "machine learning", "measuring")
    extensions: ClassVar[tuple[str, ...]] = ("plotly", "filedropper")
    document_version: ClassVar[int] = DOCUMENT_VERSION

    answers = param.Integer(default=0)

    def __init__(self, volume: Any = None, spacing: Any = None, affine: Any = None, **choices: Any) -> None:
        own = {} if volume is None else {"own": as_volume(volume, spacing, affine)}
        super().__init__(VolumeState(**own, **choices))
        self.state: VolumeState
        warm_up(wait=False)
        state = self.state
        self._seen: dict[str, Any] = {}
        self.learning = VolumeLearning(state, session_post())
        self.planes = {name: self._plane_view(name) for name in state.planes}
        self._layers = VolumeLayers(state, self.learning, self.planes)
        self.solid = SolidView(
            state, self.learning, self.events, self._failed, min_height=200, styles=QUARTER
        )
        self.window = RangeHistogram("window", self._windowed, self.events)
        self.growing = RangeHistogram("values", self._ranged, self.events, CATEGORICAL[3])
        self.views.update({name: view.plot for name, view in self.planes.items()})
        self.views |= {"3d": self.solid.plot, "window": self.window.plot, "values": self.growing.plot}
        self.drawing = VolumeDrawing(state, self.history, self.planes, self._key, "h")
        self._words = VolumeWords(state, self.learning)
        self._make_buttons()
        for view in self.planes.values():
            view.param.watch(self._read_out, "pixel")
        state.param.watch(self._follow, [*state.choices, "volume"])
        if pn.state.curdoc is not None and pn.state.curdoc.session_context is not None:
            pn.state.on_session_destroyed(lambda _: self.learning.work.close())
        self._follow()
        self.after_paint(self.solid.begin)

    def _plane_view(self, name: str) -> SliceView:
        state, plane = self.state, self.state.planes[name]
        colors = {one.axis: AXIS_COLORS[key] for key, one in state.planes.items()}
        return SliceView(
            state.volume,
            plane,
            state.point[plane.axis],
            state.limits,
            functools.partial(self._turned, name),
            functools.partial(self._pointed, name),
            self.events,
            (colors[plane.across], colors[plane.down]),
            styles=QUARTER,
        )

    def _make_buttons(self) -> None:
        small: dict[str, Any] = {
            "size": "small",
            "variant": "outlined",
            "margin": (0, 4),
            "styles": {"flex": "none"},
        }
        self._example = pmui.Button(label="Draw strokes for me", **small)
        self._example.on_click(self._draw_example)
        self._cancel = pmui.Button(label="Cancel", visible=False, **small)
        self._cancel.on_click(self._cancelled)

    # -- what others see ------------------------------------------------------------------------

    @property
    def mask(self) -> NDArray[np.uint8] | None:
        """Class of every voxel, 0 = the rest; None before there is an answer."""
        return self.learning.labels

    @property
    def model(self) -> Any:
        """The classifier that found the mask; None for other methods."""
        return self.learning.model

    # -- hands ----------------------------------------------------------------------------------

    def _key(self, key: str) -> None:
        if key == "h":
            self._layers.hidden = not self._layers.hidden
            self._layers.paint()

    def _turned(self, name: str, n: int, end: bool) -> None:
        at = list(self.state.point)
        at[self.state.planes[name].axis] = n
        self._go((at[0], at[1], at[2]), end)

    def _pointed(self, name: str, row: int, col: int, end: bool) -> None:
        self._go(self.state.planes[name].voxel(self.planes[name].index, row, col), end)

    def _go(self, at: tuple[int, int, int], end: bool) -> None:
        with self.history.dragging():
            if at != self.state.point:
                self.state.at = at
        if end:
            self.history.commit()
            self.solid.turn(rest=True)

    def _windowed(self, chosen: tuple[float, float] | None) -> None:
        self.state.window = chosen

    def _ranged(self, chosen: tuple[float, float] | None) -> None:
        self.state.values = chosen

    def _draw_example(self, _: Any) -> None:
        self.state.example = True

    def _cancelled(self, _: Any) -> None:
        self.learning.work.cancel("live")
        self._cancel.visible = False
        self._words.say("Cancelled: what was found until then is shown. A new stroke starts again.", 0.0)

    # -- the state becomes pictures -------------------------------------------------------------

    def _changed(self, name: str, value: Any) -> bool:
        """Say whether something is another than when last asked."""
        same = name in self._seen and (self._seen[name] is value or self._seen[name] == value)
        self._seen[name] = value
        return not same

    def _follow(self, *events: param.parameterized.Event) -> None:
        state = self.state
        if any(event.name not in ("at", "volume") for event in events):
            self.touch()
        if state.volume is not next(iter(self.planes.values()))._volume:
            self._open_volume()
        self._turn()
        if self._changed("window", (id(state.volume), state.limits)):
            for view in self.planes.values():
                view.set_window(state.limits)
            self.window.show(state.volume.sample(), state.limits)
            self.solid.turn(rest=True)
        self.drawing.follow()
        if self._changed("layout", state.layout):
            self._arrange()
        if self._changed("head", state.surface):
            self.solid.show_head()
        if self._changed("cut", state.cut):
            self.solid.turn(rest=True)
        self._example.visible = not state.strokes_here() and state.truth is not None
        self._ask_when_changed()

    def _open_volume(self) -> None:
        state = self.state
        self.learning.forget()
        for name, plane in state.planes.items():
            self.planes[name].open(state.volume, plane, state.point[plane.axis], state.limits)
        self._words.show_results()
        if self.solid.begun:
            self.solid.begin()

    def _turn(self) -> None:
        state = self.state
        if not self._changed("turn", (id(state.volume), state.point)):
            return
        for name, view in self.planes.items():
            n, row, col = state.planes[name].pixel(state.point)
            view.turn_to(n)
            view.set_cross(row, col)
        self.solid.turn(rest=False)
        self._read_out()

    def _arrange(self) -> None:
        """Show all four pictures, or one alone."""
        chosen = self.state.layout
        for name, pane in {
            **{name: view.plot.pane for name, view in self.planes.items()},
            "3d": self.solid.plot.pane,
        }.items():
            shown = chosen in ("all", name)
            pane.param.update(visible=shown, styles=QUARTER if chosen == "all" else ALONE)
        seen = [name for name in self.planes if chosen in ("all", name)]
        self.drawing.lead(seen)

    def _read_out(self, *_: param.parameterized.Event) -> None:
        self._words.read_out(self.planes.values())

    # -- finding --------------------------------------------------------------------------------

    def _ask_when_changed(self) -> None:
        state = self.state
        wanted = (
            id(state.volume),
            state.strokes,
            state.method,
            state.values if state.method == "region growing" else None,
            state.largest,
            state.fill,
            state.smooth,
        )
        asked = self._changed("asked", wanted)
        looks = self._changed("looks", (state.opacity, state.classes))
        if asked:
            self._show_growing()
            self._ask()
        if asked or looks:
            self._layers.paint()
        if looks:
            self.solid.show_classes()
            self._words.show_results()

    def _show_growing(self) -> None:
        """Count the values of what was marked: those that are grown over."""
        state = self.state
        if state.method != "region growing":
            return
        marks = self.learning.marks()
        chosen = (marks > 0) & (marks != REST)
        values = state.volume.array()[chosen] if chosen.any() else state.volume.sample()
        self.growing.show(values, state.values)

    def _ask(self, at_will: bool = False) -> None:
        """Ask for an answer to the present strokes, or say what is missing."""
        missing = self.learning.missing()
        if missing:
            self.learning.forget()
            self._cancel.visible = False
            self.solid.show_classes()
            self._words.show_results()
            strokes = " and ".join(missing)
            self._words.say(
                f"Press P and draw a stroke on {strokes}, in any plane: the volume is searched at once.", 0.0
            )
            return
        if not (self.state.live or at_will):
            self.learning.work.cancel("live")
            self._words.say("Live is off: what is shown is of earlier strokes. Press “Segment now”.", 0.0)
            return
        self._cancel.visible = True
        self._words.say("Searching …", None)
        self.learning.ask(self._answered, self._failed)

    def _ask_now(self) -> None:
        self._ask(at_will=True)

    def _answered(self, found: Found) -> None:
        with self.events.effect("axial"):
            self.learning.take(found)
            if found.final or found.done <= len(self.planes) or self._layers.age > PAINT_PAUSE_S:
                self._layers.paint()
        if not found.final:
            self._words.say(f"{found.done} of {found.total} parts", found.done / found.total)
            return
        self._cancel.visible = False
        self._words.say(f"Done in {found.seconds:.1f} s.", 1.0)
        self._read_out()
        self.learning.ask_surfaces(self._surfaced, self._failed)

    def _surfaced(self) -> None:
        self.answers += 1
        self.solid.show_classes()
        self._words.show_results()

    def _failed(self, error: BaseException) -> None:
        """Say what went wrong; the last result stays."""
        self._cancel.visible = False
        self._words.failed(error)

    # -- the page -------------------------------------------------------------------------------

    def controls(self) -> list[pn.viewable.Viewable]:
        """Return the controls, in the order of the work."""
        return volume_controls(
            self.state, self.history, self.drawing, self.window, self.growing, self._ask_now
        )

    def main(self) -> pn.viewable.Viewable:
        """Return the pictures."""
        row: dict[str, Any] = {
            "sizing_mode": "stretch_width",
            "margin": 0,
            "flex_wrap": "nowrap",
            "align_items": "center",
        }
        pictures = pn.FlexBox(
            *self.planes.values(), self.solid, sizing_mode="stretch_width", gap="6px", margin=0
        )
        return pn.Column(
            pn.FlexBox(self._words.status, self._example, self._cancel, **row),
            self._words.readout,
            pictures,
            self._words.results,
            sizing_mode="stretch_width",
            margin=(0, 16, 16, 16),
        )

    def tables(self) -> dict[str, Callable[[], pd.DataFrame]]:
        """Return what can be downloaded as a table."""
        return {"Measures": functools.partial(measures_of, self.state, self.learning)}

    def files(self) -> dict[str, dict[str, Callable[[], bytes]]]:
        """Return what else can be downloaded."""
        state, learning = self.state, self.learning
        said = repeat_lines(state)
        return {
            "Mask": {one: functools.partial(mask_bytes, state, learning, one) for one in ("nii.gz", "npy")},
            "Mesh": {"stl": lambda: mesh_bytes(state, learning)},
            "Model": {"skops": lambda: model_bytes(state, learning)},
            "Strokes": {"json": lambda: strokes_bytes(state)},
            "How to repeat it": {"py": lambda: said.encode()},
        }

    def static_view(self) -> StaticView:
        """Return what a saved file holds: the planes, which answer each other, and the surfaces."""
        return volume_view(self.state, self.learning, self.views, self.state.to_query())

    # -- kept work ------------------------------------------------------------------------------

    def document(self) -> dict[str, Any]:
        """Return classes, strokes of all slices and the choices as JSON."""
        return drawn_document(self.state) if self.state.strokes else {}

    def open_document(self, document: Mapping[str, Any]) -> None:
        """Show what `document` gave."""
        if not document:
            return
        classes, strokes = read_drawn_document(document)
        if not self.state.to_query():  # a link says itself what to show
            self.state.apply_query(str(document.get("settings", "")))
        self.state.param.update(classes=classes, strokes=strokes)


if pn.state.served:
    open_page("volume")
