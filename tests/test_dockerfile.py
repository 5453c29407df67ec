"""The Dockerfile copies what is there and runs commands that exist; no engine is needed to tell."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from brushlink.cli import build_parser


@pytest.fixture(scope="module")
def steps(repository: Path) -> list[tuple[str, str]]:
    """Instruction and argument of each step."""
    text = (repository / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in re.sub(r"\\\n\s*", "", text).splitlines() if line and not line.startswith("#")]
    found = [tuple(line.split(" ", 1)) for line in lines]
    known = {"FROM", "WORKDIR", "COPY", "RUN", "USER", "ENV", "VOLUME", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT"}
    assert {name for name, _ in found} <= known
    assert found[0][0] == "FROM"
    return found  # type: ignore[return-value]


def test_what_is_copied_is_there(steps: list[tuple[str, str]], repository: Path) -> None:
    copied = [name for step, line in steps if step == "COPY" for name in line.split()[:-1]]
    assert all((repository / name).exists() for name in copied)
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {*wheel["packages"], *wheel.get("force-include", {}), "README.md", "LICENSE"} <= set(copied)


def test_the_python_is_one_of_ours(steps: list[tuple[str, str]], repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = re.fullmatch(r"python:3\.(\d+)-slim", dict(steps)["FROM"])
    assert version
    assert int(version[1]) >= int(project["requires-python"].removeprefix(">=3."))


def test_it_runs_without_rights_and_with_the_pins(steps: list[tuple[str, str]]) -> None:
    names = [step for step, _ in steps]
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert dict(steps)["USER"] != "root"
    assert any("--constraint constraints.txt" in line for step, line in steps if step == "RUN")


def test_its_commands_are_ours(steps: list[tuple[str, str]]) -> None:
    said = dict(steps)
    entry = json.loads(said["ENTRYPOINT"])
    health = json.loads(
        said["HEALTHCHECK"].split(" CMD ")[1].strip() if " CMD " in said["HEALTHCHECK"] else "[]"
    )
    assert entry[0] == health[0] == "brushlink"
    serve, rest = build_parser().parse_known_args(entry[1:])
    assert (serve.address, serve.port, rest) == ("0.0.0.0", int(said["EXPOSE"]), [])
    check, rest = build_parser().parse_known_args(health[1:])
    assert (check.url, rest) == (f"http://localhost:{serve.port}", [])
