"""The settings of a run of episodes."""

import sys
from dataclasses import dataclass

from atari_cli.config.checked import Checked, setting
from atari_cli.errors import InvalidSetting
from atari_cli.validation import check_seed, optional, whole_number


@dataclass(frozen=True, kw_only=True)
class RolloutConfig(Checked):
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

    episodes: int | None = setting(None, optional(whole_number(1, 10**9)))
    steps: int | None = setting(None, optional(whole_number(1, 10**12)))
    seed: int = setting(0, check_seed)
    first_episode: int = setting(0, whole_number(0, 10**9))
    workers: int = setting(1, whole_number(1, 1024))

    DEFAULT_EPISODES = 10

    @property
    def indices(self) -> range:
        """The indices of the episodes to play; with `steps`, of all that may be needed."""
        end = sys.maxsize if self.episodes is None else self.first_episode + self.episodes
        return range(self.first_episode, end)

    def __post_init__(self) -> None:
        if self.episodes is not None and self.steps is not None:
            raise InvalidSetting("give episodes or steps, not both")
        if self.episodes is None and self.steps is None:
            object.__setattr__(self, "episodes", self.DEFAULT_EPISODES)
        super().__post_init__()
