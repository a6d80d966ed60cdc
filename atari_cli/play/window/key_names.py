"""Names of keys: by their character, or by their place on a keyboard where that means nothing."""

from typing import Final

import pygame
import pygame.key

from atari_cli.play.controls.keymap import Keymap

_FIRST_LETTER: Final = 4
# Of the USB HID usage tables, which SDL's scancodes follow: letters, digits, then signs.
_BY_PLACE: Final = {
    **dict(enumerate("abcdefghijklmnopqrstuvwxyz1234567890", _FIRST_LETTER)),
    **dict(zip((45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56), "-=[]\\;'`,./", strict=True)),
}


def key_name(key: int, scancode: int, keymap: Keymap) -> str:
    """Return a key's name as in `Keymap.actions`.

    On a keyboard with other letters, such as Cyrillic ones, a key whose character has no action
    counts as the one that an English keyboard has in its place.

    Args:
        key: SDL's code of the key in the current layout.
        scancode: SDL's code of its place.
        keymap: The keys that have actions.
    """
    name = (_character(key) or pygame.key.name(key)).lower()
    return name if name in keymap.actions else _BY_PLACE.get(scancode, name)


def _character(key: int) -> str:
    """Return the character beyond ASCII that a key types; empty for all other keys.

    SDL's codes of keys without a character have bit 30 set.
    """
    return chr(key) if 0x7F < key < 0x110000 and chr(key).isprintable() else ""
