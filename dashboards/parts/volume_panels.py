"""The words of the volume page: how far it is, what is under the mouse, what was found; for volume.py."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import panel as pn

from dashboards.parts.escape import escape
from dashboards.parts.segment_results import STYLE, status_html
from dashboards.parts.slice_view import SliceView
from dashboards.parts.volume_learning import VolumeLearning
from dashboards.parts.volume_state import VolumeState
from data_sources import BrushlinkError
from data_sources.volumes import Volume
from data_sources.wording import number_text
from segmentation.annotations import AnnotationClass

__all__ = ["VolumeWords", "measures_table"]

_READOUT_STYLE = """
p { margin: 2px 0; font: 13px/1.4 var(--brushlink-font, sans-serif); min-height: 18px; }
b { font-variant-numeric: tabular-nums; }
b { font-weight: 600; } span { color: var(--mui-palette-text-secondary); margin-right: 4px; }
i { display: inline-block; font-style: normal; margin-right: 14px; white-space: nowrap; }
"""

_RESULT_STYLE = """
:host { font: 13px/1.45 var(--brushlink-font, sans-serif); overflow-x: auto; }
h3 { margin: 0 0 4px; font-size: 14px; } p { margin: 2px 0; color: var(--mui-palette-text-secondary); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 3px 14px 3px 0; text-align: right; white-space: nowrap; }
th { font-weight: 600; font-size: 12px; color: var(--mui-palette-text-secondary); }
th:first-child, td:first-child { text-align: left; }
td i { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin-right: 6px; }
"""


class VolumeWords:
    """Three panes of words.

    Parameters
    ----------
    state : VolumeState
    learning : VolumeLearning

    Attributes
    ----------
    status : pn.pane.HTML
        How far the search is, or what to do.
    readout : pn.pane.HTML
        The voxel under the mouse, else that at the crosshair.
    results : pn.pane.HTML
        The measures as a table.
    """

    def __init__(self, state: VolumeState, learning: VolumeLearning) -> None:
        self._state, self._learning = state, learning
        html: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": (0, 4)}
        self.status = pn.pane.HTML(
            "", stylesheets=[STYLE], css_classes=["status"], styles={"flex": "1 1 auto"}, **html
        )
        self.readout = pn.pane.HTML("", stylesheets=[_READOUT_STYLE], css_classes=["readout"], **html)
        self.results = pn.pane.HTML("", stylesheets=[_RESULT_STYLE], css_classes=["results"], **html)

    def say(self, text: str, share: float | None) -> None:
        """Say what is going on; `share` of it is done, None where that is not known."""
        self.status.object = status_html(text, share)

    def failed(self, error: BaseException) -> None:
        """Say what went wrong."""
        known = isinstance(error, BrushlinkError)
        text = str(error) if known else f"that failed: {type(error).__name__}: {error}"
        self.status.object = status_html(text, 0.0, error=True)

    def read_out(self, views: Iterable[SliceView]) -> None:
        """Say where the mouse is, or the crosshair, and what is there."""
        state, labels = self._state, self._learning.labels
        voxel, under = state.point, False
        for view in views:
            if view.pixel is not None:
                voxel, under = view.plane.voxel(view.index, *view.pixel), True
                break
        found = 0 if labels is None or labels.shape != state.volume.shape else int(labels[voxel])
        names = {one.id: one.name for one in state.classes}
        self.readout.object = _readout_html(state.volume, voxel, under, names.get(found, ""))

    def show_results(self) -> None:
        """List what was found."""
        learning = self._learning
        self.results.object = _results_html(learning.measures, self._state.classes, learning.measured)


def _readout_html(volume: Volume, voxel: tuple[int, int, int], under_mouse: bool, class_name: str) -> str:
    """Say where a voxel is, and its true value."""
    value = volume.box(*voxel)
    parts = [
        ("under the mouse" if under_mouse else "at the cross", ""),
        ("voxel", ", ".join(map(str, voxel))),
    ]
    if volume.oriented:
        parts.append(("mm", ", ".join(f"{one:.1f}" for one in volume.mm(voxel))))
    parts.append(
        ("value", number_text(float(value)) if np.asarray(value).dtype.kind != "b" else str(bool(value)))
    )
    if class_name:
        parts.append(("found", class_name))
    said = "".join(f"<i><span>{escape(what)}</span><b>{escape(text)}</b></i>" for what, text in parts)
    return f'<p class="readout">{said}</p>'


def measures_table(measures: pd.DataFrame, classes: Iterable[AnnotationClass]) -> pd.DataFrame:
    """Return a row for each class that was found, in the order of the classes."""
    if measures.empty:
        return measures
    names = {one.id: one.name for one in classes if one.id in set(measures["class"])}
    rows = measures.set_index("class").drop(columns="name").loc[list(names)]
    return rows.reset_index().assign(**{"class": list(names.values())})


def _results_html(measures: pd.DataFrame, classes: Iterable[AnnotationClass], final: bool) -> str:
    """Write the measures as a table; an empty state says what to do."""
    classes = list(classes)
    table = measures_table(measures, classes)
    if table.empty:
        return (
            "<h3>Nothing found yet</h3><p>Draw on what you look for and beside it: volume, surface, extent "
            "and values stand here then, and mask, mesh, table and model are in the download menu.</p>"
        )
    colors = [one.color for one in classes if one.id in set(measures["class"])]
    shown = [name for name in table.columns if name != "class"]
    head = "<th>Class</th>" + "".join(f"<th>{escape(name)}</th>" for name in shown)
    body = "".join(
        f'<tr><td><i style="background: {color}"></i>{escape(str(row["class"]))}</td>'
        + "".join(f"<td>{escape(_number(row[name]))}</td>" for name in shown)
        + "</tr>"
        for color, row in zip(colors, table.to_dict("records"), strict=True)
    )
    note = "" if final else "<p>Of an earlier answer: the present one is on its way.</p>"
    return f"<h3>What was found</h3>{note}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _number(value: Any) -> str:
    if isinstance(value, int | np.integer):
        return f"{int(value):,}"
    return number_text(float(value)) if isinstance(value, float | np.floating) else str(value)
