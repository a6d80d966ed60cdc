"""Playing in a terminal: half blocks for pixels, and key releases where it reports them."""

import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from time import monotonic
from typing import Final, Self

from atari_cli.config import PlayConfig
from atari_cli.errors import TerminalError
from atari_cli.games import Game, palette
from atari_cli.model import Bytes
from atari_cli.pictures.half_blocks import supports_truecolor
from atari_cli.play.controls.joystick import Joystick
from atari_cli.play.controls.keymap import Keymap
from atari_cli.play.interface import Command, FrontEnd, Inputs, View
from atari_cli.play.terminal.frame_pacing import FramePacing
from atari_cli.play.terminal.key_holds import KeyHolds
from atari_cli.play.terminal.key_sequences import KeySequences, TerminalReady
from atari_cli.play.terminal.picture import LEAST, TextPicture, glow, is_too_small
from atari_cli.play.terminal.printed import printed_afterwards
from atari_cli.play.terminal.raw_terminal import RawTerminal

# Terminals that support this show a picture as a whole; others ignore it.
_BEGIN: Final = "\x1b[?2026h"
_END: Final = "\x1b[?2026l"
_ARE_YOU_READY: Final = "\x1b[5n"


class TextScreen(FrontEnd):
    """A front end in the terminal; a slow one gets fewer pictures, and the game never waits.

    Args:
        game: The game.
        config: The settings; of those about the display only `phosphor` applies.
        keymap: The actions of the keys.
        path: The terminal; if None, the one that the program runs in.
        clock: Returns the time in seconds.

    Raises:
        TerminalError: If there is no terminal, or it has no 24-bit colour or is too small.
    """

    def __init__(
        self,
        game: Game,
        config: PlayConfig,
        keymap: Keymap,
        path: str | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        if sys.platform == "win32":
            raise TerminalError(
                "Windows has no terminal for --terminal; play in the window instead"
            )
        if path is None and not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise TerminalError(
                "the text screen needs a terminal, but input or output is a pipe or file"
            )
        if not supports_truecolor(os.environ):
            raise TerminalError(
                "the text screen needs a terminal with 24-bit colour; "
                "if yours has it, set COLORTERM=truecolor"
            )
        self._closing = ExitStack()
        self._terminal = RawTerminal(path or "/dev/tty")
        self._check_size()
        self._keymap, self._clock = keymap, clock
        self._joystick = Joystick(keymap, game)
        self._keyboard = KeyHolds(self._joystick, keymap)
        self._sequences = KeySequences()
        self._pacing = FramePacing()
        self._picture: TextPicture | None = None
        self._colours = palette(game.tv)
        self._phosphor = config.phosphor
        self._before: Bytes | None = None

    def __enter__(self) -> Self:
        with ExitStack() as closing:
            closing.enter_context(printed_afterwards())
            closing.enter_context(self._terminal)
            self._closing = closing.pop_all()
        return self

    def poll(self) -> Inputs:
        """Return the player's inputs since the last call; LEAVE if the terminal is gone."""
        now = self._clock()
        self._terminal.flush()
        for event in self._sequences.feed(self._terminal.read(), now):
            if isinstance(event, TerminalReady):
                self._pacing.answer(now)
            else:
                self._keyboard.take(event, now)
        self._keyboard.let_go(now)
        if self._terminal.is_lost:
            self._joystick.command(Command.LEAVE)
        return self._joystick.take()

    def show(self, view: View) -> None:
        """Show a view, or skip it if the terminal lags."""
        before, self._before = self._before, view.screen
        now = self._clock()
        if self._terminal.is_writing or not self._pacing.has_room(now):
            return
        text = self._fitting(view).draw(view, self._coloured(view.screen, before))
        if text:
            self._terminal.write(_BEGIN + text + _END + _ARE_YOU_READY)
            self._pacing.ask(now)

    def hear(self, view: View) -> None:
        """Do nothing: a terminal has no speaker."""

    def close(self) -> None:
        """Restore the terminal and print what was caught; calling it again does nothing."""
        self._terminal.close()
        self._closing.close()

    def _check_size(self) -> None:
        size = self._terminal.size()
        if is_too_small(size):
            self.close()
            raise TerminalError(
                f"the text screen needs {LEAST.columns} columns and {LEAST.lines} lines, "
                f"the terminal has {size.columns} and {size.lines}; make it larger"
            )

    def _fitting(self, view: View) -> TextPicture:
        """Return the picture for the current size of the terminal."""
        size = self._terminal.size()
        lines_below = 1 if view.position is None else 2
        picture = self._picture
        if picture is None or (picture.size, picture.lines_below) != (size, lines_below):
            picture = self._picture = TextPicture(self._keymap, size, lines_below)
        return picture

    def _coloured(self, screen: Bytes, before: Bytes | None) -> Bytes:
        rgb: Bytes = self._colours[screen]
        return glow(rgb, self._colours[before]) if self._phosphor and before is not None else rgb
