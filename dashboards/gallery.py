"""The front door: a card a dashboard, found by what it does; and their sources. Plain HTML, no websocket.

Served like a dashboard (``panel serve dashboards/[a-z]*.py --index gallery``), it hands its HTML to Panel as
the template of the page, so that it is there with the first answer of the server.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import panel as pn
from jinja2 import Environment, FileSystemLoader, Template

from dashboards.parts.catalogue import DASHBOARDS, FOLDER, Entry
from dashboards.parts.chrome import FONT, MARK, MARK_SVG, chrome_css, theme_of
from dashboards.parts.notebook_view import TALK, notebook_cells, notebook_file, notebook_uri
from dashboards.parts.source_view import SOURCE_CSS, highlight_python
from dashboards.parts.theme import Mode

__all__ = ["Documentation", "gallery_html", "notebook_page", "open_gallery", "source_page", "static_gallery"]

TAGLINE = (
    "Brushlink is a gallery of linked, exploratory dashboards in Python. Select in one picture and every "
    "other shows the same rows against the whole; each view has an address, and each page shows its source."
)
SAVED_TAGLINE = (
    "Brushlink is a gallery of linked, exploratory dashboards in Python. These are saved: each is one file "
    "that works from a disk, without a server, and in it every picture still answers the others."
)
_PARTS = FOLDER / "parts"
_DOCS = FOLDER / "assets" / "docs"
TALK_TITLE = "The talk, live"


class Documentation:
    """The pages that `make docs` built, where Panel hands out files that a class of a module names."""

    _resources: ClassVar[dict[str, list[str]]] = {
        "docs": sorted(path.relative_to(FOLDER).as_posix() for path in _DOCS.rglob("*") if path.is_file())
    }

    @classmethod
    def address(cls) -> str:
        """Address of the first page, relative to the gallery's; empty when nothing is built."""
        index = "assets/docs/index.html"
        built = index in cls._resources["docs"]
        return f"components/dashboards.gallery/{cls.__name__}/_resources/docs/{index}" if built else ""


def gallery_html(mode: Mode, entries: Sequence[Entry] = DASHBOARDS) -> str:
    """Write the page of cards.

    Parameters
    ----------
    mode : {"light", "dark"}
    entries : sequence of Entry
        What to show.
    """
    tags = list(dict.fromkeys(tag for item in entries for tag in item.tags))
    cards = [{**_card(item, mode), "notebook": notebook_file(item.slug) is not None} for item in entries]
    more = {"documentation": Documentation.address(), "talk": TALK if notebook_file(TALK) else ""}
    return _render(mode, "Brushlink", cards=cards, tags=tags, **more)


def static_gallery(entries: Sequence[Entry] = DASHBOARDS) -> str:
    """Write the page of cards for a folder of saved files (`brushlink export`); it asks no server.

    Parameters
    ----------
    entries : sequence of Entry
        What was saved.
    """
    tags = list(dict.fromkeys(tag for item in entries for tag in item.tags))
    cards = [{**_card(item, "light"), "dark": _data_uri(item.picture("dark"))} for item in entries]
    return _render("light", "Brushlink", cards=cards, tags=tags, saved=True, tagline=SAVED_TAGLINE)


def source_page(item: Entry, mode: Mode) -> str:
    """Write the page with the source of a dashboard."""
    rows = highlight_python(item.file.read_text(encoding="utf-8"))
    source = {"title": item.title, "slug": item.slug, "file": f"dashboards/{item.file.name}", "rows": rows}
    return _render(mode, f"Source of {item.title} · Brushlink", source=source)


def notebook_page(name: str, mode: Mode) -> str | None:
    """Write the page with a notebook to read and to take along.

    Parameters
    ----------
    name : str
        Slug of a dashboard, or `TALK`.
    mode : {"light", "dark"}

    Returns
    -------
    str or None
        None when there is no such notebook.
    """
    titles = {item.slug: item.title for item in DASHBOARDS} | {TALK: TALK_TITLE}
    file = notebook_file(name) if name in titles else None
    if file is None:
        return None
    notebook = {
        "title": titles[name],
        "slug": "" if name == TALK else name,
        "file": file.name,
        "cells": notebook_cells(file),
        "uri": notebook_uri(file),
    }
    return _render(mode, f"Notebook of {titles[name]} · Brushlink", notebook=notebook)


def open_gallery() -> None:
    """Put the page the address asks for into the running session."""
    document = pn.state.curdoc
    arguments = pn.state.session_args
    mode = theme_of(pn.state.cookies, _argument(arguments, "theme"))
    asked = _argument(arguments, "source")
    item = next((entry for entry in DASHBOARDS if entry.slug == asked), None)
    book = notebook_page(_argument(arguments, "notebook") or "", mode)
    html = source_page(item, mode) if item else book or gallery_html(mode)
    document.title = "Brushlink"
    # What is shown is text by now: the template only passes it on.
    document.template = Template("{{ brushlink_html }}")
    document.template_variables["brushlink_html"] = html


# -- inside -------------------------------------------------------------------------------------


def _card(item: Entry, mode: Mode) -> dict[str, Any]:
    words = (item.title, item.sentence, item.class_name, *item.tags, *item.demos, *item.search)
    return {
        "slug": item.slug,
        "title": item.title,
        "sentence": item.sentence,
        "tags": item.tags,
        "words": " ".join(words),
        "picture": _data_uri(item.picture(mode)),
    }


def _data_uri(picture: Path) -> str:
    """Return a picture as an address, so that it travels with the page; empty when it is not made yet."""
    if not picture.is_file():
        return ""
    return f"data:image/{picture.suffix[1:]};base64," + base64.b64encode(picture.read_bytes()).decode("ascii")


def _render(mode: Mode, title: str, **more: Any) -> str:
    environment = Environment(loader=FileSystemLoader(_PARTS), autoescape=True)
    text = {name: (_PARTS / name).read_text(encoding="utf-8") for name in ("gallery.css", "gallery.js")}
    return environment.get_template("gallery.html").render(
        mode=mode,
        title=title,
        mark=MARK,
        sign=MARK_SVG,
        light=f"--brushlink-font: {FONT}; {chrome_css('light')}",
        dark=chrome_css("dark"),
        css=text["gallery.css"] + (SOURCE_CSS if {"source", "notebook"} & more.keys() else ""),
        script=text["gallery.js"],
        **{"tagline": TAGLINE, **more},
    )


def _argument(arguments: Mapping[str, Sequence[bytes]], name: str) -> str | None:
    values = arguments.get(name)
    return values[0].decode("utf-8", "replace") if values else None


if pn.state.served:
    open_gallery()
