"""The one thread pool, and the compilation of kernels in the background; the numeric modules run on it.

Kernels are serial and release the GIL, and many of them run side by side here. Numba's own parallel layers
are not used: they abort the process when two threads enter them at once (``workqueue``) or after a fork
(``omp``), which in a server takes every user down.
"""

from __future__ import annotations

import atexit
import importlib
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from segmentation.limits import MAX_THREADS

__all__ = ["ready", "run", "threads", "warm_up"]

Result = TypeVar("Result")

KERNELS = {
    "features": "segmentation.feature_kernels",
    "forest": "segmentation.forest_kernels",
    "growth": "segmentation.growth_kernels",
    "smoothing": "segmentation.smoothing_kernels",
    "volume": "segmentation.volume_kernels",
}
"""Kernel groups and their modules; each module has a function ``compile_all``."""


class _State:
    """What a process owns: its pool, the groups that compiled or failed to, the thread that compiles."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.pool: ThreadPoolExecutor | None = None
        self.settled: dict[str, threading.Event] = {group: threading.Event() for group in KERNELS}
        self.failed: dict[str, str] = {}
        self.asked: list[str] = []
        self.compiler: threading.Thread | None = None


_state = _State()
_inside = threading.local()


def _forget() -> None:
    """Start afresh in a forked child: threads do not survive a fork, what was compiled does."""
    global _state
    before, _state = _state, _State()
    _state.failed = before.failed
    for group, event in before.settled.items():
        if event.is_set():
            _state.settled[group].set()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def threads() -> int:
    """Return how many tiles are computed at once: the cores this process may use, at most `MAX_THREADS`."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MAX_THREADS)


def _pool() -> ThreadPoolExecutor:
    with _state.lock:
        if _state.pool is None:
            _state.pool = ThreadPoolExecutor(threads(), thread_name_prefix="segmentation")
        return _state.pool


def _marked(job: Callable[[], Result]) -> Result:
    _inside.pool = True
    try:
        return job()
    finally:
        _inside.pool = False


def run(jobs: Sequence[Callable[[], Result]]) -> list[Result]:
    """Run the jobs side by side and return their results in order.

    Parameters
    ----------
    jobs : sequence of callables
        Independent of each other. A job may itself call `run`: that then works in the job's own thread.

    Returns
    -------
    list
        One result a job.

    Raises
    ------
    Exception
        Whatever the first failing job raised; jobs not yet begun are dropped.
    """
    if len(jobs) <= 1 or threads() == 1 or getattr(_inside, "pool", False):
        return [job() for job in jobs]
    futures = [_pool().submit(_marked, job) for job in jobs]
    try:
        return [future.result() for future in futures]
    finally:
        for future in futures:
            future.cancel()


def ready(*groups: str) -> bool:
    """Return whether the kernel groups are compiled; if not, start compiling them in the background.

    Until then the caller answers by scikit-image and scikit-learn.
    """
    if not all(_state.settled[group].is_set() for group in groups):
        warm_up(*groups, wait=False)
        return False
    return not any(group in _state.failed for group in groups)


def warm_up(*groups: str, wait: bool = True) -> None:
    """Compile kernels, or load them from numba's cache on disk.

    Parameters
    ----------
    *groups : str
        Of `KERNELS`; all when none is named. The order is the order of compilation.
    wait : bool, default True
        Return when they are compiled. Batch work waits, so that each picture is computed by the same code.

    Raises
    ------
    RuntimeError
        With ``wait=True``, when a group does not compile on this machine; without, those groups never become
        ready.
    """
    wanted = groups or tuple(KERNELS)
    state = _state
    with state.lock:
        state.asked += [group for group in wanted if group not in state.asked]
        if state.compiler is None and not all(state.settled[group].is_set() for group in wanted):
            # Not a daemon: the interpreter must not tear LLVM down under a running compilation.
            state.compiler = threading.Thread(target=_compile, args=(state,), name="segmentation-compile")
            state.compiler.start()
    if not wait:
        return
    for group in wanted:
        state.settled[group].wait()
        if group in state.failed:
            raise RuntimeError(f"the kernels of {KERNELS[group]} do not compile here: {state.failed[group]}")


def _compile(state: _State) -> None:
    while True:
        with state.lock:
            left = [group for group in state.asked if not state.settled[group].is_set()]
            if not left or not threading.main_thread().is_alive():
                state.compiler = None
                return
        try:
            _kernels(KERNELS[left[0]]).compile_all()
        except Exception as error:  # noqa: BLE001 - whatever LLVM or numba raises, the slow path goes on answering
            state.failed[left[0]] = f"{type(error).__name__}: {error}"
        state.settled[left[0]].set()


def _kernels(module: str) -> Any:
    """Import a module of kernels: what they compile is kept beside it, or in the user's home."""
    try:
        return importlib.import_module(module)
    except RuntimeError as error:
        if "no locator available" not in str(error):  # numba's words when it can write neither folder
            raise
    import numba

    # Private to this process: whoever can write a folder of compiled code can run code in our name.
    folder = tempfile.mkdtemp(prefix="brushlink-kernels-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    numba.config.CACHE_DIR = folder
    return importlib.import_module(module)
