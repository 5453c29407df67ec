"""The lines of Python that repeat a segmentation of a volume; for dashboards to offer."""

from __future__ import annotations

from collections.abc import Iterable
from pprint import pformat
from typing import Any

from segmentation.strokes import Stroke

__all__ = ["volume_script"]


def volume_script(
    source: str, strokes: Iterable[tuple[int, int, Stroke]], *, output: str = "mask.nii.gz", **options: Any
) -> str:
    """Return a program that gives the same labels again.

    Parameters
    ----------
    source : str
        Path of the volume, or ``brain(10, seed=0)`` for a sample.
    strokes : iterable of (int, int, Stroke)
        As in `Scribbles.from_strokes`.
    output : str
        NIfTI that the program writes.
    **options
        Of `segment_volume`: plain values.

    Returns
    -------
    str
    """
    sample = source.startswith("brain(")
    opened = f"{source}[0]" if sample else f"read_volume({source!r})"
    lines = [
        "from pathlib import Path",
        "",
        f"from data_sources.volumes import {'brain, nifti_bytes' if sample else 'nifti_bytes, read_volume'}",
        "from segmentation import Scribbles, Stroke, segment_volume, warm_up",
        "",
        "warm_up()  # the same code computes every time, to the last bit",
        f"volume = {opened}",
        "strokes = [  # axis across the plane, number of the plane, what was drawn in it",
    ]
    for axis, n, stroke in strokes:
        parts = [repr(stroke.kind), pformat(stroke.vertices, width=100, compact=True), str(stroke.class_id)]
        parts += [f"width={stroke.width!r}"]
        parts += [
            f"{name}={getattr(stroke, name)!r}" for name in ("holes", "protects") if getattr(stroke, name)
        ]
        lines.append(f"    ({int(axis)}, {int(n)}, Stroke({', '.join(parts)})),")
    said = "".join(f"    {name}={value!r},\n" for name, value in options.items())
    return (
        "\n".join(lines)
        + "\n]\nlabels = segment_volume(\n    volume,\n"
        + "    Scribbles.from_strokes(strokes, volume.shape),\n"
        + said
        + f")\nPath({output!r}).write_bytes(nifti_bytes(labels, volume))\n"
    )
