"""The settings of an environment."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, fields, replace
from types import MappingProxyType
from typing import Any, Final, Literal, Protocol, get_args

from atari_cli.config.checked import Checked, setting
from atari_cli.errors import InvalidSetting
from atari_cli.validation import (
    did_you_mean,
    flag,
    letters,
    one_of,
    optional,
    parse_variable,
    probability,
    text,
    whole_number,
)

ObsType = Literal["rgb", "grayscale", "ram"]
OBS_TYPES: Final[tuple[str, ...]] = get_args(ObsType)


def _number(default: int | None, low: int, high: int, variable: str) -> Any:
    """Return a whole number; None is allowed if it is the default."""
    check = whole_number(low, high)
    check = optional(check) if default is None else check
    return setting(default, check, variable=variable, limits=(low, high))


@dataclass(frozen=True)
class EnvironmentConfig(Checked):
    """The settings of an environment; each value is checked when the object is made.

    Attributes:
        game: A game's name in any spelling.
        obs_type: `rgb` (height, 160, 3), `grayscale` (height, 160) or `ram` (128,), all uint8.
        full_action_space: All 18 actions instead of the game's minimal set.
        mode: A game mode by ALE's number; the game's default if None.
        difficulty: A difficulty by ALE's number; the game's default if None.
        repeat_action_probability: Sticky actions (Machado et al. 2018), drawn per frame.
        frameskip: Frames per step.
        noop_max: Each episode starts with 1 to `noop_max` frames of NOOP; 0 means none.
        max_frames: Truncate an episode when ALE's episode counter reaches it; 0 means never.
        sound: Keep the sound samples of each frame.

    Raises:
        InvalidSetting: If a value is outside its range.
    """

    game: str = setting("pong", text, variable="ATARI_GAME")
    _: KW_ONLY
    obs_type: str = setting("rgb", one_of(OBS_TYPES), variable="ATARI_OBS_TYPE")
    full_action_space: bool = setting(False, flag, variable="ATARI_FULL_ACTION_SPACE")
    mode: int | None = _number(None, 0, 65_535, "ATARI_MODE")
    difficulty: int | None = _number(None, 0, 65_535, "ATARI_DIFFICULTY")
    repeat_action_probability: float = setting(
        0.0, probability, variable="ATARI_REPEAT_ACTION_PROB", limits=(0, 1)
    )
    frameskip: int = _number(4, 1, 1000, "ATARI_FRAMESKIP")
    noop_max: int = _number(0, 0, 1000, "ATARI_NOOP_MAX")
    max_frames: int = _number(108_000, 0, 2**31 - 1, "ATARI_MAX_FRAMES")
    sound: bool = setting(False, flag)

    def with_settings(self, settings: Mapping[str, Any]) -> "EnvironmentConfig":
        """Return a copy with some settings changed.

        A new game drops a mode and difficulty that were chosen for another.

        Args:
            settings: The new values by the setting's name.

        Raises:
            InvalidSetting: If a name is not a setting or a value is outside its range.
        """
        known = {item.name for item in fields(self)}
        for name in settings:
            if name not in known:
                raise InvalidSetting(f"unknown setting {name!r}; expected one of {sorted(known)}")
        if letters(settings.get("game", self.game)) != letters(self.game):
            settings = {"mode": None, "difficulty": None, **settings}
        return replace(self, **settings)

    @classmethod
    def of(cls, given: "EnvironmentConfig | str", **settings: Any) -> "EnvironmentConfig":
        """Return settings that are given as an object or as a game's name.

        Args:
            given: The object or the name.
            settings: The other settings with a name.

        Raises:
            InvalidSetting: If it is neither.
        """
        if isinstance(given, EnvironmentConfig):
            return given
        if isinstance(given, str):
            return cls(given, **settings)
        raise InvalidSetting(f"expected a game's name or EnvironmentConfig, got {given!r}")

    @classmethod
    def from_variables(
        cls,
        explicit: Mapping[str, Any],
        find: Callable[[str], "Console"],
        variables: Mapping[str, str] | None = None,
        own: Mapping[str, Any] = MappingProxyType({}),
    ) -> "EnvironmentConfig":
        """Return the settings by precedence: explicit value, `ATARI_*` variable, default.

        Args:
            explicit: Settings by name; None means that the user did not give the setting.
            find: Returns a game in any spelling: `games.find_game`.
            variables: The environment variables; those of the process if None.
            own: A command's own defaults, such as `PLAY_SETTINGS`; variables do not change them.

        Raises:
            InvalidSetting: If a value is outside its range, or the game has no such mode or
                difficulty; the message names a variable that is wrong.
        """
        variables = os.environ if variables is None else variables
        settings: dict[str, Any] = {}
        origins: dict[str, str] = {}
        for item in fields(cls):
            variable = item.metadata.get("variable")
            if explicit.get(item.name) is not None:
                settings[item.name] = explicit[item.name]
            elif item.name in own:
                settings[item.name] = own[item.name]
            elif variable and variables.get(variable, "").strip():
                value = parse_variable(variable, variables[variable].strip(), item.type)
                settings[item.name] = item.metadata["check"](variable, value)
                origins[item.name] = f"{variable}: "
        with _naming(origins.get("game", "")):
            game = find(settings.get("game", cls.game))
        settings["game"] = game.id
        other = variables.get("ATARI_GAME", "").strip()
        if "game" not in origins and other and not _is_same(game, other, find):
            # ATARI_MODE and ATARI_DIFFICULTY belong to ATARI_GAME, not to this game.
            for name in ("mode", "difficulty"):
                if name in origins:
                    del settings[name]
        for name, choose in (("mode", game.choose_mode), ("difficulty", game.choose_difficulty)):
            with _naming(origins.get(name, "")):
                choose(settings.get(name))
        return cls(**settings)


class Console(Protocol):
    """The parts of a game that settings depend on: `games.Game`."""

    @property
    def id(self) -> str:
        """The id of the game."""

    def choose_mode(self, mode: int | None) -> int:
        """Return a mode, or the default for None; raise InvalidSetting if there is no such mode."""

    def choose_difficulty(self, difficulty: int | None) -> int:
        """Return a difficulty likewise."""


@contextmanager
def _naming(origin: str) -> Iterator[None]:
    """Let the message of an error begin with the variable that gave the value."""
    try:
        yield
    except InvalidSetting as error:
        raise type(error)(f"{origin}{error}") from None


def _is_same(game: Console, other: str, find: Callable[[str], Console]) -> bool:
    """Return whether a name means a game; an unknown name does not."""
    try:
        return find(other).id == game.id
    except InvalidSetting:
        return False


def unknown_variables() -> list[str]:
    """Return a line about each `ATARI_*` variable of the process that has no effect."""
    known = {name: name for name in (*VARIABLES, *_OTHER_VARIABLES)}
    return [
        f"{name} has no effect{did_you_mean(name, known)}"
        for name in sorted(set(os.environ) - set(known))
        if name.startswith("ATARI_")
    ]


VARIABLES: Final[dict[str, str]] = {
    item.metadata["variable"]: item.name
    for item in fields(EnvironmentConfig)
    if "variable" in item.metadata
}
"""Each `ATARI_*` variable and the setting that it gives."""

_OTHER_VARIABLES: Final = ("ATARI_DATA_DIR", "ATARI_TOKEN")

LIMITS: Final[dict[str, tuple[int, int]]] = {
    item.name: item.metadata["limits"]
    for item in fields(EnvironmentConfig)
    if "limits" in item.metadata
}
"""The lowest and highest value of each setting that is a number."""
