"""The output of the commands: tables and JSON on stdout, notes on stderr."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table


def note(message: str) -> None:
    """Print a line for the user on stderr."""
    print(message, file=sys.stderr)


@contextmanager
def stdout_reserved() -> Iterator[int]:
    """Reserve stdout for results while a `with` block runs users' code.

    Everything that is printed there goes to stderr, by programs and libraries that write to the
    file descriptor, too. Yields a descriptor of the real stdout.
    """
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with redirect_stdout(sys.stderr):
            yield kept
    finally:
        import ctypes

        # C libraries keep text back that they print to a pipe or file.
        with suppress(AttributeError, OSError, TypeError):
            ctypes.CDLL(None if os.name == "posix" else "ucrtbase").fflush(None)
        os.dup2(kept, 1)
        os.close(kept)


def print_json(document: Any) -> None:
    """Print one JSON document on stdout."""
    import json

    print(json.dumps(document, indent=2, allow_nan=False))


def print_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    least: int | None = None,
    **options: Any,
) -> None:
    """Print a plain table on stdout; into a pipe, as wide as its content.

    Args:
        columns: The names of the columns; those that end in a space are aligned to the right.
        rows: The cells of each row; a None leaves its cell empty.
        least: On a terminal that is too narrow, leave out columns from the right, but not the
            first `least`; None keeps all, and folds long cells.
        options: Further options of rich's `Table`.
    """
    from rich.console import Console
    from rich.measure import Measurement

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, 200)
    shown = len(columns)
    table = _table(columns, rows, options)
    while (
        least is not None
        and shown > least
        and Measurement.get(console, console.options, table).maximum >= console.width
    ):
        shown -= 1
        table = _table(columns[:shown], [row[:shown] for row in rows], options)
    console.print(table)


def _table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], options: dict[str, Any]
) -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, **options)
    for name in columns:
        # Fold long cells instead of cutting them: users copy from here what they type.
        table.add_column(
            name.strip(), justify="right" if name.endswith(" ") else "left", overflow="fold"
        )
    for row in rows:
        # As Text: in a str, rich takes brackets for markup.
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    return table
