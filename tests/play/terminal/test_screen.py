"""The text screen in a terminal: what it shows, how it reads keys, and how it ends."""

import sys
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from atari_cli.actions import ACTION_NAMES
from atari_cli.config import PlayConfig
from atari_cli.errors import AtariError
from atari_cli.games import find_game, palette
from atari_cli.model import Bytes
from atari_cli.play.controls.keymap import Keymap
from atari_cli.play.interface import Command, FrontEnd, Inputs, View
from atari_cli.play.terminal.cell_diff import CellDiff
from atari_cli.play.terminal.screen import TextScreen
from tests.play.sessions import until
from tests.play.terminal.pseudo_terminal import Terminal

SEAQUEST = find_game("seaquest")
KEYMAP = Keymap()


@pytest.fixture(autouse=True)
def colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLORTERM", "truecolor")


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    with Terminal() as terminal:
        yield terminal


def text_screen(terminal: Terminal, config: PlayConfig | None = None) -> TextScreen:
    return TextScreen(SEAQUEST, config or PlayConfig(), KEYMAP, path=terminal.path)


def noise(seed: int) -> Bytes:
    return np.random.default_rng(seed).integers(0, 256, (210, 160), np.uint8)


def drawn(screen: Bytes, rows: int = 23) -> bytes:
    return CellDiff(80, rows, centred=True).draw(palette("NTSC")[screen]).encode()


def shows(
    screen: TextScreen, terminal: Terminal, view: View, expected: bytes, since: int = 0
) -> bool:
    """Return whether showing a view soon outputs the expected bytes, after the byte `since`."""

    def is_shown() -> bool:
        screen.poll()
        screen.show(view)
        return expected in terminal.output[since:]

    return until(is_shown)


def pressed(screen: TextScreen) -> Inputs:
    """Return the next inputs that are not empty."""
    return until(lambda: inputs if (inputs := screen.poll()) != Inputs() else None)  # type: ignore[return-value]


def test_a_picture_and_a_line_below_it_are_shown(terminal: Terminal) -> None:
    view = View(SEAQUEST, noise(0), score=120.0)
    with text_screen(terminal) as screen:
        assert shows(screen, terminal, view, drawn(view.screen))
        assert shows(screen, terminal, view, b"\x1b[24;1H\x1b[0mSeaquest\x1b[0m")
        assert b"score 120" in terminal.output


def test_an_unchanged_view_is_sent_once(terminal: Terminal) -> None:
    view = View(SEAQUEST, noise(0))
    with text_screen(terminal) as screen:
        shows(screen, terminal, view, b"\x1b[?2026l\x1b[5n")
        for _ in range(100):
            screen.poll()
            screen.show(view)
        assert shows(screen, terminal, replace(view, score=7.0), b"score 7")
    assert terminal.output.count(drawn(view.screen)) == 1
    assert terminal.output.count(b"\x1b[5n") == 2


def test_a_position_gets_its_own_line(terminal: Terminal) -> None:
    view = View(SEAQUEST, noise(0), position=(250, 1000))
    with text_screen(terminal) as screen:
        assert shows(screen, terminal, view, drawn(view.screen, rows=22))
        assert shows(screen, terminal, view, b"\x1b[23;1H\x1b[0mstep 250/1,000 ")


def test_phosphor_blends_a_picture_with_the_previous_one(terminal: Terminal) -> None:
    with text_screen(terminal, PlayConfig(phosphor=True)) as screen:
        grey = "38;2;{};{};{}".format(*palette("NTSC")[0x0E] // 2).encode()
        for code in (0x00, 0x0E, 0x00):
            screen.show(View(SEAQUEST, np.full((210, 160), code, np.uint8)))
            until(lambda: screen.poll() and terminal.output.endswith(b"\x1b[5n"))
        blended = View(SEAQUEST, np.full((210, 160), 0x0E, np.uint8))
        screen.poll()
        screen.show(blended)
        assert until(lambda: grey in terminal.output)


def test_keys_are_taps_if_releases_are_not_reported(terminal: Terminal) -> None:
    with text_screen(terminal) as screen:
        terminal.type(b"\x1b[D")
        inputs = pressed(screen)
        assert (ACTION_NAMES[inputs.code], inputs.touched) == ("LEFT", True)
        assert until(lambda: screen.poll().code == 0)


def test_keys_are_held_if_releases_are_reported() -> None:
    with Terminal(kitty=True) as terminal, text_screen(terminal) as screen:
        until(lambda: terminal.answered)
        terminal.type(b"\x1b[1;1A\x1b[32;1u")
        assert until(lambda: ACTION_NAMES[screen.poll().code] == "UPFIRE")
        terminal.type(b"\x1b[1;1:3A")
        assert until(lambda: ACTION_NAMES[screen.poll().code] == "FIRE")


def test_escape_and_ctrl_c_leave_the_game(terminal: Terminal) -> None:
    with text_screen(terminal) as screen:
        for key in (b"\x1b", b"\x03"):
            terminal.type(key)
            assert pressed(screen).commands == (Command.LEAVE,)


def test_focus_changes_are_reported(terminal: Terminal) -> None:
    with text_screen(terminal) as screen:
        terminal.type(b"\x1b[O")
        assert until(lambda: not screen.poll().focused)
        terminal.type(b"\x1b[I")
        assert until(lambda: screen.poll().focused)


def test_a_dropped_connection_leaves_the_game_without_an_error(terminal: Terminal) -> None:
    with text_screen(terminal) as screen:
        screen.show(View(SEAQUEST, noise(0)))
        terminal.hang_up()
        assert until(lambda: Command.LEAVE in screen.poll().commands)
        screen.show(View(SEAQUEST, noise(1)))


def test_a_stalled_terminal_does_not_stop_the_game_and_then_gets_the_newest_picture(
    terminal: Terminal,
) -> None:
    with text_screen(terminal) as screen:
        shows(screen, terminal, View(SEAQUEST, noise(0)), b"\x1b[5n")
        terminal.is_stalled = True
        for seed in range(1, 100):
            screen.poll()
            screen.show(View(SEAQUEST, noise(seed % 3), score=seed))
        terminal.is_stalled = False
        assert shows(screen, terminal, View(SEAQUEST, noise(3), score=100.0), b"score 100")
    assert terminal.output.count(b"\x1b[5n") < 10
    assert b"score 99" not in terminal.output


def test_a_terminal_made_too_small_shows_a_notice_until_it_is_enlarged(terminal: Terminal) -> None:
    view = View(SEAQUEST, noise(0))
    with text_screen(terminal) as screen:
        shows(screen, terminal, view, drawn(view.screen))
        terminal.resize(30, 10)
        assert shows(screen, terminal, view, "too small: 40×16 needed".encode())
        terminal.type(b" ")
        assert ACTION_NAMES[pressed(screen).code] == "FIRE"
        seen = len(terminal.output)
        terminal.resize(80, 24)
        assert shows(screen, terminal, view, drawn(view.screen), since=seen)


@pytest.mark.parametrize(("columns", "lines"), [(39, 24), (80, 15)])
def test_a_terminal_that_is_too_small_is_refused_unchanged(columns: int, lines: int) -> None:
    with Terminal(columns, lines) as terminal:
        before = terminal.modes()
        with pytest.raises(
            AtariError, match=f"40 columns and 16 lines.* has {columns} and {lines}"
        ):
            text_screen(terminal)
        assert terminal.modes() == before
        assert terminal.output == b""


def test_a_terminal_without_colour_is_refused(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLORTERM")
    with pytest.raises(AtariError, match="set COLORTERM=truecolor"):
        text_screen(terminal)


def test_playing_without_a_terminal_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert not sys.stdout.isatty()
    with pytest.raises(AtariError, match="needs a terminal, but input or output is a pipe"):
        TextScreen(SEAQUEST, PlayConfig(), KEYMAP)


def test_sound_and_closing_again_write_nothing(terminal: Terminal) -> None:
    with text_screen(terminal) as screen:
        front_end: FrontEnd = screen
        entered = terminal.written()
        front_end.hear(View(SEAQUEST, noise(0)))
        assert terminal.written() == entered
        front_end.close()
        left = terminal.written()
        front_end.close()
    assert left.endswith(b"\x1b[?1049l\x1b[c")
    assert terminal.written() == left
