"""Make the pictures of the gallery's cards: ``python docs/make_cards.py [slug …]``.

Each dashboard is served and opened at the view its catalogue entry names (`Entry.card_view`), in light and
in dark, with its controls folded away. A picture is small enough to travel inside the page of the gallery.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from dashboards.parts.catalogue import DASHBOARDS, Entry  # noqa: E402
from dashboards.parts.chrome import THEME_COOKIE  # noqa: E402
from tests.browser.conftest import launch_chromium, start_panel_serve  # noqa: E402
from tests.browser.driver import DEEP_QUERY_JS, wait_until  # noqa: E402

WINDOW = {"width": 1440, "height": 900}
CARD = (960, 600)
MOST_BYTES = 150_000
DRAWN_JS = """() => {
  const plots = window.brushlinkDeep('.js-plotly-plot')
  return plots.length > 0 && plots.every(plot => plot._fullLayout && plot.querySelector('.main-svg'))
}"""


def shoot(page: Page, item: Entry, url: str) -> bytes:
    """Open a dashboard at the view of its card and take a picture of it, as PNG."""
    page.goto(f"{url}/{item.slug}?{item.card_view}")
    wait_until(page, lambda: page.evaluate(DRAWN_JS), 60, f"pictures of {item.slug} drawn")
    fold = page.get_by_role("button", name="Close drawer")
    if fold.count():
        fold.click()
        page.mouse.move(WINDOW["width"] / 2, 20)
    # Two equal pictures in a row: fonts, animations and the new width have settled.
    last = [b""]

    def settled() -> bool:
        picture = page.screenshot(animations="disabled")
        same = picture == last[0]
        last[0] = picture
        page.wait_for_timeout(500)
        return same

    wait_until(page, settled, 60, f"{item.slug} at rest")
    return last[0]


def keep(picture: bytes, file: Path) -> int:
    """Write a picture in the size of a card, in the best quality that is small enough; return its bytes."""
    with Image.open(io.BytesIO(picture)) as image:
        card = image.convert("RGB").resize(CARD, Image.Resampling.LANCZOS)
    for quality in (90, 84, 76, 66):
        buffer = io.BytesIO()
        card.save(buffer, "WEBP", quality=quality, method=6)
        if buffer.tell() <= MOST_BYTES:
            break
    file.write_bytes(buffer.getvalue())
    return buffer.tell()


def main(slugs: list[str]) -> None:
    """Make the pictures of some dashboards, or of all."""
    items = [item for item in DASHBOARDS if not slugs or item.slug in slugs]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = start_panel_serve([item.file for item in items], log=Path(folder) / "server.log")
        browser = launch_chromium(playwright)
        try:
            for item in items:
                for mode in ("light", "dark"):
                    context = browser.new_context(viewport=WINDOW)
                    context.add_init_script(DEEP_QUERY_JS)
                    context.add_cookies([{"name": THEME_COOKIE, "value": mode, "url": server.url}])
                    file = item.picture(mode)
                    size = keep(shoot(context.new_page(), item, server.url), file)
                    sys.stdout.write(f"{file.relative_to(REPOSITORY)}  {size / 1000:.0f} kB\n")
                    context.close()
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
