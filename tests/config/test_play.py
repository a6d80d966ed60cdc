"""The settings of a game played by hand are checked once."""

from pathlib import Path
from typing import Any

import pytest

from atari_cli.config import PLAY_SETTINGS, EnvironmentConfig, PlayConfig
from atari_cli.errors import InvalidSetting


def test_people_play_frame_by_frame_without_sticky_actions_or_a_limit_and_with_sound() -> None:
    settings = EnvironmentConfig(**PLAY_SETTINGS)
    assert (settings.frameskip, settings.repeat_action_probability) == (1, 0.0)
    assert (settings.max_frames, settings.sound) == (0, True)
    assert EnvironmentConfig().with_settings(PLAY_SETTINGS) == settings


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("zoom", [1, 16]),
        ("view", ["exact", "tv"]),
        ("volume", [0, 100]),
        ("mute", [True, False]),
        ("keys", [None, Path("keys.toml")]),
    ],
)
def test_values_within_the_range_are_kept(name: str, values: list[Any]) -> None:
    for value in values:
        assert getattr(PlayConfig(**{name: value}), name) == value


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("zoom", 0, "zoom must be a whole number from 1 to 16, got 0"),
        ("zoom", 17, "zoom must be a whole number from 1 to 16, got 17"),
        ("view", "4:3", "view must be one of exact, tv, got '4:3'"),
        ("volume", -1, "volume must be a whole number from 0 to 100, got -1"),
        ("volume", 101, "volume must be a whole number from 0 to 100, got 101"),
        ("fullscreen", "yes", "fullscreen must be true or false, got 'yes'"),
        ("phosphor", 1, "phosphor must be true or false, got 1"),
        ("record", None, "record must be true or false, got None"),
        ("out", None, "out must be a path, got None"),
        ("keys", "keys.toml", "keys must be a path, got 'keys.toml'"),
    ],
)
def test_values_outside_the_range_are_refused(name: str, value: Any, expected: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        PlayConfig(**{name: value})
    assert str(caught.value) == expected
