"""What a figure's sunbursts, treemaps and icicles say of their sectors; for LinkedPlotly."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

__all__ = ["level_name", "root_of", "sector_ids", "trees"]

KINDS = ("sunburst", "treemap", "icicle")


def trees(figure: go.Figure) -> list[int]:
    """Find the traces that drill.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
    """
    return [place for place, trace in enumerate(figure._data) if trace.get("type") in KINDS]


def sector_ids(trace: Any) -> list[Any]:
    """List the ids of the sectors: labels, where a trace has no ids.

    Parameters
    ----------
    trace : plotly trace
    """
    ids = trace.ids if trace.ids is not None else trace.labels
    return [] if ids is None else list(ids)


def root_of(trace: Any) -> str | None:
    """Find the one sector without a parent; None when there are several (Plotly then makes up a root).

    Parameters
    ----------
    trace : plotly trace
    """
    parents = [] if trace.parents is None else list(trace.parents)
    roots = [key for key, parent in zip(sector_ids(trace), parents, strict=False) if parent in ("", None)]
    return str(roots[0]) if len(roots) == 1 else None


def level_name(level: Any, figure: go.Figure) -> str:
    """Name a level as we do: the root, or an id that Plotly made up for it, is "".

    Parameters
    ----------
    level : object
        As Plotly has it.
    figure : plotly.graph_objects.Figure
    """
    for place in trees(figure):
        trace = figure.data[place]
        if level and level in sector_ids(trace) and level != root_of(trace):
            return str(level)
    return ""
