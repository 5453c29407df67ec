"""Cures that a page or a notebook needs before its first picture; called by the shell and in notebooks."""

from __future__ import annotations

import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from threading import RLock
from typing import Any

import panel as pn
import pyviz_comms
from bokeh.models import ImportedStyleSheet
from panel.config import panel_extension
from panel.io import resources

import dashboards.parts.plotly_model  # noqa: F401 - its script must be known before pn.extension loads scripts

__all__ = ["install_cures", "load_when_shown", "notebook_extension", "whole_lines"]


@contextmanager
def whole_lines() -> Iterator[None]:
    """Keep Panel's notebook loader from indenting scripts.

    Its template indents inlined scripts by six blanks, also inside a multi-line text of plotly.js that holds
    the signature of PNG files: after that no PNG of a go.Image is drawn. Can go when Panel's
    ``_templates/autoload_panel_js.js`` no longer says ``js|indent(6)``.
    """
    filters = resources._env.filters
    indent = filters["indent"]
    filters["indent"] = lambda text, *_, **__: text
    try:
        yield
    finally:
        filters["indent"] = indent


@cache
def _css_uri(name: str) -> str | None:
    """Make a data: URI of a style sheet that comes with Panel; None when it does not."""
    path = resources.DIST_DIR / name
    return _data_uri(path) if path.is_file() else None


def _data_uri(sheet: Path) -> str:
    return "data:text/css;base64," + b64encode(sheet.read_bytes()).decode()


@cache
def _bring_style_sheets() -> None:
    """Send Panel's style sheets along, in updates too.

    With ``inline=True`` Panel inlines them only when a cell shows its output first; each later update of a
    pane names them by address, and three are asked from its CDN. Can go when such an update asks for none.
    """
    plain = ImportedStyleSheet.__init__

    def brought(self: ImportedStyleSheet, *args: Any, **values: Any) -> None:
        url = values.get("url")
        for folder in (resources.CDN_DIST, resources.LOCAL_DIST):
            if isinstance(url, str) and url.startswith(folder):
                values["url"] = _css_uri(url.removeprefix(folder).split("?")[0]) or url
        plain(self, *args, **values)

    ImportedStyleSheet.__init__ = brought


def _material_folder() -> Path:
    # Not imported before it is wanted: once it is, every notebook's page asks for its style sheets.
    from panel_material_ui.base import DIST_PATH

    return Path(DIST_PATH)


@contextmanager
def _material_styles() -> Iterator[None]:
    """Send the style sheet of panel-material-ui along, if that is imported by now.

    Its address leads nowhere in JupyterLab, and Panel's loader gives up at the first file that is not there.
    Can go when a cell that imports dashboards before it loads Panel works without.
    """
    plain = resources.Resources.css_files

    def brought(self: Any) -> list[str]:
        found = []
        for url in plain.fget(self):
            name = url.split("?")[0].rpartition("/")[2]
            if name == "material-icons.css":
                continue  # names its font by a relative address: see `_bring_icons`
            if "panel-material-ui/" not in url:
                found.append(url)
                continue
            sheet = _material_folder() / name
            found.append(_data_uri(sheet) if sheet.is_file() else url)
        return found

    resources.Resources.css_files = property(brought)
    try:
        yield
    finally:
        resources.Resources.css_files = plain


_ICONS_JS = """
if (![...document.fonts].some((font) => font.family.includes("Material Icons"))) {
  const font = new FontFace("Material Icons", "url(data:font/woff2;base64,%s)")
  font.load().then(() => document.fonts.add(font))
}
"""


def _bring_icons() -> None:
    """Hand the notebook's page the font of the icons, whose names it shows otherwise.

    panel-material-ui brings it with served pages alone. Can go when its icons need no font in a notebook.
    """
    if "IPython" not in sys.modules:
        return  # no notebook
    from IPython.display import Javascript, display

    for path in _material_folder().glob(f"material-icons-{8 * '?'}.woff2"):
        display(Javascript(_ICONS_JS % b64encode(path.read_bytes()).decode()))


@cache
def _answer_in_turn() -> None:
    """Let the events of a notebook be answered one at a time, and standard output alone meanwhile.

    JupyterLab hears each output in a thread of its own (a subshell of the kernel), so that two may change the
    same dashboard at once; and pyviz_comms, which puts another text in the place of ``sys.stdout`` while it
    answers, leaves it there when two overlap: nothing that is printed afterwards is ever seen. Can go when
    `pyviz_comms.Comm._handle_msg` neither redirects nor overlaps.
    """
    plain, turn = pyviz_comms.Comm._handle_msg, RLock()

    def in_turn(self: pyviz_comms.Comm, message: Any) -> None:
        with turn:
            plain(self, message)

    pyviz_comms.Comm._handle_msg = in_turn
    pyviz_comms.StandardOutput = lambda: nullcontext([])


def install_cures(*extensions: str, **options: object) -> None:
    """Prepare the page that is being built: call it in each served file before anything is shown.

    Parameters
    ----------
    *extensions : str
        Panel extensions that the page needs besides "plotly". All at once: each call takes 15 ms.
    **options : object
        More of ``pn.extension``.
    """
    pn.extension("plotly", *(name for name in extensions if name != "plotly"), **options)
    document = pn.state.curdoc
    if document is not None and document.session_context is not None:
        # Panel notes where its style sheets are when it answers a page's request. A session that begins with
        # a websocket (in another process of `--num-procs`, or after a restart of the server) had no request,
        # and would fetch them from the CDN. Can go when panel/reactive.py no longer falls back to CDN_DIST.
        document.template_variables.setdefault("dist_url", resources.get_dist_path(cdn=False))


def notebook_extension(*extensions: str, **options: object) -> None:
    """Load Panel in a notebook so that everything comes with the notebook and nothing from a network.

    Parameters
    ----------
    *extensions : str
        Panel extensions besides those of our dashboards.
    **options : object
        More of ``pn.extension``.
    """
    _answer_in_turn()
    _bring_style_sheets()
    _bring_icons()
    with whole_lines(), _material_styles():
        # A notebook loads scripts once, before it is known which dashboard will be shown.
        pn.extension("plotly", "tabulator", "filedropper", *extensions, inline=True, **options)


def load_when_shown() -> None:
    """Load Panel in a notebook that shows its first dashboard and has not loaded it; else do nothing."""
    kernel = sys.modules.get("ipykernel.zmqshell")
    if kernel is None or not kernel.ZMQInteractiveShell.initialized():
        return
    _answer_in_turn()
    if not panel_extension._loaded:
        notebook_extension()
