"""Shape annotator: draw shapes on images, measure them, and let rough contours find the exact ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param
from numpy.typing import NDArray

from dashboards.parts.annotate_parts import (
    EXAMPLE,
    METHODS,
    AnnotateState,
    ShapeList,
    contour_words,
    rings_of,
)
from dashboards.parts.annotate_static import annotate_view
from dashboards.parts.controls import choice, section, switch
from dashboards.parts.dashboard import Dashboard
from dashboards.parts.drawing import Drawing
from dashboards.parts.drawing_panel import DrawingPanel
from dashboards.parts.drawn_state import drawn_document, read_drawn_document
from dashboards.parts.image_controls import LookControls
from dashboards.parts.image_source import ImageChoice
from dashboards.parts.image_state import as_image
from dashboards.parts.image_view import ImageView
from dashboards.parts.shape_files import added, geojson_bytes, labels_bytes, read_shapes, shapes_csv
from dashboards.parts.shape_table import outline_of, shape_table, window_mask
from dashboards.parts.shell import open_page, say
from dashboards.parts.static_view import StaticView
from data_sources import BrushlinkError
from segmentation import refine_contour
from segmentation.annotations import Annotations
from segmentation.contours import Contour
from segmentation.errors import SegmentationError
from segmentation.strokes import Stroke

__all__ = ["ShapeAnnotator"]


class ShapeAnnotator(Dashboard):
    """Draw, edit and measure shapes on images.

    Parameters
    ----------
    image : Image or array_like, optional
        To draw on; the coins of scikit-image by default.
    **choices
        Any choice of `AnnotateState`: ``exact=True``, ``method="geodesic"``, ….

    Attributes
    ----------
    annotations : Annotations
        What is drawn on the image on the page; follows the hand.
    labels : ndarray of uint8
        Label map of it.
    table : DataFrame
        What the shapes measure.
    contour : Contour or None
        The exact contour found for the selected area.
    selected : int
        Place of the selected shape in the log, -1 for none.
    """

    slug: ClassVar[str] = "annotate"
    title: ClassVar[str] = "Shape annotator"
    intro: ClassVar[str] = (
        "Draw lines, rectangles, ellipses and areas on an image: each becomes a row with its measures and "
        "stays. Draw loosely around an object, switch on exact contours, and it finds the edge."
    )
    tags: ClassVar[tuple[str, ...]] = ("images", "drawing", "measuring")
    extensions: ClassVar[tuple[str, ...]] = ("plotly", "tabulator", "filedropper")
    document_version: ClassVar[int] = 1

    selected = param.Integer(default=-1)

    def __init__(self, image: Any = None, **choices: Any) -> None:
        own = {} if image is None else {"own": as_image(image)}
        super().__init__(AnnotateState(**own, **choices))
        self.state: AnnotateState
        self.contour: Contour | None = None
        self._asked: tuple[Any, ...] | None = None
        self._measures: dict[Stroke, dict[str, Any]] = {}
        # Contours that were accepted, with what the hand had drawn.
        self._rough: dict[Stroke, Stroke] = {}
        self._shown_image = self.state.image
        self._known: tuple[Stroke, ...] = ()
        self._exemplified = False
        self._touched = self.state.marks
        self.image_view = ImageView(self.state.image, "image", self.events, labels=True)
        self.views["image"] = self.image_view.plot
        strokes, classes = self.state.marks
        self.drawing = Drawing(
            self.image_view.plot,
            Annotations(self.state.image.spatial_shape, classes, strokes),
            self._key,
            "xk",
            tool="rectangle",
        )
        self._list = ShapeList(self._row_clicked, self._show_example)
        self._buttons = {
            "use": pmui.Button(label="Use it", size="small", variant="contained", margin=(4, 4, 4, 10)),
            "all": pmui.Button(label="For all areas", size="small", variant="outlined", margin=4),
            "back": pmui.Button(label="Back to mine", size="small", variant="outlined", margin=4),
        }
        self._found = pn.pane.HTML("", margin=(2, 10), sizing_mode="stretch_width", css_classes=["contour"])
        for name, act in (("use", self.accept), ("all", self.accept_all), ("back", self.revert)):
            self._buttons[name].on_click(lambda _, act=act: act())
        self.drawing.param.watch(self._drawn, "steps")
        self.drawing.param.watch(self._picked, "picked")
        self.param.watch(self._light_up, "selected")
        self.state.param.watch(self._follow, [*self.state.choices, "image"])
        self._follow()

    # -- what others see ------------------------------------------------------------------------

    @property
    def annotations(self) -> Annotations:
        """What is drawn on the image on the page."""
        return self.drawing.log

    @property
    def labels(self) -> NDArray[np.uint8]:
        """Label map of what is drawn, (rows, cols)."""
        return self.drawing.log.labels

    @property
    def table(self) -> pd.DataFrame:
        """What the shapes measure, a row each."""
        strokes, classes = self.state.marks
        return shape_table(self.state.image, strokes, classes, self._measures)

    # -- the hand -------------------------------------------------------------------------------

    def _drawn(self, *_: param.parameterized.Event) -> None:
        """Take over what was drawn as one step of the page's history."""
        if self.drawing.marks != self.state.marks:
            with self.history.one_step():
                self.state.take_marks(self.drawing.marks)

    def _key(self, key: str) -> None:
        if key == "x":
            with self.history.one_step():
                self.state.exact = not self.state.exact
        elif key == "k":
            self.accept()

    def _show_example(self) -> None:
        with self.history.one_step():
            self.state.param.update(picture="coins", example=True)

    def _picked(self, event: param.parameterized.Event) -> None:
        self.selected = event.new

    def _row_clicked(self, place: int) -> None:
        self.selected = -1 if place == self.selected else place

    # -- the state becomes pictures -------------------------------------------------------------

    def _follow(self, *_: param.parameterized.Event) -> None:
        state = self.state
        if state.example and not self._exemplified and state.picture == "coins" and not state.marks[0]:
            state.take_marks((EXAMPLE, state.classes))
        self._exemplified = state.example
        strokes, classes = state.marks
        if state.image is not self._shown_image:
            self._shown_image = state.image
            self._measures.clear()
            self._known = strokes
            with param.parameterized.discard_events(self):
                self.selected = -1
            self.image_view.show(state.image, state.look)
            self.drawing.open(Annotations(state.image.spatial_shape, classes, strokes))
        else:
            self.image_view.set_look(state.look)
            if self.drawing.marks != state.marks:
                self.drawing.restore(state.marks)
        if strokes != self._known:
            self._select_changed(self._known, strokes)
            self._known = strokes
        with self.events.effect("table"):
            self._list.show(self.table, self.selected)
        self._light_up()
        if state.marks != self._touched:
            self._touched = state.marks
            self.touch()

    def _select_changed(self, before: tuple[Stroke, ...], after: tuple[Stroke, ...]) -> None:
        """Select the shape that was drawn or edited; keep the selected one where others changed."""
        selected = before[self.selected] if 0 <= self.selected < len(before) else None
        with param.parameterized.discard_events(self):
            if len(after) == len(before) + 1:
                self.selected = len(after) - 1
            elif len(after) == len(before):
                self.selected = next(at for at, one in enumerate(after) if one != before[at])
            else:
                self.selected = after.index(selected) if selected in after else -1

    @property
    def _stroke(self) -> Stroke | None:
        strokes = self.drawing.log.strokes
        return strokes[self.selected] if 0 <= self.selected < len(strokes) else None

    def _light_up(self, *_: param.parameterized.Event) -> None:
        """Show which shape is selected, and the exact contour of it."""
        stroke = self._stroke
        self._list.select(self.selected)
        if stroke is None:
            self.image_view.hide_overlay("selected")
        else:
            mask, box = window_mask(stroke, self.state.image.spatial_shape, margin=3)
            self.image_view.set_overlay("selected", rings_of(mask, outside=True), {2: "#ffe14d"}, box)
        self._find()

    # -- exact contours -------------------------------------------------------------------------

    def _find(self) -> None:
        """Find the exact contour of the selected area, if it is asked for."""
        state, stroke = self.state, self._stroke
        wanted = state.exact and stroke is not None and stroke.is_area and stroke not in self._rough
        asked = (id(state.image), state.method, stroke) if wanted else None
        if asked != self._asked:
            found, problem = None, ""
            if wanted and stroke is not None:
                try:
                    with self.events.effect("contour"):
                        found = self._refined(stroke)
                except SegmentationError as error:
                    problem = str(error)
            self._asked, self.contour = asked, found
            self._show_contour(problem)
        self._buttons["use"].disabled = self.contour is None
        self._buttons["back"].disabled = stroke not in self._rough
        self._buttons["all"].disabled = not any(self._is_rough(one) for one in self.drawing.log.strokes)

    def _refined(self, stroke: Stroke) -> Contour:
        image = self.state.image
        return refine_contour(
            image.array,
            outline_of(stroke),
            method=self.state.method,
            channel_axis=-1 if image.channels > 1 else None,
        )

    def _is_rough(self, stroke: Stroke) -> bool:
        return stroke.is_area and stroke not in self._rough

    def _show_contour(self, problem: str) -> None:
        contour, stroke = self.contour, self._stroke
        self._found.object = contour_words(contour, problem, self.state.exact)
        if contour is None or stroke is None:
            self.image_view.hide_overlay("exact")
            return
        r0, c0, r1, c1 = contour.box
        mask = contour.mask(self.state.image.spatial_shape)[r0:r1, c0:c1]
        self.image_view.set_overlay("exact", rings_of(mask), {1: "#00e5ff40", 2: "#00e5ff"}, contour.box)

    def accept(self) -> None:
        """Put the exact contour in place of what was drawn."""
        stroke, contour = self._stroke, self.contour
        if stroke is not None and contour is not None:
            exact = self._exact(stroke, contour)
            self.drawing.do(lambda log: log.edit(self.selected, exact))

    def accept_all(self) -> None:
        """Put exact contours in place of all areas, as one step."""
        strokes, failed = [], 0
        for one in self.drawing.log.strokes:
            if self._is_rough(one):
                try:
                    one = self._exact(one, self._refined(one))
                except SegmentationError:
                    failed += 1
            strokes.append(one)
        self.drawing.do(lambda log: log.replace_all(strokes))
        if failed:
            say(f"{failed} areas are too small or outside the image and stay as they are.", "warning")

    def revert(self) -> None:
        """Put what was drawn in place of the exact contour again."""
        stroke = self._stroke
        if stroke in self._rough:
            rough = self._rough[stroke]
            self.drawing.do(lambda log: log.edit(self.selected, rough))

    def _exact(self, stroke: Stroke, contour: Contour) -> Stroke:
        corners = tuple((float(row), float(col)) for row, col in contour.vertices)
        exact = Stroke("polygon", corners, stroke.class_id, protects=stroke.protects)
        self._rough[exact] = stroke
        return exact

    # -- the page -------------------------------------------------------------------------------

    def controls(self) -> list[pn.viewable.Viewable]:
        """Return the controls, in the order of the work."""
        state, p = self.state, self.state.param
        drop = pn.widgets.FileDropper(
            multiple=False, sizing_mode="stretch_width", height=76, margin=(4, 10), css_classes=["shape-drop"]
        )
        drop.param.watch(self._dropped, "value")
        return [
            section("Draw", DrawingPanel(self.drawing)),
            section(
                "Exact contours",
                switch(p.exact),
                choice(p.method, buttons=False, labels=METHODS),
                self._found,
                pmui.Row(*self._buttons.values(), margin=0),
            ),
            section("Image", ImageChoice(state, self.history), LookControls(state, self.history)),
            section("Add shapes of a file: GeoJSON, CSV, label map", drop),
        ]

    def main(self) -> pn.viewable.Viewable:
        """Return the picture and the table."""
        return pn.Column(self.image_view, self._list, sizing_mode="stretch_width", margin=(0, 16, 16, 16))

    def tables(self) -> dict[str, Callable[[], pd.DataFrame]]:
        """Return what can be downloaded as a table."""
        return {
            "Measures of shapes": lambda: self.table,
            "Shapes to open again": lambda: shapes_csv(self.state.marks, self.table),
        }

    def files(self) -> dict[str, dict[str, Callable[[], bytes]]]:
        """Return what else can be downloaded."""
        state = self.state

        def labels(ending: str) -> Callable[[], bytes]:
            return lambda: labels_bytes(ending, self.labels, state.marks[1])

        return {
            "Shapes": {"geojson": lambda: geojson_bytes(state.marks, state.image.spatial_shape)},
            "Label map": {"png": labels("png"), "tif": labels("tif")},
        }

    def static_view(self) -> StaticView:
        """Return what a saved file holds."""
        return annotate_view(self.state, self.image_view)

    def _dropped(self, event: param.parameterized.Event) -> None:
        for name, content in (event.new or {}).items():
            data = content.encode() if isinstance(content, str) else content
            try:
                more = read_shapes(name, data, self.state.image.spatial_shape)
                self.add(more)
            except BrushlinkError as error:
                say(str(error), "error")
            else:
                say(f"{len(more.strokes):,} shapes of “{name}” are added.", "success")
        if event.new:
            event.obj.value = {}  # the next file comes alone

    def add(self, more: Annotations) -> None:
        """Add shapes to those that are there, as one step."""
        strokes, classes = added(self.state.marks, more)
        self.drawing.do(lambda log: log.replace_all(strokes, classes))

    # -- kept work ------------------------------------------------------------------------------

    def document(self) -> dict[str, Any]:
        """Return classes, shapes of all images and the choices as JSON."""
        return drawn_document(self.state)

    def open_document(self, document: Mapping[str, Any]) -> None:
        """Show what `document` gave."""
        classes, strokes = read_drawn_document(document)
        if not self.state.to_query():  # a link says itself what to show
            self.state.apply_query(str(document.get("settings", "")))
        self.state.param.update(classes=classes, strokes=strokes)
        self.history.start_here()


if pn.state.served:
    open_page("annotate")
