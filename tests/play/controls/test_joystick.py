"""Keys, gamepads and mouse act as one joystick: no key stays stuck, and no press is lost."""

import random

import pytest

from atari_cli.actions import ACTION_NAMES
from atari_cli.games import find_game
from atari_cli.play.controls.joystick import Joystick
from atari_cli.play.controls.keymap import Keymap
from atari_cli.play.interface import Command, Inputs

BREAKOUT, PONG, SEAQUEST = (find_game(name) for name in ("breakout", "pong", "seaquest"))
CONTROLS = ("up", "down", "left", "right", "w", "a", "s", "d", "space", "x")


@pytest.fixture
def joystick() -> Joystick:
    return Joystick(Keymap(), SEAQUEST)


def name(inputs: Inputs) -> str:
    return ACTION_NAMES[inputs.code]


def pressed(joystick: Joystick, *keys: str) -> str:
    """Return the action of a tick after presses."""
    for key in keys:
        joystick.press(key)
    return name(joystick.take())


def released(joystick: Joystick, *keys: str) -> str:
    """Return the action of a tick after releases."""
    for key in keys:
        joystick.release(key)
    return name(joystick.take())


def test_all_eighteen_actions_can_be_held() -> None:
    found = set()
    for vertical in ("", "up", "down"):
        for horizontal in ("", "left", "right"):
            for fire in ("", "space"):
                joystick = Joystick(Keymap(), SEAQUEST)
                keys = [key for key in (fire, horizontal, vertical) if key]
                found.add(pressed(joystick, *keys))
    assert found == set(ACTION_NAMES)


def test_the_last_of_two_opposite_keys_counts_until_it_is_released(joystick: Joystick) -> None:
    assert pressed(joystick, "left") == "LEFT"
    assert pressed(joystick, "right", "up") == "UPRIGHT"
    assert released(joystick, "right") == "UPLEFT"
    assert pressed(joystick, "down") == "DOWNLEFT"
    assert released(joystick, "left", "down", "up") == "NOOP"


def test_a_control_is_held_until_its_last_key_is_released(joystick: Joystick) -> None:
    assert pressed(joystick, "left", "a", "pad dpad left") == "LEFT"
    assert released(joystick, "left") == "LEFT"
    assert released(joystick, "a") == "LEFT"
    assert released(joystick, "pad dpad left") == "NOOP"


def test_two_gamepads_control_one_joystick(joystick: Joystick) -> None:
    joystick.press("pad a", device=1)
    joystick.press("pad a", device=2)
    joystick.release("pad a", device=1)
    assert name(joystick.take()) == "FIRE"
    joystick.unplug(2)
    assert name(joystick.take()) == "NOOP"


def test_a_tap_between_two_ticks_counts_in_the_next_tick(joystick: Joystick) -> None:
    joystick.take()
    joystick.press("space")
    assert released(joystick, "space") == "FIRE"
    assert name(joystick.take()) == "NOOP"


def test_a_tap_overrides_a_held_opposite_key(joystick: Joystick) -> None:
    assert pressed(joystick, "left") == "LEFT"
    joystick.press("right")
    assert released(joystick, "right") == "RIGHT"
    assert name(joystick.take()) == "LEFT"


def test_a_press_that_has_counted_ends_with_its_release(joystick: Joystick) -> None:
    assert pressed(joystick, "space") == "FIRE"
    assert released(joystick, "space") == "NOOP"


def test_repeated_presses_of_a_keyboard_are_ignored(joystick: Joystick) -> None:
    for _ in range(3):
        joystick.press("p")
    assert joystick.take().commands == (Command.PAUSE,)
    joystick.press("p")
    assert joystick.take().commands == ()
    joystick.release("p")
    joystick.press("p")
    assert joystick.take().commands == (Command.PAUSE,)


def test_commands_are_returned_once_and_in_order(joystick: Joystick) -> None:
    joystick.press("f5")
    joystick.command(Command.LEAVE)
    joystick.press("n")
    assert joystick.take().commands == (Command.SAVE, Command.LEAVE, Command.ADVANCE)
    assert joystick.take().commands == ()


def test_rewind_and_fast_forward_last_as_long_as_their_keys(joystick: Joystick) -> None:
    joystick.press("r")
    for _ in range(2):
        inputs = joystick.take()
        assert inputs.held == {Command.REWIND}
        assert not inputs.commands
    joystick.release("r")
    joystick.press("f")
    joystick.release("f")
    assert joystick.take().held == {Command.FAST_FORWARD}
    assert joystick.take().held == frozenset()


def test_only_controls_of_the_game_count_as_touching_it(joystick: Joystick) -> None:
    joystick.press("p")
    assert not joystick.take().touched
    joystick.press("left")
    assert joystick.take().touched
    assert not joystick.take().touched


def test_losing_the_focus_releases_all_keys(joystick: Joystick) -> None:
    for key in ("left", "space", "r"):
        joystick.press(key)
    joystick.take()
    joystick.focus(False)
    assert joystick.take() == Inputs(focused=False)
    joystick.focus(True)
    joystick.release("left")
    assert joystick.take() == Inputs()
    assert pressed(joystick, "left") == "LEFT"


def test_keys_without_a_meaning_do_nothing(joystick: Joystick) -> None:
    joystick.press("q")
    joystick.release("q")
    joystick.release("left")
    assert joystick.take() == Inputs()


def test_a_seek_is_returned_once(joystick: Joystick) -> None:
    joystick.seek(0.2)
    joystick.seek(0.7)
    assert joystick.take().seek == 0.7
    assert joystick.take().seek is None


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        (0.0, -1.0, "UP"),
        (0.7, -0.7, "UPRIGHT"),
        (1.0, 0.3, "RIGHT"),
        (0.5, 0.4, "DOWNRIGHT"),
        (-0.6, 0.0, "LEFT"),
        (0.2, 0.2, "NOOP"),
        (0.0, 0.0, "NOOP"),
    ],
)
def test_a_stick_points_in_eight_directions_beyond_its_dead_zone(
    joystick: Joystick, x: float, y: float, expected: str
) -> None:
    joystick.tilt(x, y)
    assert name(joystick.take()) == expected
    joystick.tilt(0.0, 0.0)
    assert name(joystick.take()) == "NOOP"


def test_a_stick_does_not_release_held_keys(joystick: Joystick) -> None:
    joystick.press("left")
    joystick.tilt(-1.0, 0.0)
    joystick.tilt(0.1, 0.0)
    assert name(joystick.take()) == "LEFT"


def test_the_mouse_positions_the_paddle_until_a_key_turns_it() -> None:
    joystick = Joystick(Keymap(), BREAKOUT)
    joystick.point(0.25)
    inputs = joystick.take()
    assert (inputs.paddle, inputs.code, inputs.touched) == (0.25, 0, False)
    joystick.press("mouse left")
    inputs = joystick.take()
    assert (inputs.paddle, name(inputs), inputs.touched) == (0.25, "FIRE", True)
    joystick.press("left")
    joystick.point(0.5)
    inputs = joystick.take()
    assert (inputs.paddle, name(inputs)) == (None, "LEFTFIRE")
    joystick.release("left")
    assert joystick.take().paddle is None
    joystick.point(1.5)
    assert joystick.take().paddle == 1.0


def test_a_tap_turns_the_paddle_before_the_mouse_positions_it_again() -> None:
    joystick = Joystick(Keymap(), BREAKOUT)
    joystick.press("left")
    joystick.release("left")
    joystick.point(0.5)
    inputs = joystick.take()
    assert (inputs.paddle, name(inputs)) == (None, "LEFT")
    assert joystick.take().paddle == 0.5


def test_a_stick_positions_the_paddle_and_centres_it_once_when_released() -> None:
    joystick = Joystick(Keymap(), find_game("casino"))
    joystick.tilt(0.2, 1.0)
    assert joystick.take() == Inputs()
    joystick.tilt(-1.0, 0.0)
    assert joystick.take() == Inputs(paddle=0.0, touched=True)
    joystick.tilt(0.65, 0.0)
    inputs = joystick.take()
    assert inputs.paddle == pytest.approx(0.75)
    assert inputs == Inputs(paddle=inputs.paddle)
    joystick.tilt(0.1, 0.0)
    assert joystick.take().paddle == 0.5
    joystick.point(0.9)
    joystick.tilt(0.1, 0.0)
    assert joystick.take().paddle == 0.9


def test_mouse_and_stick_can_be_kept_from_positioning_the_paddle() -> None:
    joystick = Joystick(Keymap(mouse=False, stick=False), BREAKOUT)
    joystick.point(0.25)
    joystick.tilt(1.0, 0.0)
    inputs = joystick.take()
    assert (inputs.paddle, name(inputs)) == (None, "RIGHT")


def test_the_mouse_does_nothing_in_a_game_without_paddles(joystick: Joystick) -> None:
    joystick.point(0.25)
    assert joystick.take() == Inputs()


def test_up_and_down_turn_the_paddle_only_in_pong() -> None:
    assert pressed(Joystick(Keymap(), PONG), "up", "space") == "RIGHTFIRE"
    assert pressed(Joystick(Keymap(), PONG), "s") == "LEFT"
    assert pressed(Joystick(Keymap(), BREAKOUT), "up") == "UP"
    joystick = Joystick(Keymap(), PONG)
    joystick.tilt(0.0, -1.0)
    assert joystick.take().paddle == 1.0


@pytest.mark.parametrize("seed", range(20))
def test_the_joystick_always_reflects_the_held_keys(seed: int) -> None:
    """Compared with a simple model: of each opposite pair, the held key pressed last counts."""
    draw = random.Random(seed)
    joystick = Joystick(Keymap(), SEAQUEST)
    held: list[str] = []
    for _ in range(300):
        for key in draw.choices(CONTROLS, k=draw.randint(1, 4)):
            if key in held:
                held.remove(key)
                joystick.release(key)
            else:
                held.append(key)
                joystick.press(key)
        # Taps count here; ACTION_NAMES knows no action with opposite directions.
        assert joystick.take().code in range(18)
        assert ACTION_NAMES[joystick.take().code] == expected_of(held)
    for key in CONTROLS:
        joystick.release(key)
    joystick.take()
    assert joystick.take() == Inputs()


def expected_of(held: list[str]) -> str:
    means = {"w": "up", "a": "left", "s": "down", "d": "right", "x": "space"}
    controls = [means.get(key, key) for key in held]
    vertical = [control for control in controls if control in ("up", "down")][-1:]
    horizontal = [control for control in controls if control in ("left", "right")][-1:]
    fire = ["fire"] if "space" in controls else []
    return "".join(vertical + horizontal + fire).upper() or "NOOP"
