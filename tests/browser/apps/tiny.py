"""The smallest dashboard with everything the shell offers; the tests of the shell drive it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param
import plotly.graph_objects as go

from dashboards.parts.controls import choice, player, section, slider, switch
from dashboards.parts.dashboard import Dashboard
from dashboards.parts.linked_plotly import LinkedPlotly
from dashboards.parts.state import DashboardState
from data_sources import SourceError

YEARS = [1952, 1957, 1962, 1967, 1972, 1977, 1982, 1987, 1992, 1997, 2002, 2007]


class TinyState(DashboardState):
    """What can be chosen."""

    year = param.Integer(default=2007, bounds=(1952, 2007), step=5, label="Year")
    stop = param.Selector(default=2007, objects=YEARS, label="Stop")
    color = param.Selector(
        default="continent", objects=["continent", "country", "<b>bold</b>"], label="Colour"
    )
    shares = param.Boolean(default=False, label="Shares")
    note = param.String(default="", label="Note")
    lasso = param.List(default=[], label="Lasso")
    own_table = param.String(default="", label="Own table")

    URL_KEYS: ClassVar[dict[str, str]] = {
        **DashboardState.URL_KEYS,
        "year": "y",
        "stop": "st",
        "color": "c",
        "shares": "sh",
        "note": "n",
        "lasso": "l",
    }
    NOT_IN_URL: ClassVar[dict[str, str]] = {"own_table": "your own file"}


class Tiny(Dashboard):
    """One picture and a few controls."""

    slug = "tiny"
    title = "Tiny dashboard"
    intro = "You see one bar a year. Drag the slider, or choose a colour, and the title says what you chose."
    tags = ("test",)

    def __init__(self) -> None:
        state = TinyState()
        super().__init__(state)
        figure = go.Figure(go.Bar(x=[1, 2, 3], y=[3, 1, 2]), {"title": {"text": ""}, "height": 360})
        self.views["bars"] = LinkedPlotly(figure, name="bars", log=self.events)
        self.words = pn.pane.HTML(self._words(), css_classes=["words"])
        state.param.watch(self._show, state.choices)

    def _words(self) -> str:
        state = self.state
        return f"year {state.year}, colour {state.choices and state.color == 'country'}, stop {state.stop}"

    def _show(self, *_: param.parameterized.Event) -> None:
        with self.events.effect("words"):
            self.words.object = self._words()

    def controls(self) -> list[pn.viewable.Viewable]:
        """All kinds."""
        state, history = self.state, self.history
        fail = pmui.Button(label="Fail", on_click=self._fail, color="light")
        refuse = pmui.Button(label="Refuse", on_click=self._refuse, color="light")
        lasso = pmui.Button(label="Long lasso", on_click=lambda _: self._long(), color="light")
        own = pmui.Button(label="Own file", on_click=lambda _: state.param.update(own_table="x.csv"))
        return [
            section("What", slider(state.param.year, history), player(state.param.stop, history)),
            section("How", choice(state.param.color), switch(state.param.shares)),
            pmui.TextInput.from_param(state.param.note, sizing_mode="stretch_width"),
            fail,
            refuse,
            lasso,
            own,
        ]

    def main(self) -> pn.viewable.Viewable:
        """The picture and words."""
        return pmui.Column(self.views["bars"], self.words, sizing_mode="stretch_width")

    def tables(self) -> dict[str, Callable[[], pd.DataFrame]]:
        """One table with a hostile name."""
        return {"Rows": lambda: pd.DataFrame({"x": [1, 2], "wörd": ["ä", "<img src=x onerror=alert(1)>"]})}

    def _long(self) -> None:
        self.state.lasso = [[i / 7, i / 3] for i in range(400)]

    def _fail(self, _: object) -> None:
        raise ValueError("<img src=x onerror=window.hacked=1> is no number")

    def _refuse(self, _: object) -> None:
        raise SourceError("“x.csv” is a picture, not a table. Choose a CSV file.")
