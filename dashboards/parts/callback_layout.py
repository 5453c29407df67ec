"""The graph of callbacks as a picture: which boxes, where they stand, and how arrows run. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboards.parts.callback_graph import Edge, Graph, Node
from dashboards.parts.callback_marks import Seen
from dashboards.parts.escape import escape
from dashboards.parts.figure_diff import Spec
from dashboards.parts.limits import GRAPH_NODES
from dashboards.parts.theme import CATEGORICAL, Mode

__all__ = ["COLUMNS", "Facts", "height_of", "picture", "places", "reached", "shown"]

COLUMNS: dict[str, tuple[str, ...]] = {
    "Widgets and streams": ("widget", "stream"),
    "Parameters": ("parameter",),
    "Functions": ("function",),
    "Pictures and parts": ("output",),
}
"""Heading to the kinds of boxes below it, from left to right."""

_COLUMN = {kind: place for place, kinds in enumerate(COLUMNS.values()) for kind in kinds}
_COLORS = {
    "widget": CATEGORICAL[0],
    "stream": CATEGORICAL[5],
    "parameter": CATEGORICAL[2],
    "function": CATEGORICAL[1],
    "output": CATEGORICAL[4],
}
BOX = 0.7  # width of a box; columns are 1 apart
ROW_PX = 28
HEAD_PX = 46
LABEL_CHARS = 20
_SWEEPS = 6
_LEAST_ROWS = 3
# With at most so many passed arrows there is room for the time beside each counter.
_ROOMY = 4


@dataclass(frozen=True)
class Facts:
    """What was seen of a graph (see `Trace`)."""

    seen: Mapping[tuple[str, str], Seen] = field(default_factory=dict)
    runs: Mapping[str, int] = field(default_factory=dict)
    fired: Mapping[str, int] = field(default_factory=dict)
    event: int = 0


# -- which boxes --------------------------------------------------------------------------------


def shown(graph: Graph, facts: Facts, frame: bool = False, ran: bool = False, focus: str = "") -> Graph:
    """Choose what is drawn.

    Parameters
    ----------
    graph : Graph
    facts : Facts
    frame : bool
        Also undo and theme, and how parameters set their own widgets.
    ran : bool
        Only what ran.
    focus : str
        Id of a box: only what leads to it, and what follows from it.

    Returns
    -------
    Graph
        At most `GRAPH_NODES` boxes; those that ran go first.
    """
    edges = [edge for edge in graph.edges.values() if frame or not _of_frame(graph, edge)]
    if ran:
        edges = [edge for edge in edges if (edge.source, edge.target) in facts.seen]
    if focus in graph.nodes:
        near = reached(edges, focus)
        edges = [edge for edge in edges if edge.source in near and edge.target in near]
    edges.sort(key=lambda edge: (edge.source, edge.target) not in facts.seen)
    chosen = Graph()
    for edge in edges:
        new = {edge.source, edge.target} - chosen.nodes.keys()
        if len(chosen.nodes) + len(new) <= GRAPH_NODES:
            chosen.join(graph.nodes[edge.source], graph.nodes[edge.target], edge.declared)
    if focus in graph.nodes:
        chosen.nodes.setdefault(focus, graph.nodes[focus])
    return chosen


def _of_frame(graph: Graph, edge: Edge) -> bool:
    source, target = graph.nodes[edge.source], graph.nodes[edge.target]
    return source.frame or target.frame or (source.kind == "parameter" and target.kind == "widget")


def reached(edges: list[Edge], start: str) -> set[str]:
    """Return what leads to a box and what follows from it, with the box."""
    found = {start}
    for forward in (True, False):
        front = {start}
        while front:
            steps = ((e.source, e.target) if forward else (e.target, e.source) for e in edges)
            front = {there for here, there in steps if here in front and there not in found}
            found |= front
    return found


# -- where they stand ---------------------------------------------------------------------------


def places(graph: Graph) -> dict[str, tuple[int, float]]:
    """Give each box its column and its row, so that few arrows cross.

    Returns
    -------
    dict of str to (int, float)
        Id to column and row, rows from the top; columns are centred.
    """
    columns: list[list[Node]] = [[] for _ in COLUMNS]
    for node in graph.nodes.values():
        columns[_COLUMN[node.kind]].append(node)
    for column in columns:
        column.sort(key=lambda node: (node.kind, node.label.lower(), node.id))
    rows = {node.id: float(row) for column in columns for row, node in enumerate(column)}
    partners: dict[str, list[str]] = {node: [] for node in graph.nodes}
    for edge in graph.edges.values():
        partners[edge.source].append(edge.target)
        partners[edge.target].append(edge.source)
    for sweep in range(_SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            middle = {
                node.id: sum(rows[p] for p in partners[node.id]) / len(partners[node.id])
                if partners[node.id]
                else rows[node.id]
                for node in column
            }
            column.sort(key=lambda node: (middle[node.id], node.label.lower(), node.id))
            tall = max(len(column), 1)
            rows |= {node.id: row * _tallest(columns) / tall for row, node in enumerate(column)}
    deep = _tallest(columns)
    found: dict[str, tuple[int, float]] = {}
    for number, column in enumerate(columns):
        step = min(2.0, deep / max(1, len(column)))
        top = (deep - step * (len(column) - 1) - 1) / 2
        found |= {node.id: (number, top + step * row) for row, node in enumerate(column)}
    return found


def _tallest(columns: list[list[Node]]) -> int:
    return max(_LEAST_ROWS, *(len(column) for column in columns))


def height_of(graph: Graph) -> int:
    """Return how many pixels the picture of a graph is high."""
    tall = [0] * len(COLUMNS)
    for node in graph.nodes.values():
        tall[_COLUMN[node.kind]] += 1
    return HEAD_PX + 16 + ROW_PX * max(_LEAST_ROWS, *tall)


# -- the picture --------------------------------------------------------------------------------

_INK = {"light": "#20262E", "dark": "#E8EAED"}
_QUIET = {"light": "#8A94A0", "dark": "#7C8590"}
_GROUND = {"light": "#FFFFFF", "dark": "#15181D"}


def picture(graph: Graph, facts: Facts, mode: Mode = "light") -> Spec:
    """Draw a graph: boxes, arrows, and on the arrows that were passed how often.

    Parameters
    ----------
    graph : Graph
        As `shown` chose it.
    facts : Facts
    mode : {"light", "dark"}
    """
    where = places(graph)
    nodes = list(graph.nodes.values())
    edges = sorted(graph.edges.values(), key=lambda edge: _weight(edge, facts))
    lit = {end for edge in edges if _weight(edge, facts) == 2 for end in (edge.source, edge.target)}
    deep = max([float(_LEAST_ROWS), *(row + 1 for _, row in where.values())])
    headings = [
        {
            "x": column + BOX / 2, "y": -0.75, "text": f"<b>{heading}</b>", "showarrow": False,
            "font": {"size": 12, "color": _INK[mode]},
        }
        for column, heading in enumerate(COLUMNS)
    ]  # fmt: skip
    if not nodes:
        headings.append(_nothing(deep, mode))
    return {
        "data": [
            _boxes(nodes, where, facts, lit, mode),
            _heads(edges, where, facts, mode),
            _counters(edges, graph, where, facts, mode),
        ],
        "layout": {
            "shapes": [_arrow(edge, where, facts, mode) for edge in edges],
            "annotations": headings,
            "xaxis": {"range": [-0.04, len(COLUMNS) - 1 + BOX + 0.1], "visible": False, "fixedrange": True},
            "yaxis": {"range": [deep - 0.4, -1.3], "visible": False, "fixedrange": True},
            "margin": {"l": 4, "r": 4, "t": 8, "b": 8},
            "showlegend": False,
            "hovermode": "closest",
            "dragmode": False,
            "bargap": 0,
        },
    }


def _nothing(deep: float, mode: Mode) -> dict[str, Any]:
    words = "Nothing has run yet: use a widget or a picture of the dashboard."
    place = {"x": (len(COLUMNS) - 1 + BOX) / 2, "y": deep / 2, "showarrow": False}
    return {**place, "text": words, "font": {"size": 14, "color": _QUIET[mode]}}


def _weight(edge: Edge, facts: Facts) -> int:
    """Return 2 for an arrow that the newest event passed, 1 for one passed before, else 0."""
    seen = facts.seen.get((edge.source, edge.target))
    return 0 if seen is None else 2 if seen.event == facts.event else 1


def _mixed(color: str, ground: str, share: float) -> str:
    pairs = zip(bytes.fromhex(color[1:]), bytes.fromhex(ground[1:]), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def _short(label: str, chars: int) -> str:
    return label if len(label) <= chars else label[: chars - 1] + "…"


def _boxes(
    nodes: list[Node], where: Mapping[str, tuple[int, float]], facts: Facts, lit: set[str], mode: Mode
) -> dict[str, Any]:
    share = [0.5 if node.id in lit else 0.16 for node in nodes]
    runs = [facts.runs.get(node.id, 0) or facts.fired.get(node.id, 0) for node in nodes]
    times = [f" ×{n}" if n else "" for n in runs]
    return {
        "type": "bar",
        "uid": "boxes",
        "orientation": "h",
        "base": [where[node.id][0] for node in nodes],
        "x": [BOX] * len(nodes),
        "y": [where[node.id][1] for node in nodes],
        "width": [0.78] * len(nodes),
        "text": [
            escape(_short(node.label, LABEL_CHARS - len(many))) + many
            for node, many in zip(nodes, times, strict=True)
        ],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "constraintext": "none",
        "textfont": {"size": 12, "color": _INK[mode]},
        "customdata": [node.id for node in nodes],
        "hovertext": [
            f"<b>{escape(node.label)}</b><br>{escape(node.detail)}" + (f"<br>{n:,} times" if n else "")
            for node, n in zip(nodes, runs, strict=True)
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": {
            "color": [_mixed(_COLORS[n.kind], _GROUND[mode], s) for n, s in zip(nodes, share, strict=True)],
            "line": {
                "color": [_COLORS[node.kind] for node in nodes],
                "width": [2.5 if node.id in lit else 1 for node in nodes],
            },
        },
    }


def _curve(edge: Edge, where: Mapping[str, tuple[int, float]]) -> tuple[tuple[float, float], ...]:
    """Return the four points of a Bézier curve from box to box."""
    (c0, r0), (c1, r1) = where[edge.source], where[edge.target]
    if c1 > c0:
        x0, x1 = c0 + BOX, float(c1)
        reach = max(0.14, (x1 - x0) * 0.5)
        return (x0, r0), (x0 + reach, r0), (x1 - reach, r1), (x1, r1)
    if c1 == c0:
        x0 = c0 + BOX
        return (x0, r0), (x0 + 0.24, r0), (x0 + 0.24, r1), (x0, r1)
    x0, x1 = float(c0), c1 + BOX
    reach = max(0.14, (x0 - x1) * 0.5)
    return (x0, r0 + 0.2), (x0 - reach, r0 + 0.2), (x1 + reach, r1 + 0.2), (x1, r1 + 0.2)


def _color(edge: Edge, where: Mapping[str, Any], facts: Facts, mode: Mode) -> str:
    weight = _weight(edge, facts)
    if weight == 2:
        return CATEGORICAL[3]
    return _mixed(_QUIET[mode], _GROUND[mode], 1.0 if weight else 0.45)


def _arrow(edge: Edge, where: Mapping[str, tuple[int, float]], facts: Facts, mode: Mode) -> dict[str, Any]:
    points = [f"{x:.3f} {y:.3f}" for x, y in _curve(edge, where)]
    back = where[edge.target][0] < where[edge.source][0]
    return {
        "type": "path",
        "path": f"M {points[0]} C {points[1]} {points[2]} {points[3]}",
        "layer": "below",
        "line": {
            "color": _color(edge, where, facts, mode),
            "width": (1, 1.5, 2.5)[_weight(edge, facts)],
            "dash": "dot" if back else "solid",
        },
    }


def _heads(
    edges: list[Edge], where: Mapping[str, tuple[int, float]], facts: Facts, mode: Mode
) -> dict[str, Any]:
    tips = [_curve(edge, where)[3] for edge in edges]
    back = [where[edge.target][0] <= where[edge.source][0] for edge in edges]
    return {
        "type": "scatter",
        "uid": "heads",
        "mode": "markers",
        "x": [x + (0.012 if b else -0.012) for (x, _), b in zip(tips, back, strict=True)],
        "y": [y for _, y in tips],
        "marker": {
            "symbol": ["triangle-left" if b else "triangle-right" for b in back],
            "size": 8,
            "color": [_color(edge, where, facts, mode) for edge in edges],
        },
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _counters(
    edges: list[Edge], graph: Graph, where: Mapping[str, tuple[int, float]], facts: Facts, mode: Mode
) -> dict[str, Any]:
    passed = [edge for edge in edges if _weight(edge, facts)]
    seen = [facts.seen[edge.source, edge.target] for edge in passed]
    # In the gap behind the box it comes from: the middle of a long arrow runs behind other boxes.
    far = [abs(where[edge.target][0] - where[edge.source][0]) > 1 for edge in passed]
    spots = [_on(_curve(edge, where), 0.13 if f else 0.5) for edge, f in zip(passed, far, strict=True)]
    roomy = len(passed) <= _ROOMY
    return {
        "type": "scatter",
        "uid": "counters",
        "mode": "markers+text",
        "x": [x for x, _ in spots],
        "y": [y for _, y in spots],
        "text": [f"{one.count} · {_ms(one.ms)}" if roomy else f"{one.count}" for one in seen],
        "textposition": "top center" if roomy else "middle center",
        "textfont": {"size": 12, "color": _INK[mode]},
        "marker": {
            "size": 7 if roomy else [12 + 6 * len(str(one.count)) for one in seen],
            "color": [_color(edge, where, facts, mode) if roomy else _GROUND[mode] for edge in passed],
            "line": {"color": [_color(edge, where, facts, mode) for edge in passed], "width": 1},
            "opacity": 1,
        },
        "customdata": [[edge.source, edge.target] for edge in passed],
        "hovertext": [
            f"<b>{escape(graph.nodes[edge.source].label)} → {escape(graph.nodes[edge.target].label)}</b>"
            f"<br>{one.count:,} times, last {one.ms:.2f} ms<br>{escape(one.payload)}"
            for edge, one in zip(passed, seen, strict=True)
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _ms(ms: float) -> str:
    return f"{ms:.1f} ms" if ms < 10 else f"{ms:.0f} ms"


def _on(curve: tuple[tuple[float, float], ...], at: float) -> tuple[float, float]:
    shares = ((1 - at) ** 3, 3 * at * (1 - at) ** 2, 3 * at**2 * (1 - at), at**3)
    return (
        sum(share * x for share, (x, _) in zip(shares, curve, strict=True)),
        sum(share * y for share, (_, y) in zip(shares, curve, strict=True)),
    )
