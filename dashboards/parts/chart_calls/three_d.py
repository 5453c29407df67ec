"""3-D charts: points, surfaces, meshes and volumes to be turned."""

from __future__ import annotations

import numpy as np
import plotly.express as px
import plotly.graph_objects as go

FAMILY = "3-D"


def scatter_3d() -> go.Figure:
    """Three measures of 150 irises in space."""
    return px.scatter_3d(
        px.data.iris(), x="sepal_length", y="sepal_width", z="petal_width", color="species", opacity=0.8
    )


def line_3d() -> go.Figure:
    """A way through space: a helix."""
    turn = np.linspace(0, 8 * np.pi, 300)
    return px.line_3d(x=np.cos(turn), y=np.sin(turn), z=turn)


def surface() -> go.Figure:
    """A height for each place, lit from the side."""
    x = np.linspace(-6, 6, 61)
    distance = np.hypot(x[None, :], x[:, None])
    return go.Figure(go.Surface(x=x, y=x, z=np.sinc(distance / np.pi), colorscale="Viridis"))


def mesh() -> go.Figure:
    """Triangles over given corners: a pyramid."""
    return go.Figure(
        go.Mesh3d(
            x=[0, 1, 1, 0, 0.5],
            y=[0, 0, 1, 1, 0.5],
            z=[0, 0, 0, 0, 1],
            i=[0, 0, 0, 1, 2, 3],
            j=[1, 2, 1, 2, 3, 0],
            k=[2, 3, 4, 4, 4, 4],
            opacity=0.7,
            color="#0072B2",
        )
    )


def isosurface() -> go.Figure:
    """Where a value in space has a certain size: two shells."""
    x, y, z = np.mgrid[-3:3:20j, -3:3:20j, -3:3:20j]
    return go.Figure(
        go.Isosurface(
            x=x.ravel(),
            y=y.ravel(),
            z=z.ravel(),
            value=(x**2 + y**2 + z**2 + x * y).ravel(),
            isomin=2,
            isomax=6,
            surface_count=2,
            opacity=0.5,
        )
    )


def cones() -> go.Figure:
    """A field of directions: whirling arrows."""
    x, y, z = (axis.ravel() for axis in np.mgrid[-1:1:5j, -1:1:5j, -1:1:3j])
    return go.Figure(go.Cone(x=x, y=y, z=z, u=-y, v=x, w=0.3 * np.ones_like(x), sizeref=0.8))


def holoviews_surface() -> object:
    """A surface as a HoloViews element, drawn by Plotly."""
    import holoviews as hv

    x = np.linspace(-2, 2, 41)
    return hv.Surface((x, x, np.exp(-(x[None, :] ** 2) - x[:, None] ** 2)), label="Bell")


CHARTS = (
    ("3-D scatter plot", "space points three variables cloud", scatter_3d),
    ("3-D line", "space path trajectory helix curve", line_3d),
    ("Surface", "height relief mountain function of two variables", surface),
    ("Mesh", "triangles polyhedron solid vertices faces", mesh),
    ("Isosurface", "volume shell level voxels scalar field", isosurface),
    ("Cones", "vector field arrows flow quiver wind", cones),
    ("HoloViews surface", "height relief function hvplot", holoviews_surface),
)
