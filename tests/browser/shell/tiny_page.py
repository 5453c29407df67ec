"""The tiny dashboard on a page, seen from both of its sides: the browser and the session."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import panel as pn
from bokeh.document import Document
from panel.io.state import set_curdoc
from playwright.sync_api import Locator, Page

from dashboards.parts.shell import Shell
from tests.browser.apps.tiny import TinyState
from tests.browser.driver import Plot, wait_until

PHONE = {
    "viewport": {"width": 400, "height": 800},
    "user_agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
    "is_mobile": True,
    "has_touch": True,
}


@dataclass
class TinyPage:
    """A browser page with the shells that were made for its visits, the last one in front."""

    page: Page
    url: str
    shells: list[Shell] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)

    @property
    def shell(self) -> Shell:
        return self.shells[-1]

    @property
    def state(self) -> TinyState:
        state = self.shell.dashboard.state
        assert isinstance(state, TinyState)
        return state

    def run(self, act: Callable[[], Any]) -> None:
        """Call something inside the session, as a callback of the page would be."""
        with set_curdoc(self.documents[-1]):
            pn.state.execute(act, schedule=True)

    def choose(self, **values: Any) -> None:
        """Set choices from inside the session, as a callback of the page would."""
        self.run(functools.partial(self.state.param.update, **values))
        self.wait(lambda: all(getattr(self.state, name) == value for name, value in values.items()))

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def wait(self, condition: Callable[[], Any], message: str = "") -> Any:
        return wait_until(self.page, condition, message=message)

    def wait_query(self, query: str) -> None:
        self.wait(lambda: self.page.evaluate("location.search") == query, f"address {query!r}")

    def toast(self, *words: str) -> Locator:
        """Wait for a message that holds all words."""
        alerts = self.page.get_by_role("alert")
        for word in words:
            alerts = alerts.filter(has_text=word)
        alerts.first.wait_for()
        return alerts.first

    def open(self, query: str = "") -> TinyPage:
        """Go to an address and wait until the picture is drawn and the bar answers."""
        visits = len(self.shells)
        self.page.goto(self.url + query)
        self.wait(lambda: len(self.shells) > visits, "a session")
        Plot(self.page, "bars").wait_drawn()
        self.page.get_by_role("toolbar", name="Page").wait_for()
        return self
