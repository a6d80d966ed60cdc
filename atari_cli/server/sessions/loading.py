"""Emulators for sessions, which load one ROM at a time."""

import threading
from time import sleep
from typing import Final

from atari_cli.emulator import Cartridge, Emulator, has_spare
from atari_cli.games import Game

_PAUSE_SECONDS: Final = 0.005

_loading: Final = threading.Lock()
"""One ROM at a time in this process: loading holds the interpreter's lock for some 0.1 s."""


def make_emulator(
    game: Game,
    mode: int | None,
    difficulty: int | None,
    sound: bool,
    kind: type[Emulator] = Emulator,
) -> Emulator:
    """Return a new emulator, which waits for others that are loading a ROM if it needs one.

    Args:
        game: Its game.
        mode: A mode of the game; None chooses the default.
        difficulty: A difficulty of the game; None chooses the default.
        sound: Whether it makes sound.
        kind: Its class.

    Raises:
        InvalidSetting: If the game has no such mode or difficulty.
        EmulatorError: If the game's ROM cannot be loaded.
    """
    cartridge = Cartridge(game.id, game.choose_mode(mode), game.choose_difficulty(difficulty))
    if not sound and has_spare(cartridge):
        return kind(game, mode, difficulty, sound)
    with _loading:
        emulator = kind(game, mode, difficulty, sound)
        sleep(_PAUSE_SECONDS)  # let other sessions play before the next ROM
    return emulator
