"""The output of the commands: tables and JSON on stdout, notes on stderr, files of results."""

import io
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from atari_cli.errors import InvalidSetting, OutputError
from atari_cli.system.files import part_path, whole_file, writing


def note(message: str) -> None:
    """Print a line for the user on stderr."""
    print(message, file=sys.stderr)


def print_json(document: Any) -> None:
    """Print one JSON document on stdout."""
    print(json.dumps(document, indent=2, allow_nan=False))


def print_table(columns: Iterable[str], rows: Iterable[Sequence[object]], **options: Any) -> None:
    """Print a plain table on stdout; into a pipe, as wide as its content.

    Args:
        columns: The names of the columns; those that end in a space are aligned to the right.
        rows: The cells of each row; a None leaves its cell empty.
        options: Further options of rich's `Table`.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, **options)
    for name in columns:
        # Fold long cells instead of cutting them: users copy from here what they type.
        table.add_column(
            name.strip(), justify="right" if name.endswith(" ") else "left", overflow="fold"
        )
    for row in rows:
        # As Text: in a str, rich takes brackets for markup.
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, 200)
    console.print(table)


def check_out_file(path: Path | None, overwrite: bool) -> None:
    """Check, before any work, that --out can be written.

    Args:
        path: The file; None if there is nothing to write.
        overwrite: Replace an existing file.

    Raises:
        InvalidSetting: If the name ends neither in .json nor in .csv.
        OutputError: If the file exists, its folder does not, or it cannot be written.
    """
    if path is None:
        return
    if path.suffix not in {".json", ".csv"}:
        raise InvalidSetting(f"--out must end in .json or .csv, got {path}")
    if path.is_dir():
        raise OutputError(f"{path} is a folder; give another --out")
    if path.exists() and not overwrite:
        raise OutputError(f"{path} already exists; give another --out or --overwrite")
    if not path.parent.is_dir():
        raise OutputError(f"{path.parent} does not exist; create it or give another --out")
    with writing(path, OutputError):
        part_path(path).touch()
        part_path(path).unlink()


def write_out_file(
    path: Path, document: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Write the document to a .json file, or its rows to a .csv file, whole or not at all.

    Args:
        path: The file; its suffix chooses the format.
        document: Everything, for JSON.
        rows: The rows of the table, for CSV; the first names the columns.

    Raises:
        OutputError: If the file cannot be written.
    """
    if path.suffix == ".json":
        text = json.dumps(document, indent=2, allow_nan=False) + "\n"
    else:
        import csv

        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, fieldnames=list(rows[0]) if rows else [])
        writer.writeheader()
        writer.writerows(rows)
        text = buffer.getvalue()
    with writing(path, OutputError), whole_file(path) as part:
        part.write_text(text, encoding="utf-8", newline="")
