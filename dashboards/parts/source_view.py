"""Python source as highlighted HTML, and the pane that shows the file of a dashboard; used by the shell."""

from __future__ import annotations

import builtins
import inspect
import io
import keyword
import token
import tokenize
from pathlib import Path

import panel as pn

from dashboards.parts.escape import escape

__all__ = ["SOURCE_CSS", "highlight_python", "source_html", "source_pane"]

_SOFT = frozenset(keyword.softkwlist) - {"_", "type"}
_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))
_F_STRING = {
    getattr(token, name)
    for name in ("FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END")
    if hasattr(token, name)
}

SOURCE_CSS = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")


def highlight_python(source: str) -> list[str]:
    """Turn Python source into lines of HTML, with a span around what has a colour.

    Parameters
    ----------
    source : str
        A file that does not parse is returned uncoloured.

    Returns
    -------
    list of str
        One escaped line a line of the source. Classes: k keyword, s string, c comment, n number,
        d name that is defined or decorates, b builtin.
    """
    lines = source.splitlines()
    spans: list[list[tuple[int, int, str]]] = [[] for _ in lines]
    try:
        before = ""
        for item in tokenize.generate_tokens(io.StringIO(source).readline):
            kind = _kind(item, before)
            if kind:
                _mark(spans, lines, item, kind)
            if item.type not in (token.NL, token.COMMENT, token.INDENT, token.DEDENT):
                before = item.string
    except (tokenize.TokenError, SyntaxError):
        spans = [[] for _ in lines]
    return [_line(text, marks) for text, marks in zip(lines, spans, strict=True)]


def _kind(item: tokenize.TokenInfo, before: str) -> str:
    if item.type == token.COMMENT:
        return "c"
    if item.type == token.STRING or item.type in _F_STRING:
        return "s"
    if item.type == token.NUMBER:
        return "n"
    if item.type == token.NAME:
        if before in ("def", "class", "@"):
            return "d"
        if keyword.iskeyword(item.string) or (item.string in _SOFT and before in ("", "\n")):
            return "k"
        if item.string in _BUILTINS and before != ".":
            return "b"
    return ""


def _mark(
    spans: list[list[tuple[int, int, str]]], lines: list[str], item: tokenize.TokenInfo, kind: str
) -> None:
    (first, start), (last, stop) = item.start, item.end
    for row in range(first, min(last, len(lines)) + 1):
        left = start if row == first else 0
        right = stop if row == last else len(lines[row - 1])
        if right > left:
            spans[row - 1].append((left, right, kind))


def _line(text: str, marks: list[tuple[int, int, str]]) -> str:
    parts, at = [], 0
    for left, right, kind in marks:
        parts += [escape(text[at:left]), f'<span class="{kind}">', escape(text[left:right]), "</span>"]
        at = right
    return "".join([*parts, escape(text[at:])])


def source_pane() -> pn.pane.HTML:
    """Make the pane that shows what `source_html` returns."""
    return pn.pane.HTML(
        "", stylesheets=[SOURCE_CSS], sizing_mode="stretch_width", margin=0, css_classes=["source-file"]
    )


def source_html(kind: type, dark: bool) -> str:
    """Write the file a class comes from as HTML, with line numbers.

    Parameters
    ----------
    kind : type
        A class in a file.
    dark : bool
        Colours for a dark page.
    """
    file = Path(inspect.getsourcefile(kind) or "")
    rows = highlight_python(file.read_text(encoding="utf-8"))
    code = "".join(f'<span class="l">{row}</span>' for row in rows)
    return (
        f'<div class="{"dark" if dark else "light"}"><div class="file">'
        f"<b>{escape(file.parent.name)}/{escape(file.name)}</b><span>{len(rows):,} lines</span></div>"
        f"<pre>{code}</pre></div>"
    )
