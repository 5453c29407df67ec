"""The notebooks: one a dashboard and the talk, stored without output, and each runs top to bottom offline.

One kernel runs all of them, to load Panel, Plotly and scikit-image once: between two notebooks its names are
forgotten (``%reset``), so that each starts with an empty namespace; imported modules stay loaded, and Panel
is told that it has not loaded its extension yet. The kernel's sockets refuse any other machine.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

from dashboards.parts.catalogue import DASHBOARDS

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
TALK = "00-the-talk"
NAMES = sorted(path.stem for path in FOLDER.glob("*.ipynb"))

# Only the machine itself may be spoken to, as the kernel does.
PREPARE = """
import socket as _socket

_connect = _socket.socket.connect


def _refuse(self, address):
    here = self.family == _socket.AF_UNIX or address[0] in ("127.0.0.1", "::1", "localhost")
    if not here:
        raise OSError(f"a notebook asked for {address}")
    return _connect(self, address)


_socket.socket.connect = _refuse
"""
FORGET = """
get_ipython().reset(new_session=True, aggressive=False)
from panel.config import panel_extension as _extension
_extension._loaded = False
del _extension
"""


def read(name: str) -> Any:
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def source(name: str) -> str:
    return "\n".join(cell.source for cell in read(name).cells if cell.cell_type == "code")


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[KernelManager, BlockingKernelClient]]:
    """A kernel that imports this checkout, in an empty folder."""
    private = tmp_path_factory.mktemp("jupyter")
    path = os.pathsep.join(filter(None, (str(FOLDER.parent), os.environ.get("PYTHONPATH"))))
    folders = {name: str(private) for name in ("IPYTHONDIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")}
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(private), env={**os.environ, **folders, "PYTHONPATH": path})
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    run(client, PREPARE)
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def run(client: BlockingKernelClient, code: str) -> None:
    reply = client.execute(code, reply=True, timeout=60)["content"]
    assert reply["status"] == "ok", reply


def test_each_dashboard_has_one_and_the_talk_too() -> None:
    assert set(NAMES) == {TALK, *(entry.slug for entry in DASHBOARDS)}


@pytest.mark.parametrize("name", NAMES)
def test_stored_without_output(name: str) -> None:
    book = read(name)
    nbformat.validate(book)
    assert book.metadata.kernelspec.name == "python3"
    for cell in book.cells:
        assert set(cell.metadata) <= {"tags"}
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


@pytest.mark.parametrize("entry", DASHBOARDS, ids=lambda entry: entry.slug)
def test_says_how_to_use_read_and_link(entry: Any) -> None:
    text = source(entry.slug)
    assert f"from dashboards import {entry.class_name}\n" in text
    assert "brushlink.notebook()" in text
    assert "LinkedPlotly(" in text
    headings = " ".join(
        cell.source.lower() for cell in read(entry.slug).cells if cell.cell_type == "markdown"
    )
    for said in ("your own", "back", "figure"):
        assert said in headings


def test_the_talk_goes_in_its_order() -> None:
    headings = [
        line.removeprefix("## ")
        for cell in read(TALK).cells
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
        if line.startswith("## ")
    ]
    said = " ".join(headings)
    places = [said.index(f"{number}.") for number in range(1, 21)]
    assert places == sorted(places)
    names = {entry.class_name for entry in DASHBOARDS}
    shown = {node.id for node in ast.walk(ast.parse(source(TALK))) if isinstance(node, ast.Name)}
    assert names <= shown


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", NAMES)
def test_runs_from_top_to_bottom(name: str, kernel: tuple[KernelManager, BlockingKernelClient]) -> None:
    manager, client = kernel
    if name != NAMES[0]:
        run(client, FORGET)
    book = read(name)
    runner = NotebookClient(book, km=manager, timeout=600)
    runner.kc = client
    runner.execute()
    said = [
        output.text
        for cell in book.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr"
    ]
    assert said == []
