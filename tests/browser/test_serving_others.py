"""`brushlink serve` for several visitors: threads, processes, passwords, and names under which pages open."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import plotly.data
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Served, checked, start_panel_serve
from tests.browser.driver import Plot, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

COMMAND = (sys.executable, "-m", "brushlink", "serve")
COUNTRIES = plotly.data.gapminder().query("year == 2007")
# Left and right of each other: a press inside an outline would move it.
BRUSHES = (((41, 49), (72, 79)), ((56, 63), (42, 47)), ((73, 81), (55, 61)))
ANSWER_S = 60.0


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Served]]:
    """A function that starts `brushlink serve` with options, one server at a time."""
    running: list[Served] = []

    def stop() -> None:
        for served in running:
            served.stop()
            assert served.tracebacks() == ""
        running.clear()

    def start(*options: str, **more: object) -> Served:
        stop()
        log = tmp_path_factory.mktemp("serving") / "server.log"
        running.append(start_panel_serve((), *options, log=log, command=COMMAND, **more))
        return running[0]

    yield start
    stop()


def children(process: int) -> list[int]:
    """Return the processes that one has started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        if int(fields[1]) == process:
            found.append(int(stat.parent.name))
    return found


def headline(page: Page) -> str:
    return page.locator(".selection-bar b[role=status]").inner_text()


def ends(page: Page) -> list[float]:
    """Return the range that a page's chip names."""
    assert page.locator(".selection-bar .MuiChip-label").count() == 1
    chip = page.locator(".selection-bar .MuiChip-label").inner_text()
    return [float(number) for number in re.findall(r"\d+\.?\d*", chip)]


def count_of(page: Page) -> int:
    """Return how many countries lie in that range, by pandas."""
    low, high = ends(page)
    return int(COUNTRIES["lifeExp"].between(low, high).sum())


def brush_at_once(pages: Sequence[Page], ranges: Sequence[tuple[float, float]]) -> None:
    """Drag in several pages, and let go in all of them before any has answered."""
    for page, (low, high) in zip(pages, ranges, strict=True):
        plot = Plot(page, "histogram")
        start, stop = plot.px(low, 3), plot.px(high, 5)
        page.mouse.move(*start)
        page.mouse.down()
        page.mouse.move(*stop, steps=6)
    for page in pages:
        page.mouse.up()


@pytest.mark.parametrize("options", [("--num-threads", "3"), ("--num-procs", "2")], ids=" ".join)
def test_visitors_work_at_once_and_by_themselves(
    serving: Callable[..., Served], new_page: Callable[..., Page], options: tuple[str, ...]
) -> None:
    served = serving(*options)
    if options[0] == "--num-procs" and Path("/proc/self/stat").exists():
        assert len(children(served.process.pid)) == 2
    pages = [new_page(), new_page()]
    for page in pages:
        page.goto(f"{served.url}/gapminder", wait_until="commit")
    for page in pages:
        for view in ("histogram", "bars", "sunburst"):
            Plot(page, view).wait_drawn(120)
    seen: set[str] = set()
    for ranges in BRUSHES:
        brush_at_once(pages, ranges)
        for page, (low, high) in zip(pages, ranges, strict=True):

            def answered(page: Page = page, low: float = low, high: float = high) -> None:
                assert max(abs(ends(page)[0] - low), abs(ends(page)[1] - high)) < 1
                assert headline(page).startswith(f"{count_of(page)} of 142 ")

            wait_until(page, answered, ANSWER_S, "an answer to its own brush")
        seen |= {headline(page) for page in pages}
    assert len(seen) == 2 * len(BRUSHES)
    # What one takes back stays with the other.
    before = headline(pages[1])
    pages[0].get_by_role("button", name="Clear selection").click()
    wait_until(pages[0], lambda: headline(pages[0]).startswith("142 "), ANSWER_S, "cleared")
    assert headline(pages[1]) == before


@pytest.mark.skipif(os.name == "nt", reason="several processes cannot share a port on Windows")
def test_processes_share_what_is_kept_but_no_visitors(
    serving: Callable[..., Served], new_page: Callable[..., Page], tmp_path: Path
) -> None:
    """A reload may reach another process: what was drawn comes from the store, to its visitor alone."""
    served = serving("--num-procs", "2", "--store", str(tmp_path / "work.sqlite"))
    pages = [new_page(), new_page()]
    for number, page in enumerate(pages, 1):
        plot = open_annotate(page, served.url)
        for line in range(number):
            plot.drag(plot.px(80, 60 + 60 * line), plot.px(200, 100 + 60 * line))
            wait_until(page, lambda plot=plot, line=line: drawn(plot) == line + 1, ANSWER_S, "a shape")
        wait_until(page, lambda page=page: page.locator("button.saving").inner_text() == "Saved", ANSWER_S)
    for _ in range(3):
        for number, page in enumerate(pages, 1):
            plot = open_annotate(page, served.url)
            wait_until(
                page, lambda plot=plot, number=number: drawn(plot) == number, ANSWER_S, "its own shapes"
            )


def open_annotate(page: Page, url: str) -> Plot:
    page.goto(f"{url}/annotate")
    plot = Plot(page, "image").wait_drawn(120)
    page.locator("button.saving").wait_for(timeout=60_000, state="attached")
    plot.set_dragmode("drawrect")
    return plot


def drawn(plot: Plot) -> int:
    return int(plot.js("return (gd.layout.shapes || []).filter(s => s.editable !== false).length"))


def test_a_password_is_asked_for_and_nothing_else(serving: Callable[..., Served], page: Page) -> None:
    served = serving("--basic-auth", "open sesame")
    page.goto(f"{served.url}/gapminder")
    assert "/login" in page.url
    assert page.locator(".js-plotly-plot").count() == 0
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("<b>wrong</b>")
    page.get_by_role("button", name="Log in").click()
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert alert.inner_text() == "The name or the password is wrong."
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("open sesame")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/gapminder", wait_until="commit")
    Plot(page, "histogram").wait_drawn(120).drag_box((41, 49))
    wait_until(page, lambda: headline(page).startswith(f"{count_of(page)} of 142 "), ANSWER_S, "an answer")
    page.goto(f"{served.url}/")
    page.locator("#cards").wait_for()
    code, said = checked(served.url, "gapminder")
    assert code == 1
    assert "such as a login" in said


REACH_JS = """(address) => new Promise((done) => {
  const socket = new WebSocket(address, ["bokeh", "token"]);
  socket.onopen = () => done("open");
  socket.onerror = () => done("refused");
})"""


def test_a_page_of_another_site_cannot_reach_a_session(
    serving: Callable[..., Served], page: Page, faults: list[str]
) -> None:
    served = serving("--allow-websocket-origin", "lab.example.org")
    # To a browser this name is another site than the number.
    page.goto(served.url.replace("127.0.0.1", "localhost"))
    page.locator("#cards").wait_for()
    socket = f"{served.url.replace('http', 'ws')}/callbacks/ws"
    assert page.evaluate(REACH_JS, socket) == "refused"
    assert "Refusing websocket connection from Origin 'http://localhost:" in served.log.read_text()
    faults.clear()  # the browser says the same
    page.goto(f"{served.url}/callbacks")
    Plot(page).wait_drawn(120)
