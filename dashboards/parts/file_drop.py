"""A place to drop files: each one is handed over once; for the pages' controls and panels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import param

__all__ = ["FileDrop", "new_files"]


def new_files(value: dict[str, Any] | None) -> dict[str, bytes]:
    """Take the files out of a `panel.widgets.FileDropper`'s value.

    The widget tells of each file that arrives with all that came before it, adds to its value meanwhile, and
    would hold them as long as the page lives.
    """
    files = dict(value or {})
    if value is not None:
        value.clear()
    return {name: one.encode() if isinstance(one, str) else bytes(one) for name, one in files.items()}


class FileDrop(pn.viewable.Viewer):
    """A place to drop files.

    Parameters
    ----------
    take : callable
        Called with name and content of each file.
    **options : object
        Of the widget.
    """

    def __init__(self, take: Callable[[str, bytes], None], **options: Any) -> None:
        super().__init__()
        self._take = take
        self.widget = pn.widgets.FileDropper(
            **{"multiple": True, "sizing_mode": "stretch_width", "height": 76, "margin": (4, 10), **options}
        )
        self.widget.param.watch(self._dropped, "value")

    def _dropped(self, event: param.parameterized.Event) -> None:
        for name, content in new_files(event.new).items():
            self._take(name, content)

    def __panel__(self) -> pn.viewable.Viewable:
        return self.widget
