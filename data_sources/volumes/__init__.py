"""Volumes in three dimensions: the one owner of reading them; for dashboards, commands and tests.

Names are loaded when they are first used: nibabel is only loaded for NIfTI.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data_sources.volumes.brain import brain, lesion, tissue
    from data_sources.volumes.nifti import nifti_bytes
    from data_sources.volumes.reading import VOLUME_SUFFIXES, read_volume
    from data_sources.volumes.volume import Volume

_HOMES = {
    "VOLUME_SUFFIXES": "reading",
    "Volume": "volume",
    "brain": "brain",
    "lesion": "brain",
    "nifti_bytes": "nifti",
    "read_volume": "reading",
    "tissue": "brain",
}

__all__ = ["VOLUME_SUFFIXES", "Volume", "brain", "lesion", "nifti_bytes", "read_volume", "tissue"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value  # `brain` is also the name of a module, which importing it would leave here
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
