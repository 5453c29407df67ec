"""Drawn shapes become rows, and stay: edited, erased, undone, on several images, through a reload."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from segmentation.strokes import Stroke
from tests.browser.annotate.conftest import Annotator

pytestmark = pytest.mark.browser


def test_shapes_of_all_kinds_are_measured_edited_and_kept(open_annotator: Callable[..., Annotator]) -> None:
    one = open_annotator()
    one.press("r", "rectangle")
    one.draw((20, 20), (80, 60))
    one.press("c", "ellipse")
    one.draw((120, 60), (150, 80))
    one.press("l", "line")
    one.draw((200, 40), (230, 80))
    one.press("p", "pen")
    one.draw((250, 40), (280, 40), (280, 80))
    one.press("a", "area")
    one.draw((20, 120), (80, 120), (80, 180), (20, 180))
    one.press("g", "polygon")
    for corner in ((120, 120), (180, 120), (180, 180), (120, 180), (120, 120)):
        one.page.mouse.click(*one.plot.px(*corner))
    one.count(6)
    one.equal()

    one.wait(lambda: len(one.dashboard.table) == 6, "six rows in Python")
    table = one.dashboard.table
    assert list(table["Type"]) == ["Rectangle", "Ellipse", "Line", "Pen stroke", "Area", "Area"]
    # By hand: sides of 60 × 40; an ellipse through the end of a drag of (30, 20) has half axes √2 times that;
    # a triangle of 30, 40, 50; 30 + 40; squares of 60.
    assert table["Area (px)"].fillna(0).tolist() == pytest.approx([2400, 3770, 0, 0, 3600, 3600], rel=0.04)
    assert table["Length (px)"].tolist() == pytest.approx([200, 224.4, 50, 70, 240, 240], rel=0.03)
    boxes = table[["x (px)", "y (px)", "Width (px)", "Height (px)"]].to_numpy()
    assert boxes[0] == pytest.approx([20, 20, 60, 40], abs=1.0)
    assert boxes[1] == pytest.approx([77.6, 31.7, 84.9, 56.6], abs=1.5)
    pixels = one.dashboard.state.image.array
    assert table["Mean"][0] == pytest.approx(pixels[20:60, 20:80].mean(), rel=0.02)
    one.wait(lambda: one.column("Type") == list(table["Type"]), "six rows")

    # A corner is dragged: the row follows.
    one.press("v", "move")
    one.plot.click_px(one.plot.px(20, 40))
    one.wait(lambda: one.dashboard.selected == 0, "the shape that was clicked is selected")
    one.wait(lambda: one.dashboard._list._list.selection == [0], "and its row")
    one.plot.drag(one.plot.px(80, 60), one.plot.px(100, 80))
    one.wait(lambda: one.dashboard.table["Area (px)"][0] == pytest.approx(4800, rel=0.03), "80 × 60")
    one.wait(lambda: one.column("Area (px)")[:1] > ["4,"], "the row of the rectangle")
    # A row is clicked: the shape lights up.
    one.page.locator(".shape-list .tabulator-row").nth(2).click()
    one.wait(lambda: one.dashboard.selected == 2)
    one.wait(
        lambda: (
            one.plot.js("return gd.layout.images.map(i => [i.visible, Math.round(i.x)])")[0] == [True, 192]
        ),
        "a ring around the line",
    )

    one.page.keyboard.press("Control+z")
    one.wait(lambda: one.dashboard.table["Area (px)"][0] == pytest.approx(2400, rel=0.04), "undone")
    one.page.keyboard.press("Control+Shift+z")
    one.wait(lambda: one.dashboard.table["Area (px)"][0] == pytest.approx(4800, rel=0.03), "done again")
    one.press("e", "erase")
    one.page.mouse.click(*one.plot.px(215, 60))
    one.count(5)
    one.wait(lambda: "Line" not in one.column("Type"), "the row of the line is gone")
    one.page.keyboard.press("Control+z")
    one.count(6)
    one.page.keyboard.press("Control+Shift+z")
    one.count(5)
    one.equal()

    # Each image has its own.
    one.run(lambda: one.dashboard.state.param.update(picture="cat"))
    one.count(0)
    one.press("r", "rectangle")
    one.draw((20, 20), (80, 60))
    one.run(lambda: one.dashboard.state.param.update(picture="coins"))
    one.count(5)
    one.wait(lambda: one.page.locator("button.saving").inner_text() == "Saved", "saved")
    before = one.dashboard.annotations.strokes
    one.open()
    one.count(5)
    assert one.dashboard.annotations.strokes == before
    one.equal()
    one.run(lambda: one.dashboard.state.param.update(picture="cat"))
    one.count(1)


def test_python_and_browser_agree_after_any_sequence(open_annotator: Callable[..., Annotator]) -> None:
    one = open_annotator()
    chance = random.Random(7)
    tools = {"r": "rectangle", "c": "ellipse", "l": "line", "p": "pen", "a": "area"}
    for step in range(14):
        strokes = one.dashboard.annotations.strokes
        act = chance.choice(["draw", "draw", "draw", "move", "erase", "undo", "redo"]) if step > 2 else "draw"
        if act == "draw":
            one.page.keyboard.press(chance.choice("123"))
            key = chance.choice(list(tools))
            one.press(key, tools[key])
            x, y = chance.uniform(50, 330), chance.uniform(50, 250)
            one.draw((x, y), (x + 25, y + 5), (x + 30, y + 30))
        elif act in ("undo", "redo"):
            one.settle()
            enabled = one.dashboard.history.can_undo if act == "undo" else one.dashboard.history.can_redo
            steps = one.dashboard.history.steps
            one.page.keyboard.press("Control+z" if act == "undo" else "Control+Shift+z")
            one.wait(lambda n=steps, on=enabled: one.dashboard.history.steps == n + on, act)
        elif strokes:
            row, col = chance.choice(strokes).vertices[0]
            if act == "erase":
                one.press("e", "erase")
                one.page.mouse.click(*one.plot.px(col, row))
            else:
                one.press("v", "move")
                one.plot.click_px(one.plot.px(col, row))
                one.plot.drag(one.plot.px(col, row), one.plot.px(col + 9, row + 6))
        one.equal()
    assert one.dashboard.history.can_undo
    labels = one.dashboard.labels
    assert labels.shape == (303, 384)
    assert (labels > 0).sum() > 0


# Plotly tells of a new shape when the images that it waits for are there.
WAIT_FOR_IMAGES_JS = """
const images = [new Promise((done) => { window.imagesAreThere = done; })];
Object.defineProperty(gd, '_promises', {get: () => images, set: () => {}, configurable: true});
"""
IMAGES_ARE_THERE_JS = "delete gd._promises; gd._promises = []; imagesAreThere();"


def test_strokes_that_plotly_has_not_told_of_are_heard_and_survive_what_python_draws(
    open_annotator: Callable[..., Annotator],
) -> None:
    one = open_annotator()
    one.press("r", "rectangle")
    one.draw((20, 20), (80, 60))
    one.plot.js(WAIT_FOR_IMAGES_JS)
    one.plot.drag_path([one.plot.px(120, 120), one.plot.px(180, 160)])
    one.wait(lambda: len(one.dashboard.annotations.strokes) == 2, "told when the mouse is released")
    one.plot.js(IMAGES_ARE_THERE_JS)
    one.count(2)
    # Without a mouse it is told before Python's shapes replace it.
    one.press("g", "polygon")
    one.plot.js(WAIT_FOR_IMAGES_JS)
    for corner in ((200, 120), (260, 120), (230, 160)):
        one.page.mouse.click(*one.plot.px(*corner))
    one.page.keyboard.press("Enter")
    one.wait(lambda: len(one.shapes()) == 3, "drawn in the browser")
    assert len(one.dashboard.annotations.strokes) == 2
    one.run(lambda: one.dashboard.drawing.do(lambda log: log.recolor_class(1, "#123456")))
    one.wait(lambda: len(one.dashboard.annotations.strokes) == 3, "told before it is replaced")
    one.plot.js(IMAGES_ARE_THERE_JS)
    one.count(3)
    one.equal()


def test_odd_input_is_told_and_loses_nothing(open_annotator: Callable[..., Annotator]) -> None:
    one = open_annotator()
    one.press("r", "rectangle")
    one.draw((20, 20), (80, 60))
    evil = "<img src=x onerror=alert(1)>"
    one.run(lambda: one.dashboard.drawing.do(lambda log: log.rename_class(1, evil)))
    one.wait(lambda: one.column("Class") == [evil], "the name as text")
    assert one.page.evaluate("brushlinkDeep('img[src=x]').length") == 0
    many = [
        Stroke("rect", ((9.5 * n % 290, 7.3 * n % 370), (9.5 * n % 290 + 8, 7.3 * n % 370 + 8)), 1)
        for n in range(1000)
    ]
    one.run(lambda: one.dashboard.drawing.do(lambda log: log.add(*many)))
    one.count(1001)
    one.wait(lambda: len(one.column("Class")) == 8, "a page of the list")
    one.run(lambda: one.dashboard.drawing.undo())
    one.count(1)
    drop = one.page.locator(".shape-drop input[type=file]")
    drop.set_input_files(
        files=[{"name": "notes.geojson", "mimeType": "application/json", "buffer": b"{not json"}]
    )
    one.page.get_by_role("alert").filter(has_text="is no JSON").wait_for()
    assert len(one.dashboard.annotations.strokes) == 1
    one.equal()
