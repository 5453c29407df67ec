"""The browser harness: servers, a Chromium, and pages that fail a test on any error or outside request."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import logging
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Page,
    Playwright,
    Request,
    expect,
    sync_playwright,
)

from tests.browser.driver import PATIENCE_S
from tests.browser.visitors import VIEWPORT, arrive, leave

__all__ = [
    "VIEWPORT",
    "AppServer",
    "Served",
    "checked",
    "launch_chromium",
    "start_panel_serve",
    "tracebacks_in",
    "watch",
]

expect.set_options(timeout=PATIENCE_S * 1000)

REPOSITORY = Path(__file__).resolve().parents[2]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
)
LOCAL_HOSTS = {"127.0.0.1", "localhost", "[::1]", "::1"}
LOCAL_SCHEMES = {"data", "blob", "about", "file", "chrome-error", "chrome"}
START_TIMEOUT_S = 90.0
# In an error of a server: the visitor has left; Bokeh goes through what was on its way when the page closed.
LEFT = ("WebSocketClosedError", "StreamClosedError", "assert self._session is not None")


def tracebacks_in(log: str) -> str:
    """Return what a server logged with a traceback, unless it only says that a visitor has left."""
    entries = re.split(r"(?m)^(?=\d{4}-\d\d-\d\d )", log)
    return "".join(
        entry
        for entry in entries
        if "Traceback (most recent call last)" in entry and not any(sign in entry for sign in LEFT)
    )


# -- Chromium ------------------------------------------------------------------------------------


def launch_chromium(playwright: Playwright, **options: Any) -> Browser:
    """Start the first Chromium that really launches: an installed one, else Playwright's own download."""
    candidates: list[str | None] = (
        [os.environ.get("BRUSHLINK_CHROMIUM")] if "BRUSHLINK_CHROMIUM" in os.environ else []
    )
    candidates += [path for path in (shutil.which(name) for name in CHROMIUM_NAMES) if path]
    candidates.append(None)
    problems = []
    for path in candidates:
        try:
            return playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_ARGS), **options)
        except Error as error:
            problems.append(f"{path or 'the one of Playwright'}: {str(error).splitlines()[0]}")
    pytest.fail("no Chromium launches: " + "; ".join(problems), pytrace=False)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole session."""
    with sync_playwright() as playwright:
        chromium = launch_chromium(playwright)
        yield chromium
        chromium.close()


# -- pages ---------------------------------------------------------------------------------------


def is_local(url: str) -> bool:
    """Whether a request stays on this machine."""
    parts = urlsplit(url)
    return parts.scheme in LOCAL_SCHEMES or (parts.hostname or "") in LOCAL_HOSTS


def watch(page: Page, faults: list[str]) -> None:
    """Note page errors, console errors and requests that leave the machine in `faults`."""

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            faults.append(f"console error: {message.text} ({message.location.get('url', '')})")

    def on_request(request: Request) -> None:
        if not is_local(request.url):
            faults.append(f"request leaves the machine: {request.url[:200]}")

    page.on("pageerror", lambda error: faults.append(f"page error: {error.stack or error}"))
    page.on("console", on_console)
    page.on("request", on_request)


@pytest.fixture
def faults() -> Iterator[list[str]]:
    """What went wrong in the browser; a test that expects faults looks at the list and clears it."""
    noted: list[str] = []
    yield noted
    assert not noted, "the browser complained:\n" + "\n".join(noted)


@pytest.fixture
def new_page(browser: Browser, faults: list[str]) -> Iterator[Callable[..., Page]]:
    """A function that opens a page for another visitor; all are watched."""
    pages = []

    def open_page(**options: Any) -> Page:
        pages.append(arrive(browser, **options))
        watch(pages[-1], faults)
        return pages[-1]

    yield open_page
    for page in pages:
        leave(page)


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A fresh page, 1400 × 900, that fails the test on any page error, console error or outside request."""
    return new_page()


# -- servers -------------------------------------------------------------------------------------


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class ServerLog(logging.Handler):
    """Collects errors that a server in this process logs, because nobody else sees them."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the formatted record, unless it only says that a visitor has left."""
        text = self.format(record)
        if not any(sign in text for sign in LEFT):
            self.lines.append(text)


class Served:
    """A `panel serve` in a process of its own.

    Attributes
    ----------
    url : str
        Address without trailing slash.
    log : Path
        What it wrote.
    """

    def __init__(self, process: subprocess.Popen[bytes], url: str, log: Path) -> None:
        self.process = process
        self.url = url
        self.log = log

    def tracebacks(self) -> str:
        """Entries of the log that hold a traceback, unless they only say that a visitor has left."""
        return tracebacks_in(self.log.read_text(errors="replace"))

    def stop(self) -> None:
        """End the process and what it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)


def start_panel_serve(
    files: Sequence[str | Path],
    *args: str,
    log: Path,
    command: Sequence[str] | None = None,
    cwd: Path = REPOSITORY,
    port: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> Served:
    """Run ``panel serve`` over files on a free port and wait until a page has content, not only an answer.

    Parameters
    ----------
    files : sequence of path
        Files to serve.
    *args : str
        More options for ``panel serve``.
    log : Path
        File for its output.
    command : sequence of str, optional
        Instead of ``python -m panel serve``, e.g. the command of the project.
    cwd : Path
        Working directory.
    port : int, optional
        Instead of a free one, as when a server is started again.
    environment : mapping, optional
        More environment variables.
    """
    port = port or free_port()
    prefix = args[args.index("--prefix") + 1] if "--prefix" in args else ""
    url = f"http://127.0.0.1:{port}/{prefix}".rstrip("/")
    line = [*(command or (sys.executable, "-m", "panel", "serve")), *map(str, files), "--port", str(port)]
    line += ["--allow-websocket-origin", f"127.0.0.1:{port}", *args]
    with log.open("wb") as out:
        process = subprocess.Popen(
            line,
            cwd=cwd,
            env={**os.environ, **(environment or {})},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    served = Served(process, url, log)
    first = f"{url}/{Path(files[0]).stem}" if files else f"{url}/"
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"the server ended at once:\n{log.read_text(errors='replace')}", pytrace=False)
        try:
            with urllib.request.urlopen(first, timeout=60) as answer:
                body = answer.read().decode(errors="replace")
        except (urllib.error.URLError, http.client.HTTPException, OSError):
            threading.Event().wait(0.1)
            continue
        # A page whose script failed answers 200 too, with an error text and without a document to embed;
        # the gallery is plain HTML and has cards instead, a login has a password.
        signs = ("docs_json", "root_ids", "embed_document", 'id="cards"', 'name="password"')
        if any(sign in body for sign in signs):
            return served
        served.stop()
        pytest.fail(f"{first} has no content:\n{log.read_text(errors='replace')}", pytrace=False)
    served.stop()
    pytest.fail(f"no answer within {START_TIMEOUT_S:g} s:\n{log.read_text(errors='replace')}", pytrace=False)


def checked(*arguments: str) -> tuple[int, str]:
    """Run `brushlink check` as a monitor does: its exit code, and all that it says."""
    line = [sys.executable, "-m", "brushlink", "check", *arguments]
    done = subprocess.run(line, cwd=REPOSITORY, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """A function that serves files with ``panel serve`` and returns the address; one process a distinct call.

    ``serve("dashboards/gapminder.py", "dashboards/gallery.py", args=("--index", "gallery"))``. The session
    ends with an error when a server logged a traceback.
    """
    running: dict[tuple[Any, ...], Served] = {}

    def start(*files: str | Path, args: Sequence[str] = (), command: Sequence[str] | None = None) -> str:
        key = (tuple(map(str, files)), tuple(args), tuple(command or ()))
        if key not in running:
            log = tmp_path_factory.mktemp("serve") / "server.log"
            running[key] = start_panel_serve(files, *args, log=log, command=command)
        return running[key].url

    yield start
    for served in running.values():
        served.stop()
    troubled = [text for text in (served.tracebacks() for served in running.values()) if text]
    assert not troubled, "a server logged a traceback:\n" + "\n".join(troubled)


class AppServer:
    """A Panel server in a thread of this process: a test can look at the very objects a page shows.

    All tests share one address; what it shows is the function that the current test put there.
    """

    def __init__(self) -> None:
        self.builder: Callable[[], Any] = lambda: None
        self.log = ServerLog()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="app-server", daemon=True)
        self._thread.start()
        assert self._ready.wait(60), "the server in this process did not start"

    def _run(self) -> None:
        import panel as pn
        from tornado.ioloop import IOLoop

        asyncio.set_event_loop(asyncio.new_event_loop())
        self._loop = IOLoop.current()
        self._server = pn.io.server.get_server(
            {"app": lambda: self.builder()},
            port=0,
            address="127.0.0.1",
            loop=self._loop,
            start=False,
            show=False,
        )
        self.url = f"http://127.0.0.1:{self._server.port}/app"
        self._server.start()
        self._loop.add_callback(self._ready.set)
        self._loop.start()
        self._loop.close(all_fds=True)

    def stop(self) -> None:
        """End the thread."""

        def finish() -> None:
            self._server.stop()
            self._loop.stop()

        self._loop.add_callback(finish)
        self._thread.join(10)


@pytest.fixture(scope="session")
def app_server() -> Iterator[AppServer]:
    """The one server of this process (see `show`)."""
    server = AppServer()
    yield server
    server.stop()


@pytest.fixture
def show(app_server: AppServer) -> Iterator[Callable[[Callable[[], Any]], str]]:
    """A function that puts an app (a function that builds a Panel object, once a visitor) on the server.

    It returns the address. The test fails when the server logs an error; one that expects errors clears
    ``show.log``.
    """
    handler = ServerLog()
    root = logging.getLogger()
    root.addHandler(handler)
    loggers = [logging.getLogger(name) for name in ("panel", "bokeh", "tornado", "param")]
    for logger in loggers:
        if not logger.propagate:
            logger.addHandler(handler)

    def put(builder: Callable[[], Any]) -> str:
        app_server.builder = builder
        return app_server.url

    put.log = handler.lines  # type: ignore[attr-defined]
    yield put
    root.removeHandler(handler)
    for logger in loggers:
        logger.removeHandler(handler)
    assert not handler.lines, "the server logged errors:\n" + "\n".join(handler.lines)
