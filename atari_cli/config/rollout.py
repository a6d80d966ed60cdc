"""The settings of a run of episodes."""

from dataclasses import dataclass

from atari_cli.checks import check_seed, whole_number
from atari_cli.errors import InvalidSetting


@dataclass(frozen=True, kw_only=True)
class RolloutConfig:
    """The number of episodes, their seed, and the number of workers.

    Attributes:
        episodes: Number of episodes; with `steps`, None: as many as the steps require.
        steps: Total number of steps, instead of `episodes`; the last episode is cut there.
        seed: Seed of the run; episode k's own seed follows from (seed, k) alone.
        first_episode: Index of the first episode.
        workers: Number of processes; 1 plays in the calling process.

    Raises:
        InvalidSetting: If a value is outside its range, or both episodes and steps are given.
    """

    episodes: int | None = None
    steps: int | None = None
    seed: int = 0
    first_episode: int = 0
    workers: int = 1

    DEFAULT_EPISODES = 10

    def __post_init__(self) -> None:
        if self.episodes is not None and self.steps is not None:
            raise InvalidSetting("give episodes or steps, not both")
        if self.steps is None:
            episodes = self.DEFAULT_EPISODES if self.episodes is None else self.episodes
            object.__setattr__(self, "episodes", whole_number(1, 10**9)("episodes", episodes))
        else:
            object.__setattr__(self, "steps", whole_number(1, 10**12)("steps", self.steps))
        object.__setattr__(self, "seed", check_seed("seed", self.seed))
        first = whole_number(0, 10**9)("first_episode", self.first_episode)
        object.__setattr__(self, "first_episode", first)
        object.__setattr__(self, "workers", whole_number(1, 1024)("workers", self.workers))
