"""The live loop of a trainable segmentation: strokes in, answers out, off the event loop; no widgets.

A stroke makes a fit, a coarse answer for what is seen, then the final one, the visible part first. A newer
stroke cancels the older work, and nothing of the older is told any more.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from segmentation.classifier import PixelClassifier
from segmentation.learning import OWN_BACKEND
from segmentation.stored_features import StoredFeatures

__all__ = [
    "TILE",
    "Answer",
    "Background",
    "Box",
    "Request",
    "Turn",
    "answer",
    "overlap",
    "tiles_of",
    "view_of",
]

Box = tuple[int, int, int, int]
"""First row, first column, row past the last, column past the last."""

TILE = 512
"""Side of the tiles of a picture whose features do not fit in memory."""

COARSE_STRIDE = 4
# Pixels that a first answer decides of a large picture: about as many as the screen has for it.
VIEW_PIXELS = 512 * 512
# Seconds between two repaints of what is seen while its tiles come in: each one is sent.
PAINT_SECONDS = 0.4
# At most so long the rest of an answer waits until the first look at it is on its way to the browser.
FIRST_LOOK_SECONDS = 0.3
# Work of all pages of a server; more threads would only take turns on the same cores.
WORKERS = 2

_pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="brushlink-live")
# Work that takes long (many images, cross-validation) waits in a line of its own, so that strokes never do.
_long_pool = ThreadPoolExecutor(1, thread_name_prefix="brushlink-long")
LONG = ("apply", "quality")


# -- work off the event loop --------------------------------------------------------------------


class Turn:
    """One piece of work: it asks whether it is still wanted, and tells what it found.

    Parameters
    ----------
    is_stale : callable
        Whether newer work of the same name was asked for.
    tell : callable
        Hands a value over to the event loop, where it is dropped if it has become stale by then. Returns an
        event that is set when that is done.
    """

    def __init__(self, is_stale: Callable[[], bool], tell: Callable[[Any], threading.Event]) -> None:
        self._is_stale, self.tell = is_stale, tell

    @property
    def stale(self) -> bool:
        """Whether newer work was asked for: stop."""
        return self._is_stale()


Work = Callable[[Turn], None]


@dataclass
class _Lane:
    """Work of one name: what runs, and the newest that waits."""

    generation: int = 0
    running: bool = False
    waiting: tuple[int, Work, Callable[[Any], None], Callable[[BaseException], None]] | None = None


class Background:
    """Runs work in threads, the newest of each name only, and hands over what it tells.

    Parameters
    ----------
    post : callable, optional
        Calls a function on the event loop, as a document's ``add_next_tick_callback`` does. Without one, all
        is done at once in the calling thread: in scripts, and in notebooks without a server.
    """

    def __init__(self, post: Callable[[Callable[[], None]], Any] | None = None) -> None:
        self._post = post
        self._lock = threading.Lock()
        self._lanes: dict[str, _Lane] = {}
        self._closed = False

    def ask(
        self,
        name: str,
        work: Work,
        tell: Callable[[Any], None],
        failed: Callable[[BaseException], None],
    ) -> int:
        """Do some work; older work of this name is cancelled and tells nothing any more.

        Parameters
        ----------
        name : str
        work : callable
            Called with its `Turn`, in a thread.
        tell : callable
            Called on the event loop with each value that the work tells.
        failed : callable
            Called on the event loop with the error that ended the work.

        Returns
        -------
        int
            Generation of this work.
        """
        with self._lock:
            lane = self._lanes.setdefault(name, _Lane())
            lane.generation += 1
            job = (lane.generation, work, tell, failed)
            if self._post is not None and lane.running:
                lane.waiting = job
                return lane.generation
            lane.running = True
        self._start(name, lane, job)
        return lane.generation

    def cancel(self, name: str) -> None:
        """Stop the work of a name: what it still tells is dropped."""
        with self._lock:
            lane = self._lanes.get(name)
            if lane is not None:
                lane.generation += 1
                lane.waiting = None

    @property
    def threaded(self) -> bool:
        """Whether work is done in threads, and nobody waits for it."""
        return self._post is not None

    def busy(self, name: str) -> bool:
        """Whether work of this name runs or waits."""
        with self._lock:
            lane = self._lanes.get(name)
            return lane is not None and lane.running

    def close(self) -> None:
        """Stop everything: the page is gone."""
        self._closed = True
        for name in list(self._lanes):
            self.cancel(name)

    def _start(self, name: str, lane: _Lane, job: tuple[int, Work, Callable[[Any], None], Any]) -> None:
        generation, work, tell, failed = job

        def is_stale() -> bool:
            return self._closed or lane.generation != generation

        def on_loop(handle: Callable[[Any], None], value: Any, done: threading.Event) -> None:
            try:
                if not is_stale():
                    handle(value)
            finally:
                done.set()

        def hand_over(handle: Callable[[Any], None], value: Any) -> threading.Event:
            done = threading.Event()
            if is_stale():
                done.set()
            elif self._post is None:
                on_loop(handle, value, done)
            else:
                self._post(partial(on_loop, handle, value, done))
            return done

        def finished(future: Future[None]) -> None:
            error = future.exception()
            if error is not None:
                hand_over(failed, error)
            with self._lock:
                following, lane.waiting = lane.waiting, None
                lane.running = following is not None
            if following is not None:
                self._start(name, lane, following)

        turn = Turn(is_stale, partial(hand_over, tell))
        if self._post is None:
            future: Future[None] = Future()
            future.add_done_callback(finished)
            try:
                work(turn)
            except Exception as error:  # noqa: BLE001 - handed over, as a thread's future does
                future.set_exception(error)
            else:
                future.set_result(None)
        else:
            pool = _long_pool if name in LONG else _pool
            pool.submit(work, turn).add_done_callback(finished)


# -- a stroke's answer --------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Request:
    """What to learn and what to answer.

    Attributes
    ----------
    make : callable
        Makes the classifier, not fitted.
    images : sequence of StoredFeatures
        All images that have strokes.
    labels : sequence of uint8 array
        A label map each.
    target : StoredFeatures
        The image on the page.
    visible : Box
        What is seen of it.
    fitted : PixelClassifier, optional
        Answers without learning: of a model that was opened.
    """

    make: Callable[[], PixelClassifier]
    images: Sequence[StoredFeatures]
    labels: Sequence[NDArray[np.uint8]]
    target: StoredFeatures
    visible: Box
    fitted: PixelClassifier | None = None


@dataclass(frozen=True, eq=False)
class Answer:
    """Labels of a part of the picture, and how far the work is.

    Attributes
    ----------
    stage : {"coarse", "final"}
        A first answer, or the classifier's last word.
    labels : uint8 array
        Class ids of `box`.
    box : Box
    classifier : PixelClassifier
        Fitted; of the final stage.
    done, total : int
        Tiles that are final, of all.
    seconds : float
        Since the stroke.
    fit_seconds : float
        What learning took.
    paint : bool
        Whether to repaint now: enough of what is seen has come in since the last time.
    """

    stage: Literal["coarse", "final"]
    labels: NDArray[np.uint8] = field(repr=False)
    box: Box
    classifier: PixelClassifier
    done: int
    total: int
    seconds: float
    fit_seconds: float
    paint: bool = True


def answer(request: Request, turn: Turn) -> None:
    """Answer a stroke: tell a coarse `Answer`, then final ones until the whole picture is done.

    Parameters
    ----------
    request : Request
    turn : Turn
        Asked before each step whether a newer stroke has come.
    """
    start = time.perf_counter()
    target = request.target
    shape = target.picture.shape
    whole = (0, 0, shape[0], shape[1])
    tiles = [whole] if target.small else tiles_of(shape, request.visible)

    def learned(quick: bool) -> tuple[PixelClassifier, float]:
        if request.fitted is not None:
            return request.fitted, 0.0
        begun = time.perf_counter()
        classifier = request.make()
        classifier.fit(list(request.images), list(request.labels), quick=quick)
        return classifier, time.perf_counter() - begun

    def tell(
        stage: Any, labels: Any, box: Box, by: tuple[PixelClassifier, float], done: int, paint: bool = True
    ) -> threading.Event:
        took = time.perf_counter() - start
        return turn.tell(Answer(stage, labels, box, by[0], done, len(tiles), took, by[1], paint))

    def first_look(by: tuple[PixelClassifier, float]) -> None:
        if target.small:
            told = tell("coarse", by[0].preview(target, COARSE_STRIDE), whole, by, 0)
        else:
            view, stride = view_of(request.visible)
            told = tell("coarse", by[0].preview_box(target, _slices(view), stride), view, by, 0)
        # Painted before the rest is begun: both at once take twice as long to show anything.
        told.wait(FIRST_LOOK_SECONDS)

    # The engine's own forest learns in a tenth of a second: a smaller one before it would save half of that,
    # and colour 7 % of the pixels otherwise; a coarse look of the forest itself leaves 3 % to change.
    own = request.fitted is not None or request.make().backend == OWN_BACKEND
    hurried = learned(not own)
    if turn.stale:
        return
    first_look(hurried)
    if turn.stale:
        return
    final = hurried if own else learned(False)
    seen = sum(overlap(box, request.visible) for box in tiles)
    painted = time.perf_counter()
    for done, box in enumerate(tiles, start=1):
        if turn.stale:
            return
        labels = final[0].predict(target) if target.small else final[0].predict_box(target, _slices(box))
        late = done <= seen and time.perf_counter() - painted > PAINT_SECONDS
        paint = late or done in (seen, len(tiles))
        if paint:
            painted = time.perf_counter()
        tell("final", labels, box, final, done, paint)


def view_of(visible: Box) -> tuple[Box, int]:
    """Say which part of a large picture a first answer is for, and which of its pixels are decided.

    Parameters
    ----------
    visible : Box

    Returns
    -------
    Box
        What is seen, from a whole step on, so that a small move asks for the same pixels.
    int
        Every how many pixels one is decided, 4 or more.
    """
    row0, col0, row1, col1 = visible
    stride = COARSE_STRIDE
    while (row1 - row0) * (col1 - col0) > VIEW_PIXELS * stride**2:
        stride *= 2
    return (row0 // stride * stride, col0 // stride * stride, row1, col1), stride


def tiles_of(shape: Sequence[int], visible: Box, side: int = TILE) -> list[Box]:
    """Cut a picture into tiles: those seen first, from the middle of what is seen outwards.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns.
    visible : Box
    side : int
        Of a tile, pixels.
    """
    rows, cols = shape[0], shape[1]
    tiles = [
        (row, col, min(row + side, rows), min(col + side, cols))
        for row in range(0, rows, side)
        for col in range(0, cols, side)
    ]
    row0, col0, row1, col1 = visible
    middle = ((row0 + row1) / 2, (col0 + col1) / 2)

    def order(tile: Box) -> tuple[bool, float]:
        seen = overlap(tile, visible)
        away = np.hypot((tile[0] + tile[2]) / 2 - middle[0], (tile[1] + tile[3]) / 2 - middle[1])
        return (not seen, float(away))

    return sorted(tiles, key=order)


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes have a pixel in common."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _slices(box: Box) -> tuple[slice, slice]:
    return (slice(box[0], box[2]), slice(box[1], box[3]))
