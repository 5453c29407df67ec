"""Where data comes from: tables, images, volumes, boundaries. Reads, checks, describes, aggregates.

Names are loaded when first used, so that a program that only needs images does not load pandas.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data_sources.aggregates import Groups, Histogram, Lines, Segments, Tree
    from data_sources.bikeshare import trips
    from data_sources.builtin import gapminder
    from data_sources.columns import Column
    from data_sources.errors import BrushlinkError, SelectionError, SourceError, TableError
    from data_sources.predicates import (
        AllOf,
        AnyOf,
        InPolygon,
        Interval,
        IsIn,
        Predicate,
        predicate_from_json,
    )
    from data_sources.readers import TABLE_SUFFIXES, read_table
    from data_sources.selection import Selection
    from data_sources.table import Table
    from data_sources.wording import MISSING

__all__ = [
    "MISSING",
    "TABLE_SUFFIXES",
    "AllOf",
    "AnyOf",
    "BrushlinkError",
    "Column",
    "Groups",
    "Histogram",
    "InPolygon",
    "Interval",
    "IsIn",
    "Lines",
    "Predicate",
    "Segments",
    "Selection",
    "SelectionError",
    "SourceError",
    "Table",
    "TableError",
    "Tree",
    "gapminder",
    "predicate_from_json",
    "read_table",
    "trips",
]

_MODULES = {
    "aggregates": ("Groups", "Histogram", "Lines", "Segments", "Tree"),
    "bikeshare": ("trips",),
    "builtin": ("gapminder",),
    "columns": ("Column",),
    "errors": ("BrushlinkError", "SelectionError", "SourceError", "TableError"),
    "predicates": ("AllOf", "AnyOf", "InPolygon", "Interval", "IsIn", "Predicate", "predicate_from_json"),
    "readers": ("TABLE_SUFFIXES", "read_table"),
    "selection": ("Selection",),
    "table": ("Table",),
    "wording": ("MISSING",),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
