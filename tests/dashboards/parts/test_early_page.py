"""From the second visit on the HTML comes before the session is made; what it depends on is told apart."""

from __future__ import annotations

import asyncio
import http.client
import re
import threading
from collections.abc import Callable, Iterator

import panel as pn
import pytest
from tornado.ioloop import IOLoop

# A dashboard's file: each run is a session. It waits at a gate: one that is waited for is noticed.
FILE = """
from dashboards.parts.dashboard import Dashboard
from dashboards.parts.shell import serve_class
from dashboards.parts.state import DashboardState
from tests.dashboards.parts.test_early_page import gate, sessions
import panel as pn

class Small(Dashboard):
    slug, title = "small", "Small"

    def main(self):
        return pn.pane.Str("one")

sessions.append(pn.state.session_args.get("y"))
assert gate.wait(60)
serve_class(lambda: Small(DashboardState()))
"""
gate = threading.Event()
sessions: list[object] = []
asked: list[str] = []

Ask = Callable[..., str]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """A function that asks a server for a page and returns its HTML: a path, and a cookie."""
    file = tmp_path_factory.mktemp("early") / "small.py"
    file.write_text(FILE, encoding="utf-8")
    ready, made = threading.Event(), {}

    def run() -> None:
        asyncio.set_event_loop(asyncio.new_event_loop())
        loop = made["loop"] = IOLoop.current()
        pages = {"small": str(file), "function": lambda: pn.pane.Str("made anew")}
        made["server"] = pn.io.server.get_server(pages, 0, "127.0.0.1", loop=loop, start=False, show=False)
        made["server"].start()
        loop.add_callback(ready.set)
        loop.start()
        loop.close(all_fds=True)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(60)

    def get(path: str, cookie: str = "") -> str:
        connection = http.client.HTTPConnection("127.0.0.1", made["server"].port, timeout=60)
        connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        asked.extend([path] if path.startswith("/small") else [])
        answer = connection.getresponse()
        html = answer.read().decode()
        connection.close()
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
        return html

    gate.set()
    yield get
    gate.set()
    made["loop"].add_callback(made["server"].stop)
    made["loop"].add_callback(made["loop"].stop)
    thread.join(10)


def token(html: str) -> str:
    (found,) = re.findall(r'"token":\s*"([^"]+)"', html)
    return str(found)


def until(condition: Callable[[], bool]) -> None:
    waited = threading.Event()
    for _ in range(600):
        if condition():
            return
        waited.wait(0.1)
    raise AssertionError("not within a minute")


def all_made() -> bool:
    return len(sessions) == len(asked)


def test_the_page_comes_before_its_session(ask: Ask) -> None:
    first = ask("/small")
    until(all_made)
    count = len(sessions)
    gate.clear()
    second = ask("/small?y=1952")  # answered although no session can be made now
    assert len(sessions) <= count + 1
    gate.set()
    until(all_made)
    # The session has the visitor's own address, and its token.
    assert sessions[-1] == [b"1952"]
    assert token(first) != token(second)
    assert first.replace(token(first), "") == second.replace(token(second), "")


def test_what_the_page_depends_on_has_a_page_of_its_own(ask: Ask) -> None:
    light = ask("/small")
    dark = ask("/small", "brushlink-theme=dark")
    narrow = ask("/small", "brushlink-width=narrow")
    assert 'classList.add("brushlink-dark")' in dark
    assert 'classList.add("brushlink-dark")' not in light + narrow
    assert "brushlink-dark" in ask("/small?theme=dark")
    assert len({html.replace(token(html), "") for html in (light, dark, narrow)}) == 3


def test_who_brings_a_session_gets_a_page_for_it(ask: Ask) -> None:
    ask("/small")
    until(all_made)
    ask("/small?bokeh-session-id=mine")
    assert all_made()  # made before the answer, as Bokeh does


def test_what_a_function_shows_is_not_kept(ask: Ask) -> None:
    first, second = ask("/function"), ask("/function")
    (one,), (two,) = (re.findall(r'"roots":\s*(\{[^}]+\})', html) for html in (first, second))
    assert one != two
