"""What a column of a table means: role, label, unit, format, how it is summed; for tables and choosers."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from data_sources import limits
from data_sources.cells import is_text, numbers
from data_sources.errors import TableError
from data_sources.wording import MISSING, number_text, with_unit

__all__ = ["Aggregate", "Column", "Role", "infer_column"]

Role = Literal["dimension", "measure", "time", "label"]
Aggregate = Literal["sum", "mean"]


@dataclass(frozen=True)
class Column:
    """The meaning of one column.

    Parameters
    ----------
    name : str
        As in the frame.
    role : {"dimension", "measure", "time", "label"}
        A dimension groups rows, a measure is computed with, time orders them, a label names them.
    label : str
        Title for people; made from the name when empty.
    unit : str
        "years", "US$", "km"; empty for a plain number.
    format : str
        Number format in d3's language, for axes and hover texts: ",.2~f".
    aggregate : {"sum", "mean"}
        How a measure of several rows becomes one number. A mean is weighted by the table's weight, if it has
        one.
    stock : bool
        A level at a moment, such as a population: summed over places, never over times.
    order : tuple, optional
        Categories that come first, in this order.
    palette : mapping, optional
        Category to colour, where a category has a colour of its own (a party, a line of the underground).
    description : str
        One sentence on where it comes from or what it means.

    Raises
    ------
    TableError
        If the role or the aggregate is none of the allowed.
    """

    name: str
    role: Role
    label: str = ""
    unit: str = ""
    format: str = ""
    aggregate: Aggregate = "sum"
    stock: bool = False
    order: tuple[Hashable, ...] | None = None
    palette: Mapping[Hashable, str] | None = None
    description: str = ""

    def __post_init__(self) -> None:
        for given, allowed, what in ((self.role, Role, "role"), (self.aggregate, Aggregate, "aggregate")):
            if given not in get_args(allowed):
                choices = ", ".join(get_args(allowed))
                raise TableError(f'Column "{self.name}": {given!r} is no {what}; allowed are {choices}.')
        if not self.label:
            object.__setattr__(self, "label", _words(self.name)[0])
        if self.order is not None:
            object.__setattr__(self, "order", tuple(self.order))

    @property
    def title(self) -> str:
        """The label with its unit, as on an axis: "Life expectancy (years)"."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    def text(self, value: Hashable, unit: bool = True) -> str:
        """Write one value for people: "1.319 billion people", "2007", "missing"."""
        if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
            return MISSING if value is None else str(value)
        if not np.isfinite(value):
            return MISSING
        group_from = 1000 if self.role == "measure" else 10_000
        return with_unit(number_text(float(value), group_from=group_from), self.unit if unit else "")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_YEAR = _set("year date jahr")
_TIME = _YEAR | _set("month time day week quarter datum timestamp period")
_STOCK = _set("pop population inhabitants residents headcount stock inventory balance")
# A sum of these means nothing, whatever the table is about.
_MEAN = _set(
    "age average avg bmi density depth elevation expectancy exp grade height humidity index intensity lat "
    "latitude length lon longitude mean median per percap percent pct ph pressure price probability quality "
    "rank rate rating ratio score share speed temp temperature width"
)
_SUM = _set(
    "amount bill cases cost count counts deaths distance duration emissions gdp income minutes n number "
    "passengers production profit quantity revenue sales tip total turnover units visits volume votes"
)
_UNITS = {
    unit.casefold(): unit for unit in ("km", "m", "cm", "mm", "kg", "mg", "ms", "min", "kWh", "MWh", "mph")
}
_UNITS |= {
    "minutes": "min",
    "sec": "s",
    "hours": "hours",
    "usd": "US$",
    "eur": "€",
    "gbp": "£",
    "kph": "km/h",
}
_UNITS |= {"pct": "%", "percent": "%", "celsius": "°C"}


def infer_column(series: pd.Series) -> Column:
    """Guess what a column means from its name and cells; any guess can be overridden.

    Few whole numbers or repeated texts are a dimension, other numbers a measure, years and dates a time,
    texts that (nearly) all differ a label.

    Parameters
    ----------
    series : Series
        With its name.

    Returns
    -------
    Column
    """
    name = str(series.name)
    label, unit, words = _words(name)
    known = series.dropna()
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        return Column(name, "time", label)
    if pd.api.types.is_bool_dtype(series.dtype):
        return Column(name, "dimension", label)
    if isinstance(series.dtype, pd.CategoricalDtype):
        return Column(name, "dimension", label, unit)
    if is_text(series):
        if words & _TIME and _is_iso(known):
            return Column(name, "time", label)
        different = known.astype(str).nunique()
        unique = len(known) > 1 and different >= limits.LABEL_SHARE * len(known)
        return Column(
            name, "label" if unique and different > limits.INTEGER_CATEGORIES else "dimension", label
        )
    values = numbers(series)
    values = values[~np.isnan(values)]
    whole = bool(len(values)) and bool((values == np.floor(values)).all())
    if whole and words & _YEAR and bool(((values >= 1000) & (values <= 2999)).all()):
        return Column(name, "time", label, format="d")
    if whole and len(values) > 1 and not unit and not words & (_MEAN | _SUM | _STOCK):
        different = len(np.unique(values))
        if different <= limits.INTEGER_CATEGORIES and different < len(values):
            return Column(name, "dimension", label, format=",d")
    return Column(
        name,
        "measure",
        label,
        unit,
        _format(values, whole),
        aggregate=_aggregate(values, whole, words),
        stock=bool(words & _STOCK),
    )


def _aggregate(values: np.ndarray, whole: bool, words: set[str]) -> Aggregate:
    if words & _MEAN:
        return "mean"
    if words & (_SUM | _STOCK):
        return "sum"
    return "sum" if whole and (values >= 0).all() else "mean"


def _format(values: np.ndarray, whole: bool) -> str:
    largest = float(np.abs(values).max()) if len(values) else 0.0
    if whole or largest >= 10_000:
        return ",.0f"
    return ",.2~f" if largest >= 10 else ",.4~g"


def _is_iso(known: pd.Series) -> bool:
    """Tell whether all texts are dates whose alphabetical order is the order of time."""
    return bool(len(known)) and bool(
        known.astype(str).str.fullmatch(r"\d{4}(-\d\d(-\d\d)?|-?[QW]\d{1,2})?").all()
    )


def _words(name: str) -> tuple[str, str, set[str]]:
    """Take a column's name apart into a label, a unit and its words in lower case."""
    unit = ""
    text = name.strip()
    bracket = re.fullmatch(r"(.*\S)\s*[\[(]([^\])]{1,12})[\])]", text)
    if bracket:
        text, unit = bracket.groups()
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", re.sub(r"[_\s.]+", " ", text)).strip()
    parts = spaced.split()
    if not unit and len(parts) > 1 and parts[-1].casefold() in _UNITS:
        unit = _UNITS[parts.pop().casefold()]
    if not parts:
        return name or "Unnamed", unit, set()
    first = parts[0] if parts[0].isupper() else parts[0][:1].upper() + parts[0][1:]
    rest = [part if len(part) > 1 and part.isupper() else part.lower() for part in parts[1:]]
    return " ".join([first, *rest]), unit, {part.casefold() for part in parts}
