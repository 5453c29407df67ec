"""Compiled growth of extremely randomised trees; called by ``forest.py`` alone.

Geurts, Ernst, Wehenkel: Extremely randomized trees, Machine Learning 63 (2006). A node looks at a few
features, draws one threshold at random between the smallest and the largest value of each, and keeps the best
by Gini impurity: no sorting, so a tree of a thousand samples takes a fraction of a millisecond. Serial and
without the GIL: see ``engine.py``.
"""

from __future__ import annotations

import numpy as np
from numba import njit

FEW_CLASSES = 8
"""Up to so many classes samples are counted a class at a time."""

WAITING = 256
"""Waiting branches of one growing tree: at most one a level."""


@njit(nogil=True, cache=True)
def _random(state: np.ndarray) -> np.uint64:
    """Return the next number of SplitMix64 (Steele, Lea, Flood 2014): the same on every platform."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@njit(nogil=True, cache=True)
def _below(state: np.ndarray, limit: int) -> int:
    """Return a random integer in [0, limit)."""
    return int((_random(state) >> np.uint64(33)) % np.uint64(limit))


@njit(nogil=True, cache=True, fastmath={"nnan", "nsz"})
def grow_tree(
    samples: np.ndarray,
    classes: np.ndarray,
    class_count: int,
    chosen: int,
    tried: int,
    max_depth: int,
    min_leaf: int,
    seed: int,
    feature: np.ndarray,
    threshold: np.ndarray,
    right: np.ndarray,
    counts: np.ndarray,
    gains: np.ndarray,
) -> int:
    """Grow one tree on a random part of the samples, node after node in depth-first order.

    Parameters
    ----------
    samples : (F, N) float32 array
        Features of the labelled pixels, feature after feature.
    classes : (N,) uint8 array
        0..class_count - 1.
    chosen : int
        Samples of this tree, drawn without replacement.
    tried : int
        Features that a node looks at, constant ones not counted.
    max_depth, min_leaf : int
        No deeper than this; no leaf with fewer samples.
    seed : int
        Seed of this tree.
    feature, threshold, right : (M,) int32, float32, int32 arrays
        The nodes, written in place: feature −1 marks a leaf, the left child follows its parent. ``M >= 2 *
        chosen``.
    counts : (M, class_count) int32 array
        Samples of each class in a node; written in place.
    gains : (F,) float64 array
        The decrease of impurity that each feature brought is added.

    Returns
    -------
    int
        Number of nodes.
    """
    features, total = samples.shape
    state = np.empty(1, np.uint64)
    state[0] = np.uint64(seed)
    order = np.arange(total).astype(np.int32)
    for i in range(chosen):
        j = i + _below(state, total - i)
        order[i], order[j] = order[j], order[i]
    palette = np.arange(features).astype(np.int32)
    values, best_values = np.empty(chosen, np.float32), np.empty(chosen, np.float32)
    mine = np.empty(chosen, np.uint8)
    low_counts = np.empty(class_count, np.int64)
    waiting = np.empty((WAITING, 4), np.int64)
    waiting[0] = np.array([0, chosen, 0, -1])
    depth_of_stack, nodes = 1, 0
    while depth_of_stack > 0:
        depth_of_stack -= 1
        begin, end = waiting[depth_of_stack, 0], waiting[depth_of_stack, 1]
        level, parent = waiting[depth_of_stack, 2], waiting[depth_of_stack, 3]
        node, size = nodes, end - begin
        nodes += 1
        if parent >= 0:
            right[parent] = node
        counts[node] = 0
        for i in range(size):
            mine[i] = classes[order[begin + i]]
            counts[node, mine[i]] += 1
        feature[node], threshold[node], right[node] = -1, 0, -1
        purity = 0.0
        largest = 0
        for c in range(class_count):
            purity += np.float64(counts[node, c]) * counts[node, c]
            largest = max(largest, counts[node, c])
        if level >= max_depth or size < 2 * min_leaf or largest == size:
            continue
        best, best_feature, best_cut = purity / size + 1e-9, -1, np.float32(0)
        looked, left_over = 0, features
        while looked < tried and left_over > 0:
            drawn = _below(state, left_over)
            left_over -= 1
            palette[drawn], palette[left_over] = palette[left_over], palette[drawn]
            asked = palette[left_over]
            column = samples[asked]
            lowest = highest = column[order[begin]]
            for i in range(size):
                values[i] = column[order[begin + i]]
            for i in range(size):
                lowest, highest = min(lowest, values[i]), max(highest, values[i])
            if not lowest < highest:
                continue
            looked += 1
            part = np.float32(np.float64(_random(state) >> np.uint64(40)) / 16777216.0)
            cut = lowest + part * (highest - lowest)
            if cut >= highest:
                cut = lowest
            low_counts[:] = 0
            low_size = np.int64(0)
            if class_count <= FEW_CLASSES:  # a pass a class, several samples at once and no branch
                for c in range(class_count):
                    count = np.int32(0)
                    for i in range(size):
                        count += np.int32(values[i] <= cut) & np.int32(mine[i] == c)
                    low_counts[c] = count
                    low_size += count
            else:
                for i in range(size):
                    low = np.int64(values[i] <= cut)
                    low_counts[mine[i]] += low
                    low_size += low
            if low_size < min_leaf or size - low_size < min_leaf:
                continue
            low_purity = high_purity = 0.0
            for c in range(class_count):
                high = np.float64(counts[node, c] - low_counts[c])
                low_purity += np.float64(low_counts[c]) * low_counts[c]
                high_purity += high * high
            score = low_purity / low_size + high_purity / (size - low_size)
            if score > best:
                best, best_feature, best_cut = score, int(asked), cut
                values, best_values = best_values, values
        if best_feature < 0:
            continue
        feature[node], threshold[node] = best_feature, best_cut
        gains[best_feature] += (best - purity / size) / chosen
        first, last = begin, end - 1
        while first <= last:
            if best_values[first - begin] <= best_cut:
                first += 1
            else:
                order[first], order[last] = order[last], order[first]
                best_values[first - begin], best_values[last - begin] = (
                    best_values[last - begin],
                    best_values[first - begin],
                )
                last -= 1
        for start, stop, origin in ((first, end, node), (begin, first, -1)):  # the low part comes next
            waiting[depth_of_stack, 0], waiting[depth_of_stack, 1] = start, stop
            waiting[depth_of_stack, 2], waiting[depth_of_stack, 3] = level + 1, origin
            depth_of_stack += 1
    return nodes


def compile_all() -> None:
    """Compile the kernel, or load it from the cache, by growing a tiny tree."""
    samples, classes = np.zeros((1, 2), np.float32), np.zeros(2, np.uint8)
    nodes = (np.empty(4, np.int32), np.empty(4, np.float32), np.empty(4, np.int32))
    grow_tree(samples, classes, 1, 2, 1, 1, 1, 0, *nodes, np.empty((4, 1), np.int32), np.zeros(1))
