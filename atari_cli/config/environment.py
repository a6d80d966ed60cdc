"""The settings of an environment."""

import os
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

from atari_cli.checks import (
    flag,
    letters,
    one_of,
    optional,
    parse_variable,
    probability,
    text,
    whole_number,
)
from atari_cli.errors import InvalidSetting

ObsType = Literal["rgb", "grayscale", "ram"]
OBS_TYPES: Final[tuple[str, ...]] = get_args(ObsType)


def _setting(
    default: Any,
    check: Callable[[str, Any], Any],
    variable: str | None = None,
    limits: tuple[int, int] | None = None,
) -> Any:
    metadata = {"check": check, "variable": variable, "limits": limits}
    return field(default=default, metadata=metadata)


def _number(default: int | None, low: int, high: int, variable: str) -> Any:
    """Return a whole number; None is allowed if it is the default."""
    check = whole_number(low, high)
    return _setting(
        default, optional(check) if default is None else check, variable, limits=(low, high)
    )


def _obs_type(name: str, value: Any) -> str:
    return one_of(name, value, OBS_TYPES)


@dataclass(frozen=True)
class EnvironmentConfig:
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

    game: str = _setting("pong", text, "ATARI_GAME")
    _: KW_ONLY
    obs_type: str = _setting("rgb", _obs_type, "ATARI_OBS_TYPE")
    full_action_space: bool = _setting(False, flag, "ATARI_FULL_ACTION_SPACE")
    mode: int | None = _number(None, 0, 65_535, "ATARI_MODE")
    difficulty: int | None = _number(None, 0, 65_535, "ATARI_DIFFICULTY")
    repeat_action_probability: float = _setting(
        0.0, probability, "ATARI_REPEAT_ACTION_PROB", limits=(0, 1)
    )
    frameskip: int = _number(4, 1, 1000, "ATARI_FRAMESKIP")
    noop_max: int = _number(0, 0, 1000, "ATARI_NOOP_MAX")
    max_frames: int = _number(108_000, 0, 2**31 - 1, "ATARI_MAX_FRAMES")
    sound: bool = _setting(False, flag)

    def __post_init__(self) -> None:
        for setting in fields(self):
            value = setting.metadata["check"](setting.name, getattr(self, setting.name))
            object.__setattr__(self, setting.name, value)

    def with_settings(self, settings: Mapping[str, Any]) -> "EnvironmentConfig":
        """Return a copy with some settings changed.

        A new game drops a mode and difficulty that were chosen for another.

        Args:
            settings: The new values by the setting's name.

        Raises:
            InvalidSetting: If a name is not a setting or a value is outside its range.
        """
        known = {setting.name for setting in fields(self)}
        for name in settings:
            if name not in known:
                raise InvalidSetting(f"unknown setting {name!r}; expected one of {sorted(known)}")
        if letters(settings.get("game", self.game)) != letters(self.game):
            settings = {"mode": None, "difficulty": None, **settings}
        return replace(self, **settings)

    @classmethod
    def from_variables(
        cls,
        explicit: Mapping[str, Any],
        game_id: Callable[[str], str],
        variables: Mapping[str, str] = os.environ,
        own: Mapping[str, Any] = MappingProxyType({}),
    ) -> "EnvironmentConfig":
        """Return the settings by precedence: explicit value, `ATARI_*` variable, default.

        Args:
            explicit: Settings by name; None means that the user did not give the setting.
            game_id: Returns the id of a game in any spelling: `games.game_id`.
            variables: The environment variables.
            own: A command's own defaults, such as `PLAY_SETTINGS`; variables do not change them.

        Raises:
            InvalidSetting: If a value is outside its range; the message names a variable that is
                wrong.
        """
        settings: dict[str, Any] = {}
        for setting in fields(cls):
            variable = setting.metadata["variable"]
            if explicit.get(setting.name) is not None:
                settings[setting.name] = explicit[setting.name]
            elif setting.name in own:
                settings[setting.name] = own[setting.name]
            elif variable and variables.get(variable, "").strip():
                value = parse_variable(variable, variables[variable].strip(), setting.type)
                settings[setting.name] = setting.metadata["check"](variable, value)
        game = explicit.get("game")
        settings["game"] = game_id(game if game is not None else settings.get("game", cls.game))
        other = variables.get("ATARI_GAME", "").strip()
        if game is not None and other and not _is_same(settings["game"], other, game_id):
            # ATARI_MODE and ATARI_DIFFICULTY belong to ATARI_GAME, not to this game.
            for name in ("mode", "difficulty"):
                if explicit.get(name) is None:
                    settings.pop(name, None)
        return cls(**settings)


def _is_same(game: str, other: str, game_id: Callable[[str], str]) -> bool:
    """Return whether a name means a game; an unknown name does not."""
    try:
        return game_id(other) == game
    except InvalidSetting:
        return False


VARIABLES: Final[dict[str, str]] = {
    setting.metadata["variable"]: setting.name
    for setting in fields(EnvironmentConfig)
    if setting.metadata["variable"]
}
"""Each `ATARI_*` variable and the setting that it gives."""

LIMITS: Final[dict[str, tuple[int, int]]] = {
    setting.name: setting.metadata["limits"]
    for setting in fields(EnvironmentConfig)
    if setting.metadata["limits"]
}
"""The lowest and highest value of each setting that is a number."""
