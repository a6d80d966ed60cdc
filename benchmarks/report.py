"""Reports: rows with their targets as a Markdown table, as JSON, and in the docs."""

import importlib.metadata
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.timing import Figures

DOCUMENT = Path(__file__).parent.parent / "docs" / "benchmarks.md"
_BEGIN, _END = "<!-- figures -->", "<!-- /figures -->"
_COLUMNS = ("what", "measured", "target", "reached", "median (min – max)")


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        what: The measured quantity.
        value: The figure that is compared with the target.
        limit: The target.
        at_most: The value must not exceed the limit; otherwise it must reach it.
        unit: Unit of value and limit; × is a ratio.
        figures: The figure of each alternative in each repeat.
        figures_unit: The unit of the figures.
    """

    what: str
    value: float
    limit: float
    figures: Figures
    figures_unit: str
    unit: str = "×"
    at_most: bool = False
    reached: bool = field(init=False)

    def __post_init__(self) -> None:
        reached = self.value <= self.limit if self.at_most else self.value >= self.limit
        object.__setattr__(self, "reached", reached)

    def cells(self) -> list[str]:
        unit = self.unit if self.unit == "×" else f" {self.unit}"
        figures = "; ".join(f"{name} {_spread(values)}" for name, values in self.figures.items())
        return [
            self.what,
            f"{_number(self.value)}{unit}",
            f"{'≤' if self.at_most else '≥'} {self.limit:g}{unit}",
            "yes" if self.reached else "**no**",
            f"{figures} {self.figures_unit}",
        ]


def machine() -> str:
    """Return a line that says where and when the figures were measured."""
    versions = ", ".join(
        f"{name} {importlib.metadata.version(name)}" for name in ("ale-py", "gymnasium", "numpy")
    )
    return (
        f"{os.cpu_count()} CPUs ({platform.machine()}, {platform.system()}), "
        f"Python {platform.python_version()}, {versions}, {datetime.now(UTC):%Y-%m-%d}"
    )


def markdown(rows: Sequence[Row]) -> str:
    """Return the line about the machine and the table."""
    table = [_COLUMNS, ["---"] * len(_COLUMNS), *(row.cells() for row in rows)]
    return "\n".join([f"{machine()}:", "", *(f"| {' | '.join(line)} |" for line in table), ""])


def document(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the rows for `--json`, including every figure."""
    return {"machine": machine(), "rows": [asdict(row) for row in rows]}


def write_figures(text: str, path: Path = DOCUMENT) -> None:
    """Replace the text between the markers of a document.

    Raises:
        ValueError: If the document has no markers.
    """
    old = path.read_text("utf-8")
    block = f"{_BEGIN}\n{text}{_END}"
    new, found = re.subn(f"{_BEGIN}.*?{_END}", lambda _: block, old, flags=re.DOTALL)
    if found != 1:
        raise ValueError(f"expected {_BEGIN} … {_END} once in {path}, found it {found} times")
    path.write_text(new, "utf-8")


def _spread(values: Sequence[float]) -> str:
    if len(set(values)) == 1:
        return _number(values[0])
    return f"{_number(median(values))} ({_number(min(values))} – {_number(max(values))})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
