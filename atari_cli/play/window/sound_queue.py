"""Sound between the game, which makes it frame by frame, and the device, which takes it in blocks.

Two clocks never agree: the queue is where they are reconciled, without a click.
"""

import threading
from collections import deque
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.int16]
"""Samples as a device takes them."""

LONGEST: Final = 6
"""Frames that wait at most: 0.1 s, from which on players notice that sound comes late."""
ENOUGH: Final = 4
"""Frames that may wait for long; of more, one is left out each time that `_WATCHED` have come."""
_WATCHED: Final = 60
"""Frames, a second: a queue that filled up when the game caught up would else stay full."""
_CUSHION: Final = 2
"""Frames that wait before the sound begins, against frames that are late."""
_SEAM: Final = 128
"""Samples, 4 ms, over which one signal passes into another."""
_FADE: Final = 0.97
"""What is left of a level after each sample of silence: 1 % after 5 ms."""


class SoundQueue:
    """Frames of sound that wait to be played; one thread puts them in, another takes samples out.

    What comes out is what was put in, sample for sample, as long as the queue neither runs over nor
    empty, nor stays fuller than it needs to be. Otherwise the oldest frames are dropped, or the
    sound fades out and in.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._frames: deque[Signal] = deque()
        self._begun = 0
        self._watched, self._fewest = 0, LONGEST
        self._playing = self._ran_dry = False
        self._last = 0.0

    @property
    def frames(self) -> int:
        """How many frames wait, the one being played included."""
        return len(self._frames)

    def put(self, frames: Iterable[Signal]) -> None:
        """Add frames of sound, (n,) int16 each."""
        with self._lock:
            for frame in frames:
                self._frames.append(frame)
                if self._is_too_full():
                    self._drop()

    def take(self, count: int) -> Signal:
        """Return the next samples, (count,) int16; it never waits."""
        out = np.empty(count, np.int16)
        filled = 0
        with self._lock:
            if not self._playing and len(self._frames) >= _CUSHION:
                self._begin()
            while self._playing and filled < count:
                filled += self._pour(out[filled:])
            if filled:
                self._last = float(out[filled - 1])
        self._fade(out[filled:])
        return out

    def _is_too_full(self) -> bool:
        """Return whether the sound comes too late, at once or for a while."""
        waiting = len(self._frames)
        self._watched += 1
        self._fewest = min(self._fewest, waiting)
        if self._watched < _WATCHED:
            return waiting > LONGEST
        was_needless = self._fewest > ENOUGH
        self._watched, self._fewest = 0, LONGEST
        return was_needless or waiting > LONGEST

    def _pour(self, out: Signal) -> int:
        """Fill `out` from the oldest frame; return how many samples that gave."""
        if not self._frames:
            self._playing, self._ran_dry = False, True
            return 0
        frame = self._frames[0]
        part = frame[self._begun : self._begun + len(out)]
        out[: len(part)] = part
        self._begun += len(part)
        if self._begun == len(frame):
            self._frames.popleft()
            self._begun = 0
        return len(part)

    def _begin(self) -> None:
        """Play, and after a silence from where the sound was left."""
        self._playing = True
        if self._ran_dry:
            self._frames[0] = _blend(np.full(_SEAM, self._last), self._frames[0])

    def _drop(self) -> None:
        """Leave out the oldest frame: pass from the beginning of what is lost into the next."""
        lost = self._frames.popleft()[self._begun :]
        self._begun = 0
        self._frames[0] = _blend(lost, self._frames[0])

    def _fade(self, out: Signal) -> None:
        """Fill what no frame is left for with a quick way to silence."""
        if len(out):
            steps = self._last * _FADE ** np.arange(1.0, len(out) + 1)
            out[:] = np.rint(steps)
            self._last = float(steps[-1])


def _blend(old: NDArray[np.float64] | Signal, new: Signal) -> Signal:
    """Return a frame whose first samples pass from those of an old one into its own."""
    length = min(_SEAM, len(old), len(new))
    rising = np.arange(1, length + 1) / (length + 1)
    seam = old[:length] * (1 - rising) + new[:length] * rising
    return np.concatenate([np.rint(seam).astype(np.int16), new[length:]])
