"""The loop: poll, tick, show, at the console's pace; it knows neither the screen nor the game."""

from collections.abc import Callable
from time import sleep
from typing import Final, Protocol

from atari_cli.play.interface import Command, FrontEnd, Inputs, View
from atari_cli.system.pacing import Pacer

FAST_TICKS: Final = 3
"""Ticks between two pictures in fast-forward: each picture takes time from emulation."""


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
    while not session.has_ended:
        inputs = front_end.poll()
        pacer.begin(FAST_TICKS * tick if Command.FAST_FORWARD in inputs.held else tick)
        view = session.tick(inputs, pacer.has_time)
        front_end.hear(view)
        # Once the next tick is over too, there is no time for a picture.
        if pacer.left >= -tick:
            front_end.show(view)
        seconds = pacer.seconds_to_wait()
        if seconds > 0:
            wait(seconds)
