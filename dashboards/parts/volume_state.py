"""What the user chose on the volume page: volume, where one looks, strokes, how to segment, what to see."""

from __future__ import annotations

import functools
import os
from typing import Any, ClassVar

import numpy as np
import param

from dashboards.parts.state import DashboardState
from dashboards.parts.volume_planes import Plane, planes_of
from data_sources.errors import ImageError
from data_sources.volumes import Volume, brain, read_volume
from segmentation.annotations import AnnotationClass
from segmentation.strokes import ERASE, Stroke

__all__ = ["LAYOUTS", "METHODS", "OWN", "REST", "SAMPLES", "VolumeState", "as_volume", "sample"]

OWN = "your own"
"""Key of the volume that the user brought."""

SAMPLES = {
    "lesion-10": ("Brain (MNI152) with a lesion of 10 mm", 10.0, 0),
    "lesion-6": ("Brain (MNI152) with a lesion of 6 mm", 6.0, 1),
    "lesion-14": ("Brain (MNI152) with a lesion of 14 mm", 14.0, 2),
}
"""Volumes that come along: key → words, radius of the lesion in mm, seed."""

METHODS = {
    "random walker": "Random walker",
    "region growing": "Region growing",
    "classifier": "Classifier of voxels",
}
"""As `segmentation.volumes.VOLUME_METHODS`, with names for people."""

LAYOUTS = {
    "all": "All four",
    "axial": "Axial",
    "coronal": "Coronal",
    "sagittal": "Sagittal",
    "3d": "3-D",
}

REST = 2
"""The class of what is not wanted: it teaches, and is not painted."""

# A slice: name of its plane, and its number.
Marked = tuple[str, int]


def as_volume(given: Any, spacing: Any = None, affine: Any = None, name: str = "volume") -> Volume:
    """Take an array, a file or a nibabel image for a volume.

    Parameters
    ----------
    given : Volume, path, nibabel image or array_like of three axes
    spacing : (float, float, float), optional
        Size of a voxel in mm, of an array without affine.
    affine : (4, 4) array_like, optional
    name : str

    Raises
    ------
    ImageError
        No volume.
    """
    if isinstance(given, Volume):
        return given
    if isinstance(given, str | os.PathLike):
        return read_volume(given, spacing=spacing)
    if hasattr(given, "dataobj") and hasattr(given, "affine"):
        return Volume(np.asarray(given.dataobj), affine=given.affine, name=name, header=given.header)
    return Volume(np.asarray(given), spacing if spacing is not None else (1.0, 1.0, 1.0), affine, name)


@functools.lru_cache(maxsize=2)
def sample(key: str) -> tuple[Volume, Any]:
    """Return a volume that comes along and its true lesion; kept for all visitors."""
    _, size, seed = SAMPLES[key]
    return brain(lesion_mm=size, seed=seed)


def _centre(mask: Any) -> tuple[int, int, int]:
    places = np.argwhere(mask)
    i, j, k = np.rint(places.mean(axis=0)).astype(int).tolist()
    return (i, j, k)


def _first_classes() -> tuple[AnnotationClass, ...]:
    return (AnnotationClass(1, "Lesion", "#d55e00"), AnnotationClass(REST, "Other tissue", "#0072b2"))


class VolumeState(DashboardState):
    """Choices of the volume page.

    Attributes
    ----------
    at : tuple of int or None
        Voxel at which the three planes cross; None is where the volume opens.
    strokes : dict of str to tuple of Stroke
        "volume|plane|slice" → what is drawn on that slice, in pixels of its picture.
    """

    picture = param.Selector(default="lesion-10", objects=[*SAMPLES, OWN], label="Volume")
    own = param.ClassSelector(class_=Volume, default=None, label="Your volume")
    at = param.Tuple(default=None, length=3, allow_None=True, label="Crosshair")
    window = param.Tuple(default=None, length=2, allow_None=True, label="Window")
    layout = param.Selector(default="all", objects=list(LAYOUTS), label="Views")
    classes = param.ClassSelector(class_=tuple, default=_first_classes(), label="Classes")
    strokes = param.Dict(default={}, label="Strokes")
    example = param.Boolean(default=False, label="Example strokes")
    live = param.Boolean(default=True, label="Live: answer each stroke")
    method = param.Selector(default="random walker", objects=list(METHODS), label="Method")
    values = param.Tuple(default=None, length=2, allow_None=True, label="Intensities to grow over")
    largest = param.Boolean(default=True, label="Only the piece with the strokes")
    fill = param.Boolean(default=True, label="Fill holes")
    smooth = param.Integer(default=0, bounds=(0, 4), label="Smooth")
    opacity = param.Number(default=0.5, bounds=(0.1, 1.0), step=0.05, label="Opacity of the result")
    surface = param.Number(default=0.25, bounds=(0.05, 1.0), step=0.05, label="Opacity of the head")
    cut = param.Boolean(default=True, label="Show the slices in 3-D")

    volume = param.ClassSelector(class_=Volume, doc="The volume on the page.")
    problem = param.String(default="", doc="Why the volume that was asked for is not shown.")

    SET_FIRST: ClassVar[tuple[str, ...]] = ("own", "picture")
    NOT_IN_URL: ClassVar[dict[str, str]] = {
        "own": "your own volume",
        "classes": "your classes",
        "strokes": "your strokes",
    }
    IN_COPY: ClassVar[tuple[str, ...]] = ("classes", "strokes")
    URL_KEYS: ClassVar[dict[str, str]] = {
        "picture": "i",
        "at": "at",
        "window": "w",
        "layout": "l",
        "example": "x",
        "live": "lv",
        "method": "m",
        "values": "r",
        "largest": "lp",
        "fill": "fh",
        "smooth": "sm",
        "opacity": "o",
        "surface": "so",
        "cut": "c",
    }

    def __init__(self, own: Volume | None = None, **params: Any) -> None:
        self._loaded: tuple[Any, Volume] | None = None
        super().__init__(**({"own": own, "picture": OWN} if own is not None else {}))
        self._good = {"picture": self.picture, "own": self.own}
        self._load()
        self.param.watch(self._chosen, ["picture", "own"])
        self.param.update(**{name: params.pop(name) for name in self.SET_FIRST if name in params})
        self._at_first = self.snapshot()
        self.param.update(**params)
        self._at_first |= {name: getattr(self, name) for name in params if name not in ("example", "strokes")}

    # -- what follows from the choices ----------------------------------------------------------

    @property
    def planes(self) -> dict[str, Plane]:
        """The three planes of the volume on the page."""
        return self._planes

    @property
    def truth(self) -> Any:
        """Mask of the lesion that was put into a sample; None for other volumes."""
        return None if self.picture == OWN else sample(self.picture)[1]

    @property
    def point(self) -> tuple[int, int, int]:
        """Voxel at which the planes cross, within the volume."""
        shape = self.volume.shape
        at = self.at if self.at is not None else self._opening
        i, j, k = (min(max(int(one), 0), most - 1) for one, most in zip(at, shape, strict=True))
        return (i, j, k)

    @property
    def limits(self) -> tuple[float, float]:
        """Values that are black and white."""
        return self.window if self.window is not None else self.volume.window()

    @property
    def key(self) -> str:
        """Which volume the strokes on the page belong to."""
        return f"{OWN}/{self.volume.name}" if self.picture == OWN else str(self.picture)

    def slot(self, plane: str, n: int) -> str:
        """Return the key of the strokes of a slice."""
        return f"{self.key}|{plane}|{n}"

    def strokes_here(self) -> dict[Marked, tuple[Stroke, ...]]:
        """Return the strokes on the volume on the page, by plane and slice."""
        found = {}
        for slot, strokes in self.strokes.items():
            key, plane, n = slot.rsplit("|", 2)
            if key == self.key and plane in self._planes and int(n) < self._planes[plane].count:
                found[(plane, int(n))] = strokes
        return found

    def drawn_classes(self) -> set[int]:
        """Return the classes that have strokes on the volume on the page."""
        return {one.class_id for strokes in self.strokes_here().values() for one in strokes} - {ERASE}

    def take_marks(self, plane: str, n: int, strokes: tuple[Stroke, ...]) -> None:
        """Take over what is drawn on a slice."""
        slot = self.slot(plane, n)
        kept = {key: value for key, value in self.strokes.items() if key != slot}
        if strokes:
            kept[slot] = strokes
        self.strokes = kept

    def take_classes(self, classes: tuple[AnnotationClass, ...]) -> None:
        """Take over the classes; strokes of a class that was removed go with it."""
        known = {ERASE, *(one.id for one in classes)}
        kept = {
            slot: left
            for slot, strokes in self.strokes.items()
            if (left := tuple(one for one in strokes if one.class_id in known))
        }
        self.param.update(classes=classes, strokes=kept)

    def titles(self) -> dict[str, str]:
        """Return what can be chosen: words for people to keys."""
        words = {text: key for key, (text, _, _) in SAMPLES.items()}
        if self.own is not None:
            words[f"{self.own.name} (yours)"] = OWN
        return words

    def take(self, volume: Volume) -> None:
        """Show a volume of the user's own."""
        self.param.update(own=volume, picture=OWN)

    # -- inside ---------------------------------------------------------------------------------

    def _chosen(self, *_: param.parameterized.Event) -> None:
        """Read the chosen volume; what was said of the other one means nothing here."""
        # As one change: nobody is to see the strokes of one volume beside the voxels of another.
        with param.parameterized.batch_call_watchers(self):
            self.param.update(at=None, window=None, values=None)
            self._load()

    def _load(self) -> None:
        """Read the chosen volume; when that fails, say why and go back to the one before."""
        key = (self.picture, self.own if self.picture == OWN else None)
        if self._loaded is not None and self._loaded[0] == key:
            return
        try:
            if self.picture == OWN:
                if self.own is None:
                    raise ImageError("the link is about a volume of somebody's own, which no link can carry")
                volume, opening = self.own, None
            else:
                volume, truth = sample(self.picture)
                opening = _centre(truth)
        except ImageError as error:
            if self._loaded is None:
                raise
            self.param.update(**self._good)
            self.problem = str(error)
            return
        self._loaded = (key, volume)
        self._good = {"picture": self.picture, "own": self.own}
        self._planes = planes_of(volume)
        self._opening = opening or tuple(one // 2 for one in volume.shape)
        self.param.update(volume=volume, problem="")

    @param.depends("window", "values", watch=True)
    def _check_pairs(self) -> None:
        """Drop pairs that cannot be: they may come from a link."""
        for name in ("window", "values"):
            pair = getattr(self, name)
            if pair is not None and not _is_pair(pair):
                self.param.update(**{name: None})

    @param.depends("at", watch=True)
    def _check_at(self) -> None:
        if self.at is not None and not all(isinstance(one, int) for one in self.at):
            self.at = None

    @param.depends("example", watch=True)
    def _draw_example(self) -> None:
        """Draw a stroke on the lesion and two beside it, where nothing is drawn yet."""
        if self.example and not self.strokes and self.picture != OWN:
            self.strokes = self._example_strokes()

    def _example_strokes(self) -> dict[str, tuple[Stroke, ...]]:
        """Three strokes as a hand draws them: in the lesion, and a loop around it in each of two planes."""
        truth, point, made = self.truth, self._opening, {}
        for name in ("axial", "coronal"):
            plane = self._planes[name]
            n, row, col = plane.pixel(point)
            section = plane.picture(np.take(truth, n, plane.axis))
            loop, inner = _loop(section, row, col, 1.0, 5.0), _loop(section, row, col, 0.55, 0.0)
            strokes = [Stroke("path", (*loop, loop[0]), REST, 3.0)]
            if name == "axial":
                strokes.insert(0, Stroke("path", (inner[0], (row, col), inner[len(inner) // 2]), 1, 3.0))
            made[self.slot(name, n)] = tuple(strokes)
        return made


def _loop(section: Any, row: int, col: int, share: float, beyond: float) -> list[tuple[float, float]]:
    """Walk around a pixel of a mask at a share of the way to its edge, and so many pixels beyond."""
    found = []
    for angle in np.linspace(0, 2 * np.pi, 32, endpoint=False):
        step = np.array([np.sin(angle), np.cos(angle)])
        reach = 0
        while section[tuple(np.rint(np.array([row, col]) + (reach + 1) * step).astype(int))]:
            reach += 1
        at = np.array([row, col]) + (reach * share + beyond) * step
        found.append((float(at[0]), float(at[1])))
    return found


def _is_pair(pair: Any) -> bool:
    numbers = all(isinstance(one, int | float) and np.isfinite(one) for one in pair)
    return bool(numbers and pair[0] < pair[1])
