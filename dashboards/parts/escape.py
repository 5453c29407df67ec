"""The one function for text that comes from data, files or users before Panel or Plotly shows it."""

from __future__ import annotations

import functools
import html

__all__ = ["escape"]


def escape(text: object) -> str:
    """Make any value safe to stand inside HTML, Markdown-as-HTML, or Plotly's pseudo-HTML.

    Panel runs markup in `HTML`, `Markdown`, `Str`, `Alert`, `StaticText`, card titles and option labels of
    `MultiChoice`; Plotly draws ``<b>``, ``<a href>`` and the like in labels and hover text.

    Parameters
    ----------
    text : object
        Turned into a string first; None becomes an empty string.

    Returns
    -------
    str
        With ``& < > " '`` as entities, which Panel and Plotly both write as the characters meant, and
        control characters (but tab and line breaks) left out.
    """
    return "" if text is None else _escaped(str(text))


# Every brush writes the same names again; this many are the countries of a table and more, in a few MB.
@functools.lru_cache(maxsize=20_000)
def _escaped(text: str) -> str:
    shown = "".join(char for char in text if char >= " " or char in "\t\n\r")
    # Plotly knows few named entities, and &quot; is not among them; both know numbers.
    return html.escape(shown, quote=True).replace("&quot;", "&#34;")
