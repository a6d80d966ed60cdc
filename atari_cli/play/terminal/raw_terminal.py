"""A terminal in raw mode: unbuffered keyboard input, and output that never waits."""

import os
import re
import select
import signal
import sys
from contextlib import ExitStack, suppress
from time import monotonic
from types import FrameType
from typing import Final, Self

from atari_cli.errors import TerminalError
from atari_cli.system.signals import captured

if sys.platform != "win32":
    import termios
    import tty

# The alternate screen, no cursor, no line wrapping, no bracketed paste, focus events; kitty's keys
# (1: no ambiguous ESC, 2: releases, 4: the key's place, 8: all keys), and the question whether they
# are supported.
_ENTER: Final = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J\x1b[?2004l\x1b[?1004h\x1b[>15u\x1b[?u"
# ESC \ ends a truncated sequence. Kitty keeps the state of keys per screen, so that comes first.
_LEAVE: Final = "\x1b\\\x1b[<u\x1b[?1004l\x1b[?2026l\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
# The terminal's kind: every terminal answers this, after all earlier questions.
_LAST_QUESTION: Final = "\x1b[c"
_LAST_ANSWER: Final = re.compile(rb"\x1b\[\?[\d;]*c")
_FAREWELL: Final = 1.0
"""Maximum seconds to wait on closing until the terminal has processed all output."""


class RawTerminal:
    """A terminal in raw mode on its alternate screen; restored however the `with` block ends.

    SIGTERM and SIGHUP do not end the process within the block; they set `is_lost`.
    Ctrl-Z is a key like any other, and SIGTSTP is ignored.

    Args:
        path: The terminal; opened again, since the shell would inherit the non-blocking flag of
            standard input.

    Raises:
        TerminalError: If it is not a usable terminal.
    """

    def __init__(self, path: str = "/dev/tty") -> None:
        try:
            self._file = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
            self._modes = termios.tcgetattr(self._file)
        except (OSError, termios.error) as error:
            raise TerminalError(f"{path} is not a usable terminal: {error.args[-1]}") from None
        self._unsent = b""
        self._is_gone = self._is_asked_to_leave = False
        self._closing = ExitStack()
        self._closing.callback(os.close, self._file)

    def __enter__(self) -> Self:
        signals = (signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP)
        self._closing.enter_context(captured(signals, self._note))
        self._closing.enter_context(suppress(termios.error))
        self._closing.callback(termios.tcsetattr, self._file, termios.TCSAFLUSH, self._modes)
        self._closing.callback(self._say_farewell)
        tty.setraw(self._file)
        self.write(_ENTER)
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def is_lost(self) -> bool:
        """Whether the terminal is gone or the process was asked to end."""
        return self._is_gone or self._is_asked_to_leave

    @property
    def is_writing(self) -> bool:
        """Whether some output is still waiting to be written."""
        return bool(self._unsent) and not self._is_gone

    def size(self) -> os.terminal_size:
        """Return the columns and lines; 80 and 24 if the terminal does not know."""
        with suppress(OSError):
            size = os.get_terminal_size(self._file)
            if size.columns and size.lines:
                return size
        return os.terminal_size((80, 24))

    def read(self) -> bytes:
        """Return new input from the keyboard, maybe empty, without waiting."""
        try:
            data = os.read(self._file, 65536)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        # The input has ended or failed: the connection is gone.
        self._is_gone = self._is_gone or not data
        return data

    def write(self, text: str) -> None:
        """Write as much as possible without waiting; `flush` writes the rest."""
        self._unsent += text.encode()
        self.flush()

    def flush(self) -> None:
        """Write more of the waiting output, without blocking."""
        try:
            while self._unsent:
                self._unsent = self._unsent[os.write(self._file, self._unsent) :]
        except BlockingIOError:
            return
        except OSError:
            self._is_gone = True
            self._unsent = b""

    def close(self) -> None:
        """Restore the terminal; calling it again does nothing."""
        self._closing.close()

    def _say_farewell(self) -> None:
        """Leave the screen and read pending answers, which the shell would take for typing."""
        self._unsent = (_LEAVE + _LAST_QUESTION).encode()
        until = monotonic() + _FAREWELL
        came = b""
        while not self._is_gone and not _LAST_ANSWER.search(came) and monotonic() < until:
            self.flush()
            writing = [self._file] if self._unsent else []
            select.select([self._file], writing, [], max(until - monotonic(), 0.0))
            came += self.read()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._is_asked_to_leave = self._is_asked_to_leave or number != signal.SIGTSTP
