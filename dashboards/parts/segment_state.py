"""What the user chose on the segmentation page: image, strokes, how to learn, what to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import param

from dashboards.parts.drawn_state import DrawnState
from segmentation.annotations import CLASS_COLORS, AnnotationClass
from segmentation.backends import BACKENDS
from segmentation.classifier import PixelClassifier
from segmentation.features import DEFAULT_BANK, FeatureBank
from segmentation.joined_features import JoinedFeatures
from segmentation.limits import WHOLE_STACK_PIXELS
from segmentation.onnx_features import OnnxFeatures
from segmentation.stored_features import FeatureExtractor
from segmentation.strokes import Stroke

__all__ = ["FAMILIES", "OVERLAYS", "SCALES", "OpenedModel", "SegmentState", "first_classes"]

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
    "wrong": "Where the truth differs",
}


def first_classes() -> tuple[AnnotationClass, ...]:
    """Return the classes of a new project."""
    return (
        AnnotationClass(1, "Object", CLASS_COLORS[1]),
        AnnotationClass(2, "Background", CLASS_COLORS[0]),
    )


@dataclass(frozen=True, eq=False)
class OpenedModel:
    """A model that was brought to the page.

    Attributes
    ----------
    name : str
        Of its file.
    classifier : PixelClassifier
        Fitted.
    value_range : (float, float) or None
        With which its images were read; that of their type when None.
    """

    name: str
    classifier: PixelClassifier
    value_range: tuple[float, float] | None = None


class SegmentState(DrawnState):
    """Choices of the segmentation page.

    Attributes
    ----------
    classes : tuple of AnnotationClass
        Of all images: one classifier learns from them together.
    strokes : dict of str to tuple of Stroke
        Key of an image (`ImageState.key`) to its strokes.
    listed : list of str
        Keys of the images that were opened; with those that have strokes they are the project's images.
    model : OpenedModel or None
        Answers instead of what the strokes would teach.
    network : OnnxFeatures or None
        Whose maps are features beside the bank's.
    references : dict of str to list of int
        Key of an image to the size it had when a project was saved.
    """

    classes = param.ClassSelector(class_=tuple, default=first_classes(), label="Classes")
    listed = param.List(default=[], item_type=str, label="Images")
    model = param.ClassSelector(class_=OpenedModel, default=None, allow_None=True, label="Model")
    network = param.ClassSelector(class_=OnnxFeatures, default=None, allow_None=True, label="Network")
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
        **DrawnState.NOT_IN_URL,
        "strokes": "your strokes",
        "listed": "your list of images",
        "model": "the model you opened",
        "network": "your network",
    }
    IN_COPY: ClassVar[tuple[str, ...]] = (*DrawnState.IN_COPY, "listed")
    URL_KEYS: ClassVar[dict[str, str]] = {
        **DrawnState.URL_KEYS,
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
        self.references: dict[str, list[int]] = {}
        super().__init__(**params)

    @param.depends("example", watch=True)
    def _draw_example(self) -> None:
        """Draw a stroke on a coin and one beside it, where nothing is drawn yet."""
        if self.example and not self.strokes and self.picture == "coins":
            self.strokes = {"coins": EXAMPLE}

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

    def features(self) -> FeatureExtractor:
        """Return what turns pictures into features: of the opened model, or as chosen."""
        if self.model is not None:
            return self.model.classifier.features
        bank = self.bank()
        return bank if self.network is None else JoinedFeatures((bank, self.network))

    def project_keys(self) -> list[str]:
        """Return the keys of the project's images: with strokes, opened, and the one on the page."""
        return list(dict.fromkeys([*self.strokes, *self.listed, self.key]))

    def classifier(self) -> PixelClassifier:
        """Make the classifier that was chosen, not fitted."""
        return PixelClassifier(
            self.features(),
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
