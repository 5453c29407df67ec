"""What calls what in a dashboard, read from Param: watchers, `param.depends`, bound functions, widget links.

Nothing here runs or changes a dashboard; `callback_trace.py` follows it while it works.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import panel as pn
import param
from panel.custom import ReactiveESM
from panel.widgets.base import WidgetBase
from panel.widgets.indicators import Indicator
from panel.widgets.tables import BaseTable
from param.parameterized import Parameterized, Watcher, resolve_ref

from dashboards.parts.dashboard import Dashboard
from dashboards.parts.event_log import EventLog
from dashboards.parts.history import History
from dashboards.parts.inventory import Inventory, Placed
from dashboards.parts.linked_plotly import LinkedPlotly

__all__ = [
    "Edge",
    "Graph",
    "Node",
    "bound_function",
    "callback_of",
    "function_node",
    "heard_through",
    "listens",
    "node_of",
    "read_graph",
    "references_of",
    "role_of",
    "watchers_of",
]

Kind = Literal["widget", "stream", "parameter", "function", "output"]
Role = Literal["function", "link", "reference", "hidden"]

# Widgets of Panel that nobody sets by hand first of all: they show.
_NO_CONTROLS = (BaseTable, Indicator)
_LIBRARIES = ("panel.", "panel_material_ui.", "param.", "bokeh.")
# Functions of the page around a dashboard: undo, theme.
_FRAME = ("dashboards.parts.history", "dashboards.parts.dashboard", "dashboards.parts.shell")
# Their functions belong to the plumbing, as Panel's own do.
_PLUMBING = ("dashboards.parts.linked_plotly", "dashboards.parts.plotly_pane", "dashboards.parts.callback_")
# Here functions inside of a function join a control to its parameter: an arrow, no box.
_JOINING = ("dashboards.parts.controls", "dashboards.parts.column_choice")
# What a lambda mentions besides what it calls.
_UNTELLING = {"self", "state", "new", "old", "param", "value"}


@dataclass(frozen=True)
class Node:
    """A box of the graph.

    Attributes
    ----------
    id : str
        Stable from one session to the next.
    kind : {"widget", "stream", "parameter", "function", "output"}
        "stream": a parameter of a picture, which the browser's events set. "output": what is shown.
    label : str
        Plain text for people; it may come from data.
    detail : str
        Where it lives: class and attribute, file and line.
    frame : bool
        Whether it belongs to the page around the dashboard: undo, theme.
    """

    id: str
    kind: Kind
    label: str
    detail: str = ""
    frame: bool = False


@dataclass(frozen=True)
class Edge:
    """An arrow of the graph: when the one changes, the other runs or changes.

    Attributes
    ----------
    source, target : str
        Ids of nodes.
    declared : bool
        Whether Param says so; else it was seen to happen.
    """

    source: str
    target: str
    declared: bool = True


@dataclass
class Graph:
    """Boxes and arrows.

    Attributes
    ----------
    nodes : dict of str to Node
        By id.
    edges : dict of (str, str) to Edge
        By source and target.
    """

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: dict[tuple[str, str], Edge] = field(default_factory=dict)

    def join(self, source: Node | None, target: Node | None, declared: bool = True) -> None:
        """Add an arrow with its boxes; nothing when an end is unknown, or both are one."""
        if source is None or target is None or source.id == target.id:
            return
        for node in (source, target):
            self.nodes.setdefault(node.id, node)
        key = (source.id, target.id)
        if key not in self.edges or declared:
            self.edges[key] = Edge(*key, declared)


# -- functions ----------------------------------------------------------------------------------


def callback_of(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that a watcher is about: behind partials, `param.depends` and a trace.

    Parameters
    ----------
    fn : callable
        As it stands in a watcher.
    """
    while True:
        if hasattr(fn, "traced_callback"):
            fn = fn.traced_callback
        elif isinstance(fn, functools.partial):
            inner = fn.keywords.get("function") or next(filter(callable, fn.args), None)
            fn = inner if inner is not None else fn.func
        else:
            return fn


def heard_through(fn: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[[], bool]]:
    """Tell whether the function that a watcher is about really ran: a guard before it may stop an event.

    Parameters
    ----------
    fn : callable
        As it stands in a watcher; ``partial(guard, function)`` hands the function to its guard.

    Returns
    -------
    call : callable
        To be called instead.
    ran : callable
        Whether the function was reached by then; always, when nothing stands before it.
    """
    if not isinstance(fn, functools.partial) or "function" in fn.keywords:
        return fn, lambda: True
    place = next((place for place, one in enumerate(fn.args) if callable(one)), None)
    if place is None:
        return fn, lambda: True
    inner, runs = fn.args[place], []

    def noted(*args: Any, **kwargs: Any) -> Any:
        runs.append(True)
        return inner(*args, **kwargs)

    given = [*fn.args[:place], noted, *fn.args[place + 1 :]]
    return functools.partial(fn.func, *given, **fn.keywords), lambda: bool(runs)


def role_of(fn: Callable[..., Any]) -> Role:
    """Tell what a watcher's function is to the graph.

    Parameters
    ----------
    fn : callable
        As `callback_of` returns it.

    Returns
    -------
    {"function", "link", "reference", "hidden"}
        A box of its own; a link between a widget and a parameter; Param keeping a reference up to date;
        or plumbing of a library.
    """
    module, name = getattr(fn, "__module__", "") or "", getattr(fn, "__qualname__", "")
    if name in ("Parameters._sync_refs", "ParamRef._replace_pane"):
        return "reference"
    if name.startswith("Param.widget.<locals>."):
        return "link"
    if name.startswith("ParamMethod._link_object_params"):
        return "reference"
    if not name or f"{module}.".startswith(_LIBRARIES) or module.startswith(_PLUMBING):
        return "hidden"
    if module in _JOINING and "<locals>" in name:
        return "link"
    return "function"


def function_node(fn: Callable[..., Any]) -> Node:
    """Make the box of a function.

    Parameters
    ----------
    fn : callable
        As `callback_of` returns it.
    """
    module, name = getattr(fn, "__module__", ""), getattr(fn, "__qualname__", repr(fn))
    written = inspect.unwrap(getattr(fn, "__func__", fn))  # behind the wrapper of `param.depends`
    code = getattr(written, "__code__", None)
    line = code.co_firstlineno if code is not None else 0
    label = name.split(".")[-1]
    key = f"{module}.{name}"
    if label == "<lambda>":
        label, key = f"λ {_called(written)}".rstrip(), f"{key}:{line}"
    return Node(f"f:{key}", "function", f"{label}()", f"{name}, {module} line {line}", module in _FRAME)


def _called(fn: Callable[..., Any]) -> str:
    """Name what a lambda calls: by its words, or it is a function that it holds on to."""
    words = [word for word in fn.__code__.co_names if word not in _UNTELLING]
    if words:
        return words[-1]
    cells = [cell.cell_contents for cell in fn.__closure__ or () if _filled(cell)]
    held = [value for value in (*cells, *(fn.__defaults__ or ())) if inspect.isroutine(value)]
    return str(held[-1].__name__) if held else ""


# -- parameters and what shows them --------------------------------------------------------------


def node_of(inventory: Inventory, thing: Any, name: str, written: bool = False) -> Node | None:
    """Return the box that a parameter of an object belongs to.

    Parameters
    ----------
    inventory : Inventory
        Of the dashboard.
    thing : Parameterized
    name : str
        Of its parameter.
    written : bool
        Whether Python has set it: then a stream of a picture counts as the picture.
    """
    placed = inventory.get(thing)
    if placed is None or isinstance(thing, EventLog):
        return None
    if isinstance(thing, LinkedPlotly):
        if written:
            return Node(f"view:{thing.name}", "output", str(thing.name), f"LinkedPlotly {thing.name}")
        detail = str(thing.param[name].doc or "")
        return Node(f"stream:{thing.name}.{name}", "stream", f"{thing.name} · {name}", detail)
    if isinstance(thing, pn.viewable.Viewable):
        return _shown_node(inventory, placed)
    frame = isinstance(thing, History) or (isinstance(thing, Dashboard) and name == "theme")
    owner = placed.path or type(thing).__name__
    return Node(f"p:{owner}.{name}", "parameter", name, f"{type(thing).__name__}.{name}", frame)


def _shown_node(inventory: Inventory, placed: Placed) -> Node | None:
    thing = placed.thing
    if isinstance(placed.owner, LinkedPlotly):
        view = str(placed.owner.name)
        return Node(f"view:{view}", "output", view, f"LinkedPlotly {view}")
    kind = type(thing).__name__
    if isinstance(thing, WidgetBase) and not isinstance(thing, _NO_CONTROLS):
        said = getattr(thing, "label", "") or getattr(thing, "description", "") or placed.attribute.strip("_")
        label = str(said or _words(kind))
        key = placed.path if placed.attribute else inventory.numbered(label, thing)
        return Node(f"w:{key}", "widget", label, f"{kind} {placed.path}")
    if listens(thing):
        label = _words((placed.attribute or kind).strip("_").replace("_", " "))
        key = placed.path if placed.attribute else inventory.numbered(label, thing)
        return Node(f"w:{key}", "widget", label, f"{kind} {placed.path}")
    part = placed.part
    if part is not None:
        name = type(part).__name__
        return Node(f"o:{name}", "output", _words(name), f"{name}, {kind}")
    if isinstance(thing, pn.layout.base.ListLike | pn.layout.base.NamedListLike) and not placed.attribute:
        return None
    label = (placed.attribute or kind).strip("_")
    return Node(f"o:{placed.path}", "output", label.replace("_", " "), f"{kind} {placed.path}")


def listens(thing: Any) -> bool:
    """Tell whether something is a component of our own that hears messages of the browser."""
    return (
        isinstance(thing, ReactiveESM)
        and not f"{type(thing).__module__}.".startswith(_LIBRARIES)
        and (type(thing)._handle_msg is not ReactiveESM._handle_msg)
    )


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def watchers_of(thing: Parameterized) -> Iterator[tuple[str, str, list[Watcher], Watcher]]:
    """Go through the watchers of an object: parameter, what of it, the list it stands in, the watcher."""
    private = thing._param__private
    for name, kinds in private.watchers.items():
        for what, watchers in kinds.items():
            for watcher in list(watchers):
                yield name, what, watchers, watcher
    for name, parameter in private.params.items():
        for what, watchers in (parameter.watchers or {}).items():
            for watcher in list(watchers):
                yield name, what, watchers, watcher


def linked_targets(inventory: Inventory, fn: Callable[..., Any]) -> list[Node]:
    """Return the boxes that the functions inside of a control can set: what they hold on to.

    Parameters
    ----------
    inventory : Inventory
    fn : callable
        A closure.
    """
    cells = [cell.cell_contents for cell in getattr(fn, "__closure__", None) or () if _filled(cell)]
    names = [value for value in cells if isinstance(value, str)]
    found: list[Node | None] = []
    for value in cells:
        if isinstance(value, WidgetBase):
            found.append(node_of(inventory, value, "value", written=True))
        elif isinstance(value, Parameterized) and not isinstance(value, History | pn.viewable.Viewable):
            found += [node_of(inventory, value, name, written=True) for name in names if name in value.param]
    return [node for node in found if node is not None]


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


# -- the graph ----------------------------------------------------------------------------------


def read_graph(dashboard: Dashboard, inventory: Inventory | None = None) -> Graph:
    """Read all that Param knows of a dashboard: what runs, and what is set, when something changes.

    Parameters
    ----------
    dashboard : Dashboard
    inventory : Inventory, optional
        Of its objects, when one is at hand.
    """
    inventory = inventory if inventory is not None else Inventory(dashboard)
    graph = Graph()
    for placed in inventory:
        for name, _, _, watcher in watchers_of(placed.thing):
            fn = callback_of(watcher.fn)
            role = role_of(fn)
            if role in ("hidden", "reference"):
                continue
            source = node_of(inventory, placed.thing, name)
            if role == "function":
                graph.join(source, function_node(fn))
                continue
            for target in linked_targets(inventory, fn):
                if source is not None and {source.kind, target.kind} == {"widget", "parameter"}:
                    graph.join(source, target)
        _read_references(graph, inventory, placed.thing)
    return graph


def references_of(thing: Parameterized) -> Iterator[tuple[str, Any, list[param.Parameter]]]:
    """Go through what an object takes from others: its parameter, the reference, what that depends on."""
    for name, reference in list(thing._param__private.refs.items()):
        yield name, reference, list(resolve_ref(reference, thing.param[name].nested_refs))
    if isinstance(thing, pn.param.ParamRef) and thing.object is not None:
        yield "object", thing.object, list(resolve_ref(thing.object))


def bound_function(reference: Any) -> Node | None:
    """Return the box of the function behind `pn.bind` or `param.depends`; None for a bare parameter or rx."""
    fn = getattr(reference, "__bound_function__", reference)
    return function_node(fn) if callable(fn) and hasattr(fn, "__qualname__") else None


def _read_references(graph: Graph, inventory: Inventory, thing: Parameterized) -> None:
    for name, reference, needs in references_of(thing):
        target = node_of(inventory, thing, name, written=True)
        between = bound_function(reference)
        for need in needs:
            source = node_of(inventory, need.owner, str(need.name))
            if between is None:
                graph.join(source, target)
            elif source is not None:
                graph.join(source, between)
                graph.join(between, target)
