"""A dashboard on which lines are drawn and kept: the smallest that autosave can be tried on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, ClassVar

import panel as pn
import panel_material_ui as pmui
import param
import plotly.graph_objects as go

from dashboards.parts.dashboard import Dashboard
from dashboards.parts.linked_plotly import LinkedPlotly
from dashboards.parts.shell import serve_class
from dashboards.parts.state import DashboardState
from data_sources import SourceError


class KeeperState(DashboardState):
    """What was drawn."""

    lines = param.List(default=[], label="Lines")

    NOT_IN_URL: ClassVar[dict[str, str]] = {"lines": "what you drew"}
    IN_COPY: ClassVar[tuple[str, ...]] = ("lines",)


class Keeper(Dashboard):
    """A picture to draw lines on."""

    slug = "keeper"
    title = "Keeper"
    intro = "You see an empty picture. Draw lines on it, and they are kept."
    document_version = int(os.environ.get("KEEPER_VERSION", "1"))

    def __init__(self) -> None:
        super().__init__(KeeperState())
        axes = {"range": [0, 10]}
        figure = go.Figure(
            go.Scatter(x=[0, 10], y=[0, 0]),
            {"dragmode": "drawline", "xaxis": axes, "yaxis": axes, "height": 360},
        )
        self.views["paper"] = LinkedPlotly(figure, name="paper", log=self.events)
        self.views["paper"].param.watch(self._drawn, "shapes")
        self.state.param.watch(self._show, "lines")

    def _drawn(self, event: param.parameterized.Event) -> None:
        self.state.lines = [
            [round(float(shape[end]), 3) for end in ("x0", "y0", "x1", "y1")] for shape in event.new
        ]

    def _show(self, event: param.parameterized.Event) -> None:
        view = self.views["paper"]
        if len(view.shapes) != len(event.new):
            ends = ("x0", "y0", "x1", "y1")
            view.set_shapes(
                [
                    {"type": "line", "editable": True, **dict(zip(ends, line, strict=True))}
                    for line in event.new
                ]
            )
        self.touch()

    def document(self) -> dict[str, Any]:
        """What was drawn."""
        return {"lines": self.state.lines}

    def open_document(self, document: Mapping[str, Any]) -> None:
        """Draw it again."""
        if not isinstance(document.get("lines"), list):
            raise SourceError("a document without lines")
        self.state.lines = document["lines"]
        self.history.start_here()

    def main(self) -> pn.viewable.Viewable:
        """The picture."""
        return pmui.Column(self.views["paper"], sizing_mode="stretch_width")


if pn.state.served:
    from tests.browser.apps.keeper import Keeper as Imported

    serve_class(Imported)
