"""The loops in which peers play given episodes; they fail if a peer plays anything else."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from ale_py import ALEInterface, AtariVectorEnv, roms
from gymnasium.vector import AsyncVectorEnv, VectorEnv
from gymnasium.wrappers import RecordVideo
from numpy.typing import NDArray

from benchmarks.episodes import Played

FRAMESKIP = 4

Gymnasium = gymnasium.Env[Any, Any]
Vector = VectorEnv[Any, Any, Any]


def loaded(game: str) -> ALEInterface:
    """Return ALE with a game, ready for its first frame."""
    ale = ALEInterface()
    ale.setFloat("repeat_action_probability", 0.0)
    ale.loadROM(rom(game))
    ale.reset_game()
    return ale


def rom(game: str) -> Path:
    """Return the file of a game's ROM."""
    path = roms.get_rom_path(game)
    if path is None:
        raise ValueError(f"ALE has no game {game!r}")
    return path


def act_loop(ale: ALEInterface, episodes: Sequence[Played]) -> int:
    """Play the action code of each frame in ALE, which is at the start of the first episode.

    Returns:
        The number of frames played, as in the other loops.
    """
    for number, episode in enumerate(episodes):
        if number:
            ale.reset_game()
        for code in episode.codes:
            ale.act(code)
        _expect(ale.game_over())
    return sum(len(episode.codes) for episode in episodes)


def make_gymnasium(game: str, **settings: Any) -> Gymnasium:
    """Return Gymnasium's `ALE/<Game>-v5` without sticky actions."""
    name = "".join(word.capitalize() for word in game.split("_"))
    return gymnasium.make(f"ALE/{name}-v5", repeat_action_probability=0.0, **settings)


def gymnasium_loop(environment: Gymnasium, episodes: Sequence[Played]) -> int:
    """Play the steps of the episodes; each step returns an RGB array."""
    for number, episode in enumerate(episodes):
        if number:
            environment.reset()
        for index in episode.indices:
            _, _, terminated, truncated, _ = environment.step(index)
        _expect(terminated or truncated)
    return sum(len(episode.codes) for episode in episodes)


class VectorLoop:
    """A vector environment and its episodes: number i of n plays the episodes i, i + n and so on.

    Args:
        vector: The environments; each begins a new episode in the step after the end of one.
        episodes: The episodes.
        frames: Stop after about this many, or when one environment has no more episodes.
    """

    def __init__(self, vector: Vector, episodes: Sequence[Played], frames: int) -> None:
        self._vector = vector
        shares = [episodes[i :: vector.num_envs] for i in range(vector.num_envs)]
        steps = min(sum(len(episode.indices) + 1 for episode in share) for share in shares)
        steps = min(steps, frames // (FRAMESKIP * vector.num_envs))
        self._actions = _by_step(shares, steps, lambda episode: [*episode.indices, 0])
        self._ends = _by_step(shares, steps, _ends)
        self._frames = int(_by_step(shares, steps, _frames).sum())

    def reset(self) -> None:
        """Begin the first episodes."""
        self._vector.reset()

    def play(self) -> int:
        """Play after `reset`, and return the number of frames that all environments emulated."""
        for actions, ends in zip(self._actions, self._ends, strict=True):
            _, _, terminated, truncated, _ = self._vector.step(actions)
            _expect(np.array_equal(terminated | truncated, ends))
        return self._frames


def async_vector(game: str) -> Vector:
    """Return Gymnasium's vector of two processes, which share memory with this one."""
    make = partial(make_gymnasium, game, frameskip=FRAMESKIP)
    return AsyncVectorEnv([make, make], context="spawn")


def atari_vector(game: str) -> Vector:
    """Return ALE's vector of eight environments on two threads, RGB as ALE makes it."""
    height, width, _ = loaded(game).getScreenRGB().shape
    return AtariVectorEnv(
        game,
        num_envs=8,
        num_threads=2,
        img_height=height,
        img_width=width,
        grayscale=False,
        stack_num=1,
        frameskip=FRAMESKIP,
        maxpool=False,
        noop_max=0,
        reward_clipping=False,
        use_fire_reset=False,
    )


def record_video(game: str, codes: bytes, folder: Path) -> int:
    """Record an episode with Gymnasium's RecordVideo and return its number of frames."""
    environment = RecordVideo(
        make_gymnasium(game, frameskip=1, full_action_space=True, render_mode="rgb_array"),
        str(folder),
        episode_trigger=lambda episode: True,
    )
    environment.reset()
    for code in codes:
        _, _, terminated, truncated, _ = environment.step(code)
    _expect(terminated or truncated)
    environment.close()  # type: ignore[no-untyped-call]
    return len(codes) + 1


def _by_step(
    shares: Sequence[Sequence[Played]], steps: int, values: Callable[[Played], list[int]]
) -> NDArray[np.int64]:
    """Return a value for each step and environment, (steps, environments)."""
    columns = [[value for episode in share for value in values(episode)] for share in shares]
    return np.array([column[:steps] for column in columns]).T.copy()


def _ends(episode: Played) -> list[int]:
    return [0] * (len(episode.indices) - 1) + [1, 0]


def _frames(episode: Played) -> list[int]:
    """Return the number of frames of each step: the last may have fewer, and the reset has none."""
    whole = len(episode.indices) - 1
    return [FRAMESKIP] * whole + [len(episode.codes) - FRAMESKIP * whole, 0]


def _expect(same: bool) -> None:
    if not same:
        raise RuntimeError("a peer did not play the same episodes")
