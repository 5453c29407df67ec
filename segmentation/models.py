"""Saves a fitted `PixelClassifier` with skops and reads it back; never pickle, and reading never runs code.

A file is a zip of JSON and NPY. The engine's own forest is stored as plain arrays; scikit-learn's estimators
as skops writes them. Before skops sees a file, every type in it is held against the explicit list `TRUSTED`,
and what compiled code will index is checked, because a forged forest could make it read outside of its
arrays.
"""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from data_sources.images.reading import DAMAGE
from segmentation.classifier import PixelClassifier
from segmentation.errors import ModelError, SegmentationError
from segmentation.limits import MODEL_BYTES, MODEL_PARTS
from segmentation.picture import SCALES
from segmentation.state import FORMAT, classifier_from, state_of
from segmentation.whole_files import written_whole

__all__ = ["TRUSTED", "load_model", "model_about", "save_model"]

TRUSTED = (
    "builtins.dict",
    "builtins.list",
    "builtins.str",
    "builtins.tuple",
    "numpy.float64",
    "numpy.int64",
    "numpy.ndarray",
    "numpy.random.mtrand.RandomState",
    "sklearn.linear_model._logistic.LogisticRegression",
    "sklearn.neural_network._multilayer_perceptron.MLPClassifier",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.pipeline.Pipeline",
    "sklearn.preprocessing._data.StandardScaler",
    "sklearn.preprocessing._label.LabelBinarizer",
)
"""Every type that a model may hold."""

_LOADERS = frozenset(
    {
        "DictNode",
        "JsonNode",
        "ListNode",
        "NdArrayNode",
        "ObjectNode",
        "RandomStateNode",
        "TupleNode",
        "TypeNode",
    }
)
_PART = re.compile(r"schema\.json|[0-9]+\.npy")
_LIBRARIES = ("brushlink", "numpy", "scikit-image", "scikit-learn", "skops")
_NORMALISATION = {"rule": "by pixel type", "factors": SCALES}


def save_model(
    classifier: PixelClassifier, path: str | os.PathLike[str], *, notes: Mapping[str, Any] | None = None
) -> None:
    """Write a fitted classifier; the file appears whole or not at all.

    Parameters
    ----------
    classifier : PixelClassifier
        Fitted.
    path : path
        Usually ends in ``.skops``.
    notes : mapping, optional
        JSON values to keep beside it, such as the value range that its images were read with; see
        `model_about`.

    Raises
    ------
    ModelError
        Not fitted, or with features or a backend that cannot be stored.
    """
    import skops.io

    state = state_of(classifier)
    bank: Any = classifier.features
    content: dict[str, Any] = {key: state.pop(key) for key in ("forest", "estimator") if key in state}
    about = {
        **state,
        "versions": {name: _version(name) for name in _LIBRARIES},
        "feature_names": list(bank.names(state["channels"], state["ndim"])),
        "normalisation": _NORMALISATION,
        "notes": dict(notes or {}),
    }
    try:
        content["about"] = json.dumps(about, allow_nan=False)
        with written_whole(path) as draft:
            skops.io.dump(content, draft, compression=zipfile.ZIP_DEFLATED)
    except DAMAGE as error:
        raise ModelError(f'a model of the backend "{classifier.backend}" cannot be saved: {error}') from error


def load_model(path: str | os.PathLike[str], *, trusted: Iterable[str] = ()) -> PixelClassifier:
    """Read a classifier back; it gives the same class maps as the one that was saved.

    Parameters
    ----------
    path : path
    trusted : iterable of str
        Full names of more types that the file may hold: those of a backend of your own. Read its code first.

    Returns
    -------
    PixelClassifier
        Fitted.

    Raises
    ------
    ModelError
        Not one of our models, of a later version, damaged, with types that are not trusted, with values that
        cannot be.
    """
    import skops.io

    name = Path(path).name
    allowed = (*TRUSTED, *trusted)
    _check_parts(Path(path), allowed)
    try:
        content = skops.io.load(path, trusted=list(allowed))
        about = _about_of(content)
        if about["normalisation"] != _NORMALISATION:
            raise ModelError(
                f"values were normalised {about['normalisation']}, here they are {_NORMALISATION}"
            )
        classifier = classifier_from({**about, **content})
        # One pixel through the model: what does not fit is found now, not in the middle of a picture.
        count = classifier.features.count(about["channels"], about["ndim"])
        model = classifier._fitted.model if classifier._fitted is not None else None
        model.shares_on(np.zeros((count, *(1,) * about["ndim"]), np.float32))  # type: ignore[union-attr]
        return classifier
    except SegmentationError as error:
        raise ModelError(f"{name}: {error}") from error
    except (*DAMAGE, zipfile.BadZipFile) as error:
        raise ModelError(f"{name} is a damaged model ({type(error).__name__}: {error})") from error


def model_about(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return what a model says of itself, without building it: versions, features, classes, settings, notes.

    Raises
    ------
    ModelError
        As `load_model`.
    """
    schema = _check_parts(Path(path), None)
    try:
        return _about_of({"about": json.loads(schema["content"]["about"]["content"])})
    except (*DAMAGE, ModelError) as error:
        raise ModelError(f"{Path(path).name} is not a model of this program ({error})") from error


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:  # a copy that was put on the path, not installed
        return ""


def _check_parts(path: Path, allowed: tuple[str, ...] | None) -> dict[str, Any]:
    """Return the schema of a file once its parts and (unless `allowed` is None) its types are accepted."""
    name = path.name
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            took = sum(part.file_size for part in parts)
            if len(parts) > MODEL_PARTS or took > MODEL_BYTES:
                allowance = f"allowed are {MODEL_PARTS:,} and {MODEL_BYTES:,}"
                raise ModelError(f"{name}: a model of {len(parts):,} parts and {took:,} bytes; {allowance}")
            strange = [part.filename for part in parts if not _PART.fullmatch(part.filename)]
            if strange:
                raise ModelError(f"{name} is not a model of this program: it holds {strange[0]!r:.80}")
            schema = json.loads(archive.read("schema.json"))
    except ModelError:
        raise
    except zipfile.BadZipFile as error:
        raise ModelError(f"{name} is not a model of this program, or is cut off ({error})") from error
    except DAMAGE as error:
        said = getattr(error, "strerror", None) or error
        raise ModelError(f"{name} cannot be read as a model ({said})") from error
    if not isinstance(schema, dict):
        raise ModelError(f"{name} is not a model of this program: its schema is no object")
    if allowed is not None:
        _check_types(schema, frozenset(allowed), name)
    return schema


def _check_types(schema: dict[str, Any], allowed: frozenset[str], name: str) -> None:
    """Refuse every type that is not listed, anywhere in a schema, and every way of building one."""
    waiting: list[Any] = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
            continue
        if not isinstance(node, dict):
            continue
        waiting.extend(node.values())
        if node.keys() & {"__class__", "__module__", "__loader__"}:
            kind = f"{node.get('__module__')}.{node.get('__class__')}"
            if kind not in allowed:
                raise ModelError(
                    f"{name} holds a {kind:.120}, which is not trusted; a model of ours never does"
                )
            if node.get("__loader__") not in _LOADERS:
                raise ModelError(
                    f"{name} builds a {kind} by {node.get('__loader__')!r:.80}, which is not trusted"
                )


def _about_of(content: Any) -> dict[str, Any]:
    about = json.loads(content["about"]) if isinstance(content, dict) and "about" in content else None
    if not isinstance(about, dict) or "format" not in about:
        raise ModelError("it does not say its format, so it is not a model of this program")
    if about["format"] != FORMAT:
        made = about.get("versions", {}).get("brushlink", "?")
        raise ModelError(f"it has format {about['format']} (brushlink {made}), this one reads {FORMAT}")
    return about
