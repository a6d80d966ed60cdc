"""The statistics of a run are compared with numbers computed by hand."""

from math import sqrt
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from atari_cli.config import EnvironmentConfig
from atari_cli.errors import InvalidSetting
from atari_cli.games import find_game
from atari_cli.model import EpisodeSummary
from atari_cli.rollout.summary import (
    bootstrap_interval,
    interquartile_mean,
    repeats_itself,
    summarise,
)

PONG = find_game("pong")


def episode(number: int, score: float, steps: int = 10, ended: bool = True) -> EpisodeSummary:
    return EpisodeSummary(number, number, score, steps, 4 * steps + 1, ended, False)


def test_the_statistics_of_four_episodes_are_correct() -> None:
    scores_and_steps = [(1, 10), (2, 20), (3, 30), (10, 40)]
    episodes = [episode(n, score, steps) for n, (score, steps) in enumerate(scores_and_steps)]
    summary = summarise(episodes, PONG, seconds=5.0)
    assert (summary.episodes, summary.complete) == (4, 4)
    assert summary.mean == 4.0
    assert summary.standard_deviation == pytest.approx(sqrt((9 + 4 + 1 + 36) / 3))
    assert (summary.median, summary.lowest, summary.highest) == (2.5, 1.0, 10.0)
    assert summary.interquartile_mean == 2.5
    assert (summary.mean_steps, summary.mean_frames) == (25.0, 101.0)
    assert (summary.steps_per_second, summary.frames_per_second) == (20.0, 80.8)
    # Wang et al. 2016: random -20.7, human 14.6.
    assert summary.human_normalised == pytest.approx((4.0 + 20.7) / (14.6 + 20.7))
    assert not summary.identical


@pytest.mark.parametrize(
    ("values", "mean"),
    [([7], 7), ([1, 2, 9], 4), ([9, 1, 2, 4], 3), ([30, 1, 2, 3, 5], 10 / 3), (range(8), 3.5)],
)
def test_the_interquartile_mean_leaves_out_whole_values(values: list[int], mean: float) -> None:
    """The same as `scipy.stats.trim_mean(values, 0.25)`, which rliable takes."""
    assert interquartile_mean(np.array(values, np.float64)) == pytest.approx(mean)


def test_the_bootstrap_interval_is_close_to_that_of_the_normal_distribution() -> None:
    values = np.arange(400.0)
    low, high = bootstrap_interval(values)
    half_width = 1.96 * values.std() / sqrt(400)
    assert (low, high) == pytest.approx(
        (values.mean() - half_width, values.mean() + half_width), abs=0.1 * half_width
    )


def test_the_bootstrap_interval_of_two_values_is_exact() -> None:
    """The mean of two draws from 0 and 1 is 0, 1/2 or 1, with probabilities of 1/4, 1/2 and 1/4."""
    assert bootstrap_interval(np.array([0.0, 1.0])) == (0.0, 1.0)


def test_the_bootstrap_is_repeatable_bit_for_bit() -> None:
    """These draws affect published results: they must not change between versions."""
    assert bootstrap_interval(np.array([1.0, 2.0, 3.0, 10.0])) == (1.5, 8.0)


def test_one_episode_has_no_spread() -> None:
    summary = summarise([episode(0, 5.0)], PONG)
    assert (summary.standard_deviation, summary.interval) == (None, None)
    assert summary.as_json()["return"]["interval_95"] is None
    assert not summary.identical
    assert summary.steps_per_second is None


def test_cut_episodes_do_not_count_if_there_are_complete_ones() -> None:
    summary = summarise([episode(0, 5.0), episode(1, 100.0, ended=False)], PONG, seconds=1.0)
    assert (summary.episodes, summary.complete, summary.mean) == (2, 1, 5.0)
    assert summary.steps_per_second == 20.0


def test_cut_episodes_count_if_all_were_cut() -> None:
    summary = summarise([episode(n, n, ended=False) for n in range(3)], PONG)
    assert (summary.complete, summary.mean) == (0, 1.0)


@pytest.mark.parametrize(("steps", "identical"), [((10, 10), True), ((10, 11), False)])
def test_episodes_are_identical_if_their_returns_and_lengths_are(
    steps: tuple[int, ...], identical: bool
) -> None:
    episodes = [episode(number, 3.0, length) for number, length in enumerate(steps)]
    assert summarise(episodes, PONG).identical is identical


def test_a_game_without_reference_scores_has_no_normalised_score() -> None:
    assert summarise([episode(0, 1.0)], find_game("othello")).human_normalised is None


def test_a_run_without_episodes_cannot_be_summarised() -> None:
    with pytest.raises(InvalidSetting, match="no episode"):
        summarise([], PONG)


def test_the_json_form_has_the_documented_fields() -> None:
    document = summarise([episode(0, 1.0), episode(1, 1.0)], PONG, seconds=2.0).as_json()
    assert document == {
        "episodes": 2,
        "complete": 2,
        "return": {
            "mean": 1.0,
            "standard_deviation": 0.0,
            "median": 1.0,
            "interquartile_mean": 1.0,
            "min": 1.0,
            "max": 1.0,
            "interval_95": [1.0, 1.0],
            "human_normalised": pytest.approx(21.7 / 35.3),
        },
        "mean_steps": 10.0,
        "mean_frames": 41.0,
        "identical": True,
    }


@pytest.mark.parametrize(
    ("settings", "deterministic", "repeats"),
    [
        ({}, True, True),
        ({}, None, None),
        ({}, False, False),
        ({"repeat_action_probability": 0.25}, True, False),
        ({"noop_max": 30}, True, False),
        ({"noop_max": 30}, None, False),
    ],
)
def test_a_run_repeats_itself_if_nothing_is_random(
    settings: dict[str, Any], deterministic: bool | None, repeats: bool | None
) -> None:
    policy = SimpleNamespace(deterministic=deterministic)
    assert repeats_itself(EnvironmentConfig(**settings), policy) is repeats
