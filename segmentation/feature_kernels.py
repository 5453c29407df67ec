"""Compiled filters on padded float32 planes: blur and its derivatives; called by ``feature_tiles.py``.

Everything here is serial and releases the GIL, so that one thread pool (``engine.py``) may run many tiles at
once. A padded plane is a C-contiguous float32 array that carries, around the box asked for, the reach of the
filters on every side (edge values repeated outside the picture) and `SLACK` spare values at the end: the blur
always writes whole chunks of `LANES` values, so each output value comes from the same instructions wherever
its tile begins. That is what makes a tile bit-identical to the whole picture.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

LANES = 64
SLACK = 2 * LANES
MARGIN = 2
"""Blurred values needed around a box: second derivatives by central differences reach two pixels."""
DERIVED = ("blur", "edges", "large", "small", "gradient", "laplacian", "down_slope", "across_slope")
"""What `scale_planes` can derive from one blur; large and small are the Hessian's eigenvalues."""

Kernel = tuple[np.ndarray, int]


@intrinsic
def _blur_chunk(
    typingctx: Any, source: Any, at: Any, step: Any, weights: Any, radius: Any, out: Any, to: Any
) -> Any:
    """``out[to:to+LANES] = w[0]*s[at] + sum_k w[k]*(s[at-k*step] + s[at+k*step])``, held in registers.

    LLVM does not keep such an accumulator in registers by itself (it walks memory once a tap, three times
    slower), hence the vector is spelled out. Any target works: LLVM splits the vector to the width it has.
    """
    signature = types.void(source, types.intp, types.intp, weights, types.intp, out, types.intp)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        def pointer(index: int) -> Any:
            return context.make_array(signature.args[index])(context, builder, args[index]).data

        start, stride, last, target = args[1], args[2], args[4], args[6]
        source_data, weight_data, out_data = pointer(0), pointer(3), pointer(5)
        vector = ir.VectorType(ir.FloatType(), LANES)
        integer, one = start.type, ir.Constant(start.type, 1)
        undefined = ir.Constant(vector, ir.Undefined)

        def load(index: Any) -> Any:
            loaded = builder.load(builder.bitcast(builder.gep(source_data, [index]), vector.as_pointer()))
            loaded.align = 4
            return loaded

        def weight(index: Any) -> Any:
            scalar = builder.load(builder.gep(weight_data, [index]))
            first = builder.insert_element(undefined, scalar, ir.Constant(ir.IntType(32), 0))
            return builder.shuffle_vector(
                first, undefined, ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
            )

        centre = builder.fmul(weight(ir.Constant(integer, 0)), load(start))
        before = builder.block
        loop = builder.append_basic_block("taps")
        done = builder.append_basic_block("taps.done")
        builder.cbranch(builder.icmp_signed("<", last, one), done, loop)

        builder.position_at_end(loop)
        tap, offset, total = builder.phi(integer), builder.phi(integer), builder.phi(vector)
        tap.add_incoming(one, before)
        offset.add_incoming(stride, before)
        total.add_incoming(centre, before)
        pair = builder.fadd(load(builder.sub(start, offset)), load(builder.add(start, offset)))
        grown = builder.fadd(total, builder.fmul(weight(tap), pair, flags=("contract",)), flags=("contract",))
        next_tap, next_offset = builder.add(tap, one), builder.add(offset, stride)
        tap.add_incoming(next_tap, loop)
        offset.add_incoming(next_offset, loop)
        total.add_incoming(grown, loop)
        builder.cbranch(builder.icmp_signed("<=", next_tap, last), loop, done)

        builder.position_at_end(done)
        result = builder.phi(vector)
        result.add_incoming(centre, before)
        result.add_incoming(grown, loop)
        stored = builder.store(result, builder.bitcast(builder.gep(out_data, [target]), vector.as_pointer()))
        stored.align = 4
        return context.get_dummy_value()

    return signature, codegen


@njit(nogil=True, cache=True)
def blur_run(
    source: np.ndarray,
    at: int,
    step: int,
    count: int,
    weights: np.ndarray,
    radius: int,
    out: np.ndarray,
    to: int,
) -> None:
    """Blur ``count`` neighbours in memory along the axis whose neighbours lie ``step`` values apart."""
    for x in range(0, count, LANES):
        _blur_chunk(source, at + x, step, weights, radius, out, to + x)


@njit(nogil=True, cache=True)
def blur_line(
    source: np.ndarray,
    at: int,
    step: int,
    lead: int,
    count: int,
    tail: int,
    across: Kernel,
    along: Kernel,
    line: np.ndarray,
    scratch: np.ndarray,
) -> None:
    """Blur one line of a box across and then along itself, with `MARGIN` more values on both sides.

    Parameters
    ----------
    source : (N,) float32 array
    at : int
        Where the line's first value of the box lies; it has `lead` values before and `tail` after its `count`
        values. Beyond those the last one repeats (that is where the picture ends).
    step : int
        Distance in memory of neighbours across the line.
    across, along : (weights, radius)
        Half kernels, centre first.
    line : (count + 2 * MARGIN + SLACK,) float32 array
        Written in place; ``line[MARGIN]`` is the first value of the box.
    scratch : (count + 2 * (MARGIN + radius) + SLACK,) float32 array
    """
    reach = along[1] + MARGIN
    first, last = -min(reach, lead), count + min(reach, tail)
    blur_run(source, at + first, step, last - first, across[0], across[1], scratch, first + reach)
    scratch[: first + reach] = scratch[first + reach]
    scratch[last + reach : count + 2 * reach] = scratch[last + reach - 1]
    blur_run(scratch, along[1], 1, count + 2 * MARGIN, along[0], along[1], line, 0)


@njit(nogil=True, cache=True)
def scale_planes(
    source: np.ndarray,
    frame: tuple[int, int, int, int, int],
    rows: tuple[int, int, int],
    gaps: tuple[int, int, int, int],
    across: Kernel,
    along: Kernel,
    spacing: tuple[float, float],
    wanted: np.ndarray,
    out: np.ndarray,
) -> None:
    """Blur some rows of a box at one scale and write what is derived from them while they are in the cache.

    Parameters
    ----------
    source : (N,) float32 array
        See `padded_rows`: `pitch` values a row, the rows complete on both sides.
    frame : (origin, pitch, lead, columns, tail)
        Where the box's first pixel lies; the columns of the box and those known before and after it.
    rows : (begin, end, height)
        Rows of the box to do, of how many.
    gaps : (top, bottom, left, right)
        Pixels between the box and the border of the picture, at most `MARGIN` counted. At the border,
        derivatives become one-sided as in `numpy.gradient`.
    across, along : (weights, radius)
        Half kernels over the rows and over the columns, centre first.
    spacing : (down, across)
        Size of a pixel; derivatives are divided by it.
    wanted : (8,) int64 array
        Plane of `out` for the derived values in the order of `DERIVED`; -1 = not asked for.
    out : (F, height, columns) float32 array
        Written in place.
    """
    origin, pitch, lead, columns, tail = frame
    begin, end, height = rows
    top, bottom, left, right = gaps
    half, quarter, two = np.float32(0.5), np.float32(0.25), np.float32(2)
    per_row, per_column = np.float32(1 / spacing[0]), np.float32(1 / spacing[1])
    room = columns + 2 * MARGIN + SLACK
    scratch = np.empty(columns + 2 * (along[1] + MARGIN) + SLACK, np.float32)
    blurred, down_slope, across_slope = (
        np.empty((5, room), np.float32),
        np.empty((3, room), np.float32),
        np.empty(room, np.float32),
    )
    derive = np.any(wanted[1:] >= 0)
    reach = 2 if derive else 0
    first_row, last_row = -min(top, MARGIN), height - 1 + min(bottom, MARGIN)
    first, last = (
        MARGIN - left,
        columns + MARGIN - 1 + right,
    )  # columns at the border, where the gaps are below 2
    step = half * per_column
    for y in range(begin - reach, end + reach):
        if first_row <= y <= last_row:
            line = blurred[(y + 5) % 5]
            blur_line(source, origin + y * pitch, pitch, lead, columns, tail, across, along, line, scratch)
            if left < MARGIN:
                line[first - 1] = line[first]
            if right < MARGIN:
                line[last + 1] = line[last]
            if wanted[0] >= 0 and begin <= y < end:
                out[wanted[0], y, :] = line[MARGIN : columns + MARGIN]
        if not derive:
            continue
        q = y - 1
        if first_row <= q <= last_row and begin - 1 <= q <= end:
            above, below = max(q - 1, first_row), min(q + 1, last_row)
            scale = half * np.float32(3 - (below - above)) * per_row
            high, low, slope = blurred[(below + 5) % 5], blurred[(above + 5) % 5], down_slope[(q + 3) % 3]
            for x in range(1, columns + 3):
                slope[x] = (high[x] - low[x]) * scale
        e = y - 2
        if e < begin:
            continue
        above, below = max(e - 1, first_row), min(e + 1, last_row)
        up, here, down = blurred[(above + 5) % 5], blurred[(e + 5) % 5], blurred[(below + 5) % 5]
        if wanted[1] >= 0:
            target = out[wanted[1], e]
            across_scale, down_scale = quarter * per_column, quarter * per_row
            for x in range(columns):
                rise = (
                    (up[x + 3] - up[x + 1]) + two * (here[x + 3] - here[x + 1]) + (down[x + 3] - down[x + 1])
                )
                fall = (down[x + 1] - up[x + 1]) + two * (down[x + 2] - up[x + 2]) + (down[x + 3] - up[x + 3])
                rise *= across_scale
                fall *= down_scale
                target[x] = math.sqrt((rise * rise + fall * fall) * half)
        slope = down_slope[(e + 3) % 3]
        for x in range(1, columns + 3):
            across_slope[x] = (here[x + 1] - here[x - 1]) * step
        # One-sided at the border, with a ghost column that makes the second derivative one-sided too.
        if left < MARGIN:
            across_slope[first] *= two
            across_slope[first - 1] = two * across_slope[first] - across_slope[first + 1]
            slope[first - 1] = two * slope[first] - slope[first + 1]
        if right < MARGIN:
            across_slope[last] *= two
            across_slope[last + 1] = two * across_slope[last] - across_slope[last - 1]
            slope[last + 1] = two * slope[last] - slope[last - 1]
        if wanted[4] >= 0:
            target = out[wanted[4], e]
            for x in range(columns):
                rise, fall = across_slope[x + 2], slope[x + 2]
                target[x] = math.sqrt(rise * rise + fall * fall)
        if wanted[6] >= 0:
            out[wanted[6], e, :] = slope[MARGIN : columns + MARGIN]
            out[wanted[7], e, :] = across_slope[MARGIN : columns + MARGIN]
        scale = half * np.float32(3 - (below - above)) * per_row
        low, high = down_slope[(above + 3) % 3], down_slope[(below + 3) % 3]
        if wanted[2] >= 0:
            large, small = out[wanted[2], e], out[wanted[3], e]
            for x in range(columns):
                yy = (high[x + 2] - low[x + 2]) * scale
                xx = (across_slope[x + 3] - across_slope[x + 1]) * step
                xy = (slope[x + 3] - slope[x + 1]) * step
                mean, spread = (yy + xx) * half, (yy - xx) * half
                root = math.sqrt(xy * xy + spread * spread)
                large[x] = mean + root
                small[x] = mean - root
        if wanted[5] >= 0:
            target = out[wanted[5], e]
            for x in range(columns):
                yy = (high[x + 2] - low[x + 2]) * scale
                xx = (across_slope[x + 3] - across_slope[x + 1]) * step
                target[x] = yy + xx


@njit(nogil=True, cache=True)
def tensor_eigenvalues(
    yy: np.ndarray, xy: np.ndarray, xx: np.ndarray, large: np.ndarray, small: np.ndarray
) -> None:
    """Eigenvalues of symmetric 2×2 tensors, (N,) float32 each; the larger first."""
    half = np.float32(0.5)
    for i in range(yy.shape[0]):
        mean, spread = (yy[i] + xx[i]) * half, (yy[i] - xx[i]) * half
        root = math.sqrt(xy[i] * xy[i] + spread * spread)
        large[i] = mean + root
        small[i] = mean - root


def compile_all() -> None:
    """Compile the kernels, or load them from the cache, by calling them on a tiny picture."""
    weights = (np.array([0.5, 0.25], np.float32), 1)
    source, out = np.zeros(8 * 16 + SLACK, np.float32), np.empty((8, 4, 16), np.float32)
    frame, ends = (2 * 16, 16, 0, 16, 0), (0,) * 4
    scale_planes(source, frame, (0, 4, 4), ends, weights, weights, (1.0, 1.0), np.arange(8), out)
    tensor_eigenvalues(*np.zeros((3, 1), np.float32), *np.empty((2, 1), np.float32))
