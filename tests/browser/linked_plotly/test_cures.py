"""Each fault of the plain Plotly pane shows with `pn.pane.Plotly`, and is gone with `LinkedPlotly`.

When a test of the plain pane fails, the fault is cured upstream, and the cure here may go.
"""

import numpy as np
import pandas as pd
import panel as pn
import panel_material_ui as pmui
import plotly.express as px
import plotly.graph_objects as go
import pytest
from skimage.data import chelsea

from dashboards.parts.browser_cures import install_cures
from dashboards.parts.theme import template
from tests.browser.driver import in_session, wait_until
from tests.browser.linked_plotly.conftest import TREE

pytestmark = pytest.mark.browser


# -- pixels of images: Uint8ClampedArray --------------------------------------------------


def photo():
    return px.imshow(chelsea()).update_layout(dragmode="zoom")


def test_plain_pane_loses_the_pixels_of_an_image(build, page, faults):
    pane, plot = build("plain", photo)
    plot.hover(214, 140)
    wait_until(page, lambda: any("Uint8ClampedArray" in fault for fault in faults), message="the fault")
    assert pane.hover_data is None
    page.close()
    faults.clear()


def test_pixels_of_an_image_arrive_and_shapes_after_a_click_too(build, page):
    one, plot = build("linked", photo, size=(1200, 800))
    plot.hover(214, 140)
    wait_until(page, lambda: one.hover is not None and (one.hover.x, one.hover.y) == (214, 140))
    assert one.hover.color[:3] == tuple(chelsea()[140, 214]) == (95, 47, 27)
    plot.click_point(200, 100)
    wait_until(page, lambda: one.click is not None)
    assert one.click.color[:3] == tuple(chelsea()[100, 200])
    in_session(one, lambda: one.set_dragmode("drawrect"))
    wait_until(page, lambda: plot.layout("dragmode") == "drawrect")
    for number in range(3):
        plot.drag(plot.px(60 + 90 * number, 60), plot.px(110 + 90 * number, 110))
        wait_until(page, lambda number=number: len(one.shapes) == number + 1)
    assert one.shapes[1]["x0"] == pytest.approx(150, abs=2)


def test_the_second_visitor_is_cured_too(build, page, new_page):
    build("linked", photo, size=(1200, 800))
    second = new_page()
    one, plot = build("linked", photo, target=second, size=(1200, 800))
    plot.hover(214, 140)
    wait_until(second, lambda: one.hover is not None and (one.hover.x, one.hover.y) == (214, 140))
    assert one.hover.color[:3] == (95, 47, 27)


# -- panel-material-ui restyles figures ------------------------------------------------------------


def in_material(view):
    return pmui.Page(title="t", main=[pn.Column(view)], name="page")


def themed():
    return go.Figure(go.Sunburst(**TREE), {"margin": {"l": 30, "t": 30, "r": 30, "b": 30}})


def test_material_page_restyles_a_plain_pane(build, page, faults):
    _, plot = build("plain", themed, wrap=in_material)
    wait_until(page, lambda: plot.layout("margin.l") == 64, message="pmui's margin")


def test_material_page_leaves_our_figures_and_patches_alone(build, page):
    pages = []

    def wrap(view):
        pages.append(in_material(view))
        return pages[-1]

    one, plot = build("linked", themed, wrap=wrap)
    colors = ["#440154", "#21918c", "#fde725"]
    in_session(one, lambda: one.patch({0: {"marker.colors": colors}}))
    wait_until(page, lambda: plot.trace(0, "marker.colors") == colors)
    in_session(one, lambda: one.set_level("World/Asia"))
    wait_until(page, lambda: plot.trace(0, "level", full=True) == "World/Asia")
    for dark, font in ((True, "dark"), (False, "light")):
        in_session(one, lambda dark=dark: setattr(pages[-1], "dark_theme", dark))
        in_session(one, lambda font=font: one.set_theme(font))
        ink = template(font)["layout"]["font"]["color"]
        wait_until(page, lambda ink=ink: plot.layout("font.color") == ink, message=f"{font} ink")
        assert plot.trace(0, "marker.colors") == colors
        assert plot.trace(0, "level", full=True) == "World/Asia"
        assert plot.layout("margin.l") == 30
    assert one.level == "World/Asia"


# -- shapes ----------------------------------------------------------------------------------------


def canvas():
    return go.Figure(
        go.Scatter(x=[0, 10], y=[0, 10], mode="markers"),
        {
            "dragmode": "drawrect",
            "xaxis": {"range": [0, 10]},
            "yaxis": {"range": [0, 10]},
            "newshape": {"line": {"color": "#123456", "width": 4}, "opacity": 1},
        },
    )


def test_plain_pane_lags_one_shape_behind(build, page):
    pane, plot = build("plain", canvas)
    seen = []
    pane.param.watch(lambda event: seen.append(len(pane.object.layout.shapes)), "relayout_data")
    for number in range(2):
        plot.drag_box((1 + 4 * number, 3 + 4 * number), (1, 3))
        wait_until(page, lambda number=number: len(plot.layout("shapes")) == number + 1)
    wait_until(page, lambda: len(seen) >= 2)
    assert len(pane.object.layout.shapes) < 2


def test_shapes_are_whole_after_draw_edit_and_erase(build, page):
    one, plot = build("linked", canvas)
    lists = []
    one.param.watch(lambda event: lists.append(len(one.figure.layout.shapes)), "shapes")
    plot.drag_box((1, 3), (1, 3))
    wait_until(page, lambda: len(one.shapes) == 1)
    in_session(one, lambda: one.set_dragmode("drawopenpath"))
    wait_until(page, lambda: plot.layout("dragmode") == "drawopenpath")
    plot.drag_path([plot.px(5, 5), plot.px(6, 7), plot.px(8, 6)])
    wait_until(page, lambda: len(one.shapes) == 2)
    assert one.shapes[1]["type"] == "path"
    assert one.shapes[1]["line"]["color"] == "#123456"
    assert lists == [1, 2]
    # Move the rectangle by its line: Plotly tells only what changed, we tell all.
    plot.click_px(plot.px(1, 2))
    plot.drag(plot.px(1, 2.4), plot.px(2, 2.4))
    wait_until(page, lambda: one.shapes[0]["x0"] == pytest.approx(2, abs=0.1), message="moved")
    assert set(one.shapes[0]) >= {"type", "x0", "x1", "y0", "y1", "line"}
    assert one.shapes[0]["x1"] == pytest.approx(4, abs=0.1)
    assert len(one.shapes) == 2
    assert one.figure.layout.shapes[0].x0 == one.shapes[0]["x0"]
    in_session(one, lambda: one.set_shapes(one.shapes[1:]))
    wait_until(page, lambda: len(plot.layout("shapes")) == 1)
    in_session(one, lambda: one.set_shapes([]))
    wait_until(page, lambda: len(plot.layout("shapes")) == 0)
    assert one.shapes == []


def test_erase_in_the_browser_arrives(build, page):
    one, plot = build(
        "linked", canvas, config={"modeBarButtonsToAdd": ["eraseshape"], "displayModeBar": True}
    )
    plot.drag_box((1, 3), (1, 3))
    wait_until(page, lambda: len(one.shapes) == 1)
    plot.click_px(plot.px(1, 2))
    wait_until(page, lambda: plot.js("return gd._fullLayout._activeShapeIndex;") == 0)
    box = plot.box_of('.modebar-btn[data-title="Erase active shape"]')
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    wait_until(page, lambda: one.shapes == [])
    assert len(one.figure.layout.shapes) == 0


def test_a_shape_drawn_while_python_works_survives_the_patch(build, page):
    one, plot = build("linked", canvas)
    plot.drag_box((1, 3), (1, 3))
    wait_until(page, lambda: len(one.shapes) == 1)
    plot.drag_box((5, 7), (1, 3))
    in_session(one, lambda: one.patch({0: {"y": [1.0, 9.0]}}, {"title.text": "answer"}))
    wait_until(page, lambda: plot.layout("title.text") == "answer")
    wait_until(page, lambda: len(one.shapes) == 2)
    assert len(plot.layout("shapes")) == 2


# -- Panel's list -----------------------------------------------------------------------------------


def test_rows_that_arrive_while_a_list_is_built_are_shown(build, page):
    place = pn.Column()
    rows = pn.widgets.Tabulator(pd.DataFrame({"a": ["old"]}), show_index=False)

    def beside(view):
        install_cures("tabulator")
        return pn.Column(view, place)

    one, _ = build("linked", canvas, wrap=beside)
    # Rows come in the very moment between the beginning and the end of the building.
    page.evaluate(
        """() => {
          const model = Bokeh.Models.get('panel.models.tabulator.DataTabulator')
          const view = model.prototype.default_view.prototype, begin = view.init_callbacks
          view.init_callbacks = function () {
            begin.call(this)
            const {source} = this.model
            source.setv({data: {...source.data, a: ['new']}}, {sync: false})
          }
        }"""
    )
    in_session(one, lambda: setattr(place, "objects", [rows]))
    cells = page.locator('.tabulator-cell[tabulator-field="a"]')
    wait_until(page, lambda: cells.all_inner_texts() == ["new"], message="the new row")


# -- others ----------------------------------------------------------------------------------------


def field():
    return go.Figure(go.Heatmap(z=np.zeros((3, 4))))


def test_plain_pane_blanks_a_heatmap_patched_in_place(build, page):
    pane, plot = build("plain", field)
    in_session(pane, lambda: setattr(pane.object.data[0], "z", np.arange(12.0).reshape(3, 4)))
    wait_until(page, lambda: plot.js("return gd.data[0].z.length;") != 3, message="flattened")


def test_first_message_is_no_relayout(build, page):
    one, _ = build("linked", field)
    wait_until(page, lambda: "x" in one.viewport)
    assert one.relayout == {}
    assert {event.stream for event in one.log.entries} == {"viewport"}


def test_box_over_an_image_has_a_region(build, page):
    one, plot = build("linked", lambda: photo().update_layout(dragmode="select"), size=(1200, 800))
    plot.drag_box((84, 173), (92, 156))
    wait_until(page, lambda: one.selected is not None)
    assert one.selected.x == pytest.approx((84, 173), abs=1)
    assert one.selected.y == pytest.approx((92, 156), abs=1)
    in_session(one, one.clear_selection)
    wait_until(page, lambda: plot.js("return (gd.layout.selections || []).length;") == 0)
    assert one.selected is None


def test_annotation_clicks(build, page):
    def noted():
        return canvas().update_layout(
            dragmode="zoom",
            annotations=[
                {"x": 5, "y": 5, "text": "here", "name": "mark", "captureevents": True, "showarrow": False}
            ],
        )

    one, plot = build("linked", noted)
    fired = []
    one.param.watch(lambda event: fired.append(event.new), "annotation_click", onlychanged=False)
    box = plot.box_of(".annotation-text-g")
    for number in range(2):
        plot.click_px((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2))
        wait_until(page, lambda number=number: len(fired) == number + 1)
    assert (fired[0].index, fired[0].text, fired[0].name) == (0, "here", "mark")


# -- widgets of React tell Python what it said itself ------------------------------------------------


def test_a_widget_tells_no_value_that_python_gave(build, page):
    names = [str(number) for number in range(60)]
    select = pmui.Select(label="Pick", options=names, value="0", width=200)
    told = []
    process = select._process_events
    select._process_events = lambda events: (told.append(events), process(events))
    one, _ = build("linked", photo, wrap=lambda view: pn.Column(select, view))
    shown = page.get_by_role("combobox", name="Pick", exact=True)
    wait_until(page, lambda: shown.inner_text() == "0", message="the list")
    for name in names:
        in_session(one, lambda name=name: select.param.update(value=name))
    wait_until(page, lambda: shown.inner_text() == names[-1] == select.value, message="the last value")
    assert [one for one in told if "value" in one] == []
    # What a hand chooses is told.
    shown.click()
    page.get_by_role("menuitem", name="17", exact=True).click()
    wait_until(page, lambda: select.value == "17" and shown.inner_text() == "17", message="the choice")
