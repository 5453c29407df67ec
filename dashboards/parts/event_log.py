"""What happened under the hood: events, what they carried and made run; views write, the shell shows."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import param

from dashboards.parts.limits import LOG_EVENTS, LOG_TEXT_CHARS

__all__ = ["Event", "EventLog", "summarise"]

# Members of a list or mapping that a summary names before it only counts.
SUMMARY_MEMBERS = 6


@dataclass
class Event:
    """One event and what it caused.

    Attributes
    ----------
    time : float
        Seconds since the epoch.
    view : str
        Name of the view, or of the widget, that it came from.
    stream : str
        Kind of event: hover, click, selected, shapes, level, ….
    payload : str
        Summary of what it carried.
    bytes : int
        Size of the payload, as far as it is known.
    effects : list of (str, float)
        What ran because of it, with milliseconds, in the order of finishing.
    """

    time: float
    view: str
    stream: str
    payload: str
    bytes: int = 0
    effects: list[tuple[str, float]] = field(default_factory=list)


class EventLog(param.Parameterized):
    """The newest events, bounded; watch `count` to hear of a new one.

    Parameters
    ----------
    kept : int
        How many are kept.
    """

    count = param.Integer(default=0, doc="Events recorded so far, also those that are forgotten.")

    def __init__(self, kept: int = LOG_EVENTS, **params: Any) -> None:
        super().__init__(**params)
        self.entries: deque[Event] = deque(maxlen=kept)

    def record(self, view: str, stream: str, payload: Any, size: int = 0) -> Event:
        """Add an event and return it.

        Parameters
        ----------
        view, stream : str
            Where it came from, and what kind it is.
        payload : object
            What it carried; kept as a short text.
        size : int
            Bytes.
        """
        event = Event(time.time(), view, stream, summarise(payload), size)
        self.entries.append(event)
        self._keep(event, payload)
        self.count += 1
        return event

    def _keep(self, event: Event, payload: Any) -> None:
        """Keep more of an event than its summary, before it is announced; for subclasses."""

    @contextmanager
    def effect(self, name: str) -> Iterator[None]:
        """Time what runs inside, and note it with the newest event.

        Parameters
        ----------
        name : str
            What runs: "histogram", "map", ….
        """
        event = self.entries[-1] if self.entries else None
        started = time.perf_counter()
        try:
            yield
        finally:
            if event is not None:
                event.effects.append((name, (time.perf_counter() - started) * 1000))

    def clear(self) -> None:
        """Forget all entries."""
        self.entries.clear()
        self.param.trigger("count")


def summarise(payload: Any, length: int = LOG_TEXT_CHARS) -> str:
    """Short text of a payload: long lists are counted, long text is cut.

    Parameters
    ----------
    payload : object
        Mappings, sequences, arrays, dataclasses, scalars.
    length : int
        Characters at most.
    """
    text = _brief(payload)
    return text if len(text) <= length else text[: length - 1] + "…"


def _brief(value: Any) -> str:
    if isinstance(value, str):
        return repr(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict):
        shown = [f"{key}: {_brief(member)}" for key, member in list(value.items())[:SUMMARY_MEMBERS]]
        more = len(value) - len(shown)
        return "{" + ", ".join(shown) + (f", … {more} more" if more else "") + "}"
    if isinstance(value, list | tuple | set | frozenset):
        members = list(value)
        shown = [_brief(member) for member in members[:SUMMARY_MEMBERS]]
        more = len(members) - len(shown)
        return "[" + ", ".join(shown) + (f", … {more} more" if more else "") + "]"
    return repr(value)
