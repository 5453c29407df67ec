"""The exceptions of the segmentation engine: its branch of the project's tree.

::

    BrushlinkError              data_sources.errors
    └── SegmentationError       something cannot be drawn, learned, segmented or measured
        ├── ModelError          a model file that is foreign, damaged or does not fit the image
        ├── BackendError        a classifier or feature extractor failed; the last result still stands
        └── Cancelled           whoever asked no longer wants the answer
"""

from __future__ import annotations

from data_sources.errors import BrushlinkError

__all__ = ["BackendError", "Cancelled", "ModelError", "SegmentationError"]


class SegmentationError(BrushlinkError):
    """Something cannot be drawn, learned, segmented or measured; the message says what is allowed."""


class ModelError(SegmentationError):
    """A model file is foreign, was tampered with, or does not fit the image it is to segment."""


class BackendError(SegmentationError):
    """A classifier or feature extractor failed or does not exist; what was fitted before still stands."""


class Cancelled(SegmentationError):
    """Whoever asked no longer wants the answer."""
