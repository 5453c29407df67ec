"""Pictures, strokes and scores that the segmentation benchmarks share; called by ``bench_*.py``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

EVAL_FOLDER = Path(
    os.environ.get("BRUSHLINK_EVAL") or Path(__file__).resolve().parents[2] / "shared" / "data" / "eval"
)
"""Real pictures with truth: beside the checkout, or where BRUSHLINK_EVAL says."""

STROKE_PIXELS = 100
"""Pixels of one scribble at most: a walk of about 50 steps, 2 px wide."""
GREY_PICTURES = ("camera", "coins", "brick", "grass", "gravel", "moon", "page", "text")
COLOUR_PICTURES = (
    "astronaut",
    "coffee",
    "chelsea",
    "rocket",
    "hubble_deep_field",
    "retina",
    "immunohistochemistry",
)


def mosaic(side: int, *, colour: bool) -> np.ndarray:
    """Tile scikit-image's bundled pictures in 512-pixel blocks to a square uint8 picture."""
    from skimage import data

    blocks = []
    for name in COLOUR_PICTURES if colour else GREY_PICTURES:
        picture = np.asarray(getattr(data, name)())
        if colour:
            picture = picture[..., :3]
        rows = np.arange(512) % picture.shape[0]
        columns = np.arange(512) % picture.shape[1]
        blocks.append(picture[rows][:, columns].astype(np.uint8))
    count = -(-side // 512)
    grid = [[blocks[(i * count + j) % len(blocks)] for j in range(count)] for i in range(count)]
    return np.ascontiguousarray(np.concatenate([np.concatenate(row, axis=1) for row in grid])[:side, :side])


def noisy_strokes(image: np.ndarray, *, classes: int = 4, total: int = 20_000, seed: int = 0) -> np.ndarray:
    """Label map of strokes 8 px wide that carry the majority class of a k-means map under them, hence noisy.

    Parameters
    ----------
    image : (H, W) or (H, W, C) uint8 array
    classes : int
        Number of classes.
    total : int
        Labelled pixels in all, about the same number a class.
    seed : int
        Seed of the strokes.

    Returns
    -------
    labels : (H, W) uint8 array
        0 = no label.
    """
    from scipy.ndimage import gaussian_filter
    from sklearn.cluster import KMeans

    height, width = image.shape[:2]
    planes = image.reshape(height, width, -1).astype(np.float32) / 255
    planes = np.stack([gaussian_filter(planes[..., c], 2) for c in range(planes.shape[-1])], axis=-1)
    rng = np.random.default_rng(seed)
    pixels = planes.reshape(-1, planes.shape[-1])
    sample = pixels[rng.choice(len(pixels), 5000, replace=False)]
    means = KMeans(classes, n_init=2, random_state=seed).fit(sample)
    truth = means.predict(pixels).reshape(height, width)
    labels = np.zeros((height, width), np.uint8)
    counts = np.zeros(classes, int)
    for _ in range(100_000):
        if counts.sum() >= total:
            break
        row, column = rng.integers(0, height - 8), rng.integers(0, width - 8)
        length = int(rng.integers(10, 40))
        box = (
            (slice(row, row + 8), slice(column, column + length))
            if rng.random() < 0.5
            else (slice(row, row + length), slice(column, column + 8))
        )
        under = np.bincount(truth[box].ravel(), minlength=classes)
        winner = int(under.argmax())
        if counts[winner] >= total / classes * 1.2 or labels[box].any():
            continue
        labels[box] = winner + 1
        counts[winner] += labels[box].size
    return labels


def scribbles(
    truth: np.ndarray, *, fraction: float = 0.01, seed: int = 0, budget: str = "equal"
) -> np.ndarray:
    """Scribbles inside the truth: random walks about 2 px wide, at least two a class.

    Parameters
    ----------
    truth : (H, W) uint8 array
        Classes 1..k.
    fraction : float
        Share of the picture's pixels to label, over all classes.
    seed : int
        Seed of the walks.
    budget : {"equal", "size"}
        The same number of pixels a class, or in proportion to the class's area (then at least 8 pixels).

    Returns
    -------
    labels : (H, W) uint8 array
        0 = no label.
    """
    rng = np.random.default_rng(seed)
    labels = np.zeros(truth.shape, np.uint8)
    present = [int(value) for value in np.unique(truth) if value]
    total = fraction * truth.size
    for value in present:
        inside = np.argwhere(truth == value)
        share = 1 / len(present) if budget == "equal" else len(inside) / truth.size
        wanted = int(min(max(total * share, 8), 0.5 * len(inside)))
        done = 0
        walk_budget = max(min(wanted // 2, STROKE_PIXELS), 4)
        for _ in range(10_000):
            if done >= wanted:
                break
            done += _walk(
                truth, labels, value, inside[rng.integers(len(inside))], min(walk_budget, wanted - done), rng
            )
    return labels


def _walk(
    truth: np.ndarray,
    labels: np.ndarray,
    value: int,
    start: np.ndarray,
    wanted: int,
    rng: np.random.Generator,
) -> int:
    """Paint one random walk of the class; return the number of newly labelled pixels."""
    position = start.astype(float)
    angle = rng.random() * 2 * np.pi
    done = 0
    for _ in range(4 * wanted + 20):
        if done >= wanted:
            break
        row, column = int(position[0]), int(position[1])
        for r in (row, row + 1):
            for c in (column, column + 1):
                if (
                    r < truth.shape[0]
                    and c < truth.shape[1]
                    and truth[r, c] == value
                    and not labels[r, c]
                    and done < wanted
                ):
                    labels[r, c] = value
                    done += 1
        for _turn in range(8):
            step = position + np.array([np.sin(angle), np.cos(angle)])
            r, c = int(step[0]), int(step[1])
            if 0 <= step[0] < truth.shape[0] and 0 <= step[1] < truth.shape[1] and truth[r, c] == value:
                position = step
                angle += rng.normal() * 0.3
                break
            angle += rng.normal() * 1.2
        else:
            break
    return done


def eval_images(folder: Path = EVAL_FOLDER) -> Iterator[tuple[str, str, np.ndarray, np.ndarray]]:
    """Yield (set, name, image, truth) of every evaluation picture."""
    from skimage.io import imread

    for labels_path in sorted(folder.glob("*/*_labels.png")):
        image = imread(labels_path.with_name(labels_path.name.replace("_labels", "")))
        yield (
            labels_path.parent.name,
            labels_path.name.removesuffix("_labels.png"),
            image,
            imread(labels_path),
        )


def mean_iou(truth: np.ndarray, predicted: np.ndarray, strokes: np.ndarray) -> float:
    """Mean intersection over union of the truth's classes on the pixels that carry no scribble."""
    free = strokes == 0
    truth, predicted = truth[free], predicted[free]
    scores = []
    for value in np.unique(truth[truth > 0]):
        both = np.count_nonzero((truth == value) & (predicted == value))
        either = np.count_nonzero((truth == value) | (predicted == value))
        scores.append(both / either)
    return float(np.mean(scores))


def interleaved(calls: dict[str, Callable[[], object]], rounds: int = 5) -> dict[str, list[float]]:
    """Time each call once a round, in turn, so that the machine's noise meets all of them; seconds."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            start = perf_counter()
            call()
            times[name].append(perf_counter() - start)
    return times


def median_ratio(times: dict[str, list[float]], reference: str, ours: str) -> float:
    """Median over the rounds of reference / ours within the same round."""
    return median(r / o for r, o in zip(times[reference], times[ours], strict=True))
