"""The world map without a browser: which figures it paints, and that bad input loses nothing."""

import json

import numpy as np
import pandas as pd
import plotly.data
import pytest
from bokeh.core.serialization import Serializer

from dashboards.parts.budget import measure
from dashboards.parts.charts.map import DOTS, SHAPES
from dashboards.parts.charts.shading import make_shading, suits_log
from dashboards.parts.map_brushing import region_predicate, simplified
from dashboards.parts.map_choice import MapChoice
from dashboards.parts.map_state import MapState
from dashboards.parts.plotly_events import Brush, Point
from dashboards.worldmap import WorldMap
from data_sources import AnyOf, InPolygon, Interval, IsIn, SourceError, Table
from data_sources.boundaries import LATITUDE, LONGITUDE, read_boundaries, region_table
from data_sources.errors import BoundaryError

GAPMINDER = plotly.data.gapminder()
AFRICA = ((-20.0, 16), (-10, 37), (12, 38), (30, 33), (44, 11), (54, 12), (56, -26), (20, -37), (5, 2))


def squares(count, value=lambda place: place):
    """A GeoJSON file of squares in a row, each 1° wide."""
    features = [
        {
            "type": "Feature",
            "properties": {"name": f"field {place}", "yield": value(place)},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[place, 0], [place + 1, 0], [place + 1, 1], [place, 1], [place, 0]]],
            },
        }
        for place in range(count)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def painted(dashboard):
    """Name to value on the map, of shapes and dots, as the colour axis has it."""
    shapes, dots = dashboard.views["map"].figure.data[SHAPES], dashboard.views["map"].figure.data[DOTS]
    return dict(zip(shapes.hovertext, shapes.z, strict=True)) | dict(
        zip(dots.hovertext, dots.marker.color, strict=True)
    )


def test_every_country_has_its_value_every_year():
    dashboard = WorldMap()
    for year in sorted(GAPMINDER.year.unique()):
        dashboard.state.time = int(year)
        lives = GAPMINDER[GAPMINDER.year == year].set_index("country").lifeExp
        values = {name.replace("&#x27;", "'"): value for name, value in painted(dashboard).items()}
        assert values == pytest.approx(lives.to_dict(), rel=1e-6)
    codes = dashboard.views["map"].figure.data[SHAPES].locations
    assert len(set(codes)) == len(codes)
    assert {"PRK", "KOR"} <= set(codes)


def test_a_year_changes_only_numbers():
    dashboard = WorldMap()
    sent = []
    dashboard.views["map"].patch = lambda traces, layout: sent.append((traces, layout))
    dashboard.state.time = 1952
    ((traces, layout),) = sent
    assert {place: set(values) for place, values in traces.items()} == {0: {"z"}, 1: {"marker.color"}}
    assert set(layout) == {"title.text"}
    assert traces[0]["z"].dtype == np.float32


def test_a_lasso_becomes_a_polygon_and_comes_back_from_a_link():
    dashboard = WorldMap()
    figure = dashboard.views["map"].figure
    inside = InPolygon(LONGITUDE, LATITUDE, AFRICA).mask(dashboard.state.now.frame)
    names = set(dashboard.state.now.frame.country[inside])
    indices = {
        place: tuple(
            i for i, name in enumerate(figure.data[place].hovertext) if name.replace("&#x27;", "'") in names
        )
        for place in (SHAPES, DOTS)
    }
    brush = Brush("lasso", vertices=AFRICA, indices=indices, count=len(names), subplot="geo")
    dashboard.views["map"].param.update(selected=brush)
    predicate = dashboard.state.selection.get("map country")
    assert isinstance(predicate, InPolygon)
    assert set(dashboard.selected.country) == names
    query = dashboard.state.to_query()
    assert len(query) < 400
    other = WorldMap()
    assert other.state.apply_query(query) == []
    assert set(other.selected.country) == names
    assert len(other.views["map"].figure.data[2].lon) == len(AFRICA) + 1
    other.history.undo()


def test_clicks_toggle_regions():
    dashboard = WorldMap()
    names = list(dashboard.views["map"].figure.data[SHAPES].hovertext)
    dashboard.views["map"].param.update(click=Point(SHAPES, index=names.index("Brazil")))
    assert dashboard.selected.country.tolist() == ["Brazil"]
    with_shift = Point(SHAPES, index=names.index("Chile"), modifiers=frozenset({"shift"}))
    dashboard.views["map"].param.update(click=with_shift)
    assert dashboard.state.selection.get("map country") == IsIn("country", ("Brazil", "Chile"))
    dashboard.deselect()
    assert len(dashboard.selected) == 142


def test_missing_values_are_grey_and_never_nothing():
    frame = GAPMINDER[GAPMINDER.year.isin((2002, 2007))][["country", "year", "lifeExp"]]
    gone = (frame.year == 2007) & (frame.country == "Brazil")
    empty = (frame.year == 2007) & (frame.country == "Chile")
    frame = frame.assign(lifeExp=frame.lifeExp.where(~empty))[~gone]
    dashboard = WorldMap(frame)
    values = painted(dashboard)
    axis = dashboard.views["map"].figure.layout.coloraxis
    known = frame.lifeExp.dropna()
    assert values["Brazil"] == values["Chile"] < known.min()
    assert axis.cmin < values["Chile"]
    assert "2 without a value" in dashboard.views["map"].figure.layout.title.text
    templates = dict(
        zip(
            dashboard.views["map"].figure.data[SHAPES].hovertext,
            dashboard.views["map"].figure.data[SHAPES].hovertemplate,
            strict=True,
        )
    )
    assert "no value" in templates["Chile"]
    assert "no value" not in templates["Peru"]
    assert axis.colorbar.ticktext[0] == "no value"
    dashboard.state.time = 2002
    assert painted(dashboard)["Chile"] == pytest.approx(
        frame[(frame.year == 2002) & (frame.country == "Chile")].lifeExp.item()
    )


def test_tables_with_codes_and_names():
    by_code = WorldMap(pd.DataFrame({"iso3": ["DEU", "FRA", "SGP"], "score": [1.5, 2.5, 3.5]}))
    assert painted(by_code) == {"Germany": 1.5, "France": 2.5, "Singapore": 3.5}
    by_name = WorldMap(
        pd.DataFrame({"land": ["Cote d'Ivoire", "Viet Nam", "Czech Republic"], "score": [1, 2, 3.5]})
    )
    assert by_name.views["map"].figure.data[SHAPES].locations == ("CIV", "CZE", "VNM")


# -- bad input -----------------------------------------------------------------------------------


def drop(choice, content, name):
    """Drop a file as the page does; what is wrong is said, and returned."""
    try:
        choice._take(choice._read(content, name))
    except SourceError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b'{"type": "FeatureCollection", "features": []}', "empty.geojson", "without features"),
        (b'{"type": "Topology"}', "world.json", "TopoJSON"),
        (b"{", "broken.geojson", "no JSON"),
        (b"land,x\nFrnce,1.5\nGermny,2.5\nSpn,3.5\n", "typos.csv", 'Did you mean "'),
        (b"country,year,x\nFrance,2000,1.5\nFrance,2000,2\nSpain,2000,3\n", "twice.csv", "2 rows for France"),
        (b"country,x\nSouth Korea,1.5\nKorea Rep.,2\nSpain,3\n", "koreas.csv", "Korea Rep. and South Korea"),
        (b"a,b\n1.5,2.5\n", "numbers.csv", "no column of names"),
    ],
)  # fmt: skip
def test_bad_input_is_said_and_loses_nothing(content, name, said):
    dashboard = WorldMap(time=1977, measure="gdpPercap")
    dashboard.select("histogram", Interval("gdpPercap", 1000, 5000))
    before = dashboard.state.snapshot()
    choice = MapChoice(dashboard.state)
    assert said in drop(choice, content, name)
    assert dashboard.state.snapshot() == before


def test_a_table_waits_for_its_shapes():
    state = MapState()
    choice = MapChoice(state)
    table = b"plot,tons\nfield 0,5.5\nfield 2,7.5\nfield 1,6\n"
    assert "kept for the GeoJSON file" in drop(choice, table, "harvest.csv")
    assert state.data == "gapminder"
    assert drop(choice, squares(3), "fields.geojson") == ""
    assert state.data == "own"
    assert state.located.column == "plot"
    assert state.table.numbers("tons").tolist() == [5.5, 7.5, 6]
    # Another table of countries takes the map back to the world, and undo back to the fields.
    assert drop(choice, b"country,x\nFrance,1.5\nSpain,2.5\n", "europe.csv") == ""
    assert state.located.regions.is_world
    assert state.table.numbers("x").tolist() == [1.5, 2.5]


def test_shapes_alone_show_their_own_values_and_undo_brings_all_back():
    dashboard = WorldMap()
    choice = MapChoice(dashboard.state)
    assert drop(choice, squares(5, lambda place: 10.5 * (place % 3)), "fields.geojson") == ""
    assert painted(dashboard) == {f"field {place}": pytest.approx(10.5 * (place % 3)) for place in range(5)}
    assert dashboard.history.undo()
    assert dashboard.state.data == "gapminder"
    assert len(painted(dashboard)) == 142
    assert dashboard.history.redo()
    assert len(painted(dashboard)) == 5
    dashboard.history.reset()
    assert len(painted(dashboard)) == 142


def test_unknown_names_stay_in_the_other_pictures():
    frame = pd.DataFrame({"country": ["France", "Germny", "Spain", "Italy"], "x": [1.5, 2, 3, 4]})
    dashboard = WorldMap(frame)
    complaint = dashboard.state.located.complaint()
    assert '"Germny": Did you mean "Germany"' in complaint
    assert len(painted(dashboard)) == 3
    bars = dashboard.views["ranking"].figure.data[0]
    assert list(bars.y) == [4, 3, 2, 1.5]


def test_a_table_that_no_map_fits_is_refused_by_the_class():
    with pytest.raises(BoundaryError, match="no column of names"):
        WorldMap(Table(pd.DataFrame({"a": [1.5], "b": [2.5]}), name="numbers"))


# -- the parts -----------------------------------------------------------------------------------


def test_scales_suit_their_measures():
    assert suits_log(GAPMINDER["pop"].to_numpy())
    assert suits_log(GAPMINDER.gdpPercap.to_numpy())
    assert not suits_log(GAPMINDER.lifeExp.to_numpy())
    assert not suits_log(np.array([-1.0, 1000, 1e9]))
    log = make_shading(np.array([1.0, 10, 1000, np.nan]), "automatic", "Viridis", missing=True)
    assert log.kind == "log"
    assert log.place(np.array([1.0, 10, 1000])).tolist() == pytest.approx([0, 1, 3])
    assert log.place(np.array([np.nan, -5.0]))[0] == log.place(np.array([np.nan, -5.0]))[1] < 0
    classes = make_shading(np.arange(70.0), "classes", "Viridis", missing=False)
    assert np.bincount(classes.place(np.arange(70.0)).astype(int)).tolist() == [10] * 7
    for shading in (log, classes, make_shading(np.array([np.nan]), "automatic", "RdBu", missing=True)):
        axis = shading.coloraxis("x")
        stops = [place for place, _ in axis["colorscale"]]
        assert stops == sorted(stops)
        assert (stops[0], stops[-1]) == (0, 1)
        assert axis["cmin"] < axis["cmax"]


def test_a_lasso_over_the_date_line_and_one_around_the_pole():
    frame = pd.DataFrame({"name": list("abcd"), LONGITUDE: [175.0, -175, 0, 90], LATITUDE: [0.0, 0, 0, 80]})
    table = Table(frame, name="places", label="name")
    across = [(170, -10), (179, -10), (-179, -10), (-170, -10), (-170, 10), (-179, 10), (179, 10), (170, 10)]
    predicate = region_predicate(across, np.array([0, 1]), table, "name")
    assert isinstance(predicate, AnyOf)
    assert predicate.mask(frame).tolist() == [True, True, False, False]
    around = [(lon, 70) for lon in range(-180, 180, 20)]
    pole = region_predicate(around, np.array([3]), table, "name")
    assert pole == IsIn("name", ("d",)) or pole.mask(frame).tolist() == [False, False, False, True]
    assert region_predicate(across, np.zeros(0, int), table, "name") is None


def test_simplified_rings_keep_their_form():
    turn = np.linspace(0, 2 * np.pi, 500, endpoint=False)
    ring = simplified(list(zip(10 * np.cos(turn), 10 * np.sin(turn), strict=True)), 40)
    assert len(ring) == 40
    assert [np.hypot(x, y) for x, y in ring] == pytest.approx([10] * 40, abs=0.15)


def test_many_polygons_keep_their_geometry_at_home():
    regions = read_boundaries(squares(300, lambda place: float(place % 7)), "fields.geojson")
    frame = pd.DataFrame(
        {
            "field": [f"field {place}" for place in range(300)] * 2,
            "year": [2000] * 300 + [2001] * 300,
            "value": np.arange(600.0) % 11 + 0.5,
        }
    )
    dashboard = WorldMap(Table(frame, name="fields", time="year"), regions)
    sent = []
    dashboard.views["map"].patch = lambda traces, layout: sent.append(traces)
    dashboard.state.time = 2000
    assert [set(values) for values in sent[0].values()] == [{"z"}]


def test_the_shapes_of_many_polygons_are_shared_by_all_visitors():
    regions = read_boundaries(squares(300), "fields.geojson")
    plain = json.loads(json.dumps(regions.geojson))
    written = []
    for _ in range(2):
        shown = WorldMap(regions=regions, table=region_table(regions)).views["map"]
        # The very object: not copied by Plotly, and written for the browser once.
        assert shown.figure.to_plotly_json()["data"][SHAPES]["geojson"] is regions.geojson
        written.append(Serializer().encode(regions.geojson))
        assert measure(regions.geojson) == len(json.dumps(plain, separators=(",", ":")))
    assert written[0] is written[1]
    assert written[0] == Serializer().encode(plain)


def test_a_click_on_a_bar_of_the_table_before_selects_nothing():
    dashboard = WorldMap()
    bars = dashboard.views["ranking"]
    bars.click = Point(curve=0, trace="", index=10_000)
    assert not dashboard.state.selection
    bars.click = Point(curve=0, trace="", index=0)
    assert len(dashboard.selected) == 1
