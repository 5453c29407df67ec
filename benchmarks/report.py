"""The table that every benchmark prints: ours, the reference of the same run, their ratio, the aim."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Row", "print_table"]


@dataclass(frozen=True)
class Row:
    """One line of a benchmark.

    Parameters
    ----------
    what : str
        What was measured, in words.
    ours : float
        Our figure.
    reference : float, optional
        The figure of the reference way, measured in the same run: a time alone says little elsewhere.
    unit : str
        Unit of both.
    aim : float, optional
        The smallest ratio `reference / ours` that counts as good; without a reference, the largest figure.
    """

    what: str
    ours: float
    reference: float | None = None
    unit: str = "ms"
    aim: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times smaller our figure is than the reference; None without one."""
        return self.reference / self.ours if self.reference is not None and self.ours else None

    @property
    def reached(self) -> bool | None:
        """Whether the aim is reached; None when there is none."""
        if self.aim is None:
            return None
        return self.ratio >= self.aim if self.ratio is not None else self.ours <= self.aim

    def cells(self) -> tuple[str, ...]:
        """Return the texts of the columns."""
        ratio = "" if self.ratio is None else f"{self.ratio:.1f}x"
        aim = (
            ""
            if self.aim is None
            else (f">= {self.aim:g}x" if self.ratio is not None else f"<= {self.aim:g}")
        )
        verdict = {None: "", True: "yes", False: "NO"}[self.reached]
        reference = "" if self.reference is None else f"{self.reference:,.4g}"
        return (self.what, f"{self.ours:,.4g}", reference, self.unit, ratio, aim, verdict)


def print_table(title: str, rows: Iterable[Row]) -> bool:
    """Print the rows under a title, and return whether every aim was reached."""
    rows = list(rows)
    lines = [("", "ours", "reference", "unit", "ratio", "aim", "reached"), *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    sys.stdout.write(f"\n{title}\n")
    for number, (first, *others) in enumerate(lines):
        cells = [
            first.ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)),
        ]
        sys.stdout.write("  ".join(cells).rstrip() + "\n")
        if number == 0:
            sys.stdout.write("-" * (sum(widths) + 2 * len(widths) - 2) + "\n")
    sys.stdout.flush()
    return all(row.reached is not False for row in rows)
