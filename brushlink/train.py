"""`brushlink train`: learns a pixel classifier from images and their labels; loads no Panel."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

__all__ = ["add_parser", "add_reading", "run"]

DESCRIPTION = """\
Learn to tell classes of pixels apart, from images and labels of some of their pixels.

LABELS is a label map (PNG, TIFF, NPY, Zarr; 0 = no label, 1, 2, … = the classes) of the same size as
its IMAGE, or annotations (GeoJSON, as the gallery and QuPath write them). Classes with the same name
in several files are one class."""
EXAMPLES = """\
examples:
  brushlink train cells.png cells_labels.png -o cells.skops
  brushlink train a.tif a.geojson b.tif b.geojson -o grains.skops
  brushlink train deep.tif labels.tif --value-range 0 4095 -o deep.skops
  brushlink train stack.tif stack_labels.tif --planes -o slices.skops

exit codes: 0 the model is written, 1 it could not be (one line says why), 2 wrong usage
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `train` to the command line."""
    parser = subparsers.add_parser(
        "train",
        help="learn a pixel classifier from images and labels",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "pairs", nargs="+", metavar="IMAGE LABELS", help="images, each followed by its labels"
    )
    parser.add_argument(
        "-o", "--output", required=True, type=Path, metavar="MODEL", help="file to write (.skops)"
    )
    parser.add_argument(
        "--backend", default="brush forest", help='classifier to learn (default: "brush forest")'
    )
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same model (default: 0)")
    parser.add_argument("--planes", action="store_true", help="learn from the planes of a volume one by one")
    parser.add_argument("--force", action="store_true", help="write over an existing model")
    add_reading(parser)
    parser.add_argument(
        "--value-range",
        nargs=2,
        type=float,
        metavar=("BLACK", "WHITE"),
        help="values that count as black and white (default: all of an integer type, 0 and 1 for floats)",
    )
    parser.set_defaults(run=run, parser=parser, needs=("segmentation", "data_sources"))


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how image files are read."""
    parser.add_argument(
        "--axes", metavar="AXES", help="YX, YXC, ZYX, ZYXC, TYX or TYXC, where a file does not say"
    )
    parser.add_argument(
        "--frame", type=int, metavar="N", help="time point to read when there are several, from 0"
    )


def run(arguments: argparse.Namespace) -> int:
    """Learn and write the model; 0 when it is written."""
    if len(arguments.pairs) % 2:
        arguments.parser.error("give images and labels in turn: an even number of files")
    output: Path = arguments.output
    if output.exists() and not arguments.force:
        sys.stderr.write(f"brushlink train: {output} exists; --force writes over it\n")
        return 1
    if not output.parent.is_dir():
        sys.stderr.write(f"brushlink train: there is no folder {output.parent}\n")
        return 1
    start = time.monotonic()
    from segmentation.batch import Reading, classes_of, train_on_files
    from segmentation.classifier import PixelClassifier
    from segmentation.models import save_model

    files = [Path(one) for one in arguments.pairs]
    span = None if arguments.value_range is None else (arguments.value_range[0], arguments.value_range[1])
    reading = Reading(arguments.axes, arguments.frame, span, arguments.planes)
    classifier = PixelClassifier(backend=arguments.backend, random_state=arguments.seed)
    pairs = list(zip(files[::2], files[1::2], strict=True))
    sys.stderr.write(f"learning from {len(pairs)} image{'s' if len(pairs) > 1 else ''} …\n")
    train_on_files(pairs, classifier, reading)
    save_model(classifier, output, notes=reading.notes())
    names = ", ".join(f"{one.id} {one.name}" for one in classes_of(classifier))
    sys.stderr.write(f"{output}: classes {names}; {time.monotonic() - start:.1f} s\n")
    return 0
