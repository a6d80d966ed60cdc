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
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, **options)
    for name in columns:
        # Rather on two lines than cut: what is shown is also what is typed.
        table.add_column(
            name.strip(), justify="right" if name.endswith(" ") else "left", overflow="fold"
        )
    for row in rows:
        # As Text, for in a str rich takes what stands in brackets for markup.
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
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
    if path.is_dir():
        raise AtariError(f"{path} is a folder; give another --out")
    if path.exists() and not overwrite:
        raise AtariError(f"{path} exists; give another --out or --overwrite")
    if not path.parent.is_dir():
        raise AtariError(f"the folder {path.parent} does not exist; make it or give another --out")
    try:
        _part(path).touch()
        _part(path).unlink()
    except OSError as error:
        raise _unwritable(path, error) from error


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
    part = _part(path)
    try:
        part.write_text(text, encoding="utf-8", newline="")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise _unwritable(path, error) from error


def _part(path: Path) -> Path:
    """Return the name of a file until it is whole."""
    return path.with_name(f"{path.name}.{os.getpid()}.part")


def _unwritable(path: Path, error: OSError) -> AtariError:
    return AtariError(f"cannot write {path}: {error.strerror}; give another --out")
