"""Fixtures that open the annotator, seen from both of its sides: the browser and the session."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import panel as pn
import pytest
from playwright.sync_api import Page

from dashboards.annotate import ShapeAnnotator
from dashboards.parts.shell import make_page
from dashboards.parts.store import the_store
from segmentation.strokes import stroke_from_shape
from tests.browser.driver import Plot, in_session, wait_until


class Annotator:
    """The page with the dashboards that were made for its visits, the last one in front."""

    def __init__(self, page: Page, url: str, made: list[ShapeAnnotator]) -> None:
        self.page, self.url, self.made = page, url, made
        self.plot = Plot(page, "image")

    @property
    def dashboard(self) -> ShapeAnnotator:
        return self.made[-1]

    def open(self, query: str = "") -> Annotator:
        visits = len(self.made)
        self.page.goto(self.url + query)
        self.wait(lambda: len(self.made) > visits, "a session")
        self.plot.wait_drawn()
        self.page.get_by_role("toolbar", name="Page").wait_for()
        return self

    def run(self, act: Callable[[], Any]) -> None:
        in_session(self.dashboard.image_view.plot, act)

    def settle(self) -> None:
        """Wait until the session has done what it was about."""
        done = threading.Event()
        self.run(done.set)
        self.wait(done.is_set, "the session to rest")

    def wait(self, condition: Callable[[], Any], message: str = "") -> Any:
        return wait_until(self.page, condition, message=message)

    def shapes(self) -> list[dict[str, Any]]:
        return list(self.plot.js("return (gd.layout.shapes || []).map(s => ({...s}));"))

    def press(self, key: str, tool: str) -> None:
        """Choose a tool by its key, and wait until the picture draws with it."""
        self.page.keyboard.press(key)
        self.wait(
            lambda: (
                self.plot.js("return gd.layout.meta.drawing.tool") == tool
                and self.plot.js("return gd._fullLayout.dragmode") == TOOL_MODES[tool]
            ),
            f"the tool {tool}",
        )

    def draw(self, *points: tuple[float, float]) -> None:
        """Drag along image positions (x, y), and wait for one shape more."""
        before = len(self.dashboard.annotations.strokes)
        self.plot.drag_path([self.plot.px(*point) for point in points])
        self.wait(lambda: len(self.dashboard.annotations.strokes) == before + 1, "one shape more")

    def count(self, shapes: int) -> None:
        """Wait until both sides have so many shapes."""
        self.wait(lambda: len(self.dashboard.annotations.strokes) == shapes, f"{shapes} shapes in Python")
        self.wait(lambda: len(self.shapes()) == shapes, f"{shapes} shapes in the browser")

    def column(self, name: str) -> list[str]:
        """Cells of a column of the list of shapes as people read them."""
        cells = self.page.locator(f'.shape-list .tabulator-cell[tabulator-field="{name}"]')
        return cells.all_inner_texts()

    def equal(self) -> None:
        """The browser's shapes are the strokes that Python holds, in its order."""

        def check() -> None:
            shapes, strokes = self.shapes(), self.dashboard.annotations.strokes
            assert len(shapes) == len(strokes)
            for shape, stroke in zip(shapes, strokes, strict=True):
                _, said, width = shape["name"].split(";")
                read = stroke_from_shape(shape, int(said), width=float(width) or 1.0)
                assert (read.kind, read.class_id) == (stroke.kind, stroke.class_id)
                assert np.allclose(read.vertices, stroke.vertices, atol=0.002)

        self.wait(check, "browser and Python are equal")


TOOL_MODES = {
    "move": "pan",
    "pen": "drawopenpath",
    "line": "drawline",
    "rectangle": "drawrect",
    "ellipse": "drawcircle",
    "area": "drawclosedpath",
    "polygon": "drawclosedpath",
    "erase": "pan",
}


@pytest.fixture
def open_annotator(
    page: Page, show: Callable[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Callable[..., Annotator]]:
    """A function that opens the annotator, with a store of its own."""
    monkeypatch.setenv("BRUSHLINK_STORE", str(tmp_path / "work.sqlite"))

    def make(query: str = "", **given: Any) -> Annotator:
        made: list[ShapeAnnotator] = []

        def app() -> pn.viewable.Viewable:
            shell = make_page(lambda: made.append(ShapeAnnotator(**given)) or made[-1])  # type: ignore[func-returns-value]
            return shell.page

        return Annotator(page, show(app), made).open(query)

    yield make
    store = the_store()
    assert store is not None
    store.close()
