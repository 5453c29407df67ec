"""Writes `constraints.txt`: one pin a package, for all platforms and Pythons at once; `make lock` calls it.

The resolver is uv, because pip cannot resolve for other platforms. It is taken from PATH, else installed into
`.venv`. The file holds names and versions only: no index address, no options.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = (
    "# Pins for every platform and Python that Brushlink runs on. Made by `make lock`; not edited by hand.\n"
)


def resolver() -> list[str]:
    """Return the command that runs uv, after installing it into this environment if need be."""
    if found := shutil.which("uv"):
        return [found]
    beside = Path(sys.executable).with_name("uv")
    if not beside.exists():
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "uv"], check=True)
    return [str(beside)]


def main() -> int:
    """Entry point: `python scripts/lock.py [--upgrade]`; other options go on to `uv pip compile`."""
    target = ROOT / "constraints.txt"
    command = [*resolver(), "pip", "compile", "--universal", "--all-extras", "--quiet"]
    command += ["--no-header", "--no-annotate", "--output-file", str(target), *sys.argv[1:]]
    done = subprocess.run([*command, "pyproject.toml"], cwd=ROOT, check=False)
    if done.returncode == 0:
        target.write_text(HEADER + target.read_text(encoding="utf-8"), encoding="utf-8")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
