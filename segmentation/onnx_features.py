"""Features from a network in an ONNX file of the user's own (extra ``onnx``); for scripts and dashboards.

The network runs on tiles of one fixed size, aligned to the picture's origin, with edge values repeated
outside it. So the values of a pixel never depend on the box asked for, whatever the runtime does with
other shapes.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from segmentation.errors import BackendError, SegmentationError
from segmentation.limits import ONNX_TILES
from segmentation.picture import Picture
from segmentation.tiles import Box, whole

__all__ = ["OnnxFeatures"]


class OnnxFeatures:
    """Planes of a network's output, interpolated linearly to the pixels.

    Parameters
    ----------
    path : path
        An ONNX file: one image in, feature maps out; of any image size, or of `tile` + 2 `halo`.
    layout : {"NCHW", "NHWC"}
        Axes of the network's input and output.
    mean, std : sequences of float
        The channels in [0, 1] are normalised by these, as the network was trained; one value or one each.
    stride : int
        Pixels a cell of the output covers.
    halo : int
        Pixels around a pixel that its cell depends on; a multiple of `stride`.
    tile : int, default 256
        Side of the tiles, a multiple of `stride`.
    output : int, default 0
        Which of the outputs.

    Raises
    ------
    BackendError
        onnxruntime is not installed, or cannot read the file.
    SegmentationError
        Values that do not fit each other.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        layout: str = "NCHW",
        mean: Sequence[float] = (0.0,),
        std: Sequence[float] = (1.0,),
        stride: int = 1,
        halo: int = 0,
        tile: int = 256,
        output: int = 0,
    ) -> None:
        if layout not in ("NCHW", "NHWC"):
            raise SegmentationError(f'layout="{layout}" must be "NCHW" or "NHWC"')
        if stride < 1 or halo < 0 or halo % stride or tile < stride or tile % stride:
            raise SegmentationError(
                f"halo={halo} and tile={tile} must be multiples of stride={stride}, tile at least one"
            )
        if not all(value > 0 for value in std):
            raise SegmentationError(f"std={tuple(std)} must be positive")
        self.path, self.layout, self.stride, self.reach, self.tile = Path(path), layout, stride, halo, tile
        self.mean, self.std = np.array(mean, np.float32), np.array(std, np.float32)
        self.output = output
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, int, int], tuple[Picture, np.ndarray]] = OrderedDict()
        self._counts: dict[int, int] = {}
        self._session = self._opened()

    def _opened(self) -> Any:
        try:
            import onnxruntime
        except ImportError as error:
            raise BackendError(
                'ONNX networks need the extra "onnx": pip install "brushlink[onnx]"'
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # tiles run side by side in the engine's own pool
        try:
            return onnxruntime.InferenceSession(str(self.path), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise BackendError(f"{self.path.name} is no ONNX network that runs here: {error}") from error

    @property
    def input_shape(self) -> tuple[Any, ...]:
        """Sizes of the network's input along its axes; a name or None where any size will do."""
        return tuple(self._session.get_inputs()[0].shape)

    def count(self, channels: int = 1, ndim: int = 2) -> int:
        """Return the number of feature maps; found out by one run on an empty tile."""
        if channels not in self._counts:
            side = self.tile + 2 * self.reach
            self._counts[channels] = len(self._run(np.zeros((channels, side, side), np.float32)))
        return self._counts[channels]

    def names(self, channels: int = 1, ndim: int = 2) -> tuple[str, ...]:
        """Return a name for each map."""
        return tuple(f"{self.path.stem} {number + 1}" for number in range(self.count(channels, ndim)))

    def halo(self, ndim: int = 2, spacing: Sequence[float] | None = None) -> tuple[int, ...]:
        """Return how many pixels around a box its values may depend on: they come by whole tiles."""
        return (self.reach + self.tile,) * ndim

    def check(self, picture: Picture) -> None:
        """Raise SegmentationError when the picture is a volume or its channels do not suit the network."""
        if picture.ndim != 2:
            raise SegmentationError(f"{self.path.name} works on pictures; this one has {picture.ndim} axes")
        for name, values in (("mean", self.mean), ("std", self.std)):
            if len(values) not in (1, picture.channels) and not (len(values) == 3 and picture.channels == 1):
                raise SegmentationError(f"{len(values)} values of {name} for {picture.channels} channels")

    def compute(self, image: Any, *, box: Box | None = None, out: np.ndarray | None = None) -> np.ndarray:
        """Return the maps in a box, (F, rows, columns) float32.

        Parameters
        ----------
        image : Picture or array_like
            See `Picture`; an array is taken as grey, or with channels last.
        box : tuple of slice, optional
        out : (F, *box shape) float32 array, optional
            Written in place.

        Raises
        ------
        BackendError
            The network fails on a tile.
        """
        axis = -1 if not isinstance(image, Picture) and np.ndim(image) == 3 else None
        picture = image if isinstance(image, Picture) else Picture(image, axis)
        self.check(picture)
        box = whole(picture.shape) if box is None else box
        cells = self._cells(picture, box)
        found = _interpolated(cells, box, picture.shape, self.stride, self._first_cells(picture, box))
        if out is None:
            return np.ascontiguousarray(found)
        out[...] = found
        return out

    def _first_cells(self, picture: Picture, box: Box) -> tuple[int, ...]:
        """Return the first cell along each axis that interpolation in a box may ask for."""
        return tuple(max(part.start // self.stride - 1, 0) for part in box)

    def _cells(self, picture: Picture, box: Box) -> np.ndarray:
        """Collect the network's cells that a box needs, from the tiles they lie in."""
        firsts = self._first_cells(picture, box)
        lasts = [
            min((part.stop - 1) // self.stride + 1, (n - 1) // self.stride)
            for part, n in zip(box, picture.shape, strict=True)
        ]
        per_tile = self.tile // self.stride
        cells = np.empty(
            (
                self.count(picture.channels),
                *(last - first + 1 for first, last in zip(firsts, lasts, strict=True)),
            ),
            np.float32,
        )
        for row in range(firsts[0] // per_tile, lasts[0] // per_tile + 1):
            for column in range(firsts[1] // per_tile, lasts[1] // per_tile + 1):
                tile = self._tile(picture, row, column)
                here, there = [], []
                for number, first, last in zip((row, column), firsts, lasts, strict=True):
                    begin, end = max(number * per_tile, first), min((number + 1) * per_tile, last + 1)
                    here.append(slice(begin - first, end - first))
                    there.append(slice(begin - number * per_tile, end - number * per_tile))
                cells[(slice(None), *here)] = tile[(slice(None), *there)]
        return cells

    def _tile(self, picture: Picture, row: int, column: int) -> np.ndarray:
        key = (id(picture), row, column)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][1]
        side = self.tile + 2 * self.reach
        places = [
            np.clip(
                np.arange(number * self.tile - self.reach, number * self.tile - self.reach + side), 0, n - 1
            )
            for number, n in zip((row, column), picture.shape, strict=True)
        ]
        part = tuple(slice(int(line[0]), int(line[-1]) + 1) for line in places)
        inner = np.ix_(*(line - line[0] for line in places))
        values = np.stack([picture.read(part, channel)[inner] for channel in range(picture.channels)])
        margin = self.reach // self.stride
        cells = self._run(values)[
            :, margin : margin + self.tile // self.stride, margin : margin + self.tile // self.stride
        ]
        with self._lock:
            self._kept[key] = (picture, cells)  # holds the picture, so that its id stays its own
            while len(self._kept) > ONNX_TILES:
                self._kept.popitem(last=False)
        return cells

    def _run(self, values: np.ndarray) -> np.ndarray:
        """Run the network on (channels, side, side) values in [0, 1]; return (F, cells, cells) float32."""
        shape = self.input_shape
        if len(values) == 1 and len(shape) == 4 and shape[1 if self.layout == "NCHW" else 3] == 3:
            values = np.repeat(values, 3, axis=0)  # a grey picture for a network of colours
        values = (values - self.mean[:, None, None]) / self.std[:, None, None]
        batch = values[None] if self.layout == "NCHW" else np.moveaxis(values, 0, -1)[None]
        try:
            name = self._session.get_inputs()[0].name
            maps = self._session.run(None, {name: np.ascontiguousarray(batch)})[self.output]
        except Exception as error:
            raise BackendError(f"{self.path.name} fails on {batch.shape} values: {error}") from error
        cells = values.shape[1] // self.stride
        maps = np.asarray(maps, dtype=np.float32)
        if maps.ndim == 4 and self.layout == "NHWC":
            maps = np.moveaxis(maps, -1, 1)
        if maps.ndim != 4 or maps.shape[0] != 1 or maps.shape[2:] != (cells, cells):
            raise BackendError(
                f"{self.path.name} gives {maps.shape} for {batch.shape} values; with stride {self.stride} "
                f"its maps should have {cells} × {cells} cells"
            )
        return np.ascontiguousarray(maps[0])


def _interpolated(
    cells: np.ndarray, box: Box, shape: Sequence[int], stride: int, firsts: Sequence[int]
) -> np.ndarray:
    """Interpolate cell centres linearly at pixels; weights from whole numbers, so the same in every box."""
    for axis, (part, n, first) in enumerate(zip(box, shape, firsts, strict=True), start=1):
        twice = (
            2 * np.arange(part.start, part.stop) + 1 - stride
        )  # 2 × the distance from the first cell's centre
        low = np.floor_divide(twice, 2 * stride)
        weight = ((twice - 2 * stride * low) / (2 * stride)).astype(np.float32)
        last = (n - 1) // stride
        lower, upper = np.clip(low, 0, last) - first, np.clip(low + 1, 0, last) - first
        below, above = cells.take(lower, axis), cells.take(upper, axis)
        cells = below + (above - below) * weight.reshape([-1 if a == axis else 1 for a in range(cells.ndim)])
    return cells
