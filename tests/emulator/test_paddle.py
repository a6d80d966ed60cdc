"""A paddle reaches the pointed position exactly and in one step, in all games that have one."""

import random

import numpy as np
import pytest

from atari_cli.actions import FIRE, LEFT, NOOP, RIGHT, STRONGEST
from atari_cli.emulator import Emulator
from atari_cli.emulator.paddle import LOWEST, UNITS_PER_FRAME, axis, paddle_position, turn, units
from atari_cli.games import all_games, find_game
from atari_cli.model import Bytes

GAMES = [game.id for game in all_games() if game.uses_paddles]
BUTTONS = (NOOP, FIRE)


def console(name: str) -> Emulator:
    return Emulator(find_game(name))


@pytest.mark.parametrize("name", GAMES)
def test_left_and_right_turn_the_paddle_to_its_ends(name: str) -> None:
    emulator = console(name)
    start = emulator.paddle
    emulator.act(RIGHT)
    assert emulator.paddle == start - UNITS_PER_FRAME
    emulator.act(RIGHT, STRONGEST)
    assert emulator.paddle == units(emulator.game, 1.0) == LOWEST
    emulator.act(LEFT, STRONGEST)
    assert emulator.paddle == units(emulator.game, 0.0)


@pytest.mark.parametrize("name", GAMES)
def test_every_position_can_be_reached_from_any_other_in_one_frame(name: str) -> None:
    emulator = console(name)
    draw = random.Random(1)
    targets = [0.0, 1.0, 0.0, *(draw.random() for _ in range(100)), 1.0]
    for target in targets:
        if emulator.game_over:
            emulator.boot()
        emulator.act(*turn(emulator, target, 1, draw.choice((NOOP, FIRE))))
        assert emulator.paddle == units(emulator.game, target)


@pytest.mark.parametrize("name", GAMES)
@pytest.mark.parametrize("frames", [2, 4, 7])
def test_a_step_of_several_frames_ends_at_the_position(name: str, frames: int) -> None:
    emulator = console(name)
    for target in (1.0, 0.0, 0.3333, 0.3334, 0.9):
        emulator.act(*turn(emulator, target, frames, NOOP), frames)
        assert abs(emulator.paddle - units(emulator.game, target)) <= frames / 2


@pytest.mark.parametrize("frames", [1, 4])
def test_a_paddle_at_its_target_is_not_turned(frames: int) -> None:
    emulator = console("breakout")
    emulator.act(*turn(emulator, 0.777, frames, NOOP), frames)
    assert turn(emulator, 0.777, frames, NOOP) == (NOOP, 1.0)
    assert turn(emulator, 0.777, frames, FIRE) == (FIRE, 1.0)


def test_the_position_is_exact_after_a_restore_and_a_boot() -> None:
    emulator = console("pong")
    start = emulator.paddle
    emulator.act(*turn(emulator, 0.2, 1, NOOP))
    saved = emulator.save()
    emulator.act(*turn(emulator, 0.9, 1, NOOP))
    emulator.restore(saved)
    assert emulator.paddle == units(emulator.game, 0.2)
    emulator.boot()
    assert emulator.paddle == start


def test_reading_the_paddle_changes_nothing() -> None:
    def played(look: bool) -> list[bytes]:
        emulator, draw, seen = Emulator(find_game("breakout"), sound=True), random.Random(3), []
        for _ in range(200):
            if look:
                assert emulator.paddle >= LOWEST
            emulator.act(draw.choice((NOOP, FIRE, LEFT, RIGHT)))
            seen.append(emulator.screen().tobytes() + emulator.ram().tobytes())
            seen.append(emulator.audio().tobytes())
        return seen

    assert played(look=True) == played(look=False)


def screens_at(emulator: Emulator, positions: list[float]) -> list[Bytes]:
    """Return the screen after the game has followed the paddle to each position."""
    emulator.act(NOOP, frames=60)
    saved, screens = emulator.save(), []
    for position in positions:
        emulator.restore(saved)
        emulator.act(*turn(emulator, position, 1, NOOP))
        emulator.act(NOOP, frames=20)
        screens.append(emulator.screen().copy())
    return screens


@pytest.mark.parametrize(
    ("name", "points"),
    [
        ("breakout", np.linspace(20, 140, 8)),
        ("kaboom", np.linspace(30, 128, 8)),
        ("pong", np.linspace(45, 185, 8)),
    ],
)
def test_the_bat_is_under_the_pointer(name: str, points: list[float]) -> None:
    game = find_game(name)
    size = game.width if axis(game) == "x" else game.height
    positions = [paddle_position(game, point / size, point / size) for point in points]
    screens = screens_at(Emulator(game), positions)
    if name == "pong":
        screens = [screen[:, 140:144] for screen in screens]  # without the other bat and the ball
    still = np.median(np.stack(screens), axis=0)
    for point, screen in zip(points, screens, strict=True):
        across = np.nonzero((screen != still).any(axis=0 if axis(game) == "x" else 1))[0]
        assert abs((across.min() + across.max() + 1) / 2 - point) <= 3.0


def test_points_outside_the_picture_count_as_its_edges() -> None:
    for name in GAMES:
        game = find_game(name)
        assert paddle_position(game, -9.0, 9.0) == 0.0
    assert paddle_position(find_game("casino"), 2.0, 0.0) == 1.0
    assert paddle_position(find_game("pong"), 0.0, -1.0) == 1.0


def test_only_in_pong_does_the_bat_move_up_and_down() -> None:
    assert [name for name in GAMES if axis(find_game(name)) == "y"] == ["pong"]
