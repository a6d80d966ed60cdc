"""What the commands print: tables and JSON on stdout, notes and progress on stderr, files."""

import csv
import io
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atari_cli.errors import AtariError, InvalidSetting

if TYPE_CHECKING:
    from rich.table import Table


def note(message: str) -> None:
    """Write a line for the person on stderr."""
    print(message, file=sys.stderr)


def print_json(document: Any) -> None:
    """Print one JSON document on stdout."""
    print(json.dumps(document, indent=2, allow_nan=False))


def print_table(table: "Table") -> None:
    """Print a table on stdout; piped, it is as wide as it needs to be."""
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, 200)
    console.print(table)


def make_table(columns: Iterable[str], rows: Iterable[Sequence[object]], **options: Any) -> "Table":
    """Return a plain table; columns whose name ends in a space are aligned to the right."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, **options)
    for name in columns:
        table.add_column(name.strip(), justify="right" if name.endswith(" ") else "left")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    return table


def check_out_file(path: Path | None, overwrite: bool) -> None:
    """Refuse, before any work, a file that --out could not write.

    Raises:
        InvalidSetting: If the name ends neither in .json nor in .csv.
        AtariError: If the file is there already, or its folder is not.
    """
    if path is None:
        return
    if path.suffix not in {".json", ".csv"}:
        raise InvalidSetting(f"--out must end in .json or .csv, got {path}")
    if path.exists() and not overwrite:
        raise AtariError(f"{path} exists; give another --out or --overwrite")
    if not path.parent.is_dir():
        raise AtariError(f"the folder {path.parent} does not exist; make it or give another --out")
    if not os.access(path.parent, os.W_OK):
        raise AtariError(f"the folder {path.parent} cannot be written; give another --out")


def write_out_file(
    path: Path, document: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Write the document to a .json file, or its rows to a .csv file, whole or not at all."""
    if path.suffix == ".json":
        text = json.dumps(document, indent=2, allow_nan=False) + "\n"
    else:
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, fieldnames=list(rows[0]) if rows else [])
        writer.writeheader()
        writer.writerows(rows)
        text = buffer.getvalue()
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8", newline="")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise AtariError(f"cannot write {path}: {error.strerror}") from error
