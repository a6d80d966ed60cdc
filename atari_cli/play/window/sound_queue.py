"""The queue between the game, which makes sound frame by frame, and the device, which takes blocks.

The clocks of the two never agree; the queue compensates for the difference without clicks.
"""

import threading
from collections import deque
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.int16]
"""Samples in the format of the device."""

LONGEST: Final = 6
"""Maximum frames in the queue: 0.1 s; a longer delay is noticeable."""
ENOUGH: Final = 4
"""Frames that may stay in the queue; above that, one of every `_WATCHED` is dropped."""
_WATCHED: Final = 60
"""Frames, a second: otherwise a queue that once filled up would stay full."""
_CUSHION: Final = 2
"""Frames to collect before the sound starts, in case later ones are delayed."""
_SEAM: Final = 128
"""Samples, 4 ms, of a cross-fade."""
_FADE: Final = 0.97
"""Factor by which the level falls per sample of silence: to 1 % after 5 ms."""


class SoundQueue:
    """Frames of sound to be played; one thread adds them, another takes samples out.

    The output is the input, sample for sample, as long as the queue neither overflows nor runs
    empty, nor stays fuller than necessary. Otherwise the oldest frames are dropped, or the sound
    fades out and in.
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
        """Number of frames in the queue, including the one being played."""
        return len(self._frames)

    def put(self, frames: Iterable[Signal]) -> None:
        """Add frames of sound, (n,) int16 each."""
        with self._lock:
            for frame in frames:
                self._frames.append(frame)
                if self._is_too_full():
                    self._drop()

    def take(self, count: int) -> Signal:
        """Return the next samples, (count,) int16, without waiting."""
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
        """Return whether the queue is too long, now or for a while."""
        waiting = len(self._frames)
        self._watched += 1
        self._fewest = min(self._fewest, waiting)
        if self._watched < _WATCHED:
            return waiting > LONGEST
        was_needless = self._fewest > ENOUGH
        self._watched, self._fewest = 0, LONGEST
        return was_needless or waiting > LONGEST

    def _pour(self, out: Signal) -> int:
        """Fill `out` from the oldest frame; return the number of samples."""
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
        """Start playing; after a silence, cross-fade from its level."""
        self._playing = True
        if self._ran_dry:
            self._frames[0] = _blend(np.full(_SEAM, self._last), self._frames[0])

    def _drop(self) -> None:
        """Drop the oldest frame, cross-fading from its start into the next."""
        lost = self._frames.popleft()[self._begun :]
        self._begun = 0
        self._frames[0] = _blend(lost, self._frames[0])

    def _fade(self, out: Signal) -> None:
        """Fill the rest of a block with a quick fade to silence."""
        if len(out):
            steps = self._last * _FADE ** np.arange(1.0, len(out) + 1)
            out[:] = np.rint(steps)
            self._last = float(steps[-1])


def _blend(old: NDArray[np.float64] | Signal, new: Signal) -> Signal:
    """Return a frame whose first samples are cross-faded from an old one."""
    length = min(_SEAM, len(old), len(new))
    rising = np.arange(1, length + 1) / (length + 1)
    seam = old[:length] * (1 - rising) + new[:length] * rising
    return np.concatenate([np.rint(seam).astype(np.int16), new[length:]])
