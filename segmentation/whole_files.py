"""Files that appear whole or not at all; for everything in this package that writes."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segmentation.errors import SegmentationError

__all__ = ["tidy", "written_whole"]

_PREFIX = ".brushlink-"


@contextmanager
def written_whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a path to write to, and put the file or folder in place of `path` when all went well.

    Parameters
    ----------
    path : path
        Where the result shall be; its folder exists. A killed run can leave a ``.brushlink-…`` folder beside
        it, never a half file.

    Yields
    ------
    Path
        A free path in a temporary folder beside `path`, with the same name.

    Raises
    ------
    SegmentationError
        The folder does not exist or cannot be written to.
    """
    target = Path(path)
    try:
        folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=target.parent))
    except OSError as error:
        raise SegmentationError(f"cannot write {target}: {error.strerror or error}") from error
    try:
        draft = folder / target.name
        yield draft
        if draft.is_dir() and target.is_dir():
            target.rename(folder / f"{target.name}.old")  # a folder cannot be replaced in one step
        draft.replace(target)
    except OSError as error:
        raise SegmentationError(f"cannot write {target}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def tidy(folder: str | os.PathLike[str]) -> None:
    """Remove what killed runs left in a folder; what belongs to a running process stays."""
    for left in Path(folder).glob(f"{_PREFIX}*"):
        owner = left.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdecimal() and not _is_running(int(owner)):
            shutil.rmtree(left, ignore_errors=True)


def _is_running(process: int) -> bool:
    if os.name != "posix":  # elsewhere signal 0 is not a question
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True  # somebody else's, or a system that does not tell
    return True
