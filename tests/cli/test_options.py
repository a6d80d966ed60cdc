"""Shared options work alike in every command: argument over variable over default."""

import inspect
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import typer

from atari_cli.cli.options import (
    complete_games,
    complete_policies,
    parse_seed,
    parse_workers,
    read_arguments,
    takes_config,
    takes_environment,
)
from atari_cli.config import PLAY_SETTINGS, EnvironmentConfig, ServeConfig
from atari_cli.errors import InvalidSetting


def environment_of(own: Mapping[str, Any] = {}, **given: object) -> EnvironmentConfig:
    """Return the settings that a command gets from its command line."""
    seen = []

    def play(environment: EnvironmentConfig) -> None:
        seen.append(environment)

    command = takes_environment(play, own)
    names = set(inspect.signature(command).parameters)
    command(**{name: given.get(name) for name in names})
    return seen[0]


def shown_help(command: Callable[..., None], option: str) -> str:
    """Return the help of an option."""
    annotation = inspect.signature(command).parameters[option].annotation
    text: str = annotation.__metadata__[0].help
    return text


def test_without_options_the_settings_are_the_defaults() -> None:
    assert environment_of() == EnvironmentConfig()


def test_a_variable_applies_unless_the_option_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATARI_GAME", "breakout")
    monkeypatch.setenv("ATARI_FRAMESKIP", "2")
    monkeypatch.setenv("ATARI_FULL_ACTION_SPACE", "true")
    assert environment_of() == EnvironmentConfig(
        game="breakout", frameskip=2, full_action_space=True
    )
    given = environment_of(game="pong", frameskip=3, full_action_space=False)
    assert given == EnvironmentConfig(game="pong", frameskip=3)


def test_play_has_its_own_default_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment_of(PLAY_SETTINGS) == EnvironmentConfig(**PLAY_SETTINGS)
    monkeypatch.setenv("ATARI_FRAMESKIP", "2")
    monkeypatch.setenv("ATARI_REPEAT_ACTION_PROB", "0.25")
    monkeypatch.setenv("ATARI_MAX_FRAMES", "a thing that nobody reads")
    monkeypatch.setenv("ATARI_GAME", "breakout")
    monkeypatch.setenv("ATARI_MODE", "4")
    monkeypatch.setenv("ATARI_DIFFICULTY", "1")
    expected = EnvironmentConfig(game="breakout", mode=4, difficulty=1, **PLAY_SETTINGS)
    assert environment_of(PLAY_SETTINGS) == expected
    given = {"frameskip": 4, "repeat_action_probability": 0.5, "max_frames": 100}
    settings = environment_of(PLAY_SETTINGS, **given)
    assert (settings.frameskip, settings.repeat_action_probability) == (4, 0.5)
    assert (settings.max_frames, settings.sound) == (100, True)


def test_the_help_shows_variables_and_the_defaults_of_the_command() -> None:
    def command(environment: EnvironmentConfig) -> None: ...

    wrapped = takes_environment(command)
    assert shown_help(wrapped, "frameskip").endswith("[env var: ATARI_FRAMESKIP; default: 4]")
    assert shown_help(wrapped, "noop_max").endswith("[env var: ATARI_NOOP_MAX; default: 0]")
    assert shown_help(wrapped, "mode").endswith("[env var: ATARI_MODE; default: the game's]")
    wrapped = takes_environment(command, PLAY_SETTINGS)
    assert shown_help(wrapped, "frameskip").endswith("  [default: 1]")
    assert shown_help(wrapped, "max_frames").endswith("  [default: 0]")
    assert shown_help(wrapped, "noop_max").endswith("[env var: ATARI_NOOP_MAX; default: 0]")


def test_the_example_of_takes_environment_works(monkeypatch: pytest.MonkeyPatch) -> None:
    called = []

    def jump(environment: EnvironmentConfig, times: int = 1) -> None:
        called.append((environment, times))

    app = typer.Typer()
    app.command()(takes_environment(jump))
    monkeypatch.setenv("ATARI_MODE", "1")
    app(["pong", "--frameskip", "2", "--times", "3"], standalone_mode=False)
    assert called == [(EnvironmentConfig(game="pong", mode=1, frameskip=2), 3)]


def test_a_command_takes_the_fields_of_a_config() -> None:
    called = []

    def serve(config: ServeConfig, twice: bool = False) -> None:
        called.append((config, twice))

    app = typer.Typer()
    options = {"port": typer.Option(), "allow_hosts": typer.Option("--allow-host")}
    app.command()(takes_config(serve, ServeConfig, options))
    app([], standalone_mode=False)
    words = ["--allow-host", "a.example", "--allow-host", "b.example", "--port", "0", "--twice"]
    app(words, standalone_mode=False)
    other = ServeConfig(port=0, allow_hosts=("a.example", "b.example"))
    assert called == [(ServeConfig(), False), (other, True)]


def test_every_setting_has_an_option() -> None:
    given: dict[str, Any] = {
        "game": "freeway",
        "obs_type": "ram",
        "full_action_space": True,
        "mode": 1,
        "difficulty": 1,
        "repeat_action_probability": 0.5,
        "frameskip": 7,
        "noop_max": 9,
        "max_frames": 100,
    }
    assert environment_of(**given) == EnvironmentConfig(**given)


def test_a_random_seed_is_drawn_and_printed(capsys: pytest.CaptureFixture[str]) -> None:
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


def test_arguments_of_a_policy_are_python_literals_or_texts() -> None:
    words = [
        "depth=3",
        "rate=0.5",
        "greedy=True",
        "net=nets/a=b.pt",
        "name='3'",
        "none=",
        "x=(1, 2)",
    ]
    assert read_arguments(words) == {
        "depth": 3,
        "rate": 0.5,
        "greedy": True,
        "net": "nets/a=b.pt",
        "name": "3",
        "none": "",
        "x": (1, 2),
    }
    assert read_arguments(None) == {}


@pytest.mark.parametrize("words", [["depth"], ["=3"], ["a b=3"], ["3=3"]])
def test_an_invalid_argument_of_a_policy_is_refused(words: list[str]) -> None:
    with pytest.raises(InvalidSetting, match=f"must be NAME=VALUE, got '{words[0]}'"):
        read_arguments(words)


def test_an_argument_of_a_policy_is_given_once() -> None:
    with pytest.raises(InvalidSetting, match="--policy-arg depth is given twice"):
        read_arguments(["depth=3", "depth=4"])


@pytest.mark.skipif(sys.platform != "linux", reason="other systems restrict no process to CPUs")
def test_auto_is_one_worker_for_each_cpu_of_the_process() -> None:
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert parse_workers("auto") == 1
    finally:
        os.sched_setaffinity(0, allowed)
    assert parse_workers("auto") == len(allowed)
    assert parse_workers("3") == 3
    with pytest.raises(InvalidSetting, match="--workers must be a whole number or `auto`, got 'x'"):
        parse_workers("x")
