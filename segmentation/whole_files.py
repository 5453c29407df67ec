"""Files that appear whole or not at all; for everything in this package that writes."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segmentation.errors import SegmentationError

__all__ = ["written_whole"]


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
        folder = Path(tempfile.mkdtemp(prefix=".brushlink-", dir=target.parent))
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
