"""The lines that give the same labels again, at a terminal and in Python, as a card; for segment.py."""

from __future__ import annotations

import re
import shlex

import panel as pn

from dashboards.parts.code_view import CodeView, code_rows
from dashboards.parts.image_state import OWN
from dashboards.parts.segment_apply import plain_name
from dashboards.parts.segment_files import span_of
from dashboards.parts.segment_panels import CARD, html_pane
from dashboards.parts.segment_state import SegmentState

__all__ = ["MODEL_FILE", "RepeatPanel", "lines"]

MODEL_FILE = "segment-model.skops"
"""Name under which the page hands out the model."""

_NOTE = (
    "Download the model (arrow in the bar, “Model”) and put it beside the image: the labels are identical."
)


def lines(state: SegmentState) -> dict[str, str]:
    """Return the lines that segment the image on the page as the page does, by language.

    A bundled image has no file: its name stands for one that was written as PNG.
    """
    name = re.sub(r"#\d+$", "", plain_name(state.key))
    if not state.key.startswith(OWN) and "/" not in state.key:
        name = f"{name}.png"
    model_span = None if state.model is None else state.model.value_range
    span = list(model_span) if model_span is not None else span_of(state.image)
    reading = f", value_range=({span[0]!r}, {span[1]!r})" if span else ""
    plane = f".plane({state.plane})" if state.source.planes > 1 else ""
    values = "image.scaled()" if span else "image.array"
    plain = "" if not state.image.channels > 1 else ", channel_axis=-1"
    form = " --format tif" if state.source.planes > 1 else ""
    return {
        "Shell": f"brushlink segment {MODEL_FILE} {shlex.quote(name)} -o results{form}\n",
        "Python": (
            "from data_sources.images import read_image\n"
            "from segmentation import PixelClassifier, warm_up\n\n"
            "warm_up()\n"
            f'classifier = PixelClassifier.load("{MODEL_FILE}")\n'
            f"image = read_image({name!r}{reading}){plane}\n"
            f"labels = classifier.predict({values}{plain})  # uint8: {_legend(state)}\n"
        ),
    }


def _legend(state: SegmentState) -> str:
    """Name the classes in a comment: a line end in a name would end it."""
    return ", ".join(f"{one.id} = {' '.join(one.name.split())}" for one in state.classes)


class RepeatPanel(pn.viewable.Viewer):
    """Shows the lines, to be copied."""

    def __init__(self, state: SegmentState) -> None:
        super().__init__()
        self._state = state
        self._view = CodeView(lambda name: lines(state).get(name, ""))
        state.param.watch(lambda *_: self._show(), ["image", "classes", "model"])
        self._show()

    def _show(self) -> None:
        self._view.tabs = [
            {
                "name": name,
                "note": "",
                "rows": code_rows([("", row) for row in text.rstrip().split("\n")], name == "Python"),
            }
            for name, text in lines(self._state).items()
        ]

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(
            html_pane(f'<h3>The same on other images</h3><p class="quiet">{_NOTE}</p>'),
            self._view,
            styles=CARD,
            margin=0,
        )
