"""The images of a project as a list to choose from; for pages over several images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from dashboards.parts.page_text import page_text

__all__ = ["ImageList"]


class ImageList(JSComponent):
    """Shows rows and says which was clicked; it decides nothing.

    Parameters
    ----------
    open, remove : callable
        Called with the key of a row.
    """

    rows = param.List(
        doc="Dicts of key, name, about, note, kind (of the note), shares (colour, share, name), at_hand, "
        "current, removable, strokes."
    )

    _esm = page_text("image_list.js")
    _stylesheets: ClassVar[list[str]] = [page_text("image_list.css")]

    def __init__(self, open: Callable[[str], None], remove: Callable[[str], None], **params: Any) -> None:
        super().__init__(**{"sizing_mode": "stretch_width", "margin": 0, **params})
        self._acts = {"open": open, "remove": remove}

    def _handle_msg(self, data: Any) -> None:
        # A message comes from outside: what is no row of ours is dropped.
        if not isinstance(data, Mapping) or data.get("type") not in self._acts:
            return
        if any(row["key"] == data.get("key") for row in self.rows):
            self._acts[data["type"]](data["key"])
