"""The pages that `bench_segment` drives: our live classifier, and the one that the talk's app was.

``?way=ours|reference&side=1024``. The reference keeps scikit-image's features, fits scikit-learn's forest
with the app's settings on each stroke, predicts the whole image, writes it as an RGBA PNG and assigns a new
figure.
"""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import panel as pn
import PIL.Image
import PIL.ImageDraw
import plotly.graph_objects as go
from numpy.typing import NDArray

from benchmarks.workloads import mosaic

__all__ = ["CLASSES", "Line", "bare_stroke", "classes_at", "features_of", "label_map", "plan", "rgb_mosaic"]

CLASSES = 4
WIDTH = 8
COLORS = ("#FD3216", "#00FE35", "#6A76FC", "#FED4C4")
FEATURES = {"intensity": True, "edges": True, "texture": False, "sigma_min": 0.5, "sigma_max": 16}
FOREST = {"n_estimators": 50, "max_depth": 8, "max_samples": 0.05, "n_jobs": -1}
# Strokes that are there already: the classes have some each.
BEFORE = 12
PICTURE_PX = 760

Line = tuple[int, tuple[int, int], tuple[int, int]]
"""Class, and two ends as (row, column)."""


@cache
def rgb_mosaic(side: int) -> NDArray[np.uint8]:
    """Return the measured picture: bundled photographs in blocks, as wide as high."""
    return mosaic(side, colour=True)


@cache
def classes_at(side: int) -> NDArray[np.int64]:
    """Return a truth to draw by: colours of a blurred copy in four groups."""
    from scipy.ndimage import gaussian_filter
    from sklearn.cluster import KMeans

    image = rgb_mosaic(side)[:: max(1, side // 512), :: max(1, side // 512)].astype(np.float32)
    planes = np.stack([gaussian_filter(image[..., channel], 2) for channel in range(3)], axis=-1)
    pixels = planes.reshape(-1, 3)
    sample = pixels[np.random.default_rng(0).choice(len(pixels), 5000)]
    found = KMeans(CLASSES, n_init=2, random_state=0).fit(sample).predict(pixels)
    return np.asarray(found).reshape(planes.shape[:2])


def plan(side: int, count: int) -> list[Line]:
    """Return strokes to draw: short level lines, each of the class that most pixels under it have."""
    truth, rng, lines = classes_at(side), np.random.default_rng(1), []
    scale = side / truth.shape[0]
    for number in range(100_000):
        if len(lines) == count:
            break
        row, col = (int(one) for one in rng.integers(10, truth.shape[0] - 60, 2))
        under = np.bincount(truth[row, col : col + 40], minlength=CLASSES)
        if under.argmax() == (len(lines) + number // 1000) % CLASSES:
            start, stop = (
                (round(row * scale), round(col * scale)),
                (round(row * scale), round((col + 40) * scale)),
            )
            lines.append((int(under.argmax()) + 1, start, stop))
    return lines


def label_map(lines: Sequence[Line], side: int) -> NDArray[np.uint8]:
    """Draw strokes into a map of labels."""
    picture = PIL.Image.new("L", (side, side))
    pen = PIL.ImageDraw.Draw(picture)
    for class_id, (row_0, col_0), (row_1, col_1) in lines:
        pen.line([(col_0, row_0), (col_1, row_1)], fill=class_id, width=WIDTH)
    return np.asarray(picture)


@cache
def features_of(side: int) -> NDArray[np.float32]:
    """Return scikit-image's features of the picture, (side, side, F): the app kept them on disk."""
    from skimage.feature import multiscale_basic_features

    return np.asarray(multiscale_basic_features(rgb_mosaic(side), workers=2, channel_axis=-1, **FEATURES))


def bare_stroke(side: int, labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Learn and predict as scikit-image's own functions do, and nothing else."""
    from skimage import future
    from sklearn.ensemble import RandomForestClassifier

    forest = future.fit_segmenter(labels, features_of(side), RandomForestClassifier(**FOREST))
    return np.asarray(future.predict_segmenter(features_of(side), forest))


# -- ours --------------------------------------------------------------------------------------------


def ours(side: int) -> None:
    """Show our page with the picture and the strokes that are there already."""
    from dashboards.parts.shell import serve_class
    from dashboards.segment import TrainableSegmentation
    from segmentation.annotations import AnnotationClass
    from segmentation.strokes import Stroke

    def made() -> TrainableSegmentation:
        dashboard = TrainableSegmentation(rgb_mosaic(side))
        classes = tuple(
            AnnotationClass(n, f"Class {n}", COLORS[n - 1].lower()) for n in range(1, CLASSES + 1)
        )
        strokes = tuple(Stroke("path", (start, stop), n, WIDTH) for n, start, stop in plan(side, BEFORE))
        dashboard.state.take_marks((strokes, classes))
        return dashboard

    serve_class(made)


# -- the talk's way ----------------------------------------------------------------------------------


def png_uri(picture: PIL.Image.Image) -> str:
    """Write a picture as the app did."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def whole_figure(side: int, base: str, overlay: str | None, shapes: Sequence[Any], pen: str) -> go.Figure:
    """Build the figure anew: picture, overlay, strokes."""
    where = {"xref": "x", "yref": "y", "x": 0, "y": 0, "sizex": side, "sizey": side, "sizing": "stretch"}
    images = [{"source": base, "layer": "below", **where}]
    if overlay is not None:
        images.append({"source": overlay, "layer": "above", **where})
    return go.Figure(
        [],
        {
            "images": images,
            "shapes": shapes,
            "dragmode": "drawopenpath",
            "newshape": {"line": {"color": pen, "width": WIDTH}, "opacity": 1},
            "xaxis": {"range": [0, side], "showgrid": False, "constrain": "domain"},
            "yaxis": {"range": [side, 0], "scaleanchor": "x", "showgrid": False, "constrain": "domain"},
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
            "uirevision": "kept",
        },
    )


def reference(side: int) -> pn.viewable.Viewable:
    """Return the page as the app was: one stroke, one whole answer, one whole figure."""
    from sklearn.ensemble import RandomForestClassifier

    pn.extension("plotly")
    base, features = png_uri(PIL.Image.fromarray(rgb_mosaic(side))), features_of(side)
    lines = plan(side, BEFORE)
    shapes: list[Any] = [
        {
            "type": "path",
            "path": f"M{start[1]},{start[0]}L{stop[1]},{stop[0]}",
            "line": {"color": COLORS[n - 1], "width": WIDTH},
            "editable": True,
        }
        for n, start, stop in lines
    ]
    pane = pn.pane.Plotly(
        whole_figure(side, base, None, shapes, COLORS[0]),
        width=PICTURE_PX,
        height=PICTURE_PX,
        css_classes=["view-image"],
    )
    told = pn.pane.HTML("<p class='cost'></p>")
    palette = np.array(
        [[0, 0, 0, 0], *([int(c[at : at + 2], 16) for at in (1, 3, 5)] + [128] for c in COLORS)], np.uint8
    )

    def drawn(event: Any) -> None:
        if "shapes" not in (event.new or {}):
            return
        begun = time.perf_counter()
        strokes = [corners_of(shape) for shape in event.new["shapes"]]
        labels = label_map([one for part in strokes for one in part], side)
        known = labels > 0
        forest = RandomForestClassifier(**FOREST).fit(features[known], labels[known])
        answer = forest.predict(features.reshape(-1, features.shape[-1])).reshape(labels.shape)
        overlay = png_uri(PIL.Image.fromarray(palette[answer]))
        pen = COLORS[len(strokes) % CLASSES]
        pane.object = whole_figure(side, base, overlay, event.new["shapes"], pen)
        told.object = f"<p class='cost'>{1000 * (time.perf_counter() - begun):.1f}</p>"

    pane.param.watch(drawn, "relayout_data")
    return pn.Column(pane, told)


def corners_of(shape: Any) -> list[Line]:
    """Return the pieces of a drawn stroke."""
    points = [tuple(map(float, pair.split(","))) for pair in shape["path"].strip("M").split("L")]
    class_id = [color.lower() for color in COLORS].index(str(shape["line"]["color"]).lower()) + 1
    corners = [(round(y), round(x)) for x, y in points]
    return [(class_id, one, other) for one, other in pairwise(corners)]


def asked(name: str, default: str) -> str:
    """Return a word of the page's address."""
    given = pn.state.session_args.get(name)
    return given[0].decode() if given else default


def show() -> None:
    """Put the page that the address asks for into the running session."""
    side = int(asked("side", "1024"))
    if asked("way", "ours") == "ours":
        ours(side)
    else:
        reference(side).servable()


if pn.state.served:
    # Panel runs this file anew for each visitor: what is kept belongs to the imported module.
    from benchmarks import segment_pages

    segment_pages.show()
