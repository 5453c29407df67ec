"""Models come back as they were; what is foreign or forged is refused before anything of it is built."""

from __future__ import annotations

import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from skimage import data

from segmentation.backends import BACKENDS, register_backend
from segmentation.classifier import PixelClassifier
from segmentation.errors import ModelError
from segmentation.features import FeatureBank
from segmentation.models import load_model, model_about, save_model

PICTURE = np.ascontiguousarray(data.coins()[150:230, 100:200])
LABELS = np.zeros(PICTURE.shape, np.uint8)
LABELS[PICTURE > 150] = 3
LABELS[PICTURE < 70] = 7
LABELS[::2] = 0
BANK = FeatureBank(texture=False, sigma_max=4, context=(16,))
NAMES, COLORS = {3: "Münze <b>", 7: "ground"}, {3: "#0072b2", 7: "#e69f00"}


def fitted(**options: Any) -> PixelClassifier:
    settings = {
        "class_names": NAMES,
        "class_colors": COLORS,
        "class_bias": {3: 1.5},
        "max_samples": 300,
        **options,
    }
    return PixelClassifier(BANK, **settings).fit(PICTURE, LABELS)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "coins.skops"
    save_model(fitted(options={"trees": 8}), path, notes={"value_range": [0, 4095]})
    return path


@pytest.mark.parametrize("backend", list(BACKENDS))
def test_every_backend_comes_back_with_the_same_answers(backend: str, tmp_path: Path) -> None:
    before = fitted(backend=backend)
    save_model(before, tmp_path / "m.skops")
    after = load_model(tmp_path / "m.skops")
    np.testing.assert_array_equal(after.predict(PICTURE), before.predict(PICTURE))
    np.testing.assert_array_equal(after.predict_proba(PICTURE), before.predict_proba(PICTURE))
    assert os.listdir(tmp_path) == ["m.skops"]


def test_names_colours_settings_and_notes_come_back(model: Path) -> None:
    after = load_model(model)
    assert (after.class_names, after.class_colors, after.class_bias) == (NAMES, COLORS, {3: 1.5})
    assert after.features == BANK
    assert after.classes_.tolist() == [3, 7]
    about = model_about(model)
    assert about["notes"] == {"value_range": [0, 4095]}
    assert about["versions"]["numpy"] == np.__version__
    assert about["normalisation"]["factors"]["uint16"] == 1 / 65535
    assert about["feature_names"] == list(BANK.names(1, 2))


def test_a_file_holds_json_and_arrays_and_no_pickle(model: Path) -> None:
    with zipfile.ZipFile(model) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            if name == "schema.json":
                json.loads(content)
            else:
                np.load(io.BytesIO(content), allow_pickle=False)


def test_what_has_not_learned_cannot_be_saved(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not learned"):
        save_model(PixelClassifier(BANK), tmp_path / "m.skops")
    assert list(tmp_path.iterdir()) == []


class Own:
    """Somebody's classifier."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> None:
        self.mean_ = np.array([X[y == one].mean() for one in np.unique(y)])

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        near = np.exp(-np.abs(X.mean(axis=1)[:, None] - self.mean_))
        return near / near.sum(axis=1, keepdims=True)


def test_types_of_your_own_have_to_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segmentation.backends.BACKENDS", BACKENDS)
    register_backend("own", lambda random_state: Own())
    monkeypatch.setitem(BACKENDS, "own", BACKENDS["own"])
    save_model(fitted(backend="own", options={}), tmp_path / "m.skops")
    kind = f"{Own.__module__}.Own"
    with pytest.raises(ModelError, match=r"holds a .*Own, which is not trusted"):
        load_model(tmp_path / "m.skops")
    after = load_model(tmp_path / "m.skops", trusted=[kind])
    np.testing.assert_array_equal(after.predict(PICTURE), fitted(backend="own", options={}).predict(PICTURE))
    del BACKENDS["own"]


# Foreign and forged --------------------------------------------------------------------------------------


def rewritten(model: Path, target: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None]) -> Path:
    """Copy of a model with its schema and parts changed."""
    with zipfile.ZipFile(model) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(parts.pop("schema.json"))
    change(schema, parts)
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("schema.json", json.dumps(schema))
        for name, content in parts.items():
            archive.writestr(name, content)
    return target


def about_with(**changes: Any) -> Callable[[dict[str, Any], dict[str, bytes]], None]:
    def change(schema: dict[str, Any], _: dict[str, bytes]) -> None:
        about = json.loads(json.loads(schema["content"]["about"]["content"]))
        about.update(changes)
        schema["content"]["about"]["content"] = json.dumps(json.dumps(about))

    return change


def forest_with(
    name: str, edit: Callable[[np.ndarray], object]
) -> Callable[[dict[str, Any], dict[str, bytes]], None]:
    def change(schema: dict[str, Any], parts: dict[str, bytes]) -> None:
        file = schema["content"]["forest"]["content"][name]["file"]
        array = np.load(io.BytesIO(parts[file]))
        edited = edit(array)
        buffer = io.BytesIO()
        np.save(buffer, array if edited is None else edited)
        parts[file] = buffer.getvalue()

    return change


def put(place: int, value: float) -> Callable[[np.ndarray], None]:
    def edit(array: np.ndarray) -> None:
        array.flat[place] = value

    return edit


@pytest.mark.parametrize(
    "change",
    [
        forest_with("feature", put(0, 9_999)),
        forest_with("feature", put(-1, -9_999_999)),
        forest_with("right", put(0, 99_999_999)),
        forest_with("right", put(0, 0)),
        forest_with("right", put(0, -5)),
        forest_with("roots", put(1, 10**9)),
        forest_with("roots", put(0, 3)),
        forest_with("threshold", put(0, np.nan)),
        forest_with("threshold", lambda array: array[:-1]),
        forest_with("leaves", put(0, np.inf)),
        forest_with("leaves", put(0, 77)),
        forest_with("leaves", lambda array: array[:, :1]),
        forest_with("feature", lambda array: array[None]),
        forest_with("right", lambda array: array[:0]),
        forest_with("importances", lambda array: array[1:]),
        about_with(format=2),
        about_with(format=None),
        about_with(classes=[3]),
        about_with(classes=[7, 3]),
        about_with(classes=[0, 3]),
        about_with(classes=[3, 70_000]),
        about_with(classes="all"),
        about_with(stroke_shares=[1.0, 0.0]),
        about_with(stroke_shares=[float("nan"), 0.5]),
        about_with(channels=3),
        about_with(channels=0),
        about_with(ndim=9),
        about_with(features={"sigma_max": -1}),
        about_with(features={"made_up": 1}),
        about_with(features=None),
        about_with(settings={}),
        about_with(normalisation={"rule": "by image"}),
        lambda schema, parts: schema["content"].pop("about"),
        lambda schema, parts: schema["content"].pop("forest"),
        lambda schema, parts: schema.update(content=[]),
        lambda schema, parts: parts.popitem(),
        lambda schema, parts: parts.update({next(iter(parts)): b"\x93NUMPY"}),
        lambda schema, parts: parts.update({"evil.py": b"print()"}),
        lambda schema, parts: parts.update({"../evil.npy": b""}),
    ],
)
def test_forged_models_are_refused(change: Callable, model: Path, tmp_path: Path) -> None:
    forged = rewritten(model, tmp_path / "forged.skops", change)
    with pytest.raises(ModelError, match=r"forged\.skops"):
        load_model(forged)


def test_an_untouched_copy_is_not(model: Path, tmp_path: Path) -> None:
    copy = rewritten(model, tmp_path / "copy.skops", lambda schema, parts: None)
    np.testing.assert_array_equal(load_model(copy).predict(PICTURE), load_model(model).predict(PICTURE))


class Bomb:
    """What a pickle could do."""

    def __reduce__(self) -> tuple:
        return (os.mkdir, ("code-ran",))


@pytest.mark.parametrize(
    ("module", "kind", "loader"),
    [
        ("os", "system", "ObjectNode"),
        ("builtins", "eval", "FunctionNode"),
        ("builtins", "str", "MethodNode"),
        ("operator", "attrgetter", "OperatorFuncNode"),
        ("sklearn.svm._classes", "SVC", "ObjectNode"),
        ("builtins", "dict", "ReduceNode"),
        ("joblib.numpy_pickle", "NumpyArrayWrapper", "ObjectNode"),
    ],
)
def test_types_and_loaders_that_could_run_code_are_refused(
    module: str, kind: str, loader: str, model: Path, tmp_path: Path
) -> None:
    def change(schema: dict[str, Any], _: dict[str, bytes]) -> None:
        inner = {"__module__": module, "__class__": kind, "__loader__": loader, "__id__": 5, "content": {}}
        schema["content"]["forest"]["content"]["roots"] = inner

    with pytest.raises(ModelError, match="not trusted"):
        load_model(rewritten(model, tmp_path / "forged.skops", change))


def test_files_that_are_no_models_are_refused(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    foreign = io.BytesIO()
    skops.io.dump({"weights": np.zeros(3)}, foreign)
    contents = {
        "empty": b"",
        "text": b"hello",
        "pickle": pickle.dumps(Bomb()),
        "cut off": model.read_bytes()[:-300],
        "another skops": foreign.getvalue(),
    }
    for name, content in contents.items():
        (tmp_path / "x.skops").write_bytes(content)
        for read in (load_model, model_about):
            with pytest.raises(ModelError, match=r"x\.skops|not a model"):
                read(tmp_path / "x.skops")
            assert not (tmp_path / "code-ran").exists(), name
    with pytest.raises(ModelError, match="cannot be read"):
        load_model(tmp_path / "gone.skops")


def test_a_changed_byte_is_noticed(model: Path, tmp_path: Path) -> None:
    content = bytearray(model.read_bytes())
    with zipfile.ZipFile(model) as archive:
        largest = max(archive.infolist(), key=lambda part: part.compress_size)
    content[largest.header_offset + 60 + largest.compress_size // 2] ^= 0xFF
    (tmp_path / "x.skops").write_bytes(bytes(content))
    with pytest.raises(ModelError):
        load_model(tmp_path / "x.skops")


def test_a_model_that_unpacks_into_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Path
) -> None:
    monkeypatch.setattr("segmentation.models.MODEL_BYTES", 1000)
    with pytest.raises(ModelError, match="allowed are 10,000 and 1,000"):
        load_model(model)


def test_the_classifier_saves_and_loads_itself(tmp_path: Path) -> None:
    before = fitted(options={"trees": 8})
    before.save(tmp_path / "m.skops")
    after = PixelClassifier.load(tmp_path / "m.skops")
    np.testing.assert_array_equal(after.predict(PICTURE), before.predict(PICTURE))
