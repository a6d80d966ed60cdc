"""Keeping the console's pace: when each tick of a game is due."""

from collections.abc import Callable
from time import perf_counter
from typing import Final

MOST_LATE: Final = 0.25
"""Seconds; a tick later than this is not caught up: the machine slept or has too much to do."""


class Pacer:
    """Schedules ticks: each is due a fixed time after the one before, however late that was.

    A late tick is caught up by the next ones; one later than `MOST_LATE` is not.

    Args:
        clock: Returns the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._due = clock()

    @property
    def now(self) -> float:
        """The time in seconds."""
        return self._clock()

    @property
    def left(self) -> float:
        """Seconds left of the current tick; negative if it is late."""
        return self._due - self._clock()

    def begin(self, seconds: float) -> None:
        """Begin a tick that lasts `seconds`."""
        self._due += seconds

    def has_time(self) -> bool:
        """Return whether the current tick has time left."""
        return self.left > 0

    def seconds_to_wait(self) -> float:
        """Return how long to wait until the next tick; 0 if it is due."""
        left = self.left
        if left < -MOST_LATE:
            self.restart()
        return max(left, 0.0)

    def restart(self) -> None:
        """Count from now on, as after a pause."""
        self._due = self._clock()
