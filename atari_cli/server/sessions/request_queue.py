"""A session's lock, for which only a limited number of requests wait."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from atari_cli.errors import SessionBusy

MOST_WAITING: Final = 16
"""Requests for one session, the one being served included."""


class RequestQueue:
    """Serves one request at a time: `with queue:` holds the session for the block.

    Raises:
        SessionBusy: If the queue is full.
    """

    def __init__(self) -> None:
        self._busy = threading.Lock()
        self._counting = threading.Lock()
        self._waiting = 0  # requests; without a limit they would take every thread

    def __enter__(self) -> None:
        with self._counting:
            if self._waiting >= MOST_WAITING:
                raise SessionBusy(f"{MOST_WAITING} requests wait for this session; try later")
            self._waiting += 1
        try:
            self._busy.acquire()
        except BaseException:
            self._leave()
            raise

    def __exit__(self, *error: object) -> None:
        self._busy.release()
        self._leave()

    @property
    def is_busy(self) -> bool:
        """Whether a request is being served."""
        return self._busy.locked()

    @contextmanager
    def last(self) -> Iterator[None]:
        """Hold the session for the block, however many requests wait."""
        with self._busy:
            yield

    def _leave(self) -> None:
        with self._counting:
            self._waiting -= 1
