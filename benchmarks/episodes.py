"""The measured episodes: random play, with the list of its actions for the peers."""

from dataclasses import dataclass

from atari_cli.config import EnvironmentConfig, RolloutConfig
from atari_cli.model import AtariObservation, EpisodeSummary, PolicySource
from atari_cli.policies.chance import RandomPolicy
from atari_cli.policies.source import Source
from atari_cli.rollout import run_episodes
from atari_cli.rollout.work import Backend
from atari_cli.sink import EpisodeStart, Sink
from benchmarks.timing import Effort

GAMES = {"pong": 3600, "breakout": 700, "ms_pacman": 2000, "space_invaders": 1850}
"""The games and the approximate number of frames of a random episode."""


@dataclass(frozen=True)
class Played:
    """A played episode.

    Attributes:
        indices: The action of each step, as an index into the minimal action set.
        codes: The action code of each frame.
    """

    indices: tuple[int, ...]
    codes: bytes


class LookingPolicy(RandomPolicy):
    """A random policy that also reads each observation as an RGB array."""

    def __call__(self, observation: AtariObservation) -> int:
        assert observation.pixels.ndim == 3
        return super().__call__(observation)


RANDOM = Source("random", RandomPolicy, deterministic=False)
LOOKING = Source("looking", LookingPolicy, deterministic=False)


def games(effort: Effort) -> list[str]:
    """Return the games to measure; in a quick run, only the one with the shortest episodes."""
    return ["breakout"] if effort.quick else list(GAMES)


def episodes_of(game: str, frames: int) -> int:
    """Return the number of episodes that last about `frames` frames."""
    return max(1, round(frames / GAMES[game]))


def play(game: str, policy: PolicySource, episodes: int, backend: Backend | None = None) -> int:
    """Play episodes with `run_episodes` and return their number of frames."""
    config, rollout = EnvironmentConfig(game), RolloutConfig(episodes=episodes)
    return sum(summary.frames for summary in run_episodes(config, policy, rollout, (), backend))


def played(game: str, episodes: int) -> list[Played]:
    """Play episodes at random and return them, action by action."""
    log = _Log()
    run_episodes(EnvironmentConfig(game), RANDOM, RolloutConfig(episodes=episodes), [log])
    return log.episodes


class _Log(Sink):
    def __init__(self) -> None:
        self.episodes: list[Played] = []

    def begin(self, start: EpisodeStart) -> None:
        self._environment = start.environment
        self._indices: list[int] = []

    def step(self, action: int, result: object) -> None:
        self._indices.append(self._environment.action_codes.index(action))

    def end(self, summary: EpisodeSummary) -> None:
        codes = bytes(self._environment.emulator.inputs[0])
        self.episodes.append(Played(tuple(self._indices), codes))
