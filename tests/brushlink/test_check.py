"""`brushlink check`: what it finds in a gallery that is well, in one that is not, and where there is none."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from brushlink.check import check_page
from brushlink.cli import main
from tests.brushlink.test_serve import running

PAGES = {
    # What Panel answers when the script of a page failed: 200, and a page without ours in it.
    "/failed": b"<html><title>Panel Application</title><body>No module named 'dashboards'</body></html>",
    "/empty": b"<html><title>Gapminder explorer &middot; Brushlink</title></html>",
    "/deaf": b'<html><title>Gapminder explorer</title><script>[{"token":"abc.def"}]</script></html>',
    "/refused": b'<html><title>Gapminder explorer</title><script>[{"token":"abc.def"}]</script></html>',
    "/login": b"<html><title>Login</title></html>",
}


class Handler(BaseHTTPRequestHandler):
    """Answers with what stands in `PAGES`; /gapminder leads to the login, as with basic auth."""

    def do_GET(self) -> None:
        if self.path == "/gapminder":
            self.send_response(302)
            self.send_header("Location", "/login?next=gapminder")
            self.end_headers()
            return
        body = PAGES.get(self.path.split("?")[0])
        # A proxy that passes no websockets on answers 404, a server that does not know the name 403.
        self.send_response(200 if body else 403 if self.path == "/refused/ws" else 404)
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def unwell() -> Iterator[str]:
    """A server of pages that have something the matter."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("failed", "its script failed"),
        ("empty", "comes without a session"),
        ("deaf", "the proxy must pass websockets on"),
        ("refused", "start with --allow-websocket-origin 127.0.0.1:"),
        ("gapminder", "such as a login"),
        ("nothing", "answers 404"),
    ],
)
def test_says_what_is_the_matter(unwell: str, page: str, said: str) -> None:
    assert said in check_page(unwell, page, "Gapminder explorer", 10).problem


def test_no_server_at_all(unused_address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", unused_address, "gallery"]) == 1
    assert "/gallery: does not answer: " in capsys.readouterr().err


@pytest.fixture
def unused_address() -> str:
    """Where nothing listens."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.server_close()
    return f"http://127.0.0.1:{server.server_port}"


@pytest.mark.parametrize(
    ("line", "said"),
    [(["localhost:5006"], "such as http://localhost:5006"), (["http://x", "gapminer"], "gapminder")],
)
def test_wrong_usage(line: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["check", *line])
    assert said in capsys.readouterr().err


def test_a_real_gallery_behind_a_prefix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = [sys.executable, "-m", "brushlink", "serve", "--port", "0", "--prefix", "lab"]
    with running(line, Path(__file__).resolve().parents[2], tmp_path / "server.log") as url:
        assert main(["check", url, "gallery", "callbacks"]) == 0
        assert capsys.readouterr().out == "/gallery: well\n/callbacks: well\n"


def test_it_loads_no_panel() -> None:
    code = (
        "import sys, brushlink.cli as c; c.build_parser(); assert not {'panel', 'pandas'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
