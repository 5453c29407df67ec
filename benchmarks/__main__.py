"""Runs the benchmarks, each in a process of its own: `python -m benchmarks [NAME ...] [--list] [-- OPTIONS]`.

A benchmark is a file `bench_NAME.py` here that prints its table (see `benchmarks.report`) when it is run as a
module, and exits with 1 when an aim of the project was missed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def names() -> list[str]:
    """Return the names of the benchmarks, sorted."""
    return sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def main() -> int:
    """Run those whose name holds a word given, all without one; 1 if one failed or missed its aim."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure speed, memory and accuracy."
    )
    parser.add_argument("words", nargs="*", metavar="NAME", help="only benchmarks whose name holds this")
    parser.add_argument("--list", action="store_true", help="show the names and stop")
    arguments = parser.parse_args()
    chosen = [
        name for name in names() if not arguments.words or any(word in name for word in arguments.words)
    ]
    if not chosen:
        parser.error(f"no such benchmark; there are: {', '.join(names())}")
    if arguments.list:
        sys.stdout.write("\n".join(chosen) + "\n")
        return 0
    missed = []
    for name in chosen:
        start = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", f"benchmarks.bench_{name}"], cwd=HERE.parent, check=False
        )
        print(f"[{name}: {time.monotonic() - start:.0f} s, exit code {done.returncode}]", flush=True)
        if done.returncode:
            missed.append(name)
    print(
        f"\n{len(chosen) - len(missed)} of {len(chosen)} benchmarks reached their aims"
        + (f"; not: {missed}" if missed else "")
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
