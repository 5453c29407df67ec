"""Images: pixels on axes, with drawings and values."""

from __future__ import annotations

import plotly.express as px
import plotly.graph_objects as go
from skimage import data, filters

FAMILY = "image"


def rgb_image() -> go.Figure:
    """A photograph on axes; hovering reads its pixels."""
    return px.imshow(data.chelsea())


def grey_image() -> go.Figure:
    """Coins as numbers: a colour scale, zoomed without blur."""
    return px.imshow(data.coins(), color_continuous_scale="gray")


def image_with_shapes() -> go.Figure:
    """Boxes and words on a picture; draw more with the buttons."""
    fig = px.imshow(data.chelsea())
    fig.add_shape(type="rect", x0=84, x1=173, y0=92, y1=156, line={"color": "#56B4E9", "width": 3})
    fig.add_annotation(x=212, y=180, text="the nose is red", bgcolor="white", arrowcolor="white")
    fig.update_layout(dragmode="drawrect", newshape_line_color="#E69F00")
    return fig


def image_contours() -> go.Figure:
    """Lines of equal brightness of a smoothed picture over the picture."""
    coins = data.coins()[40:140, 20:170]
    fig = px.imshow(coins, color_continuous_scale="gray")
    fig.add_contour(z=filters.gaussian(coins, 2), ncontours=3, contours_coloring="lines", showscale=False)
    return fig


def image_channels() -> go.Figure:
    """Red, green and blue of one picture side by side."""
    return px.imshow(data.astronaut()[:256, :256].transpose(2, 0, 1), facet_col=0, binary_string=True)


CHARTS = (
    ("Image", "photo picture pixels rgb colour imshow chelsea cat", rgb_image),
    ("Grey image", "intensity heatmap pixels coins imshow single channel microscopy", grey_image),
    ("Image with annotations", "shapes rectangle box draw region label mark", image_with_shapes),
    ("Contours of an image", "isolines level segmentation brightness edges", image_contours),
    ("Channels of an image", "rgb split facets bands multichannel compare", image_channels),
)
