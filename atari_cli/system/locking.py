"""Locks on files between processes; the system takes them back when a process ends."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from atari_cli.errors import RecordingError

_SECONDS: Final = 5.0
_PAUSE: Final = 0.005


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
        while not try_lock(file):
            if time.monotonic() > deadline:
                raise RecordingError(
                    f"another process holds {path}; end it if it has stopped, and try again"
                )
            time.sleep(_PAUSE)
        yield
    finally:
        os.close(file)


if sys.platform == "win32":
    import msvcrt

    def try_lock(file: int) -> bool:
        """Lock a byte far beyond the end, since locked bytes cannot be read."""
        os.lseek(file, 2**31 - 2, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def try_lock(file: int) -> bool:
        """Lock a file until it is closed or its process ends; False if another has locked it.

        Some network file systems have no locks: there, every process gets the file.
        """
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True
