"""Text from data shows as it is, and nothing of it runs."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.parts.escape import escape

PRINTABLE = st.text(st.characters(exclude_categories=["Cs", "Cc"]))


@given(PRINTABLE)
def test_a_browser_reads_back_the_very_text(text: str) -> None:
    assert html.unescape(escape(text)) == html.unescape(html.escape(text))


@given(st.text())
def test_nothing_that_opens_markup_is_left(text: str) -> None:
    assert not set("<>\"'") & set(escape(text))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, ""),
        (2007, "2007"),
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        # Plotly knows &lt; &gt; &amp; and numbers, but not &quot;.
        ('"R&D"', "&#34;R&amp;D&#34;"),
        ("a\x00b\tc\nd", "ab\tc\nd"),
    ],
)
def test_examples(given: object, expected: str) -> None:
    assert escape(given) == expected
