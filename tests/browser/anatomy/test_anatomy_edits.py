"""Edits of a figure in a browser: by path, by node, by hand; what was painted, and what the code says."""

from __future__ import annotations

import json

import plotly.graph_objects as go
import pytest

from tests.browser.anatomy.conftest import AnatomyPage

pytestmark = pytest.mark.browser

SIZE_JS = "return getComputedStyle(gd.querySelector('.gtitle')).fontSize;"


def test_a_path_in_any_spelling_is_painted_and_gives_the_same_bytes(anatomy: AnatomyPage) -> None:
    found = []
    for size, text in (
        (25, "title_font_size=25"),
        (26, "layout.title.font.size = 26"),
        (25, "layout.title.font.size = 25"),
        (27, 'fig.update_layout({"title": {"font": {"size": 27}}})'),
        (25, '{"title": {"font": {"size": 25}}}'),
    ):
        anatomy.type_edit(text)
        anatomy.until(lambda size=size: anatomy.plot.js(SIZE_JS) == f"{size}px", f"{size} px by {text}")
        if size == 25:
            found.append(anatomy.dashboard.code("JSON"))
    assert len(set(found)) == 1
    assert json.loads(found[0])["layout"]["title"]["font"] == {"size": 25}
    assert '"size": 25' in anatomy.code("JSON")
    # The picture may be painted before the words and the tree.
    anatomy.until(lambda: anatomy.page.locator(".changes del").text_content() == "27", "what changed")
    said = anatomy.page.locator(".said").text_content() or ""
    for spelled in (
        "fig.layout.title.font.size = 25",
        "fig.update_layout(title_font_size=25)",
        "fig.update_layout({'title': {'font': {'size': 25}}})",
        "All three make the same JSON, to the byte",
    ):
        assert spelled in said
    assert anatomy.page.locator(".changes ins").text_content() == "25"
    mark = anatomy.page.locator('.tree li[data-path="layout.title.font.size"] .mark')
    anatomy.until(lambda: mark.text_content() == "new", "the mark in the tree")
    anatomy.until(lambda: anatomy.page.locator(".code .line.new").count() >= 1, "the mark in the code")


def test_new_x_moves_the_first_point(anatomy: AnatomyPage) -> None:
    anatomy.type_edit("layout.xaxis.range = [-1, 4]")
    anatomy.until(lambda: anatomy.plot.layout("xaxis.range") == [-1, 4])
    before = anatomy.plot.box_of(".scatterlayer .point")
    expected = anatomy.plot.px(1, 6)[0] - anatomy.plot.px(0, 6)[0]
    anatomy.type_edit("data[0].x = [1, 2, 3]")
    anatomy.until(lambda: anatomy.plot.trace(0, "x") == [1, 2, 3])
    anatomy.until(
        lambda: abs(anatomy.plot.box_of(".scatterlayer .point")["x"] - before["x"] - expected) < 1,
        "the first point one to the right",
    )


def test_a_wrong_path_says_so_and_changes_nothing(anatomy: AnatomyPage) -> None:
    before = anatomy.dashboard.code("JSON")
    painted = anatomy.plot.js("return gd.querySelector('.main-svg').innerHTML;")
    alert = anatomy.page.locator(".edit [role=alert]")
    for text, message in (
        ("layout.titel.text = 'x'", 'Did you mean "title"?'),
        ("layout.__class__ = 1", "names that begin with an underscore"),
        ("title_font_size = 'big'", "It must be a number"),
        ("layout.title.text = <img src=x onerror=alert(1)>", "cannot be read"),
    ):
        anatomy.type_edit(text)
        anatomy.until(lambda message=message: message in (alert.text_content() or ""), message)
        assert anatomy.page.get_by_label("Edit by path").input_value() == text, "what was typed stays"
    assert anatomy.dashboard.code("JSON") == before
    assert anatomy.plot.js("return gd.querySelector('.main-svg').innerHTML;") == painted


def test_ten_megabytes_are_refused(anatomy: AnatomyPage) -> None:
    before = anatomy.dashboard.code("JSON")
    anatomy.page.get_by_label("Edit by path").evaluate(
        "field => { field.value = 'layout.title.text = \"' + 'x'.repeat(1e7) + '\"';"
        " field.form.requestSubmit() }"
    )
    alert = anatomy.page.locator(".edit [role=alert]")
    anatomy.until(lambda: "10,000,022 characters long" in (alert.text_content() or ""), "told so")
    assert anatomy.dashboard.code("JSON") == before
    anatomy.type_edit("title_text='still here'")
    anatomy.until(lambda: anatomy.title() == "still here")


def test_an_element_of_the_picture_is_a_node(anatomy: AnatomyPage) -> None:
    anatomy.type_edit(
        '{"layout": {"xaxis": {"title": {"text": "across"}}, "legend": {"title": {"text": "traces"}},'
        ' "annotations": [{"x": 1, "y": 5, "text": "here", "showarrow": false}]}}'
    )
    anatomy.until(lambda: anatomy.plot.texts(".annotation-text") == ["here"])
    for selector, path in (
        (".gtitle", "layout.title.text"),
        (".xtitle", "layout.xaxis.title.text"),
        (".ytick", "layout.yaxis"),
        (".annotation-text", "layout.annotations[0]"),
        (".legendtitletext", "layout.legend.title.text"),
    ):
        # In the corner the labels of both axes meet: take one from the middle.
        box = anatomy.plot.box_of(selector, 3 if selector == ".ytick" else 0)
        anatomy.plot.click_px((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2))
        anatomy.until(lambda path=path: anatomy.selected() == path, path)
        assert anatomy.page.locator('.tree li[aria-selected="true"]').count() == 1 or path == "layout.yaxis"
    anatomy.plot.click_point(1, 0.5)
    anatomy.until(lambda: anatomy.selected() == "data[1]", "a bar is its trace")
    anatomy.plot.click_point(1, 2)
    anatomy.until(lambda: anatomy.selected() == "data[0]", "a point is its trace")


def test_a_node_is_edited_removed_and_added_by_keys(anatomy: AnatomyPage) -> None:
    page = anatomy.page
    page.locator('.tree li[data-path="layout.title.text"]').click()
    anatomy.until(lambda: anatomy.selected() == "layout.title.text")
    value = page.get_by_label("Value", exact=True)
    anatomy.until(lambda: value.input_value() == "'My first figure'")
    value.fill("Edited in the tree")
    value.press("Enter")
    anatomy.until(lambda: anatomy.title() == "Edited in the tree")
    page.keyboard.press("Escape")
    tree = page.locator('.tree li[data-path="layout.title.text"]')
    tree.press("Delete")
    anatomy.until(lambda: anatomy.title() == "", "the title is gone")
    page.locator('.tree li[data-path="layout"] .key').click()
    anatomy.until(lambda: anatomy.selected() == "layout")
    adding = page.get_by_label("Add an attribute")
    adding.fill("plot_bg")
    adding.press("Enter")
    anatomy.until(lambda: anatomy.selected() == "layout.plot_bgcolor")
    assert "Not set; in force" in (page.locator("section.place dl").text_content() or "")
    page.get_by_label("Value", exact=True).fill("tomato")
    page.get_by_label("Value", exact=True).press("Enter")
    anatomy.until(
        lambda: (
            anatomy.plot.js("return getComputedStyle(gd.querySelector('.bglayer .bg, rect.bg')).fill;")
            == "rgb(255, 99, 71)"
        ),
        "a red ground",
    )


def test_undo_takes_back_one_edit_and_a_reload_keeps_all(anatomy: AnatomyPage) -> None:
    anatomy.type_edit("title_text='one'")
    anatomy.until(lambda: anatomy.title() == "one")
    anatomy.type_edit("title_text='two'")
    anatomy.until(lambda: anatomy.title() == "two")
    anatomy.page.get_by_role("button", name="Undo").click()
    anatomy.until(lambda: anatomy.title() == "one")
    anatomy.until(lambda: "one" in anatomy.page.url, "the address says so")
    anatomy.open(anatomy.page.url)
    anatomy.until(lambda: anatomy.title() == "one", "the link carries the edit")


def test_the_code_that_is_copied_makes_the_figure(anatomy: AnatomyPage) -> None:
    anatomy.type_edit("fig.update_traces(opacity=0.5)")
    anatomy.until(lambda: anatomy.plot.trace(1, "opacity") == 0.5)
    anatomy.code("Graph objects")
    anatomy.page.get_by_role("button", name="Copy as Graph objects").click()
    copied = anatomy.until(
        lambda: (
            (text := anatomy.page.evaluate("navigator.clipboard.readText()")).startswith("import") and text
        )
    )
    made: dict[str, go.Figure] = {}
    exec(copied, made)  # our own text
    assert made["fig"].data[1].opacity == 0.5
    assert made["fig"].layout.title.text == "My first figure"
