"""Booted emulators of ended sessions: the next session of that game need not load its ROM."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep
from typing import Final

from atari_cli.emulator import Emulator
from atari_cli.environment import AtariEnvironment
from atari_cli.games import Game

_MOST_SPARE: Final = 64
_PAUSE_SECONDS: Final = 0.005

loading: Final = threading.Lock()
"""One ROM at a time in this process: loading holds the interpreter's lock for some 0.1 s."""


class EmulatorPool:
    """Makes emulators, and keeps those that are given back."""

    def __init__(self) -> None:
        self._spare: list[Emulator] = []
        self._guard = threading.Lock()

    def make(self, game: Game, mode: int | None, difficulty: int | None, sound: bool) -> Emulator:
        """Return an emulator that is not in use; an environment boots it at its reset.

        Args:
            game: Its game.
            mode: A mode of the game; None chooses the default.
            difficulty: A difficulty of the game; None chooses the default.
            sound: Whether it makes sound.

        Raises:
            InvalidSetting: If the game has no such mode or difficulty.
            EmulatorError: If the game's ROM cannot be loaded.
        """
        wanted = (game.id, game.choose_mode(mode), game.choose_difficulty(difficulty), sound)
        spare = self._take(wanted)
        if spare:
            return spare
        with loading:
            # Others may have waited for the same game: one of them may have left by now.
            emulator = self._take(wanted) or Emulator(game, mode, difficulty, sound)
            sleep(_PAUSE_SECONDS)  # let other sessions play before the next ROM
        return emulator

    def give_back(self, emulator: Emulator) -> None:
        """Keep an emulator for another session; the oldest is dropped if there are too many."""
        with self._guard:
            self._spare.append(emulator)
            del self._spare[:-_MOST_SPARE]

    @contextmanager
    def exchanging(self, environment: AtariEnvironment) -> Iterator[None]:
        """Take an environment's emulator if the block exchanges it for another."""
        emulator = environment.emulator
        yield
        if environment.emulator is not emulator:
            self.give_back(emulator)

    def _take(self, wanted: tuple[str, int, int, bool]) -> Emulator | None:
        with self._guard:
            for index, spare in enumerate(self._spare):
                if (spare.game.id, spare.mode, spare.difficulty, spare.sound) == wanted:
                    return self._spare.pop(index)
        return None
