"""The scale bar of an image: a length that reads well at the present zoom."""

from __future__ import annotations

import math
from typing import Any

from data_sources.images import Image

__all__ = ["BAR_TRACE", "bar_of", "round_length", "scale_bar"]

# The bar is at most this share of what is visible across, and lies this far from its corner.
_SHARE, _ASIDE = 0.25, 0.04
# White with a dark rim: seen on light and dark images. A selection does not dim it.
BAR_TRACE: dict[str, Any] = {
    "mode": "lines+text",
    "line": {"color": "#ffffff", "width": 4},
    "textposition": "top right",  # of the left end: a text that is wider than its bar stays in the picture
    "textfont": {"color": "#ffffff", "size": 14, "shadow": "0 0 3px #000, 0 0 6px #000"},
    "unselected": {"textfont": {"color": "#ffffff"}},
    "hoverinfo": "skip",
    "showlegend": False,
    "cliponaxis": False,
}
"""How the trace of a bar is drawn."""


def round_length(most: float) -> float:
    """Return the largest of 1, 2 and 5 times a power of ten that is at most `most` (above 0)."""
    power = 10.0 ** math.floor(math.log10(most))
    # A hair of tolerance: 0.1 / 0.001 is a little less than 100.
    return max(step * power for step in (1, 2, 5) if step * power <= most * (1 + 1e-9))


def scale_bar(image: Image, visible: tuple[int, int, int, int]) -> dict[str, Any]:
    """Return the ends and the text of the bar in the lower left corner of what is visible.

    Parameters
    ----------
    image : Image
        Two-dimensional; one that does not know the size of its pixels has no bar.
    visible : (row0, col0, row1, col1)
        Rows and columns on the screen, the last ones excluded.

    Returns
    -------
    dict
        ``x``, ``y`` and ``text`` of a scatter trace, in pixels of the image.
    """
    if image.pixel_size is None:
        return {"x": [], "y": [], "text": []}
    return bar_of(image.pixel_size[-1], image.unit, visible)


def bar_of(across: float, unit: str, visible: tuple[int, int, int, int]) -> dict[str, Any]:
    """Return the bar, see `scale_bar`, where a pixel is `across` units wide."""
    row0, col0, row1, col1 = visible
    length = round_length(_SHARE * (col1 - col0) * across)
    left, pixels = col0 - 0.5 + _ASIDE * (col1 - col0), length / across
    height = row1 - 0.5 - _ASIDE * (row1 - row0)
    return {
        "x": [left, left + pixels],
        "y": [height] * 2,
        "text": [f"{length:,g} {unit}", ""],
    }
