"""Saved files: their size, how soon one is painted, how fast it answers a brush next to the served page.

Both pages are open in one Chromium and brushed in turns, by the same hand. Run ``python -m benchmarks
export``, or ``python -m benchmarks.bench_export --brushes 60``.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import numpy as np
from playwright.sync_api import sync_playwright

from benchmarks.bench_gapminder import HERE, WARM_UP, brushes, check, served
from benchmarks.brush_clock import Answer, ClockedPage, new_visitor
from benchmarks.gapminder_reference import NAMES
from benchmarks.report import Row, print_table
from tests.browser.conftest import launch_chromium

BRUSHES = 30
LOADS = 3
# What a file of Gapminder may weigh; Panel saves the same page, without its links, as 9.5 MB.
LARGEST_MB = 12.0


def main() -> int:
    """Measure and print; 1 if an aim was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench_export", description=__doc__)
    parser.add_argument("--brushes", type=int, default=BRUSHES, help="brushes a page that count")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # server and browser end with us
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "site"
        command = [sys.executable, "-m", "brushlink", "export", "--to", str(folder)]
        subprocess.run(
            command, cwd=HERE.parent, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        small = print_table(
            "Saved files",
            [_size(path) for path in sorted(folder.glob("*.html"))],
        )
        opened, answers = _measure((folder / "gapminder.html").as_uri(), arguments.brushes)
    ms = {page: np.array([answer.ms for answer in given]) for page, given in answers.items()}
    work = {page: median(a.browser_cpu_ms for a in given) for page, given in answers.items()}
    fast = print_table(
        f"Gapminder as a file, next to the served page; {arguments.brushes} brushes in turns",
        [
            Row("opening to all pictures painted", opened["file"], opened["served"]),
            Row("mouse-up to all pictures repainted, p50", *_percentiles(ms, 50), aim=1.0),
            Row("mouse-up to all pictures repainted, p95", *_percentiles(ms, 95)),
            Row("work of the browser, a brush", work["file"], work["served"]),
        ],
    )
    if hasattr(os, "getloadavg"):
        wanted = os.getloadavg()[2]
        print(f"\n{os.cpu_count()} processors; wanted by {wanted:.1f} programs in the last 15 minutes")
    return 0 if small and fast else 1


def _size(path: Path) -> Row:
    aim = LARGEST_MB if path.stem == "gapminder" else None
    return Row(path.name, path.stat().st_size / 1e6, unit="MB", aim=aim)


def _measure(address: str, count: int) -> tuple[dict[str, float], dict[str, list[Answer]]]:
    """Open and brush the served page and the file in turns."""
    with served(HERE.parent / "dashboards" / "gapminder.py") as server, sync_playwright() as playwright:
        chromium = launch_chromium(playwright)
        urls = {"file": address, "served": f"{server.url}/gapminder"}
        opened: dict[str, list[float]] = {page: [] for page in urls}
        for turn in range(LOADS + 1):
            for page, url in urls.items():
                context = new_visitor(chromium)
                painted = ClockedPage(context, url, NAMES, server.process.pid).open()
                if turn:  # the first visit warms the server
                    opened[page].append(max(painted.values()))
                context.close()
        contexts = {page: new_visitor(chromium) for page in urls}
        pages = {
            page: ClockedPage(contexts[page], url, NAMES, server.process.pid) for page, url in urls.items()
        }
        for clocked in pages.values():
            clocked.open()
        answers: dict[str, list[Answer]] = {page: [] for page in urls}
        for number, (low, high) in enumerate(brushes(count + WARM_UP)):
            for page, clocked in pages.items():
                answer = clocked.brush(low, high)
                check(clocked, answer)
                if number >= WARM_UP:
                    answers[page].append(answer)
        chromium.close()
    return {page: median(times) for page, times in opened.items()}, answers


def _percentiles(ms: dict[str, np.ndarray], q: float) -> tuple[float, float]:
    return float(np.percentile(ms["file"], q)), float(np.percentile(ms["served"], q))


if __name__ == "__main__":
    sys.exit(main())
