"""The Bokeh model behind LinkedPlotly: Panel's Plotly model with a script of our own; used there alone.

Subclassing the model, instead of patching Panel's in the browser, keeps panel-material-ui from restyling our
figures (it goes by the name of the model), lets several changes travel and paint as one, and reports events
in full. The script is a `data:` URI among the resources of the model, so that it travels with served pages,
notebooks and saved files alike, for every visitor, without a static folder.
"""

from __future__ import annotations

from urllib.parse import quote
from weakref import WeakKeyDictionary

from bokeh.core.properties import Any, Nullable
from bokeh.core.serialization import AnyRep, Serializer
from panel.models.plotly import PlotlyPlot

from dashboards.parts.page_text import page_text
from data_sources.boundaries import Shapes

__all__ = ["SCRIPT_URI", "LinkedPlot"]

SCRIPTS = (
    "panel_cures.js",
    "linked_plot_quick.js",
    "linked_plot_map.js",
    "linked_plot_draw.js",
    "linked_plot_deck.js",
    "linked_plot.js",
)
# What addresses and the attributes of a page hold as it is.
PLAIN = "/(){}[]=;,:.!*+|~-_"


def _script_uri() -> str:
    # The fragment gives notebook code, which takes a name from the address, something to hold.
    return "data:text/javascript;charset=utf-8," + quote(page_text(*SCRIPTS), safe=PLAIN) + "#/linked_plot.js"


SCRIPT_URI = _script_uri()


class LinkedPlot(PlotlyPlot):
    """Plotly in the browser, patched through `ops` and heard through ``plotly_event``."""

    __javascript_raw__ = [SCRIPT_URI]  # noqa: RUF012 - Bokeh reads a plain list
    __javascript__ = [SCRIPT_URI]  # noqa: RUF012 - Bokeh reads a plain list
    __js_skip__: dict[str, list[str]] = {}  # noqa: RUF012 - never skipped: the script guards itself

    # [turn, op, …]: what changed since the last turn of the event loop.
    ops = Nullable(Any)

    # Outlines for maps: name ("world_110m") to topology, so that plotly.js asks no server for them.
    topojson = Nullable(Any)


_ENCODED: WeakKeyDictionary[Shapes, AnyRep] = WeakKeyDictionary()


def _encode_shapes(shapes: Shapes, serializer: Serializer) -> AnyRep:
    """Write shapes for the browser once for all visitors: 3,000 regions are 80,000 short lists."""
    if shapes not in _ENCODED:
        _ENCODED[shapes] = serializer.encode(dict(shapes))
    return _ENCODED[shapes]


Serializer.register(Shapes, _encode_shapes)
