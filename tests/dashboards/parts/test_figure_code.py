"""The code of a figure makes the figure; marks say which lines are new."""

import json

import plotly.graph_objects as go
import pytest

from dashboards.parts.chart_catalogue import CHARTS, chart_of
from dashboards.parts.figure_code import call_code, marked_lines, python_code, short_json, shortened
from dashboards.parts.figure_nodes import nodes_of
from dashboards.parts.figure_paths import applied, read_edits
from dashboards.parts.figure_values import json_text, plain, spec_of
from dashboards.parts.holoviews_figure import as_figure

SOME = (
    "scatter",
    "sunburst",
    "timeline",
    "heatmap",
    "election-districts",
    "image-with-shapes",
    "holoviews-curves",
)


def pruned(value):
    """Plain data without what says nothing: empty branches, and the random ids that HoloViews gives."""
    value = plain(value)
    if isinstance(value, dict):
        kept = {key: pruned(member) for key, member in value.items() if key != "uid"}
        return {key: member for key, member in kept.items() if member != {}}
    return [pruned(member) for member in value] if isinstance(value, list) else value


@pytest.mark.parametrize("slug", SOME)
def test_the_python_and_the_json_make_the_figure(slug):
    spec = spec_of(as_figure(chart_of(slug).make()))
    made: dict[str, go.Figure] = {}
    exec(python_code(spec), made)  # our own text
    again = go.Figure(json.loads(json_text(spec)))
    assert pruned(spec_of(made["fig"])) == pruned(spec) == pruned(spec_of(again))


@pytest.mark.parametrize("slug", ["bar", "sunburst", "holoviews-curves"])
def test_the_call_with_its_edits_makes_the_edited_figure(slug):
    chart = chart_of(slug)
    base = spec_of(as_figure(chart.make()))
    edits = []
    for text in ("title_text='Mine'", "data[0].opacity=0.5", "title.font.size=20"):
        edits += read_edits(text, applied(base, edits))
    made: dict[str, go.Figure] = {}
    exec(call_code(chart, base, edits), made)
    assert pruned(spec_of(as_figure(made["fig"]))) == pruned(applied(base, edits))


def test_what_is_shown_is_cut_and_says_so():
    spec = {"data": [{"type": "scatter", "y": list(range(1000))}], "layout": {}}
    assert "… 1,000 in all]" in python_code(shortened(spec))
    assert "… 1,000 in all]" in short_json(spec)
    assert len(json.loads(json_text(spec))["data"][0]["y"]) == 1000


def test_new_and_lost_lines_are_marked():
    assert marked_lines("a\nb\nc", "a\nB\nc") == [("", "a"), ("-", "b"), ("+", "B"), ("", "c")]


def test_the_tree_says_what_is_new_changed_and_gone():
    before = {"data": [{"type": "bar", "y": [1]}], "layout": {"title": {"text": "t"}}}
    after = applied(before, read_edits("{'title_font_size': 20, 'title_text': None}", before))
    after = applied(after, read_edits("data[0].y=[2]", after))
    data, layout = nodes_of(after, before)
    marks = {node["path"]: node["mark"] for node in flat([data, layout])}
    assert marks["data[0].y"] == "changed"
    assert marks["layout.title.font.size"] == "new"
    assert marks["layout.title.text"] == "gone"
    assert marks["data"] == marks["layout"] == "inside"


def flat(nodes):
    for node in nodes:
        yield node
        yield from flat(node["members"])


def test_every_chart_has_a_tree_that_can_be_sent():
    for chart in CHARTS:
        if chart.library != "HoloViews":
            spec = spec_of(chart.make())
            assert len(json.dumps(nodes_of(spec, spec))) < 60_000, chart.slug
