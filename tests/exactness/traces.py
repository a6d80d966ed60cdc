"""Traces that the exactness tests compare: one number for each played frame or step.

Its functions also run in other processes, so they take and return plain values.
"""

import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from atari_cli.emulator import Emulator
from atari_cli.environment import AtariEnvironment
from atari_cli.games import find_game


def held_codes(seed: int, frames: int) -> list[int]:
    """Return random action codes, each held for 1 to 20 frames, as a player would."""
    generator = np.random.default_rng(seed)
    codes: list[int] = []
    while len(codes) < frames:
        codes += [int(generator.integers(18))] * int(generator.choice([1, 1, 2, 4, 8, 20]))
    return codes[:frames]


def fingerprint(emulator: Emulator) -> int:
    """Return a checksum of everything that can be observed of an emulator except its sound."""
    seen = zlib.crc32(emulator.ram().data, zlib.crc32(emulator.screen().data))
    counters = (emulator.lives, emulator.game_over, emulator.episode_frame_number)
    return zlib.crc32(repr(counters).encode(), seen)


def play_frames(emulator: Emulator, codes: Iterable[int]) -> list[tuple[int, int]]:
    """Return (fingerprint, reward) of each frame."""
    trace = []
    for code in codes:
        reward = emulator.act(code)
        trace.append((fingerprint(emulator), reward))
    return trace


def boot_and_play(
    game: str, codes: Sequence[int], mode: int | None = None, difficulty: int | None = None
) -> list[tuple[int, int]]:
    """Return the trace of a new emulator, its boot first."""
    emulator = Emulator(find_game(game), mode, difficulty)
    return [(fingerprint(emulator), 0), *play_frames(emulator, codes)]


def restore_and_play(game: str, saved: bytes, codes: Sequence[int]) -> list[tuple[int, int]]:
    """Return the trace of a new emulator that continues from a saved state."""
    emulator = Emulator(find_game(game))
    emulator.restore(saved)
    return [(fingerprint(emulator), 0), *play_frames(emulator, codes)]


def play_steps(environment: AtariEnvironment, actions: Iterable[int]) -> list[tuple[Any, ...]]:
    """Return a checksum, the reward and the end of each step, until the episode ends."""
    trace = []
    for action in actions:
        result = environment.step(action % len(environment.action_codes))
        seen = fingerprint(environment.emulator)
        trace.append((seen, result.reward, result.terminated, result.truncated))
        if result.done:
            break
    return trace


def restore_and_step(saved: bytes, actions: Sequence[int]) -> list[tuple[Any, ...]]:
    """Return the trace of a new environment that continues from a saved state."""
    with AtariEnvironment() as environment:
        environment.restore(saved)
        return play_steps(environment, actions)
