"""Holding Ctrl-C back while a step is written, so that it never strikes in the middle of one."""

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import ClassVar, Self

_Handler = Callable[[int, FrameType | None], object]


class Uninterrupted:
    """Delays Ctrl-C to the end of the `with` block; it only ever reaches the main thread.

    Within another such block it does nothing, and costs next to nothing; so it is within
    `catching`, whose other signals it delays too.
    """

    _is_held: ClassVar = False
    _struck: ClassVar[list[tuple[int, FrameType | None]]] = []
    _catcher: ClassVar[_Handler | None] = None

    def __enter__(self) -> Self:
        self._handler: _Handler | None = None
        if Uninterrupted._is_held or threading.current_thread() is not threading.main_thread():
            return self
        handler = Uninterrupted._catcher or signal.getsignal(signal.SIGINT)
        # A handler that is not a function ignores Ctrl-C or ends the process.
        if callable(handler):
            if handler is not Uninterrupted._catcher:
                signal.signal(signal.SIGINT, _note)
            self._handler = handler
            Uninterrupted._is_held = True
        return self

    def __exit__(self, *error: object) -> None:
        if self._handler:
            Uninterrupted._is_held = False
            if self._handler is not Uninterrupted._catcher:
                signal.signal(signal.SIGINT, self._handler)
            if Uninterrupted._struck:
                struck, Uninterrupted._struck = Uninterrupted._struck, []
                for strike in struck:
                    self._handler(*strike)


@contextmanager
def catching(signals: Iterable[int], handle: _Handler) -> Iterator[None]:
    """Have a function handle signals, to be called in the main thread; those ignored stay ignored.

    It waits for the end of an `Uninterrupted` block by itself: putting another handler in its
    place for each block would take longer than what the block does.
    """

    def catch(number: int, frame: FrameType | None) -> None:
        (_note if Uninterrupted._is_held else handle)(number, frame)

    # What the shell has the program ignore, as nohup does, stays ignored.
    earlier = {
        number: handler
        for number in signals
        if (handler := signal.getsignal(number)) is not signal.SIG_IGN
    }
    for number in earlier:
        signal.signal(number, catch)
    Uninterrupted._catcher = catch if signal.SIGINT in earlier else None
    try:
        yield
    finally:
        Uninterrupted._catcher = None
        for number, handler in earlier.items():
            signal.signal(number, handler)


def _note(number: int, frame: FrameType | None) -> None:
    Uninterrupted._struck.append((number, frame))
