"""The graph of callbacks without a browser: what Param declares, what is seen, where boxes stand."""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable

import panel as pn
import param
import pytest

from dashboards.callbacks import CallbackGraph
from dashboards.parts.callback_graph import Edge, Graph, Node, callback_of, function_node, read_graph
from dashboards.parts.callback_layout import Facts, picture, places, reached, shown
from dashboards.parts.callback_trace import Trace
from dashboards.parts.catalogue import DASHBOARDS, load
from dashboards.parts.dashboard import Dashboard
from dashboards.parts.limits import GRAPH_NODES
from dashboards.parts.state import DashboardState


class State(DashboardState):
    size = param.Integer(default=1, bounds=(0, 9))
    double = param.Integer(default=2)

    @param.depends("size", watch=True)
    def _doubled(self) -> None:
        self.double = 2 * self.size


def words(size: int) -> str:
    return f"size {size}"


class Small(Dashboard):
    """A widget joined to a parameter, a method that depends on it, a bound function, and a plain watcher."""

    slug, title, intro = "small", "Small", "Small. Very."

    def __init__(self) -> None:
        super().__init__(State())
        self._slider = pn.widgets.IntSlider.from_param(self.state.param.size)
        self._bound = pn.pane.HTML(pn.bind(words, self.state.param.size))
        self._told = pn.pane.HTML("")
        self.state.param.watch(self._tell, "double")

    def _tell(self, event: param.parameterized.Event) -> None:
        self._told.object = f"double {event.new}"

    def main(self) -> pn.viewable.Viewable:
        return pn.Column(self._slider, self._bound, self._told)


HERE = "f:tests.dashboards.test_callbacks"
DECLARED = {
    ("w:_slider", "p:state.size"),
    ("p:state.size", f"{HERE}.State._doubled"),
    ("p:state.size", f"{HERE}.words"),
    (f"{HERE}.words", "o:_bound"),
    ("p:state.double", f"{HERE}.Small._tell"),
}


def own(graph: Graph) -> set[tuple[str, str]]:
    return set(shown(graph, Facts()).edges)


def test_what_param_declares_is_read() -> None:
    assert own(read_graph(Small())) == DECLARED


def test_what_happens_is_counted_and_what_nobody_declares_is_found() -> None:
    dashboard = Small()
    trace = Trace(dashboard)
    trace.start()
    dashboard._slider.value = 3
    assert (dashboard.state.double, dashboard._told.object, dashboard._bound.object) == (
        6,
        "double 6",
        "size 3",
    )
    seen = {key: one.count for key, one in trace.seen.items() if not trace.graph.nodes[key[1]].frame}
    undeclared = {
        (f"{HERE}.State._doubled", "p:state.double"),
        (f"{HERE}.Small._tell", "o:_told"),
    }
    assert {key for key in seen if key[1] != "w:_slider"} == DECLARED | undeclared
    assert set(seen.values()) == {1}
    assert trace.event == 1
    assert trace.runs[f"{HERE}.words"] == 1
    assert trace.seen["p:state.double", f"{HERE}.Small._tell"].payload == "6"
    assert trace.fired == {"w:_slider": 1}
    dashboard._slider.value = 4
    assert trace.seen["w:_slider", "p:state.size"].count == 2
    trace.stop()
    dashboard._slider.value = 5
    assert trace.seen["w:_slider", "p:state.size"].count == 2
    assert dashboard._told.object == "double 10"


class Guarded(Small):
    """A guard stands before the function: it lets no odd number pass."""

    def __init__(self) -> None:
        super().__init__()
        self.state.param.watch(functools.partial(self._heard, self._even), "size")

    def _heard(self, handle: Callable[[int], None], event: param.parameterized.Event) -> None:
        if event.new % 2 == 0:
            handle(event.new)

    def _even(self, size: int) -> None:
        self._told.object = f"even {size}"


def test_what_a_guard_stops_is_not_counted() -> None:
    dashboard = Guarded()
    trace = Trace(dashboard)
    trace.start()
    arrow = ("p:state.size", f"{HERE}.Guarded._even")
    assert arrow in trace.graph.edges
    dashboard._slider.value = 3
    assert (arrow in trace.seen, trace.runs.get(arrow[1])) == (False, None)
    dashboard._slider.value = 4
    dashboard._slider.value = 5
    assert (trace.seen[arrow].count, trace.runs[arrow[1]]) == (1, 1)
    assert dashboard._told.object == "double 10"
    trace.stop()


def test_two_traces_of_one_dashboard_both_see_and_leave_nothing() -> None:
    dashboard = Small()
    one, two = Trace(dashboard), Trace(dashboard)
    one.start()
    two.start()
    dashboard._slider.value = 3
    assert one.runs == two.runs
    assert sum(one.runs.values()) > 0
    two.stop()
    one.stop()
    watchers = dashboard.state._param__private.watchers["double"]["value"]
    assert not any(hasattr(watcher.fn, "traced_callback") for watcher in watchers)


def test_who_watches_can_take_the_watcher_away_while_it_is_traced() -> None:
    dashboard = Small()
    watcher = dashboard.state.param.watch(dashboard._tell, "size")
    trace = Trace(dashboard)
    trace.start()
    dashboard.state.param.unwatch(watcher)
    dashboard.state.size = 3
    assert dashboard._told.object == "double 6"
    assert ("p:state.size", f"{HERE}.Small._tell") not in trace.seen


def test_an_error_passes_through_and_is_counted() -> None:
    dashboard = Small()

    def fail(event: param.parameterized.Event) -> None:
        raise ValueError("as it should")

    dashboard.state.param.watch(fail, "double")
    trace = Trace(dashboard)
    trace.start()
    with pytest.raises(ValueError, match="as it should"):
        dashboard.state.double = 7
    assert any(key.endswith("fail") for key in trace.runs)


def test_the_page_draws_text_callback_title() -> None:
    page = CallbackGraph()
    page.shown._text.value_input = "hello"
    assert page.shown._title.text == "hello"
    text, callback, title = "w:_text", "f:dashboards.parts.hello_world.title_of", "o:_title"
    seen = page.graph.trace.seen
    assert {key: one.count for key, one in seen.items()} == {(text, callback): 1, (callback, title): 1}
    page.shown.state.connected = False
    page.graph.refresh()
    assert not {(text, callback), (callback, title)} & set(page.graph.trace.graph.edges)
    # A link carries what is chosen in the dashboard that is looked at, and undo goes back in it.
    query = page.state.to_query()
    other = CallbackGraph()
    assert other.state.apply_query(query) == []
    assert other.shown.state.connected is False
    page.history.undo()
    assert page.shown.state.connected is True


def test_extensions_are_those_of_every_dashboard() -> None:
    needed = {name for item in DASHBOARDS if item.file.is_file() for name in load(item.slug).extensions}
    assert needed <= set(CallbackGraph.extensions)


def chain(*ids: str) -> Graph:
    kinds = {"w": "widget", "p": "parameter", "f": "function", "o": "output"}
    nodes = {id: Node(id, kinds[id[0]], id) for id in ids}  # type: ignore[arg-type]
    edges = {pair: Edge(*pair) for pair in itertools.pairwise(ids)}
    return Graph(nodes, edges)


def test_focus_keeps_what_leads_to_a_box_and_what_follows() -> None:
    graph = chain("w1", "p1", "f1", "o1")
    graph.join(Node("w2", "widget", "w2"), graph.nodes["f1"])
    assert reached(list(graph.edges.values()), "p1") == {"w1", "p1", "f1", "o1"}
    assert set(shown(graph, Facts(), focus="w2").nodes) == {"w2", "f1", "o1"}
    assert shown(graph, Facts(), ran=True).nodes == {}


def test_boxes_stand_in_their_columns_and_never_on_each_other() -> None:
    graph = Graph()
    for number in range(40):
        widget = Node(f"w{number}", "widget", f"w{number}")
        graph.join(widget, Node(f"p{number % 25}", "parameter", "p"))
        graph.join(Node(f"p{number % 25}", "parameter", "p"), Node(f"f{number % 7}", "function", "f"))
    where = places(graph)
    assert {where[node.id][0] for node in graph.nodes.values()} == {0, 1, 2}
    for column in range(3):
        rows = sorted(row for place, row in where.values() if place == column)
        assert all(after - before >= 1 for before, after in itertools.pairwise(rows))
    boxes, heads, counters = picture(graph, Facts())["data"]
    assert len(boxes["text"]) == len(graph.nodes)
    assert len(heads["x"]) == len(graph.edges)
    assert counters["x"] == []


def test_a_graph_of_any_size_is_bounded_and_labels_are_text() -> None:
    graph = Graph()
    for number in range(500):
        graph.join(Node(f"w{number}", "widget", "<b>bold</b>"), Node(f"p{number}", "parameter", "p"))
    few = shown(graph, Facts())
    assert len(few.nodes) <= GRAPH_NODES
    boxes = picture(few, Facts())["data"][0]
    assert not any("<b>bold" in text for text in boxes["text"])


def test_partials_and_lambdas_are_told_apart() -> None:
    assert callback_of(functools.partial(words, 3)) is words
    assert callback_of(functools.partial(map, words)) is words


def test_a_box_says_what_a_lambda_calls_and_where_a_method_stands() -> None:
    def act() -> None: ...

    dashboard = Small()
    labels = [
        function_node(fn).label
        for fn in (
            lambda event: dashboard._tell(event.new),
            lambda _: act(),
            lambda _, act=act: act(),
            lambda _: None,
        )
    ]
    assert labels == ["λ _tell()", "λ act()", "λ act()", "λ()"]
    source, first = inspect.getsourcelines(State)
    line = first + next(place for place, text in enumerate(source) if "@param.depends" in text)
    assert function_node(dashboard.state._doubled).detail.endswith(f"{__name__} line {line}")
