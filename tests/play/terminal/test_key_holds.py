"""Keys of a terminal become holds and taps, whether or not it reports releases."""

import pytest

from atari_cli.actions import ACTION_NAMES
from atari_cli.games import find_game
from atari_cli.play.controls.joystick import Joystick
from atari_cli.play.controls.keymap import Keymap
from atari_cli.play.interface import Command, Inputs
from atari_cli.play.terminal.key_holds import BRIDGE, HOLD, KeyHolds
from atari_cli.play.terminal.key_sequences import Focus, Key, KittyFlags, Stroke

TICK = 1 / 60
DELAY = 0.5
RATE = 1 / 30


class Typist:
    """Types on a terminal's keyboard by a simulated clock, and reads the joystick."""

    def __init__(self) -> None:
        self.now = 100.0
        self.joystick = Joystick(Keymap(), find_game("seaquest"))
        self.keyboard = KeyHolds(self.joystick, Keymap())

    def types(self, *names: str) -> str:
        for name in names:
            self.keyboard.take(Key(name), self.now)
        return self.action()

    def takes(self) -> Inputs:
        self.keyboard.let_go(self.now)
        return self.joystick.take()

    def action(self) -> str:
        return ACTION_NAMES[self.takes().code]

    def waits(self, seconds: float) -> str:
        """Return the action after a time; inputs in between are discarded."""
        end = self.now + seconds
        while self.now < end - 1e-9:
            self.takes()
            self.now = min(self.now + TICK, end)
        return self.action()

    def holds(self, name: str, seconds: float) -> list[str]:
        """Hold a key down after its repeats began and return the action at each of them."""
        actions = []
        for _ in range(round(seconds / RATE)):
            actions.append(self.types(name))
            self.waits(RATE)
        return actions


@pytest.fixture
def typist() -> Typist:
    return Typist()


def test_a_tap_is_short(typist: Typist) -> None:
    assert typist.types("left") == "LEFT"
    assert typist.waits(HOLD / 2) == "LEFT"
    assert typist.waits(HOLD / 2) == "NOOP"


def test_a_key_is_held_during_its_repeats_and_released_soon_after(typist: Typist) -> None:
    typist.types("left")
    typist.waits(DELAY)
    assert set(typist.holds("left", 1.0)) == {"LEFT"}
    assert typist.action() == "LEFT"
    assert typist.waits(HOLD) == "NOOP"


def test_slow_repeats_leave_no_gaps(typist: Typist) -> None:
    for _ in range(20):
        typist.types("up")
        assert typist.waits(0.09) == "UP"


def test_another_direction_replaces_the_held_one_at_once(typist: Typist) -> None:
    typist.types("left")
    typist.waits(DELAY)
    typist.holds("left", 0.5)
    assert typist.types("up") == "UP"
    assert typist.types("right") == "UPRIGHT"
    typist.waits(0.1)
    assert typist.types("down") == "DOWN"


def test_two_directions_together_make_a_diagonal_unless_they_are_opposite(typist: Typist) -> None:
    assert typist.types("up", "right") == "UPRIGHT"
    typist.waits(1.0)
    assert typist.types("left", "right") == "RIGHT"
    typist.waits(1.0)
    assert typist.types("left", "a") == "LEFT"


def test_fire_keeps_the_direction_that_is_held(typist: Typist) -> None:
    typist.types("right")
    typist.waits(DELAY)
    typist.holds("right", 0.5)
    for _ in range(4):
        assert typist.types("space") == "RIGHTFIRE"
        assert typist.waits(DELAY) == "RIGHT"
    assert typist.waits(BRIDGE) == "NOOP"


def test_fire_does_not_prolong_a_tap(typist: Typist) -> None:
    typist.types("right")
    typist.waits(HOLD / 2)
    assert typist.types("space") == "RIGHTFIRE"
    assert typist.waits(HOLD) == "NOOP"


def test_quick_taps_of_fire_remain_separate(typist: Typist) -> None:
    presses = []
    for _ in range(5):
        presses.append(typist.types("space"))
        presses.append(typist.waits(0.14))
    assert presses == ["FIRE", "NOOP"] * 5


def test_a_command_is_given_once_while_its_key_repeats(typist: Typist) -> None:
    given: list[Command] = []
    for _ in range(10):
        typist.keyboard.take(Key("p"), typist.now)
        given += typist.takes().commands
        typist.now += RATE
    assert given == [Command.PAUSE]


def test_a_command_is_given_again_with_each_tap(typist: Typist) -> None:
    given: list[Command] = []
    for _ in range(3):
        typist.keyboard.take(Key("n"), typist.now)
        given += typist.takes().commands
        typist.now += 0.2
    assert given == [Command.ADVANCE] * 3


def test_rewinding_continues_until_the_key_repeats_begin(typist: Typist) -> None:
    typist.types("r")
    typist.waits(DELAY)
    assert typist.takes().held == {Command.REWIND}
    typist.holds("r", 1.0)
    assert typist.takes().held == {Command.REWIND}
    typist.waits(HOLD)
    assert not typist.takes().held


def test_any_other_key_ends_rewinding(typist: Typist) -> None:
    typist.types("r")
    assert typist.types("left") == "LEFT"
    assert not typist.takes().held


def test_ctrl_c_leaves(typist: Typist) -> None:
    typist.keyboard.take(Key("ctrl c"), typist.now)
    assert typist.takes().commands == (Command.LEAVE,)


def test_keys_without_a_meaning_do_nothing(typist: Typist) -> None:
    assert typist.types("q", "menu", "日") == "NOOP"
    assert not typist.takes().touched


def test_a_key_is_held_until_its_release_if_releases_are_reported(typist: Typist) -> None:
    typist.keyboard.take(KittyFlags(11), typist.now)
    assert typist.types("left", "up", "space") == "UPLEFTFIRE"
    assert typist.waits(5.0) == "UPLEFTFIRE"
    typist.keyboard.take(Key("left", Stroke.REPEAT), typist.now)
    typist.keyboard.take(Key("left", Stroke.RELEASE), typist.now)
    assert typist.action() == "UPFIRE"


def test_keys_time_out_if_releases_are_not_reported(typist: Typist) -> None:
    typist.keyboard.take(KittyFlags(1), typist.now)
    typist.types("left")
    assert typist.waits(HOLD) == "NOOP"


@pytest.mark.parametrize("flags", [0, 11])
def test_losing_the_focus_releases_all_keys(typist: Typist, flags: int) -> None:
    typist.keyboard.take(KittyFlags(flags), typist.now)
    typist.types("left", "space", "r")
    typist.keyboard.take(Focus(False), typist.now)
    inputs = typist.takes()
    assert (inputs.code, inputs.held, inputs.focused) == (0, frozenset(), False)
    typist.keyboard.take(Focus(True), typist.now)
    assert typist.takes().focused
    assert typist.types("right") == "RIGHT"


def test_a_key_of_another_alphabet_counts_by_its_place_where_the_terminal_knows_it(
    typist: Typist,
) -> None:
    typist.keyboard.take(KittyFlags(15), typist.now)
    typist.keyboard.take(Key("ц", Stroke.PRESS, "w"), typist.now)
    assert typist.waits(1.0) == "UP"
    typist.keyboard.take(Key("ц", Stroke.RELEASE, "w"), typist.now)
    assert typist.action() == "NOOP"
    typist.keyboard.take(Key("с", Stroke.PRESS, "ctrl c"), typist.now)
    assert typist.takes().commands == (Command.LEAVE,)
