"""Loaded consoles, which the next emulator of the same cartridge uses once nobody else does.

ALE takes some 100 ms to load a ROM, nearly all of it for a table of colours, and holds Python's
lock meanwhile; putting a loaded console back to its boot takes 5 ms.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, NamedTuple

from ale_py import ALEInterface, ALEState

from atari_cli.model import Bytes

MOST_KEPT: Final = 64
"""Consoles to keep, of 0.7 MB each; the oldest is dropped if there are more."""

_OWN_REFERENCES: Final = 2
"""References to a console that nobody uses: that of its `Loaded`, and that of the count itself."""


class Cartridge(NamedTuple):
    """The cartridge, its switches and the seed that a console was booted with.

    Attributes:
        game: The id of the game.
        mode: The game mode by ALE's number.
        difficulty: The difficulty by ALE's number.
        seed: The seed that ALE was given.
    """

    game: str
    mode: int
    difficulty: int
    seed: int = 0


@dataclass(eq=False, slots=True)
class Loaded:
    """A console after its boot.

    Attributes:
        cartridge: Its cartridge.
        ale: The console, which may have been played since.
        state: Its state after the boot.
        screen: Its screen after the boot, (height, 160) uint8.
    """

    cartridge: Cartridge
    ale: ALEInterface
    state: ALEState
    screen: Bytes


_kept: Final[list[Loaded]] = []
# Reentrant: a collection of garbage may delete or make an emulator at any moment.
_guard: Final = threading.RLock()


def has_spare(cartridge: Cartridge) -> bool:
    """Return whether there is a console of a cartridge now that nobody uses."""
    with _guard:
        return any(True for _ in _free(cartridge))


def take_spare(cartridge: Cartridge) -> Loaded | None:
    """Return a console of a cartridge that nobody uses, no longer kept; None if there is none."""
    with _guard:
        for loaded in _free(cartridge):
            with suppress(ValueError):
                _kept.remove(loaded)
                return loaded
    return None


def keep(loaded: Loaded) -> None:
    """Keep a console that is in use, for later."""
    with _guard:
        _kept.append(loaded)
        del _kept[:-MOST_KEPT]


def forget(loaded: Loaded) -> None:
    """Keep a console no longer; it may have been dropped before."""
    with _guard, suppress(ValueError):
        _kept.remove(loaded)


def _free(cartridge: Cartridge) -> Iterator[Loaded]:
    """Yield the kept consoles of a cartridge that nobody uses, the newest first."""
    for index in reversed(range(len(_kept))):
        with suppress(IndexError):
            loaded = _kept[index]
            if loaded.cartridge == cartridge and sys.getrefcount(loaded.ale) <= _OWN_REFERENCES:
                yield loaded
