"""The options that several commands share, each spelled once."""

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from types import MappingProxyType
from typing import Annotated, Any, Final

import typer

from atari_cli.checks import MAX_SEED, check_seed
from atari_cli.config import OBS_TYPES, EnvironmentConfig
from atari_cli.errors import InvalidSetting, UnknownGame

DEFAULTS: Final = EnvironmentConfig()


def complete_games(incomplete: str) -> list[str]:
    """Return the games whose id starts with what was typed, for the shell."""
    from atari_cli.games import all_games

    return [game.id for game in all_games() if game.id.startswith(incomplete.lower())]


def complete_policies(incomplete: str) -> list[str]:
    """Return the spellings of built-in policies that start with what was typed, for the shell."""
    spellings = ("random", "noop", "tracker", "repeat:", "script:", "replay:")
    return [spelling for spelling in spellings if spelling.startswith(incomplete)]


def _option(help: str, default: object = None, **rest: Any) -> Any:
    shown: dict[str, Any] = {} if default is None else {"show_default": str(default)}
    return typer.Option(help=help, **shown, **rest)


Game = Annotated[
    str | None,
    typer.Argument(
        help="A game in any spelling; `atari games` lists them.",
        show_default=DEFAULTS.game,
        autocompletion=complete_games,
    ),
]
Policy = Annotated[
    str,
    typer.Option(
        help="random, noop, tracker, repeat:ACTION, script:FILE, replay:FILE.npz, FILE.py or "
        "package.module:name.",
        autocompletion=complete_policies,
    ),
]
Seed = Annotated[
    str,
    typer.Option(
        help="Seed of the run, or `random` to draw one; episode k's seed follows from it and k.",
        metavar="INTEGER|random",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")]


def takes_environment(
    command: Callable[..., None], own: Mapping[str, Any] = MappingProxyType({})
) -> Callable[..., None]:
    """Give a command the game argument and all settings, as its `environment` parameter.

    A setting that is not given falls back to its `ATARI_*` variable, then to its default.

    Args:
        command: The command.
        own: Settings whose defaults are the command's own; no variable changes them.
    """
    options = _settings(DEFAULTS.with_settings(own))
    signature = inspect.signature(command)
    others = [
        parameter for parameter in signature.parameters.values() if parameter.name != "environment"
    ]

    @wraps(command)
    def wrapper(game: str | None, **values: Any) -> None:
        settings = {name: values.pop(name) for name in options}
        settings["repeat_action_probability"] = settings.pop("repeat_action_prob")
        command(environment=environment_config({"game": game, **settings}, own), **values)

    kind = inspect.Parameter.KEYWORD_ONLY
    given = [
        inspect.Parameter(name, kind, default=None, annotation=annotation)
        for name, annotation in options.items()
    ]
    first = inspect.Parameter(
        "game", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=Game
    )
    rest = [parameter.replace(kind=kind) for parameter in others]
    parameters = [first, *rest, *given]
    seen = signature.replace(parameters=parameters)
    wrapper.__signature__ = seen  # type: ignore[attr-defined]  # which functions may have
    wrapper.__annotations__ = {item.name: item.annotation for item in parameters}
    del wrapper.__wrapped__  # typer would read its signature
    return wrapper


def _settings(defaults: EnvironmentConfig) -> dict[str, Any]:
    """Return the parameter of each option, by the option's name."""
    return {
        "obs_type": Annotated[
            str | None,
            _option("What a policy sees.", defaults.obs_type, metavar="|".join(OBS_TYPES)),
        ],
        "full_action_space": Annotated[
            bool | None,
            typer.Option(
                "--full-action-space/--minimal-action-space",
                help="All 18 actions, or those that the game uses.",
                show_default="minimal-action-space",
            ),
        ],
        "mode": Annotated[int | None, _option("Game mode; `atari info` lists them.", "the game's")],
        "difficulty": Annotated[int | None, _option("Difficulty switch.", "the game's")],
        "repeat_action_prob": Annotated[
            float | None,
            _option("Sticky actions: chance to repeat.", defaults.repeat_action_probability),
        ],
        "frameskip": Annotated[int | None, _option("Frames per step.", defaults.frameskip)],
        "noop_max": Annotated[
            int | None, _option("Start with 1 to N frames of NOOP; 0 is none.", defaults.noop_max)
        ],
        "max_frames": Annotated[
            int | None, _option("Truncate episodes there; 0 is never.", defaults.max_frames)
        ],
    }


def environment_config(
    explicit: Mapping[str, Any], own: Mapping[str, Any] = MappingProxyType({})
) -> EnvironmentConfig:
    """Return the settings that were given, else the command's own or the `ATARI_*` variables'."""
    from atari_cli.games import game_id

    try:
        return EnvironmentConfig.from_variables(explicit, game_id, own=own)
    except UnknownGame as error:
        origin = "ATARI_GAME: " if explicit["game"] is None else ""
        raise UnknownGame(f"{origin}{error}") from None


def parse_seed(text: str) -> int:
    """Return the seed that was given, or draw one for `random` and say which.

    Raises:
        InvalidSetting: If it is neither.
    """
    if text == "random":
        from atari_cli.cli.output import note
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
