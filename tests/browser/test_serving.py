"""Both ways to serve give the same pages at the same addresses, and need no flag more."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from dashboards.parts.catalogue import DASHBOARDS
from tests.browser.conftest import free_port, tracebacks_in
from tests.browser.driver import wait_until

pytestmark = pytest.mark.browser

LINES = {
    "panel serve": "panel serve dashboards/[a-z]*.py --index gallery",
    "brushlink serve": "brushlink serve",
}
DRAWN = "brushlinkDeep('.js-plotly-plot .main-svg').length"


@pytest.fixture(scope="module", params=LINES, ids=str)
def address(
    request: pytest.FixtureRequest, repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """`localhost:port` of a server started with one of the lines, word for word but for the port."""
    port = free_port()
    log = tmp_path_factory.mktemp("serving") / "server.log"
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    with log.open("wb") as out:
        process = subprocess.Popen(
            f"exec {LINES[request.param]} --port {port}",
            shell=True,
            cwd=repository,
            env={**os.environ, "PATH": path},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    deadline = time.monotonic() + 90
    while not answers(f"http://localhost:{port}/"):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
    yield f"localhost:{port}"
    process.terminate()
    process.wait(20)
    assert not tracebacks_in(log.read_text(errors="replace"))


def answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=60).close()
    except urllib.error.URLError:
        return False
    return True


@pytest.mark.parametrize("path", ["", "gallery"])
def test_the_front_door(address: str, page: Page, path: str) -> None:
    page.goto(f"http://{address}/{path}")
    for entry in DASHBOARDS:
        page.get_by_text(entry.title).first.wait_for()


@pytest.mark.parametrize("slug", [entry.slug for entry in DASHBOARDS])
def test_each_dashboard_draws(address: str, page: Page, slug: str) -> None:
    page.goto(f"http://{address}/{slug}")
    wait_until(page, lambda: page.evaluate(DRAWN) > 0, message=f"a picture at /{slug}")


def test_a_card_leads_to_its_dashboard(address: str, page: Page) -> None:
    page.goto(f"http://{address}/")
    page.locator(f"a[href$='{DASHBOARDS[0].slug}']").first.click()
    page.wait_for_url(f"**/{DASHBOARDS[0].slug}*")
    wait_until(page, lambda: page.evaluate(DRAWN) > 0, message="a picture")


def test_by_number_too(address: str, new_page: Callable[..., Page], request: pytest.FixtureRequest) -> None:
    if request.node.callspec.params["address"] != "brushlink serve":
        pytest.skip("Bokeh by itself accepts the websocket of localhost alone")
    page = new_page()
    page.goto(f"http://{address.replace('localhost', '127.0.0.1')}/{DASHBOARDS[0].slug}")
    wait_until(page, lambda: page.evaluate(DRAWN) > 0, message="a picture")
