"""Pictures in a terminal with 24-bit colour: two pixels per character cell, by half blocks."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from atari_cli.model import Bytes

RESET: Final = "\x1b[0m"
_UPPER_HALF: Final = "▀"


def supports_truecolor(variables: Mapping[str, str]) -> bool:
    """Return whether the terminal says that it shows 24-bit colour."""
    if variables.get("COLORTERM", "").lower() in {"truecolor", "24bit"}:
        return True
    # Windows Terminal says who it is, but not what it can.
    return variables.get("TERM", "").endswith("-direct") or "WT_SESSION" in variables


def fit(columns: int, rows: int) -> tuple[int, int]:
    """Return the columns and rows of the largest 4:3 picture, for cells twice as high as wide.

    Args:
        columns: Character cells that the picture may take from left to right.
        rows: Character cells that it may take from top to bottom.
    """
    width = max(1, min(columns, rows * 2 * 4 // 3))
    return width, max(1, round(width * 3 / 8))


def render_picture(rgb: Bytes, columns: int) -> str:
    """Return a screen as lines of text.

    Args:
        rgb: The screen, (height, width, 3) uint8.
        columns: Width of the picture in character cells.
    """
    width, rows = fit(columns, rows=columns)
    cells = cells_of(rgb, width, rows)
    return "\n".join(paint(line) + RESET for line in cells)


def cells_of(rgb: Bytes, columns: int, rows: int) -> Bytes:
    """Return the colours of each cell's upper and lower half, (rows, columns, 2, 3) uint8.

    Each half is the mean of the pixels that it covers, so that a ball of one pixel is dim but
    never missing.

    Args:
        rgb: The screen, (height, width, 3) uint8.
        columns: Cells from left to right.
        rows: Cells from top to bottom.
    """
    summed = _sum_bins(_sum_bins(rgb.astype(np.uint32), 2 * rows, axis=0), columns, axis=1)
    counts = np.multiply.outer(
        _bin_sizes(rgb.shape[0], 2 * rows), _bin_sizes(rgb.shape[1], columns)
    )
    halves = (summed // counts[:, :, None]).astype(np.uint8)
    return halves.reshape(rows, 2, columns, 3).swapaxes(1, 2)


def _sum_bins(values: NDArray[np.uint32], bins: int, axis: int) -> NDArray[np.uint32]:
    """Return the sums over equal parts of an axis; a part is at least one element."""
    starts = np.arange(bins) * values.shape[axis] // bins
    summed: NDArray[np.uint32] = np.add.reduceat(values, starts, axis=axis)
    return summed


def _bin_sizes(length: int, bins: int) -> NDArray[np.int64]:
    edges = np.arange(bins + 1) * length // bins
    return np.maximum(np.diff(edges), 1)


def paint(cells: Bytes) -> str:
    """Return neighbouring cells of a row as text; a colour is set only where it changes."""
    parts = []
    shown: tuple[list[int] | None, list[int] | None] = (None, None)
    for upper, lower in cells.tolist():
        codes = []
        if upper != shown[0]:
            codes.append("38;2;{};{};{}".format(*upper))
        if lower != shown[1]:
            codes.append("48;2;{};{};{}".format(*lower))
        if codes:
            parts.append(f"\x1b[{';'.join(codes)}m")
        parts.append(_UPPER_HALF)
        shown = (upper, lower)
    return "".join(parts)
