"""As a person would work: few strokes on a micrograph, corrected where the page says, exported, repeated."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from benchmarks.workloads import EVAL_FOLDER
from dashboards.parts.segment_learning import score_against
from dashboards.segment import TrainableSegmentation
from segmentation import engine
from tests.browser.apps.dashboard_page import dashboard_page
from tests.browser.segment.person import path_inside, roomiest
from tests.browser.segment.segment_page import choose_class, download, drawing, drop, status
from tests.conftest import REPOSITORY

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(400)]

FOLDER = EVAL_FOLDER / "superalloy"
NAME = "Super1_test_0"
MATRIX, PRECIPITATE, TERTIARY = 1, 2, 3
# Width of the brush, and length of a first stroke and of a correction, in image pixels.
WIDTH = {MATRIX: 2, PRECIPITATE: 2, TERTIARY: 3}
LENGTH = {MATRIX: (200, 55), PRECIPITATE: (200, 55), TERTIARY: (8, 8)}
STROKES, SHARE, GOAL = 12, 0.005, 0.70
# What plans reach whose markers are those of the newest answer: 0.57 to 0.72; most miss the goal (2026-11).
ALWAYS = 0.5


@pytest.fixture(scope="module", autouse=True)
def _ready():
    engine.warm_up()


def repeated(folder: Path, *command: str) -> None:
    """Run what the page exported, in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    subprocess.run([sys.executable, *command], cwd=folder, env=environment, check=True, timeout=200)


def test_few_strokes_where_the_page_says_reach_the_goal_and_the_export_repeats_it(browser, show, tmp_path):
    picture = FOLDER / f"{NAME}.png"
    if not picture.exists():
        pytest.skip(f"the evaluation images are not at hand: {picture} is missing")
    truth = np.asarray(PIL.Image.open(FOLDER / f"{NAME}_labels.png"))
    with dashboard_page(browser, show, TrainableSegmentation) as page:
        plot = page.plot("image")
        log = lambda: page.dashboard.drawing.log  # noqa: E731 - another log for another image
        drop(page, "image-choice", picture)
        page.until(lambda: page.dashboard.state.image.name == picture.name, "the image")
        page.page.get_by_text("+ Add class").click()
        page.until(lambda: len(log().classes) == 3)

        def path_for(class_id, near, first):
            length, edge = LENGTH[class_id][not first], 4 if first and class_id != TERTIARY else np.inf
            return path_inside(truth, class_id, near, WIDTH[class_id], length, edge)

        def is_free(place, marks):
            """Whether no marker's number lies where a stroke is to begin."""
            numbers = [np.add(plot.px(x, y), (right, down)) for x, y, right, down in marks]
            return all(np.abs(np.subtract(plot.px(*place), at)).max() > 16 for at in numbers)

        def stroke(class_id, near, first):
            count = len(log().strokes)
            choose_class(page, class_id)
            page.do(lambda: setattr(page.dashboard.drawing, "width", float(WIDTH[class_id])))
            page.until(
                lambda: plot.js("return gd.layout.newshape.name") == f";{class_id};{WIDTH[class_id]}", "brush"
            )
            places = [plot.px(x, y) for x, y in path_for(class_id, near, first)]
            plot.drag_path(places if len(places) > 1 else [*places, (places[0][0] + 3, places[0][1])], 1)
            page.until(lambda: len(log().strokes) == count + 1, "the stroke")

        def painted(place):
            return int(page.dashboard.labels[tuple(round(part) for part in place)])

        def fresh():
            """Whether the markers on the screen are those of the last answer."""
            known = [(one.x, one.y) for one in page.dashboard.image_view.plot.figure.layout.annotations]
            seen = plot.js("return (gd.layout.annotations || []).map(a => [a.x, a.y]);")
            return not page.dashboard._learning.work.busy("hints") and known == [tuple(one) for one in seen]

        def answered():
            page.until(lambda: status(page).startswith("Done"), "the final answer")

        for class_id, count in ((MATRIX, 1), (PRECIPITATE, 1), (TERTIARY, 4)):
            for near in roomiest(truth, class_id, count):
                stroke(class_id, near, first=True)
        answered()
        page.page.keyboard.press("n")
        while len(log().strokes) < STROKES:
            page.until(lambda: plot.js("return (gd.layout.annotations || []).length") > 0, "a marker")
            marks = plot.js("return gd.layout.annotations.map(a => [a.x, a.y, a.ax, a.ay]);")
            wishes = [(int(truth[round(y), round(x)]), (y, x)) for x, y, _, _ in marks]
            labelled = log().labels
            free = [
                one
                for one in wishes
                if is_free(path_for(*one, first=False)[0], marks)
                and labelled[tuple(round(part) for part in one[1])] == 0
            ]
            # Where the page says; of several places one that is painted wrong, of the least drawn class.
            drawn = np.bincount(labelled.ravel(), minlength=4)
            class_id, near = min(free, key=lambda one: (painted(one[1]) == one[0], drawn[one[0]]))
            stroke(class_id, near, first=False)
            answered()
            page.until(lambda: fresh(), "the markers of this answer")

        drawn, labels = log().labels, page.dashboard.labels
        open_ = drawn == 0
        score = score_against(np.where(open_, labels, 0), np.where(open_, truth, 0))
        share = float((~open_).mean())
        each = {one.name: round(score.iou[one.id], 3) for one in log().classes}
        sys.stdout.write(
            f"\n{len(log().strokes)} strokes, {share:.2%} of the pixels: mIoU {score.mean_iou:.3f}, {each}\n"
        )
        assert len(log().strokes) <= STROKES
        assert share <= SHARE
        assert score.mean_iou > ALWAYS

        assert drawing(page)["tool"] == "pen"
        download(page, "Model as SKOPS", tmp_path)
        script = download(page, "How to repeat it as PY", tmp_path)
        command = download(page, "How to repeat it as SH", tmp_path).read_text().split()
        exported = np.asarray(PIL.Image.open(download(page, "Labels as PNG", tmp_path)))
    assert np.array_equal(exported, labels)
    (tmp_path / picture.name).write_bytes(picture.read_bytes())
    assert command[0] == "brushlink"
    repeated(tmp_path, "-m", "brushlink", *command[1:])
    assert np.array_equal(np.asarray(PIL.Image.open(tmp_path / "results" / f"{NAME}_labels.png")), labels)
    saving = "\nimport numpy\nnumpy.save('labels.npy', labels)\n"
    (tmp_path / "repeat.py").write_text(script.read_text() + saving)
    repeated(tmp_path, "repeat.py")
    assert np.array_equal(np.load(tmp_path / "labels.npy"), labels)
    if score.mean_iou < GOAL:
        pytest.xfail(f"mIoU {score.mean_iou:.3f}, the goal is {GOAL}: the smallest class is found too rarely")
