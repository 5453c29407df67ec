"""The layout that all charts of tables share: title, margins, theme and stable axes; for the charts."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

import numpy as np

from dashboards.parts.escape import escape
from dashboards.parts.theme import Mode, merged, template

__all__ = ["TICKS", "base_layout", "empty_spec", "number_format", "trace_id"]

# SI ticks as people say them: Plotly writes G for a billion otherwise.
TICKS = {"exponentformat": "B", "separatethousands": True}


def number_format(*values: np.ndarray) -> str:
    """Return the d3 format for numbers on hover, so that none reads "1.319G".

    Parameters
    ----------
    *values : ndarray of float
        All that is shown in this format: it is the same for a whole picture, whatever is selected.

    Returns
    -------
    str
        Large numbers in full, to the unit; small ones to five digits.
    """
    largest = max((float(np.abs(part[np.isfinite(part)]).max(initial=0)) for part in values), default=0.0)
    return ",.0f" if largest >= 10_000 else ",.5~g"


def trace_id(part: str, key: Hashable) -> str:
    """Return the uid of the trace that shows a category: a word, different for each.

    Plotly looks for ``.cb<uid>`` in the page, so that a blank in a uid stops it from drawing.
    """
    return f"{part}-" + re.sub(r"[^A-Za-z0-9]", lambda found: f"_{ord(found[0]):x}_", str(key))


def base_layout(title: str, mode: Mode, **over: Any) -> dict[str, Any]:
    """Return a layout.

    Parameters
    ----------
    title : str
        What is shown, as plain text: it is escaped here.
    mode : {"light", "dark"}
    **over
        Merged over the shared layout, nested dicts key by key.
    """
    shared = {
        "title": {"text": escape(title)},
        "margin": {"l": 8, "r": 8, "t": 36, "b": 8},
        "showlegend": False,
        # A constant: zoom, drill level and drawn outlines survive every replacement of the figure.
        "uirevision": "keep",
        "template": template(mode),
    }
    return merged(shared, over)


def empty_spec(message: str, mode: Mode) -> dict[str, Any]:
    """Return the picture of an empty state: a sentence that tells the next step."""
    return {
        "data": [],
        "layout": base_layout(
            "",
            mode,
            xaxis={"visible": False},
            yaxis={"visible": False},
            annotations=[
                {
                    "text": escape(message),
                    "x": 0.5,
                    "y": 0.5,
                    "xref": "paper",
                    "yref": "paper",
                    "showarrow": False,
                    "font": {"size": 14},
                }
            ],
        ),
    }
