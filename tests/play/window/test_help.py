"""The help lists every action with its keys, as the key file defines them."""

from atari_cli.play.controls.keymap import Keymap
from atari_cli.play.controls.watching import WITHOUT_EFFECT
from atari_cli.play.interface import Command, Control
from atari_cli.play.window.help import help_rows, label_of


def test_the_help_lists_every_action_with_all_its_keys() -> None:
    rows = dict(row for row in help_rows(Keymap(), watching=False) if len(row) == 2)
    assert len(rows) == len(Control) + len(Command)
    for action in (*Control, *Command):
        assert rows[label_of(action, watching=False)] == ", ".join(Keymap().keys_of(action))


def test_a_small_help_lists_gamepad_buttons_only_for_actions_without_keys() -> None:
    keymap = Keymap({"pad a": Control.FIRE, "space": Control.FIRE, "pad start": Command.PAUSE})
    rows = dict(
        row for row in help_rows(keymap, watching=False, only_keyboard=True) if len(row) == 2
    )
    assert rows["fire"] == "space"
    assert rows["pause"] == "pad start"
    assert rows["leave"] == "no key"


def test_the_help_of_a_recording_lists_what_the_keys_do_there() -> None:
    rows = dict(row for row in help_rows(Keymap(), watching=True) if len(row) == 2)
    assert {"5 s back", "5 s ahead", "play on", "pause", "rewind (hold)"} <= rows.keys()
    played = {label_of(action, watching=False) for action in WITHOUT_EFFECT}
    assert not played & rows.keys()
