"""Files dropped on the map's page by hand: one's own shapes and tables, and what is wrong with others."""

import json
import re

import pandas as pd
import pytest

from data_sources import InPolygon
from tests.browser.worldmap.map_page import LATEST, MapPage

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HOSTILE = "<img src=x onerror=window.hacked=1>"
PLOTS = ("north", "south", "east", HOSTILE)
# 2001: the last plot has no value, and must not be shown as 0.
HARVEST = pd.DataFrame(
    {
        "plot": PLOTS * 2,
        "year": [2000] * 4 + [2001] * 4,
        "tons": [1.5, 2.5, 3.5, 4.5, 15.5, 25.5, 35.5, None],
    }
)
EMPTY = b'{"type": "FeatureCollection", "features": []}'
TWICE = b"country,year,x\nFrance,2000,1.5\nFrance,2000,2\nSpain,2000,3\nItaly,2000,1\n"
UNKNOWN = b"land,x\nFrnce,1.5\nGermny,2.5\nSpn,3.5\n"
PARTLY = b"country,x\nFrance,1.5\nGermny,2.5\nSpain,3.5\nViet Nam,4.5\nCote d'Ivoire,5.5\n"
CODES = b"iso,score\nDEU,1.5\nFRA,2.5\nSGP,3.5\n"


def fields() -> bytes:
    """A GeoJSON file of four squares in a row, 2 degrees wide."""
    squares = [[[x, 0], [x + 2, 0], [x + 2, 2], [x, 2], [x, 0]] for x in (0, 2, 4, 6)]
    features = [
        {
            "type": "Feature",
            "properties": {"name": name},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for name, ring in zip(PLOTS, squares, strict=True)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def drop(world: MapPage, name: str, content: bytes) -> None:
    """Choose a file in the place where files are dropped, once that is there."""
    world.page.locator(".filepond--root").first.wait_for()
    world.page.locator("input[type=file]").first.set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def said(world: MapPage, words: str) -> str:
    """Wait for a message on the page, and return all of it."""
    alert = world.page.get_by_role("alert").filter(has_text=words).first
    alert.wait_for()
    return alert.inner_text()


def test_ones_own_geojson_and_table_are_mapped(visit_map):
    world = visit_map()
    drop(world, "harvest.csv", HARVEST.to_csv(index=False).encode())
    said(world, "kept for the GeoJSON file")
    assert world.headline().startswith("142 countries")
    drop(world, "fields.geojson", fields())
    world.until(lambda: world.state.data == "own", "the files are taken")
    world.until(lambda: len(world.painted()) == 4, "four fields")
    world.until(lambda: world.bars() == [35.5, 25.5, 15.5], "their values, the missing one no bar")
    assert "2001" in world.title()
    assert "1 without a value" in world.title()
    assert "no value" in world.plot().texts(".infolayer .colorbar text")
    fill = {one["name"]: one["fill"] for one in world.painted()}
    assert len(set(fill.values())) == 4
    world.plot().hover_px(world.pixel(7, 1))
    world.until(lambda: "no value" in "".join(world.plot().texts(".hoverlayer text")), "said on hover")
    # A lasso around the first two fields, and the year.
    world.lasso([(0.4, 0.3), (0.4, 1.7), (3.6, 1.7), (3.6, 0.3)])
    world.until(
        lambda: isinstance(world.state.selection.get(world.state.owner("map")), InPolygon), "the lasso"
    )
    world.until(lambda: world.bright() == ["north", "south"], "the map")
    world.until(lambda: world.bars() == [25.5, 15.5], "the ranking")
    world.until(lambda: world.bins() == {"selected": 2, "rest": 1}, "the histogram")
    ring = world.outline()
    world.page.get_by_role("button", name="One step back").click()
    world.until(lambda: world.bars() == [2.5, 1.5], "the year before")
    world.until(lambda: world.bright() == ["north", "south"], "the same fields")
    world.until(lambda: world.bins() == {"selected": 2, "rest": 2}, "one more has a value")
    assert world.outline() == ring
    assert world.page.evaluate("window.hacked") is None


def test_names_are_matched_and_those_that_are_not_get_a_suggestion(world):
    drop(world, "partly.csv", PARTLY)
    warning = said(world, "not on the map")
    assert re.search(r'"Germny": Did you mean "Germany"', warning)
    assert "1 name in" in warning
    world.until(lambda: len(world.painted()) == 4, "those that are found")
    assert {"Viet Nam", "Cote d'Ivoire"} <= set(world.bright())
    world.until(lambda: world.bars() == [5.5, 4.5, 3.5, 2.5, 1.5], "all rows in the other pictures")
    drop(world, "codes.csv", CODES)
    world.until(lambda: world.bright() == ["France", "Germany", "Singapore"], "found by their codes")
    world.page.get_by_role("alert").filter(has_text="not on the map").first.wait_for(state="hidden")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.geojson", EMPTY, "without features"),
        ("twice.csv", TWICE, "2 rows for France"),
        ("unknown.csv", UNKNOWN, "Did you mean"),
        ("world.json", b'{"type": "Topology"}', "TopoJSON"),
    ],
    ids=["no features", "two rows", "unknown names", "TopoJSON"],
)
def test_what_cannot_be_mapped_says_why_and_loses_nothing(world, name, content, words):
    world.click(-52, -10)
    world.until(lambda: world.countries() == ["Brazil"])
    world.until(lambda: world.bright() == ["Brazil"])
    before = world.state.snapshot()
    drop(world, name, content)
    assert len(said(world, words)) > 40, "what was given, what is allowed, what to do"
    assert world.state.snapshot() == before
    assert world.bright() == ["Brazil"]
    assert world.bars() == LATEST[LATEST.country == "Brazil"].lifeExp.tolist()
