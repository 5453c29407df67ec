"""A list of the chart catalogue to search in, each with the call that makes it; used by dashboards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from dashboards.parts.chart_catalogue import CHARTS, FAMILIES, chart_of
from dashboards.parts.page_text import page_text
from dashboards.parts.source_view import highlight_python

__all__ = ["ChartFinder"]


class ChartFinder(JSComponent):
    """Search the catalogue, look at the call of a chart, choose one.

    Parameters
    ----------
    choose : callable
        Called with the slug of the chart that was chosen.
    """

    charts = param.List(constant=True, doc="A dict a chart: slug, title, family, library, sentence, search.")
    families = param.List(default=list(FAMILIES), constant=True)
    chosen = param.String(doc="Slug of the chart that is shown.")

    _esm = page_text("chart_finder.js")
    _stylesheets: ClassVar[list[str]] = [page_text("chart_finder.css")]

    def __init__(self, choose: Callable[[str], None], **params: Any) -> None:
        rows = [
            {
                "slug": chart.slug,
                "title": chart.title,
                "family": chart.family,
                "library": chart.library,
                "sentence": chart.sentence,
                "search": chart.search_text,
            }
            for chart in CHARTS
        ]
        super().__init__(charts=rows, **{"sizing_mode": "stretch_width", "margin": (0, 10), **params})
        self._choose = choose

    def _handle_msg(self, data: Any) -> None:
        if not isinstance(data, Mapping) or data.get("slug") not in {chart.slug for chart in CHARTS}:
            return
        slug = data["slug"]
        if data.get("type") == "choose":
            self._choose(slug)
        elif data.get("type") == "call":
            self._send_msg({"type": "call", "slug": slug, "rows": highlight_python(chart_of(slug).call)})
