"""A front end that is a script, and a clock that goes when it is told to."""

from collections.abc import Iterable
from typing import Self

from atari_cli.play.interface import Inputs, View


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


class Script:
    """A front end that gives the inputs of a list, tick by tick, then none.

    Attributes:
        shown: The views that were shown.
        heard: Those that were heard.
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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
