"""The help page of the window, and lines of text as rows of a table."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from atari_cli.play.controls.keymap import Keymap
from atari_cli.play.interface import Command, Control

Row = tuple[str, ...]
"""The cells of a row; a row of one cell spans all columns."""

LABELS: Final[Mapping[Control | Command, str]] = {
    Command.TAKE_OVER: "agent or human",
    Command.VIDEO: "film a video",
    Command.HUD: "score and joystick",
    Command.ADVANCE: "one frame",
    Command.SAVE: "save in slot",
    Command.LOAD: "load slot",
    Command.REWIND: "rewind (hold)",
    Command.FAST_FORWARD: "fast forward (hold)",
}
"""Labels of actions in the help, where they differ from the name in the key file."""


def help_rows(keymap: Keymap, only_keyboard: bool = False) -> list[Row]:
    """Return the help on keys: a title, then the actions and their keys.

    Args:
        keymap: The keys.
        only_keyboard: Leave out the buttons of gamepads and mouse, to save space.
    """
    rows: list[Row] = [("Keys",), ("",)]
    for action in (*Control, *Command):
        keys = keymap.keys_of(action)
        if only_keyboard:
            keys = keymap.keyboard_keys_of(action) or keys
        rows.append((label_of(action), ", ".join(keys) or "no key"))
    return rows


def label_of(action: Control | Command) -> str:
    """Return the label of an action in the help."""
    return LABELS.get(action, action.value.replace("_", " "))


def table_rows(lines: Sequence[str]) -> list[Row]:
    """Return lines as rows; two or more spaces, or a tab, separate the cells."""
    return [tuple(re.split(r"\t| {2,}", line.strip())) for line in lines]
