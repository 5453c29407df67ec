"""Features next to scikit-image: time on two threads, equality, and what the wider set costs.

Median of the ratios of interleaved rounds; buffers are reused on our side, scikit-image allocates its own.
"""

from __future__ import annotations

import sys

import numpy as np
from skimage.feature import multiscale_basic_features

from benchmarks.report import Row, print_table
from benchmarks.workloads import interleaved, median_ratio, mosaic
from segmentation import FeatureBank, warm_up
from segmentation.classifier import CONFIGURATION, DEFAULT_BANK

TOLERANCE = 1e-5


def measured(name: str, image: np.ndarray, axis: int | None, aim: float | None, rounds: int) -> Row:
    """Compare the default bank with scikit-image's features on one picture or volume."""
    bank = FeatureBank()
    out = bank.compute(image, channel_axis=axis)
    reference = multiscale_basic_features(image, channel_axis=axis, workers=2)
    error = float(np.abs(np.moveaxis(reference, -1, 0) - out).max())
    if error > TOLERANCE:
        raise SystemExit(f"{name}: differs from scikit-image by {error:.2g}")
    times = interleaved(
        {
            "reference": lambda: multiscale_basic_features(image, channel_axis=axis, workers=2),
            "ours": lambda: bank.compute(image, channel_axis=axis, out=out),
        },
        rounds,
    )
    ours = float(np.median(times["ours"])) * 1e3
    return Row(
        f"{CONFIGURATION}: {name}, error {error:.1g}",
        ours,
        ours * median_ratio(times, "reference", "ours"),
        "ms",
        aim,
    )


def configuration_cost(image: np.ndarray, rounds: int) -> Row:
    """Time the shipped configuration's bank, whose extra planes scikit-image does not have."""
    out = DEFAULT_BANK.compute(image, channel_axis=-1)
    times = interleaved({"ours": lambda: DEFAULT_BANK.compute(image, channel_axis=-1, out=out)}, rounds)
    return Row(
        f"{CONFIGURATION}: its own {len(out)} planes of 1024² RGB", float(np.median(times["ours"])) * 1e3
    )


def main() -> int:
    """Measure and print; 1 if an aim was missed."""
    warm_up("features", "volume")
    rng = np.random.default_rng(0)
    volume = rng.random((128, 128, 128)).astype(np.float32)
    rows = [
        measured("512² grey", mosaic(512, colour=False), None, None, 7),
        measured("1024² grey", mosaic(1024, colour=False), None, 7.0, 7),
        measured("1024² RGB", mosaic(1024, colour=True), -1, 7.0, 5),
        measured("128³", volume, None, 6.0, 3),
        configuration_cost(mosaic(1024, colour=True), 5),
    ]
    return (
        0
        if print_table("Features, next to skimage.feature.multiscale_basic_features (2 threads)", rows)
        else 1
    )


if __name__ == "__main__":
    sys.exit(main())
