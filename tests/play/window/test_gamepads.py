"""Gamepads: buttons, d-pad and stick through SDL's events; plugged in, unplugged, unknown."""

from typing import Any

import pygame
import pytest

from atari_cli.actions import action_code
from atari_cli.games import find_game
from atari_cli.play.controls.joystick import Joystick
from atari_cli.play.controls.keymap import Keymap
from atari_cli.play.interface import Command
from atari_cli.play.window.gamepads import Gamepads


def pads_of(game: str = "ms_pacman") -> tuple[Gamepads, Joystick]:
    joystick = Joystick(Keymap(), find_game(game))
    return Gamepads(joystick), joystick


def send(pads: Gamepads, kind: int, **values: Any) -> None:
    pads.handle(pygame.event.Event(kind, {"instance_id": 0, **values}))


def test_the_d_pad_and_buttons_of_a_controller_play() -> None:
    pads, joystick = pads_of()
    send(pads, pygame.CONTROLLERBUTTONDOWN, button=pygame.CONTROLLER_BUTTON_DPAD_UP)
    send(pads, pygame.CONTROLLERBUTTONDOWN, button=pygame.CONTROLLER_BUTTON_DPAD_LEFT)
    send(pads, pygame.CONTROLLERBUTTONDOWN, button=pygame.CONTROLLER_BUTTON_A)
    assert joystick.take().code == action_code("UPLEFTFIRE")
    send(pads, pygame.CONTROLLERBUTTONUP, button=pygame.CONTROLLER_BUTTON_DPAD_UP)
    send(pads, pygame.CONTROLLERBUTTONUP, button=pygame.CONTROLLER_BUTTON_A)
    assert joystick.take().code == action_code("LEFT")


def test_the_other_buttons_of_a_controller_give_commands() -> None:
    pads, joystick = pads_of()
    send(pads, pygame.CONTROLLERBUTTONDOWN, button=pygame.CONTROLLER_BUTTON_START)
    send(pads, pygame.CONTROLLERBUTTONDOWN, button=pygame.CONTROLLER_BUTTON_LEFTSHOULDER)
    send(pads, pygame.CONTROLLERBUTTONDOWN, button=pygame.CONTROLLER_BUTTON_GUIDE)
    inputs = joystick.take()
    assert inputs.commands == (Command.PAUSE,)
    assert inputs.held == {Command.REWIND}


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        (32767, 0, "RIGHT"),
        (-32768, 0, "LEFT"),
        (0, -32768, "UP"),
        (23000, 23000, "DOWNRIGHT"),
        (3000, 6000, "NOOP"),
    ],
)
def test_the_left_stick_plays_beyond_its_dead_zone(x: int, y: int, expected: str) -> None:
    pads, joystick = pads_of()
    send(pads, pygame.CONTROLLERAXISMOTION, axis=pygame.CONTROLLER_AXIS_LEFTX, value=x)
    send(pads, pygame.CONTROLLERAXISMOTION, axis=pygame.CONTROLLER_AXIS_LEFTY, value=y)
    send(pads, pygame.CONTROLLERAXISMOTION, axis=pygame.CONTROLLER_AXIS_RIGHTX, value=-32768)
    assert joystick.take().code == action_code(expected)


def test_the_stick_positions_the_paddle() -> None:
    pads, joystick = pads_of("breakout")
    places: list[float] = []
    for value in (-32768, -16384, 16384, 32767):
        send(pads, pygame.CONTROLLERAXISMOTION, axis=0, value=value)
        paddle = joystick.take().paddle
        assert paddle is not None
        places.append(paddle)
    assert places == sorted(set(places))


def test_unplugging_a_gamepad_releases_its_buttons() -> None:
    pads, joystick = pads_of()
    send(pads, pygame.CONTROLLERBUTTONDOWN, button=pygame.CONTROLLER_BUTTON_A)
    send(pads, pygame.CONTROLLERAXISMOTION, axis=0, value=32767)
    assert joystick.take().code == action_code("RIGHTFIRE")
    send(pads, pygame.JOYDEVICEREMOVED)
    assert joystick.take().code == 0
    send(pads, pygame.CONTROLLERAXISMOTION, axis=1, value=32767)
    assert joystick.take().code == action_code("DOWN")


def test_two_gamepads_can_hold_the_same_direction() -> None:
    pads, joystick = pads_of()
    for pad in (0, 1):
        send(pads, pygame.CONTROLLERBUTTONDOWN, button=11, instance_id=pad)
    send(pads, pygame.CONTROLLERBUTTONUP, button=11, instance_id=0)
    assert joystick.take().code == action_code("UP")


def test_an_unknown_joystick_plays_with_its_axes_hat_and_button_order() -> None:
    pads, joystick = pads_of()
    pads._plain.add(7)
    send(pads, pygame.JOYAXISMOTION, axis=0, value=-1.0, instance_id=7)
    send(pads, pygame.JOYBUTTONDOWN, button=0, instance_id=7)
    send(pads, pygame.JOYBUTTONDOWN, button=30, instance_id=7)
    assert joystick.take().code == action_code("LEFTFIRE")
    send(pads, pygame.JOYAXISMOTION, axis=0, value=0.0, instance_id=7)
    send(pads, pygame.JOYHATMOTION, hat=0, value=(1, 1), instance_id=7)
    assert joystick.take().code == action_code("UPRIGHTFIRE")
    send(pads, pygame.JOYHATMOTION, hat=0, value=(0, 0), instance_id=7)
    send(pads, pygame.JOYBUTTONUP, button=0, instance_id=7)
    assert joystick.take().code == 0


def test_raw_joystick_events_of_a_controller_are_ignored() -> None:
    pads, joystick = pads_of()
    send(pads, pygame.JOYBUTTONDOWN, button=0)
    send(pads, pygame.JOYHATMOTION, hat=0, value=(1, 0))
    assert joystick.take().code == 0


def test_a_gamepad_that_disappears_before_it_is_opened_is_ignored() -> None:
    pads, joystick = pads_of()
    pads.start()
    pads.handle(pygame.event.Event(pygame.JOYDEVICEADDED, device_index=99))
    assert joystick.take().code == 0
    pads.close()
    pads.close()
