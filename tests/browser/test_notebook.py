"""A view in JupyterLab without a network: all comes with the notebook, PNG images draw, events arrive."""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import pytest
from skimage.data import chelsea

from tests.browser.conftest import VIEWPORT, free_port, is_local
from tests.browser.driver import DEEP_QUERY_JS, Plot, wait_until

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
def lab(tmp_path_factory):
    """A JupyterLab with a notebook a case: its address."""
    import nbformat  # comes with the extra `notebook`, which only the slow tests install

    folder = tmp_path_factory.mktemp("lab")
    cells = {"cured": (LOAD_CURED, SHOW), "plain": (LOAD_PLAIN, SHOW)}
    cells |= {name: (LOAD_CURED, DASHBOARD.format(name=name)) for name in CLASSES}
    for name, (load, show) in cells.items():
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(load), nbformat.v4.new_code_cell(show)],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        )
        nbformat.write(notebook, folder / f"{name}.ipynb")
    port = free_port()
    private = {
        key: str(folder / key.lower()) for key in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
    }
    private |= {"JUPYTERLAB_SETTINGS_DIR": str(folder / "s"), "JUPYTERLAB_WORKSPACES_DIR": str(folder / "w")}
    log = (folder / "lab.log").open("wb")
    process = subprocess.Popen(
        [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}",
            "--IdentityProvider.token=", "--ServerApp.password=", f"--ServerApp.root_dir={folder}",
            "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            "--LabApp.extension_manager=readonly", "--ServerApp.disable_check_xsrf=True",
        ],
        cwd=folder, stdout=log, stderr=subprocess.STDOUT, env={**os.environ, **private},
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(f"{address}/api/status", timeout=10) as reply:
                json.load(reply)
            break
        except (urllib.error.URLError, OSError, json.JSONDecodeError):
            assert process.poll() is None, (folder / "lab.log").read_text(errors="replace")
            assert time.monotonic() < deadline, (folder / "lab.log").read_text(errors="replace")
            threading.Event().wait(0.2)
    yield address
    process.terminate()
    process.wait(30)
    log.close()


def run_cell(page, place):
    """Run a cell; JupyterLab may not listen yet when it looks as if it did."""
    cell = page.locator(".jp-Notebook .jp-CodeCell").nth(place)
    prompt = cell.locator(".jp-InputPrompt").first
    for _ in range(10):
        cell.locator(".jp-InputArea-editor").click()
        page.keyboard.press("Shift+Enter")
        with contextlib.suppress(AssertionError):
            wait_until(page, lambda: any(sign in prompt.inner_text() for sign in "*12"), 6)
            return
    raise AssertionError(f"cell {place} does not run")


@pytest.fixture
def notebook(lab, browser):
    """A function that opens and runs a notebook: (page, page errors, outside requests)."""
    contexts = []

    def run(name):
        context = browser.new_context(viewport=VIEWPORT)
        contexts.append(context)
        context.add_init_script(DEEP_QUERY_JS)
        page = context.new_page()
        errors, outside = [], []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: None if is_local(request.url) else outside.append(request.url))
        page.goto(f"{lab}/lab/tree/{name}.ipynb?reset")
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=120_000)
        page.locator(".jp-Notebook .jp-CodeCell").first.click()
        idle = page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
        idle.first.wait_for(timeout=120_000, state="attached")
        # Cell by cell, as a reader does: Panel waits no more than five seconds for its scripts.
        run_cell(page, 0)
        loaded = "() => Boolean(window.Bokeh && window.Bokeh.Panel)"
        wait_until(page, lambda: page.evaluate(loaded), 120, "Panel's scripts")
        run_cell(page, 1)
        return page, errors, outside

    yield run
    for context in contexts:
        context.close()
    # A kernel with plotly and skimage takes some hundred MB.
    with urllib.request.urlopen(f"{lab}/api/sessions", timeout=30) as reply:
        sessions = json.load(reply)
    for session in sessions:
        ending = urllib.request.Request(f"{lab}/api/sessions/{session['id']}", method="DELETE")
        urllib.request.urlopen(ending, timeout=30).close()


PAINTED = """
    const image = gd.querySelector('.imagelayer image');
    return !!(image && (image.getAttribute('href') || image.href.baseVal));
"""


def test_an_image_draws_and_answers_offline(notebook):
    page, errors, outside = notebook("cured")
    plot = Plot(page, "photo").wait_drawn(150)
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
        Plot(page, view).wait_drawn(150)
    ANSWERS[name](page)
    icons = (
        "[...document.fonts].some(font => font.family.includes('Material Icons') && font.status === 'loaded')"
    )
    wait_until(page, lambda: page.evaluate(icons), message="pictures instead of the names of icons")
    assert errors == []
    assert outside == []
