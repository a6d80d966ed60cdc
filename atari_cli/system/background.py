"""A thread for work that may wait for something slow: a disk, an encoder, a user's policy."""

from collections.abc import Callable
from concurrent.futures import Future, wait
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final, TypeVar

PATIENCE: Final = 0.05
"""Seconds to wait for work that a picture has to wait for, too."""

Result = TypeVar("Result")


class Background:
    """Carries out work in order, in a thread that does not keep the process from ending.

    The thread starts with the first work.

    Args:
        name: The thread's name.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._is_running = False

    def start(self, work: Callable[[], Result]) -> Future[Result]:
        """Carry out work after all earlier work, and return its future result."""
        if not self._is_running:
            self._is_running = True
            Thread(target=_carry_out, args=(self._work,), name=self._name, daemon=True).start()
        future: Future[Result] = Future()
        self._work.put(partial(_settle, future, work))
        return future

    def close(self) -> None:
        """End the thread once all work is done, without waiting for that."""
        if self._is_running:
            self._is_running = False
            self._work.put(None)
            self._work = SimpleQueue()


def is_done(future: Future[Any], patience: float = 0.0) -> bool:
    """Return whether work is done, or gets done soon.

    Args:
        future: Its future result.
        patience: Seconds to wait for it.
    """
    return future.done() or (patience > 0 and bool(wait([future], patience).done))


def _carry_out(queue: "SimpleQueue[Callable[[], None] | None]") -> None:
    while work := queue.get():
        work()
        del work  # it may hold large arrays


def _settle(future: Future[Result], work: Callable[[], Result]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # for the one that asks for the result
        future.set_exception(error)
