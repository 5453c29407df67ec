"""The HTML of the gallery and of the source pages."""

from __future__ import annotations

import dataclasses
import html
import re
from html.parser import HTMLParser

import pytest

from dashboards.gallery import gallery_html, source_page
from dashboards.parts.catalogue import DASHBOARDS

HOSTILE = "<img src=x onerror=alert(1)>\"'"


class Reader(HTMLParser):
    """Notes tags with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str, name: str) -> list[str]:
        return [
            attributes[name] or "" for found, attributes in self.tags if found == tag and name in attributes
        ]


def test_there_is_a_card_a_dashboard_with_its_links() -> None:
    page = Reader(gallery_html("light"))
    links = page.all("a", "href")
    for item in DASHBOARDS:
        assert f"./{item.slug}" in links
        assert f"?source={item.slug}" in links
    assert len(page.all("li", "data-search")) == len(DASHBOARDS)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_nothing_is_loaded_from_elsewhere(mode: str) -> None:
    page = Reader(gallery_html(mode))  # type: ignore[arg-type]
    loaded = page.all("img", "src") + page.all("link", "href") + page.all("script", "src")
    assert loaded
    assert all(address.startswith("data:") for address in loaded)
    assert not [link for link in page.all("a", "href") if not link.startswith(("./", "?"))]


def test_hostile_words_stay_words() -> None:
    item = dataclasses.replace(
        DASHBOARDS[0], title=HOSTILE, sentence=HOSTILE, tags=(HOSTILE,), search=(HOSTILE,)
    )
    text = gallery_html("light", [item])
    page = Reader(text)
    assert not [attributes for _, attributes in page.tags if "onerror" in attributes]
    assert HOSTILE in html.unescape(re.sub(r"<[^>]*>", "", text))
    assert page.all("li", "data-tags") == [HOSTILE]


def test_nine_cards_make_a_grid_and_one_a_poster() -> None:
    nine = [dataclasses.replace(DASHBOARDS[0], slug=f"d{number}") for number in range(9)]
    assert Reader(gallery_html("light", nine)).all("ul", "class") == ["cards"]
    assert Reader(gallery_html("light", nine[:1])).all("ul", "class") == ["cards few"]


def test_a_dashboard_without_a_picture_yet_has_a_card() -> None:
    item = dataclasses.replace(DASHBOARDS[0], slug="not_drawn_yet")
    page = Reader(gallery_html("light", [item]))
    assert page.all("img", "src") == []


def test_the_source_page_says_what_the_file_says() -> None:
    item = DASHBOARDS[0]
    text = source_page(item, "dark")
    code = re.search(r"<pre[^>]*>(.*)</pre>", text, re.DOTALL)
    assert code
    assert html.unescape(re.sub(r"<[^>]*>", "", code[1])).rstrip("\n") == item.file.read_text("utf-8").rstrip(
        "\n"
    )
