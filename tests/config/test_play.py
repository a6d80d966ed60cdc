"""The settings of a game played by hand are checked once."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from atari_cli.config import (
    LIMITS,
    PLAY_SETTINGS,
    WEB_SETTINGS,
    EnvironmentConfig,
    PlayConfig,
    settings_form,
)
from atari_cli.errors import InvalidSetting


def test_games_by_hand_have_sound_no_frameskip_no_sticky_actions_and_no_limit() -> None:
    settings = EnvironmentConfig(**PLAY_SETTINGS)
    assert (settings.frameskip, settings.repeat_action_probability) == (1, 0.0)
    assert (settings.max_frames, settings.sound) == (0, True)
    assert EnvironmentConfig().with_settings(PLAY_SETTINGS) == settings


def test_the_form_of_the_page_has_each_setting_with_its_type_range_and_default() -> None:
    form = {field.pop("name"): field for field in settings_form()}
    settings = {field.name for field in fields(EnvironmentConfig)} - {"game", "obs_type", "sound"}
    assert set(form) == settings | {"seed"}
    assert [*form][:3] == ["seed", "mode", "difficulty"]
    for name in settings:
        field = form[name]
        assert field["default"] == WEB_SETTINGS.get(name)
        limits = LIMITS.get(name, (None, None))
        assert (field.get("minimum"), field.get("maximum")) == limits
    assert form["frameskip"] == {"type": "integer", "default": 1, "minimum": 1, "maximum": 1000}
    assert form["full_action_space"] == {"type": "boolean", "default": True}
    assert form["repeat_action_probability"]["type"] == "number"
    json.dumps(form, allow_nan=False)


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
        ("keys", 3, "keys must be a path, got 3"),
    ],
)
def test_values_outside_the_range_are_refused(name: str, value: Any, expected: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        PlayConfig(**{name: value})
    assert str(caught.value) == expected
