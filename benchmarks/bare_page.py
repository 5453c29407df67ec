"""The least that such a page can be, for `bench_gapminder`: the frame of Material, one plain picture."""

from __future__ import annotations

import panel as pn
import panel_material_ui as pmui
import plotly.graph_objects as go

NAMES = ("bars",)

if pn.state.served:
    pn.extension("plotly")
    picture = pn.pane.Plotly(go.Figure(go.Bar(y=[1, 2, 3])), css_classes=["view-bars"], height=330)
    pmui.Page(title="Bare", sidebar=[pmui.Checkbox(label="Nothing")], main=[picture]).servable()
