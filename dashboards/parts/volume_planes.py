"""Which way a volume's three planes are looked at: axes, flips, letters; pure, for the volume page.

Doctors look at an axial and a coronal plane from the feet and from the front, so that the patient's right is
on the left of the picture; at a sagittal one with the front on the left. A volume that is not oriented is a
stack of pictures: shown as stored, without letters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from data_sources.volumes import Volume

__all__ = ["PLANES", "Plane", "planes_of"]

PLANES = ("axial", "coronal", "sagittal")

# Name → letters at the top, bottom, left and right.
_LOOK = {"axial": ("A", "P", "R", "L"), "coronal": ("S", "I", "R", "L"), "sagittal": ("S", "I", "A", "P")}


@dataclass(frozen=True)
class Plane:
    """One of the three directions to look along.

    Attributes
    ----------
    name : str
        "axial", "coronal" or "sagittal"; also for a stack, whose names are "z", "y", "x" in `title`.
    title : str
        For people.
    axis, down, across : int
        Axes of the volume: along which slices follow each other, along rows, along columns.
    flip_down, flip_across : bool
        Whether a picture runs against its axis.
    letters : tuple of str
        At the left, right, top and bottom edge; empty for a stack.
    shape : (int, int)
        Rows and columns.
    count : int
        Slices.
    spacing : (float, float)
        Height and width of a pixel, mm.
    """

    name: str
    title: str
    axis: int
    down: int
    across: int
    flip_down: bool
    flip_across: bool
    letters: tuple[str, str, str, str]
    shape: tuple[int, int]
    count: int
    spacing: tuple[float, float]

    def picture(self, part: NDArray[Any]) -> NDArray[Any]:
        """Turn what ``volume.slice(axis, n)`` gave into a picture: rows from the top."""
        turned = part if self.down < self.across else part.T
        return turned[:: -1 if self.flip_down else 1, :: -1 if self.flip_across else 1]

    def part(self, picture: NDArray[Any]) -> NDArray[Any]:
        """Turn a picture back into the slice it came from."""
        straight = picture[:: -1 if self.flip_down else 1, :: -1 if self.flip_across else 1]
        return straight if self.down < self.across else straight.T

    def voxel(self, n: int, row: int, col: int) -> tuple[int, int, int]:
        """Return the voxel at a pixel of slice `n`."""
        found = [0, 0, 0]
        found[self.axis] = n
        found[self.down] = self.shape[0] - 1 - row if self.flip_down else row
        found[self.across] = self.shape[1] - 1 - col if self.flip_across else col
        return (found[0], found[1], found[2])

    def pixel(self, voxel: tuple[int, int, int]) -> tuple[int, int, int]:
        """Return slice, row and column of a voxel."""
        row, col = voxel[self.down], voxel[self.across]
        return (
            voxel[self.axis],
            self.shape[0] - 1 - row if self.flip_down else row,
            self.shape[1] - 1 - col if self.flip_across else col,
        )


def planes_of(volume: Volume) -> dict[str, Plane]:
    """Return the three planes of a volume by name."""
    return {name: _plane(volume, name) for name in PLANES}


def _plane(volume: Volume, name: str) -> Plane:
    axis = volume.axis(name)
    if not volume.oriented:
        down, across = (one for one in range(3) if one != axis)
        flips, title = (False, False), "zyx"[axis]
        letters = ("", "", "", "")
    else:
        top, bottom, left, right = _LOOK[name]
        down = next(one for one in range(3) if volume.codes[one] in (top, bottom))
        across = next(one for one in range(3) if volume.codes[one] in (left, right))
        # An axis that runs towards what stands at the start of the picture is shown backwards.
        flips = (volume.codes[down] == top, volume.codes[across] == left)
        letters, title = (left, right, top, bottom), name.capitalize()
    return Plane(
        name=name,
        title=title,
        axis=axis,
        down=down,
        across=across,
        flip_down=flips[0],
        flip_across=flips[1],
        letters=letters,
        shape=(volume.shape[down], volume.shape[across]),
        count=volume.shape[axis],
        spacing=(volume.spacing[down], volume.spacing[across]),
    )
