"""/annotate as a saved file: an image to draw on, whose shapes the page measures by itself."""

from __future__ import annotations

from dashboards.parts.annotate_parts import AnnotateState
from dashboards.parts.drawing import AREA_ALPHA, ERASER_COLOR, OUTLINE_PX, STROKE_OPACITY, WIDTHS, shape_of
from dashboards.parts.image_static import image_data, image_picture
from dashboards.parts.image_view import ImageView
from dashboards.parts.shape_table import TYPES
from dashboards.parts.static_view import StaticView

__all__ = ["annotate_view"]

NEEDS_PYTHON = (
    "Drawing, measuring and the GeoJSON file work here; what you draw lasts until the page is closed. "
    "Exact contours, other images, and shapes that are kept need Python."
)


def annotate_view(state: AnnotateState, view: ImageView) -> StaticView:
    """Return what a saved file of /annotate holds."""
    strokes, classes = state.marks
    colors = {one.id: one.color for one in classes}
    shapes = [
        shape_of(one, colors.get(one.class_id, ERASER_COLOR), f"{number};{one.class_id};{one.width:g}")
        for number, one in enumerate(strokes)
    ]
    data = {
        "image": image_data(state.image),
        "classes": [{"id": one.id, "name": one.name, "color": one.color} for one in classes],
        "shapes": shapes,
        "types": TYPES,
        "widths": list(WIDTHS),
        "style": {"opacity": STROKE_OPACITY, "alpha": AREA_ALPHA, "outline": OUTLINE_PX},
    }
    pictures = {"image": image_picture(view)}
    return StaticView(pictures, ("pixels", "picture", "annotate"), data=data, needs_python=NEEDS_PYTHON)
