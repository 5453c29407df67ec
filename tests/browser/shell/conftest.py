"""Fixtures that open the tiny dashboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import panel as pn
import pytest
from playwright.sync_api import Page

from dashboards.parts.shell import make_page
from tests.browser.apps.tiny import Tiny
from tests.browser.shell.tiny_page import TinyPage


@pytest.fixture
def open_tiny(show: Callable[..., str]) -> Iterator[Callable[[Page], TinyPage]]:
    """A function that makes a `TinyPage` of a browser page (not opened yet)."""

    def make(page: Page) -> TinyPage:
        made = TinyPage(page, "")

        def app() -> Any:
            made.documents.append(pn.state.curdoc)
            made.shells.append(make_page(Tiny))
            return made.shell.page

        made.url = show(app)
        return made

    yield make
    # A page that is left while the server still writes to it is no fault.
    log = show.log  # type: ignore[attr-defined]
    log[:] = [line for line in log if "WebSocketClosedError" not in line]


@pytest.fixture
def tiny(open_tiny: Callable[[Page], TinyPage], page: Page) -> TinyPage:
    """The tiny dashboard, opened."""
    return open_tiny(page).open()
