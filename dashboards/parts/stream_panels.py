"""The live panels of /events, one a stream: payload, counter, rate, bytes, code; all drawn in the browser."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, ClassVar

import panel as pn
import param
from panel.custom import JSComponent

from dashboards.parts.limits import LOG_REFRESH_MS
from dashboards.parts.page_text import page_text
from dashboards.parts.streams import STREAMS, Kept, StreamLog

__all__ = ["StreamPanels"]


class StreamPanels(JSComponent):
    """What each stream carried last, and how often and how much.

    Parameters
    ----------
    log : StreamLog
        Of one session.
    write_code : callable
        Given the slug of a stream and whether the code may use Brushlink; returns the code.
    refreshed : callable
        Called when the panels were brought up to the log, as often as they are.

    Attributes
    ----------
    paused : bool
        While it holds, the panels stay as they are; events are counted and kept.
    """

    paused = param.Boolean(default=False)
    streams = param.List(default=[], constant=True)

    _esm = page_text("stream_panels.js")
    _stylesheets: ClassVar[list[str]] = [page_text("stream_panels.css")]

    def __init__(
        self,
        log: StreamLog,
        write_code: Callable[[str, bool], str],
        refreshed: Callable[[], object],
        **params: Any,
    ) -> None:
        streams = [asdict(stream) for stream in STREAMS]
        super().__init__(
            streams=streams, **{"sizing_mode": "stretch_width", "margin": (0, 16, 16, 16), **params}
        )
        self._stream_log = log
        self._write_code = write_code
        self._refreshed = refreshed
        self._shown: dict[str, tuple[int, int]] = {}
        self._pending = False
        log.param.watch(self._later, "count", onlychanged=False)
        self.param.watch(lambda _: self.refresh(), "paused")

    def refresh(self) -> None:
        """Send what is new, unless the panels are paused."""
        self._pending = False
        if self.paused:
            return
        log, rows = self._stream_log, []
        for stream in STREAMS:
            kept = log.latest(stream.slug)
            state = (log.counts[stream.slug], kept.number if kept else 0)
            if self._shown.get(stream.slug) != state:
                self._shown[stream.slug] = state
                rows.append(self._row(stream.slug, kept))
        self._send(rows)
        self._refreshed()

    def look_back(self, kept: Kept) -> None:
        """Show an event of the past on its panel, and pause so that it stays."""
        self.paused = True
        self._shown.pop(kept.stream.slug, None)
        said = f"Event {kept.number:,} of {self._stream_log.events:,}: {kept.stream.title}"
        self._send([self._row(kept.stream.slug, kept)], said)

    def _send(self, rows: list[dict[str, Any]], said: str = "") -> None:
        log = self._stream_log
        weight = sum(log.bytes.values())
        said = said or f"{log.events:,} event{'' if log.events == 1 else 's'}, {weight / 1000:,.1f} kB"
        self._send_msg({"type": "streams", "rows": rows, "said": said})

    def _row(self, slug: str, kept: Kept | None) -> dict[str, Any]:
        log = self._stream_log
        return {
            "slug": slug,
            "count": log.counts[slug],
            "total": log.bytes[slug],
            "bytes": kept.event.bytes if kept else 0,
            "time": time.strftime("%H:%M:%S", time.localtime(kept.event.time)) if kept else "",
            "how": next(stream.how for stream in STREAMS if stream.slug == slug),
            "lines": [[line.depth, line.text, line.changed] for line in kept.lines] if kept else [],
        }

    def _later(self, *_: param.parameterized.Event) -> None:
        if self._pending or self.paused:
            return
        document = pn.state.curdoc
        if document is None or document.session_context is None:
            self.refresh()
            return
        # A hand that hovers makes up to 25 events a second; four pictures of them a second are enough.
        self._pending = True
        document.add_timeout_callback(self.refresh, LOG_REFRESH_MS)

    def _handle_msg(self, data: Any) -> None:
        message = data if isinstance(data, Mapping) else {}
        kind = message.get("type")
        if kind == "ready":
            self._shown.clear()
            self.refresh()
        elif kind == "pause":
            self.paused = bool(message.get("on"))
        elif kind == "clear":
            self._stream_log.clear()
            self._shown.clear()
            self.paused = False
            self.refresh()
        elif kind == "code":
            slug, linked = str(message.get("stream")), bool(message.get("linked"))
            if slug in self._stream_log.counts:
                code = self._write_code(slug, linked)
                self._send_msg({"type": "code", "stream": slug, "code": code, "linked": linked})
