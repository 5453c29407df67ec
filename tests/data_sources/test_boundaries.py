"""The countries and outlines that come along: complete, as their sources have them, each where it is."""

import gzip
import hashlib
import json
from importlib.resources import files

import plotly.data
import pytest

from data_sources.boundaries import countries, world_topology

FOLDER = files("data_sources.boundaries")


def test_the_outlines_are_those_of_plotly_js():
    plain = gzip.decompress(FOLDER.joinpath("world_110m.json.gz").read_bytes())
    assert hashlib.sha256(plain).hexdigest() in FOLDER.joinpath("SOURCES.md").read_text(encoding="utf-8")


def test_every_code_has_one_shape_with_all_its_pieces():
    plain = json.loads(gzip.decompress(FOLDER.joinpath("world_110m.json.gz").read_bytes()))
    joined = json.loads(gzip.decompress(world_topology()))
    assert len(world_topology()) < 120_000
    given = plain["objects"]["countries"]["geometries"]
    made = joined["objects"]["countries"]["geometries"]
    codes = [shape["id"] for shape in made]
    assert len(codes) == len(set(codes)) == len({shape["id"] for shape in given})
    pieces = lambda shapes: sorted(  # noqa: E731
        json.dumps(piece)
        for shape in shapes
        for piece in (shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]])
    )
    assert pieces(made) == pieces(given)
    assert joined["arcs"] == plain["arcs"]


def test_countries_are_complete_and_where_they_are():
    known = countries()
    assert len(known) == len({country.code for country in known}) == 250
    codes = {country.code for country in known}
    shapes = {
        shape["id"]
        for shape in json.loads(gzip.decompress(world_topology()))["objects"]["countries"]["geometries"]
    }
    assert {country.code for country in known if country.drawn} <= shapes
    assert {code for code in shapes if not code.startswith("X")} <= codes
    # Another source of middles.
    frame = plotly.data.gapminder(centroids=True).query("year == 2007 and country != 'Korea, Dem. Rep.'")
    by_code = {country.code: country for country in known}
    for row in frame.itertuples():
        country = by_code[row.iso_alpha]
        # That table has capitals and rough places too: Mali's middle is 5° north of what it says.
        assert country.lat == pytest.approx(row.centroid_lat, abs=7), country.name
        assert country.lon == pytest.approx(row.centroid_lon, abs=7), country.name
