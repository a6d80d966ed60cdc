"""`play_game` and `watch_recording` open a front end and report what was played."""

from pathlib import Path

import pytest

from atari_cli.api import play as play_api
from atari_cli.api.play import open_front_end, play_game, watch_recording
from atari_cli.config import PLAY_SETTINGS, EnvironmentConfig, PlayConfig
from atari_cli.errors import InvalidSetting
from atari_cli.play.interface import Command, Inputs
from atari_cli.play.terminal.screen import TextScreen
from atari_cli.play.window.window import Window
from atari_cli.recording import load_recording, verify
from tests.play.front_ends import Script


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Script:
    """Replace the window by a player who fires five times and leaves."""
    monkeypatch.setenv("ATARI_DATA_DIR", str(tmp_path / "data"))
    script = Script([*[Inputs(code=1)] * 5, Inputs(commands=(Command.LEAVE,))])
    monkeypatch.setattr(play_api, "open_front_end", lambda terminal: lambda *_: script)
    return script


def test_a_game_given_by_name_has_the_settings_of_a_console(script: Script, tmp_path: Path) -> None:
    outcome = play_game("breakout", PlayConfig(out=tmp_path))
    (played,) = outcome.played
    assert played.file == tmp_path / "breakout-human-s0-000.npz"
    recording = load_recording(played.file)
    assert PLAY_SETTINGS.items() <= vars(recording.config).items()
    verify(recording)


def test_an_agent_given_by_name_plays(script: Script, tmp_path: Path) -> None:
    environment = EnvironmentConfig(max_frames=12)
    outcome = play_game(environment, PlayConfig(out=tmp_path), policy="noop", games=1)
    (played,) = outcome.played
    assert played.file
    assert load_recording(played.file).header["policy"].endswith("noop")


def test_a_recording_can_be_watched(script: Script, tmp_path: Path) -> None:
    (played,) = play_game("breakout", PlayConfig(out=tmp_path)).played
    assert played.file
    recording = load_recording(played.file)
    with pytest.raises(InvalidSetting, match="from 0 to"):
        watch_recording(recording, first_step=99)
    assert watch_recording(recording).played == []


def test_the_front_end_is_a_window_or_the_terminal() -> None:
    assert (open_front_end(False), open_front_end(True)) == (Window, TextScreen)
