"""Work that outlives a page: one SQLite file for several server processes; a `Draft` reads and writes it.

A document is a JSON object. It is kept in parts (each stroke is one), so that a new stroke writes one row and
not the whole again. Whose it is, only the browser knows: the file has the hash of its key.

::

    BrushlinkError
    └── StoreError              work cannot be kept or read; the message says why
        └── StoreConflict       another page has written the same work since it was read
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import hmac
import os
import re
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboards.parts.document_parts import PartsError, joined
from dashboards.parts.limits import (
    STORE_BYTES,
    STORE_CHECK_SECONDS,
    STORE_DAYS,
    STORE_WAIT_SECONDS,
    STORE_WORK_BYTES,
    STORE_WORKS,
)
from data_sources import BrushlinkError

__all__ = [
    "STORE_VARIABLE",
    "Store",
    "StoreConflict",
    "StoreError",
    "default_store",
    "is_key",
    "the_store",
    "token_of",
]

STORE_VARIABLE = "BRUSHLINK_STORE"
"""Environment variable with the path of the file; empty or "off" keeps nothing."""

_FORMAT = 1
_KEY = re.compile(r"[0-9a-f]{32,128}")
_TABLES = """
CREATE TABLE IF NOT EXISTS work (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, page TEXT NOT NULL, reader TEXT NOT NULL UNIQUE,
    generation INTEGER NOT NULL, bytes INTEGER NOT NULL, touched REAL NOT NULL);
CREATE INDEX IF NOT EXISTS work_of ON work (owner, page, touched);
CREATE TABLE IF NOT EXISTS part (
    work TEXT NOT NULL REFERENCES work (id) ON DELETE CASCADE, path TEXT NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (work, path));
"""


class StoreError(BrushlinkError):
    """Work cannot be kept or read."""


class StoreConflict(StoreError):
    """Another page has written the same work since it was read."""


def is_key(key: object) -> bool:
    """Whether something is a browser's key: at least 128 bits, in lower-case hexadecimal digits."""
    return isinstance(key, str) and _KEY.fullmatch(key) is not None


def default_store() -> Path:
    """Return the file in the user's data folder where work is kept unless another is named."""
    if os.name == "nt":
        folder = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        folder = Path.home() / "Library" / "Application Support"
    else:
        folder = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return folder / "brushlink" / "work.sqlite"


def the_store() -> Store | None:
    """Return the store of this server, or None when it keeps nothing."""
    named = os.environ.get(STORE_VARIABLE)
    if named is not None and named.strip().lower() in ("", "off"):
        return None
    return _store_at(str(Path(named).absolute() if named else default_store()), os.getpid())


@functools.cache
def _store_at(path: str, _process: int) -> Store:
    """One store a file and process: a connection must not pass through a fork."""
    return Store(path)


@dataclass(frozen=True)
class Kept:
    """A document as it was read.

    Attributes
    ----------
    work : str
        Its number.
    generation : int
        How often it had been written.
    parts : dict of str to str
        Path as JSON to text.
    """

    work: str
    generation: int
    parts: dict[str, str]

    @property
    def document(self) -> dict[str, Any]:
        """The parts put together."""
        try:
            return joined(self.parts)
        except PartsError as error:
            raise StoreError(str(error)) from error


class Store:
    """The file. Its methods may be called from any thread; each thread has a connection of its own.

    Parameters
    ----------
    path : path
        Made with its folder when first needed, readable by its owner alone.
    days : float
        Work that nobody has opened or changed for so long is removed.
    total, each : int
        Bytes of all work together, and of one.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        days: float = STORE_DAYS,
        total: int = STORE_BYTES,
        each: int = STORE_WORK_BYTES,
    ) -> None:
        self.path = Path(path)
        self.days, self.total, self.each = days, total, each
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._writer: ThreadPoolExecutor | None = None
        self._checked = 0.0

    def later(self, write: Callable[[], None]) -> None:
        """Write in the one thread that does so for all pages of this process: no page waits for a disk."""
        with self._lock:
            if self._writer is None:
                self._writer = ThreadPoolExecutor(1, thread_name_prefix="brushlink-store")
            self._writer.submit(write)

    def close(self) -> None:
        """Write what waits, and let go of the file; what is written afterwards opens it again."""
        with self._lock:
            writer, self._writer = self._writer, None
        if writer is not None:
            writer.shutdown()
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
            self._local = threading.local()

    # -- reading --------------------------------------------------------------------------------

    def latest(self, key: str, page: str) -> str | None:
        """Return the number of the work that this browser had open last on a page."""
        with self._reading() as db:
            row = db.execute(
                "SELECT id FROM work WHERE owner = ? AND page = ? AND touched > ? "
                "ORDER BY touched DESC LIMIT 1",
                (_hash(key), page, self._oldest),
            ).fetchone()
        return row and str(row[0])

    def read(self, key: str, page: str, work: str) -> Kept | None:
        """Return a work of this browser, or None when there is none of that number."""
        found = self._read("id = ? AND owner = ? AND page = ?", work, _hash(key), page)
        if found is not None:
            # Looking at it is using it. A file that cannot be written can still be read.
            with contextlib.suppress(StoreError), self._writing() as db:
                db.execute("UPDATE work SET touched = ? WHERE id = ?", (time.time(), work))
        return found

    def read_shared(self, token: str, page: str) -> Kept | None:
        """Return the work that a link shares, or None when it is gone."""
        return self._read("reader = ? AND page = ?", _hash(token), page)

    def _read(self, where: str, *values: str) -> Kept | None:
        with self._reading() as db:
            db.execute("BEGIN")  # both questions about the same moment
            try:
                row = db.execute(
                    f"SELECT id, generation FROM work WHERE {where} AND touched > ?", (*values, self._oldest)
                ).fetchone()
                parts = row and dict(db.execute("SELECT path, text FROM part WHERE work = ?", (row[0],)))
            finally:
                db.execute("COMMIT")
        return Kept(row[0], row[1], parts) if row else None

    # -- writing --------------------------------------------------------------------------------

    def write(
        self,
        key: str,
        page: str,
        work: str,
        generation: int,
        changed: Mapping[str, str],
        removed: Mapping[str, Any],
        size: int,
    ) -> int:
        """Write what changed of a work, all or nothing.

        Parameters
        ----------
        key, page, work : str
            Whose, where, which.
        generation : int
            That was read or written last; 0 for a new work.
        changed : mapping
            Path to text.
        removed : mapping
            Its keys are the paths that are gone.
        size : int
            Bytes of the whole work after this.

        Returns
        -------
        int
            The new generation.

        Raises
        ------
        StoreConflict
            Another page has written it since, or it is gone.
        StoreError
            Too large, the store is full, or the file cannot be written.
        """
        if size > self.each:
            raise StoreError(
                f"this work takes {size / 1e6:,.1f} MB and at most {self.each / 1e6:,.1f} MB of one are kept"
            )
        owner, now = _hash(key), time.time()
        with self._writing() as db:
            self._make_room(db, now)
            (others,) = db.execute("SELECT total(bytes) FROM work WHERE id != ?", (work,)).fetchone()
            if others + size > self.total:
                raise StoreError(
                    f"the server keeps {self.total / 1e6:,.0f} MB for all its visitors, and is full"
                )
            if generation:
                hit = db.execute(
                    "UPDATE work SET generation = generation + 1, bytes = ?, touched = ? "
                    "WHERE id = ? AND owner = ? AND page = ? AND generation = ?",
                    (size, now, work, owner, page, generation),
                ).rowcount
                if not hit:
                    raise StoreConflict("another page has saved this work in the meantime")
            else:
                db.execute(
                    "INSERT INTO work VALUES (?, ?, ?, ?, 1, ?, ?)",
                    (work, owner, page, _hash(token_of(key, work)), size, now),
                )
                db.execute(
                    "DELETE FROM work WHERE owner = ? AND id NOT IN "
                    "(SELECT id FROM work WHERE owner = ? ORDER BY touched DESC LIMIT ?)",
                    (owner, owner, STORE_WORKS),
                )
            db.executemany("DELETE FROM part WHERE work = ? AND path = ?", [(work, path) for path in removed])
            db.executemany(
                "INSERT INTO part VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET text = excluded.text",
                [(work, path, text) for path, text in changed.items()],
            )
        return generation + 1

    @property
    def _oldest(self) -> float:
        return time.time() - self.days * 86_400

    def _make_room(self, db: sqlite3.Connection, now: float) -> None:
        if now - self._checked > STORE_CHECK_SECONDS:
            self._checked = now
            db.execute("DELETE FROM work WHERE touched < ?", (self._oldest,))

    # -- the file -------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._connection()
        except (sqlite3.Error, OSError) as error:
            raise StoreError(_why(error, self.path)) from error

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:  # a full disk has ended it already
                    db.execute("ROLLBACK")
                raise

    def _connection(self) -> sqlite3.Connection:
        known: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if known is not None:
            return known
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL, 0o600))
        db = sqlite3.connect(
            self.path, timeout=STORE_WAIT_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            for setting in (
                "auto_vacuum = INCREMENTAL",
                "journal_mode = WAL",
                # A killed process loses nothing so; a power cut may lose the last second.
                "synchronous = NORMAL",
                "foreign_keys = ON",
                f"journal_size_limit = {16 << 20}",
            ):
                db.execute(f"PRAGMA {setting}")
            (found,) = db.execute("PRAGMA user_version").fetchone()
            if found > _FORMAT:
                raise StoreError(
                    f"{self.path.name} was made by a newer Brushlink (format {found}, known is {_FORMAT})"
                )
            if not found:
                db.executescript(_TABLES + f"PRAGMA user_version = {_FORMAT};")
            db.execute("PRAGMA incremental_vacuum")
        except BaseException:
            db.close()
            raise
        self._local.connection = db
        with self._lock:
            self._connections.append(db)
        return db


# -- keys and words -----------------------------------------------------------------------------


def token_of(key: str, work: str) -> str:
    """Return what shares a work: it follows from the key, and the key does not follow from it."""
    return hmac.new(bytes.fromhex(key), f"share {work}".encode(), hashlib.sha256).hexdigest()[:40]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _why(error: sqlite3.Error | OSError, path: Path) -> str:
    """Say in words what is wrong with a file."""
    text = str(error).lower()
    reasons = {
        "full": "the server's disk is full",
        "locked": "other pages were writing for too long",
        "readonly": f"the server may not write {path.name}",
        "permission": f"the server may not write {path.name}",
        "unable to open": f"the server cannot open {path.name}",
        "not a database": f"{path.name} is not a store",
        "malformed": f"{path.name} is damaged",
    }
    for sign, words in reasons.items():
        if sign in text:
            return words
    return f"the server cannot write {path.name} ({error})"
