"""Figures to try events on: four points to hit, and data far too heavy for a browser; for /events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dashboards.parts.chart_catalogue import Chart

__all__ = ["FOUR_POINTS", "HEAVY", "Heavy"]


def four_points() -> go.Figure:
    """Four fruits in two traces, and a text that can be clicked."""
    figure = go.Figure(
        [
            go.Scatter(x=[1, 2], y=[1, 2], name="apple", customdata=[1, 2]),
            go.Scatter(x=[1, 2], y=[3, 4], name="orange", customdata=[3, 4]),
        ]
    )
    figure.update_traces(mode="markers", marker_size=20)
    figure.add_annotation(text="a text to click", x=1.5, y=2.5, showarrow=False, captureevents=True)
    return figure.update_layout(clickmode="event+select")


FOUR_POINTS = Chart(
    "Four points", "four-points", "events", "scatter fruit apple orange hover click selection", four_points
)


@dataclass(frozen=True)
class Heavy:
    """A figure of any size, to see how it is kept within its budget.

    Attributes
    ----------
    title, slug : str
        Name for people, and in links.
    amounts : dict of int to str
        How many data can be asked for, and what that is called.
    make : callable
        Makes the figure of so many data; it takes seconds for the largest, so not in an event loop.
    """

    title: str
    slug: str
    amounts: dict[int, str]
    make: Callable[[int], go.Figure]


def cloud(amount: int) -> go.Figure:
    """Draw normal points around three centres.

    Parameters
    ----------
    amount : int
        How many.
    """
    generator = np.random.default_rng(0)
    centers = np.array([[-2, 0], [2, 1], [0, -2.5]], np.float32)
    which = generator.integers(0, 3, amount)
    places = generator.standard_normal((2, amount), np.float32)
    return go.Figure(
        go.Scattergl(
            x=places[0] + centers[which, 0],
            y=places[1] + centers[which, 1],
            mode="markers",
            marker={"size": 3, "opacity": 0.5},
            name="points",
        )
    )


def blobs(amount: int) -> go.Figure:
    """Draw surfaces of equal value through a cube of a smooth function.

    Parameters
    ----------
    amount : int
        Voxels, a cube of a whole number.
    """
    side = round(amount ** (1 / 3))
    line = np.linspace(-1, 1, side, dtype=np.float32)
    x, y, z = (axis.ravel() for axis in np.meshgrid(line, line, line, indexing="ij"))
    value = np.sin(4 * x) * np.cos(3 * y) + np.cos(4 * z) * np.sin(3 * x)
    return go.Figure(
        go.Isosurface(x=x, y=y, z=z, value=value, isomin=0.3, isomax=1.2, surface_count=2, opacity=0.6)
    )


HEAVY: tuple[Heavy, ...] = (
    Heavy(
        "Millions of points",
        "cloud",
        {10_000: "10 thousand", 100_000: "100 thousand", 1_000_000: "1 million", 10_000_000: "10 million"},
        cloud,
    ),
    Heavy(
        "Isosurface of a cube",
        "blobs",
        {32**3: "32³ = 33 thousand", 64**3: "64³ = 262 thousand", 128**3: "128³ = 2.1 million",
         160**3: "160³ = 4.1 million"},
        blobs,
    ),
)  # fmt: skip
"""In the order of the list."""
