"""`Forest`: a decision forest as flat arrays, grown here or scikit-learn's, and its votes on planes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from typing import Any

import numpy as np

from segmentation.engine import ready, run, threads
from segmentation.errors import SegmentationError
from segmentation.limits import MAX_TREE_DEPTH

__all__ = ["LEAF_VOTES", "Forest", "grow_forest"]

PIXELS = 64
"""Pixels of a block that walk down the trees together."""

LEAF_VOTES = 256
"""Votes of a leaf of our own forests: whole, so sums are exact in any order; 16 bits hold 255 trees."""


@dataclass(frozen=True, eq=False)
class Forest:
    """Trees in one set of flat arrays, each in depth-first order: the left child is the next node.

    Parameters
    ----------
    roots : (T,) int32 array
        First node of each tree.
    feature : (M,) int32 array
        Feature that a node asks; in a leaf −1 − (row of `leaves`).
    threshold : (M,) float32 array
        A pixel goes left when its value is at most this.
    right : (M,) int32 array
        Right child; −1 in a leaf.
    leaves : (L, k) float64 array
        Share of each class in a leaf; rows sum to 1.
    features : int
        Number of features that a pixel has.
    importances : (F,) float64 array
        Mean decrease of impurity by each feature, summing to 1 (or all 0).
    """

    roots: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    right: np.ndarray
    leaves: np.ndarray
    features: int
    importances: np.ndarray

    @property
    def trees(self) -> int:
        """Number of trees."""
        return len(self.roots)

    @property
    def classes(self) -> int:
        """Number of classes."""
        return self.leaves.shape[1]

    @cached_property
    def exact(self) -> bool:
        """Whether all shares are multiples of 1 / `LEAF_VOTES`, so that 16-bit sums lose nothing."""
        scaled = self.leaves * LEAF_VOTES
        return bool(np.all(scaled == np.rint(scaled))) and self.trees * LEAF_VOTES < 65536

    @cached_property
    def votes(self) -> np.ndarray:
        """Leaves in whole votes: uint16 when that is exact, else 32-bit fixed point."""
        if self.exact:
            return (self.leaves * LEAF_VOTES).astype(np.uint16)
        return np.rint(self.leaves * self.vote_scale).astype(np.uint32)

    @cached_property
    def nodes(self) -> np.ndarray:
        """Nodes as the kernels walk them, (M, 4) int32: see `segmentation.forest_kernels`."""
        inner = self.feature >= 0
        packed = np.zeros((len(self.feature), 4), np.int32)
        packed[:, 0] = np.where(inner, self.feature * PIXELS, self.feature)
        packed[:, 1] = self.threshold.view(np.int32)
        packed[:, 2] = self.right
        pure = np.where((self.votes > 0).sum(1) == 1, self.votes.argmax(1), -1)
        packed[~inner, 1] = pure[-1 - self.feature[~inner]]
        return packed

    @property
    def vote_scale(self) -> int:
        """Votes of one tree."""
        return LEAF_VOTES if self.exact else (2**32 - 1) // self.trees - 1

    @property
    def vote_worth(self) -> np.float32:
        """Probability that one vote stands for."""
        return np.float32(1 / (self.trees * self.vote_scale))

    @classmethod
    def from_sklearn(cls, estimator: Any) -> Forest:
        """Take over a fitted `RandomForestClassifier` or `ExtraTreesClassifier` of one output.

        Thresholds are rounded down from float64 to float32, which leaves ``x <= threshold`` unchanged for
        float32 values.
        """
        roots, parts, base, leaf_base = [], [], 0, 0
        for tree in (tree.tree_ for tree in estimator.estimators_):
            order = _depth_first(tree.children_left, tree.children_right)
            place = np.empty(len(order), np.int64)
            place[order] = np.arange(len(order))
            is_leaf = tree.children_left[order] < 0
            feature = tree.feature[order].astype(np.int32)
            feature[is_leaf] = -1 - leaf_base - np.arange(is_leaf.sum(), dtype=np.int32)
            right = np.where(is_leaf, -1, place[tree.children_right[order]] + base).astype(np.int32)
            roots.append(base)
            values = tree.value[order][is_leaf][:, 0]
            parts.append(
                (feature, _round_down(tree.threshold[order]), right, values / values.sum(1, keepdims=True))
            )
            base, leaf_base = base + len(order), leaf_base + int(is_leaf.sum())
            if tree.max_depth > MAX_TREE_DEPTH:
                raise SegmentationError(
                    f"a tree {tree.max_depth} levels deep; at most {MAX_TREE_DEPTH} are allowed"
                )
        feature, threshold, right, leaves = (np.concatenate(column) for column in zip(*parts, strict=True))
        importances = np.asarray(estimator.feature_importances_, dtype=float)
        return cls(
            np.array(roots, np.int32),
            feature,
            threshold,
            right,
            leaves,
            int(estimator.n_features_in_),
            importances,
        )

    def to_sklearn(self, classes: Sequence[int] | None = None) -> Any:
        """Return a scikit-learn `ExtraTreesClassifier` of these trees, which predicts the same labels."""
        from sklearn.ensemble import ExtraTreesClassifier
        from sklearn.tree import ExtraTreeClassifier
        from sklearn.tree._tree import NODE_DTYPE, Tree

        names = np.arange(1, self.classes + 1) if classes is None else np.asarray(classes)
        estimators = []
        ends = [*self.roots[1:].tolist(), len(self.feature)]
        for begin, end in zip(self.roots.tolist(), ends, strict=True):
            asked = self.feature[begin:end]
            is_leaf = asked < 0
            nodes = np.zeros(end - begin, NODE_DTYPE)
            nodes["left_child"] = np.where(is_leaf, -1, np.arange(1, end - begin + 1))
            nodes["right_child"] = np.where(is_leaf, -1, self.right[begin:end] - begin)
            nodes["feature"] = np.where(is_leaf, -2, asked)
            nodes["threshold"] = np.where(is_leaf, -2.0, self.threshold[begin:end])
            nodes["n_node_samples"] = nodes["weighted_n_node_samples"] = 1
            values = np.full((end - begin, 1, self.classes), 1 / self.classes)
            values[is_leaf, 0] = self.leaves[-1 - asked[is_leaf]]
            tree = Tree(self.features, np.array([self.classes], np.intp), 1)
            depth = int(_depths(nodes["left_child"], nodes["right_child"]).max())
            tree.__setstate__(
                {"max_depth": depth, "node_count": end - begin, "nodes": nodes, "values": values}
            )
            single = ExtraTreeClassifier()
            single.tree_, single.n_features_in_, single.n_outputs_ = tree, self.features, 1
            single.classes_, single.n_classes_ = names, self.classes
            estimators.append(single)
        forest = ExtraTreesClassifier(n_estimators=self.trees, n_jobs=1)
        forest.estimators_, forest.classes_, forest.n_classes_ = estimators, names, self.classes
        forest.n_features_in_, forest.n_outputs_ = self.features, 1
        return forest

    def votes_on(self, planes: np.ndarray) -> np.ndarray:
        """Return the votes of every pixel.

        Parameters
        ----------
        planes : (F, H, W) or (F, D, H, W) float32 array
            C-contiguous.

        Returns
        -------
        (k, *spatial) uint16 or uint32 array
            Times `vote_worth` these are probabilities.
        """
        self._check(planes)
        lines = planes.reshape(planes.shape[0], -1, planes.shape[-1])
        out = np.empty((self.classes, *lines.shape[1:]), self.votes.dtype)
        if not ready("forest"):
            out[...] = np.rint(self._shares_by_sklearn(lines) * (self.trees * self.vote_scale))
        else:
            from segmentation.forest_kernels import vote_rows

            tree = (self.roots, self.nodes, self.votes)
            run([partial(vote_rows, lines, *tree, *part, out) for part in _row_parts(lines.shape[1])])
        return out.reshape(self.classes, *planes.shape[1:])

    def shares_on(self, planes: np.ndarray) -> np.ndarray:
        """Return (k, *spatial) float32 class probabilities of (F, *spatial) float32 planes."""
        return self.votes_on(planes) * self.vote_worth

    def labels_on(self, planes: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        """Return the class of every pixel, 0..k-1: the most (weighted) votes, the first among equals.

        Without weights these are the labels that scikit-learn gives for the same forest, pixel for pixel.

        Parameters
        ----------
        planes : (F, H, W) or (F, D, H, W) float32 array
            C-contiguous.
        weights : (k,) array, optional
            Factor of each class.

        Returns
        -------
        (H, W) or (D, H, W) uint8 array
        """
        self._check(planes)
        shape = planes.shape[1:]
        planes = planes.reshape(planes.shape[0], -1, planes.shape[-1])
        factors = np.ones(self.classes) if weights is None else np.asarray(weights, dtype=np.float64)
        if not ready("forest"):
            shares = self._shares_by_sklearn(planes)
            return np.asarray((shares * factors[:, None, None]).argmax(0), dtype=np.uint8).reshape(shape)
        from segmentation.forest_kernels import label_rows

        out = np.empty(planes.shape[1:], np.uint8)
        doubtful = self.trees if weights is None and not self.exact else -1
        arrays = (self.roots, self.nodes, self.votes, self.leaves, np.ascontiguousarray(factors), doubtful)
        run([partial(label_rows, planes, *arrays, *part, out) for part in _row_parts(len(out))])
        return out.reshape(shape)

    def _check(self, planes: np.ndarray) -> None:
        if planes.dtype != np.float32 or not planes.flags.c_contiguous or planes.ndim not in (3, 4):
            raise SegmentationError("features must be a contiguous float32 array of shape (F, *spatial)")
        if planes.shape[0] != self.features:
            raise SegmentationError(
                f"the forest was grown on {self.features} features, given are {planes.shape[0]}"
            )

    def _shares_by_sklearn(self, planes: np.ndarray) -> np.ndarray:
        pixels = np.ascontiguousarray(planes.reshape(planes.shape[0], -1).T)
        return np.asarray(self._sklearn.predict_proba(pixels)).T.reshape(self.classes, *planes.shape[1:])

    @cached_property
    def _sklearn(self) -> Any:
        return self.to_sklearn()


def grow_forest(
    samples: np.ndarray,
    classes: np.ndarray,
    class_count: int,
    *,
    trees: int,
    per_tree: int,
    max_depth: int,
    min_leaf: int,
    tried: int | None = None,
    seed: int = 0,
) -> Forest:
    """Grow extremely randomised trees.

    Parameters
    ----------
    samples : (F, N) float32 array
        Features of the labelled pixels, feature after feature.
    classes : (N,) uint8 array
        0..class_count - 1.
    trees, per_tree, max_depth, min_leaf : int
        Number of trees; samples drawn for each without replacement; depth; samples in a leaf.
    tried : int, optional
        Features that a node looks at; the square root of their number by default.
    seed : int
        The same seed and samples give the same forest, whatever the number of threads.

    Returns
    -------
    Forest
        Whose leaves hold whole multiples of 1 / `LEAF_VOTES`.
    """
    features, total = samples.shape
    tried = max(1, round(features**0.5)) if tried is None else tried
    chosen = min(per_tree, total)
    if not ready("growth"):
        return _grown_by_sklearn(samples, classes, trees, chosen, max_depth, min_leaf, tried, seed)
    from segmentation.growth_kernels import grow_tree

    samples, classes = np.ascontiguousarray(samples, np.float32), np.ascontiguousarray(classes, np.uint8)
    seeds = np.random.SeedSequence(seed).generate_state(trees, np.uint64).astype(np.int64)

    def grow(numbers: range) -> tuple[list[tuple[np.ndarray, ...]], np.ndarray]:
        size = 2 * chosen
        feature, threshold = np.empty(size, np.int32), np.empty(size, np.float32)
        right, counts = np.empty(size, np.int32), np.empty((size, class_count), np.int32)
        gains = np.zeros(features)
        grown = []
        for number in numbers:
            nodes = grow_tree(
                samples, classes, class_count, chosen, tried, min(max_depth, MAX_TREE_DEPTH), min_leaf,
                seeds[number], feature, threshold, right, counts, gains,
            )  # fmt: skip
            grown.append(tuple(array[:nodes].copy() for array in (feature, threshold, right, counts)))
        return grown, gains

    step = -(-trees // (4 * threads()))
    done = run([partial(grow, range(first, min(first + step, trees))) for first in range(0, trees, step)])
    return _joined(
        [tree for grown, _ in done for tree in grown], np.sum([gains for _, gains in done], axis=0)
    )


def _grown_by_sklearn(
    samples: np.ndarray,
    classes: np.ndarray,
    trees: int,
    chosen: int,
    max_depth: int,
    min_leaf: int,
    tried: int,
    seed: int,
) -> Forest:
    """Grow the same kind of forest by scikit-learn; other random numbers, so other trees."""
    from sklearn.ensemble import ExtraTreesClassifier

    part = chosen / samples.shape[1]
    estimator = ExtraTreesClassifier(
        trees,
        max_depth=max_depth,
        min_samples_leaf=min_leaf,
        max_features=min(tried, samples.shape[0]),
        bootstrap=part < 1,
        max_samples=part if part < 1 else None,
        random_state=seed % 2**32,
        n_jobs=1,
    )
    return Forest.from_sklearn(estimator.fit(samples.T, classes))


def _joined(grown: list[tuple[np.ndarray, ...]], gains: np.ndarray) -> Forest:
    roots, parts, base, leaf_base = [], [], 0, 0
    for feature, threshold, right, counts in grown:
        is_leaf = feature < 0
        feature = feature.copy()
        feature[is_leaf] = -1 - leaf_base - np.arange(is_leaf.sum(), dtype=np.int32)
        roots.append(base)
        parts.append(
            (
                feature,
                threshold,
                np.where(is_leaf, -1, right + base).astype(np.int32),
                _whole_votes(counts[is_leaf]),
            )
        )
        base, leaf_base = base + len(feature), leaf_base + int(is_leaf.sum())
    feature, threshold, right, leaves = (np.concatenate(column) for column in zip(*parts, strict=True))
    importances = gains / gains.sum() if gains.sum() > 0 else gains
    return Forest(np.array(roots, np.int32), feature, threshold, right, leaves, len(gains), importances)


def _whole_votes(counts: np.ndarray) -> np.ndarray:
    """Return shares in multiples of 1 / `LEAF_VOTES`; what rounding leaves goes to the largest class."""
    votes = np.rint(counts * (LEAF_VOTES / counts.sum(1, keepdims=True)))
    votes[np.arange(len(votes)), counts.argmax(1)] += LEAF_VOTES - votes.sum(1)
    return votes / LEAF_VOTES


def _row_parts(rows: int) -> list[tuple[int, int]]:
    """Cut rows into runs of whole blocks, a few for each thread."""
    blocks = -(-rows // 8)
    count = max(1, min(blocks, 8 * threads()))
    edges = [8 * (blocks * i // count) for i in range(count)] + [rows]
    return list(pairwise(edges))


def _round_down(values: np.ndarray) -> np.ndarray:
    rounded = values.astype(np.float32)
    return np.where(rounded > values, np.nextafter(rounded, np.float32(-np.inf)), rounded).astype(np.float32)


def _depth_first(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    order, waiting = [], [0]
    while waiting:
        node = waiting.pop()
        order.append(node)
        if left[node] >= 0:
            waiting += [int(right[node]), int(left[node])]
    return np.array(order)


def _depths(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    depths = np.zeros(len(left), int)
    for node in range(len(left)):
        if left[node] >= 0:
            depths[left[node]] = depths[right[node]] = depths[node] + 1
    return depths
