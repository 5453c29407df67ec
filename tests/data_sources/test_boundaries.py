"""The countries and outlines that come along: complete, as their sources have them, each where it is."""

import gzip
import hashlib
import itertools
import json
import re
from importlib.resources import files

import numpy as np
import pandas as pd
import plotly.data
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_sources import Table, gapminder, limits
from data_sources.boundaries import (
    countries,
    election,
    locate,
    montreal_regions,
    read_boundaries,
    region_table,
    world_regions,
    world_topology,
)
from data_sources.errors import BoundaryError

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


# -- matching --------------------------------------------------------------------------------------


def test_all_of_gapminder_is_found_and_the_second_korea_too():
    located = locate(gapminder(), world_regions())
    assert (located.column, located.by, located.unknown) == ("country", "name", ())
    code = dict(
        zip(located.table.keys("country"), (located.regions.keys[i] for i in located.places), strict=True)
    )
    given = dict(zip(gapminder().frame.country, gapminder().frame.iso_alpha, strict=True))
    # The table gives both Koreas the code of the southern one.
    assert {name: (code[name], given[name]) for name in code if code[name] != given[name]} == {
        "Korea, Dem. Rep.": ("PRK", "KOR")
    }
    assert sum(not located.regions.drawn[i] for i in located.places) == 7


@pytest.mark.parametrize(
    ("cells", "by"),
    [
        (["Côte d'Ivoire", "COTE D'IVOIRE", "Ivory Coast", "CIV"], "name"),
        (["St. Lucia", "Saint Lucia", "saint  lucia "], "name"),
        (["Hong Kong SAR, China", "Hong Kong", "Hong Kong, China"], "name"),
        (["UK", "United Kingdom", "Great Britain"], "name"),
        (["004", 4, 4.0, "4"], "number"),
        (["deu", "DEU"], "code"),
    ],
)
def test_spellings_of_one_country(cells, by):
    found = world_regions().find([cell for cell in cells if cell != "CIV"], by)
    assert len(set(found)) == 1
    assert found[0] >= 0


def test_names_are_told_apart():
    named = ["Niger", "Nigeria", "Guinea", "Guinea-Bissau", "Equatorial Guinea", "Papua New Guinea", "Congo"]
    named += ["Congo, Dem. Rep.", "Congo, Rep.", "Dominica", "Dominican Republic", "Samoa", "American Samoa"]
    places = world_regions().find(named, "name")
    codes = [world_regions().keys[place] for place in places]
    assert codes == [
        "NER", "NGA", "GIN", "GNB", "GNQ", "PNG", "COG", "COD", "COG", "DMA", "DOM", "WSM", "ASM",
    ]  # fmt: skip


def test_numbers_are_no_countries_unless_they_say_so():
    with pytest.raises(BoundaryError):
        locate(Table(pd.DataFrame({"n": [4, 8, 12], "v": [1.5, 2, 3]}), name="t"), world_regions())
    located = locate(
        Table(pd.DataFrame({"iso_num": [4, 8, 12], "v": [1.5, 2, 3]}), name="t"), world_regions()
    )
    assert [located.regions.keys[place] for place in located.places] == ["AFG", "ALB", "DZA"]


# -- GeoJSON -----------------------------------------------------------------------------------------


def feature(coordinates, kind="Polygon", **properties):
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def collection(*features):
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def area(ring):
    """Twice the signed area: below 0 when the ring runs clockwise."""
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in itertools.pairwise(ring))


HOLED = [
    [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]],
    [[4, 4], [6, 4], [6, 6], [4, 6], [4, 4]],
]


def test_rings_run_as_plotly_wants_them():
    for outer, inner in ((HOLED[0], HOLED[1]), (HOLED[0][::-1], HOLED[1]), (HOLED[0], HOLED[1][::-1])):
        regions = read_boundaries(collection(feature([outer, inner], name="a")))
        ((made,),) = (one["geometry"]["coordinates"] for one in regions.geojson["features"])
        assert area(made[0]) < 0 < area(made[1])
        assert np.array(sorted(made[0])) == pytest.approx(np.array(sorted(HOLED[0])), abs=0.01)


def test_neighbours_still_touch_and_detail_is_left_out():
    # A border of 30 000 corners, much finer than a screen, between two regions.
    rng = np.random.default_rng(0)
    border = [
        [5 + 0.001 * float(wobble), float(y)]
        for y, wobble in zip(np.linspace(0, 10, 30_000), rng.normal(size=30_000), strict=True)
    ]
    west = [[0, 0], *border, [0, 10], [0, 0]]
    east = [*border, [10, 10], [10, 0], border[0]]
    regions = read_boundaries(collection(feature([west], name="west"), feature([east], name="east")))
    rings = [set(map(tuple, one["geometry"]["coordinates"][0][0])) for one in regions.geojson["features"]]
    total = sum(map(len, rings))
    assert total <= limits.BOUNDARY_CORNERS
    assert total < 60_000
    shared = rings[0] & rings[1]
    assert len(shared) > 0.9 * min(map(len, rings))
    assert "finer than the screen" in " ".join(regions.notes)


def test_what_features_say_becomes_a_table():
    regions = montreal_regions()
    assert len(regions) == 58
    frame = plotly.data.election()
    located = locate(election(), regions)
    assert located.column == "district"
    assert located.unknown == ()
    assert len(set(located.places)) == 58
    ids = [int(regions.properties["id"].iloc[place]) for place in located.places]
    expected = frame.set_index("district").district_id.loc[located.table.keys("district")]
    assert ids == expected.tolist()
    table = region_table(
        read_boundaries(
            collection(feature(HOLED[:1], name="a", tons=3.5), feature(HOLED[:1], name="b", tons=3.5))
        )
    )
    assert table.measures == ["tons"]
    # Without any number the area is one: 100 square degrees less a hole of 4, at the equator.
    bare = region_table(read_boundaries(collection(feature(HOLED, name="a"))))
    assert bare.numbers("area (km²)")[0] == pytest.approx(96 * 111.2**2, rel=0.02)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"{", "no JSON"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b"[1]", "no GeoJSON"),
        (b'{"type": "Topology"}', "TopoJSON"),
        (collection(), "without features"),
        (b'{"type": "FeatureCollection", "features": [1]}', "no objects"),
        (collection(feature([1, 2], "Point")), "Polygon or MultiPolygon"),
        (collection({"type": "Feature", "geometry": None}), "Polygon or MultiPolygon"),
        (collection(feature([[["a", 1], [2]]])), "not pairs of numbers"),
        (collection(feature([[[1e6, 5e6], [1e6 + 9, 5e6], [1e6, 5e6 + 9], [1e6, 5e6]]])), "EPSG:4326"),
        (b"[" * 100_000, "no JSON"),
        (collection(feature([[[float("nan"), 1], [2, 3], [4, 5]]])), "no JSON"),
    ],
)  # fmt: skip
def test_bad_files_say_what_is_wrong(content, said):
    with pytest.raises(BoundaryError, match=re.escape(said)) as caught:
        read_boundaries(content, "shapes.geojson")
    assert "shapes.geojson" in str(caught.value)


@given(st.recursive(
    st.none() | st.booleans() | st.integers(-400, 400) | st.sampled_from(["Polygon", "Feature", "x"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["type", "features", "geometry", "coordinates", "id"]), inner),
    max_leaves=20,
))  # fmt: skip
def test_no_json_breaks_the_reader(document):
    for content in (document, {"type": "FeatureCollection", "features": document}, feature(document)):
        try:
            regions = read_boundaries(json.dumps(content).encode())
        except BoundaryError:
            continue
        assert len(regions)
