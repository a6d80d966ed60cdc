"""The joystick of the player: keys, gamepads and mouse joined into one, read once a tick."""

import math
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from atari_cli.actions import action_code
from atari_cli.emulator.paddle import axis, paddle_position
from atari_cli.games import Game
from atari_cli.play.controls.keymap import KeyAction, Keymap, full_name
from atari_cli.play.interface import HELD, Command, Control, Inputs

DIRECTIONS: Final = frozenset({Control.UP, Control.DOWN, Control.LEFT, Control.RIGHT})

# Pong's bat moves up and down; RIGHT is up.
_UPRIGHT: Final[Mapping[Control, Control]] = {
    Control.UP: Control.RIGHT,
    Control.DOWN: Control.LEFT,
}
_STICK: Final = tuple(full_name("pad", f"stick {way}") for way in ("up", "down", "left", "right"))
_SECTOR: Final = math.sin(math.pi / 8)
"""A stick within 22.5 degrees of an axis points along it alone, else along both."""


class HeldKey(NamedTuple):
    """A press of a key.

    Attributes:
        number: Presses are numbered in order.
        action: The action of the key in this game.
    """

    number: int
    action: KeyAction


class Joystick:
    """The state of all input devices together.

    Of two opposite directions the one pressed last counts, until it is released. A control is
    released with the last of its keys. A press between two calls of `take` counts in the next one,
    however short it was.

    Args:
        keymap: The action of each key.
        game: The game; if it has paddles, mouse and stick point them.
    """

    def __init__(self, keymap: Keymap, game: Game) -> None:
        self._keymap = keymap
        self._game = game
        self._upright = game.uses_paddles and axis(game) == "y"
        self._down: dict[tuple[int, str], HeldKey] = {}
        self._tapped: list[HeldKey] = []
        self._commands: list[Command] = []
        self._presses = self._taken = 0
        self._tilted: set[int] = set()
        self._paddle: float | None = None
        self._touched = False
        self._seek: float | None = None
        self._focused = True

    def press(self, key: str, device: int = 0) -> None:
        """Press a key; ignored if it is already down or has no action.

        Args:
            key: Its name as in `Keymap.actions`.
            device: 0 for the keyboard and mouse, or the number of a gamepad.
        """
        action = self._keymap.actions.get(key)
        if action is None or (device, key) in self._down:
            return
        if self._upright and isinstance(action, Control):
            action = _UPRIGHT.get(action, action)
        self._presses += 1
        self._down[device, key] = HeldKey(self._presses, action)
        if isinstance(action, Control):
            self._touched = True
            if action in DIRECTIONS:
                self._paddle = None
        elif action not in HELD:
            self._commands.append(action)

    def release(self, key: str, device: int = 0) -> None:
        """Release a key; ignored if it is not down.

        Args:
            key: Its name as in `Keymap.actions`.
            device: The device, as in `press`.
        """
        press = self._down.pop((device, key), None)
        if press is not None and press.number > self._taken:
            self._tapped.append(press)

    def unplug(self, device: int) -> None:
        """Release everything on a gamepad that was unplugged."""
        self._tilted.discard(device)
        for key in [key for owner, key in self._down if owner == device]:
            self.release(key, device)

    def tilt(self, x: float, y: float, device: int = 0) -> None:
        """Tilt a gamepad's left stick: it presses `pad stick left` and so on, or points the paddle.

        At rest it does not point; on its way back it takes the paddle to the middle.

        Args:
            x: From -1.0, left, to 1.0, right.
            y: From -1.0, up, to 1.0, down.
            device: The gamepad.
        """
        if self._game.uses_paddles and self._keymap.stick:
            self._tilt_paddle(x, y, device)
            return
        reach = math.hypot(x, y)
        least = reach * _SECTOR if reach > self._keymap.dead_zone else math.inf
        for key, amount in zip(_STICK, (-y, y, -x, x), strict=True):
            if amount > least:
                self.press(key, device)
            else:
                self.release(key, device)

    def point(self, position: float) -> None:
        """Point the paddle with the mouse; ignored in games without, or while keys turn it.

        Args:
            position: The mouse's place in the picture, by `paddle.paddle_position`.
        """
        if self._game.uses_paddles and self._keymap.mouse:
            self._point(position)

    def command(self, command: Command) -> None:
        """Give a command that has no key, such as that of the window's close button."""
        self._commands.append(command)

    def seek(self, position: float) -> None:
        """Drag the slider of a recording to a position from 0.0 to 1.0."""
        self._seek = position

    def focus(self, focused: bool) -> None:
        """Set whether the window has the focus; without it everything is released.

        That includes the pointed paddle.
        """
        self._focused = focused
        if not focused:
            self._down.clear()
            self._tapped.clear()
            self._paddle = None

    def take(self) -> Inputs:
        """Return the inputs since the last call."""
        presses = sorted([*self._down.values(), *self._tapped], key=lambda press: press.number)
        controls = [press.action for press in presses if isinstance(press.action, Control)]
        inputs = Inputs(
            code=joystick_code(controls),
            paddle=None if DIRECTIONS.intersection(controls) else self._paddle,
            commands=tuple(self._commands),
            held=frozenset(press.action for press in presses if press.action in HELD),
            touched=self._touched,
            seek=self._seek,
            focused=self._focused,
        )
        self._tapped.clear()
        self._commands.clear()
        self._taken = self._presses
        self._touched, self._seek = False, None
        return inputs

    def _tilt_paddle(self, x: float, y: float, device: int) -> None:
        x, y = self._beyond(x), self._beyond(y)
        tilted = (y if axis(self._game) == "y" else x) != 0.0
        if tilted or device in self._tilted:
            self._point(paddle_position(self._game, 0.5 + x / 2, 0.5 + y / 2))
        if not tilted:
            self._tilted.discard(device)
        elif device not in self._tilted:
            self._tilted.add(device)
            self._touched = True

    def _beyond(self, tilt: float) -> float:
        """Return the tilt of a stick beyond its dead zone, from -1.0 to 1.0."""
        dead_zone = self._keymap.dead_zone
        return math.copysign(max(abs(tilt) - dead_zone, 0.0) / (1.0 - dead_zone), tilt)

    def _point(self, position: float) -> None:
        if not any(press.action in DIRECTIONS for press in self._down.values()):
            self._paddle = min(max(position, 0.0), 1.0)


def joystick_code(controls: Iterable[Control]) -> int:
    """Return the ALE code (0-17) of pressed controls, given in the order of their presses.

    Of two opposite directions the later one counts.
    """
    vertical = horizontal = fire = ""
    for control in controls:
        match control:
            case Control.UP | Control.DOWN:
                vertical = control.name
            case Control.LEFT | Control.RIGHT:
                horizontal = control.name
            case Control.FIRE:
                fire = control.name
    return action_code(f"{vertical}{horizontal}{fire}" or "NOOP")
