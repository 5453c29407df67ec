"""What is selected, in words: how many rows, one chip a predicate to take it back, and a way to clear all."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import panel as pn
import panel_material_ui as pmui

from dashboards.parts.escape import escape
from data_sources import Selection

__all__ = ["SelectionBar"]

_CHIP_CHARS = 60


class SelectionBar(pn.viewable.Viewer):
    """A line of text with the predicates of a selection as chips.

    Parameters
    ----------
    remove : callable
        Called with the owner of the predicate whose chip was clicked.
    clear : callable
        Called when everything is to be deselected.
    """

    def __init__(self, remove: Callable[[str], None], clear: Callable[[], None]) -> None:
        super().__init__()
        self._remove = remove
        self._known: dict[str, pmui.Chip] = {}
        self._text = pn.pane.HTML("", margin=(6, 6, 2, 0), stylesheets=[_STYLE])
        self._hint = pn.pane.HTML("", margin=(6, 6, 2, 0), stylesheets=[_STYLE])
        self._chips = pn.FlexBox(margin=0, gap="4px", sizing_mode=None, align_items="center")
        self._clear_all = clear
        self._clear: pmui.Button | None = None
        self._row = pn.FlexBox(
            self._text,
            self._hint,
            self._chips,
            sizing_mode="stretch_width",
            align_items="center",
            min_height=40,
            margin=(0, 16),
            css_classes=["selection-bar"],
        )

    def show(self, selection: Selection, labels: Mapping[str, str], headline: str, hint: str) -> None:
        """Say what is selected.

        Parameters
        ----------
        selection : Selection
        labels : mapping
            Column to its label.
        headline : str
            Plain text such as "33 of 142 countries · 3.81 of 6.25 billion people".
        hint : str
            Plain text: what to do when nothing is selected.
        """
        self._text.object = f"<b role='status'>{escape(headline)}</b>"
        self._hint.object = "" if selection else f"<span class='hint'>{escape(hint)}</span>"
        self._hint.visible = not selection
        # A new chip is 4 kB for the browser: a brush that only moves keeps its chip.
        self._known = {owner: self._known.get(owner) or self._chip(owner) for owner in selection.owners}
        for owner, chip in self._known.items():
            predicate = selection.get(owner)
            words = predicate.describe(labels) if predicate is not None else ""
            chip.label = words if len(words) <= _CHIP_CHARS else words[: _CHIP_CHARS - 1] + "…"
        shown = [*self._known.values(), *([self._clear_button()] if selection else [])]
        if shown != list(self._chips.objects):
            self._chips.objects = shown

    def _clear_button(self) -> pmui.Button:
        if self._clear is None:
            self._clear = pmui.Button(
                label="Clear selection",
                icon="close",
                variant="text",
                size="small",
                margin=(0, 6),
                description="Clear selection in every view",
            )
            self._clear.on_click(lambda _: self._clear_all())
        return self._clear

    def _chip(self, owner: str) -> pmui.Chip:
        # A Chip writes its label as text, never as markup, so it is not escaped here.
        chip = pmui.Chip(label="", icon="close", size="small", variant="outlined", margin=0)
        chip.on_click(lambda _: self._remove(owner))
        return chip

    def __panel__(self) -> pn.viewable.Viewable:
        return self._row


_STYLE = """
:host { font-size: 14px; }
.hint { opacity: .75; }
"""
