"""Every object of a dashboard that has parameters, and where it hangs; for the graph of callbacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import panel as pn
from param.parameterized import Parameterized

from dashboards.parts.dashboard import Dashboard
from dashboards.parts.event_log import EventLog
from dashboards.parts.linked_plotly import LinkedPlotly

__all__ = ["Inventory", "Placed"]

# How deep attributes are followed: a dashboard holds parts, parts hold widgets.
_DEPTH = 6


@dataclass(frozen=True)
class Placed:
    """An object of a dashboard.

    Attributes
    ----------
    thing : Parameterized
    path : str
        Attributes that lead to it: "_bar._text"; "" for the dashboard itself.
    attribute : str
        The last of them; "" for what only stands in a layout.
    owner : object or None
        What holds it.
    part : Viewer or None
        The innermost part of the page that it belongs to, none for what the dashboard itself holds.
    """

    thing: Any
    path: str
    attribute: str
    owner: Any
    part: pn.viewable.Viewer | None


class Inventory:
    """Finds the objects of a dashboard by its attributes, and by what stands in its layouts.

    An object whose class says ``TRACED = False`` is left out, with all that it holds.

    Parameters
    ----------
    dashboard : Dashboard
    """

    def __init__(self, dashboard: Dashboard) -> None:
        self._found: dict[int, Placed] = {}
        self._named: dict[str, list[int]] = {}
        self._visit(dashboard, "", "", None, None, 0)
        for placed in list(self._found.values()):
            if isinstance(placed.thing, pn.viewable.Viewable):
                self._layout(placed)

    def __iter__(self) -> Iterator[Placed]:
        return iter([placed for placed in self._found.values() if isinstance(placed.thing, Parameterized)])

    def numbered(self, name: str, thing: Any) -> str:
        """Return a name that no other object of this dashboard has: with a number from the second on."""
        holders = self._named.setdefault(name, [])
        if id(thing) not in holders:
            holders.append(id(thing))
        place = holders.index(id(thing))
        return name if place == 0 else f"{name} {place + 1}"

    def get(self, thing: Any) -> Placed | None:
        """Return where an object hangs; None when it is not of this dashboard."""
        placed = self._found.get(id(thing))
        return placed if placed is not None and placed.thing is thing else None

    def _visit(self, thing: Any, path: str, attribute: str, owner: Any, part: Any, depth: int) -> None:
        if depth > _DEPTH or id(thing) in self._found or not getattr(thing, "TRACED", True):
            return
        if isinstance(thing, list | tuple | set | frozenset):
            for place, member in enumerate(list(thing)[:200]):
                self._visit(member, f"{path}[{place}]", attribute, owner, part, depth + 1)
            return
        if isinstance(thing, dict):
            for key, member in list(thing.items())[:200]:
                self._visit(member, f"{path}.{key}" if path else str(key), str(key), owner, part, depth + 1)
            return
        # A dashboard or a part may come from any module; a plain object that holds parts is one of ours.
        ours = isinstance(thing, pn.viewable.Viewer) or type(thing).__module__.startswith("dashboards.")
        ours &= not isinstance(thing, type | EventLog)
        if not isinstance(thing, Parameterized) and not (ours and hasattr(thing, "__dict__")):
            return
        # Noted even when it has no parameters, so that nothing is visited twice.
        self._found[id(thing)] = Placed(thing, path, attribute, owner, part)
        if isinstance(thing, pn.viewable.Viewable) or not ours:
            return
        inner = part
        if isinstance(thing, pn.viewable.Viewer) and not isinstance(thing, Dashboard | LinkedPlotly):
            inner = thing
        for name, member in list(vars(thing).items()):
            if not name.startswith("_param__"):
                self._visit(member, f"{path}.{name}" if path else name, name, thing, inner, depth + 1)

    def _layout(self, placed: Placed) -> None:
        """Take in what stands in a layout and nowhere else."""
        for place, child in enumerate(placed.thing.select()):
            if id(child) not in self._found and getattr(child, "TRACED", True):
                path = f"{placed.path}/{type(child).__name__}{place}"
                self._found[id(child)] = Placed(child, path, "", placed.thing, placed.part)
