"""Work of a session that may wait for a disk, apart from the pictures."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from atari_cli.system.background import PATIENCE, Background, is_done

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Errand:
    future: Future[Any]
    then: Callable[[Any], None]
    word: str


class Errands:
    """Work that a thread does in order; its results are handed over in this one.

    Args:
        patience: Seconds to wait for new work, which is usually done at once.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._disk = Background("errands")
        self._open: list[_Errand] = []

    @property
    def word(self) -> str:
        """The work that the game waits for, such as `saving`; empty if there is none."""
        return next(filter(None, (errand.word for errand in self._open)), "")

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
        self._open.append(_Errand(future, then, word))
        if is_done(future, self._patience):
            self.look()

    def look(self) -> None:
        """Hand over the results of finished work, after some patience where the game waits."""
        for errand in self._open:
            is_done(errand.future, self._patience if errand.word else 0.0)
        for errand in [errand for errand in self._open if errand.future.done()]:
            self._open.remove(errand)
            errand.then(errand.future.result())

    def close(self) -> None:
        """Wait until all work is done; no result is handed over any more."""
        while self._open:
            self._open.pop(0).future.exception()
        self._disk.close()
