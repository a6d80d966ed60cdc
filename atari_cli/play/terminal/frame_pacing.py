"""Flow control: a slow terminal gets fewer pictures, never outdated ones.

Writing to a terminal neither fails nor waits when the connection is slow: the data queues in the
kernel, in ssh and in the terminal itself, and the game lags behind the keys. So each picture ends
with a question (`CSI 5 n`), which a terminal answers once it has drawn the picture, and only as
many pictures are under way at a time as arrive without queueing. This is how TCP Vegas finds the
pace of a connection (Brakmo and Peterson 1995): the more an answer takes beyond the quickest one,
the longer the queue.
"""

import math
from collections import deque
from typing import Final

SLACK: Final = 0.05
"""Seconds that an answer may take beyond the quickest one."""

PATIENCE: Final = 2.0
"""Seconds after which an answer is given up."""

_GROWTH: Final = 0.25
"""How many more pictures to try per round trip, once there were too many."""


class FramePacing:
    """Counts the unanswered questions and how many there may be."""

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
            # A terminal that never answers gets every picture.
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
            # Answers to questions from before the last reduction do not count.
            self._window = max(self._window / 2, 1.0)
            self._shrunk = now

    def _grow(self) -> None:
        is_searching = self._shrunk == -math.inf
        self._window += 1.0 if is_searching else _GROWTH / self._window
