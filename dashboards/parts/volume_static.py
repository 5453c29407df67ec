"""The volume page as a saved file: values as grey levels, what was found, and the surfaces; for volume.py."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboards.parts.image_look import rgba
from dashboards.parts.limits import EXPORT_VOXELS
from dashboards.parts.static_view import ExportError, Picture, StaticView, as_shown

if TYPE_CHECKING:
    from dashboards.parts.linked_plotly import LinkedPlotly
    from dashboards.parts.volume_learning import VolumeLearning
    from dashboards.parts.volume_state import VolumeState

__all__ = ["volume_view"]

_HEIGHT = 420


def volume_view(
    state: VolumeState, learning: VolumeLearning, views: dict[str, LinkedPlotly], query: str
) -> StaticView:
    """Return what a file holds: three planes cut from the volume in the browser, and the 3-D view.

    Parameters
    ----------
    state : VolumeState
    learning : VolumeLearning
    views : dict of str to LinkedPlotly
    query : str
        Of the address that opens the same in the live dashboard.

    Raises
    ------
    ExportError
        The volume is too large for a file.
    """
    volume = state.volume
    voxels = int(np.prod(volume.shape))
    if voxels > EXPORT_VOXELS:
        raise ExportError(
            f"{volume.name} has {voxels:,} voxels; at most {EXPORT_VOXELS:,} go into a file. Crop it, or "
            "take a coarser one"
        )
    low, high = state.limits
    # What is shown, not what was measured: a grey level a voxel.
    scaled = (volume.array().astype(np.float32) - np.float32(low)) * np.float32(255 / (high - low))
    grey = np.clip(np.rint(scaled, out=scaled), 0, 255).astype(np.uint8)
    alpha = round(255 * state.opacity)
    data: dict[str, Any] = {
        "values": grey.ravel(),
        "labels": None if learning.labels is None else learning.labels.ravel(),
        "shape": list(volume.shape),
        "planes": {name: asdict(plane) for name, plane in state.planes.items()},
        "at": list(state.point),
        "colors": {str(one.id): [*rgba(one.color)[:3], alpha] for one in state.classes},
    }
    pictures = {name: as_shown(views[name], _HEIGHT) for name in (*state.planes, "3d")}
    return StaticView(
        {name: _without_pixels(picture) for name, picture in pictures.items()},
        ("../linked_plot_deck", "volume"),
        data=data,
        needs_python="Leafing and the crosshair work in this file, on what was found when it was saved. "
        "Drawing, other windows and true values need Python.",
        query=query,
    )


def _without_pixels(picture: Picture) -> Picture:
    """Leave out what was drawn with: strokes are in the labels' picture no more than in the mask."""
    layout = {
        key: value for key, value in picture.spec["layout"].items() if key not in ("shapes", "newshape")
    }
    layout["meta"] = {key: one for key, one in (layout.get("meta") or {}).items() if key == "deck"}
    return replace(picture, spec={"data": picture.spec["data"], "layout": layout})
