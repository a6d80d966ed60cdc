"""Gamepads, which may be plugged in and out at any time."""

from collections.abc import Sequence
from typing import Any, Final

import pygame
import pygame.joystick

from atari_cli.play.controls.joystick import Joystick

# In the order of SDL_GameControllerButton; the key file knows no others.
_BUTTONS: Final = (
    *("pad a", "pad b", "pad x", "pad y", "pad back", "pad guide", "pad start"),
    *("pad left stick", "pad right stick", "pad left shoulder", "pad right shoulder"),
    *("pad dpad up", "pad dpad down", "pad dpad left", "pad dpad right"),
)
# Of a device unknown to SDL, in the order that most devices have.
_PLAIN_BUTTONS: Final = (
    *("pad a", "pad b", "pad x", "pad y", "pad left shoulder", "pad right shoulder"),
    *("pad back", "pad start"),
)
_HAT: Final = ("pad dpad left", "pad dpad right", "pad dpad down", "pad dpad up")
_RIM: Final = 32767
_FIRST: Final = 1
"""The number of the first gamepad as a device of the joystick, after the keyboard's 0."""


class Gamepads:
    """Passes the events of gamepads to the joystick.

    A device in SDL's table of controllers has the buttons of an Xbox controller. Of any other, the
    first two axes are the stick, the first hat is the d-pad, and the buttons are taken in order.
    """

    def __init__(self, joystick: Joystick) -> None:
        self._joystick = joystick
        self._controller: Any = None
        self._open: dict[int, Any] = {}
        self._plain: set[int] = set()
        self._sticks: dict[int, list[float]] = {}

    def start(self) -> None:
        """Search for gamepads; those found arrive as events, as do those plugged in later.

        This takes a while, so call it after the first frame.
        """
        pygame.joystick.init()
        try:
            from pygame._sdl2 import controller

            controller.init()
            self._controller = controller
        except (ImportError, pygame.error):
            self._controller = None

    def close(self) -> None:
        """Release all gamepads; calling it again does nothing."""
        self._open.clear()
        if self._controller is not None:
            self._controller.quit()
            self._controller = None
        pygame.joystick.quit()

    def handle(self, event: pygame.event.Event) -> None:
        """Handle an event, if it is a gamepad's."""
        if event.type == pygame.JOYDEVICEADDED:
            self._plug(event.device_index)
        elif event.type == pygame.JOYDEVICEREMOVED:
            self._unplug(event.instance_id)
        elif event.type in (pygame.CONTROLLERBUTTONDOWN, pygame.CONTROLLERBUTTONUP):
            self._set_button(event, _BUTTONS, event.type == pygame.CONTROLLERBUTTONDOWN)
        elif event.type == pygame.CONTROLLERAXISMOTION:
            self._tilt(event.instance_id, event.axis, event.value / _RIM)
        elif getattr(event, "instance_id", None) in self._plain:
            self._handle_plain(event)

    def _handle_plain(self, event: pygame.event.Event) -> None:
        """Handle an event of a device that is not in SDL's table of controllers."""
        pad = event.instance_id
        if event.type in (pygame.JOYBUTTONDOWN, pygame.JOYBUTTONUP):
            self._set_button(event, _PLAIN_BUTTONS, event.type == pygame.JOYBUTTONDOWN)
        elif event.type == pygame.JOYAXISMOTION:
            self._tilt(pad, event.axis, event.value)
        elif event.type == pygame.JOYHATMOTION and event.hat == 0:
            x, y = event.value
            for name, down in zip(_HAT, (x < 0, x > 0, y < 0, y > 0), strict=True):
                self._set(pad, name, down)

    def _plug(self, index: int) -> None:
        """Open a gamepad; one that cannot be opened is ignored."""
        try:
            if self._controller is not None and self._controller.is_controller(index):
                controller = self._controller.Controller(index)
                self._open[controller.as_joystick().get_instance_id()] = controller
            else:
                device = pygame.joystick.Joystick(index)
                self._open[device.get_instance_id()] = device
                self._plain.add(device.get_instance_id())
        except pygame.error:
            return

    def _unplug(self, pad: int) -> None:
        self._open.pop(pad, None)
        self._plain.discard(pad)
        self._sticks.pop(pad, None)
        self._joystick.unplug(pad + _FIRST)

    def _set_button(self, event: pygame.event.Event, names: Sequence[str], down: bool) -> None:
        if event.button < len(names):
            self._set(event.instance_id, names[event.button], down)

    def _set(self, pad: int, name: str, down: bool) -> None:
        change = self._joystick.press if down else self._joystick.release
        change(name, pad + _FIRST)

    def _tilt(self, pad: int, axis: int, value: float) -> None:
        """Note the position of an axis; the first two are those of the left stick."""
        if axis in (0, 1):
            stick = self._sticks.setdefault(pad, [0.0, 0.0])
            stick[axis] = min(max(value, -1.0), 1.0)
            self._joystick.tilt(stick[0], stick[1], pad + _FIRST)
