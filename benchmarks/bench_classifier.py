"""Fit and predict next to scikit-image's features and scikit-learn's random forest: time, equality, memory.

The reference is what `skimage.future` does with the forest of its gallery. Pictures are mosaics of real ones,
the labels noisy strokes of four classes. Median of the ratios of interleaved rounds.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
from skimage.feature import multiscale_basic_features
from sklearn.ensemble import RandomForestClassifier

from benchmarks.report import Row, print_table
from benchmarks.workloads import interleaved, median_ratio, mosaic, noisy_strokes
from segmentation import Forest, PixelClassifier, warm_up
from segmentation.classifier import CONFIGURATION
from segmentation.forest import grow_forest

ROUNDS = 5
SAME = 0.95
"""Share of the pixels of the first answer that must be as in the final one."""


def reference_forest() -> RandomForestClassifier:
    """Return the reference's classifier."""
    return RandomForestClassifier(n_estimators=50, max_depth=10, max_samples=0.05, n_jobs=2, random_state=0)


def ratio_row(
    what: str, times: dict[str, list[float]], ours: str, aim: float | None, reference: str = "reference"
) -> Row:
    """Return the row of one of the timed ways, with the median ratio of its rounds."""
    mine = float(np.median(times[ours])) * 1e3
    return Row(what, mine, mine * median_ratio(times, reference, ours), "ms", aim)


def same_forest(planes: np.ndarray, pixels: np.ndarray, labels: np.ndarray) -> list[Row]:
    """Predict every pixel by the same forest both ways."""
    rows = []
    drawn = labels.ravel() > 0
    for name, estimator, aim in (
        ("predict, same forest (50 × depth 10)", reference_forest(), 4.0),
        (
            "predict, same forest (100 full trees)",
            RandomForestClassifier(100, n_jobs=2, random_state=0),
            None,
        ),
    ):
        estimator.fit(pixels[drawn], labels.ravel()[drawn])
        forest = Forest.from_sklearn(estimator)
        nodes = len(forest.feature) / forest.trees
        estimator.set_params(n_jobs=1)  # two threads add probabilities in any order
        if not np.array_equal(forest.labels_on(planes).ravel() + 1, estimator.predict(pixels)):
            raise SystemExit(f"{name}: other labels than scikit-learn")
        estimator.set_params(n_jobs=2)
        times = interleaved(
            {
                "reference": lambda e=estimator: e.predict(pixels),
                "ours": lambda f=forest: f.labels_on(planes),
            },
            ROUNDS,
        )
        rows.append(
            ratio_row(f"{CONFIGURATION}: {name}, {nodes:.0f} nodes, all labels equal", times, "ours", aim)
        )
    return rows


def training(pixels: np.ndarray, labels: np.ndarray) -> Row:
    """Grow forests of as many trees on as many samples each."""
    drawn = labels.ravel() > 0
    samples, ids = pixels[drawn], labels.ravel()[drawn]
    planes, classes = np.ascontiguousarray(samples.T), (ids - 1).astype(np.uint8)
    settings = {"trees": 50, "per_tree": len(ids) // 20, "max_depth": 10, "min_leaf": 1}
    times = interleaved(
        {
            "reference": lambda: reference_forest().fit(samples, ids),
            "ours": lambda: grow_forest(planes, classes, 4, **settings),
        },
        ROUNDS,
    )
    return ratio_row(f"{CONFIGURATION}: fit 50 trees on {len(ids):,} labels", times, "ours", None)


def live(image: np.ndarray, planes: np.ndarray, pixels: np.ndarray, labels: np.ndarray) -> list[Row]:
    """Stroke → labels with the features kept, first and final answer."""
    classifier = PixelClassifier()
    stored = classifier.stored(image, -1)
    stored.keep_all()
    stored.sample()
    stored.coarse(4)
    drawn = labels.ravel() > 0
    first = classifier.fit(stored, labels, quick=True).preview(stored, 4)
    final = classifier.fit(stored, labels).predict(stored)
    same = float(np.mean(first == final))

    def reference() -> Any:
        return reference_forest().fit(pixels[drawn], labels.ravel()[drawn]).predict(pixels)

    times = interleaved(
        {
            "reference": reference,
            "first": lambda: classifier.fit(stored, labels, quick=True).preview(stored, 4),
            "final": lambda: classifier.fit(stored, labels).predict(stored),
        },
        ROUNDS,
    )
    if same < SAME:
        raise SystemExit(f"the first answer agrees with the final one on {same:.1%} of the pixels only")
    return [
        ratio_row(
            f"{CONFIGURATION}: stroke → first answer, {same:.1%} as in the final", times, "first", 15.0
        ),
        ratio_row(f"{CONFIGURATION}: stroke → final labels", times, "final", 6.0),
    ]


def first_segmentation(image: np.ndarray, labels: np.ndarray) -> Row:
    """Features, fit and predict with nothing kept."""
    drawn = labels.ravel() > 0

    def reference() -> Any:
        pixels = multiscale_basic_features(image, channel_axis=-1, workers=2)
        pixels = pixels.reshape(-1, pixels.shape[-1])
        return reference_forest().fit(pixels[drawn], labels.ravel()[drawn]).predict(pixels)

    def ours() -> np.ndarray:
        classifier = PixelClassifier()
        stored = classifier.stored(image, -1)
        stored.keep_all()
        return classifier.fit(stored, labels).predict(stored)

    times = interleaved({"reference": reference, "ours": ours}, 3)
    return ratio_row(f"{CONFIGURATION}: first segmentation of 1024² RGB", times, "ours", 6.0)


MEMORY = """
import resource, sys
import numpy as np
from benchmarks.workloads import mosaic, noisy_strokes
image = mosaic({side}, colour=True)
labels = np.zeros(image.shape[:2], np.uint8)
labels[:1024, :1024] = noisy_strokes(image[:1024, :1024])
if {ours}:
    from segmentation import PixelClassifier, warm_up
    warm_up()
    PixelClassifier().fit(image, labels).predict(image)
else:
    from skimage.feature import multiscale_basic_features
    from sklearn.ensemble import RandomForestClassifier
    pixels = multiscale_basic_features(image, channel_axis=-1, workers=2).reshape(labels.size, -1)
    forest = RandomForestClassifier(n_estimators=50, max_depth=10, max_samples=0.05, n_jobs=2, random_state=0)
    drawn = labels.ravel() > 0
    forest.fit(pixels[drawn], labels.ravel()[drawn]).predict(pixels)
sys.stdout.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
"""


def peak_memory(side: int, *, ours: bool) -> float:
    """Return the peak memory in MB of one process that learns from and predicts a picture."""
    code = MEMORY.format(side=side, ours=ours)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout)


def main() -> int:
    """Measure and print; 1 if an aim was missed."""
    warm_up()
    image = mosaic(1024, colour=True)
    labels = noisy_strokes(image)
    pixels = multiscale_basic_features(image, channel_axis=-1, workers=2).reshape(labels.size, -1)
    planes = np.ascontiguousarray(pixels.T).reshape(-1, *labels.shape)
    rows = same_forest(planes, pixels, labels)
    rows.append(training(pixels, labels))
    rows += live(image, planes, pixels, labels)
    del planes, pixels
    rows.append(first_segmentation(image, labels))
    memory = [
        Row(
            f"{CONFIGURATION}: 4096² RGB learned and predicted, peak",
            peak_memory(4096, ours=True),
            None,
            "MB",
            1536,
        ),
        Row("reference at 2048², a quarter of the pixels, peak", peak_memory(2048, ours=False), None, "MB"),
    ]
    fast = print_table("1024² RGB, next to skimage features + random forest (2 threads)", rows)
    small = print_table("Memory", memory)
    return 0 if fast and small else 1


if __name__ == "__main__":
    sys.exit(main())
