"""Memory that is no longer used goes back to the system."""

import ctypes
import sys
from contextlib import suppress


def return_freed_memory() -> None:
    """Return freed memory to the system, if its C library keeps it.

    glibc has a heap for each of several threads, and each keeps what it once needed.
    """
    if sys.platform == "linux":
        with suppress(AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)
