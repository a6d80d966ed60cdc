"""The options that several commands share, each spelled once."""

import ast
import inspect
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import wraps
from types import MappingProxyType
from typing import Annotated, Any, Final, get_type_hints

import typer

from atari_cli.cli.output import note
from atari_cli.config import (
    LOG_LEVELS,
    OBS_TYPES,
    VARIABLES,
    EnvironmentConfig,
    unknown_variables,
)
from atari_cli.errors import InvalidSetting
from atari_cli.validation import MAX_SEED, check_seed

DEFAULTS: Final = EnvironmentConfig()

CommandFunction = Callable[..., None]


def complete_games(incomplete: str) -> list[str]:
    """Return the games whose id starts with the given letters, for the shell."""
    from atari_cli.games import all_games

    return [game.id for game in all_games() if game.id.startswith(incomplete.lower())]


def complete_policies(incomplete: str) -> list[str]:
    """Return the spellings of built-in policies that start with the given letters."""
    spellings = ("random", "noop", "tracker", "repeat:", "script:", "replay:")
    return [spelling for spelling in spellings if spelling.startswith(incomplete)]


def described(help: str, default: object = None, variable: str | None = None) -> str:
    """Return a help text with a variable and a default, in the form in which typer appends them.

    For options whose default typer cannot show, since it is not the parameter's own: the parameter
    is None if the option was not given.

    Args:
        help: The purpose of the option.
        default: The default in words; None leaves it out.
        variable: The environment variable that is read if the option was not given.
    """
    notes = [f"env var: {variable}"] if variable else []
    notes += [] if default is None else [f"default: {default}"]
    return f"{help}  [{'; '.join(notes)}]" if notes else help


def optional(help: str, default: object) -> Any:
    """Return the `typer.Option` of a parameter that is None if it was not given.

    Args:
        help: The purpose of the option.
        default: What applies then, in words.
    """
    return typer.Option(help=described(help, default), show_default=False)


GameArgument = Annotated[
    str | None,
    typer.Argument(
        help=described(
            "A game in any spelling; `atari games` lists them.", DEFAULTS.game, "ATARI_GAME"
        ),
        show_default=False,
        autocompletion=complete_games,
    ),
]
PolicyOption = Annotated[
    str,
    typer.Option(
        help="random, noop, tracker, repeat:ACTION, script:FILE, replay:FILE.npz, FILE.py or "
        "package.module:name.",
        autocompletion=complete_policies,
    ),
]
PolicyArgumentOption = Annotated[
    list[str] | None,
    typer.Option(
        "--policy-arg",
        metavar="NAME=VALUE",
        help="An argument for the policy of a FILE.py or module. Can be repeated.",
        show_default=False,
    ),
]
SeedOption = Annotated[
    str,
    typer.Option(
        help="Seed of the run, from which each episode's seed follows; `random` draws one.",
        metavar="INTEGER|random",
    ),
]
LOG_LEVEL: Final = typer.Option(help="Minimum severity to log.", metavar="|".join(LOG_LEVELS))
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace existing files.")]

_SETTINGS: Final = {
    "obs_type": "Kind of observation: colours, gray values or RAM.",
    "full_action_space": "All 18 actions, or only those that the game uses.",
    "mode": "Game mode; `atari info` lists them.",
    "difficulty": "Difficulty switch.",
    "repeat_action_probability": (
        "Sticky actions: probability that a frame repeats the last action."
    ),
    "frameskip": "Frames per step.",
    "noop_max": "Start episodes with 1 to N frames of NOOP (0: none).",
    "max_frames": "Truncate episodes after N frames (0: never).",
}
"""The help of each setting's option."""

_NAMES: Final = {
    "full_action_space": ("--full-action-space/--minimal-action-space",),
    "repeat_action_probability": ("--repeat-action-prob",),
}
_DEFAULTS: Final = {
    "full_action_space": "minimal-action-space",
    "mode": "the game's",
    "difficulty": "the game's",
}


def takes_environment(
    command: CommandFunction, own: Mapping[str, Any] = MappingProxyType({})
) -> CommandFunction:
    """Give a command the game argument and an option for each setting of the environment.

    The command declares one parameter, `environment`, and gets the settings in force: for each,
    the option if it was given, else its `ATARI_*` variable, else the default. With

        def jump(environment: EnvironmentConfig, times: int = 1) -> None: ...

        app.command()(takes_environment(jump))

    `ATARI_MODE=1 atari jump pong --frameskip 2 --times 3` calls
    `jump(environment=EnvironmentConfig("pong", mode=1, frameskip=2), times=3)`.

    Args:
        command: The command.
        own: Settings whose defaults are the command's own; no variable changes them.

    Returns:
        A function with the signature that typer reads: the game, then the command's other
        parameters, then the settings.
    """
    annotations = {"game": GameArgument} | _setting_options(own)
    parameters = {name: (annotation, None) for name, annotation in annotations.items()}
    return _with_parameters(
        command, "environment", parameters, lambda given: environment_config(given, own)
    )


def takes_config(
    command: CommandFunction,
    config: type[Any],
    options: Mapping[str, Any],
    make: Callable[[dict[str, Any]], object] | None = None,
) -> CommandFunction:
    """Give a command an option for each of some fields of a config class.

    The command declares one parameter, `config`, and gets the object. Types and defaults are those
    of the fields; a field that is a tuple becomes an option that can be repeated.

    Args:
        command: The command.
        config: The dataclass.
        options: The `typer.Option` of each field.
        make: Makes the object from the values by name; None if the class itself does.

    Returns:
        A function with the signature that typer reads.
    """
    defaults = {field.name: field.default for field in fields(config)}
    hints = get_type_hints(config)
    repeated = {name for name in options if isinstance(defaults[name], tuple)}

    def build(given: dict[str, Any]) -> object:
        values = given | {name: tuple(given[name] or ()) for name in repeated}
        return make(values) if make else config(**values)

    parameters = {
        name: (Annotated[list[str] | None, option], None)
        if name in repeated
        else (Annotated[hints[name], option], defaults[name])
        for name, option in options.items()
    }
    return _with_parameters(command, "config", parameters, build)


def _with_parameters(
    command: CommandFunction,
    name: str,
    parameters: Mapping[str, tuple[Any, object]],
    build: Callable[[dict[str, Any]], object],
) -> CommandFunction:
    """Return a command that takes other parameters in place of one, which is built from them.

    Args:
        command: The command.
        name: The parameter to replace.
        parameters: The annotation and default of each parameter in its place.
        build: Makes the value of the replaced parameter of theirs.
    """
    kind = inspect.Parameter.KEYWORD_ONLY
    signature = inspect.signature(command)
    others = [
        parameter.replace(kind=kind)
        for parameter in signature.parameters.values()
        if parameter.name != name
    ]
    added = [
        inspect.Parameter(added, kind, default=default, annotation=annotation)
        for added, (annotation, default) in parameters.items()
    ]

    @wraps(command)
    def wrapper(**values: Any) -> None:
        given = {parameter: values.pop(parameter) for parameter in parameters}
        command(**{name: build(given)}, **values)

    seen = [*others, *added]
    wrapper.__signature__ = signature.replace(parameters=seen)  # type: ignore[attr-defined]  # which functions may have
    wrapper.__annotations__ = {item.name: item.annotation for item in seen}
    del wrapper.__wrapped__  # typer would read its signature
    return wrapper


def _setting_options(own: Mapping[str, Any]) -> dict[str, Any]:
    """Return the annotated type of each setting's parameter, by the setting's name.

    Args:
        own: Settings whose defaults are the command's own; no variable changes them.
    """
    defaults = DEFAULTS.with_settings(own)
    types = get_type_hints(EnvironmentConfig)
    variables = {name: variable for variable, name in VARIABLES.items() if name not in own}
    options = {}
    for name, help in _SETTINGS.items():
        default = _DEFAULTS.get(name, getattr(defaults, name))
        option = typer.Option(
            *_NAMES.get(name, ()),
            help=described(help, default, variables.get(name)),
            metavar="|".join(OBS_TYPES) if name == "obs_type" else None,
            show_default=False,
        )
        options[name] = Annotated[types[name] | None, option]
    return options


def environment_config(
    explicit: Mapping[str, Any], own: Mapping[str, Any] = MappingProxyType({})
) -> EnvironmentConfig:
    """Return the settings in force: the explicit ones, else a command's own, else the variables'.

    Args:
        explicit: Settings by name; None if the option was not given.
        own: Settings whose defaults are the command's own; no variable changes them.

    Raises:
        InvalidSetting: As `EnvironmentConfig.from_variables`.
    """
    from atari_cli.games import find_game

    for unknown in unknown_variables():
        note(unknown)
    return EnvironmentConfig.from_variables(explicit, find_game, own=own)


def read_arguments(words: Sequence[str] | None) -> dict[str, Any]:
    """Return the arguments of a policy by name: Python literals, else texts.

    Raises:
        InvalidSetting: If one is not NAME=VALUE, or is given twice.
    """
    arguments: dict[str, Any] = {}
    for word in words or ():
        name, equals, text = word.partition("=")
        if not equals or not name.isidentifier():
            raise InvalidSetting(f"--policy-arg must be NAME=VALUE, got {word!r}")
        if name in arguments:
            raise InvalidSetting(f"--policy-arg {name} is given twice")
        try:
            arguments[name] = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            arguments[name] = text
    return arguments


def parse_workers(text: str) -> int:
    """Return a number of processes; `auto` is the number of CPUs that this process may use.

    Raises:
        InvalidSetting: If it is neither a number nor `auto`.
    """
    if text == "auto":
        if sys.platform == "linux":
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1
    try:
        return int(text)
    except ValueError:
        raise InvalidSetting(f"--workers must be a whole number or `auto`, got {text!r}") from None


def parse_seed(text: str) -> int:
    """Return the given seed; for `random`, draw one and print it on stderr.

    Raises:
        InvalidSetting: If it is neither a seed nor `random`.
    """
    if text == "random":
        from atari_cli.seeding import random_seed

        seed = random_seed()
        note(f"seed: {seed}")
        return seed
    try:
        return check_seed("seed", int(text))
    except ValueError:
        raise InvalidSetting(
            f"--seed must be a whole number from 0 to {MAX_SEED} or `random`, got {text!r}"
        ) from None
