"""The event loop of the running session, for work that comes back from a thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
from panel.io.state import set_curdoc

__all__ = ["session_post"]


def session_post() -> Callable[[Callable[[], None]], Any] | None:
    """Return what runs a function on the running session's event loop; None where no page is served."""
    document = pn.state.curdoc
    if document is None or document.session_context is None:
        return None

    def post(action: Callable[[], None]) -> None:
        def run() -> None:
            with set_curdoc(document):
                action()

        document.add_next_tick_callback(run)

    return post
