"""Saved files, opened from the disk with the network off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request

from dashboards.parts.static_file import file_of


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A function that saves a dashboard, once for each name."""
    folder = tmp_path_factory.mktemp("site")

    def save(name: str, make: Callable[[], object]) -> Path:
        place = folder / f"{name}.html"
        if not place.exists():
            place.write_text(file_of(make()), encoding="utf-8")
        return place

    return save


@pytest.fixture
def open_file(new_page: Callable[..., Page], faults: list[str]) -> Callable[..., Page]:
    """A function that opens a file without a network; any request but for the file itself is a fault."""

    def open_it(path: Path, **options: object) -> Page:
        page = new_page(offline=True, **options)

        def on_request(request: Request) -> None:
            if not request.url.startswith(("data:", "blob:")) and request.url != path.as_uri():
                faults.append(f"a saved file asks for {request.url[:200]}")

        page.on("request", on_request)
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready]", timeout=90_000)
        return page

    return open_it
