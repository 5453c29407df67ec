"""What came of a segmentation, below its picture: shares, regions, features that counted, quality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboards.parts.escape import escape
from segmentation.annotations import AnnotationClass
from segmentation.validation import CrossValidation, Score

__all__ = [
    "BRUSHED",
    "PLAIN",
    "STYLE",
    "importance_bars",
    "properties",
    "quality_html",
    "region_bars",
    "shares_html",
    "status_html",
]

TOP_FEATURES = 15
BINS = 24
BRUSHED, PLAIN = "#E69F00", "#7A8794"

STYLE = (Path(__file__).parent / "segment_results.css").read_text(encoding="utf-8")


def status_html(text: str, share: float | None = 1.0, error: bool = False, detail: str = "") -> str:
    """Say in a line how far the answer is; `share` of it is done, None when nobody knows."""
    kind = "error" if error else ""
    width = "" if share is None else f' style="width: {100 * share:.0f}%"'
    waiting = " waiting" if share is None else ""
    return (
        f'<div class="bar{waiting}"><i{width}></i></div>'
        f'<p role="status" class="{kind}">{escape(text)} <span class="quiet">{escape(detail)}</span></p>'
    )


def shares_html(fractions: pd.DataFrame, classes: Sequence[AnnotationClass], unit: str = "") -> str:
    """Draw the share of each class of the picture as a bar."""
    colors = {one.id: one.color for one in classes}
    rows = []
    area = next((name for name in fractions.columns if name.startswith("area [")), None)
    for row in fractions.to_dict("records"):
        share, color = float(row["fraction"]), colors[row["class_id"]]
        said = f"{row['pixels']:,} px"
        if area is not None:
            said += f", {row[area]:,.4g} {unit}²"
        rows.append(
            f'<div class="row" title="{escape(said)}"><span>{escape(row["class"])}</span>'
            f'<div class="track"><i style="width: {100 * share:.2f}%; background: {color}"></i></div>'
            f'<span class="number">{100 * share:.1f} %</span></div>'
        )
    return "<h3>Shares of the picture</h3>" + "".join(rows)


def quality_html(result: CrossValidation | Score, classes: Sequence[AnnotationClass], what: str) -> str:
    """Write IoU and F1 of each class, and which class was taken for which.

    Parameters
    ----------
    result : CrossValidation or Score
    classes : sequence of AnnotationClass
    what : str
        Where the score comes from, in words of ours.
    """
    names = {one.id: escape(one.name) for one in classes}
    score = result.by_stroke if isinstance(result, CrossValidation) else result
    ids = [int(one) for one in score.class_ids]
    head = "".join(f"<th>{names.get(one, one)}</th>" for one in ids)
    lines = []
    for place, one in enumerate(ids):
        cells = "".join(
            f'<td class="{"hit" if place == at else ""}">{count:,}</td>'
            for at, count in enumerate(score.confusion[place].tolist())
        )
        lines.append(
            f"<tr><th>{names.get(one, one)}</th><td>{_number(score.iou[one])}</td>"
            f"<td>{_number(score.f1[one])}</td>{cells}</tr>"
        )
    drawn = "Drawn as" if isinstance(result, CrossValidation) else "In truth"
    text = (
        f"<p>{escape(what)}: mean IoU <b>{score.mean_iou:.3f}</b>, "
        f"{100 * score.accuracy:.1f} % of the pixels right.</p>"
    )
    if isinstance(result, CrossValidation):
        text += (
            '<p class="quiet">Whole strokes were left out. Leaving out single pixels, which have their twins '
            f"in the same stroke, would claim {result.by_pixel.mean_iou:.3f}.</p>"
        )
        if result.unvalidated:
            alone = ", ".join(names.get(one, str(one)) for one in result.unvalidated)
            text += f'<p class="quiet">Not scored, for want of a second stroke: {alone}.</p>'
    return (
        f"{text}<table><thead><tr><th>{drawn}</th><th>IoU</th><th>F1</th>{head}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table>"
        '<p class="quiet">Columns of names: pixels found as that class.</p>'
    )


def properties(table: pd.DataFrame) -> list[str]:
    """Return the columns of a table of regions that measure something."""
    skipped = {"region", "class_id", "class"}
    return [name for name in table.columns if name not in skipped]


def region_bars(values: np.ndarray, label: str, picked: tuple[float, float] | None) -> dict[str, Any]:
    """Draw the histogram of a property of the regions, the brushed part in colour."""
    finite = values[np.isfinite(values)]
    if len(finite):
        counts, edges = np.histogram(finite, bins=min(BINS, max(4, int(np.sqrt(len(finite)) * 2))))
    else:
        counts, edges = np.zeros(1, int), np.array([0.0, 1.0])
    middles = (edges[:-1] + edges[1:]) / 2
    inside = [
        picked is None or (edges[at + 1] > picked[0] and edges[at] < picked[1]) for at in range(len(counts))
    ]
    return {
        "trace": {
            "x": middles,
            "y": counts,
            "width": np.diff(edges),
            "marker": {"color": [BRUSHED if one and picked is not None else PLAIN for one in inside]},
        },
        "title": f"{len(finite):,} regions by {label}",
        "label": label,
    }


def importance_bars(importances: Mapping[str, float]) -> go.Figure:
    """Draw the features that counted most, the first on top."""
    top = list(importances.items())[:TOP_FEATURES][::-1]
    return go.Figure(
        go.Bar(
            x=[value for _, value in top],
            y=[name for name, _ in top],
            orientation="h",
            marker={"color": PLAIN},
            hovertemplate="%{y}: %{x:.3f}<extra></extra>",
        ),
        {
            "title": {"text": "Features that counted most"},
            "xaxis": {"title": {"text": "share of the decisions"}, "tickformat": ".0%"},
            "yaxis": {"automargin": True},
            "margin": {"l": 10, "r": 12, "t": 36, "b": 40},
            "dragmode": False,
        },
    )


def _number(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.3f}"
