"""Loaded consoles that nobody uses any more, kept for the next emulator of the same cartridge.

ALE takes some 100 ms to load a ROM, nearly all of it for a table of colours, and holds Python's
lock meanwhile; putting a loaded console back to its boot takes 5 ms.
"""

import weakref
from collections import deque
from typing import Any, Final, NamedTuple

from ale_py import ALEInterface, ALEState

from atari_cli.model import Bytes

MOST_SPARE: Final = 64
"""Consoles to keep, of 0.7 MB each; one is dropped if there are more."""


class Cartridge(NamedTuple):
    """The cartridge, its switches and the seed that a console was booted with."""

    game: str
    mode: int
    difficulty: int
    seed: int = 0


class Loaded(NamedTuple):
    """A console after its boot.

    Attributes:
        ale: The console, which may have been played since.
        state: Its state after the boot.
        screen: Its screen after the boot, (height, 160) uint8.
    """

    ale: ALEInterface
    state: ALEState
    screen: Bytes


_spare: deque[tuple[Cartridge, Loaded]] = deque(maxlen=MOST_SPARE)


def has_spare(cartridge: Cartridge) -> bool:
    """Return whether a spare console of a cartridge is there now."""
    return any(of == cartridge for of, _ in tuple(_spare))


def take_spare(cartridge: Cartridge) -> Loaded | None:
    """Return a spare console of a cartridge, no longer spare then; None if there is none."""
    # Each operation is atomic: an emulator may be deleted, and its console kept, at any moment.
    for _ in range(len(_spare)):
        try:
            of, loaded = _spare.pop()
        except IndexError:
            break
        if of == cartridge:
            return loaded
        _spare.appendleft((of, loaded))
    return None


def keep_after(owner: object, cartridge: Cartridge, loaded: Loaded) -> "weakref.finalize[Any, Any]":
    """Keep a console as a spare once its owner is deleted.

    Args:
        owner: The user of the console, such as an emulator.
        cartridge: Its cartridge.
        loaded: The console.

    Returns:
        The finalizer; if it is detached, the console is not kept.
    """
    kept = weakref.finalize(owner, _spare.append, (cartridge, loaded))
    kept.atexit = False
    return kept
