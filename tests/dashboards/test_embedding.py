"""Each example of docs/embedding.md is served as it stands there, and a visitor gets a dashboard."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tornado.websocket import websocket_connect

from tests.browser.conftest import free_port

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = (REPOSITORY / "docs" / "embedding.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"^## ([^\n]+)\n[^#]*?```python\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE))
SERVED = {
    "Inside your own layout": "view-histogram",
    "In a template": "view-map",
    "Two that share a selection": "view-mine",
}


@contextlib.contextmanager
def running(line: list[str], folder: Path, address: str) -> Iterator[None]:
    """Start a server of this checkout, and wait until it answers."""
    path = os.pathsep.join(filter(None, (str(REPOSITORY), os.environ.get("PYTHONPATH"))))
    log = folder / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            line, cwd=folder, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, "PYTHONPATH": path}
        )
    try:
        deadline = time.monotonic() + 90
        while not answers(address):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(20)
    assert "Traceback" not in log.read_text(), log.read_text()


def answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=60).close()
    except urllib.error.URLError:
        return False
    return True


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server of all examples, each a file: its address."""
    folder, port = tmp_path_factory.mktemp("embedding"), free_port()
    files = [f"{name.lower().replace(' ', '-')}.py" for name in SERVED]
    for file, name in zip(files, SERVED, strict=True):
        (folder / file).write_text(EXAMPLES[name])
    line = [sys.executable, "-m", "panel", "serve", *files, "--port", str(port), "--index", files[0]]
    with running(line, folder, f"http://localhost:{port}/"):
        yield f"http://localhost:{port}"


def document_at(address: str) -> str:
    """Open a session as a visitor does, and return the document that comes."""
    with urllib.request.urlopen(address, timeout=60) as answer:
        body = answer.read().decode()
    return asyncio.run(pulled(address, body))


async def pulled(address: str, body: str) -> str:
    """Ask for the document of a page as Bokeh's own client does, and return it as the text that comes."""
    token = re.search(r'"token":\s*"([\w.=-]+)"', body)
    assert token
    connection = await websocket_connect(
        f"ws{address.removeprefix('http')}/ws",
        subprotocols=["bokeh", token[1]],
        max_message_size=200_000_000,
    )
    for _ in range(3):  # the server's greeting: header, metadata, content
        assert await asyncio.wait_for(connection.read_message(), 60) is not None
    for part in ({"msgid": "1", "msgtype": "PULL-DOC-REQ"}, {}, {}):
        await connection.write_message(json.dumps(part))
    while True:
        message = await asyncio.wait_for(connection.read_message(), 60)
        assert message is not None
        if "PULL-DOC-REPLY" in str(message)[:200]:
            break
    await connection.read_message()  # metadata
    content = str(await asyncio.wait_for(connection.read_message(), 60))
    connection.close()
    while await connection.read_message() is not None:
        pass  # until the other side has closed, too
    return content


def test_every_example_is_run_here() -> None:
    assert set(EXAMPLES) == {*SERVED, "In a notebook", "With `pn.serve`"}


@pytest.mark.parametrize("name", SERVED)
def test_served_by_panel(name: str, served: str) -> None:
    document = document_at(f"{served}/{name.lower().replace(' ', '-')}")
    assert f'"{SERVED[name]}"' in document


def test_with_pn_serve(tmp_path: Path) -> None:
    port = free_port()
    code = EXAMPLES["With `pn.serve`"].replace("show=False", f"show=False, port={port}")
    (tmp_path / "mine.py").write_text(code)
    address = f"http://localhost:{port}/tips"
    with running([sys.executable, "mine.py"], tmp_path, address):
        document = document_at(address)
    assert all(f'"{name}"' in document for name in ("view-histogram", "view-bars", "selection-bar"))


def test_in_a_notebook_two_lines_are_all() -> None:
    lines = EXAMPLES["In a notebook"].strip().splitlines()
    assert lines == ["from dashboards import GapminderExplorer", "", "GapminderExplorer()"]
    assert ast.parse("\n".join(lines))
