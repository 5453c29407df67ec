"""What a hand draws is in the log, and what the log says is drawn; at every zoom, after any sequence."""

import random

import numpy as np
import panel as pn
import plotly.graph_objects as go
import pytest

from dashboards.parts.browser_cures import install_cures
from dashboards.parts.drawing import Drawing
from dashboards.parts.linked_plotly import LinkedPlotly
from segmentation.annotations import Annotations
from segmentation.errors import SegmentationError
from segmentation.strokes import Stroke, stroke_from_shape, stroke_mask
from tests.browser.driver import Plot, in_session, wait_until

pytestmark = pytest.mark.browser

ROWS, COLS = 200, 300


def figure():
    return go.Figure(
        go.Heatmap(z=np.zeros((ROWS // 10, COLS // 10)), dx=10, dy=10, x0=4.5, y0=4.5, showscale=False),
        {
            "xaxis": {"range": [-0.5, COLS - 0.5]},
            "yaxis": {"range": [ROWS - 0.5, -0.5], "scaleanchor": "x", "constrain": "domain"},
            "margin": {"l": 20, "r": 20, "t": 20, "b": 20},
        },
    )


@pytest.fixture
def drawn(page, show):
    """Function that opens a picture to draw on; returns (drawing, plot)."""

    def put(log=None):
        made = []

        def app():
            install_cures()
            view = LinkedPlotly(
                figure(), name="one", height=460, width=660, sizing_mode="fixed", config={"scrollZoom": True}
            )
            made.append(Drawing(view, log or Annotations((ROWS, COLS))))
            return pn.Column(view)

        page.goto(show(app))
        plot = Plot(page, "one").wait_drawn()
        return made[-1], plot

    return put


def shapes_in_browser(plot):
    return plot.js("return (gd.layout.shapes || []).map(s => ({...s}));")


def assert_equal(page, drawing, plot):
    """The strokes that the browser's shapes stand for are the log's, in its order."""

    def check():
        shapes = shapes_in_browser(plot)
        assert len(shapes) == len(drawing.log.strokes)
        for shape, stroke in zip(shapes, drawing.log.strokes, strict=True):
            _, said, width = shape["name"].split(";")
            read = stroke_from_shape(shape, int(said), width=float(width) or 1.0)
            assert (read.kind, read.class_id) == (stroke.kind, stroke.class_id)
            assert np.allclose(read.vertices, stroke.vertices, atol=0.002)
            assert stroke.is_area or read.width == stroke.width

    wait_until(page, check, message="browser and log are equal")


def use(drawing, page, **values):
    in_session(drawing._view, lambda: drawing.param.update(**values))
    wait_until(page, lambda: all(getattr(drawing, key) == one for key, one in values.items()))


def wait_tool(page, plot, tool, name=None):
    wait_until(
        page,
        lambda: (
            plot.js("return gd.layout.meta.drawing.tool") == tool
            and (name is None or plot.js("return gd.layout.newshape.name") == name)
        ),
        message=f"the browser has {tool} {name}",
    )


def draw(plot, *points):
    plot.drag_path([plot.px(x, y) for x, y in points])


def test_each_tool_makes_one_step_of_its_kind(drawn, page):
    drawing, plot = drawn()
    for tool, kind in (("pen", "path"), ("line", "line"), ("rectangle", "rect"), ("ellipse", "circle")):
        before = len(drawing.log.strokes)
        use(drawing, page, tool=tool)
        wait_tool(page, plot, tool)
        x = 30 + 60 * before
        draw(plot, (x, 40), (x + 30, 60), (x + 40, 80))
        wait_until(page, lambda n=before: len(drawing.log.strokes) == n + 1, message=tool)
        stroke = drawing.log.strokes[-1]
        assert stroke.kind == kind
        assert stroke.class_id == 1
        # Plotly draws an ellipse around where the drag began.
        start = np.mean(stroke.vertices, axis=0) if kind == "circle" else stroke.vertices[0]
        assert np.allclose(start, (40, x), atol=1.0)
    use(drawing, page, tool="area")
    wait_tool(page, plot, "area")
    draw(plot, (30, 120), (80, 120), (80, 170), (30, 170))
    wait_until(page, lambda: len(drawing.log.strokes) == 5)
    assert drawing.log.strokes[-1].kind == "polygon"
    use(drawing, page, tool="polygon")
    wait_tool(page, plot, "polygon")
    for corner in ((120, 120), (180, 120), (180, 180), (120, 180)):
        page.mouse.click(*plot.px(*corner))
    page.mouse.click(*plot.px(120, 120))
    wait_until(page, lambda: len(drawing.log.strokes) == 6, message="polygon by clicks")
    polygon = drawing.log.strokes[-1]
    # Corners of a square of 60 pixels, hit to the pixel of the screen.
    assert stroke_mask(polygon, (ROWS, COLS)).sum() == pytest.approx(3600, rel=0.03)
    wait_until(page, lambda: drawing.steps == 6)
    assert_equal(page, drawing, plot)
    for left in range(5, -1, -1):
        in_session(drawing._view, drawing.undo)
        wait_until(page, lambda n=left: len(shapes_in_browser(plot)) == n, message="undo is drawn")
    in_session(drawing._view, drawing.redo)
    wait_until(page, lambda: len(shapes_in_browser(plot)) == 1)
    assert_equal(page, drawing, plot)


def test_width_on_the_screen_is_the_masks_at_two_zooms(drawn, page):
    drawing, plot = drawn()
    use(drawing, page, width=12.0)
    wait_tool(page, plot, "pen", ";1;12")
    draw(plot, (60, 50), (200, 50))
    wait_until(page, lambda: len(drawing.log.strokes) == 1)

    def screen_width(index):
        return plot.js(
            "const p = gd.querySelectorAll('.shapelayer .shape-group path')[arg];"
            " return parseFloat(getComputedStyle(p).strokeWidth);",
            index,
        )

    def scale():
        low, high = plot.layout("xaxis.range")
        return plot.layout("xaxis._length") / (high - low)

    def masks_width(index):
        mask = stroke_mask(drawing.log.strokes[index], (ROWS, COLS))
        return int(mask[:, 130].sum())

    def ring_width():
        page.mouse.move(*plot.px(130, 60))
        page.mouse.move(*plot.px(131, 60))
        return plot.js("const r = gd.querySelector('.brushlink-ring'); return r && 2 * r.getAttribute('r');")

    assert masks_width(0) == 12
    assert ring_width() == pytest.approx(12 * scale(), rel=0.02)
    assert screen_width(0) == pytest.approx(12 * scale(), rel=0.02)
    far = scale()
    plot.js("window.Plotly.relayout(gd, {'xaxis.range': [90, 190], 'yaxis.range': [100, 33]});")
    wait_until(page, lambda: scale() > 2 * far, message="zoomed")
    wait_until(
        page, lambda: screen_width(0) == pytest.approx(12 * scale(), rel=0.02), message="old stroke widened"
    )
    draw(plot, (100, 80), (180, 80))
    wait_until(page, lambda: len(drawing.log.strokes) == 2)
    assert drawing.log.strokes[1].width == 12
    assert masks_width(1) == 12
    assert ring_width() == pytest.approx(12 * scale(), rel=0.02)
    assert screen_width(1) == pytest.approx(12 * scale(), rel=0.02)


def test_class_colour_keys_and_recolour(drawn, page):
    drawing, plot = drawn()
    page.keyboard.press("2")
    wait_until(page, lambda: drawing.class_id == 2)
    wait_tool(page, plot, "pen", ";2;8")
    draw(plot, (60, 50), (120, 60))
    wait_until(page, lambda: len(drawing.log.strokes) == 1)
    color = drawing.log.class_of(2).color
    assert shapes_in_browser(plot)[0]["line"]["color"] == color
    in_session(drawing._view, lambda: drawing.do(lambda log: log.recolor_class(2, "#123456")))
    wait_until(page, lambda: shapes_in_browser(plot)[0]["line"]["color"] == "#123456")
    page.keyboard.press("]")
    wait_until(page, lambda: drawing.width == 12)
    page.keyboard.press("e")
    wait_tool(page, plot, "erase")
    page.mouse.move(*plot.px(90, 20))
    page.mouse.down()
    page.mouse.move(*plot.px(90, 90), steps=12)
    page.mouse.up()
    wait_until(page, lambda: drawing.log.strokes == (), message="erased")
    assert shapes_in_browser(plot) == []


def test_a_click_paints_a_dot_and_a_drawn_stroke_does_not_stand_in_the_way(drawn, page):
    drawing, plot = drawn()
    page.mouse.click(*plot.px(150, 100))
    wait_until(page, lambda: len(drawing.log.strokes) == 1)
    assert stroke_mask(drawing.log.strokes[0], (ROWS, COLS)).sum() == pytest.approx(np.pi * 16, rel=0.2)
    draw(plot, (150, 100), (200, 100))  # begins on the dot
    wait_until(page, lambda: len(drawing.log.strokes) == 2)
    wait_until(page, lambda: drawing.steps == 2)


def test_moving_a_stroke_is_one_step(drawn, page):
    log = Annotations((ROWS, COLS), strokes=[Stroke("rect", ((60, 60), (100, 120)), 1)])
    drawing, plot = drawn(log)
    use(drawing, page, tool="move")
    wait_tool(page, plot, "move")
    plot.click_point(60, 80)  # on its outline
    wait_until(page, lambda: plot.js("return gd._fullLayout._activeShapeIndex === 0") is True)
    plot.drag(plot.px(90, 80), plot.px(130, 100))
    wait_until(page, lambda: log.strokes[0].vertices[0] != (60, 60), message="moved")
    assert np.allclose(sorted(log.strokes[0].vertices), [(80, 100), (120, 160)], atol=2)
    assert_equal(page, drawing, plot)
    wait_until(page, lambda: drawing.steps == 1)
    page.keyboard.press("Delete")
    wait_until(page, lambda: log.strokes == ())


def test_a_stroke_made_on_outdated_shapes_is_kept(drawn, page):
    log = Annotations((ROWS, COLS), strokes=[Stroke("line", ((20, 20), (20, 90)), 1, 4)])
    drawing, plot = drawn(log)
    # As if the browser had not heard yet that the first stroke was erased.
    late = {"rev": drawing._revision, "ids": [*drawing._ids, "b1"], "shapes": {}}
    late["shapes"]["b1"] = {"type": "path", "path": "M50,50L80,50", "name": "b1;2;6"}
    in_session(drawing._view, lambda: (drawing.do(lambda one: one.erase(0)), drawing._drawn(late)))
    wait_until(page, lambda: len(log.strokes) == 1 and log.strokes[0].class_id == 2)
    assert_equal(page, drawing, plot)


def test_log_and_browser_are_equal_after_any_sequence(drawn, page):
    drawing, plot = drawn()
    rng = random.Random(3)
    for _ in range(14):
        steps = drawing.steps
        action = rng.choice(["pen", "line", "rectangle", "ellipse", "undo", "redo", "erase"])
        if action in ("undo", "redo"):
            able = drawing.log.can_undo if action == "undo" else drawing.log.can_redo
            in_session(drawing._view, getattr(drawing, action))
            if able:
                wait_until(page, lambda n=steps: drawing.steps > n, message=action)
            continue
        use(drawing, page, tool=action, class_id=rng.choice([1, 2]))
        wait_tool(page, plot, action)
        x, y = rng.randint(30, 200), rng.randint(30, 120)
        draw(plot, (x, y), (x + rng.randint(20, 60), y + rng.randint(20, 60)))
        if action != "erase":
            wait_until(page, lambda n=steps: drawing.steps > n, message=action)
    assert_equal(page, drawing, plot)


def test_a_stroke_outside_the_image_is_refused_and_nothing_is_lost(drawn, page):
    drawing, plot = drawn()
    problems = []

    def late():
        shape = {"type": "line", "x0": 900, "y0": 900, "x1": 990, "y1": 990, "name": "b1;1;6"}
        try:
            drawing._drawn({"rev": drawing._revision, "ids": ["b1"], "shapes": {"b1": shape}})
        except SegmentationError as error:
            problems.append(str(error))

    in_session(drawing._view, late)
    wait_until(page, lambda: problems)
    assert "outside the image" in problems[0]
    assert drawing.log.strokes == ()
    assert shapes_in_browser(plot) == []
