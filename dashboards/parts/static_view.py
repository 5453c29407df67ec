"""What a dashboard gives to be saved as one HTML file: pictures, data, and the script that links them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dashboards.parts.figure_diff import Spec
from data_sources import BrushlinkError

if TYPE_CHECKING:
    from dashboards.parts.linked_plotly import LinkedPlotly

__all__ = ["ExportError", "Picture", "StaticView", "as_shown"]


class ExportError(BrushlinkError):
    """A dashboard cannot be saved as a file, or not there."""


@dataclass(frozen=True)
class Picture:
    """A picture of a file.

    Attributes
    ----------
    spec : mapping
        The figure as plain data: ``{"data": […], "layout": {…}}``.
    height : int or str
        Pixels, or as CSS writes it.
    wide : bool
        Whether it has a row of its own also on a large screen.
    config : mapping
        More of Plotly's configuration.
    dressed : bool
        Whether it has the template of the page, light or dark; else its own.
    """

    spec: Spec
    height: int | str = 330
    wide: bool = False
    config: Mapping[str, Any] = field(default_factory=dict)
    dressed: bool = True


@dataclass(frozen=True)
class StaticView:
    """A dashboard as it is at the moment, for `static_file.write`.

    Attributes
    ----------
    pictures : mapping of str to Picture
        In the order of the page; the name becomes the CSS class ``view-<name>``.
    scripts : tuple of str
        Files of `dashboards/parts/static` (without ".js") that link the pictures; the last one starts.
    components : mapping of str to tuple of str
        Components of the live dashboard that the scripts show too: name to its files in `dashboards/parts`.
    data : mapping
        What the scripts need: nested mappings and lists of numbers and texts, numpy arrays, bytes.
    needs_python : str
        Plain sentences: what the file leaves out. The page adds how to start the live one.
    intro : str
        Sentences above the pictures, where those of the dashboard tell of what a file cannot do.
    query : str
        Of the address that opens the same in the live dashboard.
    """

    pictures: Mapping[str, Picture]
    scripts: tuple[str, ...] = ()
    components: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    needs_python: str = (
        "This file holds the pictures as they were when it was saved. "
        "Controls and links between them need Python."
    )
    intro: str = ""
    query: str = ""


def as_shown(view: LinkedPlotly, height: int = 330, wide: bool = False) -> Picture:
    """Return the picture of a view as it is on the screen.

    Parameters
    ----------
    view : LinkedPlotly
    height : int
        Where the view itself has none.
    wide : bool
    """
    figure = view.figure
    spec = {"data": [dict(trace) for trace in figure._data], "layout": dict(figure._layout)}
    config = {key: value for key, value in (view.pane.config or {}).items() if key not in ("topojsonURL",)}
    return Picture(spec, int(view.pane.height or figure.layout.height or height), wide, config)
