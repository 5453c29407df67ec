"""The same random selections to Python and to the JavaScript of a saved file: every number is compared."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pandas as pd
import plotly.data
import pytest
from playwright.sync_api import Page

from dashboards import GapminderExplorer, WorldMap
from dashboards.parts.linked_explorer import LinkedExplorer
from data_sources.wording import number_text
from tests.browser.export.same_numbers import (
    FIGURES,
    differing,
    figures,
    packed,
    scripts,
    some_selection,
)

SELECTIONS = 12


def with_gaps() -> pd.DataFrame:
    frame = plotly.data.gapminder()[["country", "continent", "year", "lifeExp", "pop"]]
    chance = np.random.default_rng(3)
    for column in ("continent", "lifeExp", "pop"):
        frame[column] = frame[column].where(chance.random(len(frame)) > 0.1)
    return frame


EXPLORERS: dict[str, Callable[[], LinkedExplorer]] = {
    "gapminder": GapminderExplorer,
    "bubbles": lambda: GapminderExplorer(kind="scatter", scale="share", weighted=True, measure="gdpPercap"),
    "bars": lambda: GapminderExplorer(
        kind="bar", scale="log", stack=None, path="continent / lifeExp band / country"
    ),
    "gaps": lambda: GapminderExplorer(with_gaps()),
    "trips": lambda: GapminderExplorer(data="trips"),
    "world": WorldMap,
    "districts": lambda: WorldMap(data="election"),
}


@pytest.fixture
def bench(page: Page) -> Page:
    page.add_script_tag(content=scripts())
    return page


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_picture_is_the_one_of_python(bench: Page, name: str) -> None:
    explorer = EXPLORERS[name]()
    bench.evaluate(
        """(text) => {
          window.data = linking.unpack(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer)
          window.ready = explorer.prepared(window.data)
        }""",
        packed(explorer),
    )
    times, names = explorer.state.param["time"].objects, list(explorer.drawn)
    # The trips are 20,000 rows of 360 days: a few selections tell as much.
    chance = random.Random(name)
    for turn in range(SELECTIONS if name != "trips" else 5):
        time = chance.choice(times)
        selection = some_selection(explorer, chance)
        explorer.state.param.update(time=time, selection=selection)
        explorer.theme = chance.choice(["light", "dark"])
        asked = [times.index(time), list(selection.to_json().items()), explorer.theme, names]
        shown = bench.evaluate(FIGURES, asked)
        wrong = [
            found for one, figure in figures(explorer).items() for found in differing(figure, shown[one], one)
        ]
        assert not wrong, f"turn {turn}, {time}, {selection}: {len(wrong)} differ, such as {wrong[:4]}"
        words = bench.evaluate(
            "([predicates, labels]) => predicates.map((one) => linking.describe(one, labels))",
            [[one.to_json() for _, one in selection.items], explorer.state.table.labels],
        )
        assert words == [one.describe(explorer.state.table.labels) for _, one in selection.items]


def test_numbers_are_written_as_python_writes_them(bench: Page) -> None:
    chance = random.Random(1)
    numbers = [0.5, 1.5, 2.5, 12.5, 0.125, 12345, 1234.5, 99995, 0.00012345, 1e15, 1e22, -3.25, 0.0, 999999.5]
    numbers += [chance.uniform(-1, 1) * 10 ** chance.randint(-7, 16) for _ in range(300)]
    shown = bench.evaluate(
        """(all) => all.map((x) => [linking.general(x, 4, true), linking.numberText(x),
          linking.percent(Math.abs(x) % 1), explorer.rounded(x, 2), explorer.rounded(x, -2)])""",
        numbers,
    )
    for number, written in zip(numbers, shown, strict=True):
        share = abs(number) % 1
        wanted = [f"{number:,.4g}", number_text(number), f"{share:.0%}", round(number, 2), round(number, -2)]
        assert written == wanted, number
