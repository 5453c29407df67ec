"""A folder or file of the user's that has the name of one of our packages: a clear word, not a riddle."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from brushlink.namesake import PACKAGES, namesake, refuse_namesake


@pytest.fixture(params=["folder", "file"])
def theirs(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Somebody's own `dashboards`."""
    if request.param == "file":
        file = tmp_path / "dashboards.py"
        file.write_text("")
        return file
    folder = tmp_path / "dashboards"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    return folder


def said(folder: Path, *arguments: str) -> tuple[int, str]:
    line = [sys.executable, *arguments]
    done = subprocess.run(line, cwd=folder, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stderr


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["list"]], ids=str)
def test_the_command_names_it(theirs: Path, command: list[str]) -> None:
    code, words = said(theirs.parent, "-m", "brushlink", *command)
    assert code == 1
    assert f"{theirs} is imported instead of Brushlink's own package `dashboards`" in words
    assert "Traceback" not in words


def test_a_command_that_needs_no_dashboard_goes_on(theirs: Path) -> None:
    code, words = said(theirs.parent, "-m", "brushlink", "train", "nothing.png", "-o", "x.skops")
    assert code != 0
    assert "instead of Brushlink's own" not in words


def test_a_notebook_names_it(theirs: Path) -> None:
    code, words = said(theirs.parent, "-c", "import brushlink; brushlink.notebook()")
    assert code == 1
    last = words.strip().splitlines()[-1]
    assert last.startswith(f"brushlink.namesake.NamesakeError: the {'file' if theirs.suffix else 'folder'} ")
    assert str(theirs) in last
    assert "rename it" in last


def test_where_nothing_hides_them_nothing_is_said() -> None:
    assert [namesake(package) for package in PACKAGES] == [None, None, None]
    refuse_namesake()
