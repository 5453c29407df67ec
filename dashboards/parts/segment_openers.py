"""Projects, models and networks that are dropped on the segmentation page; for segment.py."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dashboards.parts.history import History
from dashboards.parts.image_state import OWN
from dashboards.parts.segment_apply import plain_name
from dashboards.parts.segment_files import marks_of, read_model, read_project
from dashboards.parts.segment_state import OpenedModel, SegmentState
from dashboards.parts.shell import say
from data_sources import BrushlinkError
from segmentation.batch import classes_of
from segmentation.errors import SegmentationError
from segmentation.network_files import open_network

__all__ = ["Openers"]

_PICTURE = re.compile(r"&i=[^&]*")


class Openers:
    """Opens files on the page: each is a step of its history, and one that cannot be opened changes nothing.

    Parameters
    ----------
    state : SegmentState
    history : History

    Attributes
    ----------
    network : tuple of (dict, bytes) or None
        How the network on the page was opened, and its file: for the project.
    halo : int
        Pixels around a tile that a network sees.
    imagenet : bool
        Whether a network's values are normalised as ImageNet's.
    """

    def __init__(self, state: SegmentState, history: History) -> None:
        self._state, self._history = state, history
        self._networks: dict[int, tuple[dict[str, Any], bytes]] = {}
        self.halo, self.imagenet = 32, False

    @property
    def network(self) -> tuple[dict[str, Any], bytes] | None:
        """How the network on the page was opened, and its file."""
        return self._networks.get(id(self._state.network)) if self._state.network is not None else None

    def open(self, name: str, content: bytes) -> None:
        """Open a file by its ending: .skops is a model, .onnx a network, all else a project.

        Raises
        ------
        BrushlinkError
            It is none of these.
        """
        ending = name.rpartition(".")[2].lower()
        with self._history.one_step():
            if ending == "skops":
                self._state.param.update(**self._with_model(read_model(name, content)))
            elif ending == "onnx":
                self.take_network(name, content, self.halo, self.imagenet)
            else:
                self._open_project(content)

    def drop(self, name: str, content: bytes) -> None:
        """Open a dropped file; say why when it cannot be opened."""
        try:
            self.open(name, content)
        except BrushlinkError as error:
            say(str(error), "error")

    def take_network(self, name: str, content: bytes, halo: int, imagenet: bool) -> None:
        """Use the maps of a network as features beside the bank's."""
        channels = self._state.image.channels
        found = open_network(name, content, channels=channels, halo=halo, imagenet=imagenet)
        # Kept as long as a step of the history may bring it back.
        self._networks[id(found)] = ({"name": name, "halo": halo, "imagenet": imagenet}, content)
        self._state.param.update(network=found, model=None)

    def open_document(self, document: Mapping[str, Any], model: OpenedModel | None = None) -> None:
        """Show what a document says; images of the user's own that are not at hand are named.

        Raises
        ------
        SegmentationError
            A newer version, or values that make no sense.
        """
        state = self._state
        classes, strokes = marks_of(document)
        sizes, listed = document.get("images", {}), document.get("listed", [])
        if not isinstance(sizes, dict) or not isinstance(listed, list):
            raise SegmentationError("this project does not hold together: its images are no list")
        settings, shown = str(document.get("settings", "")), str(document.get("shown", ""))
        own = shown.startswith(f"{OWN}/")
        problems = state.apply_query(_PICTURE.sub("", settings) if own else settings)
        state.references = {
            str(key): [int(one) for one in size] for key, size in sizes.items() if isinstance(size, list)
        }
        missing = [key for key in strokes if not state.at_hand(key)]
        changed: dict[str, Any] = {"classes": classes, "strokes": strokes, "model": None}
        changed["listed"] = [str(key) for key in listed]
        if missing and model is not None:
            changed |= self._with_model(model, classes)
        if own and state.at_hand(shown):
            state.choose(shown)
        state.param.update(**changed)
        if problems:
            say("Not all settings of this project could be read. " + " ".join(problems), "warning")
        if missing:
            names = ", ".join(f"“{plain_name(key)}”" for key in missing[:5])
            more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
            until = " Until then the model that was saved answers." if "model" in changed and model else ""
            say(f"Drop {names}{more} on the page to go on: the strokes on it are kept.{until}", "warning")

    def noticed(self) -> None:
        """Take down the size of the image on the page; say when it is not the one that was drawn on."""
        state = self._state
        size = list(state.image.spatial_shape)
        before = state.references.get(state.key)
        if before is not None and before != size and state.strokes.get(state.key):
            say(
                f"The strokes on “{plain_name(state.key)}” were drawn on {before[1]:,} × {before[0]:,} px; "
                f"this image has {size[1]:,} × {size[0]:,} px. Is it the same?",
                "warning",
            )
        state.references[state.key] = size

    def _open_project(self, content: bytes) -> None:
        project = read_project(content)
        model = read_model("the project's model", project.model) if project.model else None
        marks_of(project.document)  # before anything changes
        about = project.document.get("network")
        if project.network and isinstance(about, dict):
            halo = about.get("halo", 32)
            self.take_network(
                str(about.get("name", "network.onnx")),
                project.network,
                halo if isinstance(halo, int) and 0 <= halo <= 512 else 32,
                bool(about.get("imagenet")),
            )
        else:
            self._state.network = None
        self.open_document(project.document, model)

    def _with_model(self, model: OpenedModel, classes: Any = None) -> dict[str, Any]:
        """Return the choices that a model makes: itself, and its classes before those that have strokes."""
        state = self._state
        found = {one.id: one for one in classes_of(model.classifier)}
        names = {one.name.casefold() for one in found.values()}
        used = {one.class_id for value in state.strokes.values() for one in value}
        others = state.classes if classes is None else classes
        for one in others:
            if one.id not in found and (classes is not None or one.id in used):
                twice = one.name.casefold() in names
                found[one.id] = replace(one, name=f"{one.name[:60]} (drawn)") if twice else one
        return {"model": model, "classes": tuple(found.values())}
