"""Every setting: its default, its range and its environment variable, once each."""

import operator
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final, Literal, get_args

from atari_cli.errors import InvalidSetting

ObsType = Literal["rgb", "grayscale", "ram"]
OBS_TYPES: Final[tuple[str, ...]] = get_args(ObsType)

MAX_SEED: Final = 2**63 - 1
"""Largest seed: it fits the signed 64-bit integers of JSON and HDF5 readers."""


def _setting(default: Any, check: Callable[[str, Any], Any], variable: str | None = None) -> Any:
    return field(default=default, metadata={"check": check, "variable": variable})


def whole_number(low: int, high: int) -> Callable[[str, Any], int]:
    """Return a check for an integer in low…high; it takes (name, value) and returns an int."""

    def check(name: str, value: Any) -> int:
        try:
            number = operator.index(value)
        except TypeError:
            number = low - 1
        if isinstance(value, bool) or not low <= number <= high:
            limit = f"from {low} to {high}" if high < MAX_SEED else f"of {low} or more"
            raise InvalidSetting(f"{name} must be a whole number {limit}, got {value!r}")
        return number

    return check


def optional(check: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    """Return a check that lets None pass and hands all else to `check`."""
    return lambda name, value: None if value is None else check(name, value)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidSetting(f"{name} must be a name, got {value!r}")
    return value


def _obs_type(name: str, value: Any) -> str:
    if value not in OBS_TYPES:
        raise InvalidSetting(f"{name} must be one of {', '.join(OBS_TYPES)}, got {value!r}")
    return str(value)


def _flag(name: str, value: Any) -> bool:
    if value is not True and value is not False:
        raise InvalidSetting(f"{name} must be true or false, got {value!r}")
    return bool(value)


def _probability(name: str, value: Any) -> float:
    if isinstance(value, bool | str) or not hasattr(value, "__float__"):
        number = -1.0
    else:
        number = float(value)
    if not 0.0 <= number <= 1.0:
        raise InvalidSetting(f"{name} must be a number from 0 to 1, got {value!r}")
    return number


check_seed: Final = whole_number(0, MAX_SEED)


@dataclass(frozen=True)
class EnvironmentConfig:
    """The settings of an environment; each value is checked when the object is made.

    Attributes:
        game: A game's name in any spelling.
        obs_type: `rgb` (height, 160, 3), `grayscale` (height, 160) or `ram` (128,), all uint8.
        full_action_space: All 18 actions in place of the game's minimal set.
        mode: A game mode as ALE numbers them; None is the game's default.
        difficulty: A difficulty as ALE numbers them; None is the game's default.
        repeat_action_probability: Sticky actions (Machado et al. 2018), drawn per frame.
        frameskip: Frames per step.
        noop_max: Each episode starts with 1 to `noop_max` frames of NOOP; 0 is none.
        max_frames: An episode is truncated when ALE's episode counter reaches it; 0 is never.
        sound: Keep the sound samples of each frame.

    Raises:
        InvalidSetting: If a value is outside its range.
    """

    game: str = _setting("pong", _text, "ATARI_GAME")
    obs_type: str = _setting("rgb", _obs_type, "ATARI_OBS_TYPE")
    full_action_space: bool = _setting(False, _flag, "ATARI_FULL_ACTION_SPACE")
    mode: int | None = _setting(None, optional(whole_number(0, 65_535)), "ATARI_MODE")
    difficulty: int | None = _setting(None, optional(whole_number(0, 65_535)), "ATARI_DIFFICULTY")
    repeat_action_probability: float = _setting(0.0, _probability, "ATARI_REPEAT_ACTION_PROB")
    frameskip: int = _setting(4, whole_number(1, 1000), "ATARI_FRAMESKIP")
    noop_max: int = _setting(0, whole_number(0, 1000), "ATARI_NOOP_MAX")
    max_frames: int = _setting(108_000, whole_number(0, 2**31 - 1), "ATARI_MAX_FRAMES")
    sound: bool = _setting(False, _flag)

    def __post_init__(self) -> None:
        for setting in fields(self):
            value = setting.metadata["check"](setting.name, getattr(self, setting.name))
            object.__setattr__(self, setting.name, value)

    def with_settings(self, settings: Mapping[str, Any]) -> "EnvironmentConfig":
        """Return a copy with some settings changed.

        A new game drops a mode and difficulty that were given for another.

        Raises:
            InvalidSetting: If a name is not a setting or a value is outside its range.
        """
        known = {setting.name for setting in fields(self)}
        for name in settings:
            if name not in known:
                raise InvalidSetting(f"unknown setting {name!r}; expected one of {sorted(known)}")
        if _letters(settings.get("game", self.game)) != _letters(self.game):
            settings = {"mode": None, "difficulty": None, **settings}
        return replace(self, **settings)

    @classmethod
    def from_variables(
        cls,
        explicit: Mapping[str, Any],
        game_id: Callable[[str], str],
        variables: Mapping[str, str] = os.environ,
    ) -> "EnvironmentConfig":
        """Return the settings by precedence: explicit value, `ATARI_*` variable, default.

        Args:
            explicit: Settings by name; None means that the user did not give it.
            game_id: Returns the id of a game in any spelling: `games.game_id`.
            variables: The environment variables.

        Raises:
            InvalidSetting: If a value is outside its range; for a variable, the message names it.
        """
        settings: dict[str, Any] = {}
        for setting in fields(cls):
            variable = setting.metadata["variable"]
            if explicit.get(setting.name) is not None:
                settings[setting.name] = explicit[setting.name]
            elif variable and variables.get(variable, "").strip():
                value = _parse(variable, variables[variable].strip(), setting.type)
                settings[setting.name] = setting.metadata["check"](variable, value)
        game = explicit.get("game")
        settings["game"] = game_id(game if game is not None else settings.get("game", cls.game))
        other = variables.get("ATARI_GAME", "").strip()
        if game is not None and other and not _is_same(settings["game"], other, game_id):
            # ATARI_MODE and ATARI_DIFFICULTY were given for ATARI_GAME, not for this game.
            for name in ("mode", "difficulty"):
                if explicit.get(name) is None:
                    settings.pop(name, None)
        return cls(**settings)


def _is_same(game: str, other: str, game_id: Callable[[str], str]) -> bool:
    """Return whether a name is that of a game; one that no game has is not."""
    try:
        return game_id(other) == game
    except InvalidSetting:
        return False


def _letters(name: Any) -> str:
    """Return what two spellings of a game have in common; the settings check that it is text."""
    return "".join(character for character in str(name).casefold() if character.isalnum())


def _parse(variable: str, text: str, kind: Any) -> Any:
    """Return a variable's text as the type of its setting."""
    if kind is bool:
        words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
        if text.lower() not in words:
            raise InvalidSetting(f"{variable} must be true or false, got {text!r}")
        return words[text.lower()]
    if kind is str:
        return text
    number = float if kind is float else int
    try:
        return number(text)
    except ValueError:
        what = "a number" if number is float else "a whole number"
        raise InvalidSetting(f"{variable} must be {what}, got {text!r}") from None


VARIABLES: Final[dict[str, str]] = {
    setting.metadata["variable"]: setting.name
    for setting in fields(EnvironmentConfig)
    if setting.metadata["variable"]
}
"""Each `ATARI_*` variable and the setting that it gives."""


@dataclass(frozen=True)
class RolloutConfig:
    """How many episodes to play, from which seed, on how many workers.

    Attributes:
        episodes: Number of episodes; None with `steps` is as many as these take.
        steps: Total number of steps, in place of `episodes`; the last episode is cut there.
        seed: Seed of the run; episode k's own seed follows from (seed, k) alone.
        first_episode: Index of the first episode.
        workers: Number of processes; 1 plays in the calling process.

    Raises:
        InvalidSetting: If a value is outside its range, or episodes and steps are both given.
    """

    episodes: int | None = None
    steps: int | None = None
    seed: int = 0
    first_episode: int = 0
    workers: int = 1

    DEFAULT_EPISODES = 10

    def __post_init__(self) -> None:
        if self.episodes is not None and self.steps is not None:
            raise InvalidSetting("give episodes or steps, not both")
        if self.steps is None:
            episodes = self.DEFAULT_EPISODES if self.episodes is None else self.episodes
            object.__setattr__(self, "episodes", whole_number(1, 10**9)("episodes", episodes))
        else:
            object.__setattr__(self, "steps", whole_number(1, 10**12)("steps", self.steps))
        object.__setattr__(self, "seed", check_seed("seed", self.seed))
        first = whole_number(0, 10**9)("first_episode", self.first_episode)
        object.__setattr__(self, "first_episode", first)
        object.__setattr__(self, "workers", whole_number(1, 1024)("workers", self.workers))


VIDEO_FORMATS: Final = ("mp4", "gif", "mkv")


@dataclass(frozen=True)
class RecordConfig:
    """What is written of each episode, and where.

    Attributes:
        out: Folder of the recordings; it is made when missing.
        video: Write a video beside the NPZ file.
        format: `mp4` (H.264 with sound), `gif` (50 frames/s, no sound) or `mkv` (lossless).
        scale: Video pixels per Atari pixel, in both directions.
        screens: Store the screen and RAM of each step in the NPZ file.
        overwrite: Replace files that are there already.

    Raises:
        InvalidSetting: If a value is outside its range.
    """

    out: Path = Path("recordings")
    video: bool = True
    format: str = "mp4"
    scale: int = 4
    screens: bool = True
    overwrite: bool = False

    def __post_init__(self) -> None:
        if self.format not in VIDEO_FORMATS:
            expected = ", ".join(VIDEO_FORMATS)
            raise InvalidSetting(f"format must be one of {expected}, got {self.format!r}")
        whole_number(1, 16)("scale", self.scale)
