"""A value of the wrong type is named, with the type that was expected, in every function."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

import atari_cli
from atari_cli import AtariEnvironment, EnvironmentConfig, RecordConfig, RolloutConfig
from atari_cli.errors import InvalidSetting
from atari_cli.recording import BestOf, Recorder, Replay
from atari_cli.rollout import Results
from atari_cli.server import Server

WRONG: Any = 3
PONG = EnvironmentConfig("pong", max_frames=100)
ONE = RolloutConfig(episodes=1)
RANDOM = atari_cli.find_policy("random", "pong")


def noop(observation: object) -> int:
    return 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: atari_cli.load_recording(WRONG), "path must be a path, got 3"),
        (lambda: atari_cli.recover(WRONG), "folder must be a path, got 3"),
        (lambda: atari_cli.verify(WRONG), "recording must be of type Recording, got 3"),
        (
            lambda: atari_cli.render_video(WRONG, Path("a.mp4"), RecordConfig()),
            "recording must be of type Recording, got 3",
        ),
        (
            lambda: atari_cli.add_screens(WRONG, Path("a.npz")),
            "recording must be of type Recording, got 3",
        ),
        (lambda: atari_cli.watch_recording(WRONG), "recording must be of type Recording, got 3"),
        (
            lambda: atari_cli.run_episodes(PONG, noop, ONE, [WRONG]),
            "sink must be of type Sink, got 3",
        ),
        (
            lambda: Results(PONG, RANDOM, ONE, path=WRONG),
            "path must be a path, got 3",
        ),
        (
            lambda: AtariEnvironment("pong", make_emulator=WRONG),
            "make_emulator must be callable, got 3",
        ),
        (
            lambda: AtariEnvironment("pong", keep_frames=WRONG),
            "keep_frames must be true or false, got 3",
        ),
        (
            lambda: atari_cli.scores(mode=WRONG / 2),
            "mode must be a whole number from 0 to 65535, got 1.5",
        ),
        (
            lambda: atari_cli.RecordedEnvironment(WRONG),
            "environment must be of type AtariEnvironment, got 3",
        ),
        (
            lambda: atari_cli.RecordedEnvironment(AtariEnvironment("pong"), WRONG),
            "out must be a path, got 3",
        ),
        (
            lambda: atari_cli.RecordedEnvironment(AtariEnvironment("pong"), run_seed=WRONG / 2),
            "run_seed must be a whole number from 0 to 2**63 - 1, got 1.5",
        ),
        (
            lambda: atari_cli.RecordedEnvironment(AtariEnvironment("pong"), policy=WRONG),
            "policy must be of type str, got 3",
        ),
        (lambda: atari_cli.search_games(WRONG), "query must be of type str, got 3"),
        (lambda: Replay(WRONG), "episode must be of type Episode, got 3"),
        (lambda: Recorder(WRONG), "config must be of type RecordConfig, got 3"),
        (lambda: BestOf(WRONG), "config must be of type RecordConfig, got 3"),
        (lambda: atari_cli.play_game(PONG, WRONG), "config must be of type PlayConfig, got 3"),
        (lambda: Server(WRONG, PONG), "config must be of type ServeConfig, got 3"),
        (lambda: Results(WRONG, RANDOM, ONE), "config must be of type EnvironmentConfig, got 3"),
        (lambda: Results(PONG, RANDOM, WRONG), "rollout must be of type RolloutConfig, got 3"),
        (
            lambda: atari_cli.run_episodes(PONG, noop, ONE, WRONG),
            "sinks must be of type Iterable, got 3",
        ),
    ],
)
def test_the_error_names_the_value_and_the_type_that_was_expected(
    call: Callable[[], object], message: str
) -> None:
    with pytest.raises(InvalidSetting) as raised:
        call()
    assert str(raised.value) == message


def test_a_path_may_be_a_text(tmp_path: Path) -> None:
    files = RecordConfig(out=tmp_path, video=False, screens=False)
    (npz,) = atari_cli.record(PONG, noop, RolloutConfig(episodes=1), files)
    recording = atari_cli.load_recording(str(npz))
    text = cast(Path, str(tmp_path / "whole.npz"))
    atari_cli.add_screens(recording, text)
    assert atari_cli.load_recording(text).has_screens
