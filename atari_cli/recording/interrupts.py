"""Holding Ctrl-C back while a step is written, so that it never strikes in the middle of one."""

import signal
import threading
from types import FrameType
from typing import ClassVar, Self


class Uninterrupted:
    """Delays Ctrl-C to the end of the `with` block; it only ever reaches the main thread.

    Within another such block it does nothing, and costs next to nothing.
    """

    _is_held: ClassVar = False

    def __enter__(self) -> Self:
        self._struck: tuple[int, FrameType | None] | None = None
        self._handler = None
        if Uninterrupted._is_held or threading.current_thread() is not threading.main_thread():
            return self
        handler = signal.getsignal(signal.SIGINT)
        # A handler that is not a function ignores Ctrl-C or ends the process.
        if callable(handler):
            signal.signal(signal.SIGINT, self._note)
            self._handler = handler
            Uninterrupted._is_held = True
        return self

    def __exit__(self, *error: object) -> None:
        if self._handler:
            Uninterrupted._is_held = False
            signal.signal(signal.SIGINT, self._handler)
            if self._struck:
                self._handler(*self._struck)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._struck = (number, frame)
