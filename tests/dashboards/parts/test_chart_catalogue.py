"""The chart catalogue: the code that is shown makes the very chart; words find it."""

import subprocess
import sys

import plotly.graph_objects as go
import pytest

from dashboards.parts.chart_catalogue import CHARTS, FAMILIES, chart_of, find_charts
from dashboards.parts.holoviews_figure import as_figure


@pytest.mark.parametrize("chart", CHARTS, ids=[chart.slug for chart in CHARTS])
def test_the_code_shown_makes_the_chart(chart):
    made = as_figure(chart.make())
    shown = {}
    exec(chart.call, shown)  # the code is ours, from a file of the project
    again = as_figure(shown["fig"])
    assert made.data, "an empty chart"
    assert again.to_json() == made.to_json()


def test_there_are_charts_of_every_family():
    assert len(CHARTS) >= 30
    assert {chart.family for chart in CHARTS} == set(FAMILIES)
    assert {chart.library for chart in CHARTS} == {"Plotly Express", "graph objects", "HoloViews"}
    assert len({chart.slug for chart in CHARTS}) == len({chart.title for chart in CHARTS}) == len(CHARTS)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("hierarchical", {"sunburst", "treemap", "icicle"}),
        ("HIERARCH", {"sunburst", "treemap", "icicle"}),
        ("gantt", {"timeline"}),
        ("drill rings", {"sunburst"}),
        ("nothing like that", set()),
    ],
)
def test_words_find_charts(query, found):
    assert {chart.slug for chart in find_charts(query)} == found


def test_what_fits_by_its_title_comes_first():
    assert find_charts("heat map")[0].family == "heat map"
    assert find_charts("") == list(CHARTS)


def test_an_unknown_slug_gets_the_nearest():
    assert chart_of("treemap").title == "Treemap"
    with pytest.raises(KeyError, match="treemap"):
        chart_of("tremap")


def test_holoviews_is_imported_when_it_is_needed():
    program = (
        "import sys, dashboards.parts.chart_catalogue as c, dashboards.parts.holoviews_figure as h;"
        "h.as_figure(c.chart_of('bar').make());"
        "assert 'holoviews' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_only_pictures_become_figures():
    figure = go.Figure()
    assert as_figure(figure) is figure
    with pytest.raises(TypeError, match=r"made of dict.*HoloViews"):
        as_figure({})
