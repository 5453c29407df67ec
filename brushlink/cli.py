"""The command `brushlink`: reads the command line and hands over to the module of a subcommand.

A subcommand is a module of this package with a function `add_parser(subparsers)`. It adds its parser there
and sets two defaults: `run`, a function that takes the parsed arguments and returns the exit code, and
optionally `passes_on=True` when it takes options that the parser does not know (they arrive as
`arguments.rest`), and `needs`, those of our packages that it imports (all by default). The module must not
import Panel, Plotly or the numeric packages at its top: `brushlink list` starts without any of them.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from brushlink import __version__
from brushlink.namesake import PACKAGES, NamesakeError, refuse_namesake

__all__ = ["COMMANDS", "build_parser", "main"]

COMMANDS = ("serve", "check", "list", "export", "train", "segment")
"""Names of the subcommands, each a module of this package, in the order in which help shows them."""

DESCRIPTION = "Exploratory dashboards in which every picture answers the others."
EXAMPLES = """\
examples:
  brushlink serve                    open the gallery at http://localhost:5006
  brushlink serve --port 8080        at another port
  brushlink check http://localhost:5006                whether it is well
  brushlink list --tag tables        what is in it
  brushlink export --to site         dashboards as HTML files that need no server
  brushlink train a.png a_labels.png -o a.skops        learn classes of pixels
  brushlink segment a.skops *.png -o results --table   and segment pictures with them

`brushlink COMMAND --help` tells more.
"""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="brushlink",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"brushlink {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in COMMANDS:
        importlib.import_module(f"brushlink.{name}").add_parser(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line without the program's name; that of the process by default.

    Returns
    -------
    int
        Exit code: 0 done, 1 the command could not do it (one line on standard error says why), 2 wrong usage.
    """
    parser = build_parser()
    parsed, rest = parser.parse_known_args(arguments)
    if rest and not getattr(parsed, "passes_on", False):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    parsed.rest = rest
    try:
        refuse_namesake(getattr(parsed, "needs", PACKAGES))
        return int(parsed.run(parsed))
    except NamesakeError as error:
        sys.stderr.write(f"brushlink: {error}\n")
        return 1
    except _foreseen() as error:
        sys.stderr.write(f"brushlink: {error}\n")
        return 1


def _foreseen() -> type[Exception]:
    # Python asks for this only once something was raised: importing data_sources loads pandas, which a
    # command that goes well may not need.
    from data_sources.errors import BrushlinkError

    return BrushlinkError
