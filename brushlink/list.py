"""`brushlink list`: the dashboards of the gallery, in words; loads no Panel."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dashboards.parts.catalogue import Entry

__all__ = ["add_parser", "run"]

WIDTH = 100
EXAMPLES = """\
examples:
  brushlink list                     address, title and one sentence of each dashboard
  brushlink list --tag tables        those with a tag
  brushlink list --json              for programs
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `list` to the command line."""
    parser = subparsers.add_parser(
        "list",
        help="show what is in the gallery",
        description="Show the dashboards of the gallery: address, title, one sentence, tags.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--tag", action="append", default=[], help="only dashboards with this tag (may be repeated)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON list, for programs")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the catalogue; returns 1 when no dashboard has the tags asked for."""
    from dashboards.parts.catalogue import DASHBOARDS

    wanted = {tag.casefold() for tag in arguments.tag}
    entries = [entry for entry in DASHBOARDS if wanted <= {tag.casefold() for tag in entry.tags}]
    if not entries:
        known = sorted({tag for entry in DASHBOARDS for tag in entry.tags})
        sys.stderr.write(
            f"brushlink list: no dashboard has {arguments.tag}; the tags are {', '.join(known)}\n"
        )
        return 1
    if arguments.json:
        sys.stdout.write(
            json.dumps([_as_dict(entry) for entry in entries], indent=2, ensure_ascii=False) + "\n"
        )
        return 0
    sys.stdout.write("\n\n".join(map(_as_text, entries)) + "\n")
    return 0


def _as_dict(entry: Entry) -> dict[str, Any]:
    return {"slug": entry.slug, "title": entry.title, "sentence": entry.sentence, "tags": list(entry.tags)}


def _as_text(entry: Entry) -> str:
    sentence = textwrap.fill(entry.sentence, WIDTH, initial_indent="  ", subsequent_indent="  ")
    return f"/{entry.slug}  {entry.title}\n{sentence}\n  tags: {', '.join(entry.tags)}"
