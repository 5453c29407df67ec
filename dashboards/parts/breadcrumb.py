"""Where a drilled hierarchy stands, as buttons from the root to here; for explorers."""

from __future__ import annotations

from collections.abc import Callable

import panel as pn
import panel_material_ui as pmui

from dashboards.parts.escape import escape
from data_sources import Tree

__all__ = ["Breadcrumb"]


class Breadcrumb(pn.viewable.Viewer):
    """A trail such as "World › Asia"; a click goes up.

    Parameters
    ----------
    go : callable
        Called with the id of the node to drill to; "" is the root.
    """

    def __init__(self, go: Callable[[str], None]) -> None:
        super().__init__()
        self._go = go
        self._shown: tuple[tuple[str, str], ...] = ()
        self._buttons: list[pmui.Button] = []
        self._row = pn.Row(margin=0, align="center", css_classes=["breadcrumb"], sizing_mode="stretch_width")

    def show(self, tree: Tree, level: str) -> None:
        """Show the trail to a node.

        Parameters
        ----------
        tree : Tree
        level : str
            Id of a node; "" or an unknown one is the root.
        """
        place: int | None = tree.place(level) or 0
        trail: list[tuple[str, str]] = []
        while place is not None:
            trail.append((str(tree.ids[place]), str(tree.labels[place])))
            place = tree.place(str(tree.parents[place])) if tree.parents[place] else None
        steps = tuple(reversed(trail))
        if steps == self._shown:
            return
        # A button that stays is not made anew: a hand may be about to press it.
        kept = [old == new for old, new in zip(self._shown, steps, strict=False)]
        kept_depth = kept.index(False) if False in kept else len(kept)
        self._shown = steps
        self._buttons[kept_depth:] = [
            self._step(depth, *step) for depth, step in enumerate(steps) if depth >= kept_depth
        ]
        for button, (_, label) in zip(self._buttons, steps, strict=True):
            last = button is self._buttons[-1]
            button.param.update(disabled=last, description=None if last else f"Up to {label}")
        self._row.objects = self._buttons if len(steps) > 1 else [self._hint(steps[0][1])]

    def _hint(self, root: str) -> pn.pane.HTML:
        return pn.pane.HTML(
            f"<b>{escape(root)}</b>: click a sector to drill in, the centre or a name here to go up.",
            margin=(5, 8),
            styles={"opacity": ".75", "font-size": "13px"},
        )

    def _step(self, depth: int, id: str, label: str) -> pmui.Button:
        # A Button writes its label as text, never as markup.
        button = pmui.Button(
            label=label if depth == 0 else f"› {label}",
            variant="text",
            size="small",
            margin=0,
            align="center",
            sx={"minWidth": 0, "textTransform": "none", "padding": "2px 6px"},
        )
        button.on_click(lambda _: self._go("" if depth == 0 else id))
        return button

    def __panel__(self) -> pn.viewable.Viewable:
        return self._row
