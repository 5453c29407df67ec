"""The command line: help, errors, and that nothing but serving loads Panel."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from brushlink import __version__
from brushlink.cli import COMMANDS, build_parser, main
from data_sources.errors import BrushlinkError

# A run with these blocked proves that a command does without them.
BLOCKED = """
import sys
for name in {names!r}:
    sys.modules[name] = None
from brushlink.cli import main
sys.exit(main({arguments!r}))
"""
WEB = ("panel", "panel_material_ui", "plotly", "bokeh", "tornado")


def run_blocked(*arguments: str, names: tuple[str, ...] = WEB) -> subprocess.CompletedProcess[str]:
    code = BLOCKED.format(names=names, arguments=list(arguments))
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("--version",), ("list",), ("list", "--json"), *((name, "--help") for name in COMMANDS)],
)
def test_batch_commands_load_no_web_package(arguments: tuple[str, ...]) -> None:
    done = run_blocked(*arguments)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_list_and_help_load_no_numbers_either() -> None:
    for arguments in (("list",), ("--help",)):
        done = run_blocked(*arguments, names=(*WEB, "numpy", "pandas"))
        assert done.returncode == 0, done.stderr


def test_serving_is_what_loads_panel() -> None:
    done = run_blocked("serve", "--port", "0")
    assert "panel" in done.stderr
    assert done.returncode != 0


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"brushlink {__version__}\n"


def test_each_command_that_help_lists_has_help_with_examples(capsys: pytest.CaptureFixture[str]) -> None:
    overview = build_parser().format_help()
    for name in COMMANDS:
        assert f"\n    {name} " in overview
        with pytest.raises(SystemExit) as ended:
            main([name, "--help"])
        assert ended.value.code == 0
        assert f"brushlink {name}" in capsys.readouterr().out.split("examples:")[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "required: COMMAND"),
        (["frobnicate"], "invalid choice: 'frobnicate'"),
        (["list", "--num-procs", "4"], "unrecognized arguments: --num-procs 4"),
        (["serve", "--port", "many"], "'many' is not a port"),
        (["serve", "--port", "70000"], "give a number from 0 to 65535"),
    ],
)
def test_wrong_usage_ends_with_2(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_a_foreseen_error_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(arguments: object) -> int:
        raise BrushlinkError("a.csv holds no rows. Give a table with at least one.")

    monkeypatch.setattr("brushlink.list.run", fail)
    assert main(["list"]) == 1
    assert capsys.readouterr().err == "brushlink: a.csv holds no rows. Give a table with at least one.\n"


def test_list_tells_address_title_sentence_and_tags(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    text = capsys.readouterr().out
    assert "/gapminder  Gapminder explorer" in text
    assert "tags: tables" in text
    assert main(["list", "--json"]) == 0
    entries = json.loads(capsys.readouterr().out)
    assert entries[0].keys() == {"slug", "title", "sentence", "tags"}
    assert "gapminder" in {item["slug"] for item in entries}


def test_list_by_tag(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--tag", "Hierarchy", "--json"]) == 0
    chosen = json.loads(capsys.readouterr().out)
    assert chosen
    assert all("hierarchy" in item["tags"] for item in chosen)
    assert main(["list", "--tag", "cookery"]) == 1
    assert "the tags are" in capsys.readouterr().err


def test_runs_as_a_module_from_any_folder(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "brushlink", "--version"]
    done = subprocess.run(line, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout == f"brushlink {__version__}\n"
