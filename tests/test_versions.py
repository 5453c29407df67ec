"""The two renderers agree: what Python validates is what the browser draws."""

import re
from importlib.metadata import distribution, version
from pathlib import Path


def _version_in(script: Path) -> str:
    with script.open(encoding="utf-8") as text:
        head = text.read(400)
    found = re.search(r"plotly\.js v(\d+\.\d+\.\d+)", head)
    assert found, f"{script.name} does not say which plotly.js it is"
    return found[1]


def test_plotly_py_and_panel_carry_the_same_plotly_js():
    ours = Path(str(distribution("plotly").locate_file("plotly/package_data/plotly.min.js")))
    bundled = Path(str(distribution("panel").locate_file("panel/dist/bundled/plotlyplot")))
    scripts = sorted(bundled.glob("plotly-*.min.js"))
    assert len(scripts) == 1, f"Panel bundles {[script.name for script in scripts]}"
    assert _version_in(ours) == _version_in(scripts[0]) == "3.1.0"


def test_the_pins_are_what_is_installed(repository):
    pins = dict(re.findall(r'"(panel|plotly)==([\d.]+)"', (repository / "pyproject.toml").read_text()))
    assert pins == {name: version(name) for name in ("panel", "plotly")}
