"""What flows between a session and a front end has names that a key file can hold."""

from atari_cli.play.interface import HELD, Command, Control, Inputs


def test_controls_and_commands_have_names_of_their_own() -> None:
    names = [action.value for action in (*Control, *Command)]
    assert len(names) == len(set(names))
    assert all(name.replace("_", "").isalpha() and name.islower() for name in names)


def test_a_player_who_does_nothing_holds_nothing() -> None:
    inputs = Inputs()
    assert (inputs.code, inputs.paddle, inputs.commands) == (0, None, ())
    assert not inputs.held & HELD
    assert inputs.focused and not inputs.touched
