"""How good a segmentation is: cross-validation by stroke, a truth to compare with, features that counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui
from numpy.typing import NDArray

from dashboards.parts.file_drop import FileDrop
from dashboards.parts.linked_plotly import LinkedPlotly
from dashboards.parts.segment_learning import Learning, score_against
from dashboards.parts.segment_panels import CARD, html_pane
from dashboards.parts.segment_results import importance_bars, quality_html, status_html
from dashboards.parts.segment_state import SegmentState
from data_sources import BrushlinkError
from segmentation.annotations import AnnotationClass
from segmentation.errors import SegmentationError
from segmentation.label_files import LabelMap, load_labels

__all__ = ["QualityPanel", "truth_for"]


class QualityPanel(pn.viewable.Viewer):
    """How good the classifier is, on demand, and which features it used.

    Parameters
    ----------
    state : SegmentState
    learning : Learning
    adopt : callable
        Takes a new picture among those of the dashboard: it dresses them in light or dark.
    changed : callable
        Called when a truth was brought or taken away.
    scored : callable
        Called with a classifier's name and the mean IoU that was found for it.

    Attributes
    ----------
    truths : dict of str to ndarray of uint8
        Key of an image to its true classes, 0 = unknown.
    """

    def __init__(
        self,
        state: SegmentState,
        learning: Learning,
        adopt: Callable[[LinkedPlotly], None],
        changed: Callable[[], None],
        scored: Callable[[str, float], None],
    ) -> None:
        super().__init__()
        self._state, self._learning, self._adopt = state, learning, adopt
        self._changed, self._scored, self._validated_one = changed, scored, ""
        self.truths: dict[str, NDArray[np.uint8]] = {}
        self._said = html_pane()
        self._against = html_pane(css_classes=["against-truth"])
        self._result = html_pane(css_classes=["cross-validation"])
        self._importance = pn.Column(sizing_mode="stretch_width", margin=0)
        small: dict[str, Any] = {"size": "small", "variant": "outlined", "margin": (2, 4)}
        self._start = pmui.Button(label="Cross-validate", **small)
        self._cancel = pmui.Button(label="Cancel", visible=False, **small)
        self._features = pmui.Button(label="Which features counted?", **small)
        self._forget = pmui.Button(label="Forget the truth", visible=False, **small)
        self._drop = FileDrop(self._dropped, margin=(0, 6), css_classes=["truth-drop"])
        self._start.on_click(lambda _: self._validate())
        self._cancel.on_click(lambda _: self._stop("Cancelled."))
        self._features.on_click(lambda _: self._show_features())
        self._forget.on_click(lambda _: self.take(None))
        self._said.object = (
            '<p class="quiet">Whole strokes are left out in turn and predicted from the others: '
            "draw two or more of each class.</p>"
        )

    # -- cross-validation -----------------------------------------------------------------------

    def stale(self) -> None:
        """Say that the figures are of earlier strokes."""
        if self._result.object and not str(self._result.object).startswith("<p><i>"):
            self._result.object = "<p><i>Of earlier strokes.</i></p>" + str(self._result.object)

    def _validate(self) -> None:
        self._cancel.visible = True
        self._validated_one = self._state.backend
        self._said.object = status_html("Cross-validating …", None)
        self._learning.validate(self._validated, self._failed)

    def _validated(self, found: Any) -> None:
        if isinstance(found, tuple):
            done, total = found
            self._said.object = status_html(f"Cross-validating: fit {done + 1} of {total} …", done / total)
            return
        self._stop("")
        self._result.object = quality_html(found, self._state.classes, "Cross-validated")
        self._scored(self._validated_one, found.by_stroke.mean_iou)

    def _failed(self, error: BaseException) -> None:
        self._stop("")
        self._said.object = status_html(str(error), 0.0, error=True)

    def _stop(self, text: str) -> None:
        self._learning.work.cancel("quality")
        self._cancel.visible = False
        self._said.object = status_html(text, 0.0) if text else ""

    # -- against a truth ------------------------------------------------------------------------

    @property
    def truth(self) -> NDArray[np.uint8] | None:
        """True classes of the image on the page, if it was told."""
        found = self.truths.get(self._state.key)
        return None if found is None or found.shape != self._state.image.spatial_shape else found

    def take(self, truth: NDArray[np.uint8] | None) -> None:
        """Compare the image on the page with a truth from now on, or with none any more."""
        if truth is None:
            self.truths.pop(self._state.key, None)
        else:
            self.truths[self._state.key] = truth
        self.compare()
        self._changed()

    def compare(self) -> None:
        """Score the present answer, if there is a truth: after each answer, and for each image."""
        truth, labels = self.truth, self._learning.labels
        self._forget.visible = truth is not None
        if truth is None:
            self._against.object = ""
        elif labels is None:
            self._against.object = '<p class="quiet">The truth is there; draw strokes to compare with it.</p>'
        else:
            score = score_against(labels, truth)
            self._against.object = quality_html(score, self._state.classes, "Against the truth")
            if self._state.model is None:
                self._scored(self._state.backend, score.mean_iou)

    def _dropped(self, name: str, content: bytes) -> None:
        try:
            self.take(truth_for(name, load_labels(content), self._state))
            self._said.object = ""
        except BrushlinkError as error:
            self._said.object = status_html(str(error), 0.0, error=True)

    # -- features -------------------------------------------------------------------------------

    def _show_features(self) -> None:
        classifier = self._learning.classifier
        try:
            if classifier is None:
                raise SegmentationError("there is no finished result yet: draw strokes of two classes first")
            figure = importance_bars(classifier.feature_importances_)
        except SegmentationError as error:
            self._said.object = status_html(str(error), 0.0, error=True)
            return
        self._said.object = ""
        view = LinkedPlotly(figure, name="importance", height=420)
        self._adopt(view)
        self._importance.objects = [view]

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(
            html_pane("<h3>How good is it?</h3>"),
            pn.Row(self._start, self._cancel, self._features, margin=0),
            self._said,
            self._result,
            self._importance,
            html_pane('<p class="quiet">Or drop the truth: a label image of the same size, 0 = unknown.</p>'),
            self._drop,
            self._against,
            self._forget,
            styles=CARD,
            margin=0,
        )


def truth_for(name: str, found: LabelMap, state: SegmentState) -> NDArray[np.uint8]:
    """Give a label map the class numbers of the page.

    Classes of the same name are the same; else their numbers tell. A mask of 0 and 255 is the first class of
    two, and the rest the second.

    Raises
    ------
    SegmentationError
        Of another size than the image, or with no class that the page has.
    """
    shape, classes = state.image.spatial_shape, state.classes
    if found.labels.shape != shape:
        raise SegmentationError(
            f"{name} is {' × '.join(map(str, found.labels.shape))} pixels and the image "
            f"{' × '.join(map(str, shape))}: a truth has the image's size"
        )
    used = {int(one) for one in np.unique(found.labels)}
    if used <= {0, 255} and 255 in used and len(classes) == 2:
        return np.where(found.labels == 255, classes[0].id, classes[1].id).astype(np.uint8)
    table = np.zeros(256, np.uint8)
    for one in found.classes:
        table[one.id] = _same_class(one, classes)
    if not table[found.labels].any():
        theirs = ", ".join(f"{one.id} {one.name}" for one in found.classes if one.id in used) or "none"
        mine = ", ".join(f"{one.id} {one.name}" for one in classes)
        raise SegmentationError(
            f"{name} has the classes {theirs}; this page has {mine}. Add or rename classes"
        )
    return table[found.labels]


def _same_class(one: AnnotationClass, classes: tuple[AnnotationClass, ...]) -> int:
    by_name = next((mine.id for mine in classes if mine.name.casefold() == one.name.casefold()), 0)
    return by_name or next((mine.id for mine in classes if mine.id == one.id), 0)
