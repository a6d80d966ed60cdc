"""A terminal's keys as presses and releases, even where the terminal reports no releases.

Such a terminal sends a few bytes when a key goes down and, after half a second or so, the same
bytes 30 times a second while it stays down. Once another key is pressed, the first no longer
repeats. So:

- A key is down for `HOLD` after each time it is received. Taps stay short and distinct, and a hold
  ends almost immediately. The price is a gap between the first press and its repeats; bridging it
  would make each tap half a second long.
- A direction replaces the one before immediately. Two that arrive together and are not opposite
  make a diagonal.
- Fire does not replace a direction. It stops the repeats of a held direction, though, so each fire
  keeps that direction for another `BRIDGE`.
- Rewind and fast-forward are bridged: nobody plays meanwhile, so going half a second too far hurts
  less than starting again. Any other key ends them immediately.
"""

from typing import Final

from atari_cli.play.controls.joystick import DIRECTIONS, Joystick
from atari_cli.play.controls.keymap import KeyAction, Keymap
from atari_cli.play.interface import HELD, Command, Control
from atari_cli.play.terminal.key_sequences import (
    CTRL_C,
    Focus,
    Key,
    KittyFlags,
    Stroke,
    TerminalEvent,
)

HOLD: Final = 0.12
"""Seconds that a key is down after it was received; the slowest repeat every 90 ms."""

BRIDGE: Final = 0.7
"""Seconds within which repeats begin; X.org's default is 660 ms, others are shorter."""

CHORD: Final = 0.06
"""Seconds within which two directions count as pressed together."""

_RELEASES: Final = 2
_OPPOSITES: Final = ({Control.UP, Control.DOWN}, {Control.LEFT, Control.RIGHT})


class KeyHolds:
    """Turns a terminal's events into presses and releases.

    Args:
        joystick: Receives the presses and releases.
        keymap: The actions of the keys.
    """

    def __init__(self, joystick: Joystick, keymap: Keymap) -> None:
        self._joystick = joystick
        self._keymap = keymap
        self._has_releases = False
        self._until: dict[str, float] = {}
        self._turned = 0.0
        self._repeats = False

    def take(self, event: TerminalEvent, now: float) -> None:
        """Handle an event.

        Args:
            event: The event.
            now: The time, in seconds of any steady clock.
        """
        match event:
            case Key(name=name, place=place) if CTRL_C in (name, place):
                self._joystick.command(Command.LEAVE)
            case Key(stroke=stroke) if self._has_releases:
                self._move(self._known(event), stroke)
            case Key(name=name) if name in self._keymap.actions:
                self._touch(name, now)
            case Focus(focused=focused):
                self._until.clear()
                self._joystick.focus(focused)
            case KittyFlags(flags=flags):
                self._has_releases = bool(flags & _RELEASES)

    def let_go(self, now: float) -> None:
        """Release the keys whose time is over."""
        for name in [name for name, until in self._until.items() if until <= now]:
            self._release(name)

    def _known(self, key: Key) -> str:
        """Return a key's name, by its place if its character has no action."""
        return key.name if key.name in self._keymap.actions else key.place or key.name

    def _move(self, name: str, stroke: Stroke) -> None:
        if stroke is Stroke.RELEASE:
            self._joystick.release(name)
        else:
            self._joystick.press(name)

    def _touch(self, name: str, now: float) -> None:
        """Press a key or prolong its hold, and update the other keys."""
        self.let_go(now)
        action = self._keymap.actions[name]
        self._end_held(name)
        if action in DIRECTIONS:
            self._turn(name, action, now)
        elif action is Control.FIRE:
            self._keep_directions(now)
        wait = BRIDGE if action in HELD and name not in self._until else HOLD
        self._until[name] = max(self._until.get(name, 0.0), now + wait)
        self._joystick.press(name)

    def _turn(self, name: str, action: KeyAction, now: float) -> None:
        self._repeats = name in self._until
        if self._repeats:
            return
        together = now - self._turned <= CHORD
        for other in self._directions():
            pair = {action, self._keymap.actions[other]}
            if not together or len(pair) == 1 or pair in _OPPOSITES:
                self._release(other)
        self._turned = now

    def _keep_directions(self, now: float) -> None:
        for name in self._directions():
            wait = BRIDGE if self._repeats else HOLD
            self._until[name] = max(self._until[name], now + wait)

    def _end_held(self, name: str) -> None:
        for other in [other for other in self._until if other != name]:
            if self._keymap.actions[other] in HELD:
                self._release(other)

    def _directions(self) -> list[str]:
        return [name for name in self._until if self._keymap.actions[name] in DIRECTIONS]

    def _release(self, name: str) -> None:
        del self._until[name]
        self._joystick.release(name)
