"""How far a terminal is behind, so that a slow one gets fewer pictures and never older ones.

What is written to a terminal does not fail or wait when the line is slow: it queues, in the kernel,
in ssh, in the terminal itself, and the game lags behind the keys. So each picture ends with a
question (`CSI 5 n`, which terminals answer when they get to it), and as long as the answers take
longer than the line's own round trip, pictures are left out.
"""

import math
from collections import deque
from typing import Final

SLACK: Final = 0.05
"""Seconds that an answer may take beyond the quickest one."""

PATIENCE: Final = 2.0
"""Seconds after which an answer is not coming any more."""


class Backlog:
    """The questions that a terminal has yet to answer."""

    def __init__(self) -> None:
        self._asked: deque[float] = deque()
        self._round_trip: float | None = None

    def has_room(self, now: float) -> bool:
        """Return whether another picture would be shown soon after it is written."""
        if self._asked and now - self._asked[-1] > PATIENCE:
            self._asked.clear()
            # One that never answers is not asked for its pace.
            self._round_trip = self._round_trip or math.inf
        # Until the first answer nobody knows how long one takes.
        reach = 0.0 if self._round_trip is None else self._round_trip + SLACK
        return not self._asked or now - self._asked[0] <= reach

    def ask(self, now: float) -> None:
        """Note that a question was written."""
        self._asked.append(now)

    def answer(self, now: float) -> None:
        """Note that an answer came."""
        if not self._asked:
            return
        took = now - self._asked.popleft()
        self._round_trip = took if self._round_trip is None else min(took, self._round_trip)
