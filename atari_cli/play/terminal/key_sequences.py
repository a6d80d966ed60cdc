"""A terminal's input as key events: sequences of xterm and consoles, and kitty's protocol.

Pure: bytes and the time go in, events come out. Sources: "XTerm Control Sequences", PC-style
function keys; console_codes(4); "Comprehensive keyboard handling in terminals" (kitty).
"""

import re
from enum import Enum
from typing import Final, NamedTuple

ESCAPE_WAIT: Final = 0.1
"""Seconds after which a lone ESC is the key, not the start of a sequence."""

SEQUENCE_WAIT: Final = 1.0
"""Seconds after which an unfinished sequence is given up."""

CTRL_C: Final = "ctrl c"
"""The only key that differs with Ctrl held; in a raw terminal it sends no signal."""

_LONGEST: Final = 4096


class Stroke(Enum):
    """Whether a key was pressed, repeated or released."""

    PRESS = 1
    REPEAT = 2
    RELEASE = 3


class Key(NamedTuple):
    """A stroke of a key; names are those of `pygame.key.name`, whatever the modifiers.

    Attributes:
        name: The key's name by the character that it types.
        stroke: Whether it was pressed, repeated or released.
        place: The name that the key in this place has on an English keyboard; empty if unknown.
    """

    name: str
    stroke: Stroke = Stroke.PRESS
    place: str = ""


class Focus(NamedTuple):
    """The terminal's window got or lost the focus.

    Attributes:
        focused: Whether it has the focus now.
    """

    focused: bool


class KittyFlags(NamedTuple):
    """The answer to `CSI ? u`.

    Attributes:
        flags: Which key events the terminal reports; bit 2 means releases.
    """

    flags: int


class TerminalReady(NamedTuple):
    """The answer to `CSI 5 n`: the terminal has processed everything written before."""


TerminalEvent = Key | Focus | KittyFlags | TerminalReady

_CONTROLS: Final = {
    0: "space",
    3: CTRL_C,
    8: "backspace",
    9: "tab",
    10: "return",
    13: "return",
    27: "escape",
    32: "space",
    127: "backspace",
}
# The last letter of `CSI …` and of `SS3 …`.
_LETTERS: Final = {
    "A": "up",
    "B": "down",
    "C": "right",
    "D": "left",
    "F": "end",
    "H": "home",
    "P": "f1",
    "Q": "f2",
    "R": "f3",
    "S": "f4",
}
_KEYPAD: Final = {
    "M": "enter",
    "X": "equals",
    "j": "[*]",
    "k": "[+]",
    "m": "[-]",
    "n": "[.]",
    "o": "[/]",
}
_SS3: Final = _LETTERS | _KEYPAD | {chr(ord("p") + digit): f"[{digit}]" for digit in range(10)}
_CSI: Final = _LETTERS | {"Z": "tab"}
# `CSI number ~`.
_NUMBERS: Final = {
    **dict(enumerate(("home", "insert", "delete", "end", "page up", "page down"), 1)),
    **dict(enumerate(("home", "end"), 7)),
    **dict(enumerate(("f1", "f2", "f3", "f4", "f5"), 11)),
    **dict(enumerate(("f6", "f7", "f8", "f9", "f10"), 17)),
    **dict(enumerate(("f11", "f12"), 23)),
}
# Linux's console has F1 to F5 as `CSI [ A` to `CSI [ E`.
_CONSOLE: Final = {chr(ord("A") + index): f"f{index + 1}" for index in range(5)}
# `CSI number u` beyond the characters; the keypad's arrows are arrows.
_FUNCTIONAL: Final = {
    **dict(enumerate((f"[{digit}]" for digit in range(10)), 57399)),
    **dict(enumerate(("[.]", "[/]", "[*]", "[-]", "[+]", "enter", "equals"), 57409)),
    **dict(enumerate(("left", "right", "up", "down", "page up", "page down"), 57417)),
    **dict(enumerate(("home", "end", "insert", "delete"), 57423)),
    **dict(enumerate(("left shift", "left ctrl", "left alt", "left meta"), 57441)),
    **dict(enumerate(("right shift", "right ctrl", "right alt", "right meta"), 57447)),
}
_CTRL: Final = 4

_WHOLE_CSI: Final = re.compile(rb"\x1b\[([0-?]*)([ -/]*)([@-Z\\-~])")
_WHOLE_CONSOLE: Final = re.compile(rb"\x1b\[\[([ -~])")
_WHOLE_SS3: Final = re.compile(rb"\x1bO[0-9;]*([:<-~])")
_WHOLE_STRING: Final = re.compile(rb"\x1b[P\]X^_][^\x07\x1b]*(?:\x07|\x1b\\)")
_BEGUN: Final = re.compile(
    rb"\x1b(?:\[(?:\[|[0-?]*[ -/]*)|O[0-9;]*|[P\]X^_][^\x07\x1b]*(?:\x1b\Z)?)?"
)


class KeySequences:
    """Parses a terminal's bytes into events, however they were split on the way."""

    def __init__(self) -> None:
        self._pending = b""
        self._since = 0.0

    def feed(self, data: bytes, now: float) -> list[TerminalEvent]:
        """Return the events that the bytes complete; unknown sequences are ignored as a whole.

        Args:
            data: New bytes; call it also without any, so that a lone ESC is recognised in time.
            now: The time, in seconds of any steady clock.
        """
        if not data:
            return self._give_up(now)
        self._pending += data
        self._since = now
        events: list[TerminalEvent] = []
        while self._pending:
            length, event = _first(self._pending)
            if not length:
                break
            self._pending = self._pending[length:]
            if event is not None:
                events.append(event)
        if len(self._pending) > _LONGEST:
            # Of a sequence to ignore, only its start and its possible end matter.
            self._pending = self._pending[:2] + self._pending[-1:]
        return events

    def _give_up(self, now: float) -> list[TerminalEvent]:
        """Return the key of an unfinished sequence once its time is over."""
        is_short = len(self._pending) <= 2
        if not self._pending or now - self._since < (ESCAPE_WAIT if is_short else SEQUENCE_WAIT):
            return []
        # Alt with a key is ESC and the key.
        event = _plain(self._pending[-1]) if is_short else None
        self._pending = b""
        return [event] if event else []


def _first(data: bytes) -> tuple[int, TerminalEvent | None]:
    """Return the length and event of the first sequence; length 0 if it is incomplete."""
    if data[0] == 0x1B:
        return _escaped(data)
    if data[0] < 0x80:
        return 1, _plain(data[0])
    return _beyond_ascii(data)


def _plain(code: int) -> Key | None:
    name = _CONTROLS.get(code) or (chr(code).lower() if 32 < code < 127 else None)
    return Key(name) if name else None


def _beyond_ascii(data: bytes) -> tuple[int, TerminalEvent | None]:
    """Return a character in UTF-8; a byte that starts none is ignored."""
    size = 2 if 0xC2 <= data[0] < 0xE0 else 3 if 0xE0 <= data[0] < 0xF0 else 4
    if not 0xC2 <= data[0] < 0xF5 or not all(0x80 <= byte < 0xC0 for byte in data[1:size]):
        return 1, None
    if len(data) < size:
        return 0, None
    character = data[:size].decode(errors="ignore").lower()
    return size, Key(character) if character.isprintable() and character else None


def _escaped(data: bytes) -> tuple[int, TerminalEvent | None]:
    if whole := _WHOLE_CSI.match(data):
        parameters, between, last = (part.decode() for part in whole.groups())
        return whole.end(), None if between else _control(parameters, last)
    for pattern, names in ((_WHOLE_CONSOLE, _CONSOLE), (_WHOLE_SS3, _SS3)):
        if whole := pattern.match(data):
            name = names.get(whole[1].decode())
            return whole.end(), Key(name) if name else None
    if whole := _WHOLE_STRING.match(data):
        return whole.end(), None
    begun = _BEGUN.match(data)
    assert begun
    return (0, None) if begun.end() == len(data) else _broken(data, begun.end())


def _broken(data: bytes, end: int) -> tuple[int, TerminalEvent | None]:
    """Return the event of an ESC whose next byte continues no sequence."""
    if end > 1:
        return end, None
    # The terminal's answers arrive all the time: an ESC before one is the key.
    if data[1] == 0x1B:
        return 1, Key("escape")
    length, event = _first(data[1:])
    return length + 1 if length else 0, event


def _control(parameters: str, last: str) -> TerminalEvent | None:
    """Return the event of `CSI parameters last`."""
    if last == "u" and parameters.startswith("?"):
        flags = _number(parameters[1:], 0)
        return None if flags is None else KittyFlags(flags)
    if last in "IO" and not parameters:
        return Focus(last == "I")
    if last == "n" and parameters == "0":
        return TerminalReady()
    return _key(parameters, last)


def _key(parameters: str, last: str) -> Key | None:
    """Return the key of `CSI number:… ; modifiers:stroke ; … last`."""
    fields = [field.split(":") for field in parameters.split(";")] + [[""]]
    number = _number(fields[0][0], 1)
    modifiers = _number(fields[1][0], 1)
    stroke = _number((fields[1] + [""])[1], 1)
    place = ""
    if number is None or modifiers is None or stroke not in (1, 2, 3):
        return None
    if last == "u":
        ctrl = bool(modifiers - 1 & _CTRL)
        name = _kitty_name(number, ctrl)
        base = _number((fields[0] + ["", ""])[2], 0)
        place = _kitty_name(base, ctrl) or "" if base else ""
    else:
        name = _NUMBERS.get(number) if last == "~" else _CSI.get(last)
    return Key(name, Stroke(stroke), place) if name else None


def _kitty_name(number: int, ctrl: bool) -> str | None:
    if ctrl and number == ord("c"):
        return CTRL_C
    if number in _FUNCTIONAL or number in _CONTROLS:
        return _FUNCTIONAL.get(number) or _CONTROLS[number]
    # From 57344 on, numbers are keys without a character.
    is_character = 32 < number < 57344 or 63743 < number <= 0x10FFFF
    return chr(number).lower() if is_character and chr(number).isprintable() else None


def _number(text: str, default: int) -> int | None:
    """Return a parameter of a sequence as a number; None if it is not one."""
    if not text:
        return default
    return int(text) if text.isdecimal() and len(text) < 8 else None
