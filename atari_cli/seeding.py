"""Random numbers that are part of the recording format: one seed, one stream for each purpose.

Every draw is raw PCG64 output (O'Neill 2014) from a numpy SeedSequence: numpy promises these bits
for good, but not what its distributions make of them.
"""

import secrets
from typing import Final

import numpy as np

from atari_cli.actions import NOOP

STICKY: Final = 0
NOOPS: Final = 1
POLICY: Final = 2

_BATCH: Final = 256


class Stream:
    """64-bit draws for one purpose of one seed.

    Args:
        seed: The episode's seed.
        purpose: STICKY, NOOPS or POLICY; the streams are independent.
        drawn: How many draws were made already.
    """

    def __init__(self, seed: int, purpose: int, drawn: int = 0) -> None:
        self._generator = np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(purpose,)))
        self._generator.advance(drawn)
        self._batches_drawn = drawn
        self._batch: list[int] = []

    @property
    def drawn(self) -> int:
        """How many draws were made since the seed."""
        return self._batches_drawn - len(self._batch)

    def draw(self) -> int:
        """Return the next number, uniform over 0…2**64 - 1."""
        if not self._batch:
            self._batch = self._generator.random_raw(_BATCH)[::-1].tolist()
            self._batches_drawn += _BATCH
        return self._batch.pop()

    def below(self, limit: int) -> int:
        """Return a number of 0…limit - 1; its bias is under limit / 2**64."""
        return self.draw() % limit


class StickyActions:
    """Chooses what each frame plays: by chance the last code again (Machado et al. 2018).

    Args:
        seed: The episode's seed.
        probability: Of a repeat, on each frame.
        drawn: How many frames were played already.
    """

    def __init__(self, seed: int, probability: float, drawn: int = 0) -> None:
        self._stream = Stream(seed, STICKY, drawn)
        self._limit = probability * 2**64

    @property
    def drawn(self) -> int:
        """How many frames were chosen for since the seed."""
        return self._stream.drawn

    def executed(self, code: int, before: bytearray) -> int:
        """Return the code that the next frame plays when `code` is wanted after those `before`."""
        if self._stream.draw() < self._limit:
            return before[-1] if before else NOOP
        return code


def episode_seed(seed: int, episode: int) -> int:
    """Return the seed of an episode of a run; it follows from (seed, episode) alone.

    It is under 2**53, so that every JSON reader keeps it whole.
    """
    words = np.random.SeedSequence(seed, spawn_key=(episode,)).generate_state(1, np.uint64)
    return int(words[0]) >> 11


def ale_seed(seed: int) -> int:
    """Return the seed of ALE's own generator, as `ale_py.env.AtariEnv.seed_game` derives it."""
    return int(np.random.SeedSequence(seed).generate_state(2)[1].astype(np.int32))


def random_seed() -> int:
    """Return a seed under 2**53 from the operating system's entropy."""
    return secrets.randbits(53)


class SeedSource:
    """The seeds of an environment's episodes, one after another.

    Args:
        root: The seed that the sequence follows from; None is the operating system's entropy.
        used: How many seeds were taken already.
    """

    def __init__(self, root: int | None = None, used: int = 0) -> None:
        self.root = random_seed() if root is None else root
        self.used = used

    def next(self, given: int | None) -> int:
        """Return the next episode's seed; a given one is used as it is and becomes the root."""
        self.used += 1
        if given is not None:
            self.root, self.used = given, 1
            return given
        return episode_seed(self.root, self.used - 1)
