"""What flows between a session and a front end has names that a key file can hold."""

from atari_cli.play.interface import Command, Control


def test_controls_and_commands_have_different_names() -> None:
    names = [action.value for action in (*Control, *Command)]
    assert len(names) == len(set(names))
    assert all(name.replace("_", "").isalpha() and name.islower() for name in names)
