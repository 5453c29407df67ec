"""find_python.sh on machines with old, broken and hidden Pythons, made of small shell scripts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

GOOD = f'#!/bin/sh\nexec "{sys.executable}" "$@"\n'
# What an old Python does with the check: its own version is below 3.11, so it exits with 1.
OLD = "#!/bin/sh\nexit 1\n"
SHIM = '#!/bin/sh\necho "pyenv: python3: command not found" >&2\nexit 127\n'
SILENT = "#!/bin/sh\nexit 0\n"


def folder_with(folder: Path, **programs: str) -> Path:
    """A folder of programs; an underscore in a name stands for a dot."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in programs.items():
        path = folder / name.replace("_", ".")
        path.write_text(text)
        path.chmod(0o755)
    return folder


def find(repository: Path, *path: Path, home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.pathsep.join(map(str, path)), "HOME": str(home), **more}
    line = ["/bin/sh", str(repository / "scripts" / "find_python.sh")]
    return subprocess.run(line, env=environment, capture_output=True, text=True, timeout=60)


def base_python() -> str:
    """The interpreter that a virtual environment's own answers with."""
    return os.path.realpath(sys.executable)


@pytest.mark.parametrize(
    "programs",
    [
        {"python3": GOOD},
        {"python3": OLD, "python3_12": GOOD},
        {"python3": SHIM, "python3_13": SHIM, "python3_11": GOOD},
        {"python3": SILENT, "python": GOOD},
    ],
    ids=["plain", "an old python3 beside a new one", "shims that fail", "one that says nothing"],
)
def test_finds_the_python_that_works(repository: Path, tmp_path: Path, programs: dict[str, str]) -> None:
    done = find(repository, folder_with(tmp_path / "bin", **programs), home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert os.path.realpath(done.stdout.strip()) == base_python()


def test_looks_behind_a_broken_hit(repository: Path, tmp_path: Path) -> None:
    shims = folder_with(tmp_path / "shims", python3=SHIM)
    good = folder_with(tmp_path / "with space", python3=GOOD)
    done = find(repository, shims, good, home=tmp_path)
    assert os.path.realpath(done.stdout.strip()) == base_python()


def test_looks_where_version_managers_keep_them(repository: Path, tmp_path: Path) -> None:
    folder_with(tmp_path / ".pyenv/versions/3.12.4/bin", python=GOOD)
    done = find(repository, folder_with(tmp_path / "bin", python3=OLD), home=tmp_path)
    assert os.path.realpath(done.stdout.strip()) == base_python()


def test_a_named_python_is_the_one(repository: Path, tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "bin", mine=GOOD, python3=SHIM)
    done = find(repository, folder, home=tmp_path, PYTHON=str(folder / "mine"))
    assert os.path.realpath(done.stdout.strip()) == base_python()


def test_a_named_python_that_is_too_old_is_refused(repository: Path, tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "bin", mine=OLD, python3=GOOD)
    done = find(repository, folder, home=tmp_path, PYTHON=str(folder / "mine"))
    assert done.returncode == 1
    assert done.stdout == ""
    assert "is not a Python 3.11 or newer" in done.stderr


def test_none_at_all_says_what_to_install(repository: Path, tmp_path: Path) -> None:
    done = find(repository, folder_with(tmp_path / "bin", python3=OLD), home=tmp_path)
    if done.returncode == 0:
        pytest.skip(f"this machine keeps a Python in a place that is always looked at: {done.stdout}")
    assert done.returncode == 1
    assert "sudo apt install python3" in done.stderr
    assert "PYTHON=/path/to" in done.stderr
