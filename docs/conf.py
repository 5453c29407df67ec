"""How Sphinx builds the documentation: ``make docs``. Neither it nor a reader needs a network."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
REPOSITORY = DOCS.parent
sys.path.insert(0, str(REPOSITORY))

from brushlink import __version__  # noqa: E402
from dashboards.parts.catalogue import DASHBOARDS  # noqa: E402

project = "Brushlink"
author = "The Brushlink developers"
project_copyright = "The Brushlink developers"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3
myst_links_external_new_tab = False

# The reference: numpydoc docstrings, in the order of the source.
autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_default_options = {"members": True}
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
napoleon_preprocess_types = False
# Several classes have an attribute `classes`: a bare name in a docstring cannot say whose it means.
suppress_warnings = ["ref.python"]

html_theme = "furo"
html_title = "Brushlink"
html_favicon = str(REPOSITORY / "dashboards" / "assets" / "mark.svg")
html_logo = html_favicon
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b63a5", "color-brand-content": "#0b63a5"},
    "dark_css_variables": {"color-brand-primary": "#7cc0ff", "color-brand-content": "#7cc0ff"},
}

_SPOKEN = {"00-the-talk": "The talk, live"} | {entry.slug: entry.title for entry in DASHBOARDS}


def _notebook_page(file: Path) -> str:
    """Write a notebook as a page of the documentation: its texts, and its code in blocks."""
    parts = []
    for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        parts.append(f"```python\n{source}\n```" if cell["cell_type"] == "code" else source)
    return "\n\n".join([f"---\norphan: false\n---\n\n{parts[0]}", *parts[1:]]) + "\n"


def _write_notebooks() -> None:
    target = DOCS / "notebooks"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    names = sorted(file.stem for file in (REPOSITORY / "notebooks").glob("*.ipynb"))
    for name in names:
        page = _notebook_page(REPOSITORY / "notebooks" / f"{name}.ipynb")
        (target / f"{name}.md").write_text(page, encoding="utf-8")
    listed = "\n".join(f"{_SPOKEN[name]} <{name}>" for name in names)
    index = (
        "# Notebooks\n\nEach runs from top to bottom without a network. They lie in the folder `notebooks` "
        "of the repository; the gallery hands each out, on the card of its dashboard.\n\n"
        f"```{{toctree}}\n:maxdepth: 1\n\n{listed}\n```\n"
    )
    (target / "index.md").write_text(index, encoding="utf-8")


def _escape_stars(
    app: object, what: str, name: str, thing: object, options: object, lines: list[str]
) -> None:
    """Keep the star of a shape such as (F, *spatial) from beginning an emphasis."""
    lines[:] = [re.sub(r"(?<=[(, ])\*(?=[a-z])", r"\\*", line) for line in lines]


def setup(app: Any) -> None:
    """Let Sphinx call what stands above."""
    app.connect("autodoc-process-docstring", _escape_stars)


_write_notebooks()
