"""The charts that can be looked up: what each is for and the call that makes it; for anatomy and events.

A chart is a function in `dashboards/parts/chart_calls`; the code that is shown is the source of the very
function that runs.
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from data_sources.errors import did_you_mean

__all__ = ["CHARTS", "FAMILIES", "Chart", "chart_of", "find_charts"]

FAMILIES = ("basic", "statistical", "heat map", "geographic", "3-D", "hierarchical", "image")
"""As the talk lists them."""

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Chart:
    """One chart of the catalogue.

    Attributes
    ----------
    title : str
        Name for people.
    slug : str
        Name in links.
    family : str
        One of `FAMILIES`.
    words : str
        More words that find it: what it does, in the words of those who look for it.
    make : callable
        Makes a new figure: a `plotly.graph_objects.Figure` or a HoloViews object.
    """

    title: str
    slug: str
    family: str
    words: str
    make: Callable[[], Any]

    @property
    def sentence(self) -> str:
        """What the chart shows."""
        return inspect.getdoc(self.make) or ""

    @functools.cached_property
    def call(self) -> str:
        """The code that makes it, with what it imports: it leaves the figure in ``fig``."""
        function = ast.parse(textwrap.dedent(inspect.getsource(self.make))).body[0]
        assert isinstance(function, ast.FunctionDef)
        lines = inspect.getsource(self.make).splitlines()
        body = textwrap.dedent("\n".join(lines[function.body[1].lineno - 1 :]))  # the first is the docstring
        before, _, result = body.rpartition("return ")
        used = {node.id for part in function.body for node in ast.walk(part) if isinstance(node, ast.Name)}
        imports = _imports(inspect.getmodule(self.make), used)
        return "\n".join([*imports, "", f"{before}fig = {result}"]).strip()

    @property
    def library(self) -> str:
        """What draws it: "Plotly Express", "graph objects" or "HoloViews"."""
        if "import holoviews" in self.call:
            return "HoloViews"
        return "Plotly Express" if "import plotly.express" in self.call else "graph objects"

    @functools.cached_property
    def search_text(self) -> str:
        """All words that find it, in lower case."""
        return " ".join((self.title, self.family, self.words, self.sentence, self.library)).lower()


def _imports(module: ModuleType | None, used: set[str]) -> list[str]:
    """Return the imports of a module that bind a name in use."""
    assert module is not None
    return [
        ast.unparse(node)
        for node in ast.parse(inspect.getsource(module)).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        and any((alias.asname or alias.name) in used for alias in node.names)
    ]


def _charts(*modules: str) -> tuple[Chart, ...]:
    charts = []
    for name in modules:
        module = importlib.import_module(f"dashboards.parts.chart_calls.{name}")
        for title, words, make in module.CHARTS:
            charts.append(Chart(title, make.__name__.replace("_", "-"), module.FAMILY, words, make))
    return tuple(charts)


CHARTS: tuple[Chart, ...] = _charts(
    "basic", "statistical", "heat_map", "geographic", "three_d", "hierarchical", "image"
)
"""All charts, family by family."""


def chart_of(slug: str) -> Chart:
    """Return a chart by its slug.

    Raises
    ------
    KeyError
        With the nearest slug, when there is none of that name.
    """
    for candidate in CHARTS:
        if candidate.slug == slug:
            return candidate
    raise KeyError(f"no chart {slug!r}. {did_you_mean(slug, [item.slug for item in CHARTS])}")


def find_charts(query: str, charts: Sequence[Chart] = CHARTS) -> list[Chart]:
    """Find charts by words.

    Parameters
    ----------
    query : str
        All of its words must stand at the beginning of a word of the chart; empty finds all.
    charts : sequence of Chart

    Returns
    -------
    list of Chart
        Those whose title or family fits first.
    """
    wanted = _WORD.findall(query.lower())

    def fits(text: str) -> bool:
        words = _WORD.findall(text)
        return all(any(word.startswith(want) for word in words) for want in wanted)

    found = [item for item in charts if fits(item.search_text)]
    return sorted(found, key=lambda item: not fits(f"{item.title} {item.family}".lower()))
