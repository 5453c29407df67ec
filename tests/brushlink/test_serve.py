"""`brushlink serve`: ports, addresses, what goes on to `panel serve`; a real start from another folder."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest

from brushlink import serve
from brushlink.cli import build_parser, main


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that something listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


@pytest.fixture
def panel_lines(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines that would go to Panel; nothing is served."""
    lines: list[list[str]] = []
    monkeypatch.setattr("panel.command.main", lines.append)
    monkeypatch.setattr(sys, "argv", ["brushlink"])
    return lines


def parse(*arguments: str) -> Namespace:
    parsed, rest = build_parser().parse_known_args(["serve", *arguments])
    parsed.rest = rest
    return parsed


def values(line: list[str], option: str) -> list[str]:
    return [line[place + 1] for place, part in enumerate(line) if part == option]


def test_serves_the_files_of_the_gallery_and_nothing_else(repository: Path) -> None:
    expected = sorted((repository / "dashboards").glob("[a-z]*.py"))
    line = serve.panel_command(parse(), 5006)
    assert line[:2] == ["panel", "serve"]
    assert line[2 : 2 + len(expected)] == [str(path) for path in expected]
    assert values(line, "--index") == ["gallery"]
    assert not any("__init__" in part for part in line)


def test_options_of_panel_pass_through_in_order() -> None:
    rest = ["--num-procs", "4", "--autoreload", "--index", "mine", "mine.py"]
    assert serve.panel_command(parse(*rest), 5006)[-len(rest) :] == rest


def test_prefix_goes_to_panel() -> None:
    assert values(serve.panel_command(parse("--prefix", "lab/brushlink"), 5006), "--prefix") == [
        "lab/brushlink"
    ]
    assert "--prefix" not in serve.panel_command(parse(), 5006)


def test_pages_open_under_every_name_of_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOKEH_ALLOW_WS_ORIGIN", raising=False)
    option = "--allow-websocket-origin"
    assert values(serve.panel_command(parse(), 81), option) == ["localhost:81", "127.0.0.1:81"]
    other = values(serve.panel_command(parse("--address", "192.0.2.7"), 81), option)
    assert other == ["localhost:81", "127.0.0.1:81", "192.0.2.7:81"]
    everywhere = values(serve.panel_command(parse("--address", "0.0.0.0"), 81), option)
    assert f"{socket.gethostname()}:81" in everywhere
    assert "*" not in "".join(everywhere)


def test_the_users_own_origins_are_the_only_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    option = "--allow-websocket-origin"
    assert values(serve.panel_command(parse(option, "example.org"), 81), option) == ["example.org"]
    assert values(serve.panel_command(parse(f"{option}=example.org"), 81), option) == []
    monkeypatch.setenv("BOKEH_ALLOW_WS_ORIGIN", "example.org")
    assert values(serve.panel_command(parse(), 81), option) == []


def test_passwords_are_asked_for_on_a_page_of_ours(
    monkeypatch: pytest.MonkeyPatch, panel_lines: list[list[str]]
) -> None:
    option = "--basic-login-template"
    for name in ("PANEL_BASIC_AUTH", "PANEL_COOKIE_SECRET", serve.SECRET_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    assert values(serve.panel_command(parse(), 81), option) == []
    assert values(serve.panel_command(parse("--basic-auth", "x", option, "mine.html"), 81), option) == [
        "mine.html"
    ]
    # Panel's own page has pictures from a CDN.
    assert not re.search(r"https?:|//", serve.LOGIN.read_text(encoding="utf-8"))
    monkeypatch.setenv(serve.SECRET_VARIABLE, "")  # so that what is set below goes with the test
    monkeypatch.delenv(serve.SECRET_VARIABLE)
    assert main(["serve", "--port", "0", "--basic-auth", "x"]) == 0
    assert values(panel_lines[0], option) == [str(serve.LOGIN)]
    assert len(os.environ[serve.SECRET_VARIABLE]) >= 64
    monkeypatch.setenv(serve.SECRET_VARIABLE, "their own")
    assert main(["serve", "--port", "0", "--basic-auth", "x"]) == 0
    assert os.environ[serve.SECRET_VARIABLE] == "their own"


def test_a_port_in_use_is_said_and_the_next_one_taken(
    taken_port: int, panel_lines: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--address", "127.0.0.1", "--port", str(taken_port), "--next-free"]
    assert main(["serve", *arguments]) == 0
    (line,) = panel_lines
    port = int(values(line, "--port")[0])
    assert taken_port < port <= taken_port + serve.PORTS_TRIED
    assert f"Port {taken_port} is in use: taking {port}." in capsys.readouterr().err


def test_a_port_named_outright_is_not_exchanged(
    taken_port: int, panel_lines: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--address", "127.0.0.1", "--port", str(taken_port)]) == 1
    assert panel_lines == []
    said = capsys.readouterr().err
    offered = re.search(r"port (\d+) is in use\. Free it, or run: brushlink serve --port (\d+)", said)
    assert offered is not None
    assert int(offered[1]) == taken_port
    assert serve.is_free("127.0.0.1", int(offered[2]))


def test_no_free_port_is_an_error(
    monkeypatch: pytest.MonkeyPatch, panel_lines: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(serve, "is_free", lambda address, port: False)
    assert main(["serve"]) == 1
    assert "port 5006 and the 100 after it are in use" in capsys.readouterr().err
    assert serve.next_free("localhost", 65535) is None


def test_an_address_of_another_machine_is_an_error(
    panel_lines: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--address", "192.0.2.7", "--port", "5006"]) == 1
    assert "cannot listen at 192.0.2.7:5006" in capsys.readouterr().err


def test_port_0_is_any(panel_lines: list[list[str]]) -> None:
    assert main(["serve", "--port", "0"]) == 0
    assert int(values(panel_lines[0], "--port")[0]) > 0


def test_no_browser_without_a_screen(monkeypatch: pytest.MonkeyPatch, taken_port: int) -> None:
    opened: list[str] = []
    monkeypatch.setattr(serve.webbrowser, "open", opened.append)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    serve._announce("http://x/", "127.0.0.1", taken_port, browser=True)
    assert opened == []
    monkeypatch.setenv("DISPLAY", ":0")
    serve._announce("http://x/", "127.0.0.1", taken_port, browser=False)
    assert opened == []
    serve._announce("http://x/", "127.0.0.1", taken_port, browser=True)
    assert opened == ["http://x/"]


@contextlib.contextmanager
def running(line: list[str], cwd: Path, log: Path) -> Iterator[str]:
    """Start a server, wait for the address it prints, and end it after use."""
    with log.open("wb") as out:
        process = subprocess.Popen(line, cwd=cwd, stdout=out, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and process.poll() is None:
            if found := re.search(r"Brushlink is at (\S+)", log.read_text()):
                with contextlib.suppress(urllib.error.URLError):
                    urllib.request.urlopen(found[1], timeout=60).close()
                    yield found[1].rstrip("/")
                    return
            time.sleep(0.1)
        pytest.fail(f"no server:\n{log.read_text()}", pytrace=False)
    finally:
        process.terminate()
        process.wait(20)


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read().decode()


def test_a_real_start_from_another_folder(tmp_path: Path) -> None:
    # A namesake folder beside the user's files harms nobody when the command itself is run.
    (tmp_path / "dashboards").mkdir()
    command = str(Path(sys.executable).with_name("brushlink"))
    line = [command, "serve", "--port", "0", "--prefix", "lab"]
    with running(line, tmp_path, tmp_path / "server.log") as url:
        assert url.endswith("/lab")
        for page, content in (("gallery", "Gapminder explorer"), ("gapminder", "docs_json")):
            body = fetch(f"{url}/{page}")
            assert "No module named" not in body
            assert content in body
        front = fetch(f"{url}/")
        assert "Gapminder explorer" in front
        assert "fonts.googleapis" not in front
    assert os.listdir(tmp_path / "dashboards") == []
