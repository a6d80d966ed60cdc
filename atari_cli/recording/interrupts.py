"""Holding Ctrl-C back while a step is written, so that it never strikes in the middle of one."""

import signal
import threading
from types import FrameType
from typing import Self


class Uninterrupted:
    """Delays Ctrl-C to the end of the `with` block; it only ever reaches the main thread."""

    def __enter__(self) -> Self:
        self._struck: tuple[int, FrameType | None] | None = None
        handler = signal.getsignal(signal.SIGINT)
        is_main = threading.current_thread() is threading.main_thread()
        # A handler that is not a function ignores Ctrl-C or ends the process.
        self._handler = handler if is_main and callable(handler) else None
        if self._handler:
            signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *error: object) -> None:
        if self._handler:
            signal.signal(signal.SIGINT, self._handler)
            if self._struck:
                self._handler(*self._struck)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._struck = (number, frame)
