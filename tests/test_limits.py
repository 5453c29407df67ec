"""Each limit has a reason in the code and the same value in docs/limits.md."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

PACKAGES = ("brushlink", "dashboards", "data_sources", "segmentation")
MODULES = sorted(path for package in PACKAGES for path in (REPOSITORY / package).rglob("limits.py"))


def constants(path: Path) -> dict[str, object]:
    """Read the constants without importing the module."""
    values: dict[str, object] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign):
            (target,) = node.targets
            assert isinstance(target, ast.Name)
            if target.id != "__all__":
                values[target.id] = ast.literal_eval(node.value)
    return values


def documented() -> dict[str, dict[str, str]]:
    """Read the tables of the page: module to constant to value as it is written."""
    page = (REPOSITORY / "docs" / "limits.md").read_text(encoding="utf-8")
    sections = re.split(r"^## `(.+)`$", page, flags=re.MULTILINE)
    return {
        module: dict(re.findall(r"^\| `(\w+)` \| (.+?) \| .*\w.* \|$", text, flags=re.MULTILINE))
        for module, text in zip(sections[1::2], sections[2::2], strict=True)
    }


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_the_page_lists_each_limit_with_its_value(path: Path) -> None:
    written = {
        name: f"{value:,}" if isinstance(value, int) else repr(value)
        for name, value in constants(path).items()
    }
    rows = "\n".join(f"| `{name}` | {value} | … |" for name, value in written.items())
    assert documented()[module_name(path)] == written, f"docs/limits.md should have\n{rows}"


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_each_limit_has_its_reason_above_it(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    for name in constants(path):
        place = next(place for place, line in enumerate(lines) if line.startswith(f"{name} = "))
        assert lines[place - 1].startswith("# "), f"{name} has no comment that says why"


def test_the_page_lists_nothing_else() -> None:
    assert set(documented()) == {module_name(path) for path in MODULES}
