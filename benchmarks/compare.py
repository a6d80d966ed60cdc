"""Compare two checkouts: `python -m benchmarks.compare OLD [NAME …] [--rounds N]`.

Each benchmark runs in the old checkout and in this one, in turn and with the order reversed in
every other round, so that a slow minute slows both. OLD is another checkout of the project in
which `make .venv/.installed-bench` has run. The exit code is 1 if a figure is more than 3 % worse.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.__main__ import BENCHMARKS

THIS: Final = Path(__file__).parent.parent
TOLERANCE: Final = 0.03


@dataclass
class Comparison:
    """One row of the table in both checkouts.

    Attributes:
        what: What was measured.
        unit: Unit of the figures; × is a ratio.
        at_most: Less is better.
        before: The figure of the old checkout in each round.
        after: The figure of this one.
    """

    what: str
    unit: str
    at_most: bool
    before: list[float] = field(default_factory=list)
    after: list[float] = field(default_factory=list)

    @property
    def gain(self) -> float:
        """How good this checkout is over how good the old one is; the median over the rounds."""
        ratios = [new / old for old, new in zip(self.before, self.after, strict=True)]
        return 1 / median(ratios) if self.at_most else median(ratios)

    def line(self) -> str:
        before, after = (
            f"{median(values):.4g} {self.unit}" for values in (self.before, self.after)
        )
        worse = "" if self.gain >= 1 - TOLERANCE else " **worse**"
        return f"| {self.what} | {before} | {after} | {self.gain:.3f}{worse} |"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.compare", description="Compare two checkouts."
    )
    parser.add_argument("old", type=Path, metavar="OLD", help="the checkout to compare with")
    parser.add_argument("names", nargs="*", metavar="NAME", help="benchmarks; all if none is given")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each benchmark")
    options = parser.parse_args(argv)
    print("| what | before | after | gain |\n| --- | --- | --- | --- |")
    gains = []
    for name in options.names or BENCHMARKS:
        for row in compare(name, options.old, options.rounds):
            print(row.line(), flush=True)
            gains.append(row.gain)
    return int(min(gains) < 1 - TOLERANCE)


def compare(name: str, old: Path, rounds: int) -> list[Comparison]:
    """Return the rows of a benchmark, measured in both checkouts in turn."""
    rows: list[Comparison] = []
    for number in range(rounds):
        if number % 2:
            after, before = _measure(THIS, name), _measure(old, name)
        else:
            before, after = _measure(old, name), _measure(THIS, name)
        rows = rows or [Comparison(row["what"], row["unit"], row["at_most"]) for row in after]
        # A benchmark returns its rows in one order, whatever it calls them.
        for row, measured_before, measured_after in zip(rows, before, after, strict=True):
            row.before.append(measured_before["value"])
            row.after.append(measured_after["value"])
    return rows


def _measure(checkout: Path, name: str) -> list[dict[str, Any]]:
    """Return the rows of a benchmark that ran in a checkout."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "rows.json")
        command = [".venv/bin/python", "-m", "benchmarks", name, "--json", str(file)]
        # Its exit code is 1 also where a target is missed.
        subprocess.run(command, cwd=checkout, stdout=subprocess.DEVNULL, check=False)
        rows: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))["rows"]
    return rows


if __name__ == "__main__":
    sys.exit(main())
