"""The settings of a game played by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from atari_cli.checks import flag, one_of, whole_number
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
"""What an environment has by default when people play: that of the console, frame by frame.

No `ATARI_*` variable changes these: it is meant for agents.
"""

VIEWS: Final = ("exact", "tv")


@dataclass(frozen=True, kw_only=True)
class PlayConfig:
    """How a game is shown and heard, and what is kept of it.

    Attributes:
        zoom: Screen pixels per Atari pixel at the start, in both directions.
        view: `exact` shows square pixels, `tv` the 4:3 picture of a television.
        fullscreen: Start on the whole screen.
        phosphor: Blend each picture with the one before, against flicker; display only.
        mute: Start without sound.
        volume: Loudness in percent.
        step: Wait for the human at each decision.
        record: Write a recording of each game.
        out: Folder of the recordings; it is made when missing.
        keys: The key file; None is that of the user's settings, or the defaults without one.

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
