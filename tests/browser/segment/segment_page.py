"""What a hand does on the segmentation page, and what an eye sees there; for its browser tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.browser.apps.dashboard_page import DashboardPage

COIN = ((94, 126), (115, 130))
GROUND = ((12, 60), (14, 88), (375, 88), (376, 150))


def drawing(page):
    return page.plot("image").js("return (gd.layout.meta || {}).drawing || {};") or {}


def draw(page, *points):
    plot = page.plot("image")
    plot.drag_path([plot.px(x, y) for x, y in points], 6)


def status(page):
    return page.page.locator(".status p").inner_text()


def overlay(page):
    """Whether something lies over the picture, as the browser has it."""
    return page.plot("image").js(
        "return (gd._fullLayout.images || []).some(i => i.visible && i.source.startsWith('data:image/png'));"
    )


def choose_class(page, number):
    page.page.keyboard.press(str(number))
    page.until(lambda: page.plot("image").js("return gd.layout.newshape.name").startswith(f";{number};"))


def two_strokes(page):
    draw(page, *COIN)
    page.until(lambda: len(page.dashboard.drawing.log.strokes) == 1)
    choose_class(page, 2)
    draw(page, *GROUND)
    page.until(lambda: overlay(page), "the overlay")
    page.until(lambda: "Done" in status(page), "the final answer")


def drop(page: DashboardPage, place: str, *files: Path | dict[str, Any]) -> None:
    """Drop files where the CSS class says, as the browser's own file dialog would."""
    field = page.page.locator(f".{place} input[type=file]")
    field.wait_for(state="attached", timeout=60_000)
    field.set_input_files(list(files))


def download(page: DashboardPage, what: str, folder: Path) -> Path:
    """Take a file from the download menu, such as "Labels as PNG"."""
    page.page.get_by_role("button", name="Download", exact=True).click()
    with page.page.expect_download() as got:
        page.page.get_by_role("button", name=what, exact=True).click()
    path = folder / got.value.suggested_filename
    got.value.save_as(path)
    return path
