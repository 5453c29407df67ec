"""Images and what is drawn on each of them, as choices of a state and as a document that can be kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

import param

from dashboards.parts.drawing import Marks
from dashboards.parts.image_state import ImageState
from segmentation.annotations import AnnotationClass, Annotations, default_classes
from segmentation.errors import SegmentationError
from segmentation.strokes import Point, Stroke

__all__ = ["DrawnState", "drawn_document", "read_drawn_document"]


class DrawnState(ImageState):
    """Choices of a page on which a person draws.

    Attributes
    ----------
    classes : tuple of AnnotationClass
        Of all images.
    strokes : dict of str to tuple of Stroke
        Key of an image to what is drawn on it.
    """

    classes = param.ClassSelector(class_=tuple, default=default_classes(3), label="Classes")
    strokes = param.Dict(default={}, label="Shapes")

    NOT_IN_URL: ClassVar[dict[str, str]] = {
        **ImageState.NOT_IN_URL,
        "classes": "your classes",
        "strokes": "your shapes",
    }
    IN_COPY: ClassVar[tuple[str, ...]] = ("classes", "strokes")

    @property
    def marks(self) -> Marks:
        """What is drawn on the image on the page, and the classes."""
        return (self.strokes.get(self.key, ()), self.classes)

    def take_marks(self, marks: Marks) -> None:
        """Take over what was drawn on the image on the page."""
        strokes, classes = marks
        known = {0, *(one.id for one in classes)}
        # A class that was removed takes its shapes on the other images along.
        kept = {
            key: tuple(one for one in value if one.class_id in known)
            for key, value in self.strokes.items()
            if key != self.key
        }
        if strokes:
            kept[self.key] = strokes
        self.param.update(strokes=kept, classes=classes)


class Drawn(Protocol):
    """A state with strokes by key: of `DrawnState`, or of a page of its own kind."""

    classes: tuple[AnnotationClass, ...]
    strokes: dict[str, tuple[Stroke, ...]]

    def to_query(self) -> str:
        """Write the choices as a query."""


def drawn_document(state: Drawn) -> dict[str, Any]:
    """Write the classes, the shapes of all images and which image is shown as JSON values."""
    return {
        "settings": state.to_query(),
        "classes": [
            {"id": one.id, "name": one.name, "color": one.color, "locked": one.locked}
            for one in state.classes
        ],
        "strokes": {key: [_written(one) for one in value] for key, value in state.strokes.items()},
    }


def read_drawn_document(
    document: Mapping[str, Any],
) -> tuple[tuple[AnnotationClass, ...], dict[str, tuple[Stroke, ...]]]:
    """Read classes and the shapes of all images.

    Raises
    ------
    SegmentationError
        Values that make no sense.
    """
    try:
        classes = tuple(
            AnnotationClass(one["id"], one["name"], one["color"], bool(one["locked"]))
            for one in document["classes"]
        )
        strokes = {str(key): tuple(map(_read, value)) for key, value in dict(document["strokes"]).items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SegmentationError(
            f"these shapes do not hold together ({type(error).__name__}: {error})"
        ) from error
    for value in strokes.values():
        Annotations((1, 1), classes, value)  # raises for classes that do not exist, and for too many strokes
    return classes, strokes


def _written(stroke: Stroke) -> dict[str, Any]:
    return {
        "kind": stroke.kind,
        "class": stroke.class_id,
        "width": stroke.width,
        "at": _text(stroke.vertices),
        "holes": [_text(ring) for ring in stroke.holes],
        "protects": list(stroke.protects),
    }


def _read(made: Mapping[str, Any]) -> Stroke:
    holes = tuple(_points(ring) for ring in made["holes"])
    return Stroke(
        made["kind"], _points(made["at"]), made["class"], made["width"], holes, tuple(made["protects"])
    )


def _text(ring: tuple[Point, ...]) -> str:
    return " ".join(f"{row:.14g},{col:.14g}" for row, col in ring)


def _points(text: str) -> tuple[Point, ...]:
    pairs = (pair.split(",") for pair in text.split())
    return tuple((float(row), float(col)) for row, col in pairs)
