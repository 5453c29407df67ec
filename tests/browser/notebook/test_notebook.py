"""A view in JupyterLab without a network: all comes with the notebook, PNG images draw, events arrive."""

import pytest
from skimage.data import chelsea

from tests.browser.driver import Plot, wait_until
from tests.browser.notebook.jupyterlab import FIRST_PAINT_S, OpenNotebook

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(400)]

LOAD_CURED = "from dashboards.parts.browser_cures import notebook_extension\nnotebook_extension()"
LOAD_PLAIN = "import panel as pn\nimport dashboards.parts.linked_plotly\npn.extension('plotly', inline=True)"
SHOW = """
import panel as pn
import plotly.express as px
from skimage.data import chelsea
from dashboards.parts.linked_plotly import LinkedPlotly
view = LinkedPlotly(px.imshow(chelsea()), name="photo", height=500, width=700, sizing_mode="fixed")
def answer(point):
    if point is None:
        return "nothing"
    view.patch(layout={"title.text": f"pixel {point.x}"})
    return f"colour {point.color}"
pn.Column(view, pn.pane.Str(pn.bind(answer, view.param.click)))
"""


# Each dashboard as README shows it.
CLASSES = ("FigureAnatomy", "CallbackGraph", "EventStreams", "WorldMap")
DASHBOARD = "from dashboards import {name}\n{name}()"


@pytest.fixture(scope="module")
def written(lab):
    """A JupyterLab with a notebook a case."""
    lab.write("cured", (LOAD_CURED, SHOW))
    lab.write("plain", (LOAD_PLAIN, SHOW))
    for name in CLASSES:
        lab.write(name, (LOAD_CURED, DASHBOARD.format(name=name)))
    return lab


@pytest.fixture
def notebook(written, browser):
    """A function that opens and runs a notebook: (page, page errors, outside requests)."""
    opened = []

    def run(name):
        opened.append(OpenNotebook(written, browser, name))
        # Cell by cell, as a reader does.
        opened[-1].load_panel(0)
        opened[-1].start(1)
        return opened[-1].page, opened[-1].errors, opened[-1].outside

    yield run
    for one in opened:
        one.close()
    written.end_kernels()


PAINTED = """
    const image = gd.querySelector('.imagelayer image');
    return !!(image && (image.getAttribute('href') || image.href.baseVal));
"""


def test_an_image_draws_and_answers_offline(notebook):
    page, errors, outside = notebook("cured")
    plot = Plot(page, "photo").wait_drawn(FIRST_PAINT_S)
    wait_until(page, lambda: plot.js(PAINTED) is True, message="the image is painted")
    plot.click_point(214, 140)
    wait_until(
        page, lambda: str(plot.layout("title.text")).startswith("pixel"), message="a patch after a click"
    )
    column = int(str(plot.layout("title.text")).split()[1])
    assert abs(column - 214) <= 1
    near = {str(tuple(map(int, chelsea()[row, column]))) for row in (139, 140, 141)}
    texts = "() => window.brushlinkDeep('pre').map(e => e.textContent).join(' ')"
    wait_until(page, lambda: "colour (" in str(page.evaluate(texts)), message="the colour of the pixel")
    assert any(color[:-1] in page.evaluate(texts) for color in near)
    assert errors == []
    assert outside == []


def test_without_the_cure_the_image_is_missing(notebook):
    page, errors, _ = notebook("plain")
    wait_until(page, lambda: any("height" in error for error in errors), 150, "the fault of the loader")
    assert Plot(page, "photo").js(PAINTED) is not True


def anatomy_answers(page):
    plot = Plot(page, "figure")
    page.get_by_label("Edit by path").fill("title_text = 'in a notebook'")
    page.get_by_label("Edit by path").press("Enter")
    wait_until(page, lambda: plot.layout("title.text") == "in a notebook", message="the edit")


def callbacks_answer(page):
    page.get_by_label("Your text").press_sequentially("hello", delay=90)
    wait_until(page, lambda: page.locator("h2[aria-live]").inner_text() == "hello", message="the title")
    # JupyterLab joins what is typed quickly, so that five keys may be fewer calls.
    counted = "return gd.data[2].text.map(text => parseInt(text)).filter(count => count >= 1 && count <= 5);"
    wait_until(page, lambda: len(set(Plot(page, "graph").js(counted))) == 1, message="the counters")


def events_answer(page):
    Plot(page, "figure").click_point(1, 1)
    payload = page.locator("section[data-stream=click] .payload")
    wait_until(page, lambda: "customdata: 1" in payload.inner_text(), message="the payload")
    marks = Plot(page, "timeline")
    wait_until(page, lambda: len(marks.trace(0, "x") or []) > 1, message="the time line")


def map_answers(page):
    titles = [Plot(page, view) for view in ("map", "histogram", "ranking")]
    page.get_by_role("button", name="One step back").click()
    wait_until(
        page, lambda: all("2002" in str(one.layout("title.text")) for one in titles), message="the year"
    )
    titles[2].click_point(0, 10)
    headline = page.locator(".selection-bar b[role=status]")
    wait_until(
        page, lambda: headline.inner_text().startswith("1 of 142 countries"), message="the highest bar"
    )
    wait_until(page, lambda: page.get_by_role("gridcell", name="Japan").count() == 1, message="its row")


ANSWERS = dict(zip(CLASSES, (anatomy_answers, callbacks_answer, events_answer, map_answers), strict=True))
VIEWS = dict(zip(CLASSES, (["figure"], ["graph"], ["figure", "timeline"], ["map", "lines"]), strict=True))


@pytest.mark.parametrize("name", CLASSES)
def test_a_dashboard_draws_and_answers_offline(notebook, name):
    page, errors, outside = notebook(name)
    for view in VIEWS[name]:
        Plot(page, view).wait_drawn(FIRST_PAINT_S)
    ANSWERS[name](page)
    icons = (
        "[...document.fonts].some(font => font.family.includes('Material Icons') && font.status === 'loaded')"
    )
    wait_until(page, lambda: page.evaluate(icons), message="pictures instead of the names of icons")
    assert errors == []
    assert outside == []
