"""Finds a folder or file of the user's that hides one of our packages; for the command and for notebooks."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from pathlib import Path

__all__ = ["PACKAGES", "NamesakeError", "namesake", "refuse_namesake"]

PACKAGES = ("dashboards", "segmentation", "data_sources")
OURS = Path(__file__).resolve().parent.parent


def namesake(package: str) -> Path | None:
    """Return what is imported instead of one of our packages, or None.

    A notebook, ``python -m`` and PYTHONPATH put a working folder before the installed packages, so somebody's
    own folder or file of that name would be imported instead of ours.

    Parameters
    ----------
    package : str
        One of `PACKAGES`.
    """
    spec = importlib.util.find_spec(package)
    if spec is None:
        return None
    places = [*(spec.submodule_search_locations or ()), *([spec.origin] if spec.origin else [])]
    found = Path(places[0]).resolve() if places else OURS / package
    return None if found == OURS / package else found


class NamesakeError(ImportError):
    """One of our packages is hidden by something of the same name."""


def refuse_namesake(packages: Iterable[str] = PACKAGES) -> None:
    """Stop with a clear word when one of our packages is hidden.

    Raises
    ------
    NamesakeError
        That names what hides it and what to do.
    """
    for package in packages:
        if (theirs := namesake(package)) is not None:
            what = "folder" if theirs.is_dir() else "file"
            raise NamesakeError(
                f"the {what} {theirs} is imported instead of Brushlink's own package `{package}`. "
                "Start from another folder, take it off PYTHONPATH, or rename it."
            )
