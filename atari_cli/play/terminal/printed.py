"""Text that a program prints while its terminal shows a game, printed afterwards."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Final

_MOST: Final = 65_536
"""Bytes that are printed, the last ones; a program may have printed for hours."""


@contextmanager
def printed_afterwards() -> Iterator[None]:
    """Catch what is written to the terminal as standard output or error, even by C libraries.

    It is printed at the end of the `with` block. Output to a file or a pipe goes there as always.
    """
    caught = [number for number in (1, 2) if _is_terminal(number)]
    if not caught:
        yield
        return
    with tempfile.TemporaryFile() as file:
        _flush()
        kept = {number: os.dup(number) for number in caught}
        for number in caught:
            os.dup2(file.fileno(), number)
        try:
            yield
        finally:
            _flush()
            for number, terminal in kept.items():
                os.dup2(terminal, number)
                os.close(terminal)
            _print_end(file, caught[-1])


def _is_terminal(number: int) -> bool:
    try:
        return os.isatty(number)
    except OSError:
        return False


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()


def _print_end(file: IO[bytes], number: int) -> None:
    """Print the end of a file; a terminal that is gone gets nothing."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _MOST))
    text = file.read()
    with suppress(OSError):
        while text:
            text = text[os.write(number, text) :]
