"""Edits by path: every spelling is the same edit, plotly.py agrees to the byte, nonsense is refused."""

import json
import re
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards.parts import figure_paths
from dashboards.parts.figure_paths import Edit, applied, joined, read_edits, read_path
from dashboards.parts.figure_schema import EditError, checked, dots, place_of
from dashboards.parts.figure_spelling import proof, spellings
from dashboards.parts.figure_values import json_text, literal, plain, spec_of, summary
from dashboards.parts.limits import EDIT_CHARS
from dashboards.parts.plotly_paths import value_at

# As the talk builds it.
FIRST = {
    "data": [{"type": "scatter", "x": [0, 1, 2], "y": [6, 2, 1]}, {"type": "bar", "y": [3, 1, 1]}],
    "layout": {"title": {"text": "My first figure"}},
}
SIZE = Edit(("layout", "title", "font", "size"), 25)


@pytest.mark.parametrize(
    "text",
    [
        "layout.title.font.size = 25",
        "fig.layout.title.font.size=25",
        "title.font.size = 25",
        "title_font_size=25",
        "layout_title_font_size=25",
        "layout.title_font.size = 25",
        'layout["title"]["font"]["size"] = 25',
        '{"layout": {"title": {"font": {"size": 25}}}}',
        '{"title": {"font": {"size": 25}}}',
        '{"title_font": {"size": 25}}',
        "dict(title=dict(font=dict(size=25)))",
        "fig.update_layout(title_font_size=25)",
        'fig.update_layout({"title": {"font": {"size": 25}}})',
        "fig.update(layout_title_font_size=25);",
    ],
)
def test_every_spelling_is_the_same_edit(text):
    assert read_edits(text, FIRST) == [SIZE]


def test_edits_of_traces():
    color = Edit(("data", 1, "marker", "color"), "red")
    for text in (
        "data[1].marker.color = 'red'",
        "data_1_marker_color='red'",
        'data[1]={"marker":{"color":"red"}}',
    ):
        assert read_edits(text, FIRST) == [color]
    assert read_edits("update_traces(marker_color='red', selector=1)", FIRST) == [color]
    assert read_edits("marker_color='red'", FIRST, at=("data", 1, "y")) == [color]
    assert len(read_edits("fig.update_traces(marker_color='red')", FIRST)) == 2
    added = applied(FIRST, read_edits("data[2] = {'type': 'pie', 'values': [1, 2]}", FIRST))
    assert added["data"][2] == {"type": "pie", "values": [1, 2]}
    assert len(FIRST["data"]) == 2, "what was given stays as it is"
    assert [t["type"] for t in applied(FIRST, [Edit(("data", 0), None)])["data"]] == ["bar"]


def test_a_text_is_a_title_as_plotly_takes_it():
    assert read_edits("title = 'Hi'", FIRST) == [Edit(("layout", "title", "text"), "Hi")]
    assert go.Figure(layout_title="Hi").layout.title.text == "Hi"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("layout.titel.text = 'x'", 'no “titel” in layout. Did you mean "title"'),
        ("titel_font_size=3", 'Did you mean "title"'),
        ("title_font_sise=3", 'no “sise” in layout.title.font. Did you mean "size"'),
        ("data[0].marker.colr = 'red'", 'Did you mean "color"'),
        ("data[7].x = [1]", "data has 2, numbered from 0; data\\[2\\] adds one"),
        ("data.x = [1]", "data is a list: give a number"),
        ("marker_color='red'", "belongs to a trace: write data\\[0\\].marker_color"),
        ("layout.title.font.size = 'big'", "layout.title.font.size cannot be 'big'. It must be a number"),
        ("layout.title.font.size = 0", r"interval \[1, inf\]"),
        ("layout.title.font.size = 1e999", "must be finite"),
        ("layout.title.text = Hello", 'Text needs quotes: "Hello"'),
        ("layout.title.font = 3", "layout.title.font is an object"),
        ("data[2] = {'type': 'bra'}", 'no trace of type .bra.. Did you mean "bar"'),
        ("layout.__class__ = 1", "“__class__”: names that begin with an underscore"),
        ("__class__ = 1", "“__class__”: names that begin with an underscore"),
        ("layout.title.__init__.__globals__ = 1", "names that begin with an underscore"),
        ("layout___class__=1", "names that begin with an underscore"),
        ("data[0]['__class__'] = 1", "names that begin with an underscore"),
        ('{"layout": {"__class__": 1}}', "names that begin with an underscore"),
        ("data[2] = {'type': 'bar', '__class__': 1}", "no “__class__” in data"),
        ("layout.annotations = [{'_parent': 1}]", "no “_parent” in layout.annotations"),
        ("layout.title.text = __import__('os').getcwd()", "neither JSON nor a Python literal"),
        ("layout.title.text = (lambda: 'x')()", "neither JSON nor a Python literal"),
        ("fig.update_layout(title_text=open('/etc/passwd').read())", "neither JSON nor a Python literal"),
        ("fig.update_layout(title_text='x').show()", "more than one call"),
        ("import os", "is no path with a value"),
        ("((((((((((((((((((((((((", "is no path with a value"),
        ("", "Nothing to change"),
        ("{}", "Nothing to change"),
        ("layout.images = [{'source': 'https://example.org/a.png'}]", "fetched from a server"),
        ("data[0].type = 'scattermap'", "server of map tiles"),
        ("data[2] = {'type': 'choropleth', 'geojson': 'http://example.org/a.json'}", "fetched from a server"),
    ],
)
def test_what_is_wrong_is_said(text, message):
    before = json.dumps(FIRST)
    with pytest.raises(EditError, match=message):
        applied(FIRST, read_edits(text, FIRST))
    assert json.dumps(FIRST) == before


@pytest.mark.parametrize(
    "text", ["x" * 10_000_000, "[" * 150_000, "title_text=" + "(" * 5_000, "a.b" * 60_000]
)
def test_what_is_too_long_or_too_deep_is_refused(text):
    with pytest.raises(EditError):
        read_edits(text, FIRST)
    assert EDIT_CHARS < 10_000_000


EDITS = [
    SIZE,
    Edit(("layout", "title", "text"), "A “quoted” <b>text</b>"),
    Edit(("layout", "xaxis", "range"), [0, 3]),
    Edit(("layout", "xaxis2", "title", "text"), "second"),
    Edit(("layout", "annotations", 0, "text"), "note"),
    Edit(("layout", "shapes", 0, "line", "color"), "#ff0000"),
    Edit(("layout", "plot_bgcolor"), "white"),
    Edit(("layout", "showlegend"), False),
    Edit(("layout", "title", "text"), None),
    Edit(("data", 0, "x"), [1, 2, 3]),
    Edit(("data", 0, "error_y", "array"), [1, 2, 3]),
    Edit(("data", 1, "marker", "line", "width"), 2.5),
]


@pytest.mark.parametrize("edit", EDITS, ids=[dots(edit.path) for edit in EDITS])
def test_plotly_makes_the_same_of_all_three_spellings(edit):
    results = proof(edit, FIRST)
    assert len(set(results)) == 1
    for text in spellings(edit, FIRST):
        figure = (
            go.Figure(FIRST, {})
            if False
            else go.Figure({**FIRST, "layout": {**FIRST["layout"], "template": "none"}})
        )
        exec(text, {"fig": figure, "go": go})  # our own text
        assert json.loads(json_text(spec_of(figure))) == json.loads(json_text(applied(FIRST, [edit])))
        (last,) = text.splitlines()[-1:]
        assert applied(FIRST, read_edits(last, FIRST)) == applied(FIRST, [edit])


NUMBERS = {
    ("layout", "title", "font", "size"): st.integers(1, 100),
    ("layout", "margin", "l"): st.integers(0, 300),
    ("layout", "xaxis", "tickangle"): st.integers(-90, 90),
    ("data", 0, "marker", "size"): st.floats(0, 50, allow_nan=False),
    ("data", 1, "opacity"): st.floats(0, 1, allow_nan=False),
    ("layout", "legend", "title", "text"): st.text(max_size=20),
    ("data", 0, "name"): st.text(max_size=20),
}


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(NUMBERS, key=str)).flatmap(lambda path: st.tuples(st.just(path), NUMBERS[path]))
)
def test_dots_underscores_and_dicts_give_the_same_bytes(path_and_value):
    path, value = path_and_value
    written = json.dumps(value, ensure_ascii=False)
    dotted = f"{dots(path)} = {written}"
    underscored = f"{'_'.join(map(str, path))}={written}"
    nested = value
    for key in reversed(path[1:] if path[0] == "layout" else path[2:]):
        nested = {key: nested}
    nested = json.dumps({"layout": nested} if path[0] == "layout" else nested, ensure_ascii=False)
    nested = nested if path[0] == "layout" else f"data[{path[1]}] = {nested}"
    results = {json_text(applied(FIRST, read_edits(text, FIRST))) for text in (dotted, underscored, nested)}
    assert len(results) == 1
    figure = go.Figure(FIRST)
    top = figure.layout if path[0] == "layout" else figure.data[path[1]]
    top["_".join(path[1:] if path[0] == "layout" else path[2:])] = value
    assert json.loads(results.pop()) == json.loads(json_text(spec_of(figure)))


def test_edits_of_one_place_are_joined():
    one, other = Edit(("layout", "title", "text"), "a"), Edit(("layout", "title", "text"), "b")
    assert joined([one, SIZE], [other]) == [SIZE, other]
    whole = Edit(("layout", "title"), None)
    assert joined([one, SIZE], [whole]) == [whole]
    # Behind a trace that went, numbers mean other traces: nothing older is touched.
    gone = Edit(("data", 0), None)
    assert joined([Edit(("data", 0, "x"), [1]), gone], [Edit(("data", 0, "x"), [2])])[0].value == [1]


def test_a_path_alone_is_a_place_to_look_at():
    assert read_path("layout.title.font", FIRST) == ("layout", "title", "font")
    assert read_path("data[1].y", FIRST) == ("data", 1, "y")
    assert read_path("title_font_size=25", FIRST) is None
    assert place_of(("layout", "annotations"), FIRST).kind == "list"


def test_values_are_kept_as_plotly_keeps_them():
    assert checked(("layout", "annotations"), [{"text": "a"}], FIRST) == [{"text": "a"}]
    assert checked(("data", 2), {"type": "bar", "marker_color": "red"}, FIRST) == {
        "type": "bar",
        "marker": {"color": "red"},
    }
    assert checked(("layout", "template"), "plotly_dark", FIRST) == "plotly_dark"


def test_literals_and_words():
    assert literal("[1, 2.5, true, null]") == [1, 2.5, True, None]
    assert literal("{'a': (1, 2), 'b': None}") == {"a": [1, 2], "b": None}
    for text in ("{1, 2}", "b'x'", "1j", "a.b", "f'{1}'", "[x for x in y]", "NaN", "9**9**9"):
        with pytest.raises(ValueError, match=r"."):
            literal(text)
    assert plain(np.array([1.0, np.nan])) == [1.0, None]
    assert summary(np.arange(1000)) == "[1,000 numbers, 0 … 999]"
    assert summary("data:image/png;base64," + "A" * 5000).endswith("(5 kB)")


def test_nothing_that_is_typed_is_run(tmp_path):
    target = tmp_path / "made"
    for text in (
        f"title_text = open({str(target)!r}, 'w').write('x')",
        f"layout.title.text = __import__('pathlib').Path({str(target)!r}).touch()",
        f'fig.update_layout(title_text=open("{target}", "w"))',
        f'{{"layout": {{"title": open("{target}", "w")}}}}',
        f"fig.write_image({str(target)!r})",
    ):
        with pytest.raises(EditError):
            read_edits(text, {"data": [], "layout": {}})
    assert not target.exists()
    calls = re.compile(r"(?<![\w.])(eval|exec)\(")
    parts = Path(figure_paths.__file__).parent
    assert not [file.name for file in parts.rglob("*.py") if calls.search(file.read_text(encoding="utf-8"))]


def test_a_value_is_read_along_dots_and_brackets():
    layout = {"images": [{"source": "one"}, {"source": "two", "x": 0}], "title": {"text": "t"}}
    assert value_at(layout, "title.text") == "t"
    assert value_at(layout, "images[1].source") == "two"
    assert value_at(layout, "images[1].x") == 0
    assert value_at(layout, "images[2].source") is None
    assert value_at(layout, "title.text.size") is None
