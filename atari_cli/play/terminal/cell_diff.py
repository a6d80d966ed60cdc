"""The text that turns the picture in a terminal into the next one."""

import numpy as np

from atari_cli.model import Bytes
from atari_cli.pictures.half_blocks import RESET, cells_of, fit, paint


class CellDiff:
    """Turns successive screens into text that repaints only the cells that changed.

    Args:
        columns: Character cells that the picture may take from the left.
        rows: Character cells that it may take from the top.
        centred: Whether it is in the middle of these, rather than in their upper left corner.
    """

    def __init__(self, columns: int, rows: int, centred: bool = False) -> None:
        self.columns, self.rows = fit(columns, rows)
        self._left = (columns - self.columns) // 2 if centred else 0
        self._top = (rows - self.rows) // 2 if centred else 0
        self._screen: Bytes | None = None
        self._shown: Bytes | None = None

    def draw(self, rgb: Bytes) -> str:
        """Return the text that changes the picture into this screen, (height, width, 3) uint8."""
        if self._screen is not None and np.array_equal(rgb, self._screen):
            return ""
        self._screen = rgb.copy()
        cells = cells_of(rgb, self.columns, self.rows)
        if self._shown is None:
            changed = np.ones(cells.shape[:2], bool)
        else:
            changed = (cells != self._shown).any(axis=(2, 3))
        self._shown = cells
        parts = []
        for row in np.flatnonzero(changed.any(axis=1)).tolist():
            first, last = np.flatnonzero(changed[row])[[0, -1]].tolist()
            place = f"\x1b[{self._top + row + 1};{self._left + first + 1}H"
            parts.append(place + paint(cells[row, first : last + 1]))
        return "".join(parts) + RESET if parts else ""
