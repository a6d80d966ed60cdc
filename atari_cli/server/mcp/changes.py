"""Where a screen changed and what stands out on it, for a player that cannot see pictures."""

from collections.abc import Iterator
from typing import Annotated, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from atari_cli.games import palette
from atari_cli.model import Bytes

_CELL: Final = (7, 8)
"""Lines and columns of a cell: pixels of one colour in cells that touch are one region, such as the
letters of a word."""

_COLOURS: Final = {
    "black": (0, 0, 0),
    "gray": (128, 128, 128),
    "white": (255, 255, 255),
    "red": (200, 50, 50),
    "orange": (220, 130, 60),
    "brown": (120, 70, 30),
    "yellow": (225, 215, 80),
    "green": (60, 150, 60),
    "teal": (60, 150, 130),
    "cyan": (90, 200, 200),
    "blue": (60, 80, 200),
    "purple": (140, 60, 170),
    "pink": (230, 130, 180),
}

Mask = NDArray[np.bool_]


class Region(BaseModel):
    """A rectangle of the unscaled screen in which something has one colour."""

    x: Annotated[int, Field(description="Its left edge, counted from the screen's.")]
    y: Annotated[int, Field(description="Its upper edge, counted from the screen's.")]
    width: int
    height: int
    pixels: Annotated[int, Field(description="Pixels of that colour in it.")]
    colour: Annotated[str, Field(description="Their colour now.")]

    def __str__(self) -> str:
        right, bottom = self.x + self.width - 1, self.y + self.height - 1
        return f"x {self.x}-{right} y {self.y}-{bottom} {self.colour}"


def changed(before: Bytes, after: Bytes) -> Mask:
    """Return which pixels of two screens differ; all if the shapes differ.

    Args:
        before: Palette indices, (height, 160) uint8.
        after: Those of the later screen.
    """
    if before.shape != after.shape:
        return np.ones(after.shape, np.bool_)
    return np.not_equal(before, after)


def standing_out(screen: Bytes) -> Mask:
    """Return which pixels differ from the most frequent colour of their row."""
    usual = [np.bincount(row, minlength=256).argmax() for row in screen]
    return np.not_equal(screen, np.array(usual, np.uint8)[:, None])


def regions(mask: Mask, screen: Bytes, tv: str, most: int) -> tuple[list[Region], int]:
    """Return the regions of a mask, the largest first, and how many were left out.

    Args:
        mask: The pixels, in the shape of the screen.
        screen: Palette indices, (height, 160) uint8.
        tv: `NTSC` or `PAL`, for the colours.
        most: Return at most this many.
    """
    found = [_region(rows, columns, screen, tv) for rows, columns in _groups(mask, screen)]
    found.sort(key=lambda region: (-region.pixels, region.y, region.x))
    return found[:most], max(0, len(found) - most)


def colour_name(rgb: tuple[int, int, int]) -> str:
    """Return the name of the nearest of a few colours."""

    def distance(name: str) -> int:
        return sum((one - other) ** 2 for one, other in zip(rgb, _COLOURS[name], strict=True))

    return min(_COLOURS, key=distance)


def _groups(mask: Mask, screen: Bytes) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield the rows and columns of the pixels of each region."""
    for colour in np.unique(screen[mask]):
        yield from _connected(mask & (screen == colour))


def _connected(mask: Mask) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield the rows and columns of the pixels that lie in cells that touch."""
    rows, columns = np.nonzero(mask)
    cells = list(zip((rows // _CELL[0]).tolist(), (columns // _CELL[1]).tolist(), strict=True))
    numbers = _numbered(set(cells))
    number_of = np.array([numbers[cell] for cell in cells], np.intp)
    for number in range(max(numbers.values()) + 1):
        chosen = number_of == number
        yield rows[chosen], columns[chosen]


def _numbered(cells: set[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Return a number for each cell; cells that touch, even at corners, have the same."""
    numbers: dict[tuple[int, int], int] = {}
    left, count = set(cells), 0
    while left:
        waiting = [left.pop()]
        while waiting:
            row, column = cell = waiting.pop()
            numbers[cell] = count
            around = {(row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1)}
            new = around & left
            left -= new
            waiting += new
        count += 1
    return numbers


def _region(rows: NDArray[np.intp], columns: NDArray[np.intp], screen: Bytes, tv: str) -> Region:
    red, green, blue = palette(tv)[screen[rows[0], columns[0]]].tolist()
    x, y = int(columns.min()), int(rows.min())
    return Region(
        x=x,
        y=y,
        width=int(columns.max()) - x + 1,
        height=int(rows.max()) - y + 1,
        pixels=len(rows),
        colour=f"{colour_name((red, green, blue))} #{red:02x}{green:02x}{blue:02x}",
    )
