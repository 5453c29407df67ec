"""Work that is kept: parts, keys, limits, and several processes on one file."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.parts import store as module
from dashboards.parts.document_parts import PartsError, joined, split, text_of
from dashboards.parts.draft import Draft
from dashboards.parts.store import Store, StoreError, default_store, is_key, the_store

MINE, YOURS = "a1" * 32, "b2" * 32


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "deep" / "work.sqlite")
    yield made
    made.close()


def drawing(strokes: int, **more: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "image": "coins",
        "strokes": {"coins": [[n, [n, n + 0.5]] for n in range(strokes)]},
        **more,
    }


def parts_of(store: Store) -> list[tuple[str, str]]:
    with sqlite3.connect(store.path) as db:
        found = db.execute("SELECT path, text FROM part ORDER BY path").fetchall()
    db.close()
    return found


leaves = (
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
values = st.recursive(leaves, lambda some: st.lists(some) | st.dictionaries(st.text(), some), max_leaves=12)


@given(st.dictionaries(st.text(), values))
def test_a_document_comes_back_from_its_parts_as_it_was(document: dict[str, Any]) -> None:
    parts = {path: text_of(value) for path, value in split(document)}
    assert joined(parts) == document


@pytest.mark.parametrize("gone", ['["strokes", "coins", 0]', '["strokes"]', "[]"])
def test_a_part_that_is_lost_is_told(gone: str) -> None:
    parts = {path: text_of(value) for path, value in split(drawing(3))}
    del parts[gone]
    with pytest.raises(PartsError, match="damaged"):
        joined(parts)


def test_what_was_saved_is_found_again_under_its_key_alone(store: Store) -> None:
    draft = Draft(store, MINE, "annotate")
    draft.save(drawing(2))
    assert Draft(store, MINE, "annotate").load() == drawing(2)
    assert Draft(store, MINE, "annotate").load(draft.work) == drawing(2)
    assert Draft(store, YOURS, "annotate").load() is None
    assert Draft(store, YOURS, "annotate").load(draft.work) is None
    assert Draft(store, MINE, "segment").load(draft.work) is None


def test_the_file_tells_no_key_and_is_private(store: Store) -> None:
    Draft(store, MINE, "annotate").save(drawing(1))
    store.close()
    files = [path.read_bytes() for path in store.path.parent.iterdir()]
    assert files
    assert not any(MINE.encode() in text for text in files)
    if os.name != "nt":
        assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


def test_a_new_stroke_writes_one_row(store: Store) -> None:
    draft = Draft(store, MINE, "annotate")
    draft.save(drawing(500))
    seen: list[int] = []
    write = store.write

    def counted(*given: Any) -> int:
        seen.append(len(given[4]) + len(given[5]))
        return write(*given)

    store.write = counted  # type: ignore[method-assign]
    draft.save(drawing(501))
    draft.save(drawing(501))  # nothing changed: nothing is written
    draft.save(drawing(500))
    assert seen == [1, 1]
    assert Draft(store, MINE, "annotate").load() == drawing(500)


def test_the_store_takes_the_size_that_is_in_it(store: Store) -> None:
    draft = Draft(store, MINE, "annotate")
    for count in (3, 9, 4):
        draft.save(drawing(count, name="ä" * count))
        with store._reading() as db:
            (said,) = db.execute("SELECT bytes FROM work").fetchone()
            (held,) = db.execute("SELECT sum(length(path) + length(text)) FROM part").fetchone()
        assert said == held


def test_two_pages_with_one_work_keep_both(store: Store) -> None:
    first = Draft(store, MINE, "annotate")
    first.save(drawing(1))
    second = Draft(store, MINE, "annotate")
    second.load()
    assert first.save(drawing(2)) is False
    assert second.save(drawing(1, note="second")) is True
    assert first.save(drawing(3)) is False
    assert second.save(drawing(2, note="second")) is False
    assert first.work != second.work
    assert Draft(store, MINE, "annotate").load(first.work) == drawing(3)
    assert Draft(store, MINE, "annotate").load(second.work) == drawing(2, note="second")


def test_a_link_gives_a_copy_to_read_and_no_way_to_write(store: Store) -> None:
    draft = Draft(store, MINE, "annotate")
    draft.save(drawing(2))
    shared = store.read_shared(draft.token, "annotate")
    assert shared is not None
    assert shared.document == drawing(2)
    assert store.read_shared(draft.token, "segment") is None
    assert store.read_shared(draft.work, "annotate") is None
    copy = Draft(store, YOURS, "annotate")
    copy.save({**shared.document, "image": "moon"})
    assert Draft(store, MINE, "annotate").load() == drawing(2)
    assert copy.token != draft.token
    with pytest.raises(StoreError):
        store.write(YOURS, "annotate", draft.work, 1, {"[]": "{"}, {}, 3)


@pytest.mark.parametrize(
    ("given", "good"),
    [(MINE, True), ("a" * 31, False), ("A1" * 32, False), ("zz" * 32, False), (None, False), (7, False)],
)
def test_keys_are_long_and_random(given: object, good: bool) -> None:
    assert is_key(given) is good


def test_old_work_goes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    Draft(store, MINE, "annotate").save(drawing(1))
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 29 * 86_400)
    assert Draft(store, MINE, "annotate").load() == drawing(1)  # which is a use: 30 days from now on
    monkeypatch.setattr(time, "time", lambda: now + 58 * 86_400)
    assert Draft(store, MINE, "annotate").load() == drawing(1)
    monkeypatch.setattr(time, "time", lambda: now + 89 * 86_400)
    assert Draft(store, MINE, "annotate").load() is None
    Draft(store, YOURS, "annotate").save(drawing(2))
    assert [text for path, text in parts_of(store) if path == '["strokes", "coins", 1]']
    assert len(parts_of(store)) == len(list(split(drawing(2))))


def test_too_much_is_refused_with_the_numbers_and_keeps_what_was(tmp_path: Path) -> None:
    store = Store(tmp_path / "work.sqlite", each=100_000, total=120_000)
    mine, yours = Draft(store, MINE, "annotate"), Draft(store, YOURS, "annotate")
    mine.save(drawing(1_500))
    with pytest.raises(StoreError, match=r"takes 0\.2 MB and at most 0\.1 MB"):
        mine.save(drawing(4_000))
    with pytest.raises(StoreError, match="is full"):
        yours.save(drawing(1_500))
    assert Draft(store, MINE, "annotate").load() == drawing(1_500)
    mine.save(drawing(1_501))
    store.close()


def test_one_browser_keeps_its_newest_works(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STORE_WORKS", 3)
    drafts = [Draft(store, MINE, "annotate") for _ in range(5)]
    for place, draft in enumerate(drafts):
        draft.save(drawing(place))
    kept = [store.read(MINE, "annotate", draft.work) is not None for draft in drafts]
    assert kept == [False, False, True, True, True]


def test_a_full_disk_is_told_and_overcome(store: Store) -> None:
    draft = Draft(store, MINE, "annotate")
    draft.save(drawing(1))
    db = store._connection()
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match="disk is full"):
        draft.save(drawing(2_000))
    db.execute("PRAGMA max_page_count = 1000000")
    draft.save(drawing(2_000))
    assert Draft(store, MINE, "annotate").load() == drawing(2_000)


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    other = tmp_path / "letter.txt"
    other.write_text("Dear reader, " * 100)
    with pytest.raises(StoreError, match="is not a store"):
        Draft(Store(other), MINE, "annotate").save(drawing(1))
    assert other.read_text().startswith("Dear reader")
    with pytest.raises(StoreError, match="cannot"):
        Draft(Store(other / "work.sqlite"), MINE, "annotate").save(drawing(1))


def test_a_store_of_a_newer_version_is_left_alone(store: Store) -> None:
    Draft(store, MINE, "annotate").save(drawing(1))
    store.close()
    with sqlite3.connect(store.path) as db:
        db.execute("PRAGMA user_version = 2")
    db.close()
    with pytest.raises(StoreError, match="newer Brushlink"):
        Draft(store, MINE, "annotate").save(drawing(2))


def test_the_environment_names_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BRUSHLINK_STORE", "off")
    assert the_store() is None
    monkeypatch.setenv("BRUSHLINK_STORE", str(tmp_path / "here.sqlite"))
    here = the_store()
    assert here is not None
    assert here.path == tmp_path / "here.sqlite"
    assert the_store() is here
    monkeypatch.delenv("BRUSHLINK_STORE")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    if os.name == "posix" and os.uname().sysname == "Linux":
        assert default_store() == tmp_path / "brushlink" / "work.sqlite"


def write_many(path: str, key: str, count: int, start: Any, done: Any) -> None:
    store = Store(path)
    draft = Draft(store, key, "annotate")
    start.wait(30)
    try:
        for number in range(count):
            draft.save(drawing(number + 1))
    except StoreError as error:
        done.put(f"{error}")
    else:
        done.put("")
    store.close()


def test_several_processes_write_one_file(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start, done = context.Barrier(4), context.Queue()
    keys = [f"{number:02x}" * 32 for number in range(1, 5)]
    path = str(tmp_path / "work.sqlite")
    writers = [context.Process(target=write_many, args=(path, key, 60, start, done)) for key in keys]
    for writer in writers:
        writer.start()
    problems = [done.get(timeout=60) for _ in writers]
    for writer in writers:
        writer.join(30)
    assert problems == [""] * 4
    store = Store(path)
    for key in keys:
        assert Draft(store, key, "annotate").load() == drawing(60)
    store.close()
