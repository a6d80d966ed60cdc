"""Gamepads: buttons, d-pad and stick by SDL's events; plugged in, pulled out, unknown."""

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


def test_the_d_pad_and_the_buttons_of_a_controller_play() -> None:
    pads, joystick = pads_of()
    send(pads, pygame.CONTROLLERBUTTONDOWN, button=pygame.CONTROLLER_BUTTON_DPAD_UP)
    send(pads, pygame.CONTROLLERBUTTONDOWN, button=pygame.CONTROLLER_BUTTON_DPAD_LEFT)
    send(pads, pygame.CONTROLLERBUTTONDOWN, button=pygame.CONTROLLER_BUTTON_A)
    assert joystick.take().code == action_code("UPLEFTFIRE")
    send(pads, pygame.CONTROLLERBUTTONUP, button=pygame.CONTROLLER_BUTTON_DPAD_UP)
    send(pads, pygame.CONTROLLERBUTTONUP, button=pygame.CONTROLLER_BUTTON_A)
    assert joystick.take().code == action_code("LEFT")


def test_its_other_buttons_command() -> None:
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
def test_the_left_stick_plays_outside_its_dead_zone(x: int, y: int, expected: str) -> None:
    pads, joystick = pads_of()
    send(pads, pygame.CONTROLLERAXISMOTION, axis=pygame.CONTROLLER_AXIS_LEFTX, value=x)
    send(pads, pygame.CONTROLLERAXISMOTION, axis=pygame.CONTROLLER_AXIS_LEFTY, value=y)
    send(pads, pygame.CONTROLLERAXISMOTION, axis=pygame.CONTROLLER_AXIS_RIGHTX, value=-32768)
    assert joystick.take().code == action_code(expected)


def test_the_stick_points_the_paddle() -> None:
    pads, joystick = pads_of("breakout")
    places: list[float] = []
    for value in (-32768, -16384, 16384, 32767):
        send(pads, pygame.CONTROLLERAXISMOTION, axis=0, value=value)
        paddle = joystick.take().paddle
        assert paddle is not None
        places.append(paddle)
    assert places == sorted(set(places))


def test_nothing_stays_pressed_on_a_pad_that_is_pulled_out() -> None:
    pads, joystick = pads_of()
    send(pads, pygame.CONTROLLERBUTTONDOWN, button=pygame.CONTROLLER_BUTTON_A)
    send(pads, pygame.CONTROLLERAXISMOTION, axis=0, value=32767)
    assert joystick.take().code == action_code("RIGHTFIRE")
    send(pads, pygame.JOYDEVICEREMOVED)
    assert joystick.take().code == 0
    send(pads, pygame.CONTROLLERAXISMOTION, axis=1, value=32767)
    assert joystick.take().code == action_code("DOWN")


def test_two_pads_hold_a_direction_together() -> None:
    pads, joystick = pads_of()
    for pad in (0, 1):
        send(pads, pygame.CONTROLLERBUTTONDOWN, button=11, instance_id=pad)
    send(pads, pygame.CONTROLLERBUTTONUP, button=11, instance_id=0)
    assert joystick.take().code == action_code("UP")


def test_an_unknown_joystick_plays_by_axes_hat_and_order_of_buttons() -> None:
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


def test_a_controllers_raw_events_do_not_count_twice() -> None:
    pads, joystick = pads_of()
    send(pads, pygame.JOYBUTTONDOWN, button=0)
    send(pads, pygame.JOYHATMOTION, hat=0, value=(1, 0))
    assert joystick.take().code == 0


def test_a_pad_that_is_gone_before_it_is_opened_is_left_alone() -> None:
    pads, joystick = pads_of()
    pads.start()
    pads.handle(pygame.event.Event(pygame.JOYDEVICEADDED, device_index=99))
    assert joystick.take().code == 0
    pads.close()
    pads.close()
