"""The notebook of a dashboard as HTML to read and as a file to take along; for the gallery."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from dashboards.parts.catalogue import FOLDER
from dashboards.parts.source_view import highlight_python

__all__ = ["TALK", "notebook_cells", "notebook_file", "notebook_uri"]

TALK = "00-the-talk"
"""Walks through the talk that the dashboards rebuild."""

# Beside the packages in a checkout; inside ours when installed.
_PLACES = (FOLDER.parent / "notebooks", FOLDER / "notebooks")


def notebook_file(name: str) -> Path | None:
    """Return the notebook of a name, a dashboard's slug or `TALK`; None when it is not there."""
    return next((place / f"{name}.ipynb" for place in _PLACES if (place / f"{name}.ipynb").is_file()), None)


def notebook_cells(file: Path) -> list[dict[str, Any]]:
    """Return the cells to read, each a dict with `text` (HTML) or `rows` (lines of highlighted Python)."""
    book = json.loads(file.read_text(encoding="utf-8"))
    plain = MarkdownIt("commonmark", {"html": False})
    cells = []
    for cell in book["cells"]:
        source = "".join(cell["source"])
        is_code = cell["cell_type"] == "code"
        cells.append({"rows": highlight_python(source)} if is_code else {"text": plain.render(source)})
    return cells


def notebook_uri(file: Path) -> str:
    """Return a notebook as an address, so that it can be taken along from any way of serving."""
    return "data:application/x-ipynb+json;base64," + base64.b64encode(file.read_bytes()).decode("ascii")
