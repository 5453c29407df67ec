"""The thread pool, compilation in the background, and servers with several users and processes."""

import shutil
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from skimage import data

from segmentation import engine
from segmentation.classifier import PixelClassifier
from segmentation.features import FeatureBank

# In a fresh clone the first test compiles the kernels.
pytestmark = pytest.mark.timeout(600)

SMALL = FeatureBank(sigma_max=4, extra=("structure",), extra_sigmas=(2,), context=(16,))


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    engine.warm_up()


def picture_and_strokes() -> tuple[np.ndarray, np.ndarray]:
    image = data.coins()[:140, :180]
    labels = np.zeros(image.shape, np.uint8)
    labels[100:104, 10:170], labels[40:44, 35:55], labels[130:136, 48:52] = 1, 2, 2
    return image, labels


def run_python(code: str, repository: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repository, capture_output=True, text=True, check=False, timeout=500
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_results_come_in_order_and_jobs_may_run_jobs() -> None:
    def outer(number: int) -> list[int]:
        return engine.run([lambda i=i: 10 * number + i for i in range(5)])

    found = engine.run([lambda n=n: outer(n) for n in range(20)])
    assert found == [[10 * n + i for i in range(5)] for n in range(20)]


def test_the_first_error_is_raised_and_the_pool_lives_on() -> None:
    def bad() -> None:
        raise KeyError("by design")

    with pytest.raises(KeyError, match="by design"):
        engine.run([bad, *[lambda: None] * 50])
    assert engine.run([lambda: 1, lambda: 2]) == [1, 2]


def test_a_kernel_that_does_not_compile_leaves_the_slow_path(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise TypeError("no such instruction")

    monkeypatch.setattr(engine, "_state", engine._State())
    monkeypatch.setattr(engine.importlib, "import_module", lambda name: SimpleNamespace(compile_all=broken))
    with pytest.raises(RuntimeError, match="TypeError: no such instruction"):
        engine.warm_up("forest")
    assert not engine.ready("forest")


def test_compiles_in_the_background_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    begin, calls = threading.Event(), []

    def slow() -> None:
        begin.wait(60)
        calls.append(threading.current_thread().name)

    monkeypatch.setattr(engine, "_state", engine._State())
    monkeypatch.setattr(engine.importlib, "import_module", lambda name: SimpleNamespace(compile_all=slow))
    assert not engine.ready("forest")
    assert not engine.ready("forest")  # still at it
    begin.set()
    engine.warm_up("forest")
    assert engine.ready("forest")
    assert calls == ["segmentation-compile"]


def test_the_slow_path_answers_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    image, labels = picture_and_strokes()
    classifier = PixelClassifier(SMALL).fit(image, labels)
    fast, proba = classifier.predict(image), classifier.predict_proba(image)
    stored = classifier.stored(image)
    preview = classifier.preview(stored)
    for module in ("features", "forest", "blocks", "smoothing"):
        monkeypatch.setattr(f"segmentation.{module}.ready", lambda *groups: False)
    assert np.mean(classifier.predict(image) == fast) > 0.999
    assert np.mean(np.abs(classifier.predict_proba(image) - proba) < 1e-3) > 0.999
    assert np.mean(classifier.preview(stored) == preview) > 0.9  # not interpolated
    slow = PixelClassifier(SMALL).fit(image, labels)
    assert np.mean(slow.predict(image) == fast) > 0.9  # another forest


def test_users_at_once_get_what_each_gets_alone() -> None:
    image, labels = picture_and_strokes()
    alone = [PixelClassifier(SMALL, random_state=seed).fit(image, labels).predict(image) for seed in range(4)]
    found: dict[int, np.ndarray] = {}

    def user(seed: int) -> None:
        found[seed] = PixelClassifier(SMALL, random_state=seed).fit(image, labels).predict(image)

    users = [threading.Thread(target=user, args=(seed,)) for seed in range(4)]
    for thread in users:
        thread.start()
    for thread in users:
        thread.join(300)
    for seed, labels_alone in enumerate(alone):
        np.testing.assert_array_equal(found[seed], labels_alone)


SERVER = """
import os, sys, threading
import numpy as np
from skimage import data
from segmentation import FeatureBank, PixelClassifier, warm_up

warm_up()
image = data.coins()[:140, :180]
labels = np.zeros(image.shape, np.uint8)
labels[100:104, 10:170], labels[40:44, 35:55] = 1, 2
bank = FeatureBank(sigma_max=4)
expected = PixelClassifier(bank).fit(image, labels).predict(image)  # the pool has threads now

def users():
    answers = []
    def user():
        answers.append(PixelClassifier(bank).fit(image, labels).predict(image))
    threads = [threading.Thread(target=user) for _ in range(3)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    return len(answers) == 3 and all((answer == expected).all() for answer in answers)

children = []
for _ in range(3):
    child = os.fork()
    if child == 0:
        os._exit(0 if users() else 1)
    children.append(child)
here = users()
codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
sys.stdout.write(f"{here} {codes}")
"""


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="server processes are forked on Unix only")
def test_forked_server_processes_with_several_users_each(repository: Path) -> None:
    assert run_python(SERVER, repository) == "True [0, 0, 0]"


def test_where_nothing_can_be_written_kernels_are_compiled_all_the_same(
    repository: Path, tmp_path: Path
) -> None:
    """Files stand where numba would make its folders: beside the package and in the user's home."""
    for package in ("segmentation", "data_sources"):
        shutil.copytree(
            repository / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    (tmp_path / "segmentation" / "__pycache__").touch()
    code = """
import os
os.environ.update(HOME="/dev/null", XDG_CACHE_HOME="/dev/null", LOCALAPPDATA=os.devnull)
os.environ.pop("NUMBA_CACHE_DIR", None)
from segmentation import engine
engine.warm_up("growth")
import numba
print(engine.__file__, engine.ready("growth"), numba.config.CACHE_DIR)
"""
    file, ready, folder = run_python(code, tmp_path).split()
    assert file == str(tmp_path / "segmentation" / "engine.py")
    assert ready == "True"
    assert Path(folder).name.startswith("brushlink-kernels-")
    assert not Path(folder).exists()  # gone with the process


def test_importing_the_package_loads_nothing_heavy(repository: Path) -> None:
    code = (
        "import sys, segmentation; "
        "print(sorted({'numpy', 'scipy', 'sklearn', 'skimage', 'numba', 'pandas'} & set(sys.modules)))"
    )
    assert run_python(code, repository).strip() == "[]"


def test_works_with_panel_and_plotly_blocked(repository: Path) -> None:
    code = """
import sys
sys.modules.update(dict.fromkeys(("panel", "plotly", "bokeh", "param", "onnxruntime")))
import importlib, pkgutil
import segmentation
for module in pkgutil.iter_modules(segmentation.__path__):
    importlib.import_module(f"segmentation.{module.name}")
missing = [name for name in segmentation.__all__ if not hasattr(segmentation, name)]
sys.stdout.write(str(missing))
"""
    assert run_python(code, repository) == "[]"
