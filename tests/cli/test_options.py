"""Shared options mean the same everywhere: argument over variable over default."""

import inspect

import pytest

from atari_cli.cli.options import complete_games, complete_policies, parse_seed, takes_environment
from atari_cli.config import EnvironmentConfig
from atari_cli.errors import InvalidSetting


def environment_of(**given: object) -> EnvironmentConfig:
    """Return the settings that a command gets for what was given on its command line."""
    seen = []

    @takes_environment
    def command(environment: EnvironmentConfig) -> None:
        seen.append(environment)

    names = set(inspect.signature(command).parameters)
    command(**{name: given.get(name) for name in names})
    return seen[0]


def test_nothing_given_is_the_defaults() -> None:
    assert environment_of() == EnvironmentConfig()


def test_a_variable_counts_unless_the_option_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATARI_GAME", "breakout")
    monkeypatch.setenv("ATARI_FRAMESKIP", "2")
    monkeypatch.setenv("ATARI_FULL_ACTION_SPACE", "true")
    assert environment_of() == EnvironmentConfig("breakout", frameskip=2, full_action_space=True)
    given = environment_of(game="pong", frameskip=3, full_action_space=False)
    assert given == EnvironmentConfig("pong", frameskip=3)


def test_every_setting_has_its_option() -> None:
    given = {
        "game": "freeway",
        "obs_type": "ram",
        "full_action_space": True,
        "mode": 1,
        "difficulty": 1,
        "repeat_action_prob": 0.5,
        "frameskip": 7,
        "noop_max": 9,
        "max_frames": 100,
    }
    assert environment_of(**given) == EnvironmentConfig(
        "freeway", "ram", True, 1, 1, 0.5, 7, 9, 100
    )


def test_a_random_seed_is_drawn_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    seeds = {parse_seed("random"), parse_seed("random")}
    assert len(seeds) == 2
    told = capsys.readouterr().err
    assert all(f"seed: {seed}" in told for seed in seeds)
    assert parse_seed("17") == 17
    with pytest.raises(InvalidSetting):
        parse_seed("1.5")


def test_the_shell_completes_games_and_policies() -> None:
    assert complete_games("ms") == ["ms_pacman"]
    assert "random" in complete_policies("r")
