"""How much of a figure goes to the browser: bytes and points a pane; used by LinkedPlotly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Budget", "Shown", "measure"]


@dataclass(frozen=True)
class Budget:
    """What one pane may cost.

    Parameters
    ----------
    points : int
        Data of scatter-like traces, vertices and voxels.
    bytes : int
        Of all arrays together.
    """

    points: int = 100_000
    bytes: int = 16_000_000


@dataclass(frozen=True)
class Shown:
    """The meter of a pane: how many data are shown, of how many, and what they weigh.

    Attributes
    ----------
    points, of : int
        Shown and given.
    bytes : int
        Of what is sent, about.
    """

    points: int = 0
    of: int = 0
    bytes: int = 0

    def __str__(self) -> str:
        if self.points == self.of:
            return f"{self.of:,} shown"
        return f"{self.points:,} of {self.of:,} shown"


def measure(value: Any) -> int:
    """Bytes that a value takes on the wire, about.

    Parameters
    ----------
    value : object
        Arrays, containers, scalars.
    """
    if isinstance(value, np.ndarray):
        if value.dtype.kind in "OUS":
            return sum(len(str(member)) + 3 for member in value.ravel())
        return int(value.nbytes)
    if isinstance(value, dict):
        return sum(len(str(key)) + 3 + measure(member) for key, member in value.items())
    if isinstance(value, list | tuple):
        return sum(measure(member) + 1 for member in value)
    if isinstance(value, str):
        return len(value) + 2
    return 8
