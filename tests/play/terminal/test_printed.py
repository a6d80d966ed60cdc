"""Text printed while a game is in its terminal appears once the game has left."""

import os
import pty
import subprocess
import sys
import threading

PROGRAM = """
import os, subprocess, sys, warnings
from atari_cli.play.terminal.printed import printed_afterwards

with printed_afterwards():
    print("a print")
    warnings.warn("a warning")
    os.write(2, b"a C library\\n")
    subprocess.run(["echo", "a child"])
    os.write(os.open("/dev/tty", os.O_WRONLY), b"the picture\\n")
    {extra}
print("afterwards")
"""


def shown(extra: str = "", **streams: int) -> str:
    """Return the text that a program shows in its terminal."""
    terminal, path = pty.openpty()
    parts: list[bytes] = []
    program = [sys.executable, "-c", PROGRAM.format(extra=extra)]

    def read() -> None:
        try:
            while data := os.read(terminal, 65536):
                parts.append(data)
        except OSError:
            return  # Linux's way to say that the program has ended

    reader = threading.Thread(target=read)
    reader.start()
    code = "import os, sys, fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); " + (
        "os.execv(sys.executable, sys.argv[1:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *program],
        **{"stdin": path, "stdout": path, "stderr": path, **streams},  # type: ignore[call-overload]
        start_new_session=True,
        timeout=60,
        check=False,
    )
    os.close(path)
    reader.join()
    os.close(terminal)
    assert done.returncode in (0, 1)
    return b"".join(parts).decode().replace("\r\n", "\n")


def in_order(text: str, *words: str) -> bool:
    places: list[int] = list(map(text.find, words))
    return -1 not in places and places == sorted(places)


def test_prints_warnings_and_children_appear_after_the_picture() -> None:
    text = shown()
    assert in_order(text, "the picture", "a print", "afterwards")
    for words in ("a warning", "a C library", "a child"):
        assert in_order(text, "the picture", words, "afterwards")


def test_they_appear_even_if_the_game_fails() -> None:
    text = shown("raise RuntimeError('no more')")
    assert in_order(text, "the picture", "a C library", "RuntimeError: no more")


def test_of_very_much_text_the_end_is_printed() -> None:
    text = shown("print('x' * 10_000_000 + 'the end')")
    assert len(text) < 100_000
    assert in_order(text, "the picture", "xxx", "the end", "afterwards")


def test_a_stream_that_is_redirected_is_left_alone() -> None:
    read, write = os.pipe()
    text = shown("os.write(2, b'at once\\n')", stderr=write)
    os.close(write)
    with os.fdopen(read) as file:
        log = file.read()
    assert "a warning" in log
    assert "at once" in log
    assert "warning" not in text
    assert in_order(text, "the picture", "a print", "afterwards")
