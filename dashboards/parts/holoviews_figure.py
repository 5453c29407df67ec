"""HoloViews and hvPlot objects as Plotly figures; HoloViews is imported when there is one, not before."""

from __future__ import annotations

import sys
import threading
from functools import cache
from typing import Any

import panel as pn
import plotly.graph_objects as go

__all__ = ["as_figure", "is_holoviews", "load_in_background", "load_when_painted"]

# What HoloViews fixes for a page of its own; ours gives pictures their place.
_SIZES = ("width", "height", "autosize", "uirevision")


def is_holoviews(thing: object) -> bool:
    """Tell whether something is an element, overlay, layout or map of HoloViews; hvPlot makes such ones."""
    # Whoever made one has imported it.
    core = sys.modules.get("holoviews.core")
    return core is not None and isinstance(thing, core.Dimensioned)


def as_figure(thing: Any) -> go.Figure:
    """Return a Plotly figure as it is, and draw a HoloViews object as one.

    Parameters
    ----------
    thing : plotly.graph_objects.Figure or HoloViews object
        hvPlot's plots are HoloViews objects. Of a `HoloMap` or `DynamicMap` the present frame is drawn.

    Raises
    ------
    TypeError
        When it is neither.
    """
    if isinstance(thing, go.Figure):
        return thing
    if not is_holoviews(thing):
        raise TypeError(
            f"a picture cannot be made of {type(thing).__name__}: "
            "give a plotly.graph_objects.Figure, or a HoloViews or hvPlot object"
        )
    import holoviews as hv

    _load_backend()
    drawn = hv.render(thing, backend="plotly")
    for name in _SIZES:
        drawn["layout"].pop(name, None)
    for trace in drawn["data"]:
        trace.pop("uid", None)  # another one each time
    return go.Figure(drawn)


def load_when_painted() -> None:
    """Load HoloViews behind the page that is being made, if it is served.

    Loaded by the first chart that needs it, it would hold up every visitor of the server for three seconds.
    """
    document = pn.state.curdoc
    if document is not None and document.session_context is not None:
        pn.state.onload(load_in_background)


@cache
def load_in_background() -> threading.Thread:
    """Load HoloViews in a thread, once a process."""
    thread = threading.Thread(target=_load_backend, name="load-holoviews", daemon=True)
    thread.start()
    return thread


def _load_backend() -> None:
    # Not within `warnings.catch_warnings`: it would put the filters of all threads back to what they were.
    import holoviews.plotting.plotly  # noqa: F401 - registers HoloViews' way to draw with Plotly
