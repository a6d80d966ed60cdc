"""The screens of a game that cannot go back quickly, kept without loss in a few bytes each."""

import zlib
from typing import Final

import numpy as np

from atari_cli.model import Bytes

_WHOLE: Final = 256
"""Every this many screens, one is kept whole, so that a jump undoes no more changes than this."""


class KeptScreens:
    """A stack of screens, of which only the last is at hand.

    Of each other one is kept what the next one changed in it, which takes tens of bytes.

    Args:
        first: The first screen, (height, 160) uint8.

    Attributes:
        last: The last screen, only for reading.
    """

    def __init__(self, first: Bytes) -> None:
        self.last = first
        self._changes: list[bytes] = []
        self._whole = [zlib.compress(first.tobytes(), 1)]

    def __len__(self) -> int:
        return 1 + len(self._changes)

    @property
    def size(self) -> int:
        """The bytes of all screens but the last."""
        return sum(map(len, self._changes)) + sum(map(len, self._whole))

    def add(self, screen: Bytes) -> None:
        """Add a screen, which must not change afterwards."""
        change = screen ^ self.last
        self._changes.append(zlib.compress(change.tobytes(), 1) if change.any() else b"")
        if len(self._changes) % _WHOLE == 0:
            self._whole.append(zlib.compress(screen.tobytes(), 1))
        self.last = screen

    def cut(self, count: int) -> None:
        """Keep a number of the first screens, at least one, and discard the others."""
        here, goal = len(self._changes), count - 1
        screen = self.last.copy()
        beyond = -(-goal // _WHOLE)
        if beyond * _WHOLE < here:
            here = beyond * _WHOLE
            screen = _unpacked(self._whole[beyond]).reshape(screen.shape).copy()
        for change in filter(None, self._changes[goal:here]):
            screen ^= _unpacked(change).reshape(screen.shape)
        self.last = screen
        del self._changes[goal:], self._whole[goal // _WHOLE + 1 :]


def _unpacked(data: bytes) -> Bytes:
    return np.frombuffer(zlib.decompress(data), np.uint8)
