"""The mouse positions the paddle relative to the picture, fires, and drags the slider."""

import pygame
import pytest

from atari_cli.actions import FIRE
from atari_cli.emulator.paddle import paddle_position
from atari_cli.games import find_game
from atari_cli.play.controls.joystick import Joystick
from atari_cli.play.controls.keymap import Keymap
from atari_cli.play.window.mouse import Mouse


def mouse_of(game: str) -> tuple[Mouse, Joystick]:
    """Return a mouse over a picture from (100, 50) to (420, 470), and its joystick."""
    joystick = Joystick(Keymap(), find_game(game))
    mouse = Mouse(find_game(game), joystick)
    mouse.picture = pygame.Rect(100, 50, 320, 420)
    return mouse, joystick


def moved(x: int, y: int) -> pygame.event.Event:
    return pygame.event.Event(pygame.MOUSEMOTION, pos=(x, y), rel=(0, 0), buttons=(0, 0, 0))


def button(kind: int, number: int, x: int = 0, y: int = 0) -> pygame.event.Event:
    return pygame.event.Event(kind, button=number, pos=(x, y))


@pytest.mark.parametrize(
    ("game", "place", "x", "y"),
    [
        ("breakout", (100, 99), 0.5 / 320, 0.1),
        ("breakout", (260, 0), 160.5 / 320, 0.1),
        ("breakout", (300, 999), 200.5 / 320, 0.1),
        ("breakout", (20, 99), -79.5 / 320, 0.1),
        ("kaboom", (639, 99), 539.5 / 320, 0.1),
        ("pong", (200, 260), 0.5, 210.5 / 420),
        ("pong", (0, 200), 0.5, 150.5 / 420),
        ("pong", (0, 700), 0.5, 1.0),
    ],
)
def test_it_positions_the_paddle_by_its_place_in_the_picture(
    game: str, place: tuple[int, int], x: float, y: float
) -> None:
    mouse, joystick = mouse_of(game)
    mouse.handle(moved(*place))
    inputs = joystick.take()
    assert inputs.paddle == pytest.approx(paddle_position(find_game(game), x, y))
    assert not inputs.touched


def test_it_positions_nothing_in_games_without_paddles() -> None:
    mouse, joystick = mouse_of("ms_pacman")
    mouse.handle(moved(200, 200))
    assert joystick.take().paddle is None


def test_its_left_button_fires_while_it_is_down() -> None:
    mouse, joystick = mouse_of("breakout")
    mouse.handle(button(pygame.MOUSEBUTTONDOWN, 1))
    assert (joystick.take().code, joystick.take().code) == (FIRE, FIRE)
    mouse.handle(button(pygame.MOUSEBUTTONUP, 1))
    assert joystick.take().code == 0


def test_its_wheel_does_nothing() -> None:
    mouse, joystick = mouse_of("breakout")
    mouse.handle(button(pygame.MOUSEBUTTONDOWN, 4))
    mouse.handle(button(pygame.MOUSEBUTTONUP, 4))
    assert joystick.take().code == 0


def test_it_drags_the_slider_from_end_to_end_without_firing() -> None:
    mouse, joystick = mouse_of("breakout")
    mouse.slider = pygame.Rect(10, 400, 101, 20)
    mouse.handle(moved(60, 410))
    assert joystick.take().seek is None
    mouse.handle(button(pygame.MOUSEBUTTONDOWN, 1, 60, 410))
    inputs = joystick.take()
    assert (inputs.seek, inputs.code, inputs.paddle) == (0.5, 0, None)
    for x, expected in [(35, 0.25), (500, 1.0), (-20, 0.0)]:
        mouse.handle(moved(x, 0))
        assert joystick.take().seek == expected
    mouse.handle(button(pygame.MOUSEBUTTONUP, 1, 0, 0))
    mouse.handle(moved(70, 410))
    assert joystick.take().seek is None


def test_it_releases_the_slider_when_the_focus_is_lost() -> None:
    mouse, joystick = mouse_of("breakout")
    mouse.slider = pygame.Rect(10, 400, 101, 20)
    mouse.handle(button(pygame.MOUSEBUTTONDOWN, 1, 60, 410))
    joystick.take()
    mouse.let_go()
    mouse.handle(moved(70, 410))
    assert joystick.take().seek is None
