"""Undo and redo: what is a step, and where steps lead."""

from __future__ import annotations

from typing import ClassVar

import param
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from hypothesis.strategies import integers

from dashboards.parts.history import History
from dashboards.parts.state import DashboardState


class Counter(DashboardState):
    """Two numbers, the second put right by a watcher."""

    value = param.Integer(default=0)
    other = param.Integer(default=0)
    echo = param.Integer(default=0)
    passing = param.Integer(default=0)
    own = param.Integer(default=0)

    URL_KEYS: ClassVar[dict[str, str]] = {"value": "a", "other": "b", "echo": "e"}
    NOT_IN_URL: ClassVar[dict[str, str]] = {"own": "your own number"}


@pytest.fixture
def state() -> Counter:
    return Counter()


@pytest.fixture
def history(state: Counter) -> History:
    return History(state)


def can(history: History) -> tuple[bool, bool, bool]:
    return history.can_undo, history.can_redo, history.can_reset


def test_each_change_is_a_step(state: Counter, history: History) -> None:
    assert can(history) == (False, False, False)
    state.value = 1
    state.value = 2
    assert can(history) == (True, False, True)
    assert history.undo()
    assert state.value == 1
    assert can(history) == (True, True, True)
    assert history.undo()
    assert can(history) == (False, True, False)
    assert not history.undo()
    assert history.redo()
    assert history.redo()
    assert state.value == 2
    assert not history.redo()


def test_a_new_choice_drops_what_was_undone(state: Counter, history: History) -> None:
    state.value = 1
    history.undo()
    state.value = 5
    assert can(history) == (True, False, True)
    assert not history.redo()
    assert state.value == 5


def test_passing_things_are_no_steps(state: Counter, history: History) -> None:
    state.passing = 3
    assert history.steps == 0


def test_what_follows_from_a_choice_belongs_to_its_step(state: Counter, history: History) -> None:
    # Registered after the history, and still part of the step.
    state.param.watch(lambda event: state.param.update(echo=event.new * 10), "value")
    state.value = 4
    assert history.steps == 1
    history.undo()
    assert (state.value, state.echo) == (0, 0)
    history.redo()
    assert (state.value, state.echo) == (4, 40)
    assert not history.can_redo


def test_dragging_is_one_step_when_the_hand_lets_go(state: Counter, history: History) -> None:
    for value in range(1, 20):
        with history.dragging():
            state.value = value
    assert history.steps == 0
    assert history.commit()
    assert not history.commit()
    assert history.steps == 1
    history.undo()
    assert state.value == 0


def test_undo_in_the_middle_of_a_drag_goes_back_to_before_it(state: Counter, history: History) -> None:
    with history.dragging():
        state.value = 7
    assert history.undo()
    assert state.value == 0
    assert history.redo()
    assert state.value == 7


def test_several_changes_joined(state: Counter, history: History) -> None:
    with history.one_step():
        state.value = 1
        with history.one_step():
            state.other = 2
        state.value = 3
    assert history.steps == 1
    history.undo()
    assert (state.value, state.other) == (0, 0)


def test_reset_is_a_step_too(state: Counter, history: History) -> None:
    state.param.update(value=1, other=2, own=9)
    assert history.reset()
    assert (state.value, state.other, state.own) == (0, 0, 0)
    assert can(history) == (True, False, False)
    assert not history.reset()
    history.undo()
    assert (state.value, state.other, state.own) == (1, 2, 9)


def test_reset_goes_to_the_defaults_not_to_the_link_that_was_opened() -> None:
    state = Counter()
    state.apply_query("a=5")
    history = History(state)
    history.start_here()
    assert can(history) == (False, False, True)
    history.reset()
    assert state.value == 0


def test_old_steps_are_forgotten(state: Counter) -> None:
    history = History(state, limit=3)
    for value in range(1, 6):
        state.value = value
    undone = 0
    while history.undo():
        undone += 1
    assert undone == 3
    assert state.value == 2


def test_back_of_the_browser_is_undo_and_forward_is_redo(state: Counter, history: History) -> None:
    state.value = 1
    state.value = 2
    assert history.visit("v=1&a=1") == []
    assert (state.value, can(history)) == (1, (True, True, True))
    history.visit("")
    assert (state.value, can(history)) == (0, (False, True, False))
    history.visit("v=1&a=1")
    assert (state.value, can(history)) == (1, (True, True, True))
    history.visit("v=1&a=7")
    assert (state.value, can(history)) == (7, (True, False, True))
    history.undo()
    assert state.value == 1


def test_the_address_one_is_at_is_no_step(state: Counter, history: History) -> None:
    state.value = 1
    history.visit(state.to_query())
    assert history.steps == 1


def test_a_broken_address_is_told(state: Counter, history: History) -> None:
    state.value = 1
    problems = history.visit("a=x&b=2")
    assert len(problems) == 1
    assert (state.value, state.other) == (0, 2)


class Model(RuleBasedStateMachine):
    """The history against two plain lists."""

    def __init__(self) -> None:
        super().__init__()
        self.state = Counter()
        self.history = History(self.state, limit=5)
        self.past: list[int] = []
        self.future: list[int] = []
        self.now = 0

    @rule(value=integers(0, 3))
    def choose(self, value: int) -> None:
        if value != self.now:
            self.past, self.future, self.now = [*self.past, self.now][-5:], [], value
        self.state.value = value

    @rule()
    def undo(self) -> None:
        assert self.history.undo() == bool(self.past)
        if self.past:
            self.future.append(self.now)
            self.now = self.past.pop()

    @rule()
    def redo(self) -> None:
        assert self.history.redo() == bool(self.future)
        if self.future:
            self.past = [*self.past, self.now][-5:]
            self.now = self.future.pop()

    @invariant()
    def agrees(self) -> None:
        assert self.state.value == self.now
        assert (self.history.can_undo, self.history.can_redo) == (bool(self.past), bool(self.future))


TestModel = Model.TestCase
TestModel.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
