"""The images of a segmentation project as a card: open one, label all, take the results; for segment.py."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from dashboards.parts.history import History
from dashboards.parts.image_list import ImageList
from dashboards.parts.limits import LISTED_IMAGES
from dashboards.parts.segment_apply import ApplyToAll, plain_name
from dashboards.parts.segment_panels import CARD, html_pane
from dashboards.parts.segment_results import status_html
from dashboards.parts.segment_state import SegmentState
from segmentation.classifier import PixelClassifier

__all__ = ["ImagesPanel"]


class ImagesPanel(pn.viewable.Viewer):
    """Which images one classifier learns from, and its answer for all of them.

    Parameters
    ----------
    state : SegmentState
    history : History
    apply : ApplyToAll
    classifier : callable
        Returns the finished classifier, or raises what is missing.
    download : callable
        Returns all results as a zip.
    """

    def __init__(
        self,
        state: SegmentState,
        history: History,
        apply: ApplyToAll,
        classifier: Callable[[], PixelClassifier],
        download: Callable[[], bytes],
    ) -> None:
        super().__init__()
        self._state, self._history, self._apply = state, history, apply
        self._classifier, self._download = classifier, download
        self._newest: PixelClassifier | None = None
        self._list = ImageList(self._open, self._remove)
        self._said, self._more = html_pane(), html_pane()
        small: dict[str, Any] = {"size": "small", "variant": "outlined", "margin": (2, 4)}
        self._start = pmui.Button(label="Label all images", **small)
        self._cancel = pmui.Button(label="Cancel", visible=False, **small)
        self._add = pmui.Button(label="Add all", visible=False, **small)
        self._save = pmui.FileDownload(
            label="Results (.zip)",
            filename="segment-results.zip",
            callback=self._saved,
            visible=False,
            size="small",
            margin=(2, 4),
        )
        self._start.on_click(lambda _: self._run())
        self._cancel.on_click(lambda _: self._stop())
        self._add.on_click(lambda _: self._add_all())
        self._state.param.watch(self.follow, ["image", "strokes", "classes", "listed"])
        self.follow()

    # -- showing --------------------------------------------------------------------------------

    def learned(self, classifier: PixelClassifier | None) -> None:
        """Take notice of another classifier: results of earlier ones say so."""
        if classifier is not self._newest:
            self._newest = classifier
            self.follow()

    def follow(self, *_: param.parameterized.Event) -> None:
        """Bring the list up to the state."""
        state = self._state
        keys = state.project_keys()
        self._list.rows = [self._row(key) for key in keys[:LISTED_IMAGES]]
        more = len(keys) - LISTED_IMAGES
        self._more.object = f'<p class="quiet">and {more:,} more</p>' if more > 0 else ""
        self._start.label = "Label all images" if len(keys) > 1 else "Label this image"
        others = self._addable()
        if others:
            planes = state.source.planes > 1
            words = f"{state.source.planes} planes" if planes else f"{len(others)} images of the folder"
            self._add.label = f"Add all {words}"
        self._add.visible = bool(set(others) - set(keys))
        self._save.visible = any(one.labels is not None for one in self._apply.results.values())

    def _row(self, key: str) -> dict[str, Any]:
        state, found = self._state, self._apply.results.get(key)
        strokes, current = len(state.strokes.get(key, ())), key == state.key
        at_hand = current or state.at_hand(key)
        about = [f"{strokes} stroke{'' if strokes == 1 else 's'}"] if strokes else []
        if current:
            rows, cols = state.image.spatial_shape
            about.insert(0, f"{cols:,} × {rows:,}")
        shares: list[list[Any]] = []
        kind, note = "", ""
        if not at_hand:
            kind, note = "missing", "Not at hand: drop this file again."
        elif found is not None and found.labels is None:
            kind, note = "failed", found.problem
        elif found is not None:
            colors = {one.id: one.color for one in state.classes}
            shares = [
                [colors.get(row["class_id"], "#7f7f7f"), float(row["fraction"]), str(row["class"])]
                for row in found.shares.to_dict("records")
            ]
            fresh = self._newest is None or found.classifier is self._newest
            note = "labelled" if fresh else "labelled by earlier strokes"
        return {
            "key": key, "name": plain_name(key), "about": " · ".join(about), "note": note, "kind": kind,
            "shares": shares, "at_hand": at_hand, "current": current, "strokes": strokes,
            "removable": bool(strokes) or key in state.listed,
        }  # fmt: skip

    # -- acting ---------------------------------------------------------------------------------

    def _open(self, key: str) -> None:
        with self._history.one_step():
            self._state.choose(key)

    def _remove(self, key: str) -> None:
        state = self._state
        self._apply.results.pop(key, None)
        state.param.update(
            strokes={one: value for one, value in state.strokes.items() if one != key},
            listed=[one for one in state.listed if one != key],
        )

    def _addable(self) -> list[str]:
        state = self._state
        if state.source.planes > 1:
            return [f"{state.chosen}#{plane}" for plane in range(state.source.planes)]
        return state.folder_keys()

    def _add_all(self) -> None:
        self._state.listed = list(dict.fromkeys([*self._state.listed, *self._addable()]))

    def _run(self) -> None:
        classifier = self._classifier()
        self._newest = classifier
        self._cancel.visible = True
        self._said.object = status_html("Labelling …", None)
        self._apply.start(classifier, self._progress, self._failed)

    def _progress(self, done: int, total: int, seconds: float) -> None:
        failed = sum(one.labels is None for one in self._apply.results.values())
        trouble = f" {failed} could not be labelled." if failed else ""
        if done == total:
            self._cancel.visible = False
            self._said.object = status_html(f"{total} of {total} images in {seconds:.1f} s.{trouble}", 1.0)
        else:
            self._said.object = status_html(f"{done} of {total} images …{trouble}", done / total)
        self.follow()

    def _failed(self, error: BaseException) -> None:
        self._cancel.visible = False
        self._said.object = status_html(str(error), 0.0, error=True)
        self.follow()

    def _stop(self) -> None:
        self._apply.cancel()
        self._cancel.visible = False
        done = sum(one.labels is not None for one in self._apply.results.values())
        self._said.object = status_html(f"Cancelled; what was labelled before ({done}) is kept.", 0.0)

    def _saved(self) -> io.BytesIO:
        return io.BytesIO(self._download())

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(
            html_pane("<h3>Images of this project: one classifier learns from all their strokes</h3>"),
            self._list,
            self._more,
            pn.Row(self._start, self._cancel, self._add, self._save, margin=(6, 0, 0, 0)),
            self._said,
            styles=CARD,
            margin=0,
        )
