"""A bounded memory of computed answers; for tables, which sessions and threads share."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

__all__ = ["Recent"]


class Recent:
    """Remembers the answers asked for last.

    Parameters
    ----------
    limit : int
        How many answers are kept; the one not asked for longest goes first.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._answers)

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return the answer for `key`; make and keep it if it is not known."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        # Made outside the lock: answers may ask for other answers, and two threads may both make one.
        answer = make()
        with self._lock:
            self._answers[key] = answer
            while len(self._answers) > self._limit:
                self._answers.popitem(last=False)
        return answer
