"""The exceptions of the project, as one tree; every package raises from here or from its own branch.

::

    BrushlinkError
    ├── SourceError             data cannot be read, described or asked
    │   ├── ImageError          a picture or volume: no image, damaged, too large, impossible values
    │   ├── BoundaryError       shapes of regions: no GeoJSON, no polygons, or a table that is not about them
    │   ├── TableError          a table: wrong file, column, role or question
    │   └── SelectionError      a predicate or selection that makes no sense, or does not fit the table
    └── …                       a package above adds its own branch beside SourceError

A message says what was given, what is allowed and what to do; it may be shown to the user as it is
(escaped, for it can quote data).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "BoundaryError",
    "BrushlinkError",
    "ImageError",
    "SelectionError",
    "SourceError",
    "TableError",
    "did_you_mean",
]


class BrushlinkError(Exception):
    """Whatever the project raises on purpose."""


class SourceError(BrushlinkError):
    """Data cannot be read, described or asked."""


class ImageError(SourceError):
    """A picture or volume is not one, is damaged or too large, or holds values that make no sense."""


class BoundaryError(SourceError):
    """Shapes of regions cannot be read, or a table does not name them."""


class TableError(SourceError):
    """A table, a column, a role or a question to a table is not possible."""


class SelectionError(SourceError):
    """A predicate or a selection makes no sense or does not fit the table."""


def did_you_mean(given: object, allowed: Iterable[object], shown: int = 8) -> str:
    """Return the second half of an error message: the nearest names, or the first allowed ones.

    Parameters
    ----------
    given : object
        The name that was not found.
    allowed : iterable
        The names that exist.
    shown : int
        How many names are listed when none is near.

    Returns
    -------
    str
        'Did you mean "lifeExp"?' or 'Allowed: a, b, c (and 4 more).'
    """
    names = [str(name) for name in allowed]
    folded = {name.casefold(): name for name in reversed(names)}
    near = difflib.get_close_matches(str(given).casefold(), folded, n=2, cutoff=0.6)
    if near:
        return "Did you mean " + " or ".join(f'"{folded[name]}"' for name in near) + "?"
    if not names:
        return "There are none."
    more = f" (and {len(names) - shown} more)" if len(names) > shown else ""
    return f"Allowed: {', '.join(names[:shown])}{more}."
