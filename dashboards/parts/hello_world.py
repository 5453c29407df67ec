"""The smallest dashboard there is: what is typed becomes a title; for /callbacks."""

from __future__ import annotations

from typing import ClassVar

import panel as pn
import panel_material_ui as pmui
import param

from dashboards.parts.dashboard import Dashboard
from dashboards.parts.state import DashboardState

__all__ = ["NOTHING", "HelloWorld", "title_of"]

NOTHING = "Type above, and each key comes back from Python as this title."
UNHEARD = "The callback is off: you type, and nothing happens."


class HelloState(DashboardState):
    """What the user chose."""

    connected = param.Boolean(default=True, label="Callback on")

    URL_KEYS: ClassVar[dict[str, str]] = {"connected": "on"}


def title_of(text: str) -> str:
    """Return the title that belongs to a text: the one callback there is."""
    return text or NOTHING


class HelloWorld(Dashboard):
    """A text, a title, and one callback that joins them, or not."""

    slug: ClassVar[str] = "hello"
    title: ClassVar[str] = "Hello world"
    intro: ClassVar[str] = "A text and a title, joined by one callback. Type."

    def __init__(self) -> None:
        super().__init__(HelloState())
        self.state: HelloState
        self._text = pmui.TextInput(
            label="Your text",
            placeholder="Type here",
            max_length=200,
            sizing_mode="stretch_width",
            margin=(10, 10),
        )
        # Panel waits 50 ms for more changes before it tells Python of one: here each key counts.
        self._text._priority_changes = ["value_input"]
        # Typography writes Markdown; a title that a user types is text, so it stands in an element as text.
        self._title = TitleText(sizing_mode="stretch_width", margin=(4, 12))
        self.state.param.watch(self._connect, "connected")
        self._connect()

    def _connect(self, *_: param.parameterized.Event) -> None:
        """Join text and title by the callback, or part them."""
        bound = pn.bind(title_of, self._text.param.value_input)
        self._title.text = bound if self.state.connected else UNHEARD

    def main(self) -> pn.viewable.Viewable:
        """Return text, title and the switch."""
        on = pmui.Switch.from_param(self.state.param.connected, label="Callback on", margin=(4, 10))
        return pn.Column(self._text, on, self._title, sizing_mode="stretch_width")


class TitleText(pn.custom.JSComponent):
    """A heading that shows plain text, whatever is in it."""

    text = param.String(default="", allow_refs=True)

    _esm = """
export function render({model}) {
  const heading = document.createElement("h2")
  heading.setAttribute("aria-live", "polite")
  const write = () => { heading.textContent = model.text }
  model.on("change:text", write)
  write()
  return heading
}
"""
    _stylesheets: ClassVar[list[str]] = [
        "h2 { margin: 0; font: 600 22px/1.3 var(--brushlink-font, sans-serif); overflow-wrap: anywhere; }"
    ]
