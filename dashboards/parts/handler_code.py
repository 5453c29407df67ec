"""Python that catches an event, to be copied into a file of one's own; for /events."""

from __future__ import annotations

from textwrap import dedent

from dashboards.parts.streams import Stream

__all__ = ["handler_code"]

_PLAIN = '''\
"""Catch the {what} of a Plotly figure with Panel alone: panel serve this_file.py"""

import panel as pn
{figure}

pn.extension("plotly")
pane = pn.pane.Plotly(fig, {options}height=420, sizing_mode="stretch_width")
last = pn.pane.JSON({{}}, depth=4)


def {name}(event):
    {body}


pane.param.watch({name}, "{panel}", onlychanged=False)
pn.Column(pane, last).servable()
'''

_LINKED = '''\
"""Catch the {what} of a Plotly figure with Brushlink: panel serve this_file.py"""

import panel as pn
{figure}

from dashboards.parts.browser_cures import install_cures
from dashboards.parts.linked_plotly import LinkedPlotly

install_cures()
pn.extension("plotly")
view = LinkedPlotly(fig, {options}height=420)
last = pn.widgets.TextAreaInput(value="nothing yet", sizing_mode="stretch_width", disabled=True)


def {name}(event):
    {body}


view.param.watch({name}, "{linked}", onlychanged=False)
pn.Column(view, last).servable()
'''

_BODIES = {
    "shapes": dedent("""\
        changes = {key: value for key, value in (event.new or {}).items() if key.startswith("shapes")}
        if changes:  # after drawing: all shapes; after editing: only the keys that changed
            last.object = changes"""),
    "relayout": "last.object = event.new or {}  # the first one is the size of the picture",
    "doubleclick": 'last.object = {"double clicks": last.object.get("double clicks", 0) + 1}',
}
_DRAWING = ("drawline", "drawopenpath", "drawclosedpath", "drawcircle", "drawrect", "eraseshape")


def handler_code(stream: Stream, figure: str, linked: bool = False) -> str:
    """Write a program that shows a figure and what one of its streams carries.

    Parameters
    ----------
    stream : Stream
    figure : str
        Code that leaves the figure in ``fig``.
    linked : bool
        Watch the typed parameter of LinkedPlotly; else, where there is one, that of Panel's own pane.

    Returns
    -------
    str
        A file for ``panel serve``; its handler is called ``on_<stream>``.
    """
    linked = linked or not stream.panel
    body = (
        "last.value = repr(event.new)"
        if linked
        else _BODIES.get(stream.slug, "last.object = event.new or {}")
    )
    options = ""
    if stream.slug == "shapes":
        options = f'config={{"modeBarButtonsToAdd": {list(_DRAWING)}}}, '.replace("'", '"')
    return (_LINKED if linked else _PLAIN).format(
        what=f"{stream.title.lower().split(' (')[0]} events" if stream.slug != "shapes" else "drawn shapes",
        figure=figure.strip(),
        name=f"on_{stream.slug}",
        body=body.replace("\n", "\n    "),
        options=options,
        panel=stream.panel,
        linked=stream.linked,
    )
