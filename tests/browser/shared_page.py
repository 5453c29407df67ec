"""Pages of visitors: one that the tests of a dashboard share, and fresh ones; for their conftest files."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import pytest
from playwright.sync_api import Page

from tests.browser.driver import PATIENCE_S, wait_until
from tests.browser.visitors import leave

__all__ = ["closing", "run_in", "shared"]


class Visited(Protocol):
    """What stands around a page: the hand and the eye of a dashboard's tests."""

    page: Page
    faults: list[str]

    def start_over(self) -> None:
        """Bring the page to how it opens."""


V = TypeVar("V", bound=Visited)


@contextmanager
def closing(opened: list[V]) -> Iterator[list[V]]:
    """Close these pages at the end; then fail when the browser complained on one of them."""
    yield opened
    faults = [fault for one in opened for fault in one.faults]
    for one in opened:
        leave(one.page)
    assert not faults, "the browser complained:\n" + "\n".join(faults)


@contextmanager
def shared(request: pytest.FixtureRequest, kept: list[V], make: Callable[[], V]) -> Iterator[V]:
    """Hand out the page that is kept, as it opens: opening it is most of the work.

    A page on which a test failed is not used again.
    """
    if not kept:
        kept.append(make())
    one = kept[0]
    failed = request.session.testsfailed
    try:
        one.start_over()
    except AssertionError:
        kept.clear()
        leave(one.page)
        raise
    yield one
    if request.session.testsfailed > failed or one.faults:
        kept.clear()
        leave(one.page)
    assert not one.faults, "the browser complained:\n" + "\n".join(one.faults)


def run_in(document: Any, page: Page, action: Callable[[], Any], timeout: float = PATIENCE_S) -> Any:
    """Run something in a session, as a callback of it would; wait for it, and return what it returns."""
    done, answer, problems = threading.Event(), [], []

    def run() -> None:
        try:
            answer.append(action())
        except Exception as error:  # noqa: BLE001 - raised again in the test's own thread
            problems.append(error)
        done.set()

    document.add_next_tick_callback(run)
    wait_until(page, done.is_set, timeout, "the session to answer")
    if problems:
        raise problems[0]
    return answer[0]
