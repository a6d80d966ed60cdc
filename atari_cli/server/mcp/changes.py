"""Moves and changes on a screen, and what stands out, for a player that cannot see pictures."""

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
    width: Annotated[int, Field(description="Its width.")]
    height: Annotated[int, Field(description="Its height.")]
    pixels: Annotated[int, Field(description="Number of its pixels of that colour.")]
    colour: Annotated[str, Field(description="The colour of these pixels now.")]

    def __str__(self) -> str:
        return f"{self.place} {self.colour}"

    @property
    def place(self) -> str:
        """Its columns and lines as text."""
        right, bottom = self.x + self.width - 1, self.y + self.height - 1
        return f"x {self.x}-{right} y {self.y}-{bottom}"

    @property
    def colour_word(self) -> str:
        """The name of its colour, without the exact value."""
        return self.colour.partition(" ")[0]


class Move(Region):
    """Something that has moved: where it is now, and how far it came."""

    right: Annotated[int, Field(description="Pixels to the right; negative: to the left.")]
    down: Annotated[int, Field(description="Pixels down; negative: up.")]

    def __str__(self) -> str:
        return f"{self.colour_word} to {self.x},{self.y} ({self.right:+},{self.down:+})"


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


def movements(before: Bytes, after: Bytes, tv: str) -> tuple[list[Move], Mask]:
    """Return the things that moved between two screens, the largest first, and what else differs.

    A thing has moved if one of its colour and about its size was elsewhere before.

    Args:
        before: Palette indices, (height, 160) uint8.
        after: Those of the later screen.
        tv: `NTSC` or `PAL`, for the colours.
    """
    rest = changed(before, after)
    if before.shape != after.shape:
        return [], rest
    old, new = _things(before, rest, tv), _things(after, rest, tv)
    pairs = [(one, other) for one in old for other in new if _is_alike(one, other)]
    pairs.sort(key=lambda pair: abs(pair[1].x - pair[0].x) + abs(pair[1].y - pair[0].y))
    moves: list[Move] = []
    for one, other in pairs:
        if one not in old or other not in new:
            continue  # a nearer one was found
        old.remove(one)
        new.remove(other)
        for thing in (one, other):
            rest[thing.y : thing.y + thing.height, thing.x : thing.x + thing.width] = False
        if (one.x, one.y) != (other.x, other.y):
            right, down = other.x - one.x, other.y - one.y
            moves.append(Move(**other.model_dump(), right=right, down=down))
    moves.sort(key=lambda move: (-move.pixels, move.y, move.x))
    return moves, rest


def colour_name(rgb: tuple[int, int, int]) -> str:
    """Return the name of the nearest of a few colours."""

    def distance(name: str) -> int:
        return sum((one - other) ** 2 for one, other in zip(rgb, _COLOURS[name], strict=True))

    return min(_COLOURS, key=distance)


def _things(screen: Bytes, where: Mask, tv: str) -> list[Region]:
    """Return the things that stand out of a screen and have a pixel of a mask."""
    groups = _groups(standing_out(screen), screen)
    return [_region(*group, screen, tv) for group in groups if where[group].any()]


def _is_alike(one: Region, other: Region) -> bool:
    """Return whether two regions may be one thing in two poses."""
    sizes = ((one.width, other.width), (one.height, other.height))
    return one.colour == other.colour and all(abs(a - b) <= 1 + a // 4 for a, b in sizes)


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
