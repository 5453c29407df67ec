"""What a trace leaves: a mark around a watcher's function, and what was seen of an arrow."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dashboards.parts.callback_graph import callback_of

__all__ = ["Seen", "Traced"]


@dataclass
class Seen:
    """What was seen of an arrow.

    Attributes
    ----------
    count : int
        How often it was passed.
    ms : float
        The last time: how long the function ran that it leads to; else how long after the event it was
        passed.
    payload : str
        Summary of the value that was passed last.
    event : int
        Number of the newest event that passed it.
    """

    count: int = 0
    ms: float = 0.0
    payload: str = ""
    event: int = 0


class Traced:
    """A watcher's function with the trace around it; for Param it is the function itself."""

    def __init__(self, fn: Callable[..., Any], call: Callable[..., Any], by: object) -> None:
        functools.update_wrapper(self, callback_of(fn), updated=())
        self.traced_callback = fn
        self.by = by
        self._call = call

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the function inside of the trace."""
        return self._call(*args, **kwargs)

    def __eq__(self, other: object) -> bool:
        # Whoever watches keeps the watcher as it was, and takes it away by that.
        return other is self or other == self.traced_callback

    def __hash__(self) -> int:
        return hash(self.traced_callback)
