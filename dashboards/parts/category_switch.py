"""The legend as controls: show or hide each category, or isolate one; for explorers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import panel as pn
import panel_material_ui as pmui
import param

__all__ = ["CategorySwitch"]

_ALL = "all"


class CategorySwitch(pn.viewable.Viewer):
    """Buttons that show and hide categories, and a list to isolate one.

    Parameters
    ----------
    change : callable
        Called with the tuple of categories that are to be shown, after each click.
    """

    def __init__(self, change: Callable[[tuple[Hashable, ...]], None]) -> None:
        super().__init__()
        self._change = change
        self._keys: dict[str, Hashable] = {}
        self._following = False
        wide = {"size": "small", "sizing_mode": "stretch_width"}
        # Both write their options as text, never as markup.
        self._shown = pmui.CheckBoxGroup(inline=True, margin=(0, 10), **wide)
        self._only = pmui.Select(label="Show only", **wide)
        self._shown.param.watch(self._switched, "value")
        self._only.param.watch(self._isolated, "value")
        self._column = pmui.Column(
            self._shown,
            self._only,
            sizing_mode="stretch_width",
            margin=0,
            css_classes=["category-switch"],
            visible=False,
        )

    def show(self, keys: Sequence[Hashable], shown: Sequence[Hashable]) -> None:
        """Show which categories are on.

        Parameters
        ----------
        keys : sequence
            All categories, in their order; without any, the buttons are hidden.
        shown : sequence
            Those that are on.
        """
        known = {str(key): key for key in keys}
        words = [str(key) for key in keys if key in shown]
        only = words[0] if len(words) == 1 < len(keys) else _ALL
        if (known, words, only) == (self._keys, self._shown.value, self._only.value):
            return
        self._keys = known
        self._following = True
        try:
            self._shown.param.update(options=list(known), value=words)
            self._only.param.update(options=[_ALL, *known], value=only)
        finally:
            self._following = False
        self._column.visible = bool(known)

    def _switched(self, event: param.parameterized.Event) -> None:
        if not self._following:
            self._change(tuple(key for word, key in self._keys.items() if word in event.new))

    def _isolated(self, event: param.parameterized.Event) -> None:
        if not self._following:
            self._change(tuple(key for word, key in self._keys.items() if event.new in (word, _ALL)))

    def __panel__(self) -> pn.viewable.Viewable:
        return self._column
