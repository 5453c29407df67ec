"""Parts of the annotator: its choices, the list of shapes, rings around pixels, words about a contour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param
from bokeh.models.widgets.tables import NumberFormatter
from numpy.typing import NDArray

from dashboards.parts.drawn_state import DrawnState
from dashboards.parts.escape import escape
from segmentation.contours import Contour
from segmentation.strokes import Stroke

__all__ = ["EXAMPLE", "METHODS", "AnnotateState", "ShapeList", "contour_words", "rings_of"]

METHODS = {
    "random_walker": "Random walker",
    "watershed": "Watershed",
    "geodesic": "Geodesic snake",
}

_ROWS = 8
_STYLE = """
:host .tabulator { font-size: 13px; }
:host .tabulator .tabulator-header { font-size: 12px; }
:host .tabulator-row { cursor: pointer; }
"""


class AnnotateState(DrawnState):
    """Choices of the annotator."""

    exact = param.Boolean(default=False, label="Find the exact contour")
    method = param.Selector(default="random_walker", objects=list(METHODS), label="Method")

    example = param.Boolean(default=False, label="Example", doc="Begins with a few shapes on the coins.")

    URL_KEYS: ClassVar[dict[str, str]] = {
        **DrawnState.URL_KEYS,
        "exact": "x",
        "method": "m",
        "example": "e",
    }

    def __init__(self, **params: Any) -> None:
        if "own" not in params:
            params.setdefault("picture", "coins")
        super().__init__(**params)


EXAMPLE = (
    Stroke("circle", ((28, 255), (76, 299)), 1),
    Stroke("rect", ((10, 300), (76, 366)), 2),
    Stroke("line", ((45, 86), (45, 120)), 3, 3),
    Stroke("polygon", ((18, 133), (22, 168), (45, 182), (72, 170), (78, 145), (58, 130), (36, 128)), 1),
    Stroke("circle", ((148, 308), (222, 386)), 1),
)
"""Shapes on the picture of coins that show what there is to draw."""


class ShapeList(pn.viewable.Viewer):
    """The shapes as rows; a click on one tells its place.

    Parameters
    ----------
    clicked : callable
        Gets the place of the row in the log.
    example : callable
        Draws the example; offered where there are no shapes.
    """

    def __init__(self, clicked: Callable[[int], None], example: Callable[[], None]) -> None:
        super().__init__()
        self._example = pmui.Button(label="Show an example", size="small", variant="outlined", margin=(4, 0))
        self._example.on_click(lambda _: example())
        self._clicked = clicked
        self._title = pn.pane.HTML("", margin=(10, 0, 4, 0), sizing_mode="stretch_width")
        self._list = pn.widgets.Tabulator(
            pd.DataFrame(),
            disabled=True,
            selectable=1,
            show_index=False,
            pagination="remote",
            page_size=_ROWS,
            layout="fit_data_stretch",
            sizing_mode="stretch_width",
            theme="simple",
            stylesheets=[_STYLE],
            css_classes=["shape-list"],
        )
        self._column = pn.Column(self._title, self._example, sizing_mode="stretch_width", margin=0)
        self._following = False
        self._list.param.watch(self._selected, "selection")

    def show(self, table: pd.DataFrame, selected: int) -> None:
        """List the shapes."""
        self._title.object = (
            f"<b>{len(table):,} shape{'s' if len(table) != 1 else ''}</b>"
            if len(table)
            else "<b>No shapes yet.</b> Choose a tool, then drag over the picture."
        )
        drawn = self._column.objects[-1] is self._list
        if not len(table) and not drawn:
            return
        listed = self._list.value
        changed: dict[str, Any] = {"value": table if len(table) else listed.iloc[:0]}
        if len(table) and list(table.columns) != list(listed.columns):
            numbers = [name for name in table.columns if name not in ("#", "Type", "Class")]
            changed["formatters"] = {
                name: NumberFormatter(format="0,0.0", nan_format="–") for name in numbers
            }
            changed["formatters"]["Area (px)"] = NumberFormatter(format="0,0", nan_format="–")
        self._following = True
        try:
            self._list.param.update(**changed)
        finally:
            self._following = False
        # From the first row on, and filled: a list that is not drawn asks the browser without end whether it
        # may be, and one that gets its columns while it is built stumbles over them.
        if not drawn:
            self._column.objects = [self._title, self._list]
        self.select(selected)

    def select(self, place: int) -> None:
        """Show which shape is selected, on the page of the list that holds it."""
        wanted = [place] if 0 <= place < len(self._list.value) else []
        self._following = True
        try:
            if wanted:
                self._list.page = place // _ROWS + 1
            self._list.selection = wanted
        finally:
            self._following = False

    def _selected(self, event: param.parameterized.Event) -> None:
        if not self._following:
            self._clicked(event.new[-1] if event.new else -1)

    def __panel__(self) -> pn.viewable.Viewable:
        return self._column


def rings_of(mask: NDArray[np.bool_], outside: bool = False) -> NDArray[np.uint8]:
    """Return 1 in a mask and 2 on its border: its outermost pixels, or two pixels around it."""
    from scipy import ndimage as ndi

    made = mask.astype(np.uint8)
    if outside:
        return np.where(ndi.binary_dilation(mask, iterations=2) & ~mask, 2, made * 0).astype(np.uint8)
    made[mask & ~ndi.binary_erosion(mask, border_value=1)] = 2
    return made


def contour_words(contour: Contour | None, problem: str, wanted: bool) -> str:
    """Say what was found, as markup."""
    if problem:
        return f"<p role='status'>{escape(problem)}</p>"
    if contour is None:
        return "<p>Select or draw an area: its exact contour appears in cyan.</p>" if wanted else ""
    return (
        f"<p role='status'>Found {contour.area:,.0f} px, {contour.perimeter:,.0f} px around; "
        f"{contour.rough_iou:.0%} of it and yours is common.</p>"
    )
