"""An image in a saved file: its picture at full size, and its values for the scripts that measure them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dashboards.parts.image_look import channel_values, colored, palette_uri, picture_uri
from dashboards.parts.image_view import BASE, ImageView
from dashboards.parts.static_view import Picture, as_shown
from data_sources.images import Image

__all__ = ["image_data", "image_picture", "layer_data"]

HEIGHT = 560
"""Pixels, until the page has made the picture as high as the image at its width."""


def image_picture(view: ImageView) -> Picture:
    """Return the picture of an image with all its pixels, without layers; zoom and shapes as they are."""
    shown = as_shown(view.plot, HEIGHT, wide=True)
    base = {
        **shown.spec["data"][BASE],
        "source": picture_uri(colored(view.image.array, view.look)),
        "x0": 0, "y0": 0, "dx": 1, "dy": 1,
        "zsmooth": False, "hoverinfo": "none", "hovertemplate": None,
    }  # fmt: skip
    data = [base, *shown.spec["data"][BASE + 1 :]]
    layout = {**shown.spec["layout"], "images": [], "meta": None}
    return Picture({"data": data, "layout": layout}, shown.height, True, {**shown.config, "scrollZoom": True})


def image_data(image: Image) -> dict[str, Any]:
    """Return what ``static/pixels.js`` reads: the true values, a flat array a channel, and their size."""
    rows, cols = image.array.shape[:2]
    pixel = None if image.pixel_size is None else list(image.pixel_size[-2:])
    return {
        "rows": rows,
        "cols": cols,
        "channels": [channel_values(image, channel).ravel() for channel in range(image.channels)],
        "names": list(image.channel_names or ("value",)),
        "pixel": pixel,
        "unit": image.unit,
    }


def layer_data(indexed: np.ndarray, colors: Mapping[int, Any], opacity: float = 1.0) -> dict[str, Any]:
    """Return a layer over the whole image as the picture that a page lays over it."""
    return {"source": palette_uri(indexed, colors), "opacity": opacity}
