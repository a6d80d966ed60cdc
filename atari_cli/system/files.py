"""Files that appear whole or not at all, and the message for one that cannot be written."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import Final

from atari_cli.errors import AtariError, RecordingError

_NO_ROOM: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_FOLDER: Final = {errno.EEXIST, errno.ENOTDIR, errno.ENOENT}


@contextmanager
def whole_file(path: Path, part: Path | None = None, sync: bool = True) -> Iterator[Path]:
    """Write a file whole or not at all: yield another path to write, and rename it at the end.

    A file that exists is replaced at the end of the `with` block, or stays as it was if the block
    raises; a symlink stays, and the file that it names is replaced. What remains after a kill is
    found by `remove_parts`.

    Args:
        path: The file, in a folder that exists.
        part: The path to write first, in the folder of the file; `part_path(path)` if None.
        sync: Wait until the file is on the disk, so that it survives a power failure.

    Raises:
        OSError: If it cannot be written.
    """
    path = Path(os.path.realpath(path))
    part = part or part_path(path)
    try:
        yield part
        if sync:
            _sync(part)
        os.replace(part, path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def part_path(path: Path) -> Path:
    """Return the name of a file until it is whole; that of another process differs."""
    return path.with_name(f"{path.name}.{os.getpid()}.part")


def remove_parts(path: Path) -> None:
    """Delete what killed processes left of a file that they were writing.

    Raises:
        OSError: If one cannot be deleted.
    """
    # Early versions left the number of the process out of the name.
    path.with_name(f"{path.name}.part").unlink(missing_ok=True)
    for part in path.parent.glob(f"{escape(path.name)}.*.part"):
        part.unlink(missing_ok=True)


def write_failure(path: Path, error: OSError) -> str:
    """Return the message for a file that could not be written: path, reason and what to do.

    Args:
        path: The file.
        error: What prevented it.
    """
    reason = error.strerror or str(error)
    remedy = "check the folder's permissions"
    if error.errno in _NO_ROOM:
        remedy = "free some space"
    elif error.errno in _NO_FOLDER:
        reason, remedy = f"{path.parent} is not a folder", "make it one"
    return f"cannot write {path}: {reason}; {remedy} or choose another folder"


@contextmanager
def writing(path: Path, failure: type[AtariError] = RecordingError) -> Iterator[None]:
    """Raise an OSError of the `with` block as an error that says what to do.

    Args:
        path: The file that is written.
        failure: The class of the error.

    Raises:
        AtariError: Of the class `failure`, with the message of `write_failure`.
    """
    try:
        yield
    except OSError as error:
        raise failure(write_failure(path, error)) from error


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDWR)
    try:
        os.fsync(file)
    finally:
        os.close(file)
