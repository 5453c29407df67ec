"""Controls follow their state and their state follows them; a drag is one step."""

from __future__ import annotations

from typing import Any, ClassVar

import panel_material_ui as pmui
import param
import pytest

from dashboards.parts.controls import choice, player, slider, switch
from dashboards.parts.history import History
from dashboards.parts.state import DashboardState


class Choices(DashboardState):
    """One of each."""

    year = param.Integer(default=2007, bounds=(1952, 2007), step=5)
    share = param.Number(default=0.5, bounds=(0, 1))
    span = param.Range(default=(0.0, 10.0), bounds=(0, 100))
    stop = param.Selector(default=2007, objects=[1952, 1957, 2007])
    color = param.Selector(default="a", objects=["a", "b"])
    many = param.ListSelector(default=["a"], objects=["a", "b", "a very long name that fits no button"])
    on = param.Boolean(default=False)
    free = param.Integer(default=0)

    URL_KEYS: ClassVar[dict[str, str]] = {
        name: name for name in ("year", "share", "span", "stop", "color", "many", "on", "free")
    }


@pytest.fixture
def state() -> Choices:
    return Choices()


@pytest.fixture
def history(state: Choices) -> History:
    return History(state)


@pytest.mark.parametrize(
    ("name", "kind", "values"),
    [
        ("year", pmui.IntSlider, [2002, 1997, 1952]),
        ("share", pmui.FloatSlider, [0.4, 0.3, 0.0]),
        ("span", pmui.RangeSlider, [(1.0, 9.0), (2.0, 8.0), (3.0, 7.0)]),
        ("stop", pmui.DiscreteSlider, [1957, 1952, 1957]),
    ],
)
def test_a_drag_is_followed_and_is_one_step(
    state: Choices, history: History, name: str, kind: type, values: list[Any]
) -> None:
    widget = slider(state.param[name], history)
    assert isinstance(widget, kind)
    for value in values:
        widget.value = value
        assert getattr(state, name) == value
    assert history.steps == 0
    with param.edit_constant(widget):
        widget.value_throttled = values[-1]
    assert history.steps == 1
    history.undo()
    assert getattr(state, name) == state.default(name)
    assert widget.value == state.default(name)


def test_years_are_written_as_years(state: Choices, history: History) -> None:
    widget = slider(state.param.year, history)
    assert (widget.format, widget.step, widget.start, widget.end) == ("0", 5, 1952, 2007)
    assert list(slider(state.param.stop, history).options) == ["1952", "1957", "2007"]


def test_a_slider_needs_bounds(state: Choices, history: History) -> None:
    with pytest.raises(TypeError, match="free"):
        slider(state.param.free, history)


def test_playing_is_one_step(state: Choices, history: History) -> None:
    widget = player(state.param.stop, history)
    widget.direction = 1
    for value in (1952, 1957, 2007, 1952):
        widget.value = value
        with param.edit_constant(widget):
            widget.value_throttled = value
    assert (history.steps, state.stop) == (0, 1952)
    widget.direction = 0
    assert history.steps == 1
    widget.value = 1957
    with param.edit_constant(widget):
        widget.value_throttled = 1957
    assert history.steps == 2


@pytest.mark.parametrize("make", [slider, player])
def test_new_stops_reach_the_control(state: Choices, history: History, make: Any) -> None:
    widget = make(state.param.stop, history)
    state.param.stop.objects = [2007, 2008]
    assert widget.value == 2007
    state.param.stop.objects = [2008, 2009]
    assert list(widget.options.values()) == [2008, 2009]
    assert (widget.value, state.stop) == (2008, 2008)


def test_a_choice_is_buttons_when_they_fit(state: Choices) -> None:
    assert isinstance(choice(state.param.color), pmui.RadioButtonGroup)
    assert isinstance(choice(state.param.many), pmui.MultiChoice)
    assert isinstance(choice(state.param.color, buttons=False), pmui.Select)


def test_a_choice_in_other_words(state: Choices) -> None:
    widget = choice(state.param.color, labels={"a": "Absolute", "b": "Share"})
    assert widget.options == {"Absolute": "a", "Share": "b"}
    widget.value = "b"
    assert state.color == "b"
    state.color = "a"
    assert widget.value == "a"


def test_a_switch(state: Choices, history: History) -> None:
    widget = switch(state.param.on)
    widget.value = True
    assert (state.on, history.steps) == (True, 1)
    history.undo()
    assert widget.value is False
