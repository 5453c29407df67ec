"""The volume in 3-D: surfaces, and the three slices where they lie; its figure and patches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboards.parts.slice_view import AXIS_COLORS
from dashboards.parts.volume_planes import PLANES, Plane
from data_sources.volumes import Volume

__all__ = ["CLASS_SURFACES", "HEAD", "class_patch", "cut_patch", "head_patch", "scene_figure"]

HEAD = 0
"""Place of the surface of the whole among the traces; the slices follow, the letters, then the classes."""

CUTS = {name: 1 + place for place, name in enumerate(PLANES)}
RIMS = {name: 4 + place for place, name in enumerate(PLANES)}
LETTERS = 7
FIRST_CLASS = 8
CLASS_SURFACES = 8
"""Classes whose surfaces are shown; more could not be told apart."""

# Of 255, up to which a slice in the scene is not drawn.
DARK = 12
# Along the longer side of a slice in the scene: it is context, and travels at every turn.
CUT_SIDE = 64
Patch = dict["int | str", dict[str, Any]]
"""Of a LinkedPlotly: place of a trace → what changes."""

_SOFT = {"ambient": 0.45, "diffuse": 0.75, "specular": 0.15, "roughness": 0.6, "fresnel": 0.1}
_PLAIN = {"ambient": 1.0, "diffuse": 0.0, "specular": 0.0, "fresnel": 0.0}
_LIGHT = {"x": 2000, "y": 4000, "z": 6000}
_NO_MESH: dict[str, Any] = {"x": [], "y": [], "z": [], "i": [], "j": [], "k": []}


def scene_figure(volume: Volume) -> go.Figure:
    """Return the scene of a volume, without surfaces: they are made in the background."""
    hidden = {"visible": False, "showspikes": False}
    cuts = [
        go.Mesh3d(
            **_NO_MESH,
            name=name,
            colorscale="gray",
            showscale=False,
            lighting=_PLAIN,
            hoverinfo="skip",
            intensity=[],
        )
        for name in PLANES
    ]
    rims = [
        go.Scatter3d(
            x=[], y=[], z=[], mode="lines", line={"color": AXIS_COLORS[name], "width": 4}, hoverinfo="skip"
        )
        for name in PLANES
    ]
    classes = [
        go.Mesh3d(**_NO_MESH, opacity=1.0, lighting=_SOFT, lightposition=_LIGHT, hoverinfo="name")
        for _ in range(CLASS_SURFACES)
    ]
    return go.Figure(
        [
            go.Mesh3d(
                **_NO_MESH,
                name="surface",
                color="#c9b8a8",
                lighting=_SOFT,
                lightposition=_LIGHT,
                hoverinfo="skip",
            ),
            *cuts,
            *rims,
            _letters(volume),
            *classes,
        ],
        {
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
            "showlegend": False,
            "uirevision": "scene",
            "scene": {
                "xaxis": hidden,
                "yaxis": hidden,
                "zaxis": hidden,
                "aspectmode": "data",
                "dragmode": "orbit",
                "camera": {"eye": {"x": -0.95, "y": 1.05, "z": 0.6}, "center": {"x": 0, "y": 0, "z": -0.05}},
            },
        },
    )


def corners(volume: Volume) -> NDArray[np.float64]:
    """Return the eight corners of a volume, (8, 3) mm."""
    last = np.array(volume.shape) - 1
    return volume.mm(np.array(np.meshgrid(*([0, one] for one in last))).reshape(3, -1).T)


def _letters(volume: Volume) -> go.Scatter3d:
    """Say where right, left, front, back, top and bottom are."""
    box = corners(volume)
    low, high = box.min(axis=0), box.max(axis=0)
    middle = (low + high) / 2
    names = ("LR", "PA", "IS") if volume.oriented else ("", "", "")
    places, texts = [], []
    for axis, pair in enumerate(names):
        for letter, end in zip(pair, (low, high), strict=False):
            place = middle.copy()
            place[axis] = end[axis]
            places.append(place)
            texts.append(f"<b>{letter}</b>")
    # Two invisible points keep the box as large as the volume, whatever is shown.
    x, y, z = np.array([*places, low, high]).T
    return go.Scatter3d(
        x=x,
        y=y,
        z=z,
        text=[*texts, "", ""],
        mode="text",
        textfont={"color": "#d49a00", "size": 14},
        hoverinfo="skip",
    )


def letters_patch(volume: Volume) -> Patch:
    """Return the letters of another volume."""
    made = _letters(volume)
    return {LETTERS: {"x": made.x, "y": made.y, "z": made.z, "text": list(made.text)}}


def head_patch(surface: Any, opacity: float) -> Patch:
    """Return the surface of the whole; None takes it away."""
    return {HEAD: {**_mesh(surface), "opacity": opacity}}


def class_patch(surfaces: Mapping[int, Any], classes: Iterable[Any], skip: int | None) -> Patch:
    """Return the surfaces of the classes, in their colours.

    Parameters
    ----------
    surfaces : mapping of int to Surface
        By the number of the class.
    classes : iterable of AnnotationClass
    skip : int or None
        A class that is not shown.
    """
    shown = [one for one in classes if one.id != skip and one.id in surfaces][:CLASS_SURFACES]
    patch: Patch = {}
    for place in range(CLASS_SURFACES):
        if place < len(shown):
            one = shown[place]
            patch[FIRST_CLASS + place] = {
                **_mesh(surfaces[one.id]),
                "color": one.color,
                "name": f"class {one.id}",
            }
        else:
            patch[FIRST_CLASS + place] = dict(_NO_MESH)
    return patch


def cut_patch(volume: Volume, plane: Plane, n: int, limits: tuple[float, float], shown: bool) -> Patch:
    """Return a slice as it lies in the scene, with its rim.

    Parameters
    ----------
    volume : Volume
    plane : Plane
    n : int
        Slice.
    limits : (float, float)
        Values that are black and white.
    shown : bool
        Whether the picture is shown, or the rim alone. What is black is left out: one looks past it.
    """
    rows, cols = plane.shape
    row = np.unique(np.rint(np.linspace(0, rows - 1, min(rows, CUT_SIDE))).astype(int))
    col = np.unique(np.rint(np.linspace(0, cols - 1, min(cols, CUT_SIDE))).astype(int))
    picture = plane.picture(volume.slice(plane.axis, n))[np.ix_(row, col)].astype(np.float32)
    low, high = limits
    grey = np.rint(np.clip((picture - low) / (high - low), 0, 1) * 255).astype(np.uint8)
    x, y, z = _places(volume, plane, n, row, col).T
    rim = _places(volume, plane, n, np.array([0, rows - 1]), np.array([0, cols - 1]))[[0, 1, 3, 2, 0]]
    triangles = _grid(len(row), len(col))
    i, j, k = triangles[(grey.ravel()[triangles] > DARK).any(axis=1)].T
    cut: dict[str, Any] = {"x": x, "y": y, "z": z, "intensity": grey.ravel(), "visible": shown}
    cut.update(i=i, j=j, k=k, cmin=0, cmax=255)
    return {CUTS[plane.name]: cut, RIMS[plane.name]: {"x": rim[:, 0], "y": rim[:, 1], "z": rim[:, 2]}}


def _places(
    volume: Volume, plane: Plane, n: int, row: NDArray[Any], col: NDArray[Any]
) -> NDArray[np.float32]:
    """Return where pixels of a slice lie, (rows × cols, 3) mm."""
    down, across = np.meshgrid(row, col, indexing="ij")
    ijk = np.empty((down.size, 3))
    ijk[:, plane.axis] = n
    ijk[:, plane.down] = (plane.shape[0] - 1 - down if plane.flip_down else down).ravel()
    ijk[:, plane.across] = (plane.shape[1] - 1 - across if plane.flip_across else across).ravel()
    return volume.mm(ijk).astype(np.float32)


def _grid(rows: int, cols: int) -> NDArray[np.int32]:
    """Return two triangles for each square of a grid of vertices."""
    first = (np.arange(rows - 1)[:, None] * cols + np.arange(cols - 1)[None, :]).ravel()
    return np.concatenate(
        [
            np.stack([first, first + 1, first + cols], 1),
            np.stack([first + 1, first + cols + 1, first + cols], 1),
        ]
    ).astype(np.int32)


def _mesh(surface: Any) -> dict[str, Any]:
    if surface is None or not len(surface.faces):
        return dict(_NO_MESH)
    x, y, z = np.asarray(surface.vertices, np.float32).T
    i, j, k = np.asarray(surface.faces, np.int32).T
    # A tenth of a millimetre is less than a pixel of the screen, and packs as 16 bits.
    return {"x": x.round(1), "y": y.round(1), "z": z.round(1), "i": i, "j": j, "k": k}
