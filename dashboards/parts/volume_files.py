"""The volume page's files: mask, measures, meshes, model, strokes and the lines that repeat it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dashboards.parts.drawn_state import drawn_document
from dashboards.parts.limits import MESH_FILE_TRIANGLES
from dashboards.parts.volume_learning import VolumeLearning
from dashboards.parts.volume_panels import measures_table
from dashboards.parts.volume_state import METHODS, OWN, REST, VolumeState
from dashboards.parts.volume_surfaces import class_surface
from data_sources import BrushlinkError
from data_sources.volumes import nifti_bytes
from segmentation.models import save_model
from segmentation.surfaces import stl_bytes

__all__ = ["mask_bytes", "measures_of", "mesh_bytes", "model_bytes", "repeat_lines", "strokes_bytes"]


def _labels(learning: VolumeLearning) -> Any:
    if learning.labels is None or not learning.final:
        raise BrushlinkError(
            "there is no finished result yet: draw a stroke on what you look for and one beside it, and wait "
            "until it says “Done”"
        )
    return learning.labels


def mask_bytes(state: VolumeState, learning: VolumeLearning, ending: str) -> bytes:
    """Write the mask as NIfTI with the affine of the volume, or as NPY."""
    labels = _labels(learning)
    if ending == "npy":
        import io

        buffer = io.BytesIO()
        np.save(buffer, labels)
        return buffer.getvalue()
    return nifti_bytes(labels, state.volume)


def measures_of(state: VolumeState, learning: VolumeLearning) -> pd.DataFrame:
    """Return a row for each class that was found; none before anything is."""
    if learning.labels is not None:
        _labels(learning)
        if not learning.measured:
            raise BrushlinkError("the result is being measured: try again in a moment")
    return measures_table(learning.measures, state.classes)


def strokes_bytes(state: VolumeState) -> bytes:
    """Write classes and strokes of all slices as JSON."""
    return json.dumps({"version": 1, **drawn_document(state)}, ensure_ascii=False, indent=1).encode()


def mesh_bytes(state: VolumeState, learning: VolumeLearning) -> bytes:
    """Write the surfaces of the classes that were looked for as one STL, in mm."""
    labels = _labels(learning)
    ids = [one for one in np.unique(labels[labels > 0]).tolist() if one != REST]
    return stl_bytes(*(class_surface(state.volume, labels == one, MESH_FILE_TRIANGLES) for one in ids))


def model_bytes(state: VolumeState, learning: VolumeLearning) -> bytes:
    """Write the classifier as skops."""
    _labels(learning)
    if learning.model is None or state.method != "classifier":
        raise BrushlinkError(
            f"{METHODS[state.method]} has no model; choose “{METHODS['classifier']}” to get one"
        )
    with tempfile.TemporaryDirectory(prefix="brushlink-") as folder:
        path = Path(folder) / "model.skops"
        notes = {"value_range": list(state.volume.window()), "background": REST}
        save_model(learning.model, path, notes=notes)
        return path.read_bytes()


def repeat_lines(state: VolumeState) -> str:
    """Return the lines that find the same again, from the file of strokes."""
    choices = {
        name: getattr(state, name)
        for name in ("method", "values", "largest", "fill", "smooth")
        if getattr(state, name) != state.default(name)
    }
    said = "".join(f", {name}={value!r}" for name, value in choices.items())
    if state.picture == OWN:
        opening = f'explorer = VolumeExplorer("VOLUME.nii.gz"{said})  # {state.volume.name!r} here'
    else:
        opening = f"explorer = VolumeExplorer(picture={state.picture!r}{said})"
    return (
        "import json\n\n"
        "from dashboards import VolumeExplorer\n"
        "from data_sources.volumes import nifti_bytes\n\n"
        f"{opening}\n"
        'with open("volume-strokes.json", encoding="utf-8") as file:\n'
        "    explorer.open_document(json.load(file))\n"
        'with open("mask.nii.gz", "wb") as file:\n'
        "    file.write(nifti_bytes(explorer.mask, explorer.state.volume))\n"
    )
