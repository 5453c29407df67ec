"""Which image is shown and how: the choices that every dashboard over one image shares."""

from __future__ import annotations

import functools
import math
import os
import re
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import param
from PIL.ImageColor import getrgb

from dashboards.parts.image_folder import ImageFolder, served_folder
from dashboards.parts.image_look import Look, default_look
from dashboards.parts.limits import OWN_IMAGES_BYTES
from dashboards.parts.state import DashboardState
from data_sources.errors import ImageError, SourceError
from data_sources.images import BUNDLED, Image, bundled_image, read_image

__all__ = ["OWN", "ImageState", "as_image"]

OWN = "your own"
"""Key of the image that the user brought."""

IN_FOLDER = "folder/"
"""Before the names of the images of the server's folder."""

_PLANE = re.compile(r"(.+)#(\d+)", re.DOTALL)


def as_image(given: Any, name: str = "image") -> Image:
    """Take an array for an image.

    Parameters
    ----------
    given : Image, path or array_like
        A file, or (rows, cols), (rows, cols, 3 or 4) or (planes, rows, cols); a fourth colour channel is
        taken for alpha and dropped.
    name : str
        What to call it.

    Raises
    ------
    ImageError
        Not an image.
    """
    if isinstance(given, Image):
        return given
    if isinstance(given, str | os.PathLike):
        return read_image(given)
    array = np.asarray(given)
    if array.ndim == 3 and array.shape[-1] == 4:
        array = array[..., :3]
    axes = {2: "YX", 3: "YXC" if array.shape[-1] == 3 else "ZYX", 4: "ZYXC"}.get(array.ndim)
    if axes is None:
        raise ImageError(f"{name}: an array of {array.ndim} dimensions; an image has 2 to 4")
    if array.dtype.kind == "f" and np.isfinite(array).all() and (array.min() < 0 or array.max() > 1):
        return Image(array, axes, name, value_range=(float(array.min()), float(array.max())))
    return Image(array, axes, name)


class ImageState(DashboardState):
    """Choices about the image itself; a dashboard adds its own."""

    picture = param.Selector(default="cat", objects=[*BUNDLED, OWN], label="Image")
    own = param.ClassSelector(class_=Image, default=None, label="Your image")
    plane = param.Integer(default=0, bounds=(0, None), label="Plane")
    limits = param.List(default=None, allow_None=True, label="Contrast", doc="(black, white) a channel.")
    shown = param.List(default=None, allow_None=True, label="Channels", doc="Numbers of the shown ones.")
    colors = param.List(default=None, allow_None=True, label="Colours of channels", doc="#rrggbb each.")

    image = param.ClassSelector(class_=Image, doc="The plane that is shown.")
    problem = param.String(default="", doc="Why the image that was asked for is not shown.")

    SET_FIRST: ClassVar[tuple[str, ...]] = ("own", "picture", "plane")
    NOT_IN_URL: ClassVar[dict[str, str]] = {"own": "your own image"}
    URL_KEYS: ClassVar[dict[str, str]] = {
        "picture": "i",
        "plane": "z",
        "limits": "k",
        "shown": "ch",
        "colors": "co",
    }
    # Choices that mean nothing on another image.
    ABOUT_IMAGE: ClassVar[tuple[str, ...]] = ("plane", "limits", "shown", "colors")

    def __init__(self, own: Image | None = None, folder: ImageFolder | None = None, **params: Any) -> None:
        self._folder = folder if folder is not None else served_folder()
        self._loaded: tuple[Any, Image] | None = None
        self._brought: dict[str, Image] = {}
        super().__init__(**({"own": own, "picture": OWN} if own is not None else {}))
        names = self._folder.names() if self._folder is not None else []
        self.param.picture.objects = [*(IN_FOLDER + name for name in names), *BUNDLED, OWN]
        if own is None and names and "picture" not in params:
            self.picture = IN_FOLDER + names[0]
        self._good = {"picture": self.picture, "own": self.own}
        self._load()
        self.param.watch(self._chosen, ["picture", "own", "plane"])
        self.param.update(**params)
        self._at_first = self.snapshot()

    # -- what follows from the choices ----------------------------------------------------------

    @property
    def source(self) -> Image:
        """The whole image, with all its planes."""
        assert self._loaded is not None
        return self._loaded[1]

    @property
    def look(self) -> Look:
        """How the image is shown: what was chosen, over what suits it."""
        image = self.image
        look = default_look(image)
        limits, colors, shown = look.limits, look.colors, look.shown
        if self.limits and len(self.limits) == image.channels:
            limits = tuple((float(low), float(high)) for low, high in self.limits)
        if self.colors and len(self.colors) == image.channels:
            colors = tuple(self.colors)
        if self.shown is not None:
            shown = tuple(place in self.shown for place in range(image.channels))
        return Look(limits, colors, shown)

    @property
    def chosen(self) -> str:
        """Which image is shown: its key, without a plane."""
        return f"{OWN}/{self.own.name}" if self.picture == OWN and self.own is not None else self.picture

    @property
    def key(self) -> str:
        """Which picture is shown: the image, and the plane of one that has several."""
        return self.chosen if self.source.planes == 1 else f"{self.chosen}#{self.plane}"

    def titles(self) -> dict[str, str]:
        """Return what can be chosen: words for people to keys."""
        keys = [key for key in self.param.picture.objects if key != OWN]
        words = {key.removeprefix(IN_FOLDER): key for key in keys}
        return words | {f"{name} (yours)": f"{OWN}/{name}" for name in self._brought}

    def folder_keys(self) -> list[str]:
        """Return the keys of the images of the server's folder."""
        return [key for key in self.param.picture.objects if key.startswith(IN_FOLDER)]

    def choose(self, key: str) -> None:
        """Show the picture of a key, its plane too; unknown keys are refused.

        Raises
        ------
        ImageError
            An image of the user's own that was not brought yet.
        """
        name, plane = self._split(key)
        if name.startswith(f"{OWN}/"):
            self.param.update(own=self._mine(name), picture=OWN)
        elif name not in self.param.picture.objects or name == OWN:
            raise ImageError(f"there is no image “{name}” on this page")
        else:
            self.picture = name
        if self.chosen == name and plane != self.plane:
            self.plane = plane

    def take(self, image: Image) -> None:
        """Show an image of the user's own, and keep it at hand while the page is open.

        Raises
        ------
        ImageError
            More images than a page keeps.
        """
        self.choose(f"{OWN}/{self.bring(image)}")

    def bring(self, image: Image) -> str:
        """Keep an image of the user's own at hand; return its name, which no other has."""
        stem, number = image.name, 2
        while image.name in self._brought and not _same(self._brought[image.name], image):
            image = replace(image, name=f"{stem} ({number})")
            number += 1
        if image.name not in self._brought:
            held = sum(one.array.nbytes for one in self._brought.values())
            if self._brought and held + image.array.nbytes > OWN_IMAGES_BYTES:
                raise ImageError(
                    f"{image.name}: your images would take {(held + image.array.nbytes) / 1e6:,.0f} MB here, "
                    f"allowed are {OWN_IMAGES_BYTES / 1e6:,.0f}; use a folder: brushlink serve --images DIR"
                )
            self._brought[image.name] = image
        return image.name

    def at_hand(self, key: str) -> bool:
        """Whether the picture of a key can be shown, without reading it."""
        name, _ = self._split(key)
        if name.startswith(f"{OWN}/"):
            return name.removeprefix(f"{OWN}/") in self._brought
        return name != OWN and name in self.param.picture.objects

    def image_of(self, key: str) -> Image | None:
        """Return the picture of a key; None when it is not at hand."""
        if key == self.key:
            return self.image
        name, plane = self._split(key)
        try:
            if name == self.chosen:
                source = self.source
            elif name.startswith(f"{OWN}/"):
                source = self._mine(name)
            elif name in self.param.picture.objects:
                source = self._read(name)
            else:
                return None
            return source.plane(plane)
        except SourceError:
            return None

    def _mine(self, key: str) -> Image:
        name = key.removeprefix(f"{OWN}/")
        if name not in self._brought:
            raise ImageError(f"“{name}” is a file of yours: drop it on the page again")
        return self._brought[name]

    def _split(self, key: str) -> tuple[str, int]:
        """Tell a key's image from its plane: an image's own name may look like both."""
        found = _PLANE.fullmatch(key)
        known = key in self.param.picture.objects or key.removeprefix(f"{OWN}/") in self._brought
        return (found[1], int(found[2])) if found and not known else (key, 0)

    # -- inside ---------------------------------------------------------------------------------

    def _chosen(self, *events: param.parameterized.Event) -> None:
        # As one change: nobody is to see the strokes of one picture beside the pixels of another.
        with param.parameterized.batch_call_watchers(self):
            if any(event.name != "plane" for event in events):
                self.param.update(**{name: self._fresh(name) for name in self.ABOUT_IMAGE})
            self._load()

    def _fresh(self, name: str) -> Any:
        return type(self).param[name].default

    def _load(self) -> None:
        """Read the chosen image; when that fails, say why and go back to the one before."""
        key = (self.picture, self.own if self.picture == OWN else None)
        another = False
        if self._loaded is None or self._loaded[0] != key:
            another = True
            try:
                self._loaded = (key, self._read(self.picture))
            except SourceError as error:
                back = self._good if self._loaded is not None else {"picture": "cat", "own": None}
                if self._loaded is None:
                    self._loaded = (("cat", None), bundled("cat"))
                    self.image = self._loaded[1]
                self.param.update(**back)
                self.problem = str(error)
                return
        self._good = {"picture": self.picture, "own": self.own}
        if self.picture == OWN and self.own is not None:
            self._brought.setdefault(self.own.name, self.own)
        planes = self._loaded[1].planes
        if self.plane >= planes:
            self.plane = planes - 1
            return
        image = self._loaded[1].plane(self.plane)
        # Why another one is not shown is said on while the one before comes back.
        self.param.update(image=image, problem="" if another else self.problem)

    def _read(self, key: str) -> Image:
        if key == OWN:
            if self.own is None:
                raise ImageError("the link is about an image of somebody's own, which no link can carry")
            return self.own
        if key.startswith(IN_FOLDER) and self._folder is not None:
            return self._folder.read(key.removeprefix(IN_FOLDER))
        return bundled(key)

    @param.depends("limits", watch=True)
    def _check_limits(self) -> None:
        """Drop contrast limits that cannot be: they may come from a link."""
        if self.limits is not None and not all(_is_pair(pair) for pair in self.limits):
            self.limits = None

    @param.depends("colors", watch=True)
    def _check_colors(self) -> None:
        if self.colors is not None and not all(_is_color(color) for color in self.colors):
            self.colors = None


@functools.lru_cache(maxsize=8)
def bundled(name: str) -> Image:
    """Return a picture that comes along; the last few are kept for all visitors."""
    return bundled_image(name)


def _same(one: Image, other: Image) -> bool:
    return one is other or (one.axes == other.axes and np.array_equal(one.array, other.array))


def _is_pair(pair: Any) -> bool:
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        return False
    numbers = all(isinstance(one, int | float) and math.isfinite(one) for one in pair)
    return numbers and pair[0] < pair[1]


def _is_color(color: Any) -> bool:
    if not isinstance(color, str) or len(color) != 7:
        return False
    try:
        getrgb(color)
    except ValueError:
        return False
    return True
