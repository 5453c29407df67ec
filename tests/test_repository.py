"""The house rules that a machine can check: how imports run, what lies where, what the texts promise."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from brushlink.cli import COMMANDS
from dashboards.parts.catalogue import DASHBOARDS

# From the ground floor up: each may import those before it.
FLOORS = ("data_sources", "segmentation", "dashboards", "brushlink")
WEB = {"panel", "panel_material_ui", "plotly", "bokeh", "tornado"}
DOCS = Path(__file__).resolve().parents[1] / "docs"
TEXTS = ("README.md", "CONTRIBUTING.md", *sorted(f"docs/{path.name}" for path in DOCS.glob("*.md")))


def modules(repository: Path, package: str) -> Iterator[Path]:
    yield from sorted((repository / package).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Top-level names that a file imports anywhere, but for those that only type checkers see."""
    names: set[str] = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            return
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(path.read_text(encoding="utf-8")))
    return names


@pytest.mark.parametrize("floor", range(len(FLOORS)), ids=FLOORS)
def test_imports_run_one_way(repository: Path, floor: int) -> None:
    above = set(FLOORS[floor + 1 :])
    wrong = {
        str(path): found for path in modules(repository, FLOORS[floor]) if (found := imported(path) & above)
    }
    assert wrong == {}


@pytest.mark.parametrize("package", FLOORS[:2])
def test_lower_floors_name_no_web_package(repository: Path, package: str) -> None:
    wrong = {str(path): found for path in modules(repository, package) if (found := imported(path) & WEB)}
    assert wrong == {}


@pytest.mark.parametrize("package", FLOORS[:2])
def test_lower_floors_work_without_web_packages(repository: Path, package: str) -> None:
    names = [
        ".".join(path.relative_to(repository).with_suffix("").parts).removesuffix(".__init__")
        for path in modules(repository, package)
    ]
    code = f"import sys\nfor name in {sorted(WEB)!r}: sys.modules[name] = None\nimport {', '.join(names)}"
    done = subprocess.run([sys.executable, "-c", code], cwd=repository, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_no_dashboard_imports_another(repository: Path) -> None:
    slugs = {path.stem for path in (repository / "dashboards").glob("[a-z]*.py")}
    for path in (repository / "dashboards").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dashboards."):
                other = (node.module or "").split(".")[1]
                assert other not in slugs or other == path.stem, f"{path} imports the dashboard {other}"


def test_each_file_beside_the_gallery_is_a_dashboard(repository: Path) -> None:
    # Each file there becomes a page: `panel serve dashboards/[a-z]*.py`.
    served = {path.stem for path in (repository / "dashboards").glob("[a-z]*.py")}
    assert served == {"gallery", *(entry.slug for entry in DASHBOARDS)}


def test_each_dashboard_has_its_class_and_its_pictures(repository: Path) -> None:
    for entry in DASHBOARDS:
        tree = ast.parse((repository / "dashboards" / f"{entry.slug}.py").read_text(encoding="utf-8"))
        classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
        assert entry.class_name in classes
        for mode in ("light", "dark"):
            assert entry.picture(mode).stat().st_size < 1_000_000


def test_every_file_says_what_it_is_for(repository: Path) -> None:
    for package in (*FLOORS, "scripts", "benchmarks", "tests"):
        for path in modules(repository, package):
            text = path.read_text(encoding="utf-8")
            if text.strip():
                assert ast.get_docstring(ast.parse(text)), f"{path} has no docstring"


def test_no_file_is_named_for_nothing(repository: Path) -> None:
    for package in FLOORS:
        for path in modules(repository, package):
            assert not re.search(r"util|helper|manager|misc|common", path.stem), path


def pins(repository: Path) -> dict[str, list[str]]:
    """Return package → pinned versions (more than one where they differ between Pythons or systems)."""
    found: dict[str, list[str]] = {}
    for line in (repository / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        match = re.fullmatch(r"([a-z0-9-]+)==([0-9][^ ]*)( ; .+)?", line)
        assert match, f"constraints.txt: {line!r} is no plain pin"
        found.setdefault(match[1], []).append(match[2])
    return found


def test_pins_cover_every_requirement_and_name_no_address(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(name for group in project["optional-dependencies"].values() for name in group),
    ]
    names = {re.match(r"[a-z0-9-]+", entry)[0] for entry in wanted}  # type: ignore[index]
    assert names - {"brushlink"} - pins(repository).keys() == set()


def test_exact_requirements_are_the_pins(repository: Path) -> None:
    pinned = pins(repository)
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    exact = dict(entry.split("==") for entry in project["dependencies"] if "==" in entry)
    assert exact
    assert {name: pinned[name] for name in exact} == {name: [version] for name, version in exact.items()}


@pytest.mark.parametrize("name", TEXTS)
def test_links_between_the_texts_lead_somewhere(repository: Path, name: str) -> None:
    path = repository / name
    for target in re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), f"{name} links to {target}, which is not there"


def make_targets(repository: Path) -> set[str]:
    return set(
        re.findall(r"^([a-z-]+):", (repository / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", ".ci/run"])
def test_every_make_target_that_is_named_exists(repository: Path, name: str) -> None:
    text = (repository / name).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|`|^ +)make ([a-z][a-z-]*)", text, re.MULTILINE))
    assert named
    assert named <= make_targets(repository)


@pytest.mark.parametrize("name", TEXTS)
def test_every_command_that_is_named_exists(repository: Path, name: str) -> None:
    text = (repository / name).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|`|^ +)brushlink ([a-z]+)", text, re.MULTILINE))
    assert named <= set(COMMANDS)


# docs/embedding.md serves pages: tests/dashboards/test_embedding.py starts them.
@pytest.mark.parametrize("name", [name for name in TEXTS if name != "docs/embedding.md"])
def test_python_in_the_texts_runs(repository: Path, name: str) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (repository / name).read_text(encoding="utf-8"), re.DOTALL)
    for block in blocks:
        done = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True, timeout=100)
        assert done.returncode == 0, f"{block}\n{done.stderr}"


def test_make_without_a_target_helps(repository: Path) -> None:
    done = subprocess.run(["make", "-C", str(repository)], capture_output=True, text=True)
    assert done.returncode == 0
    for target in make_targets(repository) - {"help"}:
        assert f"make {target} " in done.stdout


def test_readme_names_every_dashboard(repository: Path) -> None:
    text = (repository / "README.md").read_text(encoding="utf-8")
    for entry in DASHBOARDS:
        assert entry.title in text
