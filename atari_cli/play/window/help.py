"""What the help says, and how lines of text become the rows of a table."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from atari_cli.play.controls.keymap import Keymap
from atari_cli.play.interface import Command, Control

Row = tuple[str, ...]
"""The cells of a row; a row of one cell is a line of its own, across the columns."""

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
"""What the help calls an action, where that is not its name in the key file."""


def help_rows(keymap: Keymap, only_keyboard: bool = False) -> list[Row]:
    """Return what each key does: a title, then the actions and their keys.

    Args:
        keymap: The keys.
        only_keyboard: Leave out the buttons of pads and mouse, where there is no room.
    """
    rows: list[Row] = [("Keys",), ("",)]
    for action in (*Control, *Command):
        keys = keymap.keys_of(action)
        if only_keyboard:
            keys = tuple(key for key in keys if not key.startswith(("pad ", "mouse "))) or keys
        rows.append((label_of(action), ", ".join(keys) or "no key"))
    return rows


def label_of(action: Control | Command) -> str:
    """Return what the help calls an action."""
    return LABELS.get(action, action.value.replace("_", " "))


def table_rows(lines: Sequence[str]) -> list[Row]:
    """Return lines as rows: two spaces or more, or a tab, part their columns."""
    return [tuple(re.split(r"\t| {2,}", line.strip())) for line in lines]
