"""The live classifier in a real Chromium: how soon a stroke is answered, and what it costs on the wire.

The reference is measured in the same run, stroke by stroke in turns: a page that does it the way the talk's
app did (see `segment_pages`). Run ``python -m benchmarks segment``, or one size at a time:
``python -m benchmarks.bench_segment --sides 1024 --strokes 30``.
"""

from __future__ import annotations

import argparse
import base64
import io
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray
from playwright.sync_api import Browser, sync_playwright

from benchmarks import segment_pages as pages
from benchmarks.brush_clock import new_visitor
from benchmarks.report import Row, print_table
from tests.browser.conftest import Served, launch_chromium, start_panel_serve, watch
from tests.browser.driver import Plot, wait_until

HERE = Path(__file__).resolve().parent
SIDES = (512, 1024, 2048)
LARGE = 4096
STROKES = 30
WARM_UP = 2
WAIT_S = 120.0
# No answer has come for so long: the last one was the final one.
QUIET_MS = 400
SCREEN_PX = 700


@dataclass(frozen=True)
class Answer:
    """How a page answered one stroke: milliseconds from the release of the mouse, and bytes both ways."""

    first_ms: float
    final_ms: float
    bytes: int
    same: float
    step: float
    server_ms: float


@contextmanager
def served() -> Iterator[Served]:
    """Serve the pages in a process of their own, with a store as `brushlink serve` has one."""
    with tempfile.TemporaryDirectory() as folder:
        server: Served = start_panel_serve(
            [HERE / "segment_pages.py"],
            log=Path(folder) / "server.log",
            environment={"BRUSHLINK_STORE": str(Path(folder) / "work.sqlite")},
        )
        try:
            yield server
        finally:
            troubled = server.tracebacks()
            server.stop()
        assert not troubled, troubled


class StrokePage:
    """A page with a picture to draw on, and a stopwatch in it."""

    def __init__(self, browser: Browser, url: str, way: str, side: int) -> None:
        self.way, self.side = way, side
        self.context = new_visitor(browser)
        self.context.add_init_script((HERE / "stroke_clock.js").read_text(encoding="utf-8"))
        self.page = self.context.new_page()
        self.faults: list[str] = []
        watch(self.page, self.faults)
        self.plot = Plot(self.page, "image")
        begun = time.perf_counter()
        self.page.goto(f"{url}/segment_pages?way={way}&side={side}")
        self.plot.wait_drawn(WAIT_S)
        if way == "ours":
            self._until(lambda: self._status().startswith("Done"), "the first answer")
        self.opened_s = time.perf_counter() - begun
        self.plot.js("window.strokeClock.watch(gd);")

    def _until(self, condition: Any, message: str) -> None:
        wait_until(self.page, condition, WAIT_S, f"{message} of {self.way} at {self.side}")
        assert not self.faults, self.faults

    def _status(self) -> str:
        return self.page.locator(".status p").inner_text() if self.way == "ours" else "Done"

    def choose(self, class_id: int) -> None:
        """Take up the pen of a class; the reference changes pens by itself."""
        if self.way == "ours":
            self.page.keyboard.press(str(class_id))
            name = "return (gd.layout.newshape || {}).name || '';"
            self._until(lambda: self.plot.js(name).startswith(f";{class_id};"), "the pen")

    def draw(self, line: pages.Line) -> None:
        """Draw a stroke as a hand does."""
        _, (row_0, col_0), (row_1, col_1) = line
        self.plot.drag_path([self.plot.px(col_0, row_0), self.plot.px(col_1, row_1)], steps=10)

    def stroke(self, line: pages.Line) -> Answer:
        """Draw a stroke and wait for the whole answer."""
        self.choose(line[0])
        self.page.evaluate("window.brushClock.reset(); window.strokeClock.reset();")
        self.draw(line)
        return self.answered()

    def answered(self) -> Answer:
        """Wait until a stroke is answered; say how."""
        holder: dict[str, Any] = {}

        def rest() -> bool:
            clock = holder["clock"] = self.page.evaluate(
                "() => ({...window.strokeClock, watch: 0, reset: 0, now: performance.now(),"
                " wire: window.brushClock.frames})"
            )
            seen = [one for one in clock["overlays"] if one[0] > clock["up"] > 0]
            wire = [one for one in clock["wire"] if one[3] == "PATCH-DOC"]
            quiet = clock["now"] - max([one[0] for one in [*seen, *wire]], default=clock["now"])
            return bool(seen) and quiet > QUIET_MS and self._status().startswith("Done")

        self._until(rest, "an answer")
        clock = holder["clock"]
        seen = [one for one in clock["overlays"] if one[0] > clock["up"]]
        sent = [
            at for at, ours, _, kind in clock["wire"] if ours and kind == "PATCH-DOC" and at >= clock["up"]
        ]
        came = [
            at
            for at, ours, _, kind in clock["wire"]
            if not ours and kind == "PATCH-DOC" and at >= clock["up"]
        ]
        first, last = read(seen[0][1]), read(seen[-1][1])
        return Answer(
            seen[0][0] - clock["up"],
            seen[-1][0] - clock["up"],
            sum(size for _, _, size, _ in clock["wire"]),
            same_share(first, last),
            self.shown_px() / max(first.shape[1], 1),
            (came[0] - sent[0]) if came and sent else float("nan"),
        )

    def shown_px(self) -> float:
        """Return how many image pixels are seen across."""
        low, high = self.plot.layout("xaxis.range")
        return float(min(high, self.side) - max(low, 0))

    def cost_ms(self) -> float:
        """Return what the reference's stroke cost its server."""
        return float(self.page.locator(".cost").inner_text())

    def frames_while_predicting(self, lines: list[pages.Line]) -> list[float]:
        """Draw strokes, each while the one before is answered; return milliseconds between frames."""
        gaps: list[float] = []
        for number, line in enumerate(lines):
            self.choose(line[0])
            self.draw(line)
            self.page.evaluate("window.strokeClock.reset()")
            _, (row, col_0), (_, col_1) = lines[(number + 7) % len(lines)]
            start, stop = self.plot.px(col_0, row), self.plot.px(col_1, row + 20)
            mouse = self.page.mouse
            mouse.move(*start)
            mouse.down()
            for step in range(1, 31):
                at = step / 30
                mouse.move(start[0] + (stop[0] - start[0]) * at, start[1] + (stop[1] - start[1]) * at)
                self.page.wait_for_timeout(12)
            mouse.up()
            gaps += np.diff(self.page.evaluate("window.strokeClock.frames")).tolist()
            self._until(lambda: self._status().startswith("Done"), "an answer")
        return gaps

    def close(self) -> None:
        """Leave."""
        assert not self.faults, self.faults
        self.context.close()


def read(source: str) -> NDArray[np.uint8]:
    """Read a painted overlay: its colours, or the places in its palette."""
    picture = PIL.Image.open(io.BytesIO(base64.b64decode(source.split(",", 1)[1])))
    return np.asarray(picture)


def same_share(first: NDArray[np.uint8], last: NDArray[np.uint8]) -> float:
    """Return the share of pixels that the first answer already shows as the last does."""
    size = (last.shape[1], last.shape[0])
    stretched = np.asarray(PIL.Image.fromarray(first).resize(size, PIL.Image.Resampling.NEAREST))
    equal = stretched == last
    return float((equal.all(axis=-1) if equal.ndim == 3 else equal).mean())


def measure(browser: Browser, url: str, side: int, count: int) -> bool:
    """Measure one size, print it, and say whether the aims were reached."""
    lines = pages.plan(side, pages.BEFORE + WARM_UP + count + 8)[pages.BEFORE :]
    strokes, more = lines[: WARM_UP + count], lines[WARM_UP + count :]
    both = {way: StrokePage(browser, url, way, side) for way in ("ours", "reference")}
    answers: dict[str, list[Answer]] = {way: [] for way in both}
    costs: list[float] = []
    for number, line in enumerate(strokes):
        for way, page in both.items():
            page.page.bring_to_front()
            answer = page.stroke(line)
            if number >= WARM_UP:
                answers[way].append(answer)
            sys.stderr.write(f"{side}² {way} {number}: {answer}\n")
        if number >= WARM_UP:
            costs.append(both["reference"].cost_ms())
    both["ours"].page.bring_to_front()
    gaps = both["ours"].frames_while_predicting(more)
    for page in both.values():
        page.close()
    labels = pages.label_map(pages.plan(side, pages.BEFORE + len(strokes)), side)
    bare = []
    for _ in range(3):
        begun = time.perf_counter()
        pages.bare_stroke(side, labels)
        bare.append(1000 * (time.perf_counter() - begun))
    ours, theirs = answers["ours"], answers["reference"]

    def at(what: str, q: float) -> tuple[float, float]:
        return tuple(
            float(np.percentile([getattr(one, what) for one in side_], q)) for side_ in (ours, theirs)
        )  # type: ignore[return-value]

    aim = 8.0 if side == 1024 else None
    return print_table(
        f"{side}² pixels in colour, {count} strokes in turns: from the release of the mouse",
        [
            Row("first repaint of the view, p50", *at("first_ms", 50), aim=aim),
            Row("first repaint of the view, p95", *at("first_ms", 95)),
            Row("whole image final, p50", *at("final_ms", 50)),
            Row("whole image final, p95", *at("final_ms", 95)),
            Row(
                "pixels of it that stay, worst",
                100 * (1 - min(one.same for one in ours)),
                unit="% change",
                aim=5,
            ),
            Row(
                "image pixels a painted one",
                max(one.step for one in ours),
                unit="px",
                aim=max(4.0, side / SCREEN_PX),
            ),
            Row("websocket a stroke, both ways", *(v / 1000 for v in at("bytes", 50)), unit="kB", aim=20),
            Row("first word of the server", *at("server_ms", 50)),
            Row("frames while drawing over an answer, p50", float(np.percentile(gaps, 50))),
            Row("frames while drawing over an answer, p95", float(np.percentile(gaps, 95)), aim=33.4),
            Row("frames while drawing over an answer, worst", max(gaps)),
            Row("the reference's stroke, by bare scikit-image", median(costs) / median(bare), unit="times"),
        ],
    )


def large(browser: Browser, url: str) -> bool:
    """Measure a picture of 4096²: opening, moving about in it, answers; next to one of 1024²."""
    first: dict[int, list[float]] = {}
    rows = []
    for side in (1024, LARGE):
        page = StrokePage(browser, url, "ours", side)
        lines = pages.plan(side, pages.BEFORE + 12)[pages.BEFORE :]
        if side == LARGE:
            rows += [Row("opened and answered", page.opened_s, unit="s"), *moving(page)]
        first[side] = [page.stroke(line).first_ms for line in lines][WARM_UP:]
        if side == LARGE:
            zoom(page, side / 4, side / 2)
            inside = [one for one in pages.plan(side, 400) if within(one, side / 4 + 20, side / 2 - 20)][:8]
            first[0] = [page.stroke(line).first_ms for line in inside][1:]
        page.close()
    rows += [
        Row(
            "first repaint of all of it, next to twice 1024²",
            median(first[LARGE]),
            2 * median(first[1024]),
            aim=1.0,
        ),
        Row(
            "first repaint zoomed in, next to twice 1024²", median(first[0]), 2 * median(first[1024]), aim=1.0
        ),
    ]
    return print_table(f"{LARGE}² pixels in colour", rows)


def within(line: pages.Line, low: float, high: float) -> bool:
    """Whether a stroke lies in a square."""
    return all(low < one < high for corner in line[1:] for one in corner)


def zoom(page: StrokePage, low: float, high: float) -> float:
    """Show a square of the picture; return the bytes that came for it."""
    page.page.evaluate("window.brushClock.reset()")
    page.plot.js(
        "window.Plotly.relayout(gd, {'xaxis.range': [arg[0], arg[1]], 'yaxis.range': [arg[1], arg[0]]});",
        [low, high],
    )
    frames = "window.brushClock.frames"
    wait_until(
        page.page, lambda: page.page.evaluate(f"{frames}.some(f => !f[1] && f[2] > 5000)"), 30, "the part"
    )
    wait_until(
        page.page,
        lambda: page.page.evaluate(f"performance.now() - {frames}.at(-1)[0] > {QUIET_MS}"),
        60,
        "rest",
    )
    return float(sum(page.page.evaluate(f"{frames}.filter(f => !f[1]).map(f => f[2])")))


def moving(page: StrokePage) -> list[Row]:
    """Zoom in, move on and zoom out; what is sent, next to the whole picture."""
    whole = page.side**2 * 3 / 1000
    sent = {
        "zoomed to 1024²": zoom(page, 1024, 2048),
        "moved on by 512": zoom(page, 1536, 2560),
        "zoomed to 256²": zoom(page, 1800, 2056),
        "all of it again": zoom(page, -0.5, page.side - 0.5),
    }
    return [Row(f"{what}: sent, next to all pixels", size / 1000, whole, "kB") for what, size in sent.items()]


def main() -> int:
    """Measure and print; 1 if an aim was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench_segment", description=__doc__)
    parser.add_argument("--sides", type=int, nargs="*", default=[*SIDES, LARGE], help="sizes to measure")
    parser.add_argument("--strokes", type=int, default=STROKES, help="strokes a page that count")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # server and browser end with us
    good: list[bool] = []
    with served() as server, sync_playwright() as playwright:
        chromium = launch_chromium(playwright)
        for side in arguments.sides:
            if side == LARGE:
                good.append(large(chromium, server.url))
            else:
                good.append(measure(chromium, server.url, side, arguments.strokes))
        chromium.close()
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
