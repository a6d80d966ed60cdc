"""The statistics of a run's returns, and whether its episodes can differ at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from atari_cli.config import EnvironmentConfig
from atari_cli.errors import InvalidSetting
from atari_cli.games import Game, human_normalised
from atari_cli.model import EpisodeSummary, PolicySource

RESAMPLES: Final = 2000
_FIVE_MINUTES: Final = 5 * 60 * 60


@dataclass(frozen=True)
class Summary:
    """The statistics of a run; those of returns and lengths are over the complete episodes.

    Attributes:
        episodes: Number of episodes.
        complete: Episodes that ended on their own; an episode that was cut counts in the
            statistics only if every one was.
        mean: Mean return; here and in the next six, returns are ALE's raw rewards summed.
        standard_deviation: Of the sample (n - 1 in the denominator); None for one episode.
        median: Median return.
        interquartile_mean: Mean return without the lowest and the highest quarter, each of
            n // 4 episodes (Agarwal et al. 2021, Deep Reinforcement Learning at the Edge of the
            Statistical Precipice).
        lowest: Lowest return.
        highest: Highest return.
        interval: 95 % interval of the mean: the percentiles 2.5 and 97.5 of the means of 2,000
            bootstrap resamples (Efron and Tibshirani 1993, An Introduction to the Bootstrap,
            chapter 13), drawn from a fixed seed; None for one episode.
        mean_steps: Mean length of an episode in steps.
        mean_frames: Mean length of an episode in frames.
        steps_per_second: Steps of all episodes per second of wall time; None without one.
        frames_per_second: Frames of all episodes per second of wall time; None without one.
        human_normalised: 0 is as good as a random player, 1 as good as a human; None without
            reference scores, or if an episode was cut before five minutes, the length of the
            shortest published protocol (Mnih et al. 2015).
        identical: Whether several episodes count, all with one return and length.
    """

    episodes: int
    complete: int
    mean: float
    standard_deviation: float | None
    median: float
    interquartile_mean: float
    lowest: float
    highest: float
    interval: tuple[float, float] | None
    mean_steps: float
    mean_frames: float
    steps_per_second: float | None
    frames_per_second: float | None
    human_normalised: float | None
    identical: bool

    def as_json(self) -> dict[str, Any]:
        """Return the summary with the field names of `atari rollout --json`.

        It has no speed: the same run gives the same document.
        """
        return {
            "episodes": self.episodes,
            "complete": self.complete,
            "return": {
                "mean": self.mean,
                "standard_deviation": self.standard_deviation,
                "median": self.median,
                "interquartile_mean": self.interquartile_mean,
                "min": self.lowest,
                "max": self.highest,
                "interval_95": self.interval and list(self.interval),
                "human_normalised": self.human_normalised,
            },
            "mean_steps": self.mean_steps,
            "mean_frames": self.mean_frames,
            "identical": self.identical,
        }


def summarise(
    episodes: Sequence[EpisodeSummary], game: Game, seconds: float | None = None
) -> Summary:
    """Return the statistics of a run.

    Args:
        episodes: At least one episode.
        game: The game, for its reference scores.
        seconds: The wall time of the run.

    Raises:
        InvalidSetting: If there is no episode.
    """
    if not episodes:
        raise InvalidSetting("there is no episode to summarise")
    complete = [episode for episode in episodes if episode.complete]
    counted = complete or episodes
    returns = np.array([episode.score for episode in counted], np.float64)
    mean = float(returns.mean())
    return Summary(
        episodes=len(episodes),
        complete=len(complete),
        mean=mean,
        standard_deviation=float(returns.std(ddof=1)) if len(returns) > 1 else None,
        median=float(np.median(returns)),
        interquartile_mean=interquartile_mean(returns),
        lowest=float(returns.min()),
        highest=float(returns.max()),
        interval=bootstrap_interval(returns) if len(returns) > 1 else None,
        mean_steps=float(np.mean([episode.steps for episode in counted])),
        mean_frames=float(np.mean([episode.frames for episode in counted])),
        steps_per_second=_rate([episode.steps for episode in episodes], seconds),
        frames_per_second=_rate([episode.frames for episode in episodes], seconds),
        human_normalised=human_normalised(game, mean) if _are_long(counted) else None,
        identical=_are_identical(counted),
    )


def repeats_itself(config: EnvironmentConfig, policy: PolicySource) -> bool | None:
    """Return whether all episodes of a run must be the same, since nothing in them is random.

    Args:
        config: The settings of the environment.
        policy: The policy.

    Returns:
        None if that depends on the policy, and it is not known whether the policy is random.
    """
    if config.repeat_action_probability or config.noop_max:
        return False
    return policy.deterministic


def interquartile_mean(values: NDArray[np.float64]) -> float:
    """Return the mean that `Summary.interquartile_mean` describes, which has no part of a value."""
    quarter = len(values) // 4
    return float(np.sort(values)[quarter : len(values) - quarter].mean())


def bootstrap_interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the percentile-bootstrap interval of the mean that `Summary.interval` describes."""
    generator = np.random.PCG64(0)
    # Raw draws, since numpy promises their bits for good; the bias of % is under n / 2**64.
    means = [
        values[generator.random_raw(len(values)) % len(values)].mean() for _ in range(RESAMPLES)
    ]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def _rate(counts: Sequence[int], seconds: float | None) -> float | None:
    return sum(counts) / seconds if seconds else None


def _are_long(episodes: Sequence[EpisodeSummary]) -> bool:
    return all(episode.terminated or episode.frames >= _FIVE_MINUTES for episode in episodes)


def _are_identical(episodes: Sequence[EpisodeSummary]) -> bool:
    kinds = {(episode.score, episode.steps, episode.frames) for episode in episodes}
    return len(episodes) > 1 and len(kinds) == 1
