"""`brushlink export` without a browser: what it refuses, what it writes, nothing half done."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from brushlink.cli import main
from dashboards import GapminderExplorer
from dashboards.parts import static_file
from dashboards.parts.limits import EXPORT_MOMENTS
from dashboards.parts.static_file import write_whole
from dashboards.parts.static_view import ExportError


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["export", *arguments]) == 1
    said = capsys.readouterr().err
    assert said.startswith("brushlink export: ")
    assert said.count("\n") == 1
    return said


def test_an_unknown_name_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "gapmindr", "--to", str(tmp_path / "site"))
    assert 'Did you mean "gapminder"?' in said
    assert not (tmp_path / "site").exists()


def test_a_file_is_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "taken").write_text("mine")
    for place in ("taken", "taken/below"):
        assert "is a file" in refused(capsys, "--to", str(tmp_path / place))
    assert (tmp_path / "taken").read_text() == "mine"


def test_a_folder_with_files_needs_force(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert "--force" in refused(capsys, "--to", str(tmp_path))
    assert main(["export", "callbacks", "--to", str(tmp_path), "--force"]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"notes.txt", "callbacks.html", "index.html"}
    assert (tmp_path / "notes.txt").read_text() == "mine"
    said = capsys.readouterr().out
    assert "callbacks.html  2." in said
    assert "2 files" in said


def test_a_read_only_folder_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    for place in (tmp_path, tmp_path / "new"):
        assert "cannot be written to" in refused(capsys, "--to", str(place))
    assert not (tmp_path / "new").exists()


def test_what_is_too_large_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(static_file, "EXPORT_BYTES", 1000)
    assert main(["export", "callbacks", "--to", str(tmp_path / "site")]) == 1
    assert "at most" in capsys.readouterr().err
    assert not (tmp_path / "site").exists()


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "a.html"
    assert write_whole(place, "first") == 5

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(ExportError, match="No space left"):
        write_whole(place, "second")
    assert [path.name for path in tmp_path.iterdir()] == ["a.html"]
    assert place.read_text() == "first"


def test_too_many_times_are_refused() -> None:
    years = range(1900, 1900 + EXPORT_MOMENTS + 1)
    frame = pd.DataFrame({"year": years, "country": "Here", "length": [year / 7 for year in years]})
    with pytest.raises(ExportError, match=f"{EXPORT_MOMENTS + 1} times, and a file holds .* Group them"):
        GapminderExplorer(frame).static_view()
