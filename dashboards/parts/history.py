"""Undo and redo over what the user chose; one history a dashboard."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import param

from dashboards.parts.limits import HISTORY_STEPS
from dashboards.parts.state import DashboardState

__all__ = ["History"]

# Behind every other watcher of the state, so that what follows from a choice belongs to the same step.
_LAST = 1_000


class History(param.Parameterized):
    """Bounded undo and redo over snapshots of a state.

    Each change of a choice is one step, with all that other watchers of the state make of it. While the
    hand drags (``with history.dragging():``) nothing is committed; `commit` does it when it lets go.
    ``with history.one_step():`` joins several changes.

    Parameters
    ----------
    state : DashboardState
    limit : int
        Steps that can be undone; older ones are forgotten.

    Attributes
    ----------
    can_undo, can_redo, can_reset : bool
        Whether the button does something.
    steps : int
        Counts every committed change, undo, redo and reset: watch it to follow the history.
    """

    can_undo = param.Boolean(default=False, constant=True)
    can_redo = param.Boolean(default=False, constant=True)
    can_reset = param.Boolean(default=False, constant=True)
    steps = param.Integer(default=0, constant=True)

    def __init__(self, state: DashboardState, limit: int = HISTORY_STEPS) -> None:
        super().__init__()
        self._state = state
        self._past: deque[dict[str, Any]] = deque(maxlen=limit)
        self._future: list[dict[str, Any]] = []
        self._present = state.snapshot()
        self._held = 0
        state.param.watch(self._changed, state.choices, precedence=_LAST)
        self._announce(step=False)

    # -- what becomes a step --------------------------------------------------------------------

    @contextmanager
    def dragging(self) -> Iterator[None]:
        """Hold back the changes made inside: they are not steps until `commit`."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1

    @contextmanager
    def one_step(self) -> Iterator[None]:
        """Join the changes made inside into one step."""
        with self.dragging():
            yield
        if not self._held:
            self.commit()

    def commit(self) -> bool:
        """Make what changed since the last step one step; return whether anything had changed."""
        now = self._state.snapshot()
        if now == self._present:
            return False
        self._past.append(self._present)
        self._future.clear()
        self._present = now
        self._announce()
        return True

    def start_here(self) -> None:
        """Forget all steps: what the page opened with is where undo ends."""
        self._past.clear()
        self._future.clear()
        self._present = self._state.snapshot()
        self._announce(step=False)

    # -- going back and forth -------------------------------------------------------------------

    def undo(self) -> bool:
        """Go back one step; return whether there was one. What is not committed yet becomes a step."""
        self.commit()
        if not self._past:
            return False
        self._future.append(self._present)
        self._go(self._past.pop())
        return True

    def redo(self) -> bool:
        """Go forward one step; return whether there was one."""
        if self.commit() or not self._future:
            return False
        self._past.append(self._present)
        self._go(self._future.pop())
        return True

    def reset(self) -> bool:
        """Set every choice to its default as one step; return whether anything changed."""
        self.commit()
        with self.dragging():
            self._state.restore({name: self._state.default(name) for name in self._state.NOT_IN_URL})
            self._state.apply_query("")
        return self.commit()

    def visit(self, query: str) -> list[str]:
        """Follow the browser to an address: a neighbouring step becomes undo or redo, else it is a new step.

        Parameters
        ----------
        query : str
            Query of the address.

        Returns
        -------
        list of str
            What could not be read (see `DashboardState.apply_query`).
        """
        self.commit()
        with self.dragging():
            problems = self._state.apply_query(query)
        now = self._state.snapshot()
        if now == self._present:
            return problems
        if self._past and now == self._past[-1]:
            self._future.append(self._present)
            self._present = self._past.pop()
        elif self._future and now == self._future[-1]:
            self._past.append(self._present)
            self._present = self._future.pop()
        else:
            self.commit()
            return problems
        self._announce()
        return problems

    # -- inside ---------------------------------------------------------------------------------

    def _changed(self, *_: param.parameterized.Event) -> None:
        if not self._held:
            self.commit()

    def _go(self, snapshot: dict[str, Any]) -> None:
        with self.dragging():
            self._state.restore(snapshot)
        # A watcher may have put a value right: what is shown now is the present.
        self._present = self._state.snapshot()
        self._announce()

    def _announce(self, step: bool = True) -> None:
        with param.edit_constant(self):
            self.param.update(
                can_undo=bool(self._past),
                can_redo=bool(self._future),
                can_reset=any(value != self._state.default(name) for name, value in self._present.items()),
                steps=self.steps + step,
            )
