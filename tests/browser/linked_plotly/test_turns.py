"""Pictures on the screen are drawn before those below it, and those follow by themselves."""

from __future__ import annotations

from collections.abc import Callable

import panel as pn
import plotly.graph_objects as go
import pytest
from playwright.sync_api import Page

from dashboards.parts.browser_cures import install_cures
from dashboards.parts.linked_plotly import LinkedPlotly
from tests.browser.driver import Plot

pytestmark = pytest.mark.browser

# In which order Plotly is asked to draw, and what had been drawn by then.
NOTE_JS = """
window.drawn = []
const poll = setInterval(() => {
  if (!window.Plotly || window.Plotly.noted) return
  clearInterval(poll)
  const plain = window.Plotly.newPlot
  window.Plotly.newPlot = (gd, figure, ...rest) => {
    window.drawn.push(figure.layout.title.text)
    return plain(gd, figure, ...rest)
  }
  window.Plotly.noted = true
}, 1)
"""


def test_pictures_below_the_screen_are_drawn_last(page: Page, show: Callable[..., str]) -> None:
    def app() -> pn.Column:
        install_cures()
        names = ("below", "far-below", "seen", "seen-too")
        views = {
            name: LinkedPlotly(go.Figure(go.Bar(y=[1, 2]), {"title": name}), name=name, height=300)
            for name in names
        }
        # The order in which they are built is not that on the screen.
        first = pn.Column(
            views["below"], views["far-below"], width=600, styles={"order": "2", "padding-top": "900px"}
        )
        last = pn.Column(views["seen"], views["seen-too"], width=600, styles={"order": "1"})
        return pn.FlexBox(first, last, flex_direction="column", flex_wrap="nowrap")

    page.add_init_script(NOTE_JS)
    page.goto(show(app))
    for view in ("seen", "seen-too", "below", "far-below"):
        Plot(page, view).wait_drawn()
    assert page.evaluate("window.drawn") == ["seen", "seen-too", "below", "far-below"]
