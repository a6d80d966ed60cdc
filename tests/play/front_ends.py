"""A scripted front end, a clock set by hand, and a sound queue whose ends wait for each other."""

import threading
from collections.abc import Iterable

from atari_cli.play.interface import FrontEnd, Inputs, View
from atari_cli.play.window.sound_queue import Signal, SoundQueue


class Clock:
    """Time that passes only by waiting, or by setting `now`."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


class Script(FrontEnd):
    """A front end that returns the inputs of a list, tick by tick, then empty ones.

    Attributes:
        shown: The views that were shown.
        heard: The views whose sound was played.
    """

    note: str | None = None

    def __init__(self, inputs: Iterable[Inputs] = ()) -> None:
        self.shown: list[View] = []
        self.heard: list[View] = []
        self.is_open = True
        self._inputs = iter(inputs)

    def poll(self) -> Inputs:
        return next(self._inputs, Inputs())

    def show(self, view: View) -> None:
        self.shown.append(view)

    def hear(self, view: View) -> None:
        self.heard.append(view)

    def close(self) -> None:
        self.is_open = False


class PatientQueue(SoundQueue):
    """A sound queue whose ends wait for each other, so that a busy machine leaves no gaps.

    SDL's disk driver takes samples as fast as they come.

    Args:
        fewest: The number of frames below which no sample is taken until `finish`.
    """

    def __init__(self, fewest: int) -> None:
        super().__init__()
        self._fewest_to_take = fewest
        self._changed = threading.Condition()
        self._finished = False

    def put(self, frames: Iterable[Signal]) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self.frames < 3)
            super().put(frames)
            self._changed.notify_all()

    def take(self, count: int) -> Signal:
        with self._changed:
            self._changed.wait_for(lambda: self.frames >= self._fewest_to_take or self._finished)
            samples = super().take(count)
            self._changed.notify_all()
        return samples

    def drain(self) -> None:
        """Wait until everything was taken."""
        with self._changed:
            self._changed.wait_for(lambda: not self.frames)

    def finish(self) -> None:
        """Let the device take silence."""
        with self._changed:
            self._finished = True
            self._changed.notify_all()
