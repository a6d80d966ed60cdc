"""`record` writes the episodes that `run_episodes` plays, for any form of a policy."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from atari_cli.api.policies import find_policy
from atari_cli.api.record import record
from atari_cli.config import EnvironmentConfig, RecordConfig, RolloutConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import (
    InvalidAction,
    InvalidSetting,
    PolicyFailed,
    RecordingError,
    RecordingExists,
    UnknownPolicy,
)
from atari_cli.model import AtariObservation
from atari_cli.recording import load_recording, verify
from atari_cli.rollout import Collect, run_episodes

BREAKOUT = EnvironmentConfig(game="breakout", max_frames=200, repeat_action_probability=0.25)


def files(out: Path) -> RecordConfig:
    return RecordConfig(out=out, video=False)


def fire(observation: AtariObservation) -> str:
    return "FIRE"


def test_a_game_and_a_policy_can_be_given_by_name(tmp_path: Path) -> None:
    config = EnvironmentConfig(max_frames=60)
    npz, video = record(config, "noop", files=RecordConfig(out=tmp_path, scale=1))
    assert npz == tmp_path / "pong-noop-s0-000.npz"
    assert video == npz.with_suffix(".mp4")
    assert load_recording(npz).config.sound
    verify(load_recording(npz))


def test_the_episodes_are_those_of_a_rollout(tmp_path: Path) -> None:
    run = RolloutConfig(episodes=3, seed=5, first_episode=2)
    collected = Collect()
    told: list[Path] = []
    written = record(BREAKOUT, fire, run, files(tmp_path), sinks=[collected], wrote=told.append)
    assert collected.episodes == run_episodes(BREAKOUT, fire, run)
    assert told == written
    totals = [load_recording(path).header["totals"]["score"] for path in written]
    assert totals == [episode.score for episode in collected.episodes]


def test_only_the_best_episode_is_kept_with_best_only(tmp_path: Path) -> None:
    run = RolloutConfig(episodes=4, seed=3)
    collected = Collect()
    (best,) = record(BREAKOUT, "random", run, files(tmp_path), best_only=True, sinks=[collected])
    scores = [episode.score for episode in collected.episodes]
    assert load_recording(best).header["totals"]["score"] == max(scores)


def test_existing_files_are_refused_before_anything_is_played(tmp_path: Path) -> None:
    record(BREAKOUT, fire, files=files(tmp_path))
    collected = Collect()
    with pytest.raises(RecordingExists):
        record(BREAKOUT, fire, files=files(tmp_path), sinks=[collected])
    assert collected.episodes == []


def test_steps_before_a_policy_failed_are_recorded(tmp_path: Path) -> None:
    def fails(observation: AtariObservation) -> int:
        return 0 if observation.episode_frame_number < 40 else 99

    told: list[Path] = []
    with pytest.raises(PolicyFailed):
        record(BREAKOUT, fails, files=files(tmp_path), wrote=told.append)
    (path,) = told
    verify(load_recording(path))


def test_runs_that_cannot_be_recorded_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="a number of episodes"):
        record(BREAKOUT, fire, RolloutConfig(steps=10), files(tmp_path))
    with pytest.raises(UnknownPolicy):
        record("pong", "randm", files=files(tmp_path))
    over = EnvironmentConfig(max_frames=1, noop_max=10)
    with pytest.raises(RecordingError, match="nothing was recorded"):
        record(over, fire, files=files(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", [None, 3, 2.5, b"pong", ["pong"], {"game": "pong"}])
def test_values_of_other_types_are_refused_with_the_expected_ones(value: Any) -> None:
    config = EnvironmentConfig("pong", max_frames=8)
    calls: list[tuple[Callable[[], object], str]] = [
        (lambda: find_policy(value, "pong"), "policy must be of type str, got"),
        (lambda: find_policy("noop", value), "expected a game's name or EnvironmentConfig, got"),
        (lambda: record(value, "noop"), "expected a game's name or EnvironmentConfig, got"),
        (lambda: record(config, "noop", files=value), "files must be of type RecordConfig, got"),
        (lambda: record(config, "noop", value), "rollout must be of type RolloutConfig, got"),
        (lambda: run_episodes(value, lambda o: 0), "config must be of type EnvironmentConfig"),
        (lambda: run_episodes(config, lambda o: 0, value), "rollout must be of type Rollout"),
        (lambda: run_episodes(config, value), "expected a policy"),
    ]
    for call, expected in calls:
        with pytest.raises(InvalidSetting) as caught:
            call()
        assert expected in str(caught.value)
    with AtariEnvironment("pong") as environment:
        environment.reset(seed=0)
        strength: Any = "x" if isinstance(value, int | float) else value
        with pytest.raises(InvalidAction, match="strength from 0 to 100"):
            environment.step(0, strength)
        if value is not None:
            with pytest.raises(InvalidSetting, match="episode_id must be of type str"):
                environment.reset(episode_id=value)
