"""Scripts and styles as they travel to the browser: without what only the readers of their files need."""

from __future__ import annotations

from pathlib import Path

__all__ = ["page_text"]

_HERE = Path(__file__).parent


def page_text(*names: str) -> str:
    """Return files of this folder one after the other, without indentation, empty lines and comment lines.

    Scripts here must therefore hold no text of several lines in which a line begins with ``//``, or in which
    indentation counts.

    Parameters
    ----------
    *names : str
        Of scripts or stylesheets.
    """
    text = "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))
