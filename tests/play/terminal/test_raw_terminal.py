"""A terminal is restored afterwards, and neither a slow nor a lost one stops a game."""

import os
import re
import signal
import subprocess
import sys
import termios

import pytest

from atari_cli.errors import AtariError
from atari_cli.play.terminal.raw_terminal import RawTerminal
from tests.play.sessions import until
from tests.play.terminal.pseudo_terminal import Terminal


def is_raw(terminal: Terminal) -> bool:
    flags = terminal.modes()[3]
    assert isinstance(flags, int)
    return not flags & (termios.ICANON | termios.ECHO | termios.ISIG)


def test_the_terminal_is_raw_within_the_block_and_restored_after_it() -> None:
    with Terminal() as terminal:
        before = terminal.modes()
        with RawTerminal(terminal.path):
            assert is_raw(terminal)
        assert terminal.modes() == before
        assert terminal.output.startswith(b"\x1b[?1049h\x1b[?25l")
        assert until(lambda: terminal.output.endswith(b"\x1b[?25h\x1b[?1049l\x1b[c"))


def test_the_terminal_is_restored_after_an_error_too() -> None:
    with Terminal() as terminal:
        before = terminal.modes()
        with pytest.raises(ZeroDivisionError), RawTerminal(terminal.path):
            raise ZeroDivisionError
        assert terminal.modes() == before
        assert until(lambda: terminal.output.endswith(b"\x1b[?1049l\x1b[c"))


def test_every_enabled_mode_is_disabled_again() -> None:
    with Terminal() as terminal:
        with RawTerminal(terminal.path):
            pass
        for on, off in (("[>15u", "[<u"), ("[?1004h", "[?1004l"), ("[?7l", "[?7h")):
            assert 0 < terminal.output.find(on.encode()) < terminal.output.find(off.encode())


def test_answers_of_the_terminal_do_not_reach_the_shell() -> None:
    with Terminal() as terminal:
        with RawTerminal(terminal.path) as raw:
            raw.write("\x1b[5n" * 50)
        assert terminal.waiting() == b""


def test_keys_are_read_without_waiting_and_without_signals() -> None:
    with Terminal() as terminal, RawTerminal(terminal.path) as raw:
        assert raw.read() == b""
        terminal.type(b"\x03\x1a\x1b[A\r")
        assert until(raw.read) == b"\x03\x1a\x1b[A\r"
        assert not raw.is_lost


def test_writing_never_waits_for_a_stalled_terminal() -> None:
    with Terminal() as terminal, RawTerminal(terminal.path) as raw:
        terminal.is_stalled = True
        text = "0123456789" * 30_000
        raw.write(text)
        assert raw.is_writing
        terminal.is_stalled = False

        def is_out() -> bool:
            raw.flush()
            return not raw.is_writing

        assert until(is_out)
        assert until(lambda: terminal.output.endswith(text.encode()))


def test_a_dropped_connection_is_noticed_without_an_error() -> None:
    with Terminal() as terminal, RawTerminal(terminal.path) as raw:
        terminal.hang_up()
        assert until(lambda: raw.read() == b"" and raw.is_lost)
        raw.write("nobody reads this")
        assert not raw.is_writing


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_termination_signal_counts_as_losing_the_terminal(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with Terminal() as terminal:
        with RawTerminal(terminal.path) as raw:
            os.kill(os.getpid(), number)
            assert until(lambda: raw.is_lost)
        assert until(lambda: terminal.output.endswith(b"\x1b[?1049l\x1b[c"))
    assert signal.getsignal(number) == before


def test_the_size_follows_that_of_the_terminal() -> None:
    with Terminal(columns=91, lines=33) as terminal, RawTerminal(terminal.path) as raw:
        assert raw.size() == (91, 33)
        terminal.resize(100, 40)
        assert raw.size() == (100, 40)
        terminal.resize(0, 0)
        assert raw.size() == (80, 24)


def test_closing_again_writes_nothing_and_leaves_the_modes_alone() -> None:
    with Terminal() as terminal:
        with RawTerminal(terminal.path) as raw:
            raw.close()
            left, modes = terminal.written(), terminal.modes()
            raw.close()
        assert left.endswith(b"\x1b[?1049l\x1b[c")
        assert (terminal.written(), terminal.modes()) == (left, modes)


@pytest.mark.parametrize("path", ["/dev/null", "/no/such/terminal"])
def test_a_path_that_is_not_a_terminal_is_refused(path: str) -> None:
    with pytest.raises(AtariError, match=rf"{re.escape(path)} is not a usable terminal: [A-Z]"):
        RawTerminal(path)


def test_the_module_can_be_imported_on_windows_which_has_no_terminal_play() -> None:
    code = """
import numpy, sys
import atari_cli.play.terminal.picture, atari_cli.play.controls.joystick
sys.platform = "win32"
sys.modules["termios"] = sys.modules["tty"] = None
from atari_cli.play.terminal.screen import TextScreen
try:
    TextScreen(None, None, None)
except Exception as error:
    print(type(error).__name__, error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("TerminalError Windows has no terminal for --terminal")
