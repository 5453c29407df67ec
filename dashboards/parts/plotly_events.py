"""Plotly's raw event payloads as typed values: pure functions, for LinkedPlotly alone.

The payloads are those of `linked_plot.js`, which reads them off the picture in the browser; nothing here
needs a browser or a figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from dashboards.parts.limits import BRUSH_POINTS

__all__ = [
    "AnnotationClick",
    "Brush",
    "Point",
    "hidden_names",
    "image_px",
    "parse_brush",
    "parse_point",
    "parse_shapes",
    "parse_viewport",
    "point_at",
]

_AXIS = re.compile(r"^([xy])axis(\d*)$")


@dataclass(frozen=True)
class Point:
    """What lies under the mouse: a marker, a bar, a bin, a pixel, a sector, a region.

    Attributes
    ----------
    curve : int
        Index of the trace in the figure.
    trace : str
        Its name, "" when it has none.
    index : int or None
        Index of the datum in the trace as it was given (before the budget thinned it); flat for sectors,
        None for bins and pixels.
    indices : tuple of int
        Members of a bin of a histogram trace, or (row, column) of a heatmap's or image's pixel.
    x, y, z : object
        Data coordinates and value; numbers, dates as text, or category names.
    label, id, parent : str or None
        Of bars and sectors; `id` is the key, labels may repeat.
    value : float or None
        Of bars and sectors.
    location : str or None
        Of map regions.
    lat, lon : float or None
        Of map markers, degrees.
    text, hovertext : object
        As the trace holds them.
    customdata : object
        As the trace holds it for this datum.
    color : tuple of int or None
        RGB(A) of an image's pixel.
    xaxis, yaxis : str
        Axis ids ("x", "y2"), "" where there are no axes.
    modifiers : frozenset of str
        Keys held: "shift", "ctrl", "alt", "meta".
    """

    curve: int
    trace: str = ""
    index: int | None = None
    indices: tuple[int, ...] = ()
    x: Any = None
    y: Any = None
    z: Any = None
    label: str | None = None
    id: str | None = None
    parent: str | None = None
    value: float | None = None
    location: str | None = None
    lat: float | None = None
    lon: float | None = None
    text: Any = None
    hovertext: Any = None
    customdata: Any = field(default=None, compare=False)
    color: tuple[int, ...] | None = None
    xaxis: str = ""
    yaxis: str = ""
    modifiers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Brush:
    """A region that a hand selected in one subplot.

    Attributes
    ----------
    kind : {"box", "lasso", "points"}
        "points": clicked points (``clickmode="event+select"``), without a region.
    xaxis, yaxis : str
        Axis ids of the subplot ("x", "y3"); "" on maps.
    x, y : (low, high) or None
        Of a box, sorted; data coordinates, texts on category and date axes.
    vertices : tuple of (x, y)
        Of a lasso, in data coordinates; on maps (longitude, latitude), of a box too: its sides are bent.
    points : tuple of Point
        The first of the selected points (a bounded number).
    indices : dict of int to tuple of int
        All selected data: trace index to indices in the trace.
    count : int
        How many data are selected.
    subplot : str
        Id of the map ("geo"), else "".
    """

    kind: Literal["box", "lasso", "points"]
    xaxis: str = ""
    yaxis: str = ""
    x: tuple[Any, Any] | None = None
    y: tuple[Any, Any] | None = None
    vertices: tuple[tuple[Any, Any], ...] = ()
    points: tuple[Point, ...] = ()
    indices: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    count: int = 0
    subplot: str = ""


@dataclass(frozen=True)
class AnnotationClick:
    """A click on an annotation that has ``captureevents``: its place in the list and its text."""

    index: int
    text: str
    name: str = ""


def parse_point(raw: Mapping[str, Any], kept: Mapping[int, np.ndarray] | None = None) -> Point:
    """Read a point.

    Parameters
    ----------
    raw : mapping
        One point of a hover, click or selection payload.
    kept : mapping of int to (n,) int array, optional
        For thinned traces: which data of the full trace were sent.
    """
    curve = int(raw.get("curveNumber", 0))
    number = raw.get("pointNumber")
    members: Iterable[Any] = raw.get("pointNumbers") or ()
    index: int | None = None
    if isinstance(number, list | tuple):
        members = number
    elif number is not None:
        index = int(number)
        if kept is not None and curve in kept and index < len(kept[curve]):
            index = int(kept[curve][index])
    color = raw.get("color")
    return Point(
        curve=curve,
        trace=str(raw.get("trace") or ""),
        index=index,
        indices=tuple(int(member) for member in members),
        x=raw.get("x"),
        y=raw.get("y"),
        z=raw.get("z"),
        label=_text(raw.get("label")),
        id=_text(raw.get("id")),
        parent=_text(raw.get("parent")),
        value=raw.get("value"),
        location=_text(raw.get("location")),
        lat=raw.get("lat"),
        lon=raw.get("lon"),
        text=raw.get("text"),
        hovertext=raw.get("hovertext"),
        customdata=raw.get("customdata"),
        color=tuple(int(c) for c in color) if isinstance(color, list | tuple | np.ndarray) else None,
        xaxis=str(raw.get("xaxis") or ""),
        yaxis=str(raw.get("yaxis") or ""),
        modifiers=frozenset(raw.get("modifiers") or ()),
    )


def point_at(trace: Mapping[str, Any], curve: int, index: int) -> Point:
    """Make the point of a datum from the trace that holds it.

    Parameters
    ----------
    trace : mapping
        Trace dict.
    curve : int
        Its place in the figure.
    index : int
        Of the datum, in the arrays of the trace.
    """

    def at(key: str) -> Any:
        values = trace.get(key)
        if values is None or isinstance(values, str) or not hasattr(values, "__getitem__"):
            return values
        if index >= len(values):
            return None
        value = values[index]
        return value.tolist() if isinstance(value, np.generic | np.ndarray) else value

    flat = trace.get("type") in ("scattergeo", "choropleth", "scattermap", "choroplethmap")
    return Point(
        curve,
        str(trace.get("name") or ""),
        index,
        x=at("x"),
        y=at("y"),
        z=at("z"),
        label=_text(at("labels")),
        id=_text(at("ids")),
        value=at("values"),
        location=_text(at("locations")),
        lat=at("lat"),
        lon=at("lon"),
        text=at("text"),
        hovertext=at("hovertext"),
        customdata=at("customdata"),
        xaxis="" if flat else str(trace.get("xaxis") or "x"),
        yaxis="" if flat else str(trace.get("yaxis") or "y"),
    )


def parse_brush(
    raw: Mapping[str, Any] | None,
    traces: Sequence[Mapping[str, Any]] = (),
    kept: Mapping[int, np.ndarray] | None = None,
) -> Brush | None:
    """Read a selection; None for a deselect, and for a selection of nothing without a region.

    Parameters
    ----------
    raw : mapping or None
        Keys `range` (axis id → [a, b]), `lasso` (axis id → coordinates), `map` (subplot, kind, ring),
        `indices`, `count`.
    traces : sequence of mapping
        Trace dicts of the figure, which hold the data of the points.
    kept : mapping of int to (n,) int array, optional
        For thinned traces: which data of the full trace were sent.
    """
    if not raw:
        return None
    indices = {}
    found: list[Point] = []
    for curve, numbers in (raw.get("indices") or {}).items():
        place = int(curve)
        chosen = np.asarray(numbers, dtype=np.int64)
        if place < len(traces):
            found += [
                point_at(traces[place], place, index)
                for index in chosen[: max(0, BRUSH_POINTS - len(found))].tolist()
            ]
        if kept is not None and place in kept:
            chosen = kept[place][chosen[chosen < len(kept[place])]]
            found = [
                replace(point, index=int(kept[place][point.index]))
                if point.curve == place and point.index is not None
                else point
                for point in found
            ]
        indices[place] = tuple(chosen.tolist())
    points = tuple(found)
    count = int(raw.get("count") or sum(map(len, indices.values())))
    ranges, lasso, drawn = raw.get("range"), raw.get("lasso"), raw.get("map")
    if drawn:
        ring = tuple((float(lon), float(lat)) for lon, lat in drawn["ring"])
        kind: Literal["box", "lasso"] = "box" if drawn["kind"] == "box" else "lasso"
        return Brush(
            kind, vertices=ring, points=points, indices=indices, count=count, subplot=drawn["subplot"]
        )
    if ranges:
        xaxis, yaxis = _subplot(ranges)
        return Brush(
            "box",
            xaxis,
            yaxis,
            _sorted(ranges.get(xaxis)),
            _sorted(ranges.get(yaxis)),
            (),
            points,
            indices,
            count,
        )
    if lasso:
        xaxis, yaxis = _subplot(lasso)
        pairs = zip(lasso.get(xaxis) or (), lasso.get(yaxis) or (), strict=False)
        return Brush(
            "lasso", xaxis, yaxis, vertices=tuple(pairs), points=points, indices=indices, count=count
        )
    if not points and not count:
        return None
    first = points[0] if points else Point(0)
    return Brush("points", first.xaxis, first.yaxis, points=points, indices=indices, count=count)


def parse_shapes(raw: Sequence[Mapping[str, Any]] | None) -> list[dict[str, Any]]:
    """Full list of shapes, without the empty ghosts that a replaced figure leaves behind.

    Parameters
    ----------
    raw : sequence of mapping
        ``layout.shapes`` as the browser has it.
    """
    shapes = []
    for shape in raw or ():
        if not shape or "type" not in shape:
            continue
        if shape["type"] == "path" and not shape.get("path"):
            continue
        if shape["type"] != "path" and not {"x0", "y0", "x1", "y1"} <= shape.keys():
            continue
        shapes.append({key: value for key, value in shape.items() if value is not None})
    return shapes


def hidden_names(traces: Sequence[Mapping[str, Any]], visible: Sequence[Any] | None = None) -> frozenset[str]:
    """Legend groups, or names of traces without a group, that are only in the legend.

    Parameters
    ----------
    traces : sequence of mapping
        Trace dicts; their keys `legendgroup`, `name`, `visible` are read.
    visible : sequence, optional
        What the browser says of each trace: True, False or "legendonly".
    """
    shown, hidden = set(), set()
    for place, trace in enumerate(traces):
        name = str(trace.get("legendgroup") or trace.get("name") or "")
        state = visible[place] if visible is not None and place < len(visible) else trace.get("visible")
        if name and state == "legendonly":
            hidden.add(name)
        elif name and state is not False:
            shown.add(name)
    return frozenset(hidden - shown)


def parse_viewport(raw: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Axis id → (low, high) of each axis, in the figure's own order (a reversed axis stays reversed).

    Parameters
    ----------
    raw : mapping
        Axis name ("xaxis2") → [a, b]; on logarithmic axes the exponents, as Plotly keeps them.
    """
    viewport = {}
    for name, ends in raw.items():
        match = _AXIS.match(name)
        if match and ends is not None and len(ends) == 2:
            viewport[match[1] + match[2]] = (ends[0], ends[1])
    return viewport


def image_px(screen_px: float, axis_range: tuple[float, float], axis_length: float) -> float:
    """Length in data units (image pixels) of a stroke width, which Plotly keeps in screen pixels.

    Parameters
    ----------
    screen_px : float
        Width of a line as drawn.
    axis_range : (float, float)
        Ends of the axis when it was drawn, from the viewport.
    axis_length : float
        Length of that axis on the screen, pixels.

    Raises
    ------
    ValueError
        When the axis has no length on the screen.
    """
    if axis_length <= 0:
        raise ValueError(f"the axis is {axis_length} px long: a picture that is not drawn has no scale")
    return screen_px * abs(axis_range[1] - axis_range[0]) / axis_length


def _subplot(ends: Mapping[str, Any]) -> tuple[str, str]:
    names = list(ends)
    xaxis = next((name for name in names if name.startswith("x")), "")
    yaxis = next((name for name in names if name.startswith("y")), "")
    return xaxis, yaxis


def _sorted(pair: Sequence[Any] | None) -> tuple[Any, Any] | None:
    if pair is None or len(pair) != 2:
        return None
    low, high = pair
    return (low, high) if isinstance(low, str) or low <= high else (high, low)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
