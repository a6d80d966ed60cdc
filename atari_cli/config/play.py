"""The settings of a game that a person plays."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from atari_cli.checks import flag, one_of, whole_number
from atari_cli.config.environment import LIMITS, EnvironmentConfig
from atari_cli.config.record import RecordConfig
from atari_cli.errors import InvalidSetting

PLAY_SETTINGS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "repeat_action_probability": 0.0,
        "frameskip": 1,
        "max_frames": 0,
        "sound": True,
    }
)
"""Defaults of an environment when a person plays: those of the console, frame by frame.

No `ATARI_*` variable changes these: the variables are meant for agents.
"""

WEB_SETTINGS: Final[Mapping[str, Any]] = MappingProxyType(
    {**PLAY_SETTINGS, "full_action_space": True}
)
"""The same on the web page, where all 18 actions can be used."""

_JSON_TYPES: Final[Mapping[Any, str]] = MappingProxyType(
    {bool: "boolean", int: "integer", int | None: "integer", float: "number"}
)
_FIRST_IN_FORM: Final = ("mode", "difficulty")
_NOT_IN_FORM: Final = {"game", "obs_type", "sound"}

VIEWS: Final = ("exact", "tv")


def settings_form() -> list[dict[str, Any]]:
    """Return the fields of the web page's form, as JSON.

    Each has a `name`, a `type` as in JSON Schema and a `default`, which is None where the game or
    the server decides; numbers have a `minimum` and, except for the seed, a `maximum`.
    """
    seed: dict[str, Any] = {"name": "seed", "type": "integer", "default": None, "minimum": 0}
    types = {setting.name: setting.type for setting in fields(EnvironmentConfig)}
    form = [seed]
    for name in dict.fromkeys((*_FIRST_IN_FORM, *types)):
        if name in _NOT_IN_FORM:
            continue
        field = {"name": name, "type": _JSON_TYPES[types[name]], "default": WEB_SETTINGS.get(name)}
        if name in LIMITS:
            field["minimum"], field["maximum"] = LIMITS[name]
        form.append(field)
    return form


@dataclass(frozen=True, kw_only=True)
class PlayConfig:
    """Settings of picture, sound and recording in `atari play`.

    Attributes:
        zoom: Initial screen pixels per Atari pixel, in both directions.
        view: `exact` shows square pixels, `tv` the 4:3 picture of a television.
        fullscreen: Start in full screen.
        phosphor: Blend consecutive frames to hide flicker; display only.
        mute: Start without sound.
        volume: Loudness in percent.
        step: Wait for the person at each step.
        record: Write a recording of each game.
        out: Folder of the recordings; it is created if missing.
        keys: The file of key bindings; if None, that of the user's settings if it exists.

    Raises:
        InvalidSetting: If a value is outside its range.
    """

    zoom: int = 4
    view: str = "exact"
    fullscreen: bool = False
    phosphor: bool = False
    mute: bool = False
    volume: int = 100
    step: bool = False
    record: bool = True
    out: Path = RecordConfig.out
    keys: Path | None = None

    def __post_init__(self) -> None:
        whole_number(1, 16)("zoom", self.zoom)
        one_of("view", self.view, VIEWS)
        whole_number(0, 100)("volume", self.volume)
        for name in ("fullscreen", "phosphor", "mute", "step", "record"):
            flag(name, getattr(self, name))
        for name in ("out", "keys"):
            path = getattr(self, name)
            if not isinstance(path, Path) and (name, path) != ("keys", None):
                raise InvalidSetting(f"{name} must be a path, got {path!r}")
