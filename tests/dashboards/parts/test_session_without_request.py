"""A session that begins with the websocket (several processes, a restarted server) needs no CDN."""

from __future__ import annotations

import weakref
from types import SimpleNamespace

import panel as pn
from bokeh.document import Document
from bokeh.models import ImportedStyleSheet
from panel.io.server import set_curdoc

from dashboards.parts.browser_cures import install_cures


class Context:
    """Stands for the session context that a server gives a document."""

    request = SimpleNamespace(arguments={}, cookies={}, headers={})
    id = "1"


def style_sheets(cured: bool) -> set[str]:
    """Return where a document's panes look for their style sheets when no page was asked for before."""
    context, document = Context(), Document()
    document._session_context = weakref.ref(context)
    with set_curdoc(document):
        if cured:
            install_cures()
        root = pn.Column("text").get_root(document)
    return {model.url for model in root.references() if isinstance(model, ImportedStyleSheet)}


def test_style_sheets_come_from_the_server() -> None:
    found = style_sheets(cured=True)
    assert any("static/extensions/panel/css/loading.css" in url for url in found)
    assert {url for url in found if "://" in url} == set()


def test_without_the_cure_they_would_not() -> None:
    # When this fails, Panel does it by itself, and the cure in `install_cures` can go.
    assert any(url.startswith("https://") for url in style_sheets(cured=False))
