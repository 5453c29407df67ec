"""Follows a dashboard while it works: which of its callbacks ran, what they set, how long that took.

Param tells what it calls, not what that does in turn. A trace stands between: around the functions of the
watchers of one dashboard, while somebody looks, and of no other.
"""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import panel as pn
from bokeh.document import Document
from panel.custom import ReactiveESM
from panel.widgets.base import WidgetBase
from param.parameterized import Watcher

from dashboards.parts.callback_graph import (
    Graph,
    Node,
    bound_function,
    callback_of,
    function_node,
    heard_through,
    listens,
    node_of,
    read_graph,
    references_of,
    role_of,
    watchers_of,
)
from dashboards.parts.callback_marks import Seen, Traced
from dashboards.parts.dashboard import Dashboard
from dashboards.parts.event_log import EventLog, summarise
from dashboards.parts.inventory import Inventory
from dashboards.parts.linked_plotly import LinkedPlotly
from dashboards.parts.plotly_pane import LinkedPane

__all__ = ["BACKGROUND", "Trace"]

BACKGROUND = Node("f:background", "function", "later", "Work that was put off, or done in a thread")
# Two callbacks that begin within this time after one another answer the same message of the browser.
_SAME_EVENT_S = 0.004
_PAYLOAD_CHARS = 120


@dataclass(frozen=True)
class _Frame:
    """Where we are: the event that is being answered, when it came, and who is at work."""

    event: int
    started: float
    writer: Node
    # What it has set already: an arrow is passed once a run, however many attributes are set.
    reached: set[str] = field(default_factory=set)


# A trace to its frame. It goes with the callbacks that a callback puts off, as context variables do.
_FRAMES: ContextVar[Mapping[int, _Frame | None]] = ContextVar("callback_frames")
_numbers = count()


class Trace:
    """A live graph of one dashboard.

    Parameters
    ----------
    dashboard : Dashboard
    changed : callable
        Called after something was seen; not more than once for what happens in one go.

    Attributes
    ----------
    graph : Graph
        What Param declares, and what was seen besides.
    seen : dict of (str, str) to Seen
        Of the arrows that were passed.
    runs : dict of str to int
        How often a function ran, by the id of its box.
    fired : dict of str to int
        How often a box was set from outside: by a hand, or by what no callback of this dashboard began.
    event : int
        Number of the newest event.
    """

    def __init__(self, dashboard: Dashboard, changed: Callable[[], object] = lambda: None) -> None:
        self.dashboard = dashboard
        self._changed = changed
        self._key = next(_numbers)
        self._undo: list[Callable[[], object]] = []
        self._watched: dict[int, Any] = {}
        self._wrapped: dict[int, tuple[Watcher, Watcher]] = {}
        self._stale = True
        self._ended = 0.0
        self.running = False
        self.graph = Graph()
        self.clear()

    def clear(self) -> None:
        """Forget what was seen, also arrows that nothing declares."""
        self.seen: dict[tuple[str, str], Seen] = {}
        self.runs: dict[str, int] = {}
        self.fired: dict[str, int] = {}
        self.event = 0
        self._stale = True

    def start(self) -> None:
        """Begin to follow."""
        self.running = True
        self.read()
        if (document := pn.state.curdoc) is not None:
            for name in ("add_next_tick_callback", "add_timeout_callback"):
                self._hook_put_off(document, name)

    def stop(self) -> None:
        """Leave everything as it was found."""
        self.running = False
        for undo in reversed(self._undo):
            undo()
        self._undo.clear()
        self._watched.clear()
        self._wrapped.clear()

    def read(self) -> Graph:
        """Read the graph anew, and follow what has come to the dashboard since."""
        with self.resting():
            self._inventory = Inventory(self.dashboard)
            graph = read_graph(self.dashboard, self._inventory)
            for (source, target), edge in self.graph.edges.items():
                if (source, target) in graph.edges:
                    continue
                if edge.declared:  # a callback was taken away
                    self.seen.pop((source, target), None)
                elif (source, target) in self.seen:
                    graph.join(self.graph.nodes[source], self.graph.nodes[target], declared=False)
            self.runs = {node: n for node, n in self.runs.items() if node in graph.nodes}
            self.graph, self._stale = graph, False
            if self.running:
                for placed in self._inventory:
                    self._follow(placed.thing)
        return self.graph

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Do something that is none of the dashboard's own: it leaves no mark."""
        with self._inside(None):
            yield

    # -- standing between -----------------------------------------------------------------------

    def _follow(self, thing: Any) -> None:
        if isinstance(thing, EventLog):
            return
        for _, _, watchers, watcher in watchers_of(thing):
            self._wrap(watchers, watcher)
        if id(thing) in self._watched:
            return
        self._watched[id(thing)] = thing
        if isinstance(thing, LinkedPane):
            self._hook(thing, "send", lambda traces, *_: traces)
        elif isinstance(thing, ReactiveESM) and not isinstance(thing, WidgetBase):
            self._hook(thing, "_send_msg", lambda data: data)
            if listens(thing):
                self._hook_messages(thing)
        names = [name for name in thing.param if name != "name" and not name.startswith("_")]
        probe = thing.param.watch(functools.partial(self._set, thing), names)
        self._undo.append(lambda: thing.param.unwatch(probe))

    def _wrap(self, watchers: list[Watcher], watcher: Watcher) -> None:
        fn = watcher.fn
        layer = fn
        while isinstance(layer, Traced):
            if layer.by is self:
                return
            layer = layer.traced_callback
        role = role_of(callback_of(fn))
        if role == "hidden":
            return
        call = {"function": self._run, "link": self._pass, "reference": self._refer}[role]
        if inspect.iscoroutinefunction(fn):
            return  # Param would no longer know it for one; what it sets counts as done later
        # One watcher stands in a list for each of its parameters, and Param asks which one by identity.
        if id(watcher) not in self._wrapped:
            traced = watcher._replace(fn=Traced(fn, functools.partial(call, fn), self))
            self._wrapped[id(watcher)] = (watcher, traced)
        traced = self._wrapped[id(watcher)][1]
        place = next(place for place, one in enumerate(watchers) if one is watcher)
        watchers[place] = traced

        def unwrap(
            watchers: list[Watcher] = watchers, watcher: Watcher = watcher, traced: Any = traced
        ) -> None:
            for place, one in enumerate(watchers):
                if one is traced:
                    watchers[place] = watcher

        self._undo.append(unwrap)

    def _hook(self, thing: Any, name: str, payload: Callable[..., Any]) -> None:
        method = getattr(thing, name)

        def hooked(*args: Any, **kwargs: Any) -> Any:
            self._reached(node_of(self._inventory, thing, "object", written=True), payload(*args))
            return method(*args, **kwargs)

        setattr(thing, name, hooked)
        self._undo.append(lambda: vars(thing).pop(name, None))

    def _hook_messages(self, thing: Any) -> None:
        """Let a component of our own that sends messages count as what sets things."""
        handle = thing._handle_msg

        def handled(data: Any) -> Any:
            node = node_of(self._inventory, thing, "object")
            if node is None or self._resting_now():
                return handle(data)
            event, arrived = self._now()
            with self._inside(_Frame(event, arrived, node)):
                return handle(data)

        thing._handle_msg = handled
        self._undo.append(lambda: vars(thing).pop("_handle_msg", None))

    def _hook_put_off(self, document: Document, name: str) -> None:
        """Let what a callback puts off count as its own work: the context is lost while messages are held."""
        add = getattr(document, name)

        def add_later(callback: Callable[[], Any], *delay: int) -> Any:
            frame = self._frame()
            return add(callback if frame is None else self._put_off(callback, frame), *delay)

        setattr(document, name, add_later)

        def unhook() -> None:
            if vars(document).get(name) is add_later:
                delattr(document, name)

        self._undo.append(unhook)

    def _put_off(self, callback: Callable[[], Any], frame: _Frame) -> Callable[[], Any]:
        def later() -> Any:
            with self._inside(frame):
                return callback()

        async def later_async() -> None:
            with self._inside(frame):
                await callback()

        target = callback.func if isinstance(callback, functools.partial) else callback
        return later_async if inspect.iscoroutinefunction(target) else later

    # -- what happens ---------------------------------------------------------------------------

    def _frame(self) -> _Frame | None:
        return _FRAMES.get({}).get(self._key, None)

    def _resting_now(self) -> bool:
        frames = _FRAMES.get({})
        return not self.running or (self._key in frames and frames[self._key] is None)

    @contextmanager
    def _inside(self, frame: _Frame | None) -> Iterator[None]:
        token = _FRAMES.set({**_FRAMES.get({}), self._key: frame})
        try:
            yield
        finally:
            _FRAMES.reset(token)
            self._ended = time.perf_counter()

    def _now(self) -> tuple[int, float]:
        """Return the event that is being answered, and when it came; a new one when nothing is at work."""
        frame = self._frame()
        if frame is not None:
            return frame.event, frame.started
        now = time.perf_counter()
        if now - self._ended > _SAME_EVENT_S or not self.event:
            self.event += 1
            self._started = now
        self._ended = now
        return self.event, self._started

    def _node(self, event: Any) -> Node | None:
        return node_of(self._inventory, event.obj if event.obj is not None else event.cls, event.name)

    def _run(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run a function of the dashboard's own."""
        call, ran = heard_through(fn)
        return self._timed(function_node(callback_of(fn)), call, *args, ran=ran, **kwargs)

    def _timed(self, node: Node, fn: Callable[..., Any], *args: Any, ran: Any = None, **kwargs: Any) -> Any:
        if self._resting_now():
            return fn(*args, **kwargs)
        event, arrived = self._now()
        sources = [(self._node(one), one.new) for one in args if hasattr(one, "obj")]
        began = time.perf_counter()
        with self._inside(_Frame(event, arrived, node)):
            try:
                return fn(*args, **kwargs)
            finally:
                if ran is None or ran():
                    took = (time.perf_counter() - began) * 1000
                    self.runs[node.id] = self.runs.get(node.id, 0) + 1
                    for source, value in sources:
                        self._pass_edge(source, node, value, took, event)
                    self._tell()

    def _pass(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Let a link pass: what it sets is set by what it comes from."""
        source = next((self._node(one) for one in args if hasattr(one, "obj")), None)
        if self._resting_now() or source is None:
            return fn(*args, **kwargs)
        event, arrived = self._now()
        with self._inside(_Frame(event, arrived, source)):
            return fn(*args, **kwargs)

    def _refer(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Let Param bring references up to date: through a bound function, or straight."""
        owner = getattr(callback_of(fn), "__self__", None)
        thing = getattr(owner, "self", owner)
        placed = self._inventory.get(thing)
        events = [one for one in args if hasattr(one, "obj")]
        if self._resting_now() or placed is None or not events:
            return fn(*args, **kwargs)
        for _, reference, needs in references_of(thing):
            touched = any(need.owner is one.obj and need.name == one.name for need in needs for one in events)
            between = bound_function(reference) if touched else None
            if between is not None:
                return self._timed(between, functools.partial(self._renew, thing, fn), *args, **kwargs)
        event, arrived = self._now()
        source = self._node(events[0])
        with self._inside(_Frame(event, arrived, source) if source is not None else self._frame()):
            return fn(*args, **kwargs)

    def _renew(self, thing: Any, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        done = fn(*args, **kwargs)
        if isinstance(thing, pn.param.ParamRef):  # what it shows is inside of it
            self._reached(node_of(self._inventory, thing, "object", written=True), None)
        return done

    def _set(self, thing: Any, *events: Any) -> None:
        """Note that parameters of an object were set."""
        if self._resting_now():
            return
        for event in events:
            if event.name == "objects":
                self._stale = True
            by_hand = self._frame() is None
            if isinstance(thing, LinkedPlotly) and not by_hand:
                continue  # what its picture becomes is told by the patch
            target = node_of(self._inventory, thing, event.name, written=not by_hand)
            self._reached(target, event.new, thing)

    def _reached(self, target: Node | None, value: Any, thing: Any = None) -> None:
        if target is None or self._resting_now():
            return
        frame = self._frame()
        if frame is not None:
            event, arrived = self._now()
            after = (time.perf_counter() - arrived) * 1000
            again = target.id in frame.reached
            frame.reached.add(target.id)
            self._pass_edge(frame.writer, target, value, after, event, not again)
        elif target.kind == "output":
            # Before the first event a page is being made; and what is put into a layout is no answer to one.
            if not self.event or isinstance(thing, pn.layout.Panel):
                return
            self._pass_edge(BACKGROUND, target, value, 0.0, self._now()[0])
        elif target.id in self.graph.nodes:
            self._now()
            self.fired[target.id] = self.fired.get(target.id, 0) + 1
        else:
            return
        self._tell()

    def _pass_edge(
        self, source: Node | None, target: Node, value: Any, ms: float, event: int, first: bool = True
    ) -> None:
        if source is None or source.id == target.id:
            return
        self.graph.join(source, target, declared=False)
        seen = self.seen.setdefault((source.id, target.id), Seen())
        seen.count += first
        seen.ms, seen.event = ms, event
        seen.payload = " ".join(summarise(value, _PAYLOAD_CHARS).split())

    def _tell(self) -> None:
        if self._stale and self.running:
            self.read()
        self._changed()
