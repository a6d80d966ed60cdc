"""Any step of a recording can be reached, and is exactly as recorded."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from atari_cli.actions import code_index
from atari_cli.emulator import RewindingEmulator
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import ReplayMismatch
from atari_cli.model import StepResult
from atari_cli.recording import Recording, Replay, SeekableReplay, load_recording
from atari_cli.recording.seekable import LEAST_FRAMES
from tests.recording.episodes import record


def seekable(recording: Recording) -> tuple[SeekableReplay, AtariEnvironment]:
    environment = AtariEnvironment(recording.config, make_emulator=RewindingEmulator)
    environment.reset(seed=recording.header["seed"])

    def play(code: int, actor: int, strength: float) -> StepResult:
        return environment.step(code_index(code, environment.action_codes), strength)

    start = environment.emulator.frames
    return SeekableReplay(recording, environment, play, start), environment


def moment(environment: AtariEnvironment) -> tuple[Any, ...]:
    emulator, summary = environment.emulator, environment.summary()
    screen, ram = emulator.screen().tobytes(), emulator.ram().tobytes()
    return screen, ram, environment.last_action, *vars_of(summary)


def vars_of(summary: object) -> list[Any]:
    return [getattr(summary, name) for name in ("steps", "frames", "score", "terminated")]


@pytest.mark.parametrize(
    "settings",
    [
        {"game": "breakout", "frameskip": 1, "strengths": [0.5, 1.0, 2.0]},
        {"game": "ms_pacman", "frameskip": 4, "noop_max": 30},
        {"game": "pong", "frameskip": 3, "repeat_action_probability": 0.25},
        {"game": "freeway", "max_frames": 270},
    ],
    ids=lambda settings: settings["game"],
)
def test_every_step_can_be_reached_from_any_other(tmp_path: Path, settings: dict[str, Any]) -> None:
    recording = load_recording(record(tmp_path, steps=80, **settings))
    replayed = Replay(recording)
    expected = [(result.reward, moment(replayed.environment)) for result in replayed]
    assert len(expected) == recording.steps + 1
    replay, environment = seekable(recording)
    last = recording.steps
    for step in (last, 40, 41, 0, 7, last, last - 1, 1):
        if step < replay.step:
            assert replay.go_back(step).reward == expected[step][0]
        assert replay.play_to(step)
        assert replay.step == step
        assert moment(environment) == expected[step][1]


def test_iterating_plays_the_remaining_steps(tmp_path: Path) -> None:
    replay, environment = seekable(load_recording(record(tmp_path, steps=10)))
    replay.play_to(7)
    assert len(list(replay)) == 3
    assert list(replay) == []
    assert environment.summary().steps == 10


def counted(times: int) -> Callable[[], bool]:
    left = iter([True] * times)
    return lambda: next(left, False)


def test_a_minimum_of_steps_is_played_even_without_time(tmp_path: Path) -> None:
    replay, _ = seekable(load_recording(record(tmp_path, steps=3 * LEAST_FRAMES, frameskip=1)))
    assert not replay.play_to(3 * LEAST_FRAMES, counted(0))
    assert replay.step == LEAST_FRAMES
    assert not replay.play_to(3 * LEAST_FRAMES, counted(LEAST_FRAMES + 9))
    assert replay.step == 2 * LEAST_FRAMES + 10
    assert replay.play_to(3 * LEAST_FRAMES, counted(0))


def test_without_time_no_more_is_played_where_each_step_has_many_frames(tmp_path: Path) -> None:
    replay, environment = seekable(load_recording(record(tmp_path, steps=5, frameskip=60)))
    assert not replay.play_to(5, counted(0))
    assert (replay.step, environment.emulator.frames) == (2, 120)


def test_a_game_that_ends_too_early_is_reported(tmp_path: Path) -> None:
    recording = load_recording(record(tmp_path, "freeway", steps=10, max_frames=40))
    longer = load_recording(record(tmp_path / "longer", "freeway", steps=12))
    replay, environment = seekable(recording)
    assert replay.play_to(10)
    assert environment.summary().truncated
    ended = SeekableReplay(longer, environment, lambda *step: environment.step(0), 0)
    assert ended.play_to(12)
    assert ended.step == 10
    with pytest.raises(ReplayMismatch, match="step 11"):
        ended.play_next()
