"""Work of a session that may wait for a disk, apart from the pictures."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from atari_cli.system.background import PATIENCE, Background, is_done

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Piece:
    future: Future[Any]
    then: Callable[[Any], None]
    word: str


class SlowWork:
    """Work that a thread does in order; its results are handed over in this one.

    Args:
        patience: Seconds to wait for new work, which is usually done at once.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._disk = Background("slow work")
        self._open: list[_Piece] = []

    @property
    def word(self) -> str:
        """The work that the game waits for, such as `saving`; empty if there is none."""
        return next(filter(None, (piece.word for piece in self._open)), "")

    def run(
        self, work: Callable[[], Result], then: Callable[[Result], None], word: str = ""
    ) -> None:
        """Do work and hand its result over, at once if it takes no time.

        Args:
            work: The work; with a word, it may change the game.
            then: Takes the result.
            word: Names the work for which the game waits; if empty, it continues.

        Raises:
            Exception: What the work or `then` raises, also in `look`.
        """
        self.follow(self._disk.start(work), then, word)

    def follow(
        self, future: Future[Result], then: Callable[[Result], None], word: str = ""
    ) -> None:
        """Hand over the result of work that another thread does.

        Args:
            future: The result.
            then: Takes the result.
            word: As in `run`.
        """
        self._open.append(_Piece(future, then, word))
        if is_done(future, self._patience):
            self.look()

    def look(self) -> None:
        """Hand over the results of finished work, after some patience where the game waits."""
        for piece in self._open:
            is_done(piece.future, self._patience if piece.word else 0.0)
        for piece in [piece for piece in self._open if piece.future.done()]:
            self._open.remove(piece)
            piece.then(piece.future.result())

    def close(self) -> None:
        """Wait until all work is done; no result is handed over any more."""
        while self._open:
            self._open.pop(0).future.exception()
        self._disk.close()
