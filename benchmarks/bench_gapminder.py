"""The Gapminder explorer in a real Chromium: how soon it is painted, how fast all its views answer a brush.

The reference is measured in the same run, brush by brush in turns: the same six pictures rebuilt with
plotly.express from the filtered rows and assigned to plain panes. Run ``python -m benchmarks gapminder``, or
``python -m benchmarks.bench_gapminder --brushes 60 --profile``.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import mean, median

import numpy as np
import pandas as pd
import plotly.express as px
from playwright.sync_api import Browser, sync_playwright

from benchmarks import bare_page
from benchmarks.brush_clock import Answer, ClockedPage, cpu_ms, new_visitor
from benchmarks.gapminder_reference import NAMES
from benchmarks.report import Row, print_table
from tests.browser.conftest import Served, launch_chromium, start_panel_serve

HERE = Path(__file__).resolve().parent
BRUSHES = 40
WARM_UP = 3
LOADS = 5
PAGES = ("ours", "reference", "large", "bare")
# Sum of the heights of the bars that say "selected": every page must have painted the right answer.
SELECTED_JS = "const t = gd.data; return t[t.length - 1].y.reduce((a, b) => a + b, 0);"


def brushes(count: int) -> Iterator[tuple[float, float]]:
    """Yield ranges of life expectancy, left and right in turns: a drag inside the last one would move it."""
    for number in range(count):
        step = number // 2
        yield (41 + step % 5, 57 + step % 4) if number % 2 else (63 + step % 4, 76 + step % 5)


@contextmanager
def served(*files: Path) -> Iterator[Served]:
    """Serve files in a process of their own, as a person does."""
    with tempfile.TemporaryDirectory() as folder:
        server: Served = start_panel_serve(files, log=Path(folder) / "server.log")
        try:
            yield server
        finally:
            troubled = server.tracebacks()
            server.stop()
        assert not troubled, troubled


def measure_loads(browser: Browser, urls: dict[str, str], server: int, count: int) -> dict[str, pd.DataFrame]:
    """Open pages with an empty cache and reload them, several times in turns.

    Returns
    -------
    dict of str to DataFrame
        For each page, a row a visit: milliseconds to the last painted picture (cold, reload), to the last one
        of the first screen (cold first, reload first), and of work of browser and server (cold work, …).
    """
    visits: dict[str, list[dict[str, float]]] = {name: [] for name in urls}
    for _ in range(count):
        for name, url in urls.items():
            context = new_visitor(browser)
            page = ClockedPage(context, url, bare_page.NAMES if name == "bare" else NAMES, server)
            visit = {}
            for kind, load in (("cold", page.open), ("reload", page.reload)):
                before = page.browser_cpu_ms() + cpu_ms(server)
                painted = load()
                visit[kind] = max(painted.values())
                visit[f"{kind} first"] = max(painted[view] for view in page.on_first_screen())
                visit[f"{kind} work"] = page.browser_cpu_ms() + cpu_ms(server) - before
            visits[name].append(visit)
            context.close()
    return {name: pd.DataFrame(rows) for name, rows in visits.items()}


def measure_brushes(
    browser: Browser, urls: dict[str, str], server: int, count: int
) -> dict[str, list[Answer]]:
    """Brush several pages in turns; the first brushes of each warm it up and do not count."""
    contexts = {name: new_visitor(browser) for name in urls}
    pages = {name: ClockedPage(contexts[name], url, NAMES, server) for name, url in urls.items()}
    for page in pages.values():
        page.open()
    answers: dict[str, list[Answer]] = {name: [] for name in urls}
    for number, (low, high) in enumerate(brushes(count + WARM_UP)):
        for name, page in pages.items():
            answer = page.brush(low, high)
            if name in ("ours", "reference"):
                check(page, answer)
            if number >= WARM_UP:
                answers[name].append(answer)
    for context in contexts.values():
        context.close()
    return answers


def check(page: ClockedPage, answer: Answer) -> None:
    """Compare the selected population of the bars with what pandas says."""
    rows = px.data.gapminder().query("year == 2007")
    expected = int(rows[rows.lifeExp.between(answer.low, answer.high)]["pop"].sum())
    painted = page.value("bars", SELECTED_JS)
    assert painted == expected, f"{page.url}: bars show {painted:,} people, pandas says {expected:,}"


def main() -> int:
    """Measure and print; 1 if an aim was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench_gapminder", description=__doc__)
    parser.add_argument("--brushes", type=int, default=BRUSHES, help="brushes a page that count")
    parser.add_argument("--loads", type=int, default=LOADS, help="visits with an empty cache")
    parser.add_argument("--profile", action="store_true", help="also print where the time of a brush goes")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # server and browser end with us
    files = (
        HERE.parent / "dashboards" / "gapminder.py",
        HERE / "gapminder_reference.py",
        HERE / "gapminder_large.py",
        HERE / "bare_page.py",
    )
    with served(*files) as server, sync_playwright() as playwright:
        chromium = launch_chromium(playwright)
        process = server.process.pid
        urls = {name: f"{server.url}/{file.stem}" for name, file in zip(PAGES, files, strict=True)}
        for name, url in urls.items():
            visit(chromium, url, process, bare_page.NAMES if name == "bare" else NAMES)
        opened = {name: urls[name] for name in ("ours", "reference", "bare")}
        loads = measure_loads(chromium, opened, process, arguments.loads)
        brushed = {name: urls[name] for name in ("ours", "reference", "large")}
        answers = measure_brushes(chromium, brushed, process, arguments.brushes)
        chromium.close()
    if arguments.profile:
        print_profile(answers)
    if hasattr(os, "getloadavg"):
        wanted = os.getloadavg()[2]
        print(f"\n{os.cpu_count()} processors; wanted by {wanted:.1f} programs in the last 15 minutes")
    return report(loads, answers)


def visit(browser: Browser, url: str, server: int, names: Sequence[str]) -> None:
    """Open a page once: the server is warm from then on."""
    context = new_visitor(browser)
    ClockedPage(context, url, names, server).open()
    context.close()


def report(loads: dict[str, pd.DataFrame], answers: dict[str, list[Answer]]) -> int:
    """Print the tables; 1 if an aim was missed."""
    ours, reference, bare = (loads[name].median() for name in ("ours", "reference", "bare"))
    opened = print_table(
        "/gapminder on a warm server: navigation to all pictures painted",
        [
            Row("empty cache, within 5 s", ours["cold"], aim=5000),
            Row("reload, within 1.5 s", ours["reload"], aim=1500),
            Row("empty cache, next to the reference page", ours["cold"], reference["cold"]),
            Row("reload, next to the reference page", ours["reload"], reference["reload"]),
            Row("reload, first screen, next to it", ours["reload first"], reference["reload first"]),
            Row("reload, next to a page with one picture", ours["reload"], bare["reload"]),
            Row("empty cache, work of browser and server", ours["cold work"], reference["cold work"]),
            Row("reload, work of browser and server", ours["reload work"], reference["reload work"]),
        ],
    )
    ms = {name: np.array([answer.ms for answer in given]) for name, given in answers.items()}
    server = {name: median(answer.server_ms for answer in given) for name, given in answers.items()}
    weight = {name: median(answer.bytes for answer in given) for name, given in answers.items()}
    work = {
        name: median(answer.browser_cpu_ms for answer in given)
        + mean(answer.server_cpu_ms for answer in given)
        for name, given in answers.items()
    }
    answered = print_table(
        f"Mouse-up of a brush to all six pictures repainted, {len(answers['ours'])} brushes in turns",
        [
            Row("p50", *percentiles(ms, 50), aim=2.5),
            Row("p95", *percentiles(ms, 95), aim=2.0),
            Row("websocket, both ways", weight["ours"] / 1000, weight["reference"] / 1000, "kB", aim=4.0),
            Row("server and way", server["ours"], server["reference"]),
            Row("work of browser and server", work["ours"], work["reference"]),
        ],
    )
    grown = print_table(
        "The same explorer with 100 000 rows, next to twice the time of Gapminder's 1704",
        [
            Row("p50", np.percentile(ms["large"], 50), 2 * np.percentile(ms["ours"], 50), aim=1.0),
            Row("p95", np.percentile(ms["large"], 95), 2 * np.percentile(ms["ours"], 95)),
            Row("websocket, both ways", weight["large"] / 1000, weight["ours"] / 1000, "kB"),
            Row("server and way", server["large"], server["ours"]),
            Row("work of browser and server", work["large"], 2 * work["ours"]),
        ],
    )
    return 0 if opened and answered and grown else 1


def percentiles(ms: dict[str, np.ndarray], q: float) -> tuple[float, float]:
    """Return a percentile of ours and of the reference."""
    return float(np.percentile(ms["ours"], q)), float(np.percentile(ms["reference"], q))


def print_profile(answers: dict[str, list[Answer]]) -> None:
    """Print, for each page and picture: painted after, and spent inside Plotly (medians in ms)."""
    for name, given in answers.items():
        table = pd.DataFrame(
            {
                "painted": {view: median(a.views[view] for a in given) for view in NAMES},
                "Plotly": {view: median(a.plotly_ms.get(view, 0.0) for a in given) for view in NAMES},
            }
        )
        browser = median(answer.browser_cpu_ms for answer in given)
        server = mean(answer.server_cpu_ms for answer in given)
        print(f"\n{name}: CPU {browser:.0f} ms browser, {server:.0f} ms server\n{table.round(1)}")


if __name__ == "__main__":
    sys.exit(main())
