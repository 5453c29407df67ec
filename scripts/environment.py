"""Makes `.venv` and installs Brushlink in it; called by the Makefile, standard library only.

A second call with the same `[project]` table and the same pins does nothing: what was installed is written
down in `.venv/brushlink.json`.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STAMP = "brushlink.json"
LOG = "install.log"
TAIL = 25  # lines of the installer's own words shown when it fails


class SetUpError(Exception):
    """The environment cannot be made; the message says what to run."""


def say(text: str) -> None:
    """Write one line for the person who typed `make`."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def fingerprint(root: Path) -> str:
    """Digest of everything that decides what has to be installed, and where.

    Parameters
    ----------
    root : Path
        Folder that holds `pyproject.toml` and `constraints.txt`.

    Returns
    -------
    str
        Hexadecimal digest. It changes with the `[project]` and `[build-system]` tables, the pins, the folder
        (a moved environment has wrong paths in it) and the Python version; not with the settings of linters.
    """
    tables = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    facts = {
        "project": tables["project"],
        "build-system": tables.get("build-system"),
        "constraints": (root / "constraints.txt").read_text(encoding="utf-8"),
        "root": str(root),
        "python": list(sys.version_info[:2]),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def venv_python(venv: Path) -> Path:
    """Path of the interpreter inside a virtual environment, on any system."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def starts(python: Path, code: str = "import sys") -> bool:
    """Tell whether an interpreter exists and runs `code` without an error."""
    try:
        return subprocess.run([python, "-c", code], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def stamped(venv: Path) -> tuple[str, frozenset[str]]:
    """Read what was last installed: (fingerprint, extras); empty when nothing readable is there."""
    try:
        stamp = json.loads((venv / STAMP).read_text(encoding="utf-8"))
        return str(stamp["fingerprint"]), frozenset(map(str, stamp["extras"]))
    except (OSError, ValueError, KeyError, TypeError):
        return "", frozenset()


def ways_to_make(venv: Path) -> list[tuple[str, Sequence[str | Path]]]:
    """Commands that can make a virtual environment here, in the order in which they are tried.

    Debian and Ubuntu ship `venv` without `ensurepip`, so the first one fails there until `python3-venv` is
    installed.
    """
    ways: list[tuple[str, Sequence[str | Path]]] = [("venv", [sys.executable, "-m", "venv", "--clear", venv])]
    if importlib.util.find_spec("virtualenv"):
        ways.append(("virtualenv", [sys.executable, "-m", "virtualenv", "--clear", "--quiet", venv]))
    elif found := shutil.which("virtualenv"):
        ways.append(("virtualenv", [found, "--clear", "--quiet", "--python", sys.executable, venv]))
    if found := shutil.which("uv"):
        ways.append(("uv", [found, "venv", "--clear", "--seed", "--quiet", "--python", sys.executable, venv]))
    return ways


def make_venv(venv: Path) -> None:
    """Make `venv` anew with the first way that gives an interpreter with pip.

    Raises
    ------
    SetUpError
        If none works; the message holds the line that installs what is missing.
    """
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"

    def attempt(ways: Iterable[tuple[str, Sequence[str | Path]]]) -> str | None:
        for name, command in ways:
            made = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
            if made.returncode == 0 and starts(venv_python(venv), "import pip"):
                return name
        return None

    if (name := attempt(ways_to_make(venv))) is not None:
        if name != "venv":
            say(f"  this Python has no ensurepip: made .venv with {name}")
        return
    if importlib.util.find_spec("pip"):
        with tempfile.TemporaryDirectory() as folder:
            fetch = [sys.executable, "-m", "pip", "install", "--quiet", "--target", folder, "virtualenv"]
            fetched = subprocess.run(fetch, capture_output=True, stdin=subprocess.DEVNULL, check=False)
            run = f"import sys; sys.path.insert(0, {folder!r}); from virtualenv.__main__ import run; run()"
            command: list[str | Path] = [sys.executable, "-c", run, "--clear", "--quiet", venv]
            if fetched.returncode == 0 and attempt([("virtualenv", command)]):
                say("  this Python has no ensurepip: made .venv with virtualenv")
                return
    apt = shutil.which("apt-get")
    if apt and is_root():
        say(f"  this Python has no ensurepip: installing {package}")
        for arguments in (["update"], ["install", "--yes", "--no-install-recommends", package]):
            subprocess.run(
                [apt, *arguments], capture_output=True, stdin=subprocess.DEVNULL, env=apt_environment()
            )
        if attempt(ways_to_make(venv)[:1]):
            return
    if apt:
        raise SetUpError(
            f"{sys.executable} cannot make a virtual environment. Run: sudo apt install {package}"
        )
    raise SetUpError(
        f"{sys.executable} cannot make a virtual environment: its ensurepip is missing. "
        "Install virtualenv or uv, or name another Python: make serve PYTHON=/path/to/python3.12"
    )


def is_root() -> bool:
    """Tell whether this process may install system packages."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def apt_environment() -> dict[str, str]:
    """Environment in which apt-get asks no questions."""
    return {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}


def installer(python: Path, root: Path, extras: Iterable[str]) -> list[str | Path]:
    """Return the command that installs the project at `root`, with its pins, for the interpreter `python`."""
    wanted = ",".join(sorted(extras))
    target = f"{root}[{wanted}]" if wanted else str(root)
    arguments: list[str | Path] = ["install", "--constraint", root / "constraints.txt", "--editable", target]
    pip: list[str | Path] = [python, "-m", "pip", "--no-input", "--disable-pip-version-check"]
    if starts(python, "import pip"):
        return [*pip, *arguments]
    # Somebody made .venv with `uv venv`, which leaves pip out.
    if uv := shutil.which("uv"):
        return [uv, "pip", *arguments, "--python", python]
    if starts(python, "import ensurepip; ensurepip.bootstrap()"):
        return [*pip, *arguments]
    raise SetUpError("The environment in .venv has no pip. Remove it with `make clean` and try again.")


def narrate(line: str, show: Callable[[str], None]) -> None:
    """Turn one line of the installer's output into a short progress note."""
    if found := re.match(r"\s*(?:Downloading|Using cached) (\S+?)-\d\S* \((.+?)\)", line):
        show(f"fetching {found[1].rsplit('/', 1)[-1]} ({found[2]})")
    elif line.startswith("Installing collected packages"):
        show("unpacking")


def run_installer(command: Sequence[str | Path], log: Path, progress: bool) -> None:
    """Run the installer, keep its words in `log`, and show one moving line when a person watches.

    Raises
    ------
    SetUpError
        If it fails; the message ends with the last lines it said.
    """
    environment = {**os.environ, "PIP_USER": "0", "PYTHONUNBUFFERED": "1"}

    def show(text: str) -> None:
        if progress:
            sys.stderr.write(f"\r\033[K  {text[:70]}")
            sys.stderr.flush()

    with (
        log.open("w", encoding="utf-8") as file,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=environment,
        ) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            file.write(line)
            narrate(line, show)
    if progress:
        sys.stderr.write("\r\033[K")
    if process.returncode:
        tail = "\n".join(log.read_text(encoding="utf-8").splitlines()[-TAIL:])
        raise SetUpError(f"{tail}\n\nThe packages could not be installed; the whole output is in {log}.")


def prepare(root: Path, extras: Iterable[str] = ()) -> bool:
    """Bring `.venv` under `root` to the state that `pyproject.toml` and `constraints.txt` ask for.

    Parameters
    ----------
    root : Path
        The repository.
    extras : iterable of str
        Optional dependencies wanted now; those already installed are kept.

    Returns
    -------
    bool
        True if something was installed, False if all was there.

    Raises
    ------
    SetUpError
        If the environment cannot be made or the packages not be installed.
    """
    venv = root / ".venv"
    python = venv_python(venv)
    wanted, present, (known, installed) = frozenset(extras), fingerprint(root), stamped(venv)
    # A stamp is worth nothing when the interpreter under it was removed or upgraded.
    if known == present and wanted <= installed and starts(python, "import brushlink"):
        return False
    if not starts(python) or (known and not same_python(python)):
        say(f"Making a virtual environment in .venv with Python {'.'.join(map(str, sys.version_info[:3]))}")
        make_venv(venv)
        installed = frozenset()
    wanted |= installed
    say("Installing the packages in .venv (the first time takes a minute or two)")
    (venv / STAMP).unlink(missing_ok=True)
    run_installer(installer(python, root, wanted), venv / LOG, progress=sys.stderr.isatty())
    stamp = {"fingerprint": present, "extras": sorted(wanted)}
    (venv / STAMP).write_text(json.dumps(stamp), encoding="utf-8")
    return True


def same_python(python: Path) -> bool:
    """Tell whether an environment's interpreter has the version that runs this file."""
    return starts(python, f"import sys; sys.exit(sys.version_info[:2] != {tuple(sys.version_info[:2])!r})")


def main() -> int:
    """Entry point: `python scripts/environment.py [--extra test]`."""
    parser = argparse.ArgumentParser(description="Make .venv and install Brushlink in it.")
    parser.add_argument(
        "--extra", action="append", default=[], help="optional dependencies to install as well"
    )
    arguments = parser.parse_args()
    try:
        prepare(ROOT, arguments.extra)
    except SetUpError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
