"""The difference of two specs, applied to the first, gives the second."""

import copy

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dashboards.parts.figure_diff import difference

floats = st.floats(allow_nan=True, allow_infinity=False, width=32)
numbers = st.lists(floats, min_size=1, max_size=4).map(np.array)
traces = st.fixed_dictionaries(
    {"type": st.just("bar"), "uid": st.just("a"), "y": numbers},
    optional={
        "name": st.sampled_from(["one", "two"]),
        "marker": st.fixed_dictionaries({"color": numbers}, optional={"opacity": st.floats(0, 1)}),
    },
)
specs = st.fixed_dictionaries(
    {
        "data": st.tuples(traces, traces).map(list),
        "layout": st.fixed_dictionaries({}, optional={"title": st.fixed_dictionaries({"text": st.text()})}),
    }
)


def put(target, path, value):
    *parents, last = path.split(".")
    for parent in parents:
        target = target.setdefault(parent, {})
    target[last] = value


def applied(old, patch):
    figure = copy.deepcopy(dict(old))
    for place, changes in patch.traces.items():
        for path, value in changes.items():
            put(figure["data"][place], path, value)
    for path, value in patch.layout.items():
        put(figure["layout"], path, value)
    return figure


def plain(value):
    """Plotly knows no difference between an absent attribute, None and an empty container."""
    if isinstance(value, dict):
        inner = {key: plain(item) for key, item in value.items()}
        return {key: item for key, item in inner.items() if item not in (None, {})} or None
    if isinstance(value, np.ndarray):
        return repr((value + 0.0).tolist())  # a minus zero is drawn where zero is
    return [plain(item) for item in value] if isinstance(value, list) else value


@given(specs, specs)
def test_a_patch_leads_from_the_old_figure_to_the_new(old, new):
    assert plain(applied(old, difference(old, new))) == plain(new)


@given(specs)
def test_equal_specs_need_no_patch(spec):
    assert not difference(spec, copy.deepcopy(spec))


def test_another_structure_asks_for_a_new_figure():
    one = {"data": [{"type": "bar", "y": [1]}], "layout": {}}
    assert difference(one, {"data": [{"type": "scatter", "y": [1]}], "layout": {}}) is None
    assert difference(one, {"data": [], "layout": {}}) is None


def test_only_what_changed_is_sent():
    def spec(color):
        return {
            "data": [{"type": "bar", "x": np.arange(3), "marker": {"color": color, "opacity": 1}}],
            "layout": {"bargap": 0.1},
        }

    assert difference(spec("red"), spec("blue")) == ({0: {"marker.color": "blue"}}, {})
