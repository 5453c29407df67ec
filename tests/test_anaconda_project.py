"""anaconda-project.yml: valid, in step with pyproject.toml, and each command's line runs."""

from __future__ import annotations

import copy
import os
import re
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.anaconda_project import SERVE_OPTIONS, gallery_problems, parse_packages, schema_problems
from tests.browser.conftest import free_port

# Keeps a record of every session for ever and shows it to anybody who asks: left out on purpose.
THE_ONE_EXCEPTION = f"command dashboard: must contain {SERVE_OPTIONS}"


@pytest.fixture(scope="module")
def project(repository: Path) -> dict[str, Any]:
    return yaml.safe_load((repository / "anaconda-project.yml").read_text(encoding="utf-8"))


def environment() -> dict[str, str]:
    """The environment in which the tests' own Python is `python`."""
    folder = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": os.pathsep.join((folder, os.environ["PATH"]))}


def test_valid_by_the_schema(project: dict[str, Any]) -> None:
    assert list(schema_problems(project)) == []


def test_valid_by_the_rules_of_the_gallery_but_one(project: dict[str, Any]) -> None:
    assert list(gallery_problems(project, "brushlink")) == [THE_ONE_EXCEPTION]


BREAK: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "no name": (lambda p: p.pop("name"), "name is missing"),
    "a root key that nobody knows": (lambda p: p.update(comands={}), "unknown key 'comands'"),
    "a command without a line": (
        lambda p: p["commands"].update(empty={"description": "x"}),
        "needs one launcher",
    ),
    "a command with two launchers": (
        lambda p: p["commands"]["list"].update(notebook="a.ipynb"),
        "one launcher",
    ),
    "text for a switch": (
        lambda p: p["commands"]["dashboard"].update(supports_http_options="true"),
        "must be true or false",
    ),
    "an env_spec that is not there": (lambda p: p["commands"]["list"].update(env_spec="x"), "does not exist"),
    "a wrong package": (lambda p: p["packages"].append("panel >> 3"), "not a package specification"),
    "a package twice": (lambda p: p["packages"].append("panel"), "named twice"),
    "two pip lists": (lambda p: p["packages"].extend([{"pip": ["a"]}, {"pip": ["b"]}]), "only one mapping"),
    "an unknown platform": (lambda p: p["platforms"].append("amiga"), "platforms must be among"),
    "two hashes": (
        lambda p: p.update(downloads={"A": {"url": "u", "md5": "1", "sha256": "2"}}),
        "more than one hash",
    ),
}


@pytest.mark.parametrize("what", BREAK)
def test_the_schema_check_sees(project: dict[str, Any], what: str) -> None:
    change, problem = BREAK[what]
    broken = copy.deepcopy(project)
    change(broken)
    assert any(problem in found for found in schema_problems(broken)), list(schema_problems(broken))


BREAK_GALLERY: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "another folder's name": (lambda p: p.update(name="Brush Link"), "name must be the folder's"),
    "no date": (lambda p: p["examples_config"].update(created="soon"), "not a date"),
    "an unknown category": (
        lambda p: p["examples_config"].update(categories=["Cooking"]),
        "unknown categories",
    ),
    "a third deployment": (
        lambda p: p["examples_config"].update(deployments=[{"command": "dashboard"}] * 3),
        "more than two deployments",
    ),
    "a lint command": (lambda p: p["commands"].update(lint={"unix": "ruff check"}), "lint is not allowed"),
    "a serving command of another name": (
        lambda p: p["commands"].update(app={"unix": "panel serve a.py"}),
        "must be named dashboard",
    ),
    "a file beside data/": (
        lambda p: p.update(downloads={"A": {"url": "u", "filename": "x.csv"}}),
        "go to data/",
    ),
}


@pytest.mark.parametrize("what", BREAK_GALLERY)
def test_the_gallery_check_sees(project: dict[str, Any], what: str) -> None:
    change, problem = BREAK_GALLERY[what]
    broken = copy.deepcopy(project)
    change(broken)
    found = list(gallery_problems(broken, "brushlink"))
    assert any(problem in line for line in found), found


def requirements(entries: list[str]) -> dict[str, str]:
    """Return name → version range, less the project's own extras."""
    pairs = (re.match(r"([a-z0-9-]+)(.*)", entry) for entry in entries if not entry.startswith("brushlink["))
    return {pair[1]: pair[2] for pair in pairs if pair}


def test_packages_are_those_of_pyproject(project: dict[str, Any], repository: Path) -> None:
    pyproject = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = pyproject["optional-dependencies"]
    packages = parse_packages(project["packages"])
    assert packages.pop("python") == pyproject["requires-python"]
    assert packages == requirements(pyproject["dependencies"])
    test = parse_packages(project["env_specs"]["test"]["packages"])
    assert test.pop("pip") == ""
    assert test == requirements([*extras["onnx"], *extras["scale"], *extras["test"]])
    notebook = parse_packages(project["env_specs"]["notebook"]["packages"])
    assert notebook == requirements(extras["notebook"])


def test_windows_lines_do_what_unix_lines_do(project: dict[str, Any]) -> None:
    for command in project["commands"].values():
        assert command["windows"].replace("--glob ", "") == command["unix"]


def test_the_line_of_list_runs(project: dict[str, Any], repository: Path) -> None:
    line = project["commands"]["list"]["unix"]
    done = subprocess.run(line, shell=True, cwd=repository, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "/gapminder" in done.stdout


def test_the_line_of_export_runs(project: dict[str, Any], repository: Path, tmp_path: Path) -> None:
    line = project["commands"]["export"]["unix"]
    assert line.endswith("export --to site")
    line = line.replace("--to site", f"callbacks --to '{tmp_path / 'site'}'")
    done = subprocess.run(line, shell=True, cwd=repository, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "site").iterdir()} == {"callbacks.html", "index.html"}


def test_the_line_of_dashboard_serves(project: dict[str, Any], repository: Path, tmp_path: Path) -> None:
    port = free_port()
    line = project["commands"]["dashboard"]["unix"]
    # What anaconda-project appends when a command supports its HTTP options.
    line += f" --anaconda-project-host localhost:{port} --anaconda-project-port {port}"
    line += " --anaconda-project-address 127.0.0.1 --anaconda-project-no-browser"
    log = tmp_path / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            f"exec {line}",
            shell=True,
            cwd=repository,
            env=environment(),
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        body = wait_for(f"http://127.0.0.1:{port}/gallery", process, log)
    finally:
        process.terminate()
        process.wait(20)
    assert "No module named" not in body
    assert "Gapminder explorer" in body


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 90) -> str:
    """Return the body that `url` answers with, polling until it does."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                return answer.read().decode()
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError(f"no answer from {url}:\n{log.read_text(errors='replace')}")


def test_the_line_of_export_is_understood(project: dict[str, Any], repository: Path, tmp_path: Path) -> None:
    # A file in the way: the line comes as far as the folder, and writes nothing.
    line = project["commands"]["export"]["unix"]
    target = tmp_path / line.split()[-1]
    target.write_text("in the way")
    env = {**environment(), "PYTHONPATH": str(repository)}
    done = subprocess.run(line, shell=True, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert "site" in done.stderr
    assert target.read_text() == "in the way"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_line_of_export_saves(project: dict[str, Any], repository: Path, tmp_path: Path) -> None:
    env = {**environment(), "PYTHONPATH": str(repository)}
    line = project["commands"]["export"]["unix"]
    done = subprocess.run(line, shell=True, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Gapminder explorer" in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_line_of_notebook_opens_one(project: dict[str, Any], repository: Path, tmp_path: Path) -> None:
    pytest.importorskip("jupyterlab", reason="`make test-all` installs JupyterLab")
    line = project["commands"]["notebook"]["unix"]
    assert (repository / line.split()[-1]).is_file()
    port = free_port()
    options = f"--no-browser --allow-root --port={port} --IdentityProvider.token= --LabApp.news_url=None"
    private = {
        name: str(tmp_path / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
    }
    log = tmp_path / "lab.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            f"exec {line} {options}",
            shell=True,
            cwd=repository,
            env={**environment(), **private},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(f"http://localhost:{port}/api/status", process, log)
        with urllib.request.urlopen(
            f"http://localhost:{port}/api/contents/00-the-talk.ipynb", timeout=60
        ) as book:
            assert b"The talk, live" in book.read()
    finally:
        process.terminate()
        process.wait(30)


def test_the_line_of_test_finds_the_tests(project: dict[str, Any], repository: Path) -> None:
    line = project["commands"]["test"]["unix"]
    here = Path(__file__).relative_to(repository)
    env = {**environment(), "PYTEST_ADDOPTS": f"--collect-only --quiet -p no:cacheprovider {here}"}
    done = subprocess.run(line, shell=True, cwd=repository, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "tests/test_anaconda_project.py::test_valid_by_the_schema" in done.stdout


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_the_line_of_test_passes(project: dict[str, Any], repository: Path) -> None:
    line = project["commands"]["test"]["unix"]
    env = {**environment(), "PYTEST_ADDOPTS": "-p no:cacheprovider"}
    done = subprocess.run(line, shell=True, cwd=repository, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"=+ \d+ passed", done.stdout), done.stdout[-2000:]
