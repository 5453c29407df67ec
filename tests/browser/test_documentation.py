"""The documentation as `make docs` builds it: no warning, no dead link, nothing from a network."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from playwright.sync_api import Browser

from dashboards.parts.catalogue import DASHBOARDS
from tests.browser.conftest import is_local

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(500)]

# Tags and the attribute by which they load something, as opposed to links that a reader may follow.
LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src", "video": "src"}


class Page(HTMLParser):
    """Links, what is loaded, and anchors of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        said = dict(attributes)
        if said.get("id"):
            self.anchors.add(str(said["id"]))
        if (name := LOADED.get(tag)) and said.get(name):
            self.loaded.append(str(said[name]))
        if tag == "a" and said.get("href"):
            self.links.append(str(said["href"]))


@cache
def parsed(file: Path) -> Page:
    page = Page()
    page.feed(file.read_text(encoding="utf-8"))
    return page


@pytest.fixture(scope="module")
def built(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documentation, built as `make docs` builds it."""
    pytest.importorskip("sphinx", reason="`make test-all` installs what builds the documentation")
    target = tmp_path_factory.mktemp("docs")
    line = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q", "docs", str(target)]
    recipe = (repository / "Makefile").read_text(encoding="utf-8")
    assert " ".join(line[1:8]) in recipe
    done = subprocess.run(line, cwd=repository, capture_output=True, text=True, timeout=400)
    assert (done.returncode, done.stderr) == (0, "")
    return target


def test_links_lead_somewhere_and_nothing_is_loaded_from_elsewhere(built: Path) -> None:
    pages = [file for file in built.rglob("*.html") if "_static" not in file.parts]
    assert len(pages) > 2 * len(DASHBOARDS)
    for file in pages:
        page = parsed(file)
        for address in page.loaded:
            assert not re.match(r"(https?:)?//", address), f"{file} loads {address}"
        for address in page.links:
            if re.match(r"(https?:|mailto:)", address):
                continue
            path, anchor = urldefrag(address)
            target = (file.parent / unquote(path)).resolve() if path else file
            assert target.is_file(), f"{file} links to {address}"
            if anchor and target.suffix == ".html":
                assert unquote(anchor) in parsed(target).anchors, f"{file} links to {address}"
    for sheet in built.rglob("*.css"):
        assert not re.search(r"url\(['\"]?https?:|@import\s+['\"]?https?:", sheet.read_text(encoding="utf-8"))


def test_pages_read_well_on_a_phone_in_the_dark(built: Path, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 400, "height": 800}, color_scheme="dark")
    page = context.new_page()
    wrong: list[str] = []
    page.on("request", lambda request: None if is_local(request.url) else wrong.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    for name in ("index", "dashboards/gapminder", "notebooks/gapminder", "reference/segmentation", "limits"):
        page.goto((built / f"{name}.html").as_uri())
        # What is wider than the screen (a table, a line of code) scrolls by itself, not the page.
        assert page.evaluate("document.documentElement.scrollWidth") <= 400, name
        red, green, blue = page.evaluate(
            "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)"
        )
        assert max(red, green, blue) < 60, name
    context.close()
    assert wrong == []
