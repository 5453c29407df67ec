"""Choosing the volume: one that comes along, or a file of the user's own; for the volume page."""

from __future__ import annotations

from typing import ClassVar

from dashboards.parts.limits import DROPPED_VOLUME_BYTES
from dashboards.parts.source_choice import SourceChoice
from dashboards.parts.volume_state import VolumeState
from data_sources.volumes import Volume, read_volume

__all__ = ["VolumeChoice", "described"]


class VolumeChoice(SourceChoice):
    """A list of volumes, and a place to drop a file.

    Parameters
    ----------
    state : VolumeState
    """

    LABEL: ClassVar[str] = "Volume"

    def __init__(self, state: VolumeState) -> None:
        self._state: VolumeState
        super().__init__(state, ["volume", "problem"], DROPPED_VOLUME_BYTES)

    def _titles(self) -> dict[str, str]:
        return self._state.titles()

    def _chosen(self) -> str:
        return self._state.picture

    def _choose(self, key: str) -> None:
        self._state.problem = ""
        self._state.picture = key

    def _read(self, data: bytes, name: str) -> Volume:
        return read_volume(data, name=name)

    def _take(self, found: Volume) -> None:
        self._state.take(found)

    def _show_more(self) -> None:
        self._complain(self._state.problem)

    def _lines(self) -> list[str]:
        return described(self._state.volume)


def described(volume: Volume) -> list[str]:
    """Say in plain words how large a volume is, of what values, and how it lies."""
    size = " × ".join(f"{one:,}" for one in volume.shape)
    steps = " × ".join(f"{one:.3g}" for one in volume.spacing)
    lies = f"axes run to {', '.join(volume.codes)}" if volume.oriented else "not oriented: shown as stored"
    return [f"{size} voxels of {steps} mm; {volume.dtype.name}.", f"NIfTI, TIFF stack or NPY; {lies}."]
