"""A JupyterLab of the tests, and a reader who opens notebooks in it and runs their cells."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, TimeoutError

from tests.browser.conftest import VIEWPORT, free_port, is_local
from tests.browser.driver import DEEP_QUERY_JS, Plot, wait_until

__all__ = ["FIRST_PAINT_S", "Lab", "OpenNotebook", "jupyterlab"]

START_S = 120.0
CONNECT_S = 40.0
STOP_S = 30.0
# A kernel that takes in Panel, Plotly and scikit-image, and a page that takes in ten megabytes of scripts.
FIRST_PAINT_S = 150.0

# The picture of a view that a cell shows: several dashboards of one notebook have views of the same name.
IN_CELL_JS = """([view, wanted]) => {
  const cells = [...document.querySelectorAll('.jp-Notebook .jp-CodeCell')];
  for (let index = 0; ; index++) {
    const gd = window.brushlinkPlot(view, index);
    if (!gd) return null;
    let node = gd;
    while (node && !node.classList?.contains('jp-CodeCell')) node = node.parentNode || node.host;
    if (cells.indexOf(node) === wanted) return index;
  }
}"""


class Lab:
    """A running JupyterLab.

    Attributes
    ----------
    address : str
        Without trailing slash.
    folder : Path
        Where its notebooks are.
    """

    def __init__(self, address: str, folder: Path) -> None:
        self.address = address
        self.folder = folder

    def write(self, name: str, cells: Sequence[str]) -> None:
        """Put a notebook of code cells into the folder."""
        import nbformat  # comes with the extra `notebook`, which only the slow tests install

        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        )
        nbformat.write(notebook, self.folder / f"{name}.ipynb")

    def end_kernels(self) -> None:
        """End every kernel: one with Plotly and scikit-image takes some hundred megabytes."""
        with urllib.request.urlopen(f"{self.address}/api/sessions", timeout=60) as reply:
            sessions = json.load(reply)
        for session in sessions:
            address = f"{self.address}/api/sessions/{session['id']}"
            urllib.request.urlopen(urllib.request.Request(address, method="DELETE"), timeout=60).close()


@contextlib.contextmanager
def jupyterlab(folder: Path) -> Iterator[Lab]:
    """Start JupyterLab in a folder, with settings of its own and without a word to the network."""
    port = free_port()
    private = {
        key: str(folder / key.lower()) for key in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
    }
    private |= {"JUPYTERLAB_SETTINGS_DIR": str(folder / "s"), "JUPYTERLAB_WORKSPACES_DIR": str(folder / "w")}
    # Its question whether it may fetch news lies over the pictures.
    settings = folder / "s" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
    log = folder / "lab.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}",
                "--IdentityProvider.token=", "--ServerApp.password=", f"--ServerApp.root_dir={folder}",
                "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
                "--LabApp.extension_manager=readonly", "--ServerApp.disable_check_xsrf=True",
            ],
            cwd=folder, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **private},
        )  # fmt: skip
    lab = Lab(f"http://127.0.0.1:{port}", folder)
    try:
        deadline = time.monotonic() + START_S
        while not _answers(f"{lab.address}/api/status"):
            assert process.poll() is None, log.read_text(errors="replace")
            assert time.monotonic() < deadline, log.read_text(errors="replace")
            threading.Event().wait(0.2)
        yield lab
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_S)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=10) as reply:
            json.load(reply)
    except (urllib.error.URLError, OSError, json.JSONDecodeError):
        return False
    return True


class OpenNotebook:
    """A notebook on the screen of a reader.

    Attributes
    ----------
    page : Page
    errors : list of str
        What the page complained of.
    outside : list of str
        Addresses of requests that left the machine.
    """

    def __init__(self, lab: Lab, browser: Browser, name: str) -> None:
        self._context = browser.new_context(viewport=VIEWPORT)
        self._context.set_default_timeout(FIRST_PAINT_S * 1000)
        self._context.add_init_script(DEEP_QUERY_JS)
        self.page: Page = self._context.new_page()
        self.errors: list[str] = []
        self.outside: list[str] = []
        page, outside = self.page, self.outside
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: None if is_local(request.url) else outside.append(request.url))
        page.goto(f"{lab.address}/lab/tree/{name}.ipynb?reset")
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=START_S * 1000)
        # The sign of a kernel at rest is late now and then, or missing: a cell started before waits for it.
        idle = page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
        with contextlib.suppress(TimeoutError):
            idle.first.wait_for(timeout=CONNECT_S * 1000, state="attached")

    def close(self) -> None:
        """Close the page; the kernel goes on."""
        self._context.close()

    def until(self, condition: Callable[[], Any], message: str = "", timeout: float = 60.0) -> Any:
        """Poll until a condition holds."""
        return wait_until(self.page, condition, timeout, message)

    # -- cells ------------------------------------------------------------------------------------

    def cell(self, place: int) -> Any:
        """Return a code cell."""
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(place)

    def start(self, place: int) -> None:
        """Run a cell; JupyterLab may not listen yet when it looks as if it did."""
        before = self._prompt(place)
        for _ in range(10):
            self.cell(place).locator(".jp-InputArea-editor").click()
            self.page.keyboard.press("Shift+Enter")
            with contextlib.suppress(AssertionError):
                self.until(lambda: self._prompt(place) not in (before, "[ ]:"), timeout=6)
                return
        raise AssertionError(f"cell {place} does not run")

    def run(self, place: int) -> None:
        """Run a cell to its end."""
        self.start(place)
        self.until(lambda: self._prompt(place)[1:-2].isdigit(), f"the end of cell {place}", FIRST_PAINT_S)

    def printed(self, place: int) -> str:
        """Run a cell that prints a number, another one each time, and a text; return the text."""
        output = self.cell(place).locator(".jp-OutputArea-output pre")

        def shown() -> tuple[str, str]:
            number, _, text = " ".join(output.all_text_contents()).strip().partition(" ")
            return number, text

        before, _ = shown()
        self.run(place)
        # What it printed before may stand there until the new text comes.
        self.until(lambda: shown()[0] not in ("", before), f"what cell {place} prints")
        return shown()[1]

    def load_panel(self, place: int) -> None:
        """Run the cell that loads Panel, which then waits no more than five seconds for its scripts."""
        self.start(place)
        loaded = "() => Boolean(window.Bokeh && window.Bokeh.Panel)"
        self.until(lambda: self.page.evaluate(loaded), "Panel's scripts", START_S)

    def _prompt(self, place: int) -> str:
        return str(self.cell(place).locator(".jp-InputPrompt").first.text_content()).strip()

    # -- pictures ---------------------------------------------------------------------------------

    def plot(self, view: str, place: int) -> Plot:
        """Return the picture of a view that a cell shows, drawn and in the middle of the screen."""
        index = self.until(
            lambda: (found := self.page.evaluate(IN_CELL_JS, [view, place])) is not None and [found],
            f"view {view} of cell {place}",
            FIRST_PAINT_S,
        )[0]
        plot = Plot(self.page, view, index).wait_drawn(FIRST_PAINT_S)
        plot.js("gd.scrollIntoView({block: 'center'});")
        return plot
