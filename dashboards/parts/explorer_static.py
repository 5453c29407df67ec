"""An explorer as a saved file: its pictures at each time in both modes, its rows, and how they are linked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboards.parts.charts.layout import empty_spec
from dashboards.parts.explorer_links import Link
from dashboards.parts.explorer_scene import Scene
from dashboards.parts.explorer_state import ROWS, ExplorerState
from dashboards.parts.figure_diff import Spec
from dashboards.parts.limits import EXPORT_LISTED, EXPORT_MOMENTS
from dashboards.parts.row_list import listed_names, numeral
from dashboards.parts.static_view import ExportError, Picture, StaticView, as_shown
from dashboards.parts.theme import MISSING_COLOR, Mode, context_color, sequential_stops
from data_sources import Selection, SourceError, Table

if TYPE_CHECKING:
    from dashboards.parts.linked_explorer import LinkedExplorer

__all__ = ["explorer_view"]

OWNERS = ("histogram", "legend", "bars", "tree", "facets")
MODES: tuple[Mode, ...] = ("light", "dark")
NEEDS_PYTHON = (
    "All that links the pictures is in this file: brushes, clicks, the legend, drilling and the slider. "
    "So is the list of selected rows, with its CSV. "
    "Other downloads, and another table, measure, grouping or bin width need Python."
)


def explorer_view(
    dashboard: LinkedExplorer,
    links: Mapping[str, Link],
    heights: Mapping[str, int | str],
    wide: Iterable[str] = (),
    scripts: tuple[str, ...] = ("explorer", "row_list", "explorer_page"),
    owners: Iterable[str] = OWNERS,
    columns: Iterable[str] = (),
) -> StaticView:
    """Return what a saved file of an explorer holds.

    Parameters
    ----------
    dashboard : LinkedExplorer
    links : mapping of str to Link
        For each picture what makes it answer.
    heights : mapping of str to int
        Of the pictures, in pixels or as CSS writes them, in the order of the page.
    wide : iterable of str
        The pictures that have a row of their own.
    scripts : tuple of str
    owners : iterable of str
        The views that select.
    columns : iterable of str
        More columns that their predicates look at.

    Raises
    ------
    ExportError
        There are more times than a file holds pictures for.
    """
    state = _unselected(dashboard.state)
    times = state.param["time"].objects
    count = sum(time is not None for time in times)
    if count > EXPORT_MOMENTS:
        raise ExportError(
            f"The table has {count:,} times, and a file holds the pictures of at most "
            f"{EXPORT_MOMENTS:,}. Group them by month or year, or keep the rows of fewer times."
        )
    moments = []
    for time in times:
        state.time = time
        moments.append(_moment(state, dashboard.drawn, links))
    state.time = dashboard.state.time
    now = times.index(state.time)
    mode = dashboard.theme
    data = {
        **_columns(state, columns),
        "file": f"{dashboard.slug}-selected-rows.csv",
        "owners": {view: state.owner(view) for view in owners},
        "moments": moments,
        "start": {
            "moment": now,
            "selection": [
                [owner, predicate] for owner, predicate in dashboard.state.selection.to_json().items()
            ],
            "level": dashboard.state.level,
        },
        "hint": dashboard.hint,
        "colors": {
            "context": {mode: context_color(mode) for mode in MODES},
            "stops": sequential_stops(),
            "missing": MISSING_COLOR,
        },
    }
    row = set(wide)
    pictures = {
        name: Picture(
            moments[now]["specs"][mode][name], height, name in row, as_shown(dashboard.views[name]).config
        )
        for name, height in heights.items()
    }
    return StaticView(pictures, scripts, data=data, needs_python=NEEDS_PYTHON)


def _unselected(state: ExplorerState) -> ExplorerState:
    """Copy a state, so that the one that people look at stays as it is, with nothing selected."""
    copied = type(state)(**{name: getattr(state, name) for name in state.NOT_IN_URL})
    copied.restore(state.snapshot())
    copied.param.update(selection=Selection(), level="")
    return copied


def _moment(
    state: ExplorerState, drawn: Mapping[str, Callable[..., Spec]], links: Mapping[str, Link]
) -> dict[str, Any]:
    table, time = state.table, state.time
    rows = (
        np.arange(len(table))
        if time is None or table.time is None
        else np.flatnonzero(table.coding(table.time).among([time]))
    )
    specs: dict[str, dict[str, Spec]] = {mode: {} for mode in MODES}
    linked: dict[str, Any] = {}
    for name, draw in drawn.items():
        for mode in MODES:
            scene = Scene(state, mode)
            try:
                specs[mode][name] = _bare(draw(scene))
                if mode == MODES[0] and specs[mode][name]["data"]:
                    linked[name] = links[name](scene, specs[mode][name])
            except SourceError as error:
                specs[mode][name] = _bare(empty_spec(str(error), mode))
    named = "" if time is None or table.time is None else table.columns[table.time].text(time)
    return {"time": time, "name": named or "all", "rows": rows, "specs": specs, "links": linked}


def _bare(spec: Spec) -> Spec:
    """Leave out the template: the page has it once for all pictures."""
    return {**spec, "layout": {name: value for name, value in spec["layout"].items() if name != "template"}}


def _columns(state: ExplorerState, more: Iterable[str]) -> dict[str, Any]:
    """Return the rows that predicates and sums look at."""
    table = state.table
    path = state.path_columns() if state.path is not None else ()
    asked = {state.measure, state.stack, state.bars, state.facets, state.x, state.y, table.label, *path}
    asked |= {*state.selection.columns, state.second_dimension, *table.hierarchy[-1:], *more}
    every = len(table) * len(table.columns) <= EXPORT_LISTED
    asked |= set(table.columns) if every else set()
    sums = {state.measure, state.shade, state.height, table.weight} - {None, ROWS}
    labels = {name: column.label for name, column in table.columns.items()}
    height = None if state.height in (None, ROWS) else table.columns[state.height]
    return {
        "columns": [{"name": name, **_column(table, name)} for name in table.columns if name in asked],
        "terms": [
            {
                "name": name,
                "above": table.terms(name)[0],
                "below": table.terms(name)[1],
                "mean": table.columns[name].aggregate == "mean",
            }
            for name in table.columns
            if name in sums
        ],
        "listed": [_listed(table, name) for name in listed_names(table) if name in asked],
        "unlisted": [
            _listed(table, name) for name in table.columns if name in asked - {*listed_names(table)}
        ],
        "count": len(table),
        "measure": state.measure,
        "stack": state.stack,
        "label": table.label,
        "labels": [[name, label] for name, label in labels.items()],
        "noun": state.noun,
        "height": None
        if height is None
        else {"name": height.name, "unit": height.unit or height.label.lower()},
        "edges": state.edges if state.measure is not None else [],
        "root": table.root,
    }


def _column(table: Table, name: str) -> dict[str, Any]:
    if table.columns[name].role == "measure":
        return {"numbers": table.numbers(name)}
    coding = table.coding(name)
    made: dict[str, Any] = {"codes": coding.codes, "keys": coding.keys.tolist()}
    if table.frame[name].dtype.kind in "iufM":
        made["numbers"] = table.numbers(name)
    return made


def _listed(table: Table, name: str) -> dict[str, Any]:
    """Return how a column is listed and written to a file, as `RowList` and pandas do."""
    values = table.frame[name]
    made: dict[str, Any] = {"name": name, "title": table.columns[name].title, "format": numeral(table, name)}
    if table.columns[name].role == "measure":
        return {**made, "whole": values.dtype.kind in "iu"}
    if not isinstance(values.dtype, np.dtype) or values.dtype.kind not in "iufbM":
        return made  # a text is written as it is
    codes, first = np.unique(table.coding(name).codes, return_index=True)
    lines = values.iloc[first[codes >= 0]].to_csv(index=False, header=False).splitlines()
    return {**made, "written": lines}
