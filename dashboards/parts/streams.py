"""The event streams of a Plotly figure: their names everywhere, what they carry, and a log that keeps it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboards.parts.event_log import Event, EventLog
from dashboards.parts.limits import LOG_EVENTS, PAYLOAD_LINES, PAYLOAD_MEMBERS, PAYLOAD_TEXT_CHARS

__all__ = ["STREAMS", "Kept", "Line", "Stream", "StreamLog", "payload_lines", "stream_of"]


@dataclass(frozen=True)
class Stream:
    """A kind of event, under the names it has in Plotly, in Panel and here.

    Attributes
    ----------
    slug : str
        Short name.
    title : str
        Name for people.
    kinds : tuple of str
        Messages of the browser that belong to it (see linked_plot.js).
    plotly : str
        Plotly.js event, or where it comes from.
    panel : str
        Parameter of Panel's Plotly pane; "" when the pane does not forward it.
    linked : str
        Parameter of LinkedPlotly.
    how : str
        What a hand does to make one.
    truth : str
        What the documentation leaves out or has wrong.
    """

    slug: str
    title: str
    kinds: tuple[str, ...]
    plotly: str
    panel: str
    linked: str
    how: str
    truth: str


STREAMS: tuple[Stream, ...] = (
    Stream(
        "hover", "Hover", ("hover",), "plotly_hover, plotly_unhover", "hover_data", "hover",
        "Move over a point.",
        "Dash keeps the last point for ever unless clear_on_unhover is set; here leaving is an event too, "
        "with no points. Panel drops every list inside a point but customdata.",
    ),
    Stream(
        "click", "Click", ("click",), "plotly_click", "click_data", "click",
        "Click a point.",
        "Not sent while a drag draws shapes. On an RGB image Panel's own pane fails on the colour, and loses "
        "what comes after it.",
    ),
    Stream(
        "doubleclick", "Double-click", ("doubleclick",), "plotly_doubleclick", "doubleclick_data",
        "double_click",
        "Double-click the ground while dragging zooms or pans.",
        "Carries nothing: the payload is null. With box or lasso as the drag a double-click is a deselection "
        "instead.",
    ),
    Stream(
        "selected", "Selection", ("selected",), "plotly_selected, plotly_deselect", "selected_data",
        "selected",
        "Choose box or lasso, then drag; or shift-click points.",
        "The outline stays in layout.selections, so a relayout follows. Over an image or a heat map points "
        "is empty; in other subplots the range is keyed x2, y3 and so on.",
    ),
    Stream(
        "relayout", "Relayout", ("relayout", "selections"), "plotly_relayout", "relayout_data", "relayout",
        "Zoom, pan, or choose another drag.",
        "Plotly's Dash page says that legend clicks arrive here. They do not: they are restyles. Panel's "
        "first message is always the width and height of the picture.",
    ),
    Stream(
        "restyle", "Restyle (legend)", ("visible",), "plotly_restyle", "restyle_data", "hidden",
        "Click an entry of the legend.",
        "This is what a legend click is. All traces of a legend group are in one message; Panel does not "
        "forward plotly_legendclick.",
    ),
    Stream(
        "annotation", "Annotation click", ("annotation",), "plotly_clickannotation", "clickannotation_data",
        "annotation_click",
        "Click the text in the picture.",
        "Only annotations with captureevents=True send it.",
    ),
    Stream(
        "shapes", "Drawn shapes", ("shapes", "drawn"), "plotly_relayout with shapes",
        "relayout_data", "shapes",
        "Choose a drawing drag, then draw; drag a shape to edit it.",
        "Plotly sends all shapes after drawing, but only the changed keys after editing, and Panel's "
        "figure.layout.shapes lags one event behind. LinkedPlotly always hands over the full list.",
    ),
    Stream(
        "viewport", "Viewport", ("viewport",), "the axes after plotly_relayout", "viewport", "viewport",
        "Zoom, pan, or resize the window.",
        "Not an event of Plotly: the ranges of all axes, also those that a relayout does not name.",
    ),
    Stream(
        "level", "Drill level", ("level",), "plotly_sunburstclick, plotly_treemapclick", "", "level",
        "Put in a sunburst or treemap and click a sector.",
        "Panel does not forward it, and its click_data says which level was left, not which one comes.",
    ),
)  # fmt: skip

_BY_KIND = {kind: stream for stream in STREAMS for kind in stream.kinds}


def stream_of(kind: str) -> Stream:
    """Return the stream that a message of the browser belongs to.

    Parameters
    ----------
    kind : str
        As in linked_plot.js: "hover", "visible", ….

    Raises
    ------
    KeyError
        With the kinds that exist.
    """
    if kind not in _BY_KIND:
        raise KeyError(f"no stream carries {kind!r}; the kinds are {', '.join(_BY_KIND)}")
    return _BY_KIND[kind]


@dataclass(frozen=True)
class Line:
    """One line of a payload as people read it.

    Attributes
    ----------
    depth : int
        How far it is indented.
    text : str
        Plain text.
    changed : bool
        Whether it differs from the payload before.
    """

    depth: int
    text: str
    changed: bool = False


@dataclass(frozen=True)
class Kept:
    """An event with what it carried.

    Attributes
    ----------
    number : int
        Counts all events of the log, from 1.
    event : Event
        As in the log.
    stream : Stream
        What it belongs to.
    lines : tuple of Line
        Its payload, with marks where it differs from that of the stream's event before.
    """

    number: int
    event: Event
    stream: Stream
    lines: tuple[Line, ...]


class StreamLog(EventLog):
    """An event log that keeps what each event carried, and counts each stream.

    Attributes
    ----------
    counts, bytes : dict of str to int
        Stream to its events and bytes so far.
    events : int
        Of all streams so far.
    began : float
        When the first of them came, seconds since the epoch; 0 before it.
    history : deque of Kept
        The newest events, oldest first; bounded, and each payload is bounded.
    """

    def __init__(self, kept: int = LOG_EVENTS, **params: Any) -> None:
        super().__init__(kept, **params)
        self.history: deque[Kept] = deque(maxlen=kept)
        self._forget()

    def _forget(self) -> None:
        self.history.clear()
        self.counts = {stream.slug: 0 for stream in STREAMS}
        self.bytes = {stream.slug: 0 for stream in STREAMS}
        self._last: dict[str, dict[str, Any]] = {}
        self.events = 0
        self.began = 0.0

    def _keep(self, event: Event, payload: Any) -> None:
        kind = _BY_KIND.get(event.stream)
        if kind is None:
            return
        self.events += 1
        self.counts[kind.slug] += 1
        self.bytes[kind.slug] += event.bytes
        self.began = self.began or event.time
        lines = payload_lines(payload, self._last.get(kind.slug))
        leaves = dict(_leaves(payload))
        if len(leaves) > 1 or kind.slug not in self._last:
            # Leaving a point says nothing: the next point is compared with the one before.
            self._last[kind.slug] = leaves
        self.history.append(Kept(self.events, event, kind, lines))

    def latest(self, slug: str) -> Kept | None:
        """Return the newest event of a stream that is still kept."""
        return next((kept for kept in reversed(self.history) if kept.stream.slug == slug), None)

    def clear(self) -> None:
        """Forget all events, and count from nought."""
        self._forget()
        super().clear()


def payload_lines(payload: Any, before: Mapping[str, Any] | None = None) -> tuple[Line, ...]:
    """Write a payload as indented lines, JSON without its punctuation.

    Parameters
    ----------
    payload : object
        Mappings, sequences, arrays, scalars.
    before : mapping of str to object, optional
        Leaves of the payload before, path to value; lines that differ from it are marked.

    Returns
    -------
    tuple of Line
        At most `PAYLOAD_LINES`.
    """
    if payload is None or (isinstance(payload, Mapping) and not payload):
        return (Line(0, "null: it carries nothing"),)
    lines: list[Line] = []
    for path, depth, name, value in _walk(payload):
        changed = before is not None and value is not None and before.get(path, _GONE) != value
        lines.append(Line(depth, name if value is None else f"{name}: {value}" if name else value, changed))
        if len(lines) == PAYLOAD_LINES:
            lines[-1] = Line(0, "…")
            break
    return tuple(lines)


_GONE = object()
# Path, depth, name, text; no text for what has members on lines of their own.
_Row = tuple[str, int, str, str | None]


def _leaves(payload: Any) -> Sequence[tuple[str, str]]:
    return [(path, value) for path, _, _, value in _walk(payload) if value is not None]


def _walk(value: Any, path: str = "", depth: int = 0, name: str = "") -> list[_Row]:
    """List what a payload holds, depth first."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, Mapping) and value:
        head: list[_Row] = [(path, depth, name, None)] if name else []
        inner = depth + bool(name)
        for key, member in value.items():
            head += _walk(member, f"{path}.{key}", inner, str(key))
        return head
    if isinstance(value, list | tuple) and any(isinstance(member, Mapping) for member in value):
        rows: list[_Row] = [(path, depth, name, None)] if name else []
        inner = depth + bool(name)
        for place, member in enumerate(value[:PAYLOAD_MEMBERS]):
            rows += _walk(member, f"{path}[{place}]", inner, f"[{place}]")
        if len(value) > PAYLOAD_MEMBERS:
            rows.append((f"{path}[…]", inner, "", f"… {len(value) - PAYLOAD_MEMBERS:,} more"))
        return rows
    return [(path, depth, name, _text(value))]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return repr(value if len(value) <= PAYLOAD_TEXT_CHARS else value[: PAYLOAD_TEXT_CHARS - 1] + "…")
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list | tuple):
        shown = ", ".join(_text(member) for member in value[:PAYLOAD_MEMBERS])
        more = len(value) - PAYLOAD_MEMBERS
        return f"[{shown}, … {more:,} more]" if more > 0 else f"[{shown}]"
    if isinstance(value, Mapping):
        return "{}"
    text = str(value)
    return text if len(text) <= PAYLOAD_TEXT_CHARS else text[: PAYLOAD_TEXT_CHARS - 1] + "…"
