"""One classifier over all images of the segmentation page, off the event loop; its results as one file."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboards.parts.image_state import IN_FOLDER, OWN
from dashboards.parts.limits import APPLIED_PIXELS
from dashboards.parts.live_loop import Background, Turn
from dashboards.parts.segment_learning import picture_of
from dashboards.parts.segment_state import SegmentState
from data_sources import BrushlinkError
from segmentation.annotations import AnnotationClass
from segmentation.classifier import PixelClassifier
from segmentation.regions import class_fractions, measure_regions

__all__ = ["Applied", "ApplyToAll", "plain_name", "results_bytes"]


@dataclass(frozen=True, eq=False)
class Applied:
    """What came of one image.

    Attributes
    ----------
    key : str
        Of the image.
    labels : uint8 array or None
        None when it could not be segmented.
    shares, regions : DataFrame
        Share of each class; the regions of the class that was chosen.
    problem : str
        Why there are no labels.
    classifier : PixelClassifier
        That gave them.
    """

    key: str
    labels: NDArray[np.uint8] | None = field(repr=False)
    shares: pd.DataFrame = field(repr=False)
    regions: pd.DataFrame = field(repr=False)
    problem: str
    classifier: PixelClassifier = field(repr=False)


class ApplyToAll:
    """Segments images one after the other; the newest wish wins, and a cancelled one keeps what it had.

    Parameters
    ----------
    state : SegmentState
    work : Background

    Attributes
    ----------
    results : dict of str to Applied
        Newest result of each image.
    """

    def __init__(self, state: SegmentState, work: Background) -> None:
        self._state, self._work = state, work
        self.results: dict[str, Applied] = {}

    def start(
        self,
        classifier: PixelClassifier,
        tell: Callable[[int, int, float], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Segment all images of the project.

        Parameters
        ----------
        classifier : PixelClassifier
            Fitted; used as it is, whatever is drawn meanwhile.
        tell : callable
            Called on the event loop with images done, of all, and seconds.
        failed : callable
            Called with what ended the work; an image that cannot be segmented does not end it.
        """
        state, keys = self._state, self._state.project_keys()
        span = None if state.model is None else state.model.value_range
        chosen = [one for one in state.classes if one.id == state.class_or_first(state.measured)]
        classes = state.classes
        options: dict[str, Any] = {"split": state.split, "min_pixels": state.min_pixels}
        self.results = {key: one for key, one in self.results.items() if key in keys}
        begun = time.perf_counter()

        def one(key: str) -> Applied:
            empty = pd.DataFrame()
            image = state.image_of(key)
            if image is None:
                return Applied(key, None, empty, empty, "not at hand: drop the file again", classifier)
            try:
                labels = classifier.predict(picture_of(image, span))
                known = [*classes, *_unnamed(labels, classes)]
                size: dict[str, Any] = {"pixel_size": image.pixel_size, "unit": image.unit}
                shares = class_fractions(labels, known, **size)
                regions = measure_regions(
                    labels, chosen, image=image.array, channel_axis=image.channel_axis,
                    channel_names=image.channel_names, **size, **options,
                )  # fmt: skip
            except BrushlinkError as error:
                return Applied(key, None, empty, empty, str(error), classifier)
            return Applied(key, labels, shares, regions, "", classifier)

        def work(turn: Turn) -> None:
            pixels = 0
            for done, key in enumerate(keys, start=1):
                if turn.stale:
                    return
                found = one(key)
                pixels += 0 if found.labels is None else found.labels.size
                if pixels > APPLIED_PIXELS:
                    raise BrushlinkError(
                        f"the results of {done - 1} images fill what a page holds "
                        f"({APPLIED_PIXELS:,} pixels); segment the others with the command below"
                    )
                turn.tell((found, done, time.perf_counter() - begun))

        def take(told: tuple[Applied, int, float]) -> None:
            found, done, seconds = told
            self.results[found.key] = found
            tell(done, len(keys), seconds)

        self._work.ask("apply", work, take, failed)

    def cancel(self) -> None:
        """Stop after the image that is being segmented."""
        self._work.cancel("apply")


def _unnamed(labels: NDArray[np.uint8], classes: Iterable[AnnotationClass]) -> list[AnnotationClass]:
    """Make classes for numbers that a model knows and the page does not."""
    known = {one.id for one in classes}
    return [
        AnnotationClass(int(one), f"class {one}", "#7f7f7f") for one in np.unique(labels) if one not in known
    ]


def plain_name(key: str) -> str:
    """Return the name of a key's image as people know it."""
    return key.removeprefix(f"{OWN}/").removeprefix(IN_FOLDER)


def results_bytes(
    results: Iterable[Applied],
    write_labels: Callable[[NDArray[np.uint8]], bytes],
    more: dict[str, bytes],
) -> bytes:
    """Write the results of many images as one zip: a label map each, and two tables with a row an image.

    Parameters
    ----------
    results : iterable of Applied
    write_labels : callable
        Writes a label map as PNG.
    more : dict of str to bytes
        Other files to put in.
    """
    buffer = io.BytesIO()
    tables: dict[str, list[pd.DataFrame]] = {"classes.csv": [], "regions.csv": []}
    names: set[str] = set()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for one in results:
            if one.labels is None:
                continue
            archive.writestr(f"{_file_stem(one.key, names)}_labels.png", write_labels(one.labels))
            for name, table in (("classes.csv", one.shares), ("regions.csv", one.regions)):
                image: Any = plain_name(one.key)
                tables[name].append(table.assign(image=image)[["image", *table.columns]])
        for name, parts in tables.items():
            if parts:
                archive.writestr(name, pd.concat(parts, ignore_index=True).to_csv(index=False))
        for name, content in more.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _file_stem(key: str, taken: set[str]) -> str:
    """Return a name for an image's files, as `brushlink segment` would choose it; each once."""
    name = re.sub(r"#(\d+)$", r"_plane\1", plain_name(key)).replace("/", "_").replace("\\", "_")
    stem = re.sub(r"\.(ome\.)?(png|jpe?g|tiff?|npy|zarr)\b", "", name, flags=re.IGNORECASE) or "image"
    made, number = stem, 2
    while made in taken:
        made, number = f"{stem}_{number}", number + 1
    taken.add(made)
    return made
