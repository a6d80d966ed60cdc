"""The actions of keys that do something else while a recording is watched."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from atari_cli.play.controls.keymap import KeyAction
from atari_cli.play.interface import Command, Control

SEEK_SECONDS: Final = 5
"""How far LEFT and RIGHT jump."""

LABELS: Final[Mapping[KeyAction, str]] = MappingProxyType(
    {
        Control.LEFT: f"{SEEK_SECONDS} s back",
        Control.RIGHT: f"{SEEK_SECONDS} s ahead",
        Control.FIRE: "pause",
        Command.HUD: "slider/score",
        Command.TAKE_OVER: "play on",
    }
)
"""Labels of these actions in the help."""

WITHOUT_EFFECT: Final[frozenset[KeyAction]] = frozenset(
    {
        *(Control.UP, Control.DOWN, Command.NEW_GAME, Command.SAVE, Command.LOAD),
        *(Command.NEXT_SLOT, Command.PREVIOUS_SLOT),
    }
)
"""Actions that do nothing then."""
