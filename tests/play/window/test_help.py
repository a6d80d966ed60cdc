"""The help lists every action with its keys, as the key file defines them."""

from atari_cli.play.controls.keymap import Keymap
from atari_cli.play.interface import Command, Control
from atari_cli.play.window.help import help_rows, label_of, table_rows


def test_the_help_lists_every_action_with_all_its_keys() -> None:
    rows = dict(row for row in help_rows(Keymap()) if len(row) == 2)
    assert len(rows) == len(Control) + len(Command)
    for action in (*Control, *Command):
        assert rows[label_of(action)] == ", ".join(Keymap().keys_of(action))


def test_a_small_help_lists_gamepad_buttons_only_for_actions_without_keys() -> None:
    keymap = Keymap({"pad a": Control.FIRE, "space": Control.FIRE, "pad start": Command.PAUSE})
    rows = dict(row for row in help_rows(keymap, only_keyboard=True) if len(row) == 2)
    assert rows["fire"] == "space"
    assert rows["pause"] == "pad start"
    assert rows["leave"] == "no key"


def test_wide_spaces_and_tabs_separate_columns() -> None:
    lines = ["High scores: Pong", "", "1  12,340  a human", "2\t 9,870\tme"]
    assert table_rows(lines) == [
        ("High scores: Pong",),
        ("",),
        ("1", "12,340", "a human"),
        ("2", " 9,870", "me"),
    ]
