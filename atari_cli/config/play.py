"""The settings of a game that a person plays."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from atari_cli.config.checked import Checked, setting
from atari_cli.config.environment import LIMITS, EnvironmentConfig
from atari_cli.config.record import RecordConfig
from atari_cli.validation import as_path, flag, one_of, optional, whole_number

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
    types = {item.name: item.type for item in fields(EnvironmentConfig)}
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
class PlayConfig(Checked):
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

    zoom: int = setting(4, whole_number(1, 16))
    view: str = setting("exact", one_of(VIEWS))
    fullscreen: bool = setting(False, flag)
    phosphor: bool = setting(False, flag)
    mute: bool = setting(False, flag)
    volume: int = setting(100, whole_number(0, 100))
    step: bool = setting(False, flag)
    record: bool = setting(True, flag)
    out: Path = setting(RecordConfig.out, as_path)
    keys: Path | None = setting(None, optional(as_path))
