"""What the user chose on the segmentation page: image, strokes, how to learn, what to see."""

from __future__ import annotations

from typing import Any, ClassVar

import param

from dashboards.parts.drawing import Marks
from dashboards.parts.image_state import OWN, ImageState
from data_sources import SourceError
from data_sources.images import Image
from segmentation.annotations import CLASS_COLORS, AnnotationClass
from segmentation.backends import BACKENDS
from segmentation.classifier import PixelClassifier
from segmentation.features import DEFAULT_BANK, FeatureBank
from segmentation.limits import WHOLE_STACK_PIXELS
from segmentation.strokes import Stroke

__all__ = ["FAMILIES", "OVERLAYS", "SCALES", "SegmentState", "first_classes"]

FAMILIES = {
    "intensity": "Intensity",
    "edges": "Edges",
    "texture": "Texture",
    "between": "Scales between",
    "context": "Wide context",
}
"""Kinds of features with their names for people; all of them are `DEFAULT_BANK`."""

SCALES = {"fine": (0.5, 4.0), "medium": (0.5, 8.0), "coarse": (0.5, 16.0)}
"""Smallest and largest sigma of the filters, pixels."""

EXAMPLE = (
    Stroke("path", ((126, 92), (128, 104), (131, 116)), 1, 10),
    Stroke("path", ((88, 20), (87, 150), (89, 260), (88, 362)), 2, 6),
)
"""Strokes that find the coins."""

OVERLAYS = {
    "labels": "Labels",
    "outlines": "Outlines",
    "probability": "Probability",
    "uncertainty": "Uncertainty",
    "feature": "A feature",
}


def first_classes() -> tuple[AnnotationClass, ...]:
    """Return the classes of a new project."""
    return (
        AnnotationClass(1, "Object", CLASS_COLORS[1]),
        AnnotationClass(2, "Background", CLASS_COLORS[0]),
    )


class SegmentState(ImageState):
    """Choices of the segmentation page.

    Attributes
    ----------
    classes : tuple of AnnotationClass
        Of all images: one classifier learns from them together.
    strokes : dict of str to tuple of Stroke
        Key of an image (`ImageState.picture`, with a plane behind "#") to its strokes.
    """

    classes = param.ClassSelector(class_=tuple, default=first_classes(), label="Classes")
    strokes = param.Dict(default={}, label="Strokes")
    example = param.Boolean(default=False, label="Example strokes")
    live = param.Boolean(default=True, label="Live: answer each stroke")
    overlay = param.Selector(default="labels", objects=list(OVERLAYS), label="Show")
    opacity = param.Number(default=0.5, bounds=(0.05, 1.0), step=0.05, label="Opacity")
    shown_class = param.Integer(default=0, bounds=(0, 255), label="Class")
    feature = param.Integer(default=0, bounds=(0, None), label="Feature")
    hints = param.Boolean(default=False, label="Mark where a stroke would teach most")
    families = param.ListSelector(default=list(FAMILIES), objects=list(FAMILIES), label="Features")
    scales = param.Selector(default="medium", objects=list(SCALES), label="Scales")
    backend = param.Selector(default="brush forest", objects=list(BACKENDS), label="Classifier")
    measured = param.Integer(default=0, bounds=(0, 255), label="Regions of")
    measure = param.String(default="area [px]", label="Property")
    split = param.Selector(
        default="components", objects=["components", "watershed"], label="Touching regions"
    )
    min_pixels = param.Integer(default=10, bounds=(1, 10_000), label="Smallest region, px")
    picked = param.Tuple(default=None, length=2, allow_None=True, label="Brushed regions")

    NOT_IN_URL: ClassVar[dict[str, str]] = {
        **ImageState.NOT_IN_URL,
        "classes": "your classes",
        "strokes": "your strokes",
    }
    IN_COPY: ClassVar[tuple[str, ...]] = ("classes", "strokes")
    URL_KEYS: ClassVar[dict[str, str]] = {
        **ImageState.URL_KEYS,
        "example": "x",
        "live": "l",
        "overlay": "o",
        "opacity": "op",
        "shown_class": "oc",
        "feature": "of",
        "hints": "h",
        "families": "f",
        "scales": "fs",
        "backend": "b",
        "measured": "m",
        "measure": "mp",
        "split": "ms",
        "min_pixels": "mn",
        "picked": "r",
    }

    def __init__(self, **params: Any) -> None:
        # A backend that was registered since the page's module was read.
        self.param.backend.objects = list(BACKENDS)
        if "own" not in params:
            params.setdefault("picture", "coins")
        super().__init__(**params)

    @param.depends("example", watch=True)
    def _draw_example(self) -> None:
        """Draw a stroke on a coin and one beside it, where nothing is drawn yet."""
        if self.example and not self.strokes and self.picture == "coins":
            self.strokes = {"coins": EXAMPLE}

    @property
    def key(self) -> str:
        """Which image the strokes on the page belong to."""
        name = f"{OWN}/{self.source.name}" if self.picture == OWN else self.picture
        return name if self.source.planes == 1 else f"{name}#{self.plane}"

    def image_of(self, key: str) -> Image | None:
        """Return the image that some strokes belong to; None when it is not at hand."""
        name, _, plane = key.partition("#")
        mine = self.key.partition("#")[0]
        try:
            if name != mine and (name.startswith(f"{OWN}/") or name not in self.param.picture.objects):
                return None
            source = self.source if name == mine else self._read(name)
            return source.plane(int(plane or 0))
        except (SourceError, ValueError):
            return None

    @property
    def marks(self) -> Marks:
        """Strokes of the image on the page, and the classes."""
        return (self.strokes.get(self.key, ()), self.classes)

    def take_marks(self, marks: Marks) -> None:
        """Take over what was drawn on the image on the page."""
        strokes, classes = marks
        kept = {key: value for key, value in self.strokes.items() if key != self.key}
        if strokes:
            kept[self.key] = strokes
        # A class that was removed takes its strokes on the other images along.
        known = {0, *(one.id for one in classes)}
        kept = {key: tuple(one for one in value if one.class_id in known) for key, value in kept.items()}
        self.param.update(strokes=kept, classes=classes)

    def bank(self) -> FeatureBank:
        """Return the features that were chosen; the shipped ones when nothing was."""
        chosen = set(self.families) or {"intensity"}
        low, high = SCALES[self.scales]
        return FeatureBank(
            intensity="intensity" in chosen,
            edges="edges" in chosen,
            texture="texture" in chosen,
            sigma_min=low,
            sigma_max=high,
            extra=DEFAULT_BANK.extra if "between" in chosen else (),
            extra_sigmas=DEFAULT_BANK.extra_sigmas,
            context=DEFAULT_BANK.context if "context" in chosen else (),
        )

    def classifier(self) -> PixelClassifier:
        """Make the classifier that was chosen, not fitted."""
        return PixelClassifier(
            self.bank(),
            backend=self.backend,
            class_names={one.id: one.name for one in self.classes},
            class_colors={one.id: one.color for one in self.classes},
        )

    def class_or_first(self, class_id: int) -> int:
        """Return a class that was chosen, or the first when there is no such class any more."""
        ids = [one.id for one in self.classes]
        return class_id if class_id in ids else (ids or [0])[0]

    @property
    def is_small(self) -> bool:
        """Whether the whole image is answered at once, and can be shown as probabilities."""
        rows, cols = self.image.spatial_shape
        return rows * cols <= WHOLE_STACK_PIXELS
