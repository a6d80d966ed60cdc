"""A terminal for the tests: the other end of a pty, which answers queries."""

import fcntl
import os
import re
import select
import struct
import termios
import threading
from typing import Self

from tests.play.sessions import until

MARK = b"<that is all>"
QUESTION = re.compile(rb"\x1b\[(5n|c|\?u)")


class Terminal:
    """Reads the output of a program in its own thread, and answers queries as terminals do.

    Attributes:
        path: The device that programs open.
        output: Everything that was written to it.
        answered: The number of bytes of the output whose queries have been answered.
        is_stalled: While set, it reads nothing, as on a connection that hangs.
    """

    def __init__(self, columns: int = 80, lines: int = 24, kitty: bool = False) -> None:
        self._master, self._slave = os.openpty()
        self.path = os.ttyname(self._slave)
        self.resize(columns, lines)
        self.output = b""
        self.is_stalled = False
        answers = {b"5n": b"\x1b[0n", b"c": b"\x1b[?62;22c"}
        self._answers = answers | ({b"?u": b"\x1b[?11u"} if kitty else {})
        self.answered = 0
        self._is_over = False
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.hang_up()
        os.close(self._slave)

    def type(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def resize(self, columns: int, lines: int) -> None:
        size = struct.pack("HHHH", lines, columns, 0, 0)
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, size)

    def modes(self) -> list[object]:
        return termios.tcgetattr(self._slave)

    def waiting(self) -> bytes:
        """Return the bytes that the next program would read."""
        os.set_blocking(self._slave, False)
        try:
            return os.read(self._slave, 4096)
        except BlockingIOError:
            return b""

    def written(self) -> bytes:
        """Return everything that was written, including what is still on its way."""
        os.write(self._slave, MARK)
        assert until(lambda: self.output.endswith(MARK))
        self.output = self.output.removesuffix(MARK)
        return self.output

    def hang_up(self) -> None:
        """Drop the connection."""
        if not self._is_over:
            self._is_over = True
            self._thread.join()
            os.close(self._master)

    def _work(self) -> None:
        while not self._is_over:
            readable = [] if self.is_stalled else [self._master]
            if select.select(readable, [], [], 0.005)[0]:
                self.output += os.read(self._master, 65536)
                self._answer()

    def _answer(self) -> None:
        for question in QUESTION.finditer(self.output, self.answered):
            os.write(self._master, self._answers.get(question[1], b""))
            self.answered = question.end()
