"""Held input, and the actions that are played for it."""

import pytest

from atari_cli import AtariEnvironment
from atari_cli.actions import ACTION_NAMES, FIRE, NOOP, RIGHT, UP, action_code
from atari_cli.emulator.paddle import units
from atari_cli.server.sessions.held_input import MOST_WAITING, Held, HeldInput, aim


def test_a_code_is_held_until_the_next() -> None:
    held_input = HeldInput()
    assert held_input.next() == Held(NOOP)
    held_input.hold(Held(UP))
    assert [held_input.next().code for _ in range(3)] == [UP] * 3
    held_input.let_go()
    assert held_input.next() == Held(NOOP)


def test_input_shorter_than_a_frame_gets_a_frame() -> None:
    held_input = HeldInput()
    for code in (FIRE, NOOP):
        held_input.hold(Held(code))
    assert [held_input.next().code for _ in range(3)] == [FIRE, NOOP, NOOP]


def test_the_game_never_lags_far_behind_the_input() -> None:
    held_input = HeldInput()
    for code in range(18):
        held_input.hold(Held(code))
    assert [held_input.next().code for _ in range(MOST_WAITING + 1)] == [14, 15, 16, 17, 17]


def test_a_paddle_moved_ten_times_per_frame_does_not_lag() -> None:
    held_input = HeldInput()
    for tenth in range(10):
        held_input.hold(Held(NOOP, tenth / 10))
    assert held_input.next() == Held(NOOP, 0.9)


@pytest.mark.parametrize(("code", "place"), [(NOOP, 0.0), (FIRE, 0.25), (UP, 1.0)])
def test_a_paddle_reaches_its_target_in_one_step(code: int, place: float) -> None:
    environment = AtariEnvironment("breakout", frameskip=1, full_action_space=True)
    environment.reset(seed=0)
    index, strength = aim(environment, code, place)
    assert ("FIRE" in ACTION_NAMES[environment.action_codes[index]]) == (code == FIRE)
    environment.step(index, strength)
    assert abs(environment.emulator.paddle - units(environment.game, place)) <= 1


@pytest.mark.parametrize(
    ("game", "sticky", "code", "played"),
    [
        ("pong", 0.25, action_code("LEFTFIRE"), action_code("LEFTFIRE")),
        ("ms_pacman", 0.0, RIGHT, RIGHT),
        ("skiing", 0.0, UP, 0),
    ],
)
def test_without_a_free_paddle_the_action_is_played_if_the_game_has_it(
    game: str, sticky: float, code: int, played: int
) -> None:
    environment = AtariEnvironment(game, repeat_action_probability=sticky, frameskip=1)
    environment.reset(seed=0)
    index, strength = aim(environment, code, 0.5)
    assert (environment.action_codes[index], strength) == (played, 1.0)
