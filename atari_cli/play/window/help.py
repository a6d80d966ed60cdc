"""The help page of the window: what each key does, in play and while watching."""

from collections.abc import Mapping
from typing import Final

from atari_cli.play.controls import watching as watched
from atari_cli.play.controls.keymap import Keymap
from atari_cli.play.interface import Command, Control, Row

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


def help_rows(keymap: Keymap, watching: bool, only_keyboard: bool = False) -> list[Row]:
    """Return the help on keys: a title, then the actions and their keys.

    Args:
        keymap: The keys.
        watching: Whether a recording is watched.
        only_keyboard: Leave out the buttons of gamepads and mouse, to save space.
    """
    rows: list[Row] = [("Keys",), ("",)]
    for action in (*Control, *Command):
        if watching and action in watched.WITHOUT_EFFECT:
            continue
        keys = keymap.keys_of(action)
        if only_keyboard:
            keys = keymap.keyboard_keys_of(action) or keys
        rows.append((label_of(action, watching), ", ".join(keys) or "no key"))
    return rows


def label_of(action: Control | Command, watching: bool) -> str:
    """Return the label of an action in the help.

    Args:
        action: The action.
        watching: Whether a recording is watched.
    """
    own = watched.LABELS.get(action) if watching else None
    return own or LABELS.get(action, action.value.replace("_", " "))
