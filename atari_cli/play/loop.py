"""The loop: poll, tick, show, in the console's time; it knows no screen and no clock of its own."""

from collections.abc import Callable
from time import perf_counter, sleep
from typing import Final, Protocol

from atari_cli.play.interface import Command, FrontEnd, Inputs, View

FAST_TICKS: Final = 3
"""Ticks between two pictures in fast-forward: each one costs time that emulation could have."""

MOST_LATE: Final = 0.25
"""Seconds; what is later than this was no late frame, but a machine that slept."""


class Tickable(Protocol):
    """What the loop drives: a game in play, or a recording that is watched.

    Attributes:
        has_ended: Whether the loop is to end.
    """

    has_ended: bool

    def tick(self, inputs: Inputs, has_time: Callable[[], bool]) -> View:
        """Let a tick pass and return what is to be shown.

        Args:
            inputs: What the player does.
            has_time: Whether the tick has time left for more than one frame.
        """


class Pacer:
    """Keeps ticks in time: each is due a fixed time after the one before, however late that was.

    Args:
        fps: Ticks per second.
        clock: Returns the time in seconds.
        wait: Waits for so many seconds.
    """

    def __init__(
        self,
        fps: int,
        clock: Callable[[], float] = perf_counter,
        wait: Callable[[float], None] = sleep,
    ) -> None:
        self._clock, self._wait = clock, wait
        self._tick = 1 / fps
        self._start = clock()
        self._ticks = 0

    @property
    def _left(self) -> float:
        # Counted from the start: adding up a sixtieth would drift.
        return self._start + self._ticks * self._tick - self._clock()

    def begin(self, ticks: int = 1) -> None:
        """Begin a tick, or several in one."""
        self._ticks += ticks

    def has_time(self) -> bool:
        """Return whether the tick is not over yet."""
        return self._left > 0

    def is_late(self) -> bool:
        """Return whether the next tick is over already: there is no time for a picture."""
        return self._left < -self._tick

    def end(self) -> None:
        """Wait until the tick is over; one that took too long is caught up by the next ones."""
        left = self._left
        if left > 0:
            self._wait(left)
        elif left < -MOST_LATE:
            self._start, self._ticks = self._clock(), 0


def run_loop(session: Tickable, front_end: FrontEnd, pacer: Pacer) -> None:
    """Let a session run in a front end until it has ended."""
    while not session.has_ended:
        inputs = front_end.poll()
        pacer.begin(FAST_TICKS if Command.FAST_FORWARD in inputs.held else 1)
        view = session.tick(inputs, pacer.has_time)
        front_end.hear(view)
        if not pacer.is_late():
            front_end.show(view)
        pacer.end()
