"""Keys, pads and mouse become one joystick: nothing sticks, and no press is lost."""

import random

import pytest

from atari_cli.actions import ACTION_NAMES
from atari_cli.games import find_game
from atari_cli.play.controls.joystick import Hand
from atari_cli.play.controls.keymap import Keymap
from atari_cli.play.interface import Command, Inputs

BREAKOUT, PONG, SEAQUEST = (find_game(name) for name in ("breakout", "pong", "seaquest"))
CONTROLS = ("up", "down", "left", "right", "w", "a", "s", "d", "space", "x")


@pytest.fixture
def hand() -> Hand:
    return Hand(Keymap(), SEAQUEST)


def name(inputs: Inputs) -> str:
    return ACTION_NAMES[inputs.code]


def pressed(hand: Hand, *keys: str) -> str:
    """Return the action of a tick after presses."""
    for key in keys:
        hand.press(key)
    return name(hand.take())


def released(hand: Hand, *keys: str) -> str:
    """Return the action of a tick after releases."""
    for key in keys:
        hand.release(key)
    return name(hand.take())


def test_all_eighteen_actions_can_be_held() -> None:
    found = set()
    for vertical in ("", "up", "down"):
        for horizontal in ("", "left", "right"):
            for fire in ("", "space"):
                hand = Hand(Keymap(), SEAQUEST)
                keys = [key for key in (fire, horizontal, vertical) if key]
                found.add(pressed(hand, *keys))
    assert found == set(ACTION_NAMES)


def test_of_opposite_keys_the_last_counts_and_then_the_other_again(hand: Hand) -> None:
    assert pressed(hand, "left") == "LEFT"
    assert pressed(hand, "right", "up") == "UPRIGHT"
    assert released(hand, "right") == "UPLEFT"
    assert pressed(hand, "down") == "DOWNLEFT"
    assert released(hand, "left", "down", "up") == "NOOP"


def test_a_control_is_held_until_its_last_key_is_let_go(hand: Hand) -> None:
    assert pressed(hand, "left", "a", "pad dpad left") == "LEFT"
    assert released(hand, "left") == "LEFT"
    assert released(hand, "a") == "LEFT"
    assert released(hand, "pad dpad left") == "NOOP"


def test_two_pads_are_two_hands_on_one_joystick(hand: Hand) -> None:
    hand.press("pad a", device=1)
    hand.press("pad a", device=2)
    hand.release("pad a", device=1)
    assert name(hand.take()) == "FIRE"
    hand.unplug(2)
    assert name(hand.take()) == "NOOP"


def test_a_tap_between_two_ticks_counts_in_the_next(hand: Hand) -> None:
    hand.take()
    hand.press("space")
    assert released(hand, "space") == "FIRE"
    assert name(hand.take()) == "NOOP"


def test_a_tap_counts_over_the_opposite_key_that_is_held(hand: Hand) -> None:
    assert pressed(hand, "left") == "LEFT"
    hand.press("right")
    assert released(hand, "right") == "RIGHT"
    assert name(hand.take()) == "LEFT"


def test_a_press_that_counted_already_ends_with_its_release(hand: Hand) -> None:
    assert pressed(hand, "space") == "FIRE"
    assert released(hand, "space") == "NOOP"


def test_presses_that_a_keyboard_repeats_are_nothing(hand: Hand) -> None:
    for _ in range(3):
        hand.press("p")
    assert hand.take().commands == (Command.PAUSE,)
    hand.press("p")
    assert hand.take().commands == ()
    hand.release("p")
    hand.press("p")
    assert hand.take().commands == (Command.PAUSE,)


def test_commands_come_once_and_in_order(hand: Hand) -> None:
    hand.press("f5")
    hand.command(Command.LEAVE)
    hand.press("n")
    assert hand.take().commands == (Command.SAVE, Command.LEAVE, Command.ADVANCE)
    assert hand.take().commands == ()


def test_rewind_and_fast_forward_last_as_long_as_their_keys(hand: Hand) -> None:
    hand.press("r")
    for _ in range(2):
        inputs = hand.take()
        assert (inputs.held, inputs.commands) == ({Command.REWIND}, ())
    hand.release("r")
    hand.press("f")
    hand.release("f")
    assert hand.take().held == {Command.FAST_FORWARD}
    assert hand.take().held == frozenset()


def test_only_controls_of_the_game_touch_it(hand: Hand) -> None:
    hand.press("p")
    assert not hand.take().touched
    hand.press("left")
    assert hand.take().touched
    assert not hand.take().touched


def test_a_lost_keyboard_lets_go_of_everything(hand: Hand) -> None:
    for key in ("left", "space", "r"):
        hand.press(key)
    hand.take()
    hand.focus(False)
    assert hand.take() == Inputs(focused=False)
    hand.focus(True)
    hand.release("left")
    assert hand.take() == Inputs()
    assert pressed(hand, "left") == "LEFT"


def test_keys_that_mean_nothing_do_nothing(hand: Hand) -> None:
    hand.press("q")
    hand.release("q")
    hand.release("left")
    assert hand.take() == Inputs()


def test_a_slider_is_told_of_once(hand: Hand) -> None:
    hand.seek(0.2)
    hand.seek(0.7)
    assert hand.take().seek == 0.7
    assert hand.take().seek is None


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
    hand: Hand, x: float, y: float, expected: str
) -> None:
    hand.tilt(x, y)
    assert name(hand.take()) == expected
    hand.tilt(0.0, 0.0)
    assert name(hand.take()) == "NOOP"


def test_a_stick_counts_beside_the_keys(hand: Hand) -> None:
    hand.press("left")
    hand.tilt(-1.0, 0.0)
    hand.tilt(0.1, 0.0)
    assert name(hand.take()) == "LEFT"


def test_the_mouse_points_the_paddle_until_a_key_turns_it() -> None:
    hand = Hand(Keymap(), BREAKOUT)
    hand.point(0.25)
    inputs = hand.take()
    assert (inputs.paddle, inputs.code, inputs.touched) == (0.25, 0, False)
    hand.press("mouse left")
    inputs = hand.take()
    assert (inputs.paddle, name(inputs), inputs.touched) == (0.25, "FIRE", True)
    hand.press("left")
    hand.point(0.5)
    inputs = hand.take()
    assert (inputs.paddle, name(inputs)) == (None, "LEFTFIRE")
    hand.release("left")
    assert hand.take().paddle is None
    hand.point(1.5)
    assert hand.take().paddle == 1.0


def test_a_tap_turns_the_paddle_before_the_mouse_points_it_again() -> None:
    hand = Hand(Keymap(), BREAKOUT)
    hand.press("left")
    hand.release("left")
    hand.point(0.5)
    inputs = hand.take()
    assert (inputs.paddle, name(inputs)) == (None, "LEFT")
    assert hand.take().paddle == 0.5


def test_a_stick_points_the_paddle_and_takes_it_back_to_the_middle_once() -> None:
    hand = Hand(Keymap(), find_game("casino"))
    hand.tilt(0.2, 1.0)
    assert hand.take() == Inputs()
    hand.tilt(-1.0, 0.0)
    assert hand.take() == Inputs(paddle=0.0, touched=True)
    hand.tilt(0.65, 0.0)
    assert hand.take() == Inputs(paddle=pytest.approx(0.75))
    hand.tilt(0.1, 0.0)
    assert hand.take().paddle == 0.5
    hand.point(0.9)
    hand.tilt(0.1, 0.0)
    assert hand.take().paddle == 0.9


def test_mouse_and_stick_need_not_point_the_paddle() -> None:
    hand = Hand(Keymap(mouse=False, stick=False), BREAKOUT)
    hand.point(0.25)
    hand.tilt(1.0, 0.0)
    inputs = hand.take()
    assert (inputs.paddle, name(inputs)) == (None, "RIGHT")


def test_nothing_points_in_a_game_without_paddles(hand: Hand) -> None:
    hand.point(0.25)
    assert hand.take() == Inputs()


def test_up_and_down_move_the_bat_of_pong_and_of_no_other_game() -> None:
    assert pressed(Hand(Keymap(), PONG), "up", "space") == "RIGHTFIRE"
    assert pressed(Hand(Keymap(), PONG), "s") == "LEFT"
    assert pressed(Hand(Keymap(), BREAKOUT), "up") == "UP"
    hand = Hand(Keymap(), PONG)
    hand.tilt(0.0, -1.0)
    assert hand.take().paddle == 1.0


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_pressed_the_joystick_is_what_is_held(seed: int) -> None:
    """Against a plain model: of each pair, the key that went down last among those held."""
    draw = random.Random(seed)
    hand = Hand(Keymap(), SEAQUEST)
    held: list[str] = []
    for _ in range(300):
        for key in draw.choices(CONTROLS, k=draw.randint(1, 4)):
            if key in held:
                held.remove(key)
                hand.release(key)
            else:
                held.append(key)
                hand.press(key)
        # Taps count here; ACTION_NAMES knows no action with opposite directions.
        assert hand.take().code in range(18)
        assert ACTION_NAMES[hand.take().code] == expected_of(held)
    for key in CONTROLS:
        hand.release(key)
    hand.take()
    assert hand.take() == Inputs()


def expected_of(held: list[str]) -> str:
    means = {"w": "up", "a": "left", "s": "down", "d": "right", "x": "space"}
    controls = [means.get(key, key) for key in held]
    vertical = [control for control in controls if control in ("up", "down")][-1:]
    horizontal = [control for control in controls if control in ("left", "right")][-1:]
    fire = ["fire"] if "space" in controls else []
    return "".join(vertical + horizontal + fire).upper() or "NOOP"
