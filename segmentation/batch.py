"""Learns from files and segments files: the commands `brushlink train` and `segment`, less the terminal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_sources.errors import SourceError
from data_sources.images import VALUE_RANGES, Image, read_image
from segmentation.annotations import CLASS_COLORS, AnnotationClass
from segmentation.classifier import PixelClassifier
from segmentation.engine import warm_up
from segmentation.errors import ModelError, SegmentationError
from segmentation.geojson import load_annotations
from segmentation.label_files import LabelMap, load_labels, save_labels
from segmentation.limits import MAX_CLASSES
from segmentation.models import load_model, model_about
from segmentation.picture import SCALES
from segmentation.regions import class_fractions, measure_regions, save_table
from segmentation.stored_features import StoredFeatures
from segmentation.whole_files import written_whole

__all__ = ["Reading", "Request", "StoredModel", "classes_of", "segment_file", "train_on_files"]

_ANNOTATIONS = (".geojson", ".json")


@dataclass(frozen=True)
class Reading:
    """How image files are read, see `data_sources.images.read_image`; kept with a model, for later images.

    Parameters
    ----------
    axes : str, optional
    frame : int, optional
    value_range : (float, float), optional
    planes : bool
        Learn from the planes of a volume one by one, as from pictures; those of a series in time always are.
    """

    axes: str | None = None
    frame: int | None = None
    value_range: tuple[float, float] | None = None
    planes: bool = False

    def image(self, path: str | Path) -> Image:
        """Read one; a NIfTI as a volume, whose window counts as black and white unless a range is given."""
        if is_nifti(path):
            return _volume_image(Path(path), self)
        return read_image(path, axes=self.axes, frame=self.frame, value_range=self.value_range)

    def notes(self) -> dict[str, Any]:
        """Return what has to be the same for later images, as JSON values."""
        return {"value_range": None if self.value_range is None else list(self.value_range)}


@dataclass(frozen=True)
class Request:
    """What to write for each image.

    Parameters
    ----------
    label_format : {".png", ".tif", ".zarr"}
    proba : bool
        Also the probability of every class: a TIFF (or Zarr) of float32, classes first.
    table : {"", ".csv", ".parquet"}
        Also a table of regions and one of class shares.
    split, min_pixels
        How regions are found, see `segmentation.regions.find_regions`.
    """

    label_format: str = ".png"
    proba: bool = False
    table: str = ""
    split: str = "components"
    min_pixels: int = 1

    def outputs(self, folder: Path, image: Path) -> dict[str, Path]:
        """Return the files that an image gets."""
        stem = folder / image.name.removesuffix(".gz")
        stem = stem.with_name(stem.stem.removesuffix(".ome"))
        # A picture format cannot hold a volume, and who gives a NIfTI wants one back.
        suffix = ".nii.gz" if is_nifti(image) and self.label_format == ".png" else self.label_format
        found = {"labels": Path(f"{stem}_labels{suffix}")}
        if self.proba:
            found["proba"] = Path(f"{stem}_proba{'.zarr' if self.label_format == '.zarr' else '.tif'}")
        if self.table:
            found["regions"] = Path(f"{stem}_regions{self.table}")
            found["classes"] = Path(f"{stem}_classes{self.table}")
        return found


def train_on_files(
    pairs: Iterable[tuple[Path, Path]], classifier: PixelClassifier, reading: Reading
) -> PixelClassifier:
    """Fit a classifier to images and their labels.

    Parameters
    ----------
    pairs : iterable of (image, labels)
        Labels are a label map (PNG, TIFF, NPY, Zarr) or annotations (GeoJSON). Classes of the same name are
        the same class, whatever their number in a file.
    classifier : PixelClassifier
        Its class names and colours are set.
    reading : Reading

    Returns
    -------
    PixelClassifier
        The one given, fitted.

    Raises
    ------
    SegmentationError
        Labels that do not fit their image, see also `PixelClassifier.fit`.
    SourceError
        An image that cannot be read.
    """
    _same_code_for_all("growth")
    images: list[StoredFeatures] = []
    maps: list[NDArray[np.uint8]] = []
    classes: dict[str, AnnotationClass] = {}
    for image_path, label_path in pairs:
        image = reading.image(image_path)
        found = _labels_of(label_path, image)
        if found.labels.shape != image.spatial_shape:
            raise SegmentationError(
                f"{label_path.name} labels {_size(found.labels.shape)} pixels, {image_path.name} has "
                f"{_size(image.spatial_shape)}"
            )
        labels = _merged(found, classes)
        one_by_one = image.spatial_ndim == 3 and (reading.planes or image.axes.startswith("T"))
        images.extend(_stored(classifier, image, one_by_one))
        maps.extend(labels if one_by_one else [labels])
    classifier.class_names = {one.id: one.name for one in classes.values()}
    classifier.class_colors = {one.id: one.color for one in classes.values()}
    return classifier.fit(images, maps)


@dataclass(frozen=True)
class StoredModel:
    """A model file, read: the classifier, what it says about itself, and a fingerprint of the file."""

    classifier: PixelClassifier
    about: Mapping[str, Any] = field(repr=False)
    fingerprint: str

    @classmethod
    def load(cls, path: Path) -> StoredModel:
        """Read a model; ModelError when it is none."""
        classifier = load_model(path)
        _same_code_for_all()
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return cls(classifier, model_about(path), digest)

    def reading(self, axes: str | None = None, frame: int | None = None) -> Reading:
        """Return how its images are to be read."""
        span = self.about["notes"].get("value_range")
        return Reading(axes, frame, None if span is None else (float(span[0]), float(span[1])))


def classes_of(classifier: PixelClassifier) -> tuple[AnnotationClass, ...]:
    """Classes of a fitted classifier with the names and colours that it carries."""
    return tuple(
        AnnotationClass(
            one,
            classifier.class_names.get(one, f"Class {one}"),
            classifier.class_colors.get(one, CLASS_COLORS[(one - 1) % len(CLASS_COLORS)]),
        )
        for one in map(int, classifier.classes_)
    )


def segment_file(
    model: StoredModel, path: Path, outputs: Mapping[str, Path], request: Request, reading: Reading
) -> None:
    """Segment one image and write what was asked for, the label map last: where it is, all is.

    Raises
    ------
    SegmentationError, SourceError
        The image cannot be read or does not fit the model; nothing is left half written.
    """
    image = reading.image(path)
    classifier, about = model.classifier, model.about
    if image.channels != about["channels"]:
        raise ModelError(
            f"the model learned from {about['channels']} channels, {image.name} has {image.channels}"
        )
    flat = about["ndim"] == 2
    if not flat and image.spatial_ndim != 3:
        raise ModelError(f"the model learned from volumes, {image.name} is one picture")
    if image.spatial_ndim == 3 and outputs["labels"].suffix == ".png":
        raise SegmentationError(
            f"{image.name} has {image.planes} planes, which a PNG cannot hold; use TIFF or Zarr"
        )
    one_by_one = flat and image.spatial_ndim == 3
    labels, proba, estimates = [], [], []
    for stored in _stored(classifier, image, one_by_one):
        labels.append(classifier.predict(stored))
        estimates.append(classifier.class_shares(stored))
        if "proba" in outputs:
            proba.append(classifier.predict_proba(stored))
    result = np.stack(labels) if one_by_one else labels[0]
    background = about["notes"].get("background")
    if background is not None:
        result[result == background] = 0
    classes = classes_of(classifier)
    if "proba" in outputs:
        _save_proba(outputs["proba"], np.stack(proba, axis=1) if one_by_one else proba[0], classes)
    if "regions" in outputs:
        _save_tables(outputs, result, classes, image, request, estimates)
    if outputs["labels"].suffix == ".gz":
        from data_sources.volumes import nifti_bytes, read_volume

        with written_whole(outputs["labels"]) as draft:
            draft.write_bytes(nifti_bytes(result, read_volume(path, frame=reading.frame)))
        return
    save_labels(outputs["labels"], result, classes)


def _save_tables(
    outputs: Mapping[str, Path],
    labels: NDArray[np.uint8],
    classes: Sequence[AnnotationClass],
    image: Image,
    request: Request,
    estimates: Sequence[Mapping[int, float]],
) -> None:
    """Write both tables; those of a series in time have a row a frame and region.

    Beside the share of the pixels stands the one that the classifier estimated beforehand, and weighted the
    probabilities by (of a stack segmented plane by plane, the mean).
    """
    import pandas as pd

    series = image.axes.startswith("T")
    regions, shares = [], []
    for frame in range(image.planes if series else 1):
        part, values = (labels[frame], image.plane(frame)) if series else (labels, image)
        size, unit = values.pixel_size, values.unit
        counted = class_fractions(part, classes, pixel_size=size, unit=unit)
        used = estimates[frame : frame + 1] if series and len(estimates) > 1 else estimates
        counted["estimated fraction"] = [float(np.mean([one[c.id] for one in used])) for c in classes]
        shares.append(counted)
        found = measure_regions(
            part,
            classes,
            image=values.array,
            channel_axis=values.channel_axis,
            channel_names=values.channel_names,
            pixel_size=size,
            unit=unit,
            split=request.split,
            min_pixels=request.min_pixels,
        )
        regions.append(found)
        if series:
            for table in (regions[-1], shares[-1]):
                table.insert(0, "frame", frame)
    save_table(outputs["classes"], pd.concat(shares, ignore_index=True))
    save_table(outputs["regions"], pd.concat(regions, ignore_index=True))


def _save_proba(path: Path, proba: NDArray[np.float32], classes: Sequence[AnnotationClass]) -> None:
    names = [one.name for one in classes]
    with written_whole(path) as draft:
        if path.suffix == ".zarr":
            import zarr

            chunks = (1, *(min(size, 512) for size in proba.shape[1:]))
            stored = zarr.create_array(str(draft), shape=proba.shape, chunks=chunks, dtype="float32")
            stored[...] = proba
            stored.attrs["classes"] = names
        else:
            import tifffile

            axes = "C" + "ZYX"[-proba.ndim + 1 :]
            about = {"axes": axes, "classes": names}
            tifffile.imwrite(draft, proba, photometric="minisblack", metadata=about, compression="zlib")


def _same_code_for_all(*more: str) -> None:
    """Wait for the kernels, so that every picture of a batch is computed by them, to the last bit."""
    # Where they do not compile, every picture is computed by the reference: alike too.
    with suppress(RuntimeError):
        warm_up("features", *more, "forest", "smoothing", "volume")


# Reading -------------------------------------------------------------------------------------------------


def _labels_of(path: Path, image: Image) -> LabelMap:
    if path.suffix.lower() not in _ANNOTATIONS:
        try:
            return load_labels(path)
        except SourceError as error:
            raise SegmentationError(f"labels {error}") from error
    if image.spatial_ndim != 2:
        raise SegmentationError(
            f"{path.name} is drawn on one picture, {image.name} has {image.planes} planes"
        )
    log = load_annotations(path, (image.spatial_shape[0], image.spatial_shape[1]))
    return LabelMap(log.labels, log.classes)


def _merged(found: LabelMap, classes: dict[str, AnnotationClass]) -> NDArray[np.uint8]:
    """Give labels the numbers that classes have over all files; a new name keeps its own if it is free."""
    table = np.zeros(256, np.uint8)
    for one in found.classes:
        key = one.name.casefold()
        if key not in classes:
            taken = {other.id for other in classes.values()}
            free = [one.id, *range(1, MAX_CLASSES + 1)]
            number = next((candidate for candidate in free if candidate not in taken), None)
            if number is None:
                raise SegmentationError(f"more than {MAX_CLASSES} classes over all label files")
            classes[key] = AnnotationClass(number, one.name, one.color)
        table[one.id] = classes[key].id
    return table[found.labels]


def _stored(classifier: PixelClassifier, image: Image, one_by_one: bool) -> Iterator[StoredFeatures]:
    """Pictures to learn from or to segment: the planes of an image, or the whole."""
    # By their type (`segmentation.picture.SCALES`), or scaled here when a value range was given.
    plain = image.value_range == tuple(map(float, VALUE_RANGES[image.array.dtype.name]))
    values = image.array if plain and image.array.dtype.name in SCALES else image.scaled()
    axis = None if image.channel_axis is None else -1
    if one_by_one:
        yield from (classifier.stored(plane, axis) for plane in values)
        return
    size = image.pixel_size
    # Sigmas are in pixels along a row; a plane that is three times as far away counts three.
    spacing = None if image.spatial_ndim == 2 or size is None else tuple(one / size[-1] for one in size)
    yield classifier.stored(values, axis, spacing)


def is_nifti(path: str | Path) -> bool:
    """Return whether a file is a NIfTI by its name."""
    return str(path).lower().endswith((".nii", ".nii.gz"))


def _volume_image(path: Path, reading: Reading) -> Image:
    from data_sources.volumes import read_volume

    volume = read_volume(path, frame=reading.frame)
    low, high = reading.value_range or volume.window()
    values = volume.array()
    if values.dtype.kind == "f" or values.dtype.name not in VALUE_RANGES:
        values = np.clip(values.astype(np.float64), low, high)
    return Image(values, "ZYX", path.name, (), volume.spacing, "mm", (low, high))


def _size(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))
