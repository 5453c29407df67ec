"""environment.py: when it installs, when it does not, and what it says when it cannot."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

PYPROJECT = '[project]\nname = "x"\nversion = "1"\n[tool.ruff]\nline-length = 110\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "constraints.txt").write_text("panel==1.9.4\n")
    return tmp_path


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, environment: ModuleType) -> list[str]:
    """A machine on which making and installing are only written down."""
    done: list[str] = []

    def make_venv(venv: Path) -> None:
        done.append("made")
        venv.mkdir(exist_ok=True)

    monkeypatch.setattr(environment, "make_venv", make_venv)
    monkeypatch.setattr(environment, "starts", lambda python, code="": python.parent.parent.is_dir())
    monkeypatch.setattr(environment, "installer", lambda python, root, extras: sorted(extras))
    monkeypatch.setattr(
        environment, "run_installer", lambda command, log, progress: done.append(f"installed {command}")
    )
    return done


def test_first_second_and_changed(environment: ModuleType, project: Path, machine: list[str]) -> None:
    assert environment.prepare(project) is True
    assert machine == ["made", "installed []"]
    assert environment.prepare(project) is False
    assert environment.prepare(project, ["test"]) is True
    assert machine[2:] == ["installed ['test']"]
    assert environment.prepare(project) is False, "serving needs less than what is there"
    (project / "constraints.txt").write_text("panel==1.9.5\n")
    assert environment.prepare(project) is True
    assert machine[3:] == ["installed ['test']"], "extras that were there are brought up to date too"


def test_settings_of_tools_do_not_install_again(
    environment: ModuleType, project: Path, machine: list[str]
) -> None:
    environment.prepare(project)
    (project / "pyproject.toml").write_text(PYPROJECT.replace("110", "99"))
    assert environment.prepare(project) is False
    (project / "pyproject.toml").write_text(PYPROJECT.replace('version = "1"', 'version = "2"'))
    assert environment.prepare(project) is True


def test_a_moved_folder_is_installed_again(
    environment: ModuleType, project: Path, machine: list[str]
) -> None:
    environment.prepare(project)
    moved = project.with_name("moved")
    shutil.copytree(project, moved)
    assert environment.prepare(moved) is True


def test_a_failed_install_is_not_taken_for_done(
    environment: ModuleType, project: Path, machine: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.prepare(project)
    (project / "constraints.txt").write_text("panel==1.9.5\n")

    def fail(*arguments: object, **options: object) -> None:
        raise environment.SetUpError("no network")

    with monkeypatch.context() as broken:
        broken.setattr(environment, "run_installer", fail)
        with pytest.raises(environment.SetUpError):
            environment.prepare(project)
    (project / "constraints.txt").write_text("panel==1.9.4\n")
    assert environment.prepare(project) is True, "the environment may be half changed"


def test_an_unreadable_stamp_is_no_stamp(environment: ModuleType, tmp_path: Path) -> None:
    for text in ("", "{", "[]", '{"fingerprint": "a"}', '{"fingerprint": "a", "extras": 1}'):
        (tmp_path / environment.STAMP).write_text(text)
        assert environment.stamped(tmp_path) == ("", frozenset())
    (tmp_path / environment.STAMP).write_text(json.dumps({"fingerprint": "a", "extras": ["test"]}))
    assert environment.stamped(tmp_path) == ("a", frozenset({"test"}))


def stub(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def test_without_ensurepip_the_next_way_is_taken(
    environment: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    venv, tools = tmp_path / "venv", tmp_path / "tools"
    # Stands for a real tool: it leaves an interpreter with pip where it is told to.
    make = f'for last; do :; done; mkdir -p "$last/bin"; ln -sf "{sys.executable}" "$last/bin/python"'
    stub(tools, "uv", make)
    monkeypatch.setenv("PATH", os.pathsep.join((str(tools), os.environ["PATH"])))
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(environment.sys, "executable", "/nonexistent/python")
    monkeypatch.setattr(environment, "starts", lambda python, code="": python.exists())
    ways = environment.ways_to_make(venv)
    assert (ways[0][0], ways[-1][0]) == ("venv", "uv")
    monkeypatch.setattr(environment, "ways_to_make", lambda venv: [("venv", ["false"]), ways[-1]])
    environment.make_venv(venv)
    assert environment.venv_python(venv).exists()
    assert "made .venv with uv" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("apt", "said"), [(True, "sudo apt install python3."), (False, "Install virtualenv or uv")]
)
def test_no_way_at_all_names_the_line_to_run(
    environment: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, apt: bool, said: str
) -> None:
    monkeypatch.setattr(environment, "ways_to_make", lambda venv: [("venv", ["false"])])
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(environment.shutil, "which", lambda name: "/usr/bin/apt-get" if apt else None)
    monkeypatch.setattr(environment, "is_root", lambda: False)
    with pytest.raises(environment.SetUpError, match=said):
        environment.make_venv(tmp_path / "venv")


@pytest.mark.parametrize("pip", [True, False], ids=["pip", "an environment without pip"])
def test_the_installer_holds_to_the_pins(
    environment: ModuleType, project: Path, monkeypatch: pytest.MonkeyPatch, pip: bool
) -> None:
    monkeypatch.setattr(environment, "starts", lambda python, code: pip)
    monkeypatch.setattr(environment.shutil, "which", lambda name: f"/opt/{name}")
    line = list(map(str, environment.installer(Path(sys.executable), project, ["test", "scale"])))
    assert line[1] == ("-m" if pip else "pip")
    assert line[line.index("--constraint") + 1] == str(project / "constraints.txt")
    assert line[line.index("--editable") + 1] == f"{project}[scale,test]"


def test_a_failing_installer_is_quoted(environment: ModuleType, tmp_path: Path) -> None:
    log = tmp_path / "install.log"
    code = "import sys; print('ERROR: No matching distribution found for numpy'); sys.exit(1)"
    with pytest.raises(environment.SetUpError) as raised:
        environment.run_installer([sys.executable, "-c", code], log, progress=False)
    assert "No matching distribution found for numpy" in str(raised.value)
    assert str(log) in str(raised.value)


def test_progress_tells_what_is_fetched(environment: ModuleType) -> None:
    seen: list[str] = []
    lines = (
        "Collecting numpy==2.4.6 (from -c constraints.txt)",
        "  Downloading numpy-2.4.6-cp311-cp311-manylinux_2_28_x86_64.whl (18.1 MB)",
        "  Using cached https://host/simple/panel_material_ui-0.16.6-py3-none-any.whl (4.0 MB)",
        "Installing collected packages: numpy, panel",
    )
    for line in lines:
        environment.narrate(line, seen.append)
    assert seen == ["fetching numpy (18.1 MB)", "fetching panel_material_ui (4.0 MB)", "unpacking"]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_fresh_clone_sets_itself_up_and_starts_fast_the_second_time(
    repository: Path, tmp_path: Path
) -> None:
    clone = tmp_path / "a clone"
    subprocess.run(["git", "clone", "--quiet", repository, clone], check=True)
    environment = {**os.environ, "PYTHON": os.path.realpath(sys.executable)}
    line = [shutil.which("sh") or "sh", "-c", 'exec "$PYTHON" scripts/environment.py']
    first = subprocess.run(line, cwd=clone, env=environment, capture_output=True, text=True)
    assert first.returncode == 0, first.stderr
    second = subprocess.run(line, cwd=clone, env=environment, capture_output=True, text=True, timeout=10)
    assert second.returncode == 0
    assert second.stderr == ""
    listed = subprocess.run(
        [clone / ".venv/bin/brushlink", "list"], cwd=tmp_path, capture_output=True, text=True
    )
    assert "/gapminder" in listed.stdout
