"""Signals: handlers for the time of a block, and blocks that no signal interrupts."""

import os
import signal
import sys
import threading
import time
from _thread import interrupt_main
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from types import FrameType
from typing import ClassVar, Final, Self

SignalHandler = Callable[[int, FrameType | None], object]
"""A function that handles a signal: it takes the signal's number and the interrupted frame."""

ENDING: Final = [
    number
    for name in ("SIGTERM", "SIGHUP", "SIGBREAK")
    if (number := getattr(signal, name, None)) is not None
]
"""The signals by which a system ends a program; SIGBREAK is Windows'."""

_CONSOLE_ENDS: Final = {2, 5, 6}
"""Windows' events that its console is closed, the user logs off, or the system shuts down."""

_GRACE: Final = 60.0
"""Seconds to keep Windows from ending the process at such an event; it waits five at most."""

_FIRST_PROCESS: Final = 1


class _Ended(KeyboardInterrupt):
    """Raised at a signal of `ENDING`: everything on the way out takes it for Ctrl-C."""


class Uninterrupted:
    """Delays Ctrl-C, and every signal that `captured` handles, to the end of the `with` block.

    Only the main thread is ever interrupted, so in other threads it does nothing. Within another
    such block it does nothing either, and costs next to nothing.
    """

    _is_held: ClassVar = False
    _struck: ClassVar[list[Callable[[], object]]] = []
    _ctrl_c_is_captured: ClassVar = False

    def __enter__(self) -> Self:
        self._is_outermost = False
        self._handler: SignalHandler | None = None
        if Uninterrupted._is_held or not _is_main_thread():
            return self
        if not Uninterrupted._ctrl_c_is_captured:
            handler = signal.getsignal(signal.SIGINT)
            # A handler that is not a function ignores Ctrl-C or ends the process.
            if not callable(handler):
                return self
            self._handler = handler
            signal.signal(signal.SIGINT, _delayed(handler))
        self._is_outermost = Uninterrupted._is_held = True
        return self

    def __exit__(self, *error: object) -> None:
        if not self._is_outermost:
            return
        Uninterrupted._is_held = False
        if self._handler:
            signal.signal(signal.SIGINT, self._handler)
        if Uninterrupted._struck:
            struck, Uninterrupted._struck = Uninterrupted._struck, []
            for handle in struck:
                handle()


@contextmanager
def captured(
    signals: Iterable[int], handler: SignalHandler, even_ignored: bool = False
) -> Iterator[None]:
    """Handle signals with a function while a `with` block runs; then restore the old handlers.

    The function is called in the main thread, at the end of an `Uninterrupted` block if one runs:
    replacing the handler for each such block would take longer than what the block does.
    In another thread than the main one, which Python allows no handlers, nothing is captured.

    Args:
        signals: The numbers of the signals.
        handler: The function; what it raises leaves the block.
        even_ignored: Handle even signals that the program was started to ignore, as the shell of a
            script does for Ctrl-C after `&`, and `nohup` does.
    """

    def catch(number: int, frame: FrameType | None) -> None:
        (delayed if Uninterrupted._is_held else handler)(number, frame)

    delayed = _delayed(handler)
    earlier = {
        number: old
        for number in (signals if _is_main_thread() else ())
        if (old := signal.getsignal(number)) is not signal.SIG_IGN or even_ignored
    }
    ctrl_c_was_captured = Uninterrupted._ctrl_c_is_captured
    for number in earlier:
        signal.signal(number, catch)
    if signal.SIGINT in earlier:
        Uninterrupted._ctrl_c_is_captured = True
    try:
        with _end_delayed(earlier):
            yield
    finally:
        if signal.SIGINT in earlier:
            Uninterrupted._ctrl_c_is_captured = ctrl_c_was_captured
        for number, old in earlier.items():
            signal.signal(number, old)


@contextmanager
def ended_like_ctrl_c() -> Iterator[None]:
    """Let each signal of `ENDING` interrupt the block like Ctrl-C, so that its work is finished.

    Raises:
        SystemExit: With 128 and the number of the signal, as shells report it.
    """
    pid = os.getpid()

    def end(number: int, frame: FrameType | None) -> None:
        if os.getpid() != pid:  # a child that the user's code forked
            os._exit(128 + number)
        raise _Ended(number)

    with captured(ENDING, end):
        try:
            yield
        except _Ended as error:
            raise SystemExit(128 + error.args[0]) from None


def obey_sigterm_as_first_process() -> None:
    """End at SIGTERM in a container too, where the first process ignores it unless it asks."""
    if os.getpid() == _FIRST_PROCESS:
        signal.signal(signal.SIGTERM, lambda number, frame: os._exit(128 + number))


def ignore_ctrl_break() -> None:
    """Leave Ctrl-Break on Windows to the parent, which ends this process.

    It reaches every process of a console.
    """
    if sys.platform == "win32":
        signal.signal(signal.SIGBREAK, signal.SIG_IGN)


def _delayed(handler: SignalHandler) -> SignalHandler:
    """Return a handler that leaves a signal to the end of the `Uninterrupted` block."""
    return lambda number, frame: Uninterrupted._struck.append(partial(handler, number, frame))


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _handle_console(event: int) -> bool:
    """Handle an event of Windows' console; False leaves it to Python."""
    if event not in _CONSOLE_ENDS:
        return False
    interrupt_main(ENDING[-1])
    time.sleep(_GRACE)
    return True


if sys.platform == "win32":

    @contextmanager
    def _end_delayed(signals: Container[int]) -> Iterator[None]:
        """Let a program that handles SIGBREAK finish its work when its console ends.

        Windows calls the handler in a new thread, and ends the process when that returns.
        """
        import ctypes

        call = ctypes.WINFUNCTYPE(ctypes.c_int, ctypes.c_uint)(_handle_console)
        if signal.SIGBREAK in signals:
            ctypes.windll.kernel32.SetConsoleCtrlHandler(call, True)
        try:
            yield
        finally:
            ctypes.windll.kernel32.SetConsoleCtrlHandler(call, False)

else:

    def _end_delayed(signals: Container[int]) -> nullcontext[None]:
        """Do nothing: other systems leave it to the program when it ends."""
        return nullcontext()
