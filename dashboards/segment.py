"""Trainable segmentation: a classifier of pixels learns from a few strokes and repaints while you draw."""

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
from dashboards.parts.drawing import Drawing
from dashboards.parts.image_state import as_image
from dashboards.parts.image_view import ImageView
from dashboards.parts.linked_plotly import LinkedPlotly
from dashboards.parts.live_loop import Answer
from dashboards.parts.segment_apply import ApplyToAll, results_bytes
from dashboards.parts.segment_controls import segment_controls
from dashboards.parts.segment_files import (
    PROJECT_VERSION,
    document_of,
    label_bytes,
    model_bytes,
    probability_bytes,
    project_bytes,
    regions_bytes,
    strokes_bytes,
)
from dashboards.parts.segment_images import ImagesPanel
from dashboards.parts.segment_layers import Layers
from dashboards.parts.segment_learning import Learning
from dashboards.parts.segment_openers import Openers
from dashboards.parts.segment_panels import FeatureNote, ResultsPanel, html_pane
from dashboards.parts.segment_quality import QualityPanel
from dashboards.parts.segment_repeat import MODEL_FILE, RepeatPanel, lines
from dashboards.parts.segment_results import status_html
from dashboards.parts.segment_state import SegmentState
from dashboards.parts.segment_static import segment_view
from dashboards.parts.session_loop import session_post
from dashboards.parts.shell import open_page
from dashboards.parts.static_view import StaticView
from data_sources import BrushlinkError
from segmentation import warm_up
from segmentation.annotations import Annotations
from segmentation.classifier import PixelClassifier

__all__ = ["TrainableSegmentation"]


class TrainableSegmentation(Dashboard):
    """Draw strokes of a few classes on an image; a classifier learns them and labels every pixel.

    Parameters
    ----------
    image : Image or array_like, optional
        To segment; the coins of scikit-image by default.
    truth : array_like of int, optional
        Label map that the result is compared with, 0 = unknown.
    **choices
        Any choice of `SegmentState`: ``backend="random forest"``, ``overlay="uncertainty"``, ….

    Attributes
    ----------
    labels : ndarray of uint8 or None
        Class of every pixel of the image on the page; follows the strokes.
    classifier : PixelClassifier or None
        That found them; follows the strokes.
    answers : int
        Counts the finished answers: watch it to follow them.
    """

    slug: ClassVar[str] = "segment"
    title: ClassVar[str] = "Trainable segmentation"
    intro: ClassVar[str] = (
        "A classifier of pixels learns from your strokes and paints the whole image while you draw. "
        "Draw one stroke on an object and one on the background, then correct where it is wrong."
    )
    tags: ClassVar[tuple[str, ...]] = ("images", "drawing", "machine learning")
    extensions: ClassVar[tuple[str, ...]] = ("plotly", "tabulator", "filedropper")
    document_version: ClassVar[int] = PROJECT_VERSION

    answers = param.Integer(default=0)

    def __init__(self, image: Any = None, truth: Any = None, **choices: Any) -> None:
        own = {} if image is None else {"own": as_image(image)}
        super().__init__(SegmentState(**own, **choices))
        self.state: SegmentState
        warm_up(wait=False)
        self._learning = Learning(self.state, session_post())
        self._openers = Openers(self.state, self.history)
        # Working on an answer; markers are shown; strokes were drawn while live was off.
        self._working = self._marking = self._behind = False
        self._asked: tuple[Any, ...] | None = None
        self._shown_image = self.state.image
        self.image_view = ImageView(self.state.image, "image", self.events)
        self.views["image"] = self.image_view.plot
        strokes, classes = self.state.marks
        self.drawing = Drawing(
            self.image_view.plot,
            Annotations(self.state.image.spatial_shape, classes, strokes),
            self._key,
            "hsn",
        )
        self._status = html_pane(margin=(0, 4), css_classes=["status"])
        # Only where it can help: on the picture that comes along, before the first stroke.
        self._example = pmui.Button(
            label="Draw two strokes for me", size="small", variant="outlined", margin=(0, 4, 4, 4)
        )
        self._example.on_click(lambda _: self.state.param.update(example=True))
        self._relearn = pmui.Button(
            label="Learn from the strokes instead", size="small", variant="outlined", margin=(0, 4, 4, 4)
        )
        self._relearn.on_click(lambda _: self.state.param.update(model=None))
        self._note = FeatureNote()
        self._quality = QualityPanel(
            self.state, self._learning, self._adopt, self._truth_changed, self._note.scored
        )
        self._layers = Layers(
            self.image_view, self.state, self._learning, self._failed, lambda: self._quality.truth
        )
        self._results = ResultsPanel(self.state, self.events, self._learning, self._layers.light)
        self.views["regions"] = self._results.view
        self._apply = ApplyToAll(self.state, self._learning.work)
        self._images = ImagesPanel(
            self.state, self.history, self._apply, self._need_classifier, self._results_file
        )
        if truth is not None:
            self._quality.truths[self.state.key] = np.asarray(truth)
        self.image_view.param.watch(lambda event: self._learning.look_at(event.new), "visible")
        self.drawing.param.watch(self._drawn, "steps")
        self.state.param.watch(self._follow, [*self.state.choices, "image"])
        if pn.state.curdoc is not None and pn.state.curdoc.session_context is not None:
            pn.state.on_session_destroyed(lambda _: self._learning.work.close())
        self._follow()

    # -- what others see ------------------------------------------------------------------------

    @property
    def labels(self) -> NDArray[np.uint8] | None:
        """Class of every pixel, (rows, cols); None before there is an answer."""
        return self._learning.labels

    @property
    def classifier(self) -> PixelClassifier | None:
        """The fitted classifier; None before there is one."""
        return self._learning.classifier

    # -- strokes --------------------------------------------------------------------------------

    def _drawn(self, *_: param.parameterized.Event) -> None:
        """Take over what was drawn as one step of the page's history."""
        if self.drawing.marks != self.state.marks:
            with self.history.one_step():
                self.state.take_marks(self.drawing.marks)

    def _key(self, key: str) -> None:
        if key == "h":
            self._layers.hidden = not self._layers.hidden
            self._layers.paint()
        elif key == "s":
            self.drawing.visible = not self.drawing.visible
        elif key == "n":
            with self.history.one_step():
                self.state.hints = not self.state.hints

    # -- the state becomes pictures -------------------------------------------------------------

    def _follow(self, *events: param.parameterized.Event) -> None:
        state = self.state
        if events:
            self.touch()
        opened = state.image is not self._shown_image
        if opened:
            self._shown_image = state.image
            self._learning.forget()
            self._openers.noticed()
            self.image_view.show(state.image, state.look)
            strokes, classes = state.marks
            self.drawing.open(Annotations(state.image.spatial_shape, classes, strokes))
            self._asked = None
        else:
            self.image_view.set_look(state.look)
            if self.drawing.marks != state.marks:
                self.drawing.restore(state.marks)
        self._relearn.visible = state.model is not None
        self._example.visible = not state.strokes and state.picture == "coins" and not state.example
        wanted = (
            state.strokes,
            tuple(one.id for one in state.classes),
            state.features(),
            state.model,
            state.backend,
            state.key,
        )
        if wanted != self._asked or (state.live and self._behind):
            self._asked = wanted
            self._ask()
        elif state.hints != self._marking:
            self._hint()
        self._marking = state.hints
        self._layers.paint()
        self._results.follow()
        if opened and state.source.planes == 1 and state.key not in state.listed:
            state.listed = [*state.listed, state.key]

    # -- learning -------------------------------------------------------------------------------

    def _ask(self, at_will: bool = False) -> None:
        """Ask for an answer to the present strokes, or say what is missing."""
        state, drawn = self.state, self._learning.drawn_classes()
        if len(drawn) < 2 and state.model is None:
            self._working = False
            self._learning.forget()
            self._learning.look_at(self.image_view.visible)
            self._layers.mark([])
            self._results.clear()
            self._quality.compare()
            names = [one.name for one in state.classes if one.id not in drawn]
            first = "Draw a stroke of " + " and one of ".join(names[:2]) if names else "Add a class"
            self._say(f"{first}: the picture is labelled as soon as two classes have strokes.", 0.0)
            return
        if not (state.live or at_will):
            self._learning.work.cancel("live")
            self._behind = True
            self._say("Live is off: the labels are those of earlier strokes. Press “Learn now”.", 0.0)
            return
        self._working, self._behind = True, False
        self._say("Learning …", None)
        self._learning.ask(self.drawing.log.labels, self.image_view.visible, self._answered, self._failed)

    def _answered(self, told: Answer) -> None:
        with self.events.effect("image"):
            first = self._learning.classifier is not told.classifier
            self._learning.take(told)
            if told.paint:
                self._layers.paint()
        if told.stage == "coarse":
            self._say(f"First answer after {told.seconds:.2f} s. The final one is on its way …", 0.0)
            return
        share = told.done / told.total
        if told.done < told.total:
            self._say(f"{told.done} of {told.total} tiles", share)
        else:
            self._working = False
            self._say(f"Done in {told.seconds:.2f} s.", 1.0, self._learned_words(told))
            self._results.refresh()
            self._quality.compare()
            self._images.learned(told.classifier)
            self._hint()
            self.answers += 1
        if first:
            self._quality.stale()

    def _learned_words(self, told: Answer) -> str:
        """Say who answered and what learning took, and take it down beside the choice of features."""
        if self.state.model is not None:
            return f"Labels of the model “{self.state.model.name}”: strokes teach nothing while it answers."
        count, backend = told.classifier.features.count(self.state.image.channels), told.classifier.backend
        self._note.took(backend, told.fit_seconds, told.seconds)
        missing = any(not self.state.at_hand(key) for key in self.state.strokes if key != self.state.key)
        left = " Strokes on images that are not at hand are left out." if missing else ""
        return f"{backend}: learned {count} features in {told.fit_seconds:.2f} s.{left}"

    def _truth_changed(self) -> None:
        if self._quality.truth is not None and self.state.overlay == "labels":
            self.state.overlay = "wrong"
        self._layers.paint()

    def _hint(self) -> None:
        """Mark where a stroke would teach most, if that was asked for."""
        if self.state.hints and self.classifier is not None:
            self._learning.hints(self._layers.mark, self._failed)
        else:
            self._layers.mark([])

    def _failed(self, error: BaseException) -> None:
        """Say what went wrong; the last result stays."""
        self._working = False
        if isinstance(error, BrushlinkError):
            text = str(error)
        else:
            text = f"the classifier “{self.state.backend}” failed: {type(error).__name__}: {error}"
        kept = " The last result is still shown." if self.labels is not None else ""
        self._status.object = status_html(f"{text}{kept}", 0.0, error=True)

    def _say(self, text: str, share: float | None, detail: str = "") -> None:
        self._status.object = status_html(text, share, detail=detail)

    # -- the page -------------------------------------------------------------------------------

    def _adopt(self, view: LinkedPlotly) -> None:
        """Take a picture that is made later among the others."""
        self.views[view.name] = view
        view.set_theme(self.theme)

    def controls(self) -> list[pn.viewable.Viewable]:
        """Return the controls, in the order of the work."""
        return segment_controls(
            self.state, self.history, self.drawing, self._note, self._openers, self._learn_now
        )

    def _learn_now(self) -> None:
        self._ask(at_will=True)

    def main(self) -> pn.viewable.Viewable:
        """Return the pictures."""
        below = pn.FlexBox(sizing_mode="stretch_width", gap="12px", margin=0)

        def fill() -> None:
            below.objects = [self._results, self._quality, self._images, RepeatPanel(self.state)]

        self.after_paint(fill)
        return pn.Column(
            self._status,
            self._example,
            self._relearn,
            self.image_view,
            below,
            sizing_mode="stretch_width",
            margin=(0, 16, 16, 16),
        )

    def tables(self) -> dict[str, Callable[[], pd.DataFrame]]:
        """Return what can be downloaded as a table."""
        return {"Regions": lambda: self._results.table, "Shares of classes": lambda: self._results.shares}

    def files(self) -> dict[str, dict[str, Callable[[], bytes]]]:
        """Return what else can be downloaded."""
        said = lines(self.state)
        return {
            "Labels": {one: functools.partial(self._label_file, one) for one in ("png", "tif")},
            "Probabilities": {one: functools.partial(self._probabilities, one) for one in ("tif", "npy")},
            "Regions as polygons": {"geojson": self._region_file},
            "Strokes": {"geojson": lambda: strokes_bytes(self.state)},
            "Model": {"skops": lambda: model_bytes(self._need_classifier(), self.state)},
            "Project": {"zip": self._project},
            "Results of all images": {"zip": self._results_file},
            "How to repeat it": {
                "sh": lambda: said["Shell"].encode(),
                "py": lambda: said["Python"].encode(),
            },
        }

    def _need_classifier(self) -> PixelClassifier:
        if self.classifier is None or self._working:
            raise BrushlinkError(
                "there is no finished result yet: draw strokes of two classes, and wait until it says “Done”"
            )
        return self.classifier

    def _label_file(self, ending: str) -> bytes:
        self._need_classifier()
        assert self.labels is not None
        return label_bytes(ending, self.labels, self.state.classes)

    def _probabilities(self, ending: str) -> bytes:
        classifier = self._need_classifier()
        names = {one.id: one.name for one in self.state.classes}
        told = [names.get(int(one), f"class {one}") for one in classifier.classes_]
        return probability_bytes(ending, classifier.predict_proba(self._learning.target()), told)

    def _region_file(self) -> bytes:
        self._need_classifier()
        assert self.labels is not None
        return regions_bytes(self.labels, self.state.classes)

    def _project(self) -> bytes:
        return project_bytes(self.state, None if self._working else self.classifier, self._openers.network)

    def _results_file(self) -> bytes:
        done = [one for one in self._apply.results.values() if one.labels is not None]
        if not done:
            raise BrushlinkError("no image was labelled yet: press “Label all images” under the picture")
        more = {}
        if self._openers.network is None:
            more[MODEL_FILE] = model_bytes(done[-1].classifier, self.state)
        return results_bytes(done, lambda labels: label_bytes("png", labels, self.state.classes), more)

    def static_view(self) -> StaticView:
        """Return what a saved file holds; of the untouched page, what the example strokes give."""
        if not self.state.strokes and self.state.picture == "coins":
            warm_up()  # before the answer: the file is the same whenever it is saved
            return type(self)(example=True).static_view()
        return segment_view(self.state, self.image_view, self.views["regions"], self._learning)

    # -- kept work ------------------------------------------------------------------------------

    def document(self) -> dict[str, Any]:
        """Return classes, strokes and settings as JSON."""
        return document_of(self.state) if self.state.strokes or self.state.listed else {}

    def open_document(self, document: Mapping[str, Any]) -> None:
        """Show what `document` gave."""
        if document:
            self._openers.open_document(document)


if pn.state.served:
    open_page("segment")
