"""How numbers become colours on a map: linear, logarithmic, in classes, and a grey for no value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from plotly.colors import get_colorscale

from dashboards.parts.escape import escape
from dashboards.parts.theme import MISSING_COLOR

__all__ = ["Kind", "Shading", "make_shading", "suits_log"]

Kind = Literal["linear", "log", "classes"]

NO_VALUE = "no value"
_CLASSES = 7
# The ends of a measure lie so many times apart before a linear scale shows all but the largest in one colour.
_LOG_FROM = 30.0
# Share of the colour bar that says "no value", and the gap below it.
_STUB, _GAP = 0.06, 0.02


@dataclass(frozen=True)
class Shading:
    """A scale from numbers to colours.

    Attributes
    ----------
    kind : {"linear", "log", "classes"}
    low, high : float
        Numbers at the ends: of all times, so that a colour keeps its meaning.
    cuts : ndarray of float
        Borders between classes; empty on the other scales.
    colors : str
        Name of a Plotly colour map.
    missing : bool
        Whether any region lacks a value at any time.
    """

    kind: Kind
    low: float
    high: float
    colors: str
    missing: bool
    cuts: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def place(self, values: np.ndarray) -> np.ndarray:
        """Return where numbers lie on the colour axis, float32; those that are missing below its low end.

        Four bytes tell colours apart, and travel at each step of a slider.
        """
        values = np.asarray(values, dtype=float)
        known = np.isfinite(values) & ((values > 0) if self.kind == "log" else True)
        if self.kind == "classes":
            places = np.searchsorted(self.cuts, values, side="right").astype(float)
        else:
            places = self._scaled(np.where(known, values, self.low))
        return np.where(known, places, self._stub()).astype(np.float32)

    def lacks(self, values: np.ndarray) -> np.ndarray:
        """Return which numbers have no colour: bool, shape of the values."""
        values = np.asarray(values, dtype=float)
        return ~np.isfinite(values) | ((values <= 0) if self.kind == "log" else False)

    def coloraxis(self, title: str) -> dict[str, Any]:
        """Return ``layout.coloraxis``, with its bar below the picture.

        Parameters
        ----------
        title : str
            Plain text.
        """
        low, high = self._ends()
        ticks, texts = self._ticks()
        stops = self._stops()
        if self.missing:
            below = high - low
            first, low = low, low - (1.0 if self.kind == "classes" else (_STUB + _GAP) * below)
            grey = (first - low if self.kind == "classes" else _STUB * below) / (high - low)
            start = (first - low) / (high - low)
            stops = [
                (0.0, MISSING_COLOR),
                (grey, MISSING_COLOR),
                (grey, stops[0][1]),
                *((start + place * (1 - start), color) for place, color in stops),
            ]
            ticks, texts = [self._stub(), *ticks], [NO_VALUE, *texts]
        return {
            "colorscale": [[min(1.0, float(place)), color] for place, color in stops],
            "cmin": float(low),
            "cmax": float(high),
            "colorbar": {
                "orientation": "h",
                "title": {"text": escape(title), "side": "top"},
                "tickmode": "array",
                "tickvals": [float(tick) for tick in ticks],
                "ticktext": texts,
                "thickness": 10,
                "len": 0.7,
                "y": 0,
                "yanchor": "top",
                "ypad": 4,
                "outlinewidth": 0,
            },
        }

    # -- inside ---------------------------------------------------------------------------------

    def _scaled(self, values: Any) -> Any:
        return np.log10(values) if self.kind == "log" else values

    def _ends(self) -> tuple[float, float]:
        if self.kind == "classes":
            return -0.5, len(self.cuts) + 0.5
        low, high = float(self._scaled(self.low)), float(self._scaled(self.high))
        return (low, high) if high > low else (low - 0.5, high + 0.5)

    def _stub(self) -> float:
        low, high = self._ends()
        return low - 0.5 if self.kind == "classes" else low - (_GAP + _STUB * 0.6) * (high - low)

    def _stops(self) -> list[tuple[float, str]]:
        scale = [(float(place), str(color)) for place, color in get_colorscale(self.colors)]
        if self.kind != "classes":
            return scale
        count = len(self.cuts) + 1
        shown = [_between(scale, place / max(count - 1, 1)) for place in range(count)]
        return [(place, color) for i, color in enumerate(shown) for place in (i / count, (i + 1) / count)]

    def _ticks(self) -> tuple[list[float], list[str]]:
        if self.kind == "classes":
            return [i + 0.5 for i in range(len(self.cuts))], [_short(cut) for cut in self.cuts]
        low, high = (self.low, self.high) if self.high > self.low else (self.low - 0.5, self.low + 0.5)
        values = _decades(low, high) if self.kind == "log" else _round_steps(low, high)
        return [float(self._scaled(value)) for value in values], [_short(value) for value in values]


def make_shading(values: np.ndarray, kind: str, colors: str, missing: bool) -> Shading:
    """Fit a scale to all numbers that a map will show.

    Parameters
    ----------
    values : ndarray of float
        Of all times; those that are not finite are left out.
    kind : {"automatic", "linear", "log", "classes"}
    colors : str
        Name of a Plotly colour map.
    missing : bool
        Whether a region lacks a value at some time.
    """
    known = values[np.isfinite(values)]
    if kind == "automatic":
        kind = "log" if suits_log(known) else "linear"
    if kind == "log":
        missing = missing or bool((known <= 0).any())
        known = known[known > 0]
    if not len(known):
        return Shading("linear", 0.0, 1.0, colors, missing)
    low, high = float(known.min()), float(known.max())
    if kind == "log":
        return Shading("log", low, high, colors, missing)
    if kind == "classes":
        cuts = np.unique(np.quantile(known, np.arange(1, _CLASSES) / _CLASSES))
        return Shading("classes", low, high, colors, missing, cuts[cuts > low])
    return Shading("linear", low, high, colors, missing)


def suits_log(values: np.ndarray) -> bool:
    """Tell whether numbers, all above zero, spread over so many sizes that a linear scale hides most."""
    known = values[np.isfinite(values)]
    if len(known) < 2 or known.min() <= 0:
        return False
    low, high = np.quantile(known, (0.01, 0.99))
    return bool(high > _LOG_FROM * low)


def _between(scale: Sequence[tuple[float, str]], place: float) -> str:
    """Return the colour at a place of a scale of hex or rgb() colours, as hex."""
    places = [stop for stop, _ in scale]
    parts = np.array([_rgb(color) for _, color in scale])
    mixed = [round(float(np.interp(place, places, parts[:, channel]))) for channel in range(3)]
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def _rgb(color: str) -> tuple[float, ...]:
    if color.startswith("#"):
        return tuple(int(color[i : i + 2], 16) for i in (1, 3, 5))
    return tuple(float(part) for part in color[color.index("(") + 1 : -1].split(",")[:3])


def _round_steps(low: float, high: float, wanted: int = 5) -> list[float]:
    rough = (high - low) / wanted
    size = 10.0 ** np.floor(np.log10(rough))
    step = next(factor * size for factor in (1, 2, 5, 10) if factor * size >= rough * 0.999)
    first = np.ceil(low / step - 1e-9)
    return [float(f"{(first + i) * step:.10g}") for i in range(int((high - first * step) / step + 1e-9) + 1)]


def _decades(low: float, high: float) -> list[float]:
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    for factors in ((1,), (1, 3), (1, 2, 5)):
        found = [factor * 10.0**power for power in powers for factor in factors]
        found = [value for value in found if low <= value <= high]
        if len(found) >= 4:
            return found
    return found or _round_steps(low, high)


def _short(value: float) -> str:
    """Write a number for the bar: 20k, 1.5M, 2B."""
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            unit = 1e3 if letter == "k" else size
            return f"{value / unit:.3g}{letter}"
    return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
