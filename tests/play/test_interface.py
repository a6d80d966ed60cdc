"""Controls and commands have names that can be used in a key file."""

from atari_cli.play.interface import Command, Control


def test_controls_and_commands_have_different_names() -> None:
    names = [action.value for action in (*Control, *Command)]
    assert len(names) == len(set(names))
    assert all(name.replace("_", "").isalpha() and name.islower() for name in names)
