"""How far a terminal is behind, so that a slow one gets fewer pictures and never older ones.

What is written to a terminal does not fail or wait when the line is slow: it queues, in the kernel,
in ssh, in the terminal itself, and the game lags behind the keys. So each picture ends with a
question (`CSI 5 n`, which terminals answer when they get to it), and only so many pictures are on
their way at once as come without queueing: TCP Vegas's way of finding the pace of a line (Brakmo
and Peterson 1995). The more time than ever before an answer takes, the longer the queue.
"""

import math
from collections import deque
from typing import Final

SLACK: Final = 0.05
"""Seconds that an answer may take beyond the quickest one."""

PATIENCE: Final = 2.0
"""Seconds after which an answer is not coming any more."""

_GROWTH: Final = 0.25
"""How many pictures more are tried in the time of an answer, once too many were."""


class FramePacing:
    """The questions that a terminal has yet to answer, and how many there may be."""

    def __init__(self) -> None:
        self._asked: deque[float] = deque()
        self._quickest = math.inf
        self._window = 1.0
        self._shrunk = -math.inf
        self._answers = False

    def has_room(self, now: float) -> bool:
        """Return whether another picture would be shown soon after it is written."""
        if self._asked and now - self._asked[-1] > PATIENCE:
            self._asked.clear()
            # One that never answered is not asked for its pace.
            self._window = 1.0 if self._answers else math.inf
        return len(self._asked) < int(min(self._window, 1e6))

    def ask(self, now: float) -> None:
        """Note that a question was written."""
        if self._window < math.inf:
            self._asked.append(now)

    def answer(self, now: float) -> None:
        """Note that an answer came."""
        if not self._asked:
            return
        asked = self._asked.popleft()
        self._answers = True
        self._quickest = min(self._quickest, now - asked)
        if now - asked <= self._quickest + SLACK:
            self._grow()
        elif asked > self._shrunk:
            # Those that were asked before then say nothing new.
            self._window = max(self._window / 2, 1.0)
            self._shrunk = now

    def _grow(self) -> None:
        is_searching = self._shrunk == -math.inf
        self._window += 1.0 if is_searching else _GROWTH / self._window
