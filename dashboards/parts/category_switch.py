"""The legend as controls: a box to show or hide each category, and "only" to isolate it; for explorers."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

__all__ = ["CategorySwitch"]


class CategorySwitch(pn.viewable.Viewer):
    """Boxes and "only" buttons, one line a category.

    Parameters
    ----------
    change : callable
        Called with the tuple of categories that are to be shown, after each click.
    """

    def __init__(self, change: Callable[[tuple[Hashable, ...]], None]) -> None:
        super().__init__()
        self._change = change
        self._keys: tuple[Hashable, ...] = ()
        self._boxes: dict[Hashable, pmui.Checkbox] = {}
        self._column = pmui.Column(sizing_mode="stretch_width", margin=0, css_classes=["category-switch"])
        self._following = False

    def show(self, keys: Sequence[Hashable], shown: Sequence[Hashable], colors: Mapping[Any, str]) -> None:
        """Show which categories are on.

        Parameters
        ----------
        keys : sequence
            All categories, in their order.
        shown : sequence
            Those that are on.
        colors : mapping
            Category to colour.
        """
        if tuple(keys) != self._keys:
            self._keys = tuple(keys)
            self._boxes = {key: self._box(key, colors[key]) for key in keys}
            self._column.objects = [
                pmui.Row(box, self._only(key), margin=0) for key, box in self._boxes.items()
            ]
        self._following = True
        try:
            for key, box in self._boxes.items():
                box.value = key in shown
        finally:
            self._following = False

    def _box(self, key: Hashable, color: str) -> pmui.Checkbox:
        # A Checkbox writes its label as text, never as markup.
        box = pmui.Checkbox(
            label=str(key),
            size="small",
            margin=(0, 0, 0, 8),
            sizing_mode="stretch_width",
            sx={
                "& .MuiCheckbox-root": {"padding": "2px 6px"},
                "& .MuiCheckbox-root.Mui-checked": {"color": color},
            },
        )
        box.param.watch(self._boxed, "value")
        return box

    def _only(self, key: Hashable) -> pmui.Button:
        button = pmui.Button(
            label="only",
            variant="text",
            size="small",
            margin=(0, 8),
            description=f"Show {key} alone; once more: all",
            sx={"minWidth": 0, "padding": "0 6px", "textTransform": "none"},
        )
        button.on_click(functools.partial(self._isolate, key))
        return button

    def _boxed(self, _: param.parameterized.Event) -> None:
        if not self._following:
            self._change(tuple(key for key, box in self._boxes.items() if box.value))

    def _isolate(self, key: Hashable, _: object) -> None:
        alone = [other for other, box in self._boxes.items() if box.value] == [key]
        self._change(self._keys if alone else (key,))

    def __panel__(self) -> pn.viewable.Viewable:
        return self._column
