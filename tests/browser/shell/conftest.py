"""Fixtures that open the tiny dashboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import pytest
from playwright.sync_api import Page

from dashboards.parts.shell import make_page
from tests.browser.apps.tiny import Tiny
from tests.browser.shell.tiny_page import TinyPage


@pytest.fixture
def open_tiny(show: Callable[..., str]) -> Callable[[Page], TinyPage]:
    """A function that makes a `TinyPage` of a browser page (not opened yet)."""

    def make(page: Page) -> TinyPage:
        made = TinyPage(page, "")

        def app() -> Any:
            made.documents.append(pn.state.curdoc)
            made.shells.append(make_page(Tiny))
            return made.shell.page

        made.url = show(app)
        return made

    return make


@pytest.fixture
def tiny(open_tiny: Callable[[Page], TinyPage], page: Page) -> TinyPage:
    """The tiny dashboard, opened."""
    return open_tiny(page).open()
