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
CHOICES: Final = 2

_BATCH: Final = 256


class Stream:
    """64-bit draws for one purpose of one seed.

    Args:
        seed: The episode's seed.
        purpose: STICKY, NOOPS or CHOICES; the streams are independent.
        drawn: Number of draws already made.
    """

    def __init__(self, seed: int, purpose: int, drawn: int = 0) -> None:
        self._generator = np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(purpose,)))
        self._generator.advance(drawn)
        self._batches_drawn = drawn
        self._batch: list[int] = []

    @property
    def drawn(self) -> int:
        """Number of draws since the seed."""
        return self._batches_drawn - len(self._batch)

    def draw(self) -> int:
        """Return the next number, uniform over 0…2**64 - 1."""
        if not self._batch:
            self._batch = self._generator.random_raw(_BATCH)[::-1].tolist()
            self._batches_drawn += _BATCH
        return self._batch.pop()

    def below(self, limit: int) -> int:
        """Return a number from 0 to limit - 1; its bias is under limit / 2**64."""
        return self.draw() % limit


class StickyActions:
    """Chooses the action of each frame: at random, the last one again (Machado et al. 2018).

    Args:
        seed: The episode's seed.
        probability: Chance of a repeat, per frame.
        drawn: Number of frames already played.
    """

    def __init__(self, seed: int, probability: float, drawn: int = 0) -> None:
        self._stream = Stream(seed, STICKY, drawn)
        self._limit = probability * 2**64

    @property
    def drawn(self) -> int:
        """Number of frames chosen since the seed."""
        return self._stream.drawn

    def executed(self, code: int, before: bytearray) -> int:
        """Return the action of the next frame.

        Args:
            code: The wanted action as an ALE code.
            before: The codes of the frames before.
        """
        if self._stream.draw() < self._limit:
            return before[-1] if before else NOOP
        return code


def episode_seed(seed: int, episode: int) -> int:
    """Return the seed of an episode of a run, which depends on the two arguments alone.

    It is under 2**53, so that every JSON reader keeps it exact.

    Args:
        seed: The seed of the run.
        episode: The index of the episode.
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
        root: The seed that the sequence follows from; the operating system's entropy if None.
        used: Number of seeds already taken.
    """

    def __init__(self, root: int | None = None, used: int = 0) -> None:
        self.root = random_seed() if root is None else root
        self.used = used

    def next(self, given: int | None) -> int:
        """Return the next episode's seed; a given seed is used as it is and becomes the root."""
        self.used += 1
        if given is not None:
            self.root, self.used = given, 1
            return given
        return episode_seed(self.root, self.used - 1)
