"""What a person chose while exploring one table: measures, dimensions, scales, the year, the selection."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, ClassVar

import numpy as np
import param
from param.parameterized import batch_call_watchers

from dashboards.parts.state import DashboardState
from data_sources import Table, gapminder, trips
from data_sources.errors import did_you_mean

__all__ = ["OWN", "TABLES", "ExplorerState"]

OWN = "own"
"""Key of the table that the user brought."""

TABLES: Mapping[str, Callable[[], Table]] = {"gapminder": gapminder, "trips": trips}
"""The tables that come with Brushlink, by the key that stands for them in a link."""

ROWS = "rows"
"""Stands for "number of rows" where a measure is asked for."""

PATH_JOIN = " / "
"""Between the dimensions of a hierarchy's name."""

# A stack, or a row of panels, of more categories than this cannot be told apart.
_CATEGORIES = 12
_BANDED_MEASURES = 4
_WIDTH_FACTORS = (0.2, 0.5, 1.0, 2.0, 4.0)


class ExplorerState(DashboardState):
    """The choices of an explorer of tables.

    The objects of the selectors, and their defaults, are the columns of the present table: they change
    when `data` or `own` does.
    """

    data = param.Selector(default="gapminder", objects=[*TABLES, OWN], label="Table")
    own = param.ClassSelector(class_=Table, default=None, label="Your table")

    time = param.Selector(default=None, objects=[None], label="Time", doc="One of the table's times.")
    measure = param.Selector(default=None, objects=[None], label="Measure")
    width = param.Selector(
        default=None, objects=[None], label="Bin width", doc="None: chosen for the measure."
    )
    weighted = param.Boolean(default=False, label="Weighted")
    stack = param.Selector(default=None, objects=[None], label="Stacked by")

    bars = param.Selector(default=None, objects=[None], label="Bars")
    height = param.Selector(default=None, objects=[None], label="Height")
    scale = param.Selector(default="absolute", objects=["absolute", "share", "log"], label="Scale")
    shade = param.Selector(default=None, objects=[None], label="Colour")

    path = param.Selector(default=None, objects=[None], label="Hierarchy")
    level = param.String(default="", label="Drill level", doc="Id of a node; empty: the root.")

    facets = param.Selector(default=None, objects=[None], label="A panel for each")
    kind = param.Selector(default="histogram", objects=["histogram", "bar", "scatter"], label="Shown as")
    arrangement = param.Selector(default="columns", objects=["columns", "rows", "wrap"], label="Arrangement")
    axes = param.Selector(default="shared", objects=["shared", "free y", "free"], label="Axes")
    x = param.Selector(default=None, objects=[None], label="Across")
    y = param.Selector(default=None, objects=[None], label="Up")
    log_x = param.Boolean(default=True, label="Logarithmic across")

    table = param.ClassSelector(
        class_=Table, doc="The table itself, with bands of its measures as dimensions."
    )

    TABLES: ClassVar[Mapping[str, Callable[[], Table]]] = TABLES
    SET_FIRST: ClassVar[tuple[str, ...]] = ("own", "data", "measure")
    NOT_IN_URL: ClassVar[dict[str, str]] = {"own": "your own table"}
    URL_KEYS: ClassVar[dict[str, str]] = {
        "data": "d",
        "time": "y",
        "measure": "m",
        "width": "w",
        "weighted": "wt",
        "stack": "c",
        "bars": "b",
        "height": "bm",
        "scale": "bs",
        "shade": "sh",
        "path": "p",
        "level": "l",
        "facets": "f",
        "kind": "fk",
        "arrangement": "fa",
        "axes": "fx",
        "x": "x",
        "y": "u",
        "log_x": "lx",
        "selection": "s",
    }

    def __init__(self, **params: Any) -> None:
        own = params.get("own")
        first = {name: params[name] for name in self.SET_FIRST if name in params and name != "measure"}
        super().__init__(**{**first, **({"data": OWN} if own is not None else {})})
        self._memory: dict[Hashable, Any] = {}
        self._fit()
        self.param.watch(self._refit, [name for name in self.SET_FIRST if name != "measure"])
        self.param.watch(self._fit_widths, "measure")
        self.param.update(
            **{
                name: value
                for name, value in params.items()
                if name == "measure" or name not in self.SET_FIRST
            }
        )
        self._at_first = self.snapshot()

    # -- what follows from the choices ----------------------------------------------------------

    def owner(self, view: str) -> str:
        """Return under which name a view owns its predicate.

        It names what the view shows: when another measure is chosen, a brush over the old one stays as a
        predicate of its own, and the view no longer leaves it out.
        """
        shown = {
            "histogram": (self.measure,),
            "legend": (self.stack,),
            "bars": (self.bars,),
            "tree": (),
            "facets": (self.facets, self.x, self.y) if self.kind == "scatter" else (self.facets, self.kind),
        }[view]
        return " ".join([view, *(str(name) for name in shown)])

    @property
    def now(self) -> Table:
        """The rows of the present time; all rows of a table without time."""
        return self.table if self.time is None else self.table.at(self.time)

    @property
    def moments(self) -> list[Table]:
        """The table at each time that can be shown."""
        return [self.table] if self.time is None else [self.table.at(time) for time in self.table.times]

    @property
    def edges(self) -> np.ndarray:
        """Bin edges of the measure, the same at all times: float, shape (bins + 1,)."""

        def make() -> np.ndarray:
            width = self.width or self._automatic_width()
            return self.table.edges(self.measure, width)

        return self.remember(("edges", self.measure, self.width), make)

    @property
    def names(self) -> np.ndarray:
        """Name of each row of `now`: object, shape (n,)."""
        now = self.now

        def make() -> np.ndarray:
            if now.label is None:
                return np.array([f"row {place + 1:,}" for place in range(len(now))], dtype=object)
            return now.coding(now.label).keys[now.coding(now.label).codes]

        return self.remember(("names", self.time), make)

    @property
    def noun(self) -> str:
        """What the rows are, in the plural: "countries"."""
        if self.table.label is None:
            return "rows"
        word = self.table.columns[self.table.label].label.lower()
        return f"{word[:-1]}ies" if word.endswith("y") else word if word.endswith("s") else f"{word}s"

    @property
    def second_dimension(self) -> str:
        """The dimension inside a panel of bars: another than the panels'."""
        others = [name for name in self.param["bars"].objects if name != self.facets]
        return self.bars if self.bars in others else next(iter(others), self.facets)

    def path_columns(self, path: str | None = None) -> tuple[str, ...]:
        """Return the dimensions of a hierarchy, outermost first; of the present one when none is given."""
        return self._paths[self.path if path is None else path]

    def remember(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what was made under a key for the present table, or make it."""
        if key not in self._memory:
            self._memory[key] = make()
        return self._memory[key]

    # -- links ----------------------------------------------------------------------------------

    def default(self, name: str) -> Any:
        """Return the value of a choice when nothing was chosen: it depends on the present table."""
        return self._defaults.get(name, super().default(name))

    def apply_query(self, query: str) -> list[str]:
        """Set all choices from a link; predicates about columns that the table lacks are dropped and said."""
        problems = super().apply_query(query)
        if self.data == OWN and self.own is None:
            problems.append("The link shows a table of its maker's own, which no link can carry.")
            self.data = next(iter(self.TABLES))
        for owner in self.selection.owners:
            predicate = self.selection.get(owner)
            lost = (
                []
                if predicate is None
                else [name for name in predicate.columns if name not in self.table.columns]
            )
            if lost:
                problems.append(
                    f'The table has no column "{lost[0]}". {did_you_mean(lost[0], self.table.columns)}'
                )
                self.selection = self.selection.without(owner)
        return problems

    @property
    def source(self) -> Table:
        """The chosen table as it was read: `table` adds bands of its measures."""
        if self.data != OWN:
            return self.TABLES[self.data]()
        # Between two steps of a reset the own table is gone already and its name not yet.
        return self.own if self.own is not None else next(iter(self.TABLES.values()))()

    # -- the choices that the table offers ------------------------------------------------------

    def _refit(self, *_: param.parameterized.Event) -> None:
        self._fit()

    def _fit(self) -> None:
        """Offer the columns of the present table, and choose its defaults."""
        table = self.source
        means = [name for name in table.measures if name not in table.additive]
        banded = means[:_BANDED_MEASURES] or table.measures[:1]
        dimensions = table.dimensions
        for name in banded:
            table = table.with_bands(name)
        bands = [name for name in table.dimensions if name not in dimensions]
        grouping = [*dimensions, *bands]
        few = [name for name in grouping if len(table.keys(name)) <= _CATEGORIES]
        self._paths = {PATH_JOIN.join(path): path for path in _paths(table, dimensions, bands)}
        paths = list(self._paths)
        group = next((name for name in (*table.hierarchy, *grouping) if name in few), None)
        sizes = [*table.additive, ROWS]
        stock = any(table.columns[name].stock for name in table.measures)
        times = table.times if stock else [None, *table.times]
        measure = next(iter(means or table.measures), None)
        across = next((name for name in table.measures if name != measure and name in means), measure)
        offers: dict[str, tuple[list[Any], Any]] = {
            "time": (times or [None], times[-1] if stock and times else None),
            "measure": (table.measures or [None], measure),
            "width": ([None], None),
            "stack": ([None, *few], group),
            "bars": (grouping or [None], group or next(iter(grouping), None)),
            "height": (sizes, table.weight if table.weight in sizes else sizes[0]),
            "shade": (table.measures or [None], measure),
            "path": (paths or [None], next(iter(paths), None)),
            "facets": (few or [None], group),
            "x": (table.measures or [None], across),
            "y": (table.measures or [None], measure),
        }
        plain = ("weighted", "scale", "level", "kind", "arrangement", "axes", "log_x", "selection")
        fresh = {name: type(self).param[name].default for name in plain}
        self._memory = {}
        self._defaults = {name: default for name, (_, default) in offers.items()}
        # Announced together: a control that hears of new objects alone would put an old value right.
        with batch_call_watchers(self):
            for name, (objects, _) in offers.items():
                self.param[name].objects = objects
            self.param.update(**fresh, **self._defaults, table=table)
            self._fit_widths()
            self._fit_more(table)

    def _fit_more(self, table: Table) -> None:
        """Offer what a subclass adds for a new table, as part of the same change."""

    def _fit_widths(self, *_: param.parameterized.Event) -> None:
        """Offer bin widths around the automatic one."""
        width = self._automatic_width() if self.measure else 0.0
        self.param["width"].objects = (
            [None, *(width * factor for factor in _WIDTH_FACTORS)] if width else [None]
        )
        if self.width not in self.param["width"].objects:
            self.width = None

    def _automatic_width(self) -> float:
        """Return the bin width for one moment: of all times together it would be too fine."""

        def make() -> float:
            edges = self.moments[-1].edges(self.measure)
            return float(edges[1] - edges[0])

        return self.remember(("width", self.measure), make)


def _paths(table: Table, dimensions: list[str], bands: list[str]) -> list[tuple[str, ...]]:
    """Return the hierarchies that make sense; the table's own first."""
    own = tuple(table.hierarchy)
    paths = [own] if own else []
    if len(own) >= 2:
        paths += [(own[0], band, *own[1:]) for band in bands]
        paths += [own[:2]] if len(own) > 2 else []
    else:
        paths += [
            (first, second) for first in dimensions for second in [*dimensions, *bands] if first != second
        ]
        paths += [(first,) for first in dimensions]
    return list(dict.fromkeys(paths))
