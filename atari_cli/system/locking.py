"""Locks on files between processes; the system takes them back when a process ends.

Some file systems have no locks (Lustre without `flock`, some of FUSE and NFS): there, every process
gets the file, and knows it by `Lock.NONE`.
"""

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path
from typing import Final

from atari_cli.errors import RecordingError

_SECONDS: Final = 5.0
_PAUSE: Final = 0.005

_held: Final[set[int]] = set()
"""Descriptors of the files that this process has locked."""


class Lock(Enum):
    """The outcome of an attempt to lock a file."""

    OURS = "ours"
    TAKEN = "taken"
    NONE = "none"
    """The file system has no locks."""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file, which is made and stays, while a `with` block runs.

    Args:
        path: The file; it serves as a lock alone, in a folder that exists.

    Raises:
        RecordingError: If another process has held the lock for five seconds.
        OSError: If the file cannot be opened.
    """
    # Its bytes are never touched, so that nobody has to delete it and no other can come in between.
    file = os.open(path, os.O_CREAT | os.O_RDWR, 0o666)
    try:
        deadline = time.monotonic() + _SECONDS
        while try_lock(file) is Lock.TAKEN:
            if time.monotonic() > deadline:
                raise RecordingError(
                    f"another process holds {path}; end it if it has stopped, and try again"
                )
            time.sleep(_PAUSE)
        yield
    finally:
        unlock(file)


def try_lock(file: int) -> Lock:
    """Lock a file until `unlock` is called or this process ends.

    Args:
        file: Its descriptor.
    """
    try:
        _lock(file)
    except OSError as error:
        return Lock.TAKEN if _is_taken(error) else Lock.NONE
    _held.add(file)
    return Lock.OURS


def unlock(file: int) -> None:
    """Close a file and give up its lock, if it has one."""
    _held.discard(file)
    os.close(file)


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        # A byte far beyond the end, since locked bytes cannot be read.
        os.lseek(file, 2**31 - 2, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

    def _is_taken(error: OSError) -> bool:
        """Return True: under Wine, the error of a locked file has any number."""
        return True
else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _is_taken(error: OSError) -> bool:
        return error.errno in {errno.EWOULDBLOCK, errno.EACCES}

    def _let_go() -> None:
        """Give up the locks in a child that the user's code forked, which may outlive its parent.

        The descriptors stay in use, so that no other file gets their numbers.
        """
        nothing = os.open(os.devnull, os.O_RDONLY)
        for file in _held:
            with suppress(OSError):
                os.dup2(nothing, file, inheritable=False)
        os.close(nothing)

    os.register_at_fork(after_in_child=_let_go)
