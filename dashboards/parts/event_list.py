"""The live list of events that shows what happens under the hood; used by the shell."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, ClassVar

import panel as pn
import param
from panel.custom import JSComponent

from dashboards.parts.event_log import Event, EventLog
from dashboards.parts.limits import LOG_REFRESH_MS, LOG_ROWS, LOG_TEXT_CHARS
from dashboards.parts.page_text import page_text

__all__ = ["EventList"]


class EventList(JSComponent):
    """The newest events of a log, live: which came, what it carried, what it made run, how long that took.

    Parameters
    ----------
    log : EventLog
        Of one session.

    Attributes
    ----------
    live : bool
        Whether anybody looks; else nothing is sent.
    """

    limit = param.Integer(default=LOG_ROWS, constant=True)
    live = param.Boolean(default=False)

    _rename: ClassVar[dict[str, str | None]] = {"live": None}

    _esm = page_text("event_list.js")
    _stylesheets: ClassVar[list[str]] = [page_text("event_list.css")]

    def __init__(self, log: EventLog, **params: Any) -> None:
        super().__init__(**{"sizing_mode": "stretch_width", "margin": 0, **params})
        self._event_log = log
        self._sent: dict[int, int] = {}
        self._pending = False
        self._ready = False
        log.param.watch(self._later, "count", onlychanged=False)
        self.param.watch(lambda _: self.refresh(), "live")

    def refresh(self) -> None:
        """Send the events that are new, and those that have made something run since they were sent."""
        self._pending = False
        if not (self._ready and self.live):
            return
        first = self._event_log.count - len(self._event_log.entries)
        newest = [(first + place, event) for place, event in enumerate(self._event_log.entries)][-LOG_ROWS:]
        if self._sent and not newest:
            self._send_msg({"type": "clear"})
        rows = [
            _row(number, event) for number, event in newest if self._sent.get(number) != len(event.effects)
        ]
        self._sent = {number: len(event.effects) for number, event in newest}
        if rows:
            self._send_msg({"type": "rows", "rows": rows})

    def _later(self, *_: param.parameterized.Event) -> None:
        if self._pending or not (self._ready and self.live):
            return
        document = pn.state.curdoc
        if document is None or document.session_context is None:
            self.refresh()
            return
        # By then the event's effects have run; a hand that hovers costs four messages a second at most.
        self._pending = True
        document.add_timeout_callback(self.refresh, LOG_REFRESH_MS)

    def _handle_msg(self, data: Any) -> None:
        kind = data.get("type") if isinstance(data, Mapping) else None
        if kind == "ready":
            self._ready, self._sent = True, {}
            self.refresh()
        elif kind == "clear":
            self._event_log.clear()


def _row(number: int, event: Event) -> dict[str, Any]:
    text = (
        event.payload if len(event.payload) <= LOG_TEXT_CHARS else event.payload[: LOG_TEXT_CHARS - 1] + "…"
    )
    return {
        "number": number,
        "time": time.strftime("%H:%M:%S", time.localtime(event.time)),
        "view": event.view,
        "stream": event.stream,
        "payload": text,
        "bytes": event.bytes,
        "effects": [[name, round(ms, 2)] for name, ms in event.effects],
    }
