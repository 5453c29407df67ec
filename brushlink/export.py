"""`brushlink export`: dashboards as HTML files that work without a server; loads Panel when it runs."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboards.parts.catalogue import Entry
    from dashboards.parts.dashboard import Dashboard

__all__ = ["add_parser", "run"]

DESCRIPTION = """\
Save dashboards as HTML files, each complete in itself, and a gallery of them.

Open them by double click: no server, no network and no Python is needed. Brushes, clicks, legends and sliders
still link the pictures; what needs Python says so in the page."""
EXAMPLES = """\
examples:
  brushlink export --to site               index.html and a file for each dashboard
  brushlink export gapminder --to site     one of them
  brushlink export --to site --force       write over the files of the last time

exit codes: 0 all files are written, 1 they could not be (one line says why), 2 wrong usage
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `export` to the command line."""
    parser = subparsers.add_parser(
        "export",
        help="save dashboards as HTML files",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="dashboards (all when none is named)")
    parser.add_argument("--to", required=True, type=Path, metavar="DIR", help="folder to write to")
    parser.add_argument(
        "--force",
        action="store_true",
        help="write into a folder that is not empty, over what has the same name",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the files; returns 0 when all are there."""
    problem, entries = _chosen(arguments.names)
    problem = problem or _unfit(arguments.to, arguments.force)
    if problem:
        sys.stderr.write(f"brushlink export: {problem}\n")
        return 1
    from dashboards.gallery import static_gallery
    from dashboards.parts.catalogue import load
    from dashboards.parts.static_file import file_of, write_whole

    folder: Path = arguments.to
    # All are made before the first is written: a dashboard that cannot be saved leaves nothing behind.
    files = {}
    for entry in entries:
        sys.stderr.write(f"drawing {entry.title} …\n")
        make: Callable[[], Dashboard] = load(entry.slug)
        files[f"{entry.slug}.html"] = file_of(make(), home="index.html")
    files["index.html"] = static_gallery(entries)
    folder.mkdir(parents=True, exist_ok=True)
    total = 0
    for name, text in files.items():
        size = write_whole(folder / name, text)
        total += size
        sys.stdout.write(f"{folder / name}  {size / 1e6:.1f} MB\n")
    sys.stdout.write(f"{len(files)} files, {total / 1e6:.1f} MB. Open {folder / 'index.html'}\n")
    return 0


def _chosen(names: list[str]) -> tuple[str, list[Entry]]:
    from dashboards.parts.catalogue import DASHBOARDS

    known = {entry.slug: entry for entry in DASHBOARDS}
    for name in names:
        if name not in known:
            from data_sources.errors import did_you_mean

            return f'there is no dashboard "{name}". {did_you_mean(name, known)}', []
    return "", [entry for entry in DASHBOARDS if not names or entry.slug in names]


def _unfit(folder: Path, force: bool) -> str:
    """Return why a folder cannot be written to; empty when it can."""
    if folder.exists() and not folder.is_dir():
        return f"{folder} is a file; name a folder with --to"
    if folder.is_dir():
        if any(folder.iterdir()) and not force:
            return f"{folder} is not empty; name another folder, or add --force to write over files in it"
        place = folder
    else:
        place = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
        if not place.is_dir():
            return f"{place} is a file, so no folder can be made in it; name another with --to"
    if not os.access(place, os.W_OK | os.X_OK):
        return f"{place} cannot be written to; name another folder with --to, or change its permissions"
    return ""
