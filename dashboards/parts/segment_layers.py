"""What lies over the image on the segmentation page, and where a stroke would teach most; for segment.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import param
from numpy.typing import NDArray

from dashboards.parts.image_view import ImageView
from dashboards.parts.segment_learning import Learning
from dashboards.parts.segment_overlay import class_colors, outlines, ramp
from dashboards.parts.segment_state import SegmentState
from segmentation.hotspots import HotSpot

__all__ = ["Layers"]

# Half the side of what a jump to a marker shows, image pixels.
JUMP = 60
# Of a marker's number from its place, screen pixels.
BESIDE_PX = 22
LIT = "#ffe14dd9"


class Layers:
    """Paints answers over the picture as was chosen.

    Parameters
    ----------
    view : ImageView
    state : SegmentState
    learning : Learning
    failed : callable
        Called with an error of what is computed for a layer.
    truth : callable
        Returns the true classes of the image on the page, None when nobody told.

    Attributes
    ----------
    hidden : bool
        Whether the answer is hidden for now.
    """

    def __init__(
        self,
        view: ImageView,
        state: SegmentState,
        learning: Learning,
        failed: Callable[[BaseException], None],
        truth: Callable[[], NDArray[np.uint8] | None],
    ) -> None:
        self._truth = truth
        self._view, self._state, self._learning, self._failed = view, state, learning, failed
        self.hidden = False
        view.plot.param.watch(self._jump, "annotation_click")

    def paint(self) -> None:
        """Lay over the picture what was chosen."""
        state, learning, view = self._state, self._learning, self._view
        labels = learning.labels
        needs_answer = state.overlay != "feature"
        if self.hidden or (needs_answer and labels is None):
            learning.work.cancel("levels")
            view.hide_overlay("result")
            return
        colors = class_colors(state.classes)
        if state.overlay == "labels" and labels is not None:
            view.set_overlay("result", labels, colors, opacity=state.opacity)
        elif state.overlay == "outlines" and labels is not None:
            view.set_overlay("result", outlines(labels), colors)
        elif state.overlay == "wrong" and labels is not None:
            self._paint_wrong(labels, colors)
        elif state.overlay == "feature":
            number = min(state.feature, state.features().count(state.image.channels) - 1)
            self._paint_levels(("feature", number), ramp())
        elif learning.classifier is None or not state.is_small:
            # Until the final answer, and where the numbers of all pixels do not fit: what is known.
            if labels is not None:
                view.set_overlay("result", labels, colors, opacity=state.opacity)
        elif state.overlay == "uncertainty":
            self._paint_levels(("uncertainty",), ramp(heat=True))
        elif (shown := state.class_or_first(state.shown_class)) in learning.classifier.classes_:
            self._paint_levels(("probability", shown), ramp(colors[shown]))
        else:
            view.hide_overlay("result")

    def _paint_wrong(self, labels: NDArray[np.uint8], colors: Mapping[int, Any]) -> None:
        """Paint the true class where the answer is another; all labels when no truth is there."""
        truth = self._truth()
        if truth is None:
            self._view.set_overlay("result", labels, colors, opacity=self._state.opacity)
        else:
            wrong = np.where((truth > 0) & (truth != labels), truth, np.uint8(0))
            self._view.set_overlay("result", wrong, colors)

    def _paint_levels(self, what: tuple[Any, ...], colors: Mapping[int, Any]) -> None:
        def tell(made: NDArray[np.uint8]) -> None:
            opacity = 1.0 if what[0] == "feature" else max(self._state.opacity, 0.3)
            self._view.set_overlay("result", made, colors, opacity=opacity)

        self._learning.levels(what, tell, self._failed)

    def light(self, mask: NDArray[np.uint8] | None) -> None:
        """Light up the regions that were brushed in their histogram."""
        if mask is None:
            self._view.hide_overlay("picked")
        else:
            self._view.set_overlay("picked", mask, {1: LIT})

    def mark(self, spots: Sequence[HotSpot]) -> None:
        """Mark where a stroke would teach most."""
        rows, cols = self._state.image.spatial_shape
        # Beside its place, towards the middle of the picture: a stroke has to begin at the place itself.
        marks = [
            {
                "x": spot.center[1],
                "y": spot.center[0],
                "text": f"<b>{number}</b>",
                "name": f"hint {number}",
                "showarrow": True,
                "ax": BESIDE_PX if spot.center[1] < cols / 2 else -BESIDE_PX,
                "ay": BESIDE_PX if spot.center[0] < rows / 2 else -BESIDE_PX,
                "arrowcolor": "#d55e00",
                "arrowwidth": 2,
                "arrowhead": 6,
                "arrowsize": 0.7,
                "captureevents": True,
                "bgcolor": "#d55e00",
                "bordercolor": "#ffffff",
                "borderwidth": 1,
                "borderpad": 3,
                "font": {"color": "#ffffff", "size": 12},
                "hovertext": "Label here next: click to go there",
            }
            for number, spot in enumerate(spots, start=1)
        ]
        self._view.plot.patch(layout={"annotations": marks})

    def _jump(self, event: param.parameterized.Event) -> None:
        """Go to the marker that was clicked."""
        marks = self._view.plot.figure.layout.annotations
        if event.new is None or event.new.index >= len(marks):
            return
        x, y = marks[event.new.index].x, marks[event.new.index].y
        self._view.plot.set_ranges({"x": (x - JUMP, x + JUMP), "y": (y + JUMP, y - JUMP)})
