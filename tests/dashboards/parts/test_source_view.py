"""Highlighted source says what the file says."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from dashboards.parts.source_view import highlight_python

FILES = sorted((Path(__file__).parents[3] / "dashboards").rglob("*.py"))


def plain(rows: list[str]) -> list[str]:
    return [html.unescape(re.sub(r"</?span[^>]*>", "", row)) for row in rows]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_file_of_the_dashboards_is_shown_as_it_is(file: Path) -> None:
    source = file.read_text(encoding="utf-8")
    assert plain(highlight_python(source)) == source.splitlines()


def test_kinds() -> None:
    rows = highlight_python('@cached\ndef area(x):  # <b>\n    return f"{x!r}" + str(3.5)\n')
    assert rows[0] == '@<span class="d">cached</span>'
    assert rows[1] == (
        '<span class="k">def</span> <span class="d">area</span>(x):  <span class="c"># &lt;b&gt;</span>'
    )
    assert '<span class="k">return</span>' in rows[2]
    assert '<span class="b">str</span>(<span class="n">3.5</span>)' in rows[2]
    assert '<span class="s">' in rows[2]


def test_a_string_over_lines_is_coloured_on_each() -> None:
    rows = highlight_python('x = """a\n<i>\nb"""')
    assert rows == [
        'x = <span class="s">&#34;&#34;&#34;a</span>',
        '<span class="s">&lt;i&gt;</span>',
        ('<span class="s">b&#34;&#34;&#34;</span>'),
    ]


@pytest.mark.parametrize("source", ["def f(:\n  '''", "\tx\n  y\n", "(", ""])
def test_what_is_not_python_is_shown_uncoloured(source: str) -> None:
    assert plain(highlight_python(source)) == source.splitlines()
