"""The anatomy of a figure as a visitor gets it; tests look at the very objects it shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dashboards.anatomy import FigureAnatomy
from dashboards.parts.shell import make_page

__all__ = ["anatomy_app"]


def anatomy_app(visits: list[FigureAnatomy]) -> Callable[[], Any]:
    """Return a function that builds the page for a visitor, and notes its dashboard."""

    def app() -> Any:
        shell = make_page(FigureAnatomy)
        visits.append(shell.dashboard)  # type: ignore[arg-type]
        return shell.page

    return app
