"""Keeps what a person draws on a page: as it is drawn, under a key of the browser; made by the shell."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import panel as pn

from dashboards.parts.draft import Draft
from dashboards.parts.limits import STORE_DAYS
from dashboards.parts.store import Store, StoreError, is_key
from data_sources import BrushlinkError

if TYPE_CHECKING:
    from dashboards.parts.dashboard import Dashboard
    from dashboards.parts.page_bar import PageBar

__all__ = ["COPY_KEY", "Autosave"]

logger = logging.getLogger(__name__)

COPY_KEY = "copy"
"""Key of a link's query that brings a copy of somebody's work."""

_KEPT = (
    "Saved on this server as you draw, for {days} days after you last opened it. "
    "Only this browser has the key to it."
)


class Autosave:
    """What keeps the work on one page; it does nothing until the browser has told its key.

    The dashboard gives `document` and `open_document` and calls `touch` when the document has changed.
    Writing happens in the store's thread: the page never waits for a disk.

    Parameters
    ----------
    dashboard : Dashboard
    bar : PageBar
        Shows whether all is saved, and keeps the work's number in the browser's tab.
    store : Store
    say : callable
        Shows a message: text and kind.
    """

    def __init__(
        self, dashboard: Dashboard, bar: PageBar, store: Store, say: Callable[[str, str], None]
    ) -> None:
        self._dashboard, self._bar, self._store, self._say = dashboard, bar, store, say
        self._draft: Draft | None = None
        self._opened = self._opening = False
        self._asked = _copy_asked()
        self._lock = threading.Lock()
        self._waiting: dict[str, Any] | None = None
        self._busy = False
        self._failed = ""
        self._document = pn.state.curdoc
        bar.keeps = True
        dashboard.param.watch(self._on_touch, "touches")

    # -- opening --------------------------------------------------------------------------------

    def open(self, message: Mapping[str, Any]) -> None:
        """Bring back what this browser had drawn, or the copy that the link asks for.

        Parameters
        ----------
        message : mapping
            From the browser: key (or nothing where it keeps none) and work, the number that its tab has.
        """
        if self._opened:
            return  # the bar was drawn anew
        self._opened = True
        key, work = message.get("key"), str(message.get("work") or "")
        if not is_key(key):
            if self._asked:
                self._bring_copy()
            self._show("failed", "this browser keeps no key for this page (storage is blocked)")
            return
        self._draft = Draft(self._store, str(key), self._dashboard.slug)
        if self._asked:
            self._bring_copy()
        else:
            self._bring_back(work)

    def _bring_back(self, work: str) -> None:
        assert self._draft is not None
        try:
            found = self._draft.load(work)
        except StoreError as error:
            # What cannot be read must not be written over.
            self._draft.start_anew()
            self._say(f"Your earlier work cannot be opened: {error}.", "error")
            return
        if found is not None and self._take(found, "Your earlier work"):
            self._tell_saved()
        elif self._dashboard.touches:
            self.save()  # drawn before the browser had told its key

    def _bring_copy(self) -> None:
        token, self._asked = self._asked, ""
        try:
            shared = self._store.read_shared(token, self._dashboard.slug)
            document = shared.document if shared else None
        except StoreError as error:
            self._say(f"What this link shares cannot be opened: {error}.", "error")
            return
        if document is None:
            self._say(
                f"What this link shared is gone: work is kept for {STORE_DAYS} days after its last use.",
                "warning",
            )
        elif self._take(document, "What this link shares"):
            self._say("This is your own copy: what you draw does not change the other's.", "info")
        # A reload is not to make another copy.
        self._bar.go(self._dashboard.state.to_query(), push=False)
        if self._draft is not None:
            self.save()

    def _take(self, document: dict[str, Any], what: str) -> bool:
        """Open a document on the dashboard; when that fails it is kept, and what is drawn now is another."""
        version, known = document.get("version"), self._dashboard.document_version
        problem = ""
        if not isinstance(version, int) or version > known:
            problem = f"it was saved by a newer Brushlink (version {version!r}, this one reads {known})"
        else:
            self._opening = True
            try:
                if document.keys() == {"version"}:  # all was erased
                    return True
                self._dashboard.open_document(document)
                self._dashboard.history.start_here()
            except BrushlinkError as error:
                problem = str(error).rstrip(".")
            finally:
                self._opening = False
        if problem:
            self._say(
                f"{what} cannot be opened: {problem}. It is kept as it is; this page begins anew.", "error"
            )
            if self._draft is not None:
                self._draft.start_anew()
        return not problem

    # -- saving ---------------------------------------------------------------------------------

    def _on_touch(self, *_: Any) -> None:
        if not self._opening:
            self.save()

    def save(self, *_: Any) -> None:
        """Save the present document soon; a newer one takes the place of one that still waits."""
        if self._draft is None:
            return
        document = {**self._dashboard.document(), "version": self._dashboard.document_version}
        with self._lock:
            self._waiting = document
            if self._busy:
                return
            self._busy = True
        self._store.later(self._write)

    def _write(self) -> None:
        """Write what waits until nothing does; runs in the store's thread."""
        draft = self._draft
        assert draft is not None
        while True:
            with self._lock:
                document, self._waiting = self._waiting, None
                if document is None:
                    self._busy = False
                    return
            problem, forked = "", False
            try:
                forked = draft.save(document)
            except StoreError as error:
                problem = str(error)
            except Exception as error:
                # An error in a thread is seen by nobody, and the work would not be saved ever after.
                logger.error("saving a work of %s failed", self._dashboard.slug, exc_info=error)
                problem = f"{type(error).__name__}: {error}"
            self._in_session(functools.partial(self._report, problem, forked))

    def _in_session(self, act: Callable[[], None]) -> None:
        if self._document is not None and self._document.session_context is not None:
            self._document.add_next_tick_callback(act)

    def _report(self, problem: str, forked: bool) -> None:
        if forked:
            self._say(
                "This work is also open on another page, which has saved it: from here on each page keeps "
                "its own.",
                "info",
            )
        if problem:
            if problem != self._failed:
                self._say(
                    f"Not saved: {problem}. What you drew stays on this page; download it to keep it.",
                    "error",
                )
            self._show("failed", problem)
        else:
            self._tell_saved()

    def _tell_saved(self) -> None:
        assert self._draft is not None
        self._bar.param.update(work=self._draft.work, share=self._draft.token)
        self._show("saved", _KEPT.format(days=STORE_DAYS))

    def _show(self, state: str, words: str) -> None:
        self._failed = words if state == "failed" else ""
        self._bar.saving = {"state": state, "words": words}


def _copy_asked() -> str:
    asked = pn.state.session_args.get(COPY_KEY) if pn.state.curdoc else None
    return asked[0].decode("ascii", "ignore")[:200] if asked else ""
