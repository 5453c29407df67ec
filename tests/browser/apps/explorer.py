"""The Gapminder explorer as a visitor gets it, over any table; tests look at the very objects it shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import panel as pn

from dashboards.gapminder import GapminderExplorer
from dashboards.parts.shell import make_page
from data_sources import Table

__all__ = ["Visit", "explorer_app"]


class Visit:
    """One visitor's page: the dashboard and the document it lives in."""

    def __init__(self, table: Table | pd.DataFrame | None = None) -> None:
        self.shell = make_page(lambda: GapminderExplorer(table))
        self.dashboard = self.shell.dashboard
        self.document = pn.state.curdoc


def explorer_app(visits: list[Visit], table: Table | pd.DataFrame | None = None) -> Callable[[], Any]:
    """Return a function that builds the page for a visitor, and notes the visit."""

    def app() -> Any:
        visits.append(Visit(table))
        return visits[-1].shell.page

    return app
