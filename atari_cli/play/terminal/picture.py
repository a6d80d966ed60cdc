"""Drawing views in a terminal by writing only what has changed."""

import os
from typing import Final

import numpy as np

from atari_cli.model import Bytes
from atari_cli.play.controls.keymap import Keymap
from atari_cli.play.interface import View
from atari_cli.play.terminal.cell_diff import CellDiff
from atari_cli.play.terminal.pages import help_page, page, position_line, status_line, table

LEAST: Final = os.terminal_size((40, 16))
"""The smallest terminal in which a game can be played."""

_CLEAR: Final = "\x1b[0m\x1b[2J"


def is_too_small(size: os.terminal_size) -> bool:
    """Return whether a terminal has fewer columns or lines than a game needs."""
    return size.columns < LEAST.columns or size.lines < LEAST.lines


class TextPicture:
    """The screen of a terminal of a fixed size: the picture, pages over it, lines below it.

    Args:
        keymap: The keys, for the help page.
        size: Columns and lines of the terminal.
        lines_below: Lines below the picture; 2 with a position bar.
    """

    def __init__(self, keymap: Keymap, size: os.terminal_size, lines_below: int) -> None:
        self._keymap = keymap
        self.size = size
        self.lines_below = lines_below
        self._rows = size.lines - lines_below
        self._forget()
        self._is_new = True

    def draw(self, view: View, rgb: Bytes) -> str:
        """Return the text that shows a view.

        Args:
            view: The view, for everything but the picture.
            rgb: The picture, (height, 160, 3) uint8.
        """
        start = _CLEAR if self._is_new else ""
        self._is_new = False
        if is_too_small(self.size):
            return start and f"{start}\x1b[1;1H{self._notice()}"
        return start + self._picture(view, rgb) + self._below(view)

    def _forget(self) -> None:
        """Redraw everything the next time."""
        self._picture_cells = CellDiff(self.size.columns, self._rows, centred=True)
        self._page: tuple[str, ...] = ()
        self._shown_below: dict[int, str] = {}

    def _notice(self) -> str:
        least = f"{LEAST.columns}×{LEAST.lines}"
        return f"too small: {least} needed"[: self.size.columns]

    def _picture(self, view: View, rgb: Bytes) -> str:
        columns = self.size.columns
        lines = (
            help_page(self._keymap, columns - 4, view.watching) if view.help else table(view.panel)
        )
        start = ""
        if tuple(lines) != self._page:
            # The last page may have covered the black border around the picture.
            start = _CLEAR
            self._forget()
            self._page = tuple(lines)
        picture = self._picture_cells.draw(rgb)
        is_covered = bool(lines) and bool(start or picture)
        return start + picture + (page(lines, columns, self._rows) if is_covered else "")

    def _below(self, view: View) -> str:
        columns, rows = self.size
        lines = {rows: status_line(view, self._keymap, columns)}
        if view.position is not None:
            lines[rows - 1] = position_line(view.position, columns)
        changed = {row: line for row, line in lines.items() if self._shown_below.get(row) != line}
        self._shown_below |= changed
        return "".join(f"\x1b[{row};1H{line}\x1b[K" for row, line in changed.items())


def glow(now: Bytes, before: Bytes) -> Bytes:
    """Return the mean of two pictures, (height, 160, 3) uint8, like the afterglow of phosphor.

    Args:
        now: The current picture.
        before: The picture before it.
    """
    mean: Bytes = ((now.astype(np.uint16) + before) // 2).astype(np.uint8)
    return mean
