"""Settings are checked; explicit values override variables, and variables override defaults."""

from dataclasses import FrozenInstanceError, asdict
from typing import Any

import numpy as np
import pytest

from atari_cli import config
from atari_cli.config import EnvironmentConfig
from atari_cli.errors import InvalidSetting
from atari_cli.games import find_game

DEFAULTS = {
    "game": "pong",
    "obs_type": "rgb",
    "full_action_space": False,
    "mode": None,
    "difficulty": None,
    "repeat_action_probability": 0.0,
    "frameskip": 4,
    "noop_max": 0,
    "max_frames": 108_000,
    "sound": False,
}


def test_the_limits_are_those_that_the_checks_enforce() -> None:
    for name, (low, high) in config.LIMITS.items():
        for value in (low, high):
            setting: dict[str, Any] = {name: value}
            assert getattr(EnvironmentConfig(**setting), name) == value
        for value in (low - 1, high + 1):
            setting = {name: value}
            with pytest.raises(InvalidSetting, match=name):
                EnvironmentConfig(**setting)
    numbers = {name for name, value in DEFAULTS.items() if type(value) in (int, float)}
    assert config.LIMITS.keys() == numbers | {"mode", "difficulty"}


def from_variables(explicit: dict[str, Any], **variables: str) -> EnvironmentConfig:
    return EnvironmentConfig.from_variables(explicit, find_game, variables)


def test_the_defaults_are_those_of_openenv() -> None:
    assert asdict(EnvironmentConfig()) == DEFAULTS
    assert from_variables({}) == EnvironmentConfig()


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("game", ["breakout", "Ms. Pac-Man"]),
        ("obs_type", ["rgb", "grayscale", "ram"]),
        ("full_action_space", [True, False]),
        ("mode", [None, 0, 65_535]),
        ("difficulty", [None, 0, 65_535]),
        ("repeat_action_probability", [0, 0.0, 0.25, 1, 1.0]),
        ("frameskip", [1, 1000]),
        ("noop_max", [0, 1000]),
        ("max_frames", [0, 1, 2**31 - 1]),
        ("sound", [True, False]),
    ],
)
def test_values_within_the_range_are_kept(name: str, values: list[Any]) -> None:
    for value in values:
        assert getattr(EnvironmentConfig(**{name: value}), name) == value


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("game", "", "game must be a name, got ''"),
        ("game", "  ", "game must be a name, got '  '"),
        ("game", 3, "game must be a name, got 3"),
        ("obs_type", "rgba", "obs_type must be one of rgb, grayscale, ram, got 'rgba'"),
        ("obs_type", None, "obs_type must be one of"),
        ("full_action_space", 1, "full_action_space must be true or false, got 1"),
        ("full_action_space", "no", "full_action_space must be true or false, got 'no'"),
        ("mode", -1, "mode must be a whole number from 0 to 65535, got -1"),
        ("mode", 65_536, "mode must be a whole number from 0 to 65535, got 65536"),
        ("difficulty", "hard", "difficulty must be a whole number from 0 to 65535, got 'hard'"),
        ("repeat_action_probability", 1.5, "must be a number from 0 to 1, got 1.5"),
        ("repeat_action_probability", -0.1, "must be a number from 0 to 1, got -0.1"),
        ("repeat_action_probability", float("nan"), "must be a number from 0 to 1, got nan"),
        ("repeat_action_probability", True, "must be a number from 0 to 1, got True"),
        ("repeat_action_probability", "0.25", "must be a number from 0 to 1, got '0.25'"),
        ("frameskip", 0, "frameskip must be a whole number from 1 to 1000, got 0"),
        ("frameskip", 1001, "frameskip must be a whole number from 1 to 1000, got 1001"),
        ("frameskip", 4.0, "frameskip must be a whole number from 1 to 1000, got 4.0"),
        ("frameskip", True, "frameskip must be a whole number from 1 to 1000, got True"),
        ("noop_max", -1, "noop_max must be a whole number from 0 to 1000, got -1"),
        ("noop_max", 1001, "noop_max must be a whole number from 0 to 1000, got 1001"),
        ("max_frames", -1, "max_frames must be a whole number from 0 to 2147483647, got -1"),
        ("max_frames", 2**31, "max_frames must be a whole number from 0 to 2147483647"),
        ("sound", None, "sound must be true or false, got None"),
    ],
)
def test_values_outside_the_range_are_refused(name: str, value: Any, expected: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        EnvironmentConfig(**{name: value})
    assert expected in str(caught.value)
    assert str(caught.value).startswith(name)


def test_numpy_numbers_become_python_numbers() -> None:
    settings = EnvironmentConfig(
        frameskip=np.int64(2),  # type: ignore[arg-type]
        repeat_action_probability=np.float32(0.25),  # type: ignore[arg-type]
    )
    assert type(settings.frameskip) is int
    assert type(settings.repeat_action_probability) is float


def test_settings_cannot_be_changed_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        EnvironmentConfig().frameskip = 1  # type: ignore[misc]


def test_explicit_values_override_variables_and_variables_override_defaults() -> None:
    assert from_variables({}).frameskip == 4
    assert from_variables({}, ATARI_FRAMESKIP="3").frameskip == 3
    assert from_variables({"frameskip": 2}, ATARI_FRAMESKIP="3").frameskip == 2
    assert from_variables({"frameskip": None}, ATARI_FRAMESKIP="3").frameskip == 3


def test_an_explicit_false_or_zero_overrides_a_variable_too() -> None:
    settings = from_variables(
        {"full_action_space": False, "mode": 0, "max_frames": 0},
        ATARI_FULL_ACTION_SPACE="true",
        ATARI_MODE="1",
        ATARI_MAX_FRAMES="9",
    )
    assert (settings.full_action_space, settings.mode, settings.max_frames) == (False, 0, 0)


def test_the_variables_of_the_process_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATARI_GAME", "breakout")
    assert EnvironmentConfig.from_variables({}, find_game).game == "breakout"


def test_every_variable_sets_its_setting() -> None:
    texts = {
        "ATARI_GAME": ("breakout", "breakout"),
        "ATARI_OBS_TYPE": ("ram", "ram"),
        "ATARI_FULL_ACTION_SPACE": ("true", True),
        "ATARI_MODE": ("4", 4),
        "ATARI_DIFFICULTY": ("1", 1),
        "ATARI_REPEAT_ACTION_PROB": ("0.25", 0.25),
        "ATARI_FRAMESKIP": ("1", 1),
        "ATARI_NOOP_MAX": ("30", 30),
        "ATARI_MAX_FRAMES": ("1000", 1000),
    }
    settings = from_variables({}, **{name: text for name, (text, _) in texts.items()})
    assert config.VARIABLES.keys() == texts.keys()
    for variable, (_, value) in texts.items():
        assert getattr(settings, config.VARIABLES[variable]) == value


@pytest.mark.parametrize("text", ["", "   "])
def test_an_empty_variable_counts_as_unset(text: str) -> None:
    assert from_variables({}, ATARI_FRAMESKIP=text, ATARI_GAME=text) == EnvironmentConfig()


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("TRUE", True), (" 1 ", True), ("yes", True)]
    + [("false", False), ("False", False), ("0", False), ("no", False)],
)
def test_a_flag_is_read_from_the_usual_words(text: str, value: bool) -> None:
    assert from_variables({}, ATARI_FULL_ACTION_SPACE=text).full_action_space is value


@pytest.mark.parametrize(
    ("variable", "text", "expected"),
    [
        ("ATARI_OBS_TYPE", "rgba", "ATARI_OBS_TYPE must be one of rgb, grayscale, ram, got 'rgba'"),
        ("ATARI_FULL_ACTION_SPACE", "maybe", "must be true or false, got 'maybe'"),
        ("ATARI_MODE", "easy", "ATARI_MODE must be a whole number, got 'easy'"),
        ("ATARI_MODE", "65536", "ATARI_MODE must be a whole number from 0 to 65535, got 65536"),
        ("ATARI_DIFFICULTY", "1.5", "ATARI_DIFFICULTY must be a whole number, got '1.5'"),
        ("ATARI_REPEAT_ACTION_PROB", "often", "must be a number, got 'often'"),
        ("ATARI_REPEAT_ACTION_PROB", "1.5", "must be a number from 0 to 1, got 1.5"),
        ("ATARI_FRAMESKIP", "four", "ATARI_FRAMESKIP must be a whole number, got 'four'"),
        ("ATARI_FRAMESKIP", "0", "ATARI_FRAMESKIP must be a whole number from 1 to 1000, got 0"),
        ("ATARI_NOOP_MAX", "-1", "ATARI_NOOP_MAX must be a whole number from 0 to 1000, got -1"),
        ("ATARI_MAX_FRAMES", "1e5", "ATARI_MAX_FRAMES must be a whole number, got '1e5'"),
    ],
)
def test_a_variable_with_an_invalid_value_is_named(variable: str, text: str, expected: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        from_variables({}, **{variable: text})
    assert expected in str(caught.value)
    assert str(caught.value).startswith(variable)


def test_an_invalid_variable_is_ignored_if_an_explicit_value_is_given() -> None:
    assert from_variables({"frameskip": 2}, ATARI_FRAMESKIP="four").frameskip == 2


def test_mode_and_difficulty_variables_apply_only_to_the_game_of_the_variables() -> None:
    variables = {"ATARI_GAME": "breakout", "ATARI_MODE": "4", "ATARI_DIFFICULTY": "1"}
    same = from_variables({"game": "Breakout"}, **variables)
    other = from_variables({"game": "pong"}, **variables)
    chosen = from_variables({"game": "pong", "mode": 1}, **variables)
    assert (same.mode, same.difficulty) == (4, 1)
    assert (other.mode, other.difficulty) == (None, None)
    assert (chosen.mode, chosen.difficulty) == (1, None)


def test_the_game_of_the_variables_may_be_spelled_differently() -> None:
    variables = {"ATARI_GAME": "ms_pacman", "ATARI_MODE": "2"}
    assert from_variables({"game": "ALE/MsPacman-v5"}, **variables).mode == 2
    assert from_variables({"game": "pacman"}, **variables).mode is None


def test_an_unknown_game_in_the_variables_does_not_affect_an_explicit_game() -> None:
    variables = {"ATARI_GAME": "pogn", "ATARI_MODE": "2"}
    assert from_variables({"game": "pong"}, **variables).mode is None


@pytest.mark.parametrize(
    ("explicit", "variables", "expected"),
    [
        ({"game": "pong"}, {"ATARI_MODE": "4"}, "ATARI_MODE: pong has no mode 4; expected one of"),
        ({}, {"ATARI_DIFFICULTY": "9"}, "ATARI_DIFFICULTY: pong has no difficulty 9; expected"),
        ({}, {"ATARI_GAME": "pogn"}, "ATARI_GAME: no game is called 'pogn'; did you mean pong"),
        ({"mode": 4}, {"ATARI_MODE": "1"}, "pong has no mode 4; expected one of"),
        ({"game": "pogn"}, {"ATARI_GAME": "pong"}, "no game is called 'pogn'; did you mean pong"),
    ],
)
def test_a_missing_game_mode_or_difficulty_is_refused_with_the_variable_that_asks_for_it(
    explicit: dict[str, Any], variables: dict[str, str], expected: str
) -> None:
    with pytest.raises(InvalidSetting) as caught:
        from_variables(explicit, **variables)
    assert str(caught.value).startswith(expected)


def test_a_mode_variable_applies_to_any_game_if_no_variable_names_one() -> None:
    assert from_variables({"game": "breakout"}, ATARI_MODE="4").mode == 4


def test_with_settings_changes_only_what_is_given() -> None:
    first = EnvironmentConfig("breakout", mode=4, frameskip=2)
    assert asdict(first.with_settings({"frameskip": 3})) == {**asdict(first), "frameskip": 3}
    assert first.with_settings({}) == first
    assert first.frameskip == 2


def test_a_new_game_drops_the_mode_and_difficulty_of_the_old_one() -> None:
    first = EnvironmentConfig("breakout", mode=4, difficulty=1, frameskip=2)
    assert first.with_settings({"game": "pong"}) == EnvironmentConfig("pong", frameskip=2)
    assert first.with_settings({"game": "pong", "mode": 1}).mode == 1
    assert first.with_settings({"game": "breakout"}) == first


def test_with_settings_refuses_unknown_names_and_invalid_values() -> None:
    with pytest.raises(InvalidSetting, match="unknown setting 'frame_skip'; expected one of"):
        EnvironmentConfig().with_settings({"frame_skip": 4})
    with pytest.raises(InvalidSetting, match="frameskip must be"):
        EnvironmentConfig().with_settings({"frameskip": 0})
