"""One visitor's work on one page, which writes to the store only what changed; used by `autosave`."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from dashboards.parts.document_parts import split, text_of
from dashboards.parts.store import Store, StoreConflict, StoreError, is_key, token_of

__all__ = ["Draft"]


class Draft:
    """The work of one visitor on one page, which writes what changed since it was written last.

    Parameters
    ----------
    store : Store
    key : str
        Of the browser, see `is_key`.
    page : str
        Slug of the dashboard.

    Attributes
    ----------
    work : str
        Its number; a new one until `load` finds another.
    """

    def __init__(self, store: Store, key: str, page: str) -> None:
        if not is_key(key):
            raise StoreError("the browser's key is not one")
        self.store, self.key, self.page = store, key, page
        self.start_anew()

    @property
    def token(self) -> str:
        """What a link carries so that others get a copy; nobody can write with it."""
        return token_of(self.key, self.work)

    def start_anew(self) -> None:
        """Leave what is kept as it is: what is saved from now on is another work."""
        self.work = secrets.token_hex(16)
        self._generation = 0
        self._written: dict[str, str] = {}
        self._values: dict[str, Any] = {}

    def load(self, work: str = "") -> dict[str, Any] | None:
        """Return the work of that number, else the one that this browser had open last, else None."""
        kept = self.store.read(self.key, self.page, work) if work else None
        if kept is None and (last := self.store.latest(self.key, self.page)):
            kept = self.store.read(self.key, self.page, last)
        if kept is None:
            return None
        self.work, self._generation, self._written, self._values = kept.work, kept.generation, kept.parts, {}
        return kept.document

    def save(self, document: Mapping[str, Any]) -> bool:
        """Write what changed; return whether it had to become another work, since a second page wrote this.

        Raises
        ------
        StoreError
            It could not be written; nothing of it was.
        """
        values = dict(split(document))
        texts = {}
        for path, value in values.items():
            # What is the very same object needs not be written as JSON to be found equal.
            same = path in self._values and self._values[path] is value
            texts[path] = self._written[path] if same else text_of(value)
        try:
            self._write(texts)
        except StoreConflict:
            self.start_anew()
            self._write(texts)
            forked = True
        else:
            forked = False
        self._written, self._values = texts, values
        return forked

    def _write(self, texts: dict[str, str]) -> None:
        changed = {path: text for path, text in texts.items() if self._written.get(path) != text}
        removed = dict.fromkeys(self._written.keys() - texts.keys())
        if changed or removed:
            size = sum(map(len, texts)) + sum(map(len, texts.values()))
            self._generation = self.store.write(
                self.key, self.page, self.work, self._generation, changed, removed, size
            )
