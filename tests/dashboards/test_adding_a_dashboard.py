"""The dashboard in docs/adding-a-dashboard.md is a real one."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from dashboards.parts.dashboard import Dashboard
from dashboards.parts.plotly_events import Brush
from data_sources import gapminder
from tests.conftest import REPOSITORY


@pytest.fixture(scope="module")
def lifespans(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The class that the page writes."""
    page = (REPOSITORY / "docs" / "adding-a-dashboard.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert code
    file: Path = tmp_path_factory.mktemp("docs") / "lifespans.py"
    file.write_text(code[1], encoding="utf-8")
    return runpy.run_path(str(file))["Lifespans"]


def test_it_works_as_the_page_says(lifespans: type[Dashboard]) -> None:
    dashboard = lifespans()  # type: ignore[call-arg]
    frame = gapminder().frame
    frame = frame[frame.year == 2007]
    chosen = frame[frame.lifeExp.between(40, 50)]
    dashboard.views["histogram"].selected = Brush(kind="box", x=(40, 50))
    assert len(dashboard.tables()["Selected countries"]()) == len(chosen)
    bars = dashboard.views["bars"].figure.data[0]
    counted = {name: value for name, value in zip(bars.x, bars.y, strict=True) if value}
    assert counted == chosen.groupby("continent", observed=True)["pop"].sum().to_dict()
    again = lifespans()  # type: ignore[call-arg]
    assert again.state.apply_query(dashboard.state.to_query()) == []
    assert again.state.selection == dashboard.state.selection
    assert dashboard.history.undo()
    assert not dashboard.state.selection
    assert dashboard.views["bars"].figure.data[0].y.sum() == frame["pop"].sum() == 6_251_013_179
