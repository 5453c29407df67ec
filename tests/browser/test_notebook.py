"""A view in JupyterLab without a network: all comes with the notebook, PNG images draw, events arrive."""

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


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab with two notebooks: (address, folder)."""
    import nbformat  # comes with the extra `notebook`, which only the slow tests install

    folder = tmp_path_factory.mktemp("lab")
    for name, load in (("cured", LOAD_CURED), ("plain", LOAD_PLAIN)):
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(load), nbformat.v4.new_code_cell(SHOW)],
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
        page.get_by_text("Run", exact=True).first.click()
        page.get_by_text("Run All Cells", exact=True).click()
        return page, errors, outside

    yield run
    for context in contexts:
        context.close()


PAINTED = """
    const image = gd.querySelector('.imagelayer image');
    return !!(image && (image.getAttribute('href') || image.href.baseVal));
"""


def test_an_image_draws_and_answers_offline(notebook):
    page, errors, outside = notebook("cured")
    plot = Plot(page, "photo").wait_drawn(150)
    wait_until(page, lambda: plot.js(PAINTED) is True, 30, "the image is painted")
    plot.click_point(214, 140)
    wait_until(page, lambda: str(plot.layout("title.text")).startswith("pixel"), 30, "a patch after a click")
    column = int(str(plot.layout("title.text")).split()[1])
    assert abs(column - 214) <= 1
    near = {str(tuple(map(int, chelsea()[row, column]))) for row in (139, 140, 141)}
    texts = "() => window.brushlinkDeep('pre').map(e => e.textContent).join(' ')"
    wait_until(page, lambda: "colour (" in str(page.evaluate(texts)), 30, "the colour of the pixel")
    assert any(color[:-1] in page.evaluate(texts) for color in near)
    assert errors == []
    assert outside == []


def test_without_the_cure_the_image_is_missing(notebook):
    page, errors, _ = notebook("plain")
    wait_until(page, lambda: any("height" in error for error in errors), 150, "the fault of the loader")
    assert Plot(page, "photo").js(PAINTED) is not True
