"""Where a drilled hierarchy stands, as buttons from the root to here; for explorers."""

from __future__ import annotations

from collections.abc import Callable

import panel as pn
import panel_material_ui as pmui

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
        self._row = pn.Row(margin=0, align="center", css_classes=["breadcrumb"], sizing_mode="stretch_width")

    def show(self, tree: Tree, level: str) -> None:
        """Show the trail to a node.

        Parameters
        ----------
        tree : Tree
        level : str
            Id of a node; "" or an unknown one is the root.
        """
        place = tree.place(level) if level else 0
        trail: list[tuple[str, str]] = []
        while place is not None:
            trail.append((str(tree.ids[place]), str(tree.labels[place])))
            place = tree.place(str(tree.parents[place])) if tree.parents[place] else None
        steps = tuple(reversed(trail))
        if steps == self._shown:
            return
        self._shown = steps
        buttons = [self._step(depth, *step, last=depth == len(steps) - 1) for depth, step in enumerate(steps)]
        hint = pn.pane.HTML(
            "Click a sector to drill in, the centre or a name here to go up.",
            margin=(5, 8),
            styles={"opacity": ".75", "font-size": "13px"},
        )
        self._row.objects = [*buttons, *([hint] if len(steps) == 1 else [])]

    def _step(self, depth: int, id: str, label: str, last: bool) -> pmui.Button:
        # A Button writes its label as text, never as markup.
        button = pmui.Button(
            label=label if depth == 0 else f"› {label}",
            variant="text",
            size="small",
            margin=0,
            align="center",
            disabled=last,
            description=None if last else f"Up to {label}",
            sx={"minWidth": 0, "textTransform": "none", "padding": "2px 6px"},
        )
        button.on_click(lambda _: self._go("" if depth == 0 else id))
        return button

    def __panel__(self) -> pn.viewable.Viewable:
        return self._row
