"""The anatomy of a figure as a saved file: its tree, what is known of each node, its code."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from dashboards.parts.anatomy_words import detail_of
from dashboards.parts.figure_diff import Spec
from dashboards.parts.figure_nodes import nodes_of
from dashboards.parts.figure_paths import read_path
from dashboards.parts.figure_schema import EditError
from dashboards.parts.static_view import Picture, StaticView

__all__ = ["anatomy_view"]

# What a click on the picture can mean where nothing is set.
CLICKED = (
    "layout.plot_bgcolor",
    "layout.title.text",
    "layout.legend",
    "layout.xaxis",
    "layout.yaxis",
    "layout.xaxis.title.text",
    "layout.yaxis.title.text",
)


def anatomy_view(
    name: str,
    picture: Picture,
    spec: Spec,
    base: Spec,
    selected: str,
    tabs: Sequence[Mapping[str, Any]],
    texts: Mapping[str, str],
) -> StaticView:
    """Return what a saved file holds.

    Parameters
    ----------
    name : str
        Of the view.
    picture : Picture
        Of the figure, as it is drawn.
    spec, base : mapping
        The figure, and what it was before its edits.
    selected : str
        Path of the node that is looked at.
    tabs : sequence of mapping
        As `CodeView` shows them.
    texts : mapping of str to str
        Name of a tab to its whole code.
    """
    nodes = nodes_of(spec, base)
    details = {}
    for path in (*_paths(nodes), *CLICKED):
        with contextlib.suppress(EditError):
            details[path] = {**detail_of(read_path(path, spec) or ("layout",), spec), "attributes": []}
    return StaticView(
        {name: picture},
        ("anatomy",),
        {
            "tree": ("figure_touch.js", "figure_tree.js", "figure_tree.css"),
            "code": ("clipboard.js", "code_view.js", "code_view.css"),
        },
        {
            "view": name,
            "nodes": nodes,
            "selected": selected,
            "details": list(details.items()),
            "tabs": tabs,
            "texts": list(texts.items()),
        },
        "The tree finds what is set and what the browser uses. Editing, and other charts, need Python.",
        "Every figure is a tree of attributes: click an element of the picture to find its branch.",
    )


def _paths(nodes: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for node in nodes:
        yield node["path"]
        yield from _paths(node["members"])
