"""`brushlink segment`: segments images with a model that was learned before, resumable; loads no Panel."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from brushlink.train import add_reading

if TYPE_CHECKING:
    from segmentation.batch import Request

__all__ = ["add_parser", "run"]

RUN_FILE = "brushlink-run.json"
"""Says with which model and settings the results in a folder were made."""

DESCRIPTION = """\
Segment images with a model of `brushlink train` or of the gallery.

Each IMAGE gets NAME_labels.png in DIR, a label map with the classes' names and colours; with --proba
NAME_proba.tif; with --table NAME_regions.csv and NAME_classes.csv. The labels of a NIfTI are
NAME_labels.nii.gz, which lie where it does.

A run that was interrupted goes on where it stopped: images whose results are all there, and not older
than the image, are skipped. Files appear whole or not at all."""
EXAMPLES = """\
examples:
  brushlink segment cells.skops *.png -o results
  brushlink segment cells.skops day1/*.tif -o results --table --split watershed --min-pixels 20
  brushlink segment volume.skops brain.ome.tif -o results --format tif --proba
  brushlink segment lesion.skops brain.nii.gz -o results --table

exit codes: 0 all images are done, 1 some could not be (a line each says why), 2 wrong usage, 130 interrupted
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `segment` to the command line."""
    parser = subparsers.add_parser(
        "segment",
        help="segment images with a learned model",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("model", type=Path, metavar="MODEL", help="file of `brushlink train` (.skops)")
    parser.add_argument(
        "images", nargs="+", type=Path, metavar="IMAGE", help="PNG, JPEG, TIFF, NPY, Zarr or NIfTI"
    )
    parser.add_argument(
        "-o", "--output", required=True, type=Path, metavar="DIR", help="folder for the results"
    )
    parser.add_argument(
        "--format", choices=("png", "tif", "zarr"), default="png", help="of label maps (default: png)"
    )
    parser.add_argument("--proba", action="store_true", help="also write the probability of every class")
    parser.add_argument(
        "--table",
        nargs="?",
        const="csv",
        default="",
        choices=("csv", "parquet"),
        help="also measure regions and class shares (default format: csv)",
    )
    parser.add_argument(
        "--split",
        choices=("components", "watershed"),
        default="components",
        help="how --table tells regions apart: pixels that touch, or cut at narrow places",
    )
    parser.add_argument(
        "--min-pixels", type=int, default=1, metavar="N", help="smaller regions are left out of --table"
    )
    parser.add_argument(
        "--force", action="store_true", help="segment all images again, also with another model"
    )
    add_reading(parser)
    parser.set_defaults(run=run, needs=("segmentation", "data_sources"))


def run(arguments: argparse.Namespace) -> int:
    """Segment the images; 0 when all are done."""
    from segmentation.batch import Request, StoredModel
    from segmentation.whole_files import tidy

    request = Request(
        f".{arguments.format}",
        arguments.proba,
        f".{arguments.table}" if arguments.table else "",
        arguments.split,
        arguments.min_pixels,
    )
    folder: Path = arguments.output
    clash = _clash(arguments.images, request, folder)
    if clash:
        return _failed(
            f"{clash[0]} and {clash[1]} would get the same file names; segment them into two folders"
        )
    model = StoredModel.load(arguments.model)
    settings = {
        "model": model.fingerprint,
        "request": vars(request),
        "axes": arguments.axes,
        "frame": arguments.frame,
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return _failed(f"cannot make the folder {folder} ({error.strerror or error})")
    tidy(folder)
    if not arguments.force and not _same_run(folder, settings):
        return _failed(
            f"{folder} holds results of another model or other settings; choose another folder, or --force"
        )
    _note_run(folder, settings)
    try:
        return _segment_all(arguments, request, model)
    except KeyboardInterrupt:
        sys.stderr.write("\nbrushlink segment: interrupted; the same command goes on where it stopped\n")
        return 130


def _segment_all(arguments: argparse.Namespace, request: Request, model: Any) -> int:
    from data_sources.errors import BrushlinkError
    from segmentation.batch import segment_file

    reading = model.reading(arguments.axes, arguments.frame)
    progress = Progress(len(arguments.images))
    failed = 0
    for path in arguments.images:
        outputs = request.outputs(arguments.output, path)
        if not arguments.force and _done(path, outputs.values()):
            progress.step(f"{path.name}: done before")
            continue
        progress.show(path.name)
        start = time.monotonic()
        try:
            segment_file(model, path, outputs, request, reading)
        except BrushlinkError as error:
            failed += 1
            progress.step(f"{path.name}: FAILED. {error}")
        else:
            progress.step(f"{path.name}: {outputs['labels'].name} ({time.monotonic() - start:.1f} s)")
    if failed:
        return _failed(f"{failed} of {len(arguments.images)} images could not be segmented")
    return 0


class Progress:
    """A bar on a terminal, and a line an image everywhere; on standard error."""

    WIDTH = 30

    def __init__(self, total: int) -> None:
        self.total, self.done = total, 0
        self.live = sys.stderr.isatty()

    def show(self, what: str) -> None:
        """Draw the bar with what is being worked on."""
        if self.live:
            filled = self.WIDTH * self.done // self.total
            bar = "█" * filled + "░" * (self.WIDTH - filled)
            sys.stderr.write(f"\r\x1b[K{bar} {self.done} of {self.total}  {what}")
            sys.stderr.flush()

    def step(self, line: str) -> None:
        """Count one image and say how it went."""
        self.done += 1
        clear = "\r\x1b[K" if self.live else ""
        sys.stderr.write(f"{clear}[{self.done}/{self.total}] {line}\n")
        sys.stderr.flush()


def _clash(images: list[Path], request: Request, folder: Path) -> tuple[Path, Path] | None:
    """Two images whose results would have the same name."""
    seen: dict[Path, Path] = {}
    for path in images:
        target = request.outputs(folder, path)["labels"]
        if target in seen:
            return seen[target], path
        seen[target] = path
    return None


def _done(image: Path, outputs: Iterable[Path]) -> bool:
    try:
        changed = image.stat().st_mtime
        return all(path.stat().st_mtime >= changed for path in outputs)
    except OSError:
        return False


def _same_run(folder: Path, settings: dict[str, Any]) -> bool:
    try:
        return bool(json.loads((folder / RUN_FILE).read_text(encoding="utf-8")) == settings)
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False


def _note_run(folder: Path, settings: dict[str, Any]) -> None:
    from segmentation.whole_files import written_whole

    with written_whole(folder / RUN_FILE) as draft:
        draft.write_text(json.dumps(settings, indent=1), encoding="utf-8")


def _failed(reason: str) -> int:
    sys.stderr.write(f"brushlink segment: {reason}\n")
    return 1
