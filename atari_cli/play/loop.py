"""The loop: poll, tick, show, at the console's pace; it knows neither the screen nor the game."""

from collections import deque
from collections.abc import Callable
from math import inf
from time import sleep
from typing import Final, Protocol

from atari_cli.play.interface import Command, FrontEnd, Inputs, View
from atari_cli.system.pacing import Pacer

FAST_TICKS: Final = 3
"""Ticks between two pictures in fast-forward: each picture takes time from emulation."""

MOST_DARK: Final = 0.04
"""Seconds after which there is another picture, however late the ticks are."""

_SPAN: Final = 1.0
"""Seconds over which the speed is measured."""

_JITTER: Final = 1.5
"""Frames by which a game that keeps its speed may differ from it in `_SPAN`."""


class Tickable(Protocol):
    """A session that the loop drives: a game in play, or a recording being watched.

    Attributes:
        has_ended: Whether the loop is to end.
    """

    has_ended: bool

    def tick(self, inputs: Inputs, has_time: Callable[[], bool]) -> View:
        """Advance by one tick and return the view to show.

        Args:
            inputs: The player's inputs.
            has_time: Whether the tick has time left for more than one frame.
        """


def run_loop(
    session: Tickable,
    front_end: FrontEnd,
    fps: int,
    pacer: Pacer,
    wait: Callable[[float], None] = sleep,
) -> None:
    """Run a session in a front end until it ends.

    Args:
        session: The session.
        front_end: The front end.
        fps: Ticks per second.
        pacer: Says when each tick is due.
        wait: Waits for a number of seconds.
    """
    tick = 1 / fps
    speedometer, shown = Speedometer(fps), -inf
    while not session.has_ended:
        inputs = front_end.poll()
        pacer.begin(FAST_TICKS * tick if Command.FAST_FORWARD in inputs.held else tick)
        view = session.tick(inputs, pacer.has_time)
        front_end.hear(view)
        view.speed = speedometer.read(view, pacer.now)
        # Once the next tick is over too, a picture would make the game slower still.
        if pacer.left >= -tick or pacer.now - shown >= MOST_DARK:
            front_end.show(view)
            shown = pacer.now
        seconds = pacer.seconds_to_wait()
        if seconds > 0:
            wait(seconds)


class Speedometer:
    """Measures the true speed of a game, over the last second at most.

    Args:
        fps: Frames per second of the console.
    """

    def __init__(self, fps: int) -> None:
        self._fps = fps
        self._tempo = 0.0
        self._marks: deque[tuple[float, int]] = deque()

    def read(self, view: View, now: float) -> float:
        """Return the speed relative to the console, after a tick.

        Args:
            view: The view of the tick.
            now: The time in seconds.
        """
        if view.tempo != self._tempo:
            self._tempo = view.tempo
            self._marks.clear()
        self._marks.append((now, view.frame))
        while len(self._marks) > 2 and now - self._marks[1][0] >= _SPAN:
            self._marks.popleft()
        since, first = self._marks[0]
        frames, expected = view.frame - first, (now - since) * self._fps
        if abs(frames - view.tempo * expected) <= _JITTER:
            return view.tempo
        return max(frames, 0) / expected if expected and view.tempo else min(view.tempo, 1.0)
