"""A dashboard as one HTML file that works from a disk, without a server or a network; and their gallery."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
from jinja2 import Environment, FileSystemLoader
from panel.io.resources import DIST_DIR

from dashboards.parts.chrome import FONT, MARK, MARK_SVG, chrome_css
from dashboards.parts.limits import EXPORT_BYTES
from dashboards.parts.outlines import outlines_for
from dashboards.parts.static_pack import deflated, joined
from dashboards.parts.static_view import ExportError, Picture, StaticView
from dashboards.parts.theme import template

if TYPE_CHECKING:
    from dashboards.parts.dashboard import Dashboard

__all__ = ["file_of", "write_whole"]

FOLDER = Path(__file__).resolve().parent
PLOTLY = DIST_DIR / "bundled" / "plotlyplot" / "plotly-3.1.0.min.js"
# What every file has, before the scripts that a dashboard names.
SCRIPTS = ("linked_plot_quick.js", "linked_plot_map.js", "static/linking.js", "static/page.js")


def file_of(dashboard: Dashboard, home: str = "") -> str:
    """Write a dashboard, as it is now, as HTML.

    Parameters
    ----------
    dashboard : Dashboard
    home : str
        Address of the gallery beside the file; empty where there is none.

    Raises
    ------
    ExportError
        When its data is more than a file holds.
    """
    view = dashboard.static_view()
    data = joined(_content(dashboard, view))
    if len(data) > EXPORT_BYTES:
        raise ExportError(
            f"{dashboard.title}: {len(data) / 1e6:,.0f} MB of data would go into the file, and at most "
            f"{EXPORT_BYTES / 1e6:,.0f} MB do. Save less of it: fewer rows or times of a table "
            "(a sample, or sums by group), a smaller image."
        )
    return (
        Environment(loader=FileSystemLoader(FOLDER / "static"), autoescape=True)
        .get_template("page.html")
        .render(
            title=dashboard.title,
            intro=view.intro or dashboard.intro,
            slug=dashboard.slug,
            home=home,
            needs_python=view.needs_python,
            query=view.query or dashboard.state.to_query(),
            mode=dashboard.theme,
            pictures=view.pictures,
            mark=MARK,
            sign=MARK_SVG,
            light=f"--brushlink-font: {FONT}; {chrome_css('light')}",
            dark=chrome_css("dark"),
            css=(FOLDER / "static" / "page.css").read_text(encoding="utf-8"),
            plotly=_plotly(),
            data=deflated(data),
            script=_script(view),
        )
    )


def write_whole(path: Path, text: str) -> int:
    """Write a file that is there whole or not at all; return its bytes.

    Parameters
    ----------
    path : Path
    text : str

    Raises
    ------
    ExportError
        When it cannot be written.
    """
    content = text.encode("utf-8")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.chmod(name, 0o644)
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise ExportError(f"{path} cannot be written: {error.strerror or error}.") from error
    return len(content)


def _content(dashboard: Dashboard, view: StaticView) -> dict[str, Any]:
    pictures = {name: _picture(picture) for name, picture in view.pictures.items()}
    outlines: dict[str, Any] = {}
    for picture in view.pictures.values():
        outlines |= outlines_of(picture) or {} if not isinstance(outlines.get(""), bytes) else {}
    return {
        "pictures": pictures,
        "outlines": outlines or None,
        "templates": {"light": template("light"), "dark": template("dark")},
        "mode": dashboard.theme,
        "start": view.scripts[-1] if view.scripts else "",
        "data": view.data,
    }


def _picture(picture: Picture) -> dict[str, Any]:
    dressed = picture.dressed
    layout = {key: value for key, value in picture.spec["layout"].items() if key != "template" or not dressed}
    spec = {"data": picture.spec["data"], "layout": layout}
    return {"spec": spec, "config": picture.config, "dressed": dressed}


def outlines_of(picture: Picture) -> Mapping[str, Any] | None:
    """Return the outlines that the maps of a picture need."""
    return outlines_for(go.Figure(picture.spec, skip_invalid=True))


@cache
def _plotly() -> str:
    return deflated(PLOTLY.read_bytes())


def _script(view: StaticView) -> str:
    """Join the scripts of a page; the last line starts it."""
    names = [*SCRIPTS, *(f"static/{name}.js" for name in view.scripts)]
    texts = [(FOLDER / name).read_text(encoding="utf-8") for name in names]
    parts = [_component(name, files) for name, files in view.components.items()]
    text = "\n".join(['"use strict"', *texts, *parts, "brushlink.open()"])
    # Inside a script element a closing tag would end it, wherever it stands.
    return text.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _component(name: str, files: tuple[str, ...]) -> str:
    """Turn the module of a component into an entry of `brushlink.components`."""
    text = {
        ending: "\n".join((FOLDER / one).read_text(encoding="utf-8") for one in files if one.endswith(ending))
        for ending in (".js", ".css")
    }
    module = text[".js"].replace("export function render", "function render")
    render = f"(() => {{\n{module}\nreturn render }})()"
    return f"brushlink.components[{json.dumps(name)}] = {{css: {json.dumps(text['.css'])}, render: {render}}}"
