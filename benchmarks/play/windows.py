"""Windows of `atari play` that measure their pictures and leave automatically."""

from dataclasses import replace
from itertools import cycle
from time import perf_counter, process_time
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from atari_cli.play.interface import Command, Inputs, View
from atari_cli.play.window.window import Window

_HELD: Final = {"pong": (2, 5, 3), "breakout": (3, 4, 0)}
"""ALE codes that are held in turn; other games get no input, because they would end too early."""

_SETTLING: Final = 10
"""Ticks until window and speaker are open."""


class TimedWindow(Window):
    """Shows a number of frames at the console's pace.

    Attributes:
        drift: Frames by which the last one was early or late, counted from the first.
        core: Percent of one core that the process used in that time.
    """

    def __init__(self, frames: int, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.drift = self.core = 0.0
        self._frames = frames
        self._ticks = 0
        self._times: list[float] = []
        self._first_tick, self._cpu = 0, 0.0

    @property
    def intervals(self) -> NDArray[np.float64]:
        """Seconds from each picture to the next."""
        return np.diff(self._times)

    def poll(self) -> Inputs:
        inputs = super().poll()
        return replace(inputs, commands=(Command.LEAVE,)) if self._is_last else inputs

    def hear(self, view: View) -> None:
        super().hear(view)
        self._ticks += 1

    def show(self, view: View) -> None:
        super().show(view)
        if not self._times:
            self._first_tick, self._cpu = self._ticks, process_time()
        self._times.append(perf_counter())
        wall = self._times[-1] - self._times[0]
        if wall:
            self.drift = abs(wall * self._game.fps - (self._ticks - self._first_tick))
            self.core = 100 * (process_time() - self._cpu) / wall

    @property
    def _is_last(self) -> bool:
        return self._ticks >= self._frames - 1


class FastWindow(Window):
    """Holds the fast-forward key until a number of frames were played.

    Attributes:
        rate: Frames per second during fast-forward.
    """

    def __init__(self, frames: int, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.rate = 0.0
        self._frames = frames
        self._codes = cycle(_HELD.get(self._game.id, (0,)))
        self._ticks = self._frame = self._first_frame = 0
        self._started: float | None = None
        self._is_over = False

    def poll(self) -> Inputs:
        inputs = super().poll()
        self._ticks += 1
        self._is_over = self._frame >= self._frames
        if self._is_over:
            return replace(inputs, commands=(Command.LEAVE,))
        if self._ticks <= _SETTLING:
            return inputs
        if self._started is None:
            self._first_frame, self._started = self._frame, perf_counter()
        held = frozenset({Command.FAST_FORWARD})
        return replace(inputs, code=next(self._codes), held=held)

    def hear(self, view: View) -> None:
        super().hear(view)
        self._note(view)

    def show(self, view: View) -> None:
        super().show(view)
        # Once more, to include the time of the picture.
        self._note(view)

    def _note(self, view: View) -> None:
        self._frame = view.frame
        if self._started is not None and not self._is_over:
            self.rate = (view.frame - self._first_frame) / (perf_counter() - self._started)
