"""Files that appear whole or not at all, and the message for one that cannot be written.

Windows neither replaces nor deletes a file that another program has open. Most programs, such as
virus scanners and backups, have it open for a moment only: `rename` and `remove` wait for them.
"""

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from glob import escape
from itertools import count
from pathlib import Path
from typing import Final

from atari_cli.errors import AtariError, RecordingError

_NO_ROOM: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_FOLDER: Final = {errno.EEXIST, errno.ENOTDIR, errno.ENOENT}
_NO_PERMISSION: Final = {errno.EACCES, errno.EPERM}
_NO_NAME: Final = {errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.EISDIR}

# Numbers of errors of Windows, the attribute `winerror` of an OSError there.
_ACCESS_DENIED: Final = 5
_IN_USE: Final = {32, 33}
_INVALID_NAME: Final = {123, 161}

BINARY: Final = getattr(os, "O_BINARY", 0)
"""The flag of `os.open` by which Windows leaves line ends alone; other systems need none."""

_PATIENCE: Final = 1.5
"""Seconds to wait for a program that has a file open."""

_PAUSE: Final = 0.02


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
        rename(part, path)
    finally:
        with suppress(OSError):
            remove(part)


def rename(source: Path, target: Path) -> None:
    """Rename a file; one that has the new name is replaced.

    Args:
        source: The file.
        target: Its new path, in the same folder.

    Raises:
        OSError: If it cannot be renamed, as when another program keeps either file open.
    """
    _patiently(lambda: os.replace(source, target), target)


def remove(path: Path) -> None:
    """Delete a file, if there is one.

    Raises:
        OSError: If it cannot be deleted, as when another program keeps it open.
    """
    _patiently(lambda: path.unlink(missing_ok=True), path)


def is_replaceable(path: Path) -> bool:
    """Return whether no other program keeps a file open in a way that forbids to replace it.

    Only Windows forbids it; any other obstacle shows when the file is written.
    """
    if not path.exists():
        return True
    try:
        _patiently(lambda: path.rename(path), path)
    except OSError as error:
        return not _is_in_use(path, error)
    return True


def replaceable_path(path: Path) -> Path:
    """Return a path; if another program keeps its file open, the next free `<name>-2` and so on."""
    if is_replaceable(path):
        return path
    others = (path.with_stem(f"{path.stem}-{number}") for number in count(2))
    return next(other for other in others if not other.exists())


def part_path(path: Path) -> Path:
    """Return the name of a file until it is whole; that of another process differs."""
    return path.with_name(f"{path.name}.{os.getpid()}.part")


def remove_parts(path: Path) -> None:
    """Delete what killed processes left of a file that they were writing.

    Raises:
        OSError: If one cannot be deleted.
    """
    # Early versions left the number of the process out of the name.
    remove(path.with_name(f"{path.name}.part"))
    for part in path.parent.glob(f"{escape(path.name)}.*.part"):
        remove(part)


def write_failure(path: Path, error: OSError) -> str:
    """Return the message for a file that could not be written: path, reason and what to do.

    Args:
        path: The file.
        error: What prevented it.
    """
    reason, elsewhere = error.strerror or str(error), "choose another folder"
    remedies = [elsewhere]
    if _is_in_use(path, error):
        reason, remedies = "another program has it open", ["close it there", elsewhere]
    elif error.errno in _NO_ROOM:
        remedies = ["free some space", elsewhere]
    elif error.errno in _NO_NAME or _windows_error(error) in _INVALID_NAME:
        remedies = ["choose another name"]
    elif error.errno in _NO_FOLDER:
        reason, remedies = f"{path.parent} is not a folder", ["make it one", elsewhere]
    elif error.errno in _NO_PERMISSION:
        remedies = ["check the folder's permissions", elsewhere]
    return f"cannot write {path}: {reason}; {' or '.join(remedies)}"


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


def _patiently(act: Callable[[], object], path: Path) -> None:
    """Call a function until no other program keeps a file open, for a second or two at most."""
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            act()
            return
        except OSError as error:
            if not _is_in_use(path, error) or time.monotonic() > end:
                raise
        time.sleep(_PAUSE)


def _is_in_use(path: Path, error: OSError) -> bool:
    """Return whether an error says that another program has a file open."""
    number = _windows_error(error)
    # Windows denies access to a file that is to be replaced, where nothing else forbids it.
    is_denied = number == _ACCESS_DENIED and path.is_file() and os.access(path, os.W_OK)
    return number in _IN_USE or is_denied


def _windows_error(error: OSError) -> int | None:
    return getattr(error, "winerror", None)
