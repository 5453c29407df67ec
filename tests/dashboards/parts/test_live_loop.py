"""Work off the event loop: newest wins, nothing stale is told, errors are reported."""

import dataclasses
import queue
import threading

import numpy as np
import pytest
from skimage.data import coins
from skimage.filters import threshold_otsu

from dashboards.parts.live_loop import Background, Request, answer, tiles_of, view_of
from segmentation import engine
from segmentation.classifier import PixelClassifier
from segmentation.errors import BackendError
from segmentation.strokes import Stroke, rasterise

STROKES = (Stroke("path", ((126, 94), (130, 115)), 1, 10), Stroke("path", ((88, 20), (88, 360)), 2, 6))


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    """The same code answers throughout."""
    engine.warm_up()


class Loop:
    """An event loop's stand-in: what is posted waits until the test runs it."""

    def __init__(self):
        self.posted = queue.Queue()

    def __call__(self, action):
        self.posted.put(action)

    def run_one(self, timeout=30):
        self.posted.get(timeout=timeout)()


def fail(error):
    raise error


def request(image, strokes=STROKES, visible=None, **settings):
    classifier = PixelClassifier(**settings)
    stored = classifier.stored(image)
    labels = rasterise(strokes, image.shape)
    return Request(
        lambda: PixelClassifier(**settings), [stored], [labels], stored, visible or (0, 0, *image.shape)
    )


def test_the_rest_begins_when_the_first_look_has_been_handed_over():
    loop, told, went_on = Loop(), [], threading.Event()

    def work(turn):
        turn.tell("first").wait(30)
        went_on.set()

    def handle(value):
        told.append(value)
        assert not went_on.is_set()

    Background(loop).ask("live", work, handle, fail)
    loop.run_one()
    assert told == ["first"]
    assert went_on.wait(30)


def test_coarse_then_final_and_equal_to_the_classifier_itself():
    image = coins()
    answers = []
    Background().ask("live", lambda turn: answer(request(image), turn), answers.append, fail)
    assert [one.stage for one in answers] == ["coarse", "final"]
    assert all(one.labels.shape == image.shape for one in answers)
    expected = PixelClassifier().fit(image, rasterise(STROKES, image.shape)).predict(image)
    assert np.array_equal(answers[-1].labels, expected)
    assert (answers[-1].done, answers[-1].total) == (1, 1)


def test_a_large_picture_goes_by_tile_and_what_is_seen_comes_first(monkeypatch):
    monkeypatch.setattr("segmentation.stored_features.WHOLE_STACK_PIXELS", 1000)
    image = np.tile(coins(), (2, 2))
    answers = []
    asked = request(image, visible=(0, 600, 100, 700))
    Background().ask("live", lambda turn: answer(asked, turn), answers.append, fail)
    assert answers[0].stage == "coarse"
    assert answers[0].box == (0, 600, 100, 700)
    assert answers[1].box == (0, 512, 512, 768)
    whole = np.zeros(image.shape, np.uint8)
    for one in answers[1:]:
        whole[one.box[0] : one.box[2], one.box[1] : one.box[3]] = one.labels
    assert [one.done for one in answers[1:]] == [1, 2, 3, 4]
    expected = PixelClassifier().fit(image, asked.labels[0]).predict(image)
    assert np.array_equal(whole, expected)


def test_tiles_cover_the_picture_once():
    seen = np.zeros((1100, 700), int)
    for row0, col0, row1, col1 in tiles_of(seen.shape, (0, 0, 10, 10)):
        seen[row0:row1, col0:col1] += 1
    assert (seen == 1).all()


def test_a_newer_stroke_cancels_and_nothing_stale_is_told():
    loop, told = Loop(), []
    background = Background(loop)
    begun, go_on = threading.Event(), threading.Event()

    def slow(turn):
        turn.tell("first of the old")  # posted, and stale before the loop comes to it
        begun.set()
        go_on.wait(30)
        assert turn.stale
        turn.tell("last of the old")

    background.ask("live", slow, told.append, fail)
    assert begun.wait(30)
    background.ask("live", lambda turn: turn.tell("dropped while it waits"), told.append, fail)
    background.ask("live", lambda turn: turn.tell("new"), told.append, fail)
    loop.run_one()
    assert told == []
    go_on.set()
    loop.run_one()
    assert told == ["new"]
    assert loop.posted.empty()


def test_work_of_other_names_goes_on_side_by_side():
    loop, told = Loop(), []
    background = Background(loop)
    for name in ("live", "quality"):
        background.ask(name, lambda turn, name=name: turn.tell(name), told.append, fail)
    loop.run_one()
    loop.run_one()
    assert sorted(told) == ["live", "quality"]


def test_cancel_and_close_drop_what_was_told():
    for end in (lambda one: one.cancel("live"), lambda one: one.close()):
        loop, told = Loop(), []
        background = Background(loop)
        background.ask("live", lambda turn: turn.tell("late"), told.append, fail)
        action = loop.posted.get(timeout=30)
        end(background)
        action()
        assert told == []


@pytest.mark.parametrize("at_once", [True, False])
def test_an_error_is_reported_and_the_next_work_runs(at_once):
    loop, told, errors = Loop(), [], []
    background = Background(None if at_once else loop)

    def broken(turn):
        raise BackendError("it broke")

    background.ask("live", broken, told.append, errors.append)
    if not at_once:
        loop.run_one()
    assert [str(one) for one in errors] == ["it broke"]
    background.ask("live", lambda turn: turn.tell("well"), told.append, errors.append)
    if not at_once:
        loop.run_one()
    assert told == ["well"]


def test_coins_are_found_with_two_strokes():
    image = coins()
    answers = []
    Background().ask("live", lambda turn: answer(request(image), turn), answers.append, fail)
    found, truth = answers[-1].labels == 1, image > threshold_otsu(image)
    assert (found & truth).sum() / (found | truth).sum() >= 0.85


def test_a_large_picture_is_answered_coarsely_where_it_is_seen(monkeypatch):
    image = np.tile(coins(), (5, 6))  # beyond what is kept whole
    answers = []
    one = request(image)
    assert not one.target.small
    visible = (33, 21, 533, 705)
    one = dataclasses.replace(one, visible=visible)
    Background().ask("live", lambda turn: answer(one, turn), answers.append, fail)
    first, last = answers[0], answers[-1]
    assert first.stage == "coarse"
    assert first.box == (32, 20, 533, 705)
    assert first.labels.shape == (501, 685)
    whole = np.zeros(image.shape, np.uint8)
    for told in answers[1:]:
        assert told.stage == "final"
        row0, col0, row1, col1 = told.box
        whole[row0:row1, col0:col1] = told.labels
    assert (last.done, last.total) == (len(answers) - 1, len(answers) - 1)
    assert last.paint
    assert (whole > 0).all()
    assert (first.labels == whole[32:533, 20:705]).mean() >= 0.95
    # Painted at the latest when all that is seen has come in.
    seen = [one for one in answers[1:] if one.box[0] < 533 and one.box[1] < 705]
    assert seen[-1].paint
    assert seen == answers[1 : len(seen) + 1]


def test_a_first_answer_decides_about_as_many_pixels_as_the_screen_has():
    for side, stride in ((700, 4), (1024, 4), (2048, 4), (4096, 8), (8192, 16)):
        box, found = view_of((0, 0, side, side))
        assert (box, found) == ((0, 0, side, side), stride)
        assert (side / stride) ** 2 <= 512**2
    assert view_of((33, 21, 533, 705)) == ((32, 20, 533, 705), 4)
