"""What a person chose on /region: the image, regions on it, bands of values, lines, kept masks."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import param
from numpy.typing import NDArray

from dashboards.parts.image_folder import ImageFolder
from dashboards.parts.image_state import ImageState
from dashboards.parts.limits import KEPT_MASKS, PROFILE_LINES, REGIONS
from dashboards.parts.region_math import band_mask, edges, is_band, is_line, is_region, region_mask
from data_sources.images import Image

__all__ = ["RegionState"]

_NAME_CHARS = 60


class RegionState(ImageState):
    """The choices of /region; see `region_math` for how regions, bands and lines are written."""

    regions = param.List(default=[], label="Regions")
    bands = param.List(default=[], label="Bands of values")
    lines = param.List(default=[], label="Lines")
    kept = param.List(default=[], label="Kept masks", doc="[name, regions, bands] each.")
    bins = param.Selector(default=64, objects=[16, 32, 64, 128, 256], label="Bins")

    URL_KEYS: ClassVar[dict[str, str]] = {
        **ImageState.URL_KEYS,
        "bins": "n",
        "regions": "r",
        "bands": "b",
        "lines": "l",
        "kept": "m",
    }
    ABOUT_IMAGE: ClassVar[tuple[str, ...]] = (*ImageState.ABOUT_IMAGE, "regions", "bands", "lines", "kept")

    def __init__(self, own: Image | None = None, folder: ImageFolder | None = None, **params: Any) -> None:
        super().__init__(own, folder, **params)
        self._check()
        self.param.watch(self._check, ["regions", "bands", "lines", "kept"])
        self._at_first = self.snapshot()

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the image."""
        rows, cols = self.image.array.shape[:2]
        return (rows, cols)

    @property
    def edges(self) -> NDArray[np.float64]:
        """Edges of the histogram's bins."""
        return edges(self.image, self.bins)

    def mask_of(self, regions: Any, bands: Any, skip: int | None = None) -> NDArray[np.bool_]:
        """Pixels in the regions and in every band but that of channel `skip`."""
        mask = region_mask(regions, self.shape)
        inside = band_mask(self.image, bands, skip)
        return mask if inside is None else mask & inside

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Selected pixels: all, when nothing is selected."""
        return self.mask_of(self.regions, self.bands)

    @property
    def masks(self) -> dict[str, NDArray[np.bool_]]:
        """The kept masks by name."""
        return {name: self.mask_of(regions, bands) for name, regions, bands in self.kept}

    def keep(self, name: str = "") -> str:
        """Keep the selected pixels as a mask; return its name."""
        names = [one[0] for one in self.kept]
        number = len(names) + 1
        while f"Mask {number}" in names:
            number += 1
        title = name.strip()[:_NAME_CHARS] or f"Mask {number}"
        others = [one for one in self.kept if one[0] != title]
        self.kept = [*others, [title, list(self.regions), list(self.bands)]]
        return title

    def _check(self, *_: param.parameterized.Event) -> None:
        """Leave out what makes no sense: it may come from a stranger's link."""
        channels = self.image.channels
        good = {
            "regions": [one for one in self.regions if is_region(one)][:REGIONS],
            "bands": [one for one in self.bands if is_band(one, channels)],
            "lines": [one for one in self.lines if is_line(one)][-PROFILE_LINES:],
            "kept": [one for one in self.kept if _is_kept(one, channels)][:KEPT_MASKS],
        }
        changed = {name: value for name, value in good.items() if value != getattr(self, name)}
        if changed:
            self.param.update(**changed)


def _is_kept(one: Any, channels: int) -> bool:
    if not isinstance(one, list | tuple) or len(one) != 3:
        return False
    name, regions, bands = one
    if not isinstance(name, str) or not 0 < len(name) <= _NAME_CHARS:
        return False
    if not isinstance(regions, list) or not isinstance(bands, list):
        return False
    return all(map(is_region, regions)) and all(is_band(band, channels) for band in bands)
