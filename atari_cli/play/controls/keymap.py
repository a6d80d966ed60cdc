"""The actions of keys, buttons and sticks: the defaults, and the TOML file that changes them.

Needs no pygame: `atari doctor` and the terminal read key files too.
"""

import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from atari_cli.config import keys_file
from atari_cli.errors import InvalidSetting
from atari_cli.play.interface import Command, Control
from atari_cli.validation import did_you_mean

KeyAction = Control | Command
"""An action that a key can have."""

ACTIONS: Final[Mapping[str, KeyAction]] = MappingProxyType(
    {action.value: action for action in (*Control, *Command)}
)
"""All actions, by name in the key file."""

_F_KEYS: Final = tuple(f"f{number}" for number in range(1, 16))
_KEYPAD: Final = tuple(f"[{key}]" for key in "0123456789./*-+")
# As pygame.key.name gives them; `enter` and `equals` are those of the keypad.
_NAMED_KEYS: Final = (
    *("up", "down", "left", "right", "space", "return", "tab", "escape", "backspace", "delete"),
    *("insert", "home", "end", "page up", "page down", "enter", "equals", "menu", "clear"),
    *("left shift", "right shift", "left ctrl", "right ctrl", "left alt", "right alt"),
    *("left meta", "right meta", "alt gr", "caps lock", "numlock", "scroll lock"),
    *("print screen", "break", "help", "sys req", "power", "euro"),
)
NAMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "keys": (*_NAMED_KEYS, *_F_KEYS, *_KEYPAD),
        "pad": (
            *("a", "b", "x", "y", "back", "start", "left shoulder", "right shoulder"),
            *("dpad up", "dpad down", "dpad left", "dpad right"),
            *("stick up", "stick down", "stick left", "stick right"),
        ),
        "mouse": ("left", "middle", "right"),
    }
)
"""The names that each section of the key file knows; `keys` also takes any single character.

A pad's are those of an Xbox controller: `a` is the lowest of its four buttons, `b` the right one.
"""

DEFAULTS: Final[Mapping[str, Mapping[KeyAction, tuple[str, ...]]]] = MappingProxyType(
    {
        "keys": {
            Control.UP: ("up", "w"),
            Control.DOWN: ("down", "s"),
            Control.LEFT: ("left", "a"),
            Control.RIGHT: ("right", "d"),
            # Many keyboards lose the space bar while two arrows are down; X is another way.
            Control.FIRE: ("space", "x"),
            Command.PAUSE: ("p",),
            Command.ADVANCE: ("n",),
            Command.REWIND: ("r",),
            Command.FAST_FORWARD: ("f",),
            Command.SLOW_MOTION: ("z",),
            Command.HELP: ("f1",),
            Command.NEW_GAME: ("f2",),
            Command.SAVE: ("f5",),
            Command.LOAD: ("f9",),
            Command.NEXT_SLOT: ("f7",),
            Command.PREVIOUS_SLOT: ("f6",),
            Command.FULLSCREEN: ("f11",),
            Command.SCREENSHOT: ("f12",),
            Command.MUTE: ("m",),
            Command.LOUDER: ("=", "+", "[+]"),
            Command.QUIETER: ("-", "[-]"),
            Command.HUD: ("h",),
            Command.VIDEO: ("v",),
            Command.TAKE_OVER: ("t",),
            Command.LEAVE: ("escape",),
        },
        "pad": {
            Control.UP: ("dpad up", "stick up"),
            Control.DOWN: ("dpad down", "stick down"),
            Control.LEFT: ("dpad left", "stick left"),
            Control.RIGHT: ("dpad right", "stick right"),
            Control.FIRE: ("a", "b"),
            Command.PAUSE: ("start",),
            Command.NEW_GAME: ("back",),
            Command.REWIND: ("left shoulder",),
            Command.FAST_FORWARD: ("right shoulder",),
            Command.SLOW_MOTION: ("x",),
            Command.TAKE_OVER: ("y",),
        },
        "mouse": {Control.FIRE: ("left",)},
    }
)
"""The default keys and buttons of each action."""


def _by_key(sections: Mapping[str, Mapping[KeyAction, Iterable[str]]]) -> Mapping[str, KeyAction]:
    """Return the action of each key, by its full name, as in `Keymap.actions`."""
    return MappingProxyType(
        {
            full_name(section, name): action
            for section, entries in sections.items()
            for action, names in entries.items()
            for name in names
        }
    )


def full_name(section: str, name: str) -> str:
    """Return a key's name in `Keymap.actions`: `space`, `pad a`, `mouse left`.

    Args:
        section: A section of the key file: `keys`, `pad` or `mouse`.
        name: The key's name in that section.
    """
    return name if section == "keys" else f"{section} {name}"


@dataclass(frozen=True)
class Keymap:
    """The action of each key; without arguments, the defaults.

    Attributes:
        actions: Actions by the name of a key: as `pygame.key.name` gives it, in lower case (`left`,
            `space`, `f5`, `a`), `pad a` for a gamepad's button, `mouse left` for a mouse's.
        dead_zone: How far a stick is tilted before it counts, from 0.0 to below 1.0, the rim.
        mouse: Whether the mouse points the paddle.
        stick: Whether a gamepad's stick points the paddle; otherwise it turns it, as the d-pad.
    """

    actions: Mapping[str, KeyAction] = field(default_factory=lambda: _by_key(DEFAULTS))
    dead_zone: float = 0.3
    mouse: bool = True
    stick: bool = True

    def keys_of(self, action: KeyAction) -> tuple[str, ...]:
        """Return the names of an action's keys, those of the keyboard first."""
        return tuple(name for name, does in self.actions.items() if does is action)

    def keyboard_keys_of(self, action: KeyAction) -> tuple[str, ...]:
        """Return the names of an action's keys of the keyboard."""
        keys = self.keys_of(action)
        return tuple(key for key in keys if not key.startswith(("pad ", "mouse ")))


def load_keymap(path: Path | None = None) -> Keymap:
    """Return the keymap of a key file.

    Args:
        path: A TOML file; if None, the user's own, or the defaults if there is no such file.

    Raises:
        InvalidSetting: If the file cannot be read or has a mistake, which the message names.
    """
    if path is None:
        path = keys_file()
        if path is None or not os.path.exists(path):  # Path.exists raises in a closed folder
            return Keymap()
    try:
        return _keymap(tomllib.loads(path.read_bytes().decode("utf-8-sig")))
    except OSError as error:
        raise InvalidSetting(f"key file {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise InvalidSetting(f"key file {path}: expected TOML in UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise InvalidSetting(f"key file {path}: {error}") from None


def _keymap(document: Mapping[str, Any]) -> Keymap:
    for section, entries in document.items():
        _known("section", section, (*NAMES, "stick", "paddle"))
        if not isinstance(entries, dict):
            raise InvalidSetting(f"expected a table [{section}], got {entries!r}")
    chosen = {section: _section(section, document.get(section, {})) for section in NAMES}
    sections = {section: {**DEFAULTS[section], **chosen[section]} for section in NAMES}
    for section, entries in sections.items():
        _check_once(section, entries, chosen[section])
    paddle = _flags(document.get("paddle", {}))
    return Keymap(_by_key(sections), _dead_zone(document.get("stick", {})), **paddle)


def _section(section: str, entries: Mapping[str, Any]) -> dict[KeyAction, tuple[str, ...]]:
    """Return the checked keys of a section of the file."""
    return {
        ACTIONS[_known(f"[{section}]", name, ACTIONS)]: tuple(_names(section, name, value))
        for name, value in entries.items()
    }


def _names(section: str, entry: str, value: Any) -> Iterator[str]:
    where = f"[{section}] {entry}"
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InvalidSetting(f"{where}: expected a name or a list of names, got {value!r}")
    for name in names:
        lower = name.lower()
        if section == "keys" and len(lower) == 1 and lower.isprintable() and lower != " ":
            yield lower
        else:
            yield _known(where, lower, NAMES[section])


def _check_once(
    section: str, entries: Mapping[KeyAction, Iterable[str]], chosen: Mapping[KeyAction, Any]
) -> None:
    """Raise InvalidSetting if a key has two actions."""
    owners: dict[str, KeyAction] = {}
    for action, names in entries.items():
        for name in names:
            owner = owners.setdefault(name, action)
            if owner is action:
                continue
            mine, other = (action, owner) if action in chosen else (owner, action)
            hint = "" if other in chosen else f" by default; give {other.value} another, or []"
            raise InvalidSetting(
                f"[{section}] {mine.value}: {name!r} is {other.value} already{hint}"
            )


def _known(where: str, name: str, names: Iterable[str]) -> str:
    """Return a name if it is known, else raise InvalidSetting with the nearest."""
    choices = {known: known for known in names}
    if name in choices:
        return name
    hint = did_you_mean(name.lower(), choices) or f"; expected one of {', '.join(choices)}"
    raise InvalidSetting(f"{where}: unknown name {name!r}{hint}")


def _dead_zone(entries: Mapping[str, Any]) -> float:
    value = entries.get("dead_zone", Keymap.dead_zone)
    for name in entries:
        _known("[stick]", name, ("dead_zone",))
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value < 1.0:
        raise InvalidSetting(f"[stick] dead_zone: expected a number from 0 to 0.99, got {value!r}")
    return float(value)


def _flags(entries: Mapping[str, Any]) -> dict[str, bool]:
    for name, value in entries.items():
        _known("[paddle]", name, ("mouse", "stick"))
        if not isinstance(value, bool):
            raise InvalidSetting(f"[paddle] {name}: expected true or false, got {value!r}")
    return dict(entries)
