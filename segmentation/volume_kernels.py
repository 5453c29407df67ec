"""Compiled filters of volumes, as ``feature_kernels.py`` for pictures; called by ``feature_tiles.py``."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from segmentation.feature_kernels import MARGIN, SLACK, Kernel, blur_line, blur_run

DERIVED_3D = (
    "blur",
    "edges",
    "large",
    "middle",
    "small",
    "gradient",
    "laplacian",
    "depth_slope",
    "down_slope",
    "across_slope",
)
"""What `scale_volume` can derive from one blur."""


@njit(nogil=True, cache=True)
def tensor_eigenvalues_3d(
    tensor: np.ndarray, large: np.ndarray, middle: np.ndarray, small: np.ndarray
) -> None:
    """Eigenvalues of symmetric 3×3 tensors in closed form, largest first.

    The trigonometric solution of the cubic (O. K. Smith, Comm. ACM 4, 1961) in float64, with the arc cosine
    of Abramowitz & Stegun 4.4.46 (error 2e-8) and Taylor series up to 60 degrees (1e-9): polynomials, so that
    LLVM computes several at once.

    Parameters
    ----------
    tensor : (6, N) float32 array
        zz, zy, zx, yy, yx, xx.
    large, middle, small : (N,) float32 arrays
        Written in place.
    """
    for i in range(large.shape[0]):
        zz, zy, zx = np.float64(tensor[0, i]), np.float64(tensor[1, i]), np.float64(tensor[2, i])
        yy, yx, xx = np.float64(tensor[3, i]), np.float64(tensor[4, i]), np.float64(tensor[5, i])
        mean = (zz + yy + xx) / 3
        zz -= mean
        yy -= mean
        xx -= mean
        off = zy * zy + zx * zx + yx * yx
        p = math.sqrt((zz * zz + yy * yy + xx * xx + 2 * off) / 6) + 1e-30
        det = zz * (yy * xx - yx * yx) - zy * (zy * xx - yx * zx) + zx * (zy * yx - yy * zx)
        r = min(max(det / (2 * p * p * p), -1.0), 1.0)
        x = abs(r)
        arc = -0.0012624911
        arc = arc * x + 0.0066700901
        arc = arc * x - 0.0170881256
        arc = arc * x + 0.0308918810
        arc = arc * x - 0.0501743046
        arc = arc * x + 0.0889789874
        arc = arc * x - 0.2145988016
        arc = (arc * x + 1.5707963050) * math.sqrt(1 - x)
        third = (arc if r >= 0 else math.pi - arc) / 3
        s = third * third
        cosine = 1 + s * (-1 / 2 + s * (1 / 24 + s * (-1 / 720 + s * (1 / 40320 - s / 3628800))))
        sine = third * (1 + s * (-1 / 6 + s * (1 / 120 + s * (-1 / 5040 + s * (1 / 362880 - s / 39916800)))))
        highest = mean + 2 * p * cosine
        lowest = mean - p * (cosine + 1.7320508075688772 * sine)
        large[i] = highest
        middle[i] = 3 * mean - highest - lowest
        small[i] = lowest


@njit(nogil=True, cache=True)
def _blur_plane(
    source: np.ndarray,
    at: int,
    strides: tuple[int, int],
    row_frame: tuple[int, int, int],
    column_frame: tuple[int, int, int],
    kernels: tuple[Kernel, Kernel, Kernel],
    stack: np.ndarray,
    scratch: np.ndarray,
    blurred: np.ndarray,
) -> None:
    """Blur one plane of a box along z, y and x, with `MARGIN` more values around it."""
    plane_step, pitch = strides
    row_lead, rows, row_tail = row_frame
    lead, columns, tail = column_frame
    across_planes, across, along = kernels
    reach = across[1] + MARGIN
    first, last = -min(reach, row_lead), rows + min(reach, row_tail)
    before, after = min(along[1] + MARGIN, lead), min(along[1] + MARGIN, tail)
    count = before + columns + after
    for y in range(first, last):
        blur_run(
            source,
            at + y * pitch - before,
            plane_step,
            count,
            across_planes[0],
            across_planes[1],
            stack[y + reach],
            0,
        )
    for y in range(-reach, first):
        stack[y + reach, :count] = stack[first + reach, :count]
    for y in range(last, rows + reach):
        stack[y + reach, :count] = stack[last + reach - 1, :count]
    flat = stack.reshape(-1)
    for y in range(-MARGIN, rows + MARGIN):
        at_row = (y + reach) * stack.shape[1] + before
        blur_line(
            flat, at_row, stack.shape[1], before, columns, after, across, along, blurred[y + MARGIN], scratch
        )


@njit(nogil=True, cache=True)
def _ghosts(line: np.ndarray, first: int, last: int, left: int, right: int) -> None:
    """Repeat the last column outside the volume, as the Sobel filter expects it."""
    if left < MARGIN:
        line[first - 1] = line[first]
    if right < MARGIN:
        line[last + 1] = line[last]


@njit(nogil=True, cache=True)
def _ghost_slopes(line: np.ndarray, first: int, last: int, left: int, right: int) -> None:
    """Continue a slope outside the volume so that a central difference becomes the one-sided one."""
    two = np.float32(2)
    if left < MARGIN:
        line[first - 1] = two * line[first] - line[first + 1]
    if right < MARGIN:
        line[last + 1] = two * line[last] - line[last - 1]


@njit(nogil=True, cache=True)
def _row_sobel(
    near: np.ndarray,
    here: np.ndarray,
    far: np.ndarray,
    y: int,
    above: int,
    below: int,
    per: np.ndarray,
    out: np.ndarray,
) -> None:
    """Sobel magnitude of a row from three blurred planes, smoothed (1, 2, 1) / 4 along the other two axes."""
    two, sixteenth = np.float32(2), np.float32(1 / 16)
    a0, a1, a2 = near[above], near[y], near[below]
    b0, b1, b2 = here[above], here[y], here[below]
    c0, c1, c2 = far[above], far[y], far[below]
    columns = out.shape[0]
    smooth_z = np.empty((3, columns + 2), np.float32)
    rise_z, rise_y = np.empty(columns + 2, np.float32), np.empty(columns + 2, np.float32)
    for x in range(columns + 2):
        i = x + 1
        rise_z[x] = (c0[i] - a0[i]) + two * (c1[i] - a1[i]) + (c2[i] - a2[i])
    for x in range(columns + 2):
        i = x + 1
        smooth_z[0, x] = a0[i] + two * b0[i] + c0[i]
        smooth_z[1, x] = a1[i] + two * b1[i] + c1[i]
        smooth_z[2, x] = a2[i] + two * b2[i] + c2[i]
    for x in range(columns + 2):
        rise_y[x] = smooth_z[2, x] - smooth_z[0, x]
        smooth_z[1, x] = smooth_z[0, x] + two * smooth_z[1, x] + smooth_z[2, x]
    third = np.float32(1 / 3)
    for x in range(columns):
        dz = (rise_z[x] + two * rise_z[x + 1] + rise_z[x + 2]) * sixteenth * per[0]
        dy = (rise_y[x] + two * rise_y[x + 1] + rise_y[x + 2]) * sixteenth * per[1]
        dx = (smooth_z[1, x + 2] - smooth_z[1, x]) * sixteenth * per[2]
        out[x] = math.sqrt((dz * dz + dy * dy + dx * dx) * third)


@njit(nogil=True, cache=True)
def scale_volume(
    source: np.ndarray,
    frame: tuple[int, int, int],
    planes: tuple[int, int, int],
    row_frame: tuple[int, int, int],
    column_frame: tuple[int, int, int],
    gaps: tuple[int, int, int, int, int, int],
    kernels: tuple[Kernel, Kernel, Kernel],
    spacing: tuple[float, float, float],
    wanted: np.ndarray,
    out: np.ndarray,
) -> None:
    """Blur some planes of a box at one scale and write what is derived from them.

    Parameters
    ----------
    source : (N,) float32 array
        Planes complete on both sides (edges repeated), see `padded_rows`.
    frame : (origin, plane_step, pitch)
        Where the box's first voxel lies, and the distances between planes and between rows.
    planes : (begin, end, depth)
        Planes of the box to do, of how many.
    row_frame, column_frame : (lead, count, tail)
        Rows and columns of the box, and those known before and after it.
    gaps : six int
        Voxels between the box and the border of the volume, before and after it along each axis.
    kernels : three (weights, radius)
        Half kernels along z, y, x, centre first.
    spacing : three floats
        Size of a voxel; derivatives are divided by it.
    wanted : (10,) int64 array
        Plane of `out` for the derived values in the order of `DERIVED_3D`; -1 = not asked for.
    out : (F, depth, rows, columns) float32 array
        Written in place.
    """
    origin, plane_step, pitch = frame
    begin, end, depth = planes
    rows, columns = row_frame[1], column_frame[1]
    front, back, top, bottom, left, right = gaps
    half, two = np.float32(0.5), np.float32(2)
    per = np.array([1 / spacing[0], 1 / spacing[1], 1 / spacing[2]], dtype=np.float32)
    room = columns + 2 * MARGIN + SLACK
    reach = kernels[1][1] + MARGIN
    stack = np.empty((rows + 2 * reach, columns + 2 * (kernels[2][1] + MARGIN) + SLACK), np.float32)
    scratch = np.empty(columns + 2 * (kernels[2][1] + MARGIN) + SLACK, np.float32)
    blurred = np.empty((5, rows + 2 * MARGIN, room), np.float32)
    depth_slope = np.empty((3, rows + 2 * MARGIN, room), np.float32)
    down_slope = np.empty((rows + 2 * MARGIN, room), np.float32)
    across_slope = np.empty(room, np.float32)
    tensor = np.empty((6, columns), np.float32)
    derive = np.any(wanted[1:] >= 0)
    around = 2 if derive else 0
    first_plane, last_plane = -min(front, MARGIN), depth - 1 + min(back, MARGIN)
    first_row, last_row = MARGIN - min(top, MARGIN), rows + MARGIN - 1 + min(bottom, MARGIN)
    first, last = MARGIN - left, columns + MARGIN - 1 + right
    for z in range(begin - around, end + around):
        if first_plane <= z <= last_plane:
            plane = blurred[(z + 5) % 5]
            at = origin + z * plane_step
            _blur_plane(
                source, at, (plane_step, pitch), row_frame, column_frame, kernels, stack, scratch, plane
            )
            for y in range(rows + 2 * MARGIN):
                _ghosts(plane[y], first, last, left, right)
            if wanted[0] >= 0 and begin <= z < end:
                out[wanted[0], z] = plane[MARGIN : rows + MARGIN, MARGIN : columns + MARGIN]
        if not derive:
            continue
        q = z - 1
        if first_plane <= q <= last_plane and begin - 1 <= q <= end:
            before, behind = max(q - 1, first_plane), min(q + 1, last_plane)
            scale = half * np.float32(3 - (behind - before)) * per[0]
            far, near, slopes = blurred[(behind + 5) % 5], blurred[(before + 5) % 5], depth_slope[(q + 3) % 3]
            for y in range(first_row, last_row + 1):
                high, low, slope = far[y], near[y], slopes[y]
                for x in range(1, columns + 3):
                    slope[x] = (high[x] - low[x]) * scale
                _ghost_slopes(slope, first, last, left, right)
        e = z - 2
        if e < begin:
            continue
        before, behind = max(e - 1, first_plane), min(e + 1, last_plane)
        near, here, far = blurred[(before + 5) % 5], blurred[(e + 5) % 5], blurred[(behind + 5) % 5]
        depth_scale = half * np.float32(3 - (behind - before)) * per[0]
        before_slopes, slopes, behind_slopes = (
            depth_slope[(before + 3) % 3],
            depth_slope[(e + 3) % 3],
            depth_slope[(behind + 3) % 3],
        )
        for y in range(max(first_row, 1), min(last_row, rows + 2) + 1):
            above, below = max(y - 1, first_row), min(y + 1, last_row)
            scale = half * np.float32(3 - (below - above)) * per[1]
            high, low, slope = here[below], here[above], down_slope[y]
            for x in range(1, columns + 3):
                slope[x] = (high[x] - low[x]) * scale
            _ghost_slopes(slope, first, last, left, right)
        step = half * per[2]
        for row in range(rows):
            y = row + MARGIN
            above, below = max(y - 1, first_row), min(y + 1, last_row)
            if wanted[1] >= 0:
                _row_sobel(near, here, far, y, above, below, per, out[wanted[1], e, row])
            row_scale = half * np.float32(3 - (below - above)) * per[1]
            line = here[y]
            for x in range(1, columns + 3):
                across_slope[x] = (line[x + 1] - line[x - 1]) * step
            if left < MARGIN:
                across_slope[first] *= two
            if right < MARGIN:
                across_slope[last] *= two
            _ghost_slopes(across_slope, first, last, left, right)
            z_slope, y_slope = slopes[y], down_slope[y]
            if wanted[5] >= 0:
                target = out[wanted[5], e, row]
                for x in range(columns):
                    dz, dy, dx = z_slope[x + 2], y_slope[x + 2], across_slope[x + 2]
                    target[x] = math.sqrt(dz * dz + dy * dy + dx * dx)
            if wanted[7] >= 0:
                out[wanted[7], e, row] = z_slope[MARGIN : columns + MARGIN]
                out[wanted[8], e, row] = y_slope[MARGIN : columns + MARGIN]
                out[wanted[9], e, row] = across_slope[MARGIN : columns + MARGIN]
            if wanted[2] < 0 and wanted[6] < 0:
                continue
            z_low, z_high, z_up, z_down = before_slopes[y], behind_slopes[y], slopes[above], slopes[below]
            y_up, y_down = down_slope[above], down_slope[below]
            for x in range(columns):
                tensor[0, x] = (z_high[x + 2] - z_low[x + 2]) * depth_scale
            for x in range(columns):
                tensor[1, x] = (z_down[x + 2] - z_up[x + 2]) * row_scale
            for x in range(columns):
                tensor[2, x] = (z_slope[x + 3] - z_slope[x + 1]) * step
            for x in range(columns):
                tensor[3, x] = (y_down[x + 2] - y_up[x + 2]) * row_scale
            for x in range(columns):
                tensor[4, x] = (y_slope[x + 3] - y_slope[x + 1]) * step
            for x in range(columns):
                tensor[5, x] = (across_slope[x + 3] - across_slope[x + 1]) * step
            if wanted[6] >= 0:
                out[wanted[6], e, row] = tensor[0] + tensor[3] + tensor[5]
            if wanted[2] >= 0:
                tensor_eigenvalues_3d(
                    tensor, out[wanted[2], e, row], out[wanted[3], e, row], out[wanted[4], e, row]
                )


def compile_all() -> None:
    """Compile the kernels, or load them from the cache, by calling them on a tiny volume."""
    weights = (np.array([0.5, 0.25], np.float32), 1)
    source = np.zeros(8 * 4 * 16 + SLACK, np.float32)
    out = np.empty((10, 4, 4, 16), np.float32)
    frame, ends = (2 * 4 * 16, 4 * 16, 16), (0,) * 6
    one = (1.0, 1.0, 1.0)
    scale_volume(
        source, frame, (0, 4, 4), (0, 4, 0), (0, 16, 0), ends, (weights,) * 3, one, np.arange(10), out
    )
    tensor_eigenvalues_3d(np.zeros((6, 1), np.float32), *np.empty((3, 1), np.float32))
