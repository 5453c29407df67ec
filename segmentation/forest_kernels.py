"""Compiled forest traversal: blocks of 8×8 pixels go down each tree together; called by ``forest.py`` alone.

Neighbouring pixels mostly take the same branch. A block is carried as one 64-bit mask: a node compares 64
values at once, branches that no pixel takes are never visited, and a leaf adds its votes to the pixels of its
mask. The walk per pixel that libraries use costs several times more (benchmarks/bench_classifier.py). Serial
and without the GIL: see ``engine.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

BLOCK = 8
"""Side of a block in pixels: its 64 pixels fill one machine word of mask bits."""
PIXELS = BLOCK * BLOCK
QUARTER = 16
"""Values compared at once: a vector register of today's widest machines."""
STRIP = 32
"""Blocks gathered at once: they stay in the second-level cache, and planes are read in runs of 256 pixels."""
STACK = 128
"""Waiting branches of one walk: at most one a level, and trees are at most this deep."""


def _data(context: Any, builder: Any, signature: Any, args: Any, index: int) -> Any:
    return context.make_array(signature.args[index])(context, builder, args[index]).data


def _spread(builder: Any, scalar: Any, lanes: int) -> Any:
    """Return a vector whose lanes all hold the scalar."""
    vector = ir.VectorType(scalar.type, lanes)
    undefined = ir.Constant(vector, ir.Undefined)
    first = builder.insert_element(undefined, scalar, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(
        first, undefined, ir.Constant(ir.VectorType(ir.IntType(32), lanes), [0] * lanes)
    )


@intrinsic
def _at_most(typingctx: Any, values: Any, at: Any, bits: Any) -> Any:
    """Return the 64-bit mask of ``values[at + lane] <= threshold``; the float32 threshold as bits."""
    signature = types.uint64(values, types.intp, types.int32)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = _data(context, builder, signature, args, 0)
        vector, word = ir.VectorType(ir.FloatType(), QUARTER), ir.IntType(64)
        threshold = _spread(builder, builder.bitcast(args[2], ir.FloatType()), QUARTER)
        mask = ir.Constant(word, 0)
        # In quarters: joining four masks in general registers is sooner done than in mask registers.
        for first in range(0, PIXELS, QUARTER):
            place = builder.gep(data, [builder.add(args[1], ir.Constant(args[1].type, first))])
            loaded = builder.load(builder.bitcast(place, vector.as_pointer()))
            loaded.align = 4
            part = builder.bitcast(builder.fcmp_ordered("<=", loaded, threshold), ir.IntType(QUARTER))
            mask = builder.or_(mask, builder.shl(builder.zext(part, word), ir.Constant(word, first)))
        return mask

    return signature, codegen


@intrinsic
def _add_votes(typingctx: Any, votes: Any, at: Any, mask: Any, value: Any) -> Any:
    """Add the value to ``votes[at + lane]`` for every lane of the mask."""
    signature = types.void(votes, types.intp, types.uint64, votes.dtype)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = _data(context, builder, signature, args, 0)
        vector = ir.VectorType(args[3].type, PIXELS)
        pointer = builder.bitcast(builder.gep(data, [args[1]]), vector.as_pointer())
        loaded = builder.load(pointer)
        loaded.align = 2
        lanes = builder.bitcast(args[2], ir.VectorType(ir.IntType(1), PIXELS))
        chosen = builder.select(lanes, _spread(builder, args[3], PIXELS), ir.Constant(vector, [0] * PIXELS))
        builder.store(builder.add(loaded, chosen), pointer).align = 2
        return context.get_dummy_value()

    return signature, codegen


@njit(nogil=True, cache=True)
def _vote(
    blocks: np.ndarray, roots: np.ndarray, nodes: np.ndarray, leaf_votes: np.ndarray, votes: np.ndarray
) -> None:
    """Let every tree vote on every pixel of some blocks.

    Parameters
    ----------
    blocks : (B, F * 64) float32 array
        Features of 8×8 blocks, feature after feature.
    roots : (T,) int32 array
        Node where each tree begins.
    nodes : (M, 4) int32 array
        One node a row, so that a step of the walk touches one line of the cache. Inner node: 64 × the feature
        it asks; the bits of its float32 threshold (a pixel goes left when its value is at most that); the
        right child; unused. The left child is the next row. Leaf: −1 − (row of `leaf_votes`); the class of a
        pure leaf or −1; unused; unused.
    leaf_votes : (L, k) uint16 or uint32 array
        Votes of a leaf for each class.
    votes : (B, k * 64) array, dtype of `leaf_votes`
        Sums over the trees; written in place.
    """
    classes = leaf_votes.shape[1]
    flat = nodes.reshape(-1)
    # Unsigned places, four numbers a node: signed ones would be checked for counting from the end.
    waiting_place = np.empty(STACK, np.uint64)
    waiting_mask = np.empty(STACK, np.uint64)
    everyone, none = np.uint64(0xFFFFFFFFFFFFFFFF), np.uint64(0)
    one, two, four = np.uint64(1), np.uint64(2), np.uint64(4)
    for b in range(blocks.shape[0]):
        values, sums = blocks[b], votes[b]
        sums[:] = 0
        for t in range(roots.shape[0]):
            place, mask, depth = four * np.uint64(roots[t]), everyone, none
            while True:
                asked = flat[place]
                while asked >= 0:
                    low = _at_most(values, asked, flat[place + one])
                    right = four * np.uint64(flat[place + two])
                    high = mask & ~low
                    low &= mask
                    # Always written, seldom counted: a branch less to guess.
                    waiting_place[depth], waiting_mask[depth] = right, high
                    left = low != none
                    depth += np.uint64(left & (high != none))
                    place = place + four if left else right
                    mask = low if left else high
                    asked = flat[place]
                leaf, only = -1 - asked, flat[place + one]
                if only >= 0:
                    _add_votes(sums, only * PIXELS, mask, leaf_votes[leaf, only])
                else:
                    for c in range(classes):
                        if leaf_votes[leaf, c] != 0:
                            _add_votes(sums, c * PIXELS, mask, leaf_votes[leaf, c])
                if depth == none:
                    break
                depth -= one
                place, mask = waiting_place[depth], waiting_mask[depth]


@njit(nogil=True, cache=True)
def _gather(planes: np.ndarray, row: int, column: int, blocks: np.ndarray) -> None:
    """Copy 8 rows of planes into blocks; beyond the edge the last row and column repeat.

    Parameters
    ----------
    planes : (F, H, W) float32 array
    row, column : int
        First pixel of the first block; the blocks follow each other to the right.
    blocks : (B, F * 64) float32 array
        Written in place.
    """
    count, height, width = planes.shape
    for f in range(count):
        for y in range(BLOCK):
            line = planes[f, min(row + y, height - 1)]
            to = f * PIXELS + y * BLOCK
            for b in range(blocks.shape[0]):
                begin = column + b * BLOCK
                if begin + BLOCK <= width:
                    for x in range(BLOCK):
                        blocks[b, to + x] = line[begin + x]
                else:
                    for x in range(BLOCK):
                        blocks[b, to + x] = line[min(begin + x, width - 1)]


@njit(nogil=True, cache=True)
def lay_out(planes: np.ndarray, blocks: np.ndarray) -> None:
    """Gather (F, H, W) float32 planes into (ceil(H / 8), ceil(W / 8), F * 64) blocks, written in place."""
    for row in range(blocks.shape[0]):
        for column in range(0, blocks.shape[1], STRIP):
            _gather(planes, row * BLOCK, column * BLOCK, blocks[row, column : column + STRIP])


@njit(nogil=True, cache=True)
def vote_blocks(
    blocks: np.ndarray,
    roots: np.ndarray,
    nodes: np.ndarray,
    leaf_votes: np.ndarray,
    height: int,
    begin: int,
    end: int,
    out: np.ndarray,
) -> None:
    """Write the votes of some rows of blocks.

    Parameters
    ----------
    blocks : (R, B, F * 64) float32 array
        See `segmentation.blocks.Blocks`.
    roots, nodes, leaf_votes : arrays
        See `_vote`.
    height : int
        Rows of pixels in a plane; the rows of blocks of a volume are counted through its planes.
    begin, end : int
        Rows of blocks to do.
    out : (k, planes * height, W) array, dtype of `leaf_votes`
        Written in place.
    """
    classes, width = leaf_votes.shape[1], out.shape[2]
    per_plane = (height + BLOCK - 1) // BLOCK
    votes = np.empty((blocks.shape[1], classes * PIXELS), leaf_votes.dtype)
    for row in range(begin, end):
        _vote(blocks[row], roots, nodes, leaf_votes, votes)
        top = row // per_plane * height + row % per_plane * BLOCK
        lines = min(BLOCK, height - row % per_plane * BLOCK)
        for c in range(classes):
            for y in range(lines):
                line = out[c, top + y]
                for b in range(width // BLOCK):
                    for x in range(BLOCK):
                        line[b * BLOCK + x] = votes[b, c * PIXELS + y * BLOCK + x]
                for x in range(width // BLOCK * BLOCK, width):
                    line[x] = votes[x // BLOCK, c * PIXELS + y * BLOCK + x % BLOCK]


@njit(nogil=True, cache=True)
def vote_rows(
    planes: np.ndarray,
    roots: np.ndarray,
    nodes: np.ndarray,
    leaf_votes: np.ndarray,
    begin: int,
    end: int,
    out: np.ndarray,
) -> None:
    """Write the votes of some rows of pixels.

    Parameters
    ----------
    planes : (F, H, W) float32 array
    roots, nodes, leaf_votes : arrays
        See `_vote`.
    begin, end : int
        Rows to do.
    out : (k, H, W) array, dtype of `leaf_votes`
        Written in place.
    """
    width, classes = planes.shape[2], leaf_votes.shape[1]
    strip = min(STRIP, (width + BLOCK - 1) // BLOCK)
    blocks = np.empty((strip, planes.shape[0] * PIXELS), np.float32)
    votes = np.empty((strip, classes * PIXELS), leaf_votes.dtype)
    for row in range(begin, end, BLOCK):
        for column in range(0, width, strip * BLOCK):
            _gather(planes, row, column, blocks)
            _vote(blocks, roots, nodes, leaf_votes, votes)
            for c in range(classes):
                for y in range(min(BLOCK, end - row)):
                    for x in range(min(strip * BLOCK, width - column)):
                        out[c, row + y, column + x] = votes[x // BLOCK, c * PIXELS + y * BLOCK + x % BLOCK]


@njit(nogil=True, cache=True)
def _exact_label(
    values: np.ndarray,
    pixel: int,
    roots: np.ndarray,
    nodes: np.ndarray,
    leaves: np.ndarray,
    sums: np.ndarray,
) -> int:
    """Return the class of one pixel by float64 sums in the order of the trees, as scikit-learn adds them."""
    sums[:] = 0
    for t in range(roots.shape[0]):
        node = roots[t]
        while nodes[node, 0] >= 0:
            low = _at_most(values, nodes[node, 0], nodes[node, 1])
            node = node + 1 if (low >> np.uint64(pixel)) & np.uint64(1) else nodes[node, 2]
        for c in range(sums.shape[0]):
            sums[c] += leaves[-1 - nodes[node, 0], c]
    best = 0
    for c in range(sums.shape[0]):
        sums[c] /= roots.shape[0]
        if sums[c] > sums[best]:
            best = c
    return best


@njit(nogil=True, cache=True)
def label_rows(
    planes: np.ndarray,
    roots: np.ndarray,
    nodes: np.ndarray,
    leaf_votes: np.ndarray,
    leaves: np.ndarray,
    weights: np.ndarray,
    doubtful: int,
    begin: int,
    end: int,
    out: np.ndarray,
) -> None:
    """Write the class with the most weighted votes, 0..k-1, of some rows of pixels.

    Parameters
    ----------
    planes : (F, H, W) float32 array
    roots, nodes, leaf_votes : arrays
        See `_vote`.
    leaves : (L, k) float64 array
        Exact shares behind `leaf_votes`.
    weights : (k,) float64 array
        Factor of each class.
    doubtful : int
        A lead of at most so many votes may come from rounding: that pixel is decided by exact sums. −1 =
        votes are exact.
    begin, end : int
        Rows to do.
    out : (H, W) uint8 array
        Written in place.
    """
    width, classes = planes.shape[2], leaf_votes.shape[1]
    strip = min(STRIP, (width + BLOCK - 1) // BLOCK)
    blocks = np.empty((strip, planes.shape[0] * PIXELS), np.float32)
    votes = np.empty((strip, classes * PIXELS), leaf_votes.dtype)
    best, second = np.empty(PIXELS), np.empty(PIXELS)
    winner = np.empty(PIXELS, np.uint8)
    sums = np.empty(classes)
    for row in range(begin, end, BLOCK):
        for column in range(0, width, strip * BLOCK):
            _gather(planes, row, column, blocks)
            _vote(blocks, roots, nodes, leaf_votes, votes)
            for b in range(min(strip, (width - column + BLOCK - 1) // BLOCK)):
                best[:], second[:], winner[:] = -1.0, -1.0, 0
                for c in range(classes):
                    for i in range(PIXELS):
                        score = votes[b, c * PIXELS + i] * weights[c]
                        more = score > best[i]
                        second[i] = best[i] if more else max(second[i], score)
                        winner[i] = np.uint8(c) if more else winner[i]
                        best[i] = score if more else best[i]
                if doubtful >= 0:
                    for i in range(PIXELS):
                        if best[i] - second[i] <= doubtful:
                            winner[i] = _exact_label(blocks[b], i, roots, nodes, leaves, sums)
                for y in range(min(BLOCK, end - row)):
                    for x in range(min(BLOCK, width - column - b * BLOCK)):
                        out[row + y, column + b * BLOCK + x] = winner[y * BLOCK + x]


def compile_all() -> None:
    """Compile the kernels, or load them from the cache, by calling them on a tiny forest."""
    planes = np.zeros((1, 8, 8), np.float32)
    blocks = np.empty((1, 1, PIXELS), np.float32)
    lay_out(planes, blocks)
    roots, nodes = np.zeros(1, np.int32), np.full((1, 4), -1, np.int32)
    for kind in (np.uint16, np.uint32):
        votes, labels = np.zeros((1, 1), kind), np.empty((8, 8), np.uint8)
        vote_rows(planes, roots, nodes, votes, 0, 8, np.empty((1, 8, 8), kind))
        vote_blocks(blocks, roots, nodes, votes, 8, 0, 1, np.empty((1, 8, 8), kind))
        label_rows(planes, roots, nodes, votes, np.zeros((1, 1)), np.ones(1), -1, 0, 8, labels)
