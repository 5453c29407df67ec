"""The graph of every dashboard is true: every widget and stream is poked, and what ran is what is drawn.

The oracle knows nothing of the graph: a tracer in the session's thread notes which functions ran, Param's
own registers say which of them are callbacks, and the browser which pictures it was sent changes of.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import inspect
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from panel.widgets.base import WidgetBase
from param.parameterized import Parameters, Watcher

from dashboards.parts.callback_graph import Node, read_graph
from dashboards.parts.callback_trace import BACKGROUND, Trace
from dashboards.parts.callback_view import GraphView
from dashboards.parts.catalogue import DASHBOARDS, FOLDER, load
from data_sources import BrushlinkError
from tests.browser.apps.dashboard_page import DashboardPage, dashboard_page

# All controls and pictures of all dashboards: two minutes and more, and twice that on a busy machine.
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(480)]

OURS = str(FOLDER)
# Functions inside of the functions that make a control join it to a parameter: an arrow, no box.
LINKS = ("/controls.py", "/column_choice.py")
# The page around a dashboard, and the instruments themselves.
AROUND = (
    "shell.py", "page_bar.py", "under_the_hood.py", "event_list.py", "linked_plotly.py", "plotly_pane.py",
    "callback_view.py", "callback_trace.py", "stream_panels.py", "callbacks.py",
)  # fmt: skip
# Where Param calls what a watcher is about, and what may stand between there and the function.
CALLING = Parameters._execute_watcher.__code__
WITHIN_PARAM = ("_sync_caller", "_depends_sync")
# Another volume or another map, while each call is noted, on a busy machine.
ANSWER_S = 120
# Longer than a picture takes to say what it shows, after it was drawn anew.
STILL_S = 1.0
EXISTING = [item for item in DASHBOARDS if item.file.is_file()]


def bare(fn: Any) -> Any:
    """The function at the bottom of partials, bound methods and Param's own wrapping."""
    while True:
        if isinstance(fn, functools.partial):
            chosen = fn.keywords.get("function") or next((arg for arg in fn.args if callable(arg)), fn.func)
            fn = chosen
        elif hasattr(fn, "traced_callback"):
            fn = fn.traced_callback
        elif inspect.ismethod(fn):
            fn = fn.__func__
        elif hasattr(fn, "__wrapped__"):  # by `param.depends`
            fn = fn.__wrapped__
        else:
            return fn


def callbacks() -> dict[Any, str]:
    """Code of each function of ours that a watcher or a bound function calls, with its name."""
    found = {}
    for thing in gc.get_objects():
        if isinstance(thing, Watcher):
            fn = bare(thing.fn)
        elif inspect.isfunction(thing) and hasattr(thing, "__bound_function__"):
            fn = bare(thing.__bound_function__)
        else:
            continue
        code = getattr(fn, "__code__", None)
        if code is None or not code.co_filename.startswith(OURS) or code.co_filename.endswith(AROUND):
            continue
        if code.co_filename.endswith(LINKS) and "<locals>" in fn.__qualname__:
            continue
        found[code] = f"{fn.__module__}.{fn.__qualname__}"
    return found


class Recorder:
    """Notes, in the session's own thread, which functions of ours run.

    What the trace has counted is read in the same turn of the session in which the tracer goes, and the
    browser is told by then: what comes later, on a busy machine, neither of them has seen.
    """

    def __init__(self, one: DashboardPage, trace: Trace) -> None:
        self._one, self._trace = one, trace
        self.ran: set[Any] = set()
        self.untraced: list[tuple[Any, Any]] = []
        self.runs: dict[str, int] = {}
        self.passed: set[tuple[str, str]] = set()
        self.nodes: list[Node] = []
        self.event = 0

    def __enter__(self) -> Recorder:
        self._one.page.evaluate(WATCH_PICTURES_JS, RECORDED)
        self._one.do(self._begin)
        return self

    def __exit__(self, *_: object) -> None:
        self._one.do(self._end, timeout=ANSWER_S)

    def _begin(self) -> None:
        # Not setprofile: it tells of each call four times, and building figures takes thousands of calls.
        sys.settrace(self._called)

    def _end(self) -> None:
        sys.settrace(None)
        trace = self._trace
        self.runs, self.passed, self.event = dict(trace.runs), set(trace.seen), trace.event
        self.nodes = list(trace.graph.nodes.values())
        self._one.document.title = RECORDED

    def _called(self, frame: Any, _kind: str, _: Any) -> None:
        if not frame.f_code.co_filename.startswith(OURS):
            return
        self.ran.add(frame.f_code)
        caller = frame.f_back
        while caller is not None and caller.f_code.co_name in WITHIN_PARAM:
            caller = caller.f_back
        if caller is not None and caller.f_code is CALLING:
            self.untraced.append((frame.f_code, frame.f_locals.get("self")))


# In the browser: which pictures there are.
PICTURES_JS = """() => Bokeh.documents.flatMap(document => [...document._all_models.values()])
  .filter(model => model.type && model.type.endsWith('LinkedPlot'))
  .map(model => model.css_classes.find(one => one.startsWith('view-')).slice(5))"""

# Title of the document from when on nothing is noted.
RECORDED = "recorded"

# In the browser: which pictures got a change from Python.
WATCH_PICTURES_JS = """recorded => {
  window.patched = new Set()
  for (const document of Bokeh.documents) for (const model of document._all_models.values()) {
    if (!model.type || !model.type.endsWith('LinkedPlot')) continue
    const name = model.css_classes.find(one => one.startsWith('view-')).slice(5)
    model.properties.ops.change.connect(() => document.title() === recorded || window.patched.add(name))
  }
}"""

# In the browser: whether all that was sent until then has arrived.
ARRIVED_JS = "recorded => Bokeh.documents.some(document => document.title() === recorded)"


# -- poking -------------------------------------------------------------------------------------


def poke_widgets(one: DashboardPage, dashboard: Any) -> None:
    """Set every control of the dashboard once to something else, each as a message of its own."""
    places = [dashboard.main_area, *([dashboard.controls_column] if dashboard.has_controls else [])]
    for control in one.do(lambda: [widget for place in places for widget in place.select(WidgetBase)]):
        # A choice that the data cannot answer is told to the user; what ran until then, ran.
        with contextlib.suppress(BrushlinkError):
            one.do(functools.partial(_set_another, control), timeout=ANSWER_S)


def _set_another(control: Any) -> None:
    options = list(getattr(control, "options", None) or [])
    values = (
        list(control.options.values()) if isinstance(getattr(control, "options", None), dict) else options
    )
    if not hasattr(control, "value") or getattr(control, "disabled", False):
        return
    if isinstance(control.value, bool):
        control.value = not control.value
        control.value = not control.value  # a switch may take callbacks away
    elif isinstance(control.value, list) and values:
        control.value = values[:-1] if control.value != values[:-1] else values
    elif hasattr(control, "value_input"):
        control.value_input = "poked"
    elif len(values) > 1:
        control.value = next(value for value in values if value != control.value)
    elif isinstance(control.value, int | float) and hasattr(control, "start"):
        control.value = control.start if control.value != control.start else control.end


def poke_streams(one: DashboardPage, dashboard: Any) -> None:
    """Hover, click, drag, double-click and use the legend of every picture that can be seen."""
    for name in dashboard.views:
        plot = one.plot(name)
        area = plot.js(
            "if (!gd.checkVisibility()) return null; gd.scrollIntoView({block: 'center'});"
            " const r = (gd.querySelector('.nsewdrag, .sunburstlayer, .treemaplayer, .main-svg') || gd)"
            ".getBoundingClientRect(); return [r.left, r.top, r.width, r.height];"
        )
        if area is None or area[2] < 20:
            continue
        left, top, width, height = area
        at = lambda x, y: (left + width * x, top + height * y)  # noqa: B023, E731
        plot.hover_px(at(0.5, 0.5))
        plot.click_px(at(0.52, 0.48))
        plot.drag(at(0.3, 0.3), at(0.7, 0.7), steps=4)
        plot.click_px(at(0.5, 0.5), double=True)
        entries = plot.texts(".legend .traces .legendtext")
        if entries:
            box = plot.box_of(".legend .traces .legendtoggle", 0)
            plot.click_px((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2))
        # What one picture is asked must not wait behind the others.
        one.do(lambda: None, timeout=ANSWER_S)


def rest(one: DashboardPage, trace: Trace) -> None:
    """Wait until what was poked has been answered: nothing new for as long as a slow answer takes."""
    last: list[Any] = [None, 0.0]

    def still() -> bool:
        count = lambda: (sum(trace.runs.values()), sum(seen.count for seen in trace.seen.values()))  # noqa: E731
        now = one.do(count, timeout=ANSWER_S)
        if now != last[0]:
            last[:] = now, time.monotonic()
        return time.monotonic() - last[1] > STILL_S

    one.until(still, "the dashboard to come to rest", timeout=ANSWER_S)


# -- the test -----------------------------------------------------------------------------------


@pytest.mark.parametrize("item", EXISTING, ids=[item.slug for item in EXISTING])
def test_what_ran_is_what_is_drawn(item: Any, browser: Any, show: Callable[..., str]) -> None:
    made: list[GraphView] = []
    with dashboard_page(browser, show, load(item.slug)) as one:
        # The page of the graph leaves its instrument out; what it shows is a dashboard like any other.
        dashboard = getattr(one.dashboard, "shown", one.dashboard)

        def follow() -> None:
            made.append(GraphView(dashboard, name="test-graph", frame=True))
            made[0].live = True

        # Pictures below the first screen come after it.
        one.until(lambda: set(one.page.evaluate(PICTURES_JS)) >= set(dashboard.views), "all pictures")
        one.do(follow)
        trace = made[0].trace
        assert trace is not None
        with Recorder(one, trace) as seen:
            poke_streams(one, dashboard)
            poke_widgets(one, dashboard)
            rest(one, trace)
        known = callbacks()
        drawn = {
            node.id.removeprefix("f:"): node.id
            for node in seen.nodes
            if node.kind == "function" and node.id != BACKGROUND.id
        }
        ran = {code: name for code, name in known.items() if code in seen.ran}

        def box(code: Any) -> str | None:
            return drawn.get(f"{known[code]}:{code.co_firstlineno}") or drawn.get(known[code])

        # Each callback that ran has a box, and no box counts one that did not run.
        missing = [name for code, name in ran.items() if box(code) is None]
        assert not missing, f"ran and not drawn: {missing}"
        counted = {
            key for key, n in seen.runs.items()
            if n and key != BACKGROUND.id and not any(f".{file[:-3]}." in key for file in AROUND)
        }  # fmt: skip
        assert seen.event, "nothing was poked"
        assert counted <= {box(code) for code in ran}
        # Param calls none of this dashboard past the trace, which counts each call.
        page = [] if one.dashboard is dashboard else [one.dashboard.state, one.dashboard.history]
        past = [code for code, owner in seen.untraced if not any(owner is other for other in page)]
        assert not [ran[code] for code in past if code in ran]
        # What leads to a callback that was counted is drawn, and was passed.
        assert counted <= {target for _, target in seen.passed}
        # Each picture that was patched for the browser has an arrow that was passed, and no other has.
        reached = {target.removeprefix("view:") for _, target in seen.passed if target.startswith("view:")}
        one.until(lambda: one.page.evaluate(ARRIVED_JS, RECORDED), "what was sent to arrive")
        patched = set(one.page.evaluate("[...window.patched]"))
        assert patched & set(dashboard.views) == reached & set(dashboard.views)
        one.do(lambda: made[0].param.update(live=False))
        check_drawer(one)


def check_drawer(one: DashboardPage) -> None:
    """The tab "Callbacks" under the hood draws this dashboard: its own boxes, and no others."""
    one.page.get_by_role("button", name="Under the hood").click()
    one.page.get_by_role("tab", name="Callbacks").click()
    drawn = one.plot("drawer-graph").wait_drawn()
    known = set(one.do(lambda: read_graph(one.dashboard)).nodes)
    boxes = one.until(lambda: set(drawn.trace(0, "customdata") or []), "boxes")
    assert boxes <= known | {BACKGROUND.id}
    assert any(box.startswith(("stream:", "w:")) for box in boxes)
    assert any(box.startswith("f:") for box in boxes)


def test_nothing_stays_behind_when_nobody_looks() -> None:
    dashboard = load("gapminder")()
    before = _watchers(dashboard)
    view = GraphView(dashboard)
    view.live = True
    assert _watchers(dashboard) != before or any(
        hasattr(w.fn, "traced_callback") for w in _watchers(dashboard)
    )
    view.live = False
    after = _watchers(dashboard)
    assert not any(hasattr(watcher.fn, "traced_callback") for watcher in after)
    assert [id(watcher) for watcher in after] == [id(watcher) for watcher in before]


def _watchers(dashboard: Any) -> list[Watcher]:
    things = [dashboard.state, *dashboard.views.values(), *(v.pane for v in dashboard.views.values())]
    return [
        watcher
        for thing in things
        for kinds in thing._param__private.watchers.values()
        for watchers in kinds.values()
        for watcher in watchers
    ]
