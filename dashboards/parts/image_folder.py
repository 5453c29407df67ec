"""The folder of images that a server was given: what lies in it, and a way in that never leads out."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from dashboards.parts.limits import FOLDER_DEPTH, FOLDER_IMAGES
from data_sources.errors import ImageError, did_you_mean
from data_sources.images import Image, read_image

__all__ = ["FOLDER_VARIABLE", "ImageFolder", "served_folder"]

FOLDER_VARIABLE = "BRUSHLINK_IMAGES"
"""Environment variable that holds the folder: every process of the server has it."""

_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".npy", ".zarr")


class ImageFolder:
    """Images below one folder, by names such as "plate 1/well A.tif".

    Links are neither listed nor followed, so nothing outside can be reached; hidden files are left out.

    Parameters
    ----------
    root : path
        The folder.

    Raises
    ------
    ImageError
        When there is no such folder.
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        path = Path(root)
        if not path.is_dir():
            raise ImageError(f"{path}: there is no such folder; give one that holds images")
        self._root = path.resolve()

    def names(self) -> list[str]:
        """Return the names of the images, sorted; at most `FOLDER_IMAGES`, not deeper than `FOLDER_DEPTH`."""
        found: list[str] = []
        self._collect(self._root, "", found)
        return sorted(found, key=str.casefold)

    def _collect(self, folder: Path, before: str, found: list[str]) -> None:
        try:
            with os.scandir(folder) as listed:
                entries = sorted(listed, key=lambda entry: entry.name)
        except OSError:
            return  # a folder that we may not read holds nothing for us
        for entry in entries:
            if len(found) >= FOLDER_IMAGES:
                return
            if entry.name.startswith(".") or entry.is_symlink():
                continue
            name = before + entry.name
            image = entry.name.lower().endswith(_SUFFIXES)
            if image and (entry.is_file(follow_symlinks=False) or entry.name.lower().endswith(".zarr")):
                found.append(name)
            elif entry.is_dir(follow_symlinks=False) and name.count("/") < FOLDER_DEPTH:
                self._collect(Path(entry.path), f"{name}/", found)

    def path(self, name: str) -> Path:
        """Return where an image lies.

        Parameters
        ----------
        name : str
            As `names` gives it; it may come from a stranger's link.

        Raises
        ------
        ImageError
            A name that leads out of the folder or over a link, or to nothing.
        """
        parts = PurePosixPath(name).parts
        # Checked before the file system is asked anything.
        odd = "\0" in name or "\\" in name or ":" in name or name.startswith("/")
        if odd or not parts or any(part in ("..", "/") or part.startswith(".") for part in parts):
            raise ImageError(f"{name!r} is no name of an image in the folder; choose one of the list")
        place = self._root
        for part in parts:
            place = place / part
            if place.is_symlink():
                raise ImageError(f"{name} is reached over a link, which is not followed; copy the file")
        if not place.exists() or not place.resolve().is_relative_to(self._root):
            raise ImageError(f"the folder has no image {name!r}. {did_you_mean(name, self.names())}")
        return place

    def read(self, name: str) -> Image:
        """Read an image.

        Parameters
        ----------
        name : str
            As `names` gives it.

        Raises
        ------
        ImageError
            No such image, or it cannot be read.
        """
        return read_image(self.path(name), name=name)


def served_folder() -> ImageFolder | None:
    """Return the folder given to ``brushlink serve --images``, or None."""
    given = os.environ.get(FOLDER_VARIABLE)
    return ImageFolder(given) if given else None
