"""chromium.py: a browser counts when it paints a page, not when it is on PATH."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

# As Ubuntu's package does.
SNAP_STUB = "echo 'Command requires the chromium snap to be installed.' >&2; exit 1"


def browser(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def bare(chromium: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with no browser; returns the only folder on its PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(chromium, "playwright_browsers", list)
    monkeypatch.setattr(chromium, "PLACES", ())
    monkeypatch.delenv("BRUSHLINK_CHROMIUM", raising=False)
    return folder


PAINTS = "/bin/echo brushlink-was-painted"


def test_a_stub_is_passed_over(chromium: ModuleType, bare: Path) -> None:
    browser(bare, "chromium", SNAP_STUB)
    assert chromium.find() is None
    working = browser(bare, "google-chrome", PAINTS)
    assert chromium.find() == str(working)


def test_one_that_answers_without_a_page_is_passed_over(chromium: ModuleType, bare: Path) -> None:
    browser(bare, "chromium", "exit 0")
    assert chromium.find() is None


def test_one_that_hangs_is_given_up(
    chromium: ModuleType, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chromium, "LAUNCH_SECONDS", 0.2)
    browser(bare, "chromium", "exec /bin/sleep 60")
    assert chromium.find() is None


def test_the_named_one_comes_first(
    chromium: ModuleType, bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser(bare, "chromium", PAINTS)
    named = browser(tmp_path / "mine", "chrome", PAINTS)
    monkeypatch.setenv("BRUSHLINK_CHROMIUM", str(named))
    assert chromium.find() == str(named)


def run_main(
    chromium: ModuleType, monkeypatch: pytest.MonkeyPatch, root: bool, steps: dict[str, Path | None]
) -> int:
    """Run `--install` on a machine where each way of installing puts a browser at a path, or nothing."""
    tried: list[str] = []

    def way(name: str) -> None:
        tried.append(name)
        if (path := steps.get(name)) is not None:
            browser(path.parent, path.name, PAINTS)

    monkeypatch.setattr(chromium, "is_root", lambda: root)
    monkeypatch.setattr(chromium, "download", lambda: way("download"))
    monkeypatch.setattr(chromium, "install_with_system", lambda: way("system"))
    monkeypatch.setattr(sys, "argv", ["chromium.py", "--install"])
    code = chromium.main()
    steps["tried"] = Path("+".join(tried))
    return int(code)


def test_installs_playwrights_first(
    chromium: ModuleType, bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps: dict[str, Path | None] = {"download": bare / "chromium"}
    assert run_main(chromium, monkeypatch, True, steps) == 0
    assert steps["tried"] == Path("download")
    assert capsys.readouterr().out.strip() == str(bare / "chromium")


def test_then_the_systems_when_root(
    chromium: ModuleType, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: dict[str, Path | None] = {"system": bare / "chromium"}
    assert run_main(chromium, monkeypatch, True, steps) == 0
    assert steps["tried"] == Path("download+system")


def test_else_says_what_to_run(
    chromium: ModuleType, bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps: dict[str, Path | None] = {"system": bare / "chromium"}
    assert run_main(chromium, monkeypatch, False, steps) == 1
    assert steps["tried"] == Path("download"), "an ordinary user's machine is left alone"
    said = capsys.readouterr()
    assert said.out == ""
    assert "sudo apt install chromium" in said.err
    assert "make test BROWSER=none" in said.err


@pytest.mark.browser
def test_the_one_of_this_machine_launches(repository: Path) -> None:
    line = [sys.executable, str(repository / "scripts" / "chromium.py")]
    done = subprocess.run(line, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert os.access(done.stdout.strip(), os.X_OK)
