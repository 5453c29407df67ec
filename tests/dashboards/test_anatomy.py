"""The anatomy of a figure without a browser: edits, undo, links, figures from elsewhere."""

import json
import time

import numpy as np
import plotly.graph_objects as go
import pytest

from dashboards.anatomy import FigureAnatomy
from dashboards.parts.chart_catalogue import CHARTS
from dashboards.parts.figure_schema import EditError
from dashboards.parts.limits import EDIT_CHARS, INSPECT_CHARS


@pytest.fixture
def anatomy():
    made = FigureAnatomy()
    made.main()
    return made


def test_it_opens_with_the_first_figure_of_the_talk(anatomy):
    figure = anatomy.figure
    assert [trace.type for trace in figure.data] == ["scatter", "bar"]
    assert (figure.data[0].x, figure.data[0].y) == ((0, 1, 2), (6, 2, 1))
    assert figure.data[1].y == (3, 1, 1)
    assert figure.layout.title.text == "My first figure"


def test_its_steps_build_it(anatomy):
    found = []
    for step in range(4):
        anatomy.state.start_from(step=step)
        found.append((len(anatomy.figure.data), anatomy.figure.layout.title.text))
    assert found == [(0, None), (1, None), (2, None), (2, "My first figure")]


def test_an_edit_is_one_step_and_goes_into_the_link(anatomy):
    anatomy.edit("title_font_size=25")
    anatomy.edit("fig.update_traces(opacity=0.5)")
    assert anatomy.views["figure"].figure.layout.title.font.size == 25
    anatomy.history.undo()
    assert anatomy.figure.data[0].opacity is None
    assert anatomy.figure.layout.title.font.size == 25
    anatomy.history.redo()
    query = anatomy.state.to_query()
    other = FigureAnatomy()
    assert other.state.apply_query(query) == []
    assert json.loads(other.code("JSON")) == json.loads(anatomy.code("JSON"))
    anatomy.history.reset()
    assert anatomy.figure.layout.title.font.size is None


@pytest.mark.parametrize(
    "text", ["layout.titel = 1", "layout.__class__ = 1", "title_font_size='big'", "x" * (EDIT_CHARS + 1)]
)
def test_a_wrong_edit_changes_nothing(anatomy, text):
    anatomy.edit("title_font_size=25")
    before, steps = anatomy.code("JSON"), anatomy.history.steps
    with pytest.raises(EditError):
        anatomy.edit(text)
    anatomy._typed(text[:EDIT_CHARS], len(text))
    assert anatomy._line.error
    assert anatomy.code("JSON") == before
    assert anatomy.history.steps == steps


@pytest.mark.parametrize(
    "edits",
    [
        '[["layout.__class__","x"]]',
        '[["layout.title.text"]]',
        "[[1,2]]",
        '[["data","x"]]',
        '[["layout.images",[{"source":"https://example.org/x.png"}]]]',
        '[["layout.title.font.size","big"]]',
        '[["layout",{}]]',
    ],
)
def test_nonsense_in_a_link_is_left_out(edits):
    anatomy = FigureAnatomy()
    plain = anatomy.code("JSON")
    anatomy.state.apply_query("v=1&e=" + edits.replace('"', "~"))
    assert anatomy.code("JSON") == plain


def test_another_chart_starts_afresh_and_undo_comes_back(anatomy):
    anatomy.edit("title_font_size=25")
    anatomy._chosen("sunburst")
    assert anatomy.figure.data[0].type == "sunburst"
    assert anatomy.state.edits == []
    assert "px.sunburst(" in anatomy.code("Plotly Express")
    anatomy.history.undo()
    assert anatomy.figure.layout.title.font.size == 25


def test_a_node_takes_text_without_quotes_where_text_is_meant(anatomy):
    anatomy._edited("layout.title.text", "Hello you")
    assert anatomy.figure.layout.title.text == "Hello you"
    anatomy._edited("data[0].line.color", "tomato")
    assert anatomy.figure.data[0].line.color == "tomato"
    anatomy._edited("layout.title.font.size", "big")
    assert "cannot be 'big'" in anatomy._tree.message
    anatomy._removed("layout.title.text")
    assert anatomy.figure.layout.title.text is None
    anatomy._removed("data[1]")
    assert [trace.type for trace in anatomy.views["figure"].figure.data] == ["scatter"]


def test_what_is_drawn_by_hand_is_an_edit(anatomy):
    view = anatomy.views["figure"]
    shape = {"type": "rect", "x0": 0, "x1": 1, "y0": 0, "y1": 1, "editable": True}
    view._handle("shapes", {"shapes": [shape]})
    assert anatomy.figure.layout.shapes[0].x1 == 1
    anatomy.history.undo()
    assert len(anatomy.figure.layout.shapes) == 0
    assert view.shapes == []


def test_a_figure_from_elsewhere(anatomy):
    mine = go.Figure(go.Scatter(x=np.arange(3), y=[1, 2, 3]), {"title": {"text": "mine"}, "width": 300})
    anatomy.open_json(mine.to_json(), "Mine")
    assert anatomy.figure.layout.title.text == "mine"
    assert list(anatomy.figure.data[0].x) == [0, 1, 2]
    anatomy.edit("title_font_size=25")
    assert "the figure that was brought here" in anatomy.state.link().left_out
    anatomy.history.undo()
    anatomy.history.undo()
    assert anatomy.figure.layout.title.text == "My first figure"
    direct = FigureAnatomy(mine)
    assert direct.figure.layout.title.text == "mine"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        '{"data": 3, "layout": {}}',
        '{"data": [{"type": "nonsense"}], "layout": {}}',
        '{"data": [], "layout": {"images": [{"source": "https://example.org/x.png"}]}}',
        '{"data": [{"type": "scattermap"}], "layout": {}}',
        "[" * 100_000,
        "x" * (INSPECT_CHARS + 1),
    ],
    ids=range(9),
)
def test_what_is_no_figure_is_refused(anatomy, text):
    before = anatomy.code("JSON")
    with pytest.raises(EditError):
        anatomy.open_json(text)
    assert anatomy.code("JSON") == before


@pytest.mark.parametrize("slug", [chart.slug for chart in CHARTS])
def test_every_chart_can_be_taken_apart(slug):
    anatomy = FigureAnatomy(chart=slug)
    assert len(anatomy._code.tabs) == 3
    for node in anatomy._tree.nodes[0]["members"]:
        anatomy.select(node["path"])
        assert anatomy._tree.selected == node["path"]
        assert json.loads(json.dumps(anatomy._tree.detail))["attributes"], "what may be added"
    anatomy.edit("title_text='Mine'")
    assert json.loads(anatomy.code("JSON"))["layout"]["title"]["text"] == "Mine"


def test_a_figure_with_big_columns_is_edited_quickly():
    y = np.random.default_rng(0).normal(size=1_000_000)
    anatomy = FigureAnatomy(go.Figure(go.Scattergl(y=y)))
    anatomy.main()
    start = time.perf_counter()
    anatomy.edit("title_text='a million'")
    assert time.perf_counter() - start < 2, "an edit does not go through the data"
    (data, _) = anatomy._tree.nodes
    assert any("1,000,000 numbers" in node["text"] for node in data["members"][0]["members"])
