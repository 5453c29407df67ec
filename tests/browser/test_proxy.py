"""Behind a real nginx, with the configuration and the command of docs/deploy.md word for word."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import plotly.data
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import checked, free_port, start_panel_serve
from tests.browser.driver import Plot, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(400)]

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "deploy.md").read_text(encoding="utf-8")
NAME = "lab.example.org"
START_S = 60.0
# Debian keeps it where only root looks for programs.
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
COMMAND = (sys.executable, "-m", "brushlink", "serve")
COUNTRIES = plotly.data.gapminder().query("year == 2007")


def documented(language: str, sign: str) -> str:
    """Return the block of code of the page that begins with a sign."""
    found = re.search(rf"```{language}\n({re.escape(sign)}.*?)```", PAGE, re.DOTALL)
    assert found, f"docs/deploy.md has no block that begins with {sign!r}"
    return found[1]


@contextmanager
def nginx(folder: Path, port: int, location: str) -> Iterator[str]:
    """Run nginx with a location of the documentation; yield its address without trailing slash."""
    folder.mkdir()
    places = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = " ".join(f"{place}_temp_path {folder / place};" for place in places)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; worker_processes 1; pid {folder / 'pid'}; error_log {folder / 'error.log'};\n"
        f"events {{}}\nhttp {{\n{temporary} access_log off;\n"
        f"server {{ listen 127.0.0.1:{port};\n{location}\n}}\n}}\n"
    )
    assert NGINX is not None
    process = subprocess.Popen([NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        deadline = time.monotonic() + START_S
        while not _listens(port):
            assert process.poll() is None, "nginx ended: is the block in docs/deploy.md right?"
            assert time.monotonic() < deadline, "nginx does not listen"
            threading.Event().wait(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _listens(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """A function that starts nginx before the one server; without nginx the tests are skipped."""
    if NGINX is None:
        pytest.skip("nginx is not installed: apt-get install nginx-light, then run again")
    folder, port = tmp_path_factory.mktemp("proxy"), free_port()
    options = shlex.split(documented("", "brushlink serve --port 5006 --prefix").replace("\n", " "))[2:]
    place = options.index("--port")
    del options[place : place + 2]  # the harness takes a free one
    options = [option.replace(NAME, f"127.0.0.1:{port}") for option in options]
    served = start_panel_serve((), *options, log=folder / "server.log", command=COMMAND)
    block = documented("nginx", "location").replace("127.0.0.1:5006", served.url.split("/")[2])
    running: list[object] = []

    @contextmanager
    def start(drop: str = "") -> Iterator[str]:
        lines = [line for line in block.splitlines() if not (drop and drop in line)]
        running.append(lines)
        with nginx(folder / f"nginx-{len(running)}", port, "\n".join(lines)) as address:
            yield address

    yield start
    served.stop()
    assert served.tracebacks() == ""


def test_a_brush_works_through_it(proxied: Callable[..., str], page: Page) -> None:
    with proxied() as address:
        page.goto(f"{address}/brushlink/")
        page.locator("a[href$='gapminder']").first.click()
        page.wait_for_url("**/brushlink/gapminder*")
        plot = Plot(page, "histogram").wait_drawn(90)
        plot.drag_box((41, 49))
        headline = page.locator(".selection-bar b[role=status]")
        wait_until(page, lambda: " of 142 " in headline.inner_text(), 60, "the answer to a brush")
        chip = page.locator(".selection-bar .MuiChip-label").first.inner_text()
        low, high = map(float, re.findall(r"\d+\.?\d*", chip))
        count = int(COUNTRIES["lifeExp"].between(low, high).sum())
        assert headline.inner_text().startswith(f"{count} of 142 ")
        assert 10 < count < 40
        page.get_by_role("link", name="All dashboards").first.click()
        page.wait_for_url("**/brushlink/")
        page.goto("about:blank")  # the websocket ends before nginx does


def test_the_health_check_looks_through_it(proxied: Callable[..., str]) -> None:
    with proxied() as address:
        assert checked(f"{address}/brushlink/", "gallery", "gapminder") == (
            0,
            "/gallery: well\n/gapminder: well\n",
        )
        code, said = checked(address, "gapminder")  # without the prefix there is no page
        assert code == 1
        assert "answers 404" in said


def test_a_proxy_without_websockets_is_found_out(proxied: Callable[..., str]) -> None:
    with proxied(drop="Upgrade") as address:
        code, said = checked(f"{address}/brushlink/", "gapminder")
        assert code == 1
        assert "pass websockets on" in said
