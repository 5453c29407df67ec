"""What is drawn outlives the tab and the server, and belongs to one browser."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import REPOSITORY, Served, start_panel_serve
from tests.browser.driver import Plot, wait_until

pytestmark = pytest.mark.browser

KEEPER = REPOSITORY / "tests" / "browser" / "apps" / "keeper.py"


class KeeperServer:
    """The server of the page, which can be killed and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.starts = 0
        self.served: Served | None = None
        self.start()

    def start(self, **environment: str) -> None:
        """Start, at the address of before."""
        self.starts += 1
        store = str(self.folder / "work.sqlite")
        self.served = start_panel_serve(
            [KEEPER],
            log=self.folder / f"{self.starts}.log",
            port=int(self.served.url.rsplit(":", 1)[1]) if self.served else None,
            environment={"BRUSHLINK_STORE": store, "PYTHONPATH": str(REPOSITORY), **environment},
        )

    @property
    def url(self) -> str:
        assert self.served is not None
        return f"{self.served.url}/keeper"

    def kill(self) -> None:
        """End it as a crash does."""
        assert self.served is not None
        os.killpg(self.served.process.pid, signal.SIGKILL)
        self.served.process.wait(10)


@pytest.fixture(scope="module")
def keeper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeeperServer]:
    server = KeeperServer(tmp_path_factory.mktemp("keeper"))
    yield server
    assert server.served is not None
    server.served.stop()


def opened(page: Page, url: str) -> Plot:
    page.goto(url)
    page.get_by_role("toolbar", name="Page").wait_for()
    plot = Plot(page, "paper")
    plot.wait_drawn()
    return plot


def lines(plot: Plot) -> int:
    return int(plot.js("return (gd.layout.shapes || []).length"))


def wait_lines(plot: Plot, count: int) -> None:
    wait_until(plot.page, lambda: lines(plot) == count, message=f"{count} lines")


def wait_saved(page: Page, text: str = "Saved") -> None:
    wait_until(page, lambda: page.locator("button.saving").inner_text() == text, message=text)


def draw(plot: Plot, *rows: float) -> None:
    for row in rows:
        before = lines(plot)
        plot.drag(plot.px(2, row), plot.px(8, row))
        wait_lines(plot, before + 1)


def kept_lines(server: KeeperServer) -> int:
    with sqlite3.connect(server.folder / "work.sqlite") as db:
        (count,) = db.execute("SELECT count(*) FROM part WHERE path LIKE '[\"lines\", %'").fetchone()
    db.close()
    return int(count)


def test_every_line_is_there_after_the_server_was_killed(
    keeper: KeeperServer, page: Page, faults: list[str]
) -> None:
    plot = opened(page, keeper.url)
    draw(plot, 2, 4, 6)
    wait_until(page, lambda: kept_lines(keeper) == 3, message="three lines in the file")
    keeper.kill()
    page.goto("about:blank")
    keeper.start()
    faults.clear()  # the browser noted that the connection was lost
    plot = opened(page, keeper.url)
    wait_lines(plot, 3)
    wait_saved(page)
    assert plot.js("return gd.layout.shapes.map(s => Math.round(s.y0))") == [2, 4, 6]
    # Drawing goes on, and a tab that is closed without a word loses nothing.
    draw(plot, 8)
    wait_until(page, lambda: kept_lines(keeper) == 4, message="four lines in the file")
    other = page.context.new_page()
    page.close()
    wait_lines(opened(other, keeper.url), 4)


@pytest.mark.slow
def test_nobody_else_sees_it_and_a_link_opens_a_copy(
    keeper: KeeperServer, new_page: Callable[..., Page]
) -> None:
    mine = new_page(permissions=["clipboard-read", "clipboard-write"])
    plot = opened(mine, keeper.url)
    draw(plot, 3, 5)
    wait_saved(mine)
    mine.get_by_role("button", name="Copy link").click()
    mine.get_by_role("alert").filter(has_text="a copy of this page and of what you drew").wait_for()
    link = mine.evaluate("navigator.clipboard.readText()")
    key = mine.evaluate("localStorage.getItem('brushlink-key')")
    assert len(key) == 64
    assert key not in link

    yours = new_page()
    copy = opened(yours, keeper.url)
    wait_until(yours, lambda: yours.evaluate("localStorage.getItem('brushlink-key')"))
    assert lines(copy) == 0
    copy = opened(yours, link)
    wait_lines(copy, 2)
    wait_until(yours, lambda: "copy=" not in yours.url, message="the address without the copy")
    draw(copy, 7)
    wait_saved(yours)
    yours.reload()
    copy.wait_drawn()
    wait_lines(copy, 3)

    mine.reload()
    plot.wait_drawn()
    wait_lines(plot, 2)


@pytest.mark.slow
def test_two_tabs_keep_what_each_drew(keeper: KeeperServer, page: Page) -> None:
    first = opened(page, keeper.url)
    draw(first, 3)
    wait_saved(page)
    other = page.context.new_page()
    second = opened(other, keeper.url)
    wait_lines(second, 1)
    wait_saved(other)
    draw(first, 5)
    draw(second, 7, 9)
    other.get_by_role("alert").filter(has_text="also open on another page").wait_for()
    page.reload()
    other.reload()
    for plot, count in ((first, 2), (second, 3)):
        plot.wait_drawn()
        wait_lines(plot, count)


@pytest.mark.slow
def test_a_store_that_cannot_be_written_is_told_and_tried_again(keeper: KeeperServer, page: Page) -> None:
    plot = opened(page, keeper.url)
    draw(plot, 2)
    wait_saved(page)
    blocker = sqlite3.connect(keeper.folder / "work.sqlite", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    draw(plot, 4)
    wait_saved(page, "Not saved")
    page.get_by_role("alert").filter(has_text="other pages were writing for too long").wait_for()
    assert lines(plot) == 2
    blocker.execute("ROLLBACK")
    blocker.close()
    page.locator("button.saving").click()
    wait_saved(page)
    page.reload()
    plot.wait_drawn()
    wait_lines(plot, 2)


@pytest.mark.slow
def test_work_of_a_newer_version_is_kept_and_not_opened(keeper: KeeperServer, page: Page) -> None:
    keeper.kill()
    keeper.start(KEEPER_VERSION="2")
    plot = opened(page, keeper.url)
    draw(plot, 2, 4)
    wait_saved(page)
    page.goto("about:blank")
    keeper.kill()
    keeper.start(KEEPER_VERSION="1")
    plot = opened(page, keeper.url)
    page.get_by_role("alert").filter(has_text="newer Brushlink").wait_for()
    draw(plot, 6)
    wait_saved(page)
    # The newer work is where it was.
    with sqlite3.connect(keeper.folder / "work.sqlite") as db:
        found = db.execute("SELECT text FROM part WHERE path = '[\"version\"]'").fetchall()
    db.close()
    assert sorted(found)[-2:] == [("1",), ("2",)]
