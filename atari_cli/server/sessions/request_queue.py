"""Turns: one request at a time has a session to itself, and only so many wait."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from atari_cli.errors import SessionBusy

MOST_WAITING: Final = 16
"""Requests for one session, the one that is served included."""


class Turns:
    """Who has a session to themselves, in the order in which they got its lock."""

    def __init__(self) -> None:
        self._busy = threading.Lock()
        self._counting = threading.Lock()
        self._waiting = 0  # requests; with no limit they would take every thread

    @property
    def is_taken(self) -> bool:
        """Whether a request is being served."""
        return self._busy.locked()

    @contextmanager
    def take(self) -> Iterator[None]:
        """Have a turn for a `with` block; SessionBusy if too many wait for theirs."""
        with self._counting:
            if self._waiting >= MOST_WAITING:
                raise SessionBusy(f"{MOST_WAITING} requests wait for this session; try later")
            self._waiting += 1
        try:
            with self._busy:
                yield
        finally:
            with self._counting:
                self._waiting -= 1

    @contextmanager
    def take_at_last(self) -> Iterator[None]:
        """Have a turn for a `with` block, however many wait."""
        with self._busy:
            yield
