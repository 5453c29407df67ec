"""The guided filter by SciPy: the answer until the kernel is compiled; called by ``smoothing.py``."""

from __future__ import annotations

import numpy as np

__all__ = ["smooth"]

WINDOW = 7
"""Side of a window, as in the kernel."""


def smooth(shares: np.ndarray, guide: np.ndarray, softness: float) -> None:
    """Filter probabilities in place, guided by a picture; see `segmentation.smoothing_kernels.smooth`."""
    from scipy.ndimage import uniform_filter

    def mean(values: np.ndarray) -> np.ndarray:
        return uniform_filter(values, WINDOW, mode="nearest")

    average = mean(guide)
    variance = np.maximum(mean(guide * guide) - average * average, 0)
    for share in shares:
        share_average = mean(share)
        slope = (mean(guide * share) - average * share_average) / (variance + np.float32(softness))
        share[...] = np.maximum(mean(slope) * guide + mean(share_average - slope * average), 0)
