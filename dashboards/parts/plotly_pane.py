"""A Plotly pane whose changes travel as one message and paint as one update; used by LinkedPlotly alone."""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

import numpy as np
import panel as pn
from bokeh.document import Document
from panel.io.state import set_curdoc, state
from plotly.basedatatypes import Undefined

from dashboards.parts.plotly_model import LinkedPlot

__all__ = ["LinkedPane", "narrow"]

# Numbers and texts that go as plain JSON: up to here that is smaller and quicker than a binary buffer.
SHORT = 24
# Different texts up to which their places go as one letter each, from "0" on: no letter needs an escape.
LETTERS = 44
# Characters of a picture from which it goes as a buffer of its own, which costs two more messages.
LONG_URI = 1_000
# Where nothing hovers Plotly always shows its buttons, on the title of a narrow picture: shown once the
# picture is tapped, and until then not in the way of the finger.
ON_TOUCH = """
@media (hover: none) {
  .js-plotly-plot .plotly .modebar { opacity: 0; pointer-events: none; }
  .js-plotly-plot.touched .plotly .modebar { opacity: 1; pointer-events: auto; }
}
"""
IDLE_EVENTS = frozenset({"hover", "viewport", "selections", "slice"})

_MEMBER = re.compile(r"^([^\[]+)\[(\d+)\](.*)$")

_turns = itertools.count(1)


class LinkedPane(pn.pane.Plotly):
    """Panel's Plotly pane over `LinkedPlot`.

    Parameters
    ----------
    object : plotly.graph_objects.Figure
        Changes made to it in place are sent too.
    on_event : callable
        Called with (type, payload) for each event of the browser.
    topojson : mapping, optional
        Outlines for maps: name ("world_110m") to topology, or to TopoJSON packed by gzip; the name "" stands
        for every scope and resolution. They travel with the picture.
    """

    _bokeh_model: ClassVar[type[LinkedPlot]] = LinkedPlot

    def __init__(
        self,
        object: Any,
        on_event: Callable[[str, Any], None],
        topojson: Mapping[str, Any] | None = None,
        **params: Any,
    ) -> None:
        self._on_event = on_event
        self._topojson = topojson
        self._muted = 0
        # What was sent since the last turn of the event loop. Panel holds changes back during a callback and
        # then keeps only the newest value of a property: so each message repeats those of the same turn.
        self._outbox: list[dict[str, Any]] = []
        super().__init__(object, **{**params, "stylesheets": [ON_TOUCH, *params.get("stylesheets", [])]})

    def _init_params(self) -> dict[str, Any]:
        params = {**super()._init_params(), "topojson": self._topojson}
        # Pictures as bytes here too; Panel's columns already hold the numbers.
        data = [
            {**trace, "source": packed(trace["source"])} if "source" in trace else trace
            for trace in params["data"]
        ]
        return {**params, "data": data}

    # -- to the browser ------------------------------------------------------------------------

    def bring_outlines(self, topojson: Mapping[str, Any] | None) -> None:
        """Send the outlines that a new figure's maps need, unless the browser has them or better ones."""
        if topojson is None or topojson == self._topojson or (self._topojson and "" not in self._topojson):
            return
        if self._topojson and isinstance(self._topojson[""], bytes):
            return
        self._topojson = topojson
        for ref, (model, _) in self._models.copy().items():
            self._apply_update({}, {"topojson": topojson}, model, ref)

    @contextmanager
    def muted(self) -> Iterator[None]:
        """Change the figure without sending: the browser knows already, or hears of it in one message."""
        self._muted += 1
        try:
            yield
        finally:
            self._muted -= 1

    def send(self, traces: Mapping[int, Mapping[str, Any]], layout: Mapping[str, Any]) -> None:
        """Patch the picture: trace index → {dotted attribute: value}, and {dotted attribute: value}.

        None removes an attribute. The figure in Python is not touched.
        """
        last = self._outbox[-1] if self._outbox else None
        if last is not None and last["kind"] == "patch":
            merged: dict[int, dict[str, Any]] = {index: dict(values) for index, values in last["traces"]}
            for index, values in traces.items():
                merged[index] = _over(merged.get(index, {}), values)
            op = {
                "kind": "patch",
                "id": last["id"],
                "revision": last["revision"] + 1,
                "traces": [[index, values] for index, values in merged.items()],
                "layout": _over(last["layout"], layout),
            }
            self._outbox = [*self._outbox[:-1], op]
        else:
            op = {
                "kind": "patch",
                "id": next(_turns),
                "revision": 0,
                "traces": [[index, dict(values)] for index, values in traces.items()],
                "layout": dict(layout),
            }
            self._outbox = [*self._outbox, op]
        self._post()

    def tell(self, kind: str, payload: Mapping[str, Any]) -> None:
        """Send what no attribute of the figure stands for to a script that knows this kind."""
        op = {"kind": kind, "id": next(_turns), "revision": 0, "payload": dict(payload)}
        self._outbox = [*self._outbox, op]
        self._post()

    def _update(self, ref: str, model: LinkedPlot) -> None:
        if not self._connected(ref):
            super()._update(ref, model)
            return
        figure = self._plotly_json_wrapper(self._to_figure(self.object))
        op = {
            "kind": "figure",
            "id": next(_turns),
            "revision": 0,
            "data": figure["data"],
            "layout": figure["layout"],
        }
        self._outbox = [op]
        self._post(only=ref)

    def _post(self, only: str | None = None) -> None:
        for ref, (model, _) in self._models.copy().items():
            if only is not None and ref != only:
                continue
            if not self._connected(ref):
                super()._update(ref, model)
                continue
            message = [next(_turns), *map(_wire, self._outbox)]
            self._apply_update({}, {"ops": message}, model, ref)
            doc = state._views[ref][2] if ref in state._views else None
            if doc is not None and doc.session_context:
                doc.add_next_tick_callback(self._clear_outbox)
                continue
            self._outbox = []
        if not self._models:
            self._outbox = []

    def _clear_outbox(self) -> None:
        self._outbox = []

    def _connected(self, ref: str) -> bool:
        """Whether a browser has the picture; before that it is sent whole with the document."""
        if ref not in state._views:
            return False
        _, _, doc, comm = state._views[ref]
        if comm or not doc.session_context:
            return True
        session = doc.session_context.session
        return session is not None and session.connection_count > 0

    # Panel's pane points the figure's own senders here.

    def _send_relayout_msg(self, relayout_data: Any, source_view_id: Any = None) -> None:
        self._send_update_msg({}, relayout_data, None, source_view_id)

    def _send_restyle_msg(
        self, restyle_data: Any, trace_indexes: Any = None, source_view_id: Any = None
    ) -> None:
        self._send_update_msg(restyle_data, {}, trace_indexes, source_view_id)

    def _send_update_msg(
        self, restyle_data: Any, relayout_data: Any, trace_indexes: Any = None, source_view_id: Any = None
    ) -> None:
        if self._muted or source_view_id:
            return
        indexes = self._figure._normalize_trace_indexes(trace_indexes)
        traces: dict[int, dict[str, Any]] = {}
        for name, values in (restyle_data or {}).items():
            for place, index in enumerate(indexes):
                value = values[place % len(values)] if isinstance(values, list | tuple) and values else values
                if value is not Undefined:
                    traces.setdefault(index, {})[name] = value
        self.send(traces, relayout_data or {})

    # -- from the browser ------------------------------------------------------------------------

    def _process_bokeh_event(self, doc: Document, event: Any) -> None:
        # The page's sign of work turns on and off by a message each: not for what makes no work.
        if event.data["type"] in IDLE_EVENTS:
            with set_curdoc(doc):
                self._process_event(event)
        else:
            super()._process_bokeh_event(doc, event)

    def _process_event(self, event: Any) -> None:
        self._on_event(event.data["type"], event.data["data"])


def _wire(op: Mapping[str, Any]) -> list[Any]:
    """Write a change as lists (see `fromWire` in linked_plot.js): a mapping costs 26 bytes more."""
    if op["kind"] == "figure":
        return ["figure", op["id"], op["revision"], packed(op["data"]), packed(op["layout"])]
    if op["kind"] != "patch":
        return [op["kind"], op["id"], op["revision"], packed(op["payload"]), None]
    traces = [[place, *_pairs(values)] for place, values in op["traces"]]
    return ["patch", op["id"], op["revision"], traces, _pairs(op["layout"])]


def _pairs(values: Mapping[str, Any]) -> list[list[Any]]:
    return [[name, packed(value)] for name, value in values.items()]


def packed(value: Any) -> Any:
    """Make a value small for the wire without changing what arrives (see `unpack` in linked_plot.js).

    Short arrays go as lists (a binary buffer costs two messages of its own), longer ones as the narrowest
    type that holds them exactly, or as tenths, or once if all are the same; colours as three bytes; repeated
    texts once; pictures as their bytes.

    Parameters
    ----------
    value : object
        Nested mappings and sequences with arrays.
    """
    if isinstance(value, dict):
        return {key: packed(member) for key, member in value.items()}
    if isinstance(value, np.ndarray):
        if value.dtype.kind in "US" or (value.dtype.kind == "O" and value.ndim == 1):
            return packed(value.tolist())
        if value.dtype.kind == "M":
            return value.astype(str).tolist()
        if value.dtype.kind in "iuf":
            small = narrow(value)
            if value.ndim == 1 and value.size <= SHORT and _finite(value):
                return small.tolist()
            if value.ndim == 1 and (value == value[0]).all():
                return {"packed": "same", "value": small[0].item(), "count": value.size}
            return _packed_tenths(small) if small.dtype == np.float32 else small
        return value.tolist() if value.dtype.kind == "b" else value
    if isinstance(value, str):
        return _packed_uri(value) if len(value) > LONG_URI and value.startswith("data:image/") else value
    if isinstance(value, list | tuple):
        if len(value) > SHORT and all(isinstance(member, str) for member in value):
            return _packed_texts(list(value))
        return [packed(member) for member in value]
    return value


def _packed_tenths(values: np.ndarray) -> Any:
    """Write single precision with one decimal as 16 bits: the places of a surface in millimetres."""
    with np.errstate(over="ignore", invalid="ignore"):
        tenths = np.rint(values.astype(np.float64) * 10)
    if not _finite(tenths) or abs(tenths).max() > np.iinfo(np.int16).max:
        return values
    same = np.array_equal((tenths / 10).astype(np.float32), values)
    return {"packed": "tenths", "values": tenths.astype(np.int16)} if same else values


def _packed_uri(uri: str) -> Any:
    """Write a picture as bytes: as text in a message it is a third longer."""
    head, mark, content = uri.partition(";base64,")
    try:
        pixels = base64.b64decode(content, validate=True)
    except ValueError:
        return uri
    return {"packed": "uri", "head": head + mark, "bytes": np.frombuffer(pixels, np.uint8)} if mark else uri


def _packed_texts(texts: list[str]) -> Any:
    if all(len(text) == 7 and text[0] == "#" for text in texts):
        try:
            rgb = bytes.fromhex("".join(text[1:] for text in texts))
        except ValueError:
            return texts
        return {"packed": "colors", "rgb": np.frombuffer(rgb, np.uint8)}
    table = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    if len(table) > len(texts) // 2:
        return texts
    places = np.array([table[text] for text in texts])
    if len(table) <= LETTERS:
        return {
            "packed": "texts",
            "texts": list(table),
            "places": bytes(places.astype(np.uint8) + 48).decode(),
        }
    return {"packed": "texts", "texts": list(table), "places": narrow(places)}


def narrow(values: np.ndarray) -> np.ndarray:
    """Cast to the narrowest of BokehJS's types that holds all values exactly.

    Parameters
    ----------
    values : ndarray of int or float
    """
    if values.size == 0:
        return values.astype(np.float64)
    if _finite(values):
        low, high = values.min(), values.max()
        for kind in (np.uint8, np.int16, np.int32):
            if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
                narrow = values.astype(kind)
                if (narrow == values).all():
                    return narrow
    if values.dtype.kind == "f":
        with np.errstate(over="ignore"):
            single = values.astype(np.float32)
        return single if np.array_equal(single, values, equal_nan=True) else values.astype(np.float64)
    return values.astype(np.float64)


def _finite(values: np.ndarray) -> bool:
    return values.dtype.kind != "f" or bool(np.isfinite(values).all())


def _over(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Lay new dotted attributes over old ones; a container that is set as a whole replaces its members."""
    kept = {
        name: value
        for name, value in old.items()
        if not any(name == key or name.startswith((f"{key}.", f"{key}[")) for key in new)
    }
    laid = kept | dict(new)
    for name, value in new.items():
        # plotly.js ignores the edit of a member beside one of its whole list.
        member = _MEMBER.match(name)
        if member and isinstance(laid.get(member[1]), list | tuple):
            whole = list(laid.pop(member[1]))
            del laid[name]
            path = [part for part in member[3].split(".") if part]
            whole[int(member[2])] = _with(whole[int(member[2])], path, value)
            laid[member[1]] = whole
    return laid


def _with(container: Any, path: list[str], value: Any) -> Any:
    """Return a copy of nested mappings in which one member is another."""
    if not path:
        return value
    inner = container.get(path[0]) if isinstance(container, Mapping) else None
    return {**(container or {}), path[0]: _with(inner, path[1:], value)}
