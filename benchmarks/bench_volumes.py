"""A lesion in three strokes: how much of it is found, how fast, and in how much memory.

Each lesion is segmented from the strokes of `benchmarks.lesion_strokes`. Beside the default method stands the
way of the dashboard that ours replaces: supervoxels (SLIC, 300 of them) of which those that a stroke touches
are the lesion; and the random walker of scikit-image, where `--walker` asks for it (minutes a lesion).

`--first` is the first seed of five; other seeds are other lesions and other hands. `--sizes` are radii in mm.
"""

from __future__ import annotations

import argparse
import gc
import subprocess
import sys
import threading
from pathlib import Path
from time import perf_counter, sleep

import numpy as np

from benchmarks.lesion_strokes import LESION, REST, lesion_strokes
from benchmarks.report import Row, print_table
from data_sources.volumes import Volume, brain
from segmentation.engine import warm_up
from segmentation.errors import Cancelled
from segmentation.scribbles import Scribbles
from segmentation.volumes import VOLUME_METHODS, VolumeSegmenter, segment_volume

DICE, OFF, MEGABYTES, CANCEL = 0.85, 0.10, 1500.0, 500.0
SEEDS = 5


def dice(one: np.ndarray, other: np.ndarray) -> float:
    """Twice the overlap, of the sum of both sizes."""
    return float(2 * (one & other).sum() / (one.sum() + other.sum()))


def supervoxels(values: np.ndarray, scribbles: Scribbles, box: tuple[slice, ...]) -> np.ndarray:
    """Return what the original finds: those of 300 supervoxels that the stroke on the lesion touches."""
    from skimage.segmentation import slic

    small = values[::2, ::2, ::2]
    numbers = slic(small / 255, n_segments=300, compactness=0.1, channel_axis=None, mask=small > 10)
    places = scribbles.places(LESION) // 2
    touched = np.unique(numbers[tuple(np.minimum(places, np.array(small.shape) - 1).T)])
    found = np.isin(numbers, touched[touched > 0])
    for axis in range(3):
        found = found.repeat(2, axis)
    return found[tuple(slice(0, n) for n in values.shape)][box]


def imported_walker(values: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """Lesion by scikit-image's random walker in the same box."""
    from skimage.segmentation import random_walker

    return random_walker(values / 255, marks.astype(int), beta=1000, mode="cg_j") == LESION


def accuracy(sizes: list[float], first: int, walker: bool) -> bool:
    """Print Dice and volume for each size, and return whether the aims are reached."""
    names = ["ours", "SLIC", *(["skimage walker"] if walker else []), *VOLUME_METHODS[1:2]]
    print(f"\nLesions in three strokes, seeds {first} to {first + SEEDS - 1}: Dice, and volume off by")
    print(f"{'radius':>7} {'seed':>5}  " + "  ".join(f"{name:>22}" for name in names))
    rows: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for size in sizes:
        for seed in range(first, first + SEEDS):
            volume, truth = brain(size, seed)
            scribbles = Scribbles.from_strokes(lesion_strokes(truth, seed), truth.shape)
            segmenter = VolumeSegmenter(volume, scribbles, background=REST).prepare()
            box, values = segmenter._walk_box(), volume.array()
            found = {"ours": segmenter.box(box) == LESION, "SLIC": supervoxels(values, scribbles, box)}
            if walker:
                found["skimage walker"] = imported_walker(values[box], scribbles.dense(box))
            grown = VolumeSegmenter(volume, scribbles, background=REST, method=VOLUME_METHODS[1])
            found[VOLUME_METHODS[1]] = grown.box(box) == LESION
            assert not (truth.sum() - truth[box].sum())
            for name in names:
                rows[name].append((dice(found[name], truth[box]), found[name].sum() / truth.sum() - 1))
            cells = "  ".join(f"{rows[name][-1][0]:13.3f} {rows[name][-1][1]:+8.1%}" for name in names)
            print(f"{size:5g}mm {seed:5}  {cells}", flush=True)
        part = "  ".join(
            f"{np.mean([one[0] for one in rows[name][-SEEDS:]]):13.3f} "
            f"{np.mean([one[1] for one in rows[name][-SEEDS:]]):+8.1%}"
            for name in names
        )
        print(f"{size:5g}mm  mean  {part}")
    means = {name: np.mean(rows[name], axis=0) for name in names}
    print("    all  mean  " + "  ".join(f"{means[name][0]:13.3f} {means[name][1]:+8.1%}" for name in names))
    off = float(np.mean([abs(one[1]) for one in rows["ours"]]))
    good = means["ours"][0] >= DICE and abs(means["ours"][1]) <= OFF
    print(
        f"ours: Dice {means['ours'][0]:.3f} (aim {DICE}), volume {means['ours'][1]:+.1%} (aim ±{OFF:.0%}), "
        f"a single lesion's volume off by {off:.1%} on average: {'reached' if good else 'MISSED'}"
    )
    return bool(good)


def forget_peak() -> float:
    """Let the kernel count the peak of memory anew (Linux), and return what is held now in megabytes."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    return peak()


def peak() -> float:
    """Return the most memory held since `forget_peak`, in megabytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def whole(method: str) -> None:
    """Print seconds for the whole volume, megabytes above it, and milliseconds until a cancel is heard."""
    warm_up()
    volume, truth = brain(10, 0)
    scribbles = Scribbles.from_strokes(lesion_strokes(truth, 0), truth.shape)
    rng = np.random.default_rng(
        0
    )  # what is imported and compiled by the first use is no memory of the method
    small = Volume(rng.normal(100, 10, (32, 32, 32)).astype(np.float32))
    marks = np.zeros(small.shape, np.uint8)
    marks[8, 8:20, 8:20], marks[24, 8:20, 8:20] = 1, 2
    segment_volume(small, marks, method=method, background=2, largest=True)
    before, start = forget_peak(), perf_counter()
    segmenter = VolumeSegmenter(volume, scribbles, method=method, background=REST)
    segmenter.plane(2, 80)
    first = perf_counter() - start
    again = perf_counter()
    segmenter.plane(0, 90)
    plane = perf_counter() - again
    segment_volume(volume, scribbles, method=method, background=REST, largest=True, fill_holes=True)
    seconds, used = perf_counter() - start - first - plane, peak() - before
    waits = []
    for delay in (0.05, 0.4, 1.1):
        stop = threading.Event()
        ended: list[float] = []

        def work(stop: threading.Event = stop, ended: list[float] = ended) -> None:
            try:
                segment_volume(volume, scribbles, method=method, background=REST, cancelled=stop.is_set)
            except Cancelled:
                ended.append(perf_counter())

        thread = threading.Thread(target=work)
        thread.start()
        sleep(delay)
        asked = perf_counter()
        stop.set()
        thread.join()
        if ended:
            waits.append(ended[0] - asked)
    print(first, plane, seconds, used, 1000 * max(waits, default=0.0))


def main() -> int:
    """Print accuracy, then time and memory a method; 1 when an aim is missed."""
    parser = argparse.ArgumentParser(prog="bench_volumes", description=__doc__)
    parser.add_argument("--sizes", type=float, nargs="+", default=[6, 8, 10, 12, 14])
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--walker", action="store_true")
    parser.add_argument("--whole", choices=VOLUME_METHODS, help=argparse.SUPPRESS)
    parser.add_argument("--only", choices=("accuracy", "whole"))
    arguments = parser.parse_args()
    if arguments.whole:
        whole(arguments.whole)
        return 0
    good = True
    if arguments.only != "whole":
        good = accuracy(arguments.sizes, arguments.first, arguments.walker)
    if arguments.only != "accuracy":
        table = []
        for method in VOLUME_METHODS:
            command = [sys.executable, "-m", "benchmarks.bench_volumes", "--whole", method]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            first, plane, seconds, used, wait = map(float, said.split())
            table += [
                Row(f"{method}: first plane after a stroke", 1000 * first),
                Row(f"{method}: another plane", 1000 * plane),
                Row(f"{method}: whole volume, tidied", seconds, unit="s"),
                Row(f"{method}: memory above the volume", used, unit="MB", aim=MEGABYTES),
                Row(f"{method}: slowest answer to a cancel", wait, aim=CANCEL),
            ]
        good &= print_table("197 × 233 × 189 voxels, three strokes", table)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
