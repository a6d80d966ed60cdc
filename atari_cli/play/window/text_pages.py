"""Pages of text over the picture, which are never cut, whatever the window's size."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

import pygame
import pygame.draw

from atari_cli.play.interface import Row, is_number
from atari_cli.play.window.font import BRIGHT, DIM, SMALLEST, Font, canvas
from atari_cli.play.window.hud import EDGE

_PAPER: Final = (14, 16, 22, 228)
_INDENT: Final = "   "
_TURN: Final = 4.0
"""Seconds for which each of several pages is shown."""


class Layout(NamedTuple):
    """The layout of rows of text.

    Attributes:
        letters: The font.
        columns: Widths of the columns in pixels.
        block: Width of a block of rows in pixels.
        blocks: Blocks side by side.
        lines: Rows in each block.
        pages: Number of pages.
    """

    letters: Font
    columns: tuple[int, ...]
    block: int
    blocks: int
    lines: int
    pages: int

    @property
    def margin(self) -> int:
        """Space around the text and between columns."""
        return self.letters.size * 3 // 4

    @property
    def line(self) -> int:
        """Height of a line, with extra space for all but the smallest text."""
        letters = self.letters
        return letters.line + (letters.size // 5 if letters.size > SMALLEST else 0)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of a page in pixels."""
        lines = self.lines + (self.pages > 1)
        width = self.blocks * (self.block + 2 * self.margin)
        return width, lines * self.line + 2 * self.margin


class TextPages:
    """Draws pages of text in the middle of a window, one after another.

    Args:
        letters: Returns the font of a size.
    """

    def __init__(self, letters: Callable[[int], Font]) -> None:
        self._letters = letters
        self._key: object = None
        self._images: list[pygame.Surface] = []
        self._since = 0.0

    def draw(
        self,
        target: pygame.Surface,
        rows: Sequence[Row],
        room: pygame.Rect,
        size: int,
        now: float,
    ) -> None:
        """Draw rows of text.

        Args:
            target: The window's surface.
            rows: The text; a first row of one cell is the title.
            room: The area for the text.
            size: Preferred size of the text; smaller if it does not fit.
            now: Seconds on any clock.
        """
        key = tuple(rows), room.size, size
        if key != self._key:
            self._key, self._since = key, now
            layout, rows = self._set(rows, room.size, size)
            self._images = [_image(rows, layout, page) for page in range(layout.pages)]
        image = self._images[int((now - self._since) / _TURN) % len(self._images)]
        target.blit(image, image.get_rect(center=room.center))

    def close(self) -> None:
        """Begin with the first page again the next time."""
        self._key = None

    def _set(
        self, rows: Sequence[Row], room: tuple[int, int], size: int
    ) -> tuple[Layout, Sequence[Row]]:
        """Return the layout in the largest letters with which the rows fit a page.

        If even the smallest do not, they are set in those, on several pages; rows that are too
        wide are broken into lines.
        """
        for letters in map(self._letters, range(size, SMALLEST - 1, -1)):
            layout = layout_of(rows, letters, room)
            if layout.pages == 1 and layout.size[0] <= room[0] and layout.size[1] <= room[1]:
                return layout, rows
        if layout.size[0] > room[0]:
            rows = list(_narrowed(rows, layout.letters, room[0] - 2 * layout.margin))
            layout = layout_of(rows, layout.letters, room)
        return layout, rows


def layout_of(rows: Sequence[Row], letters: Font, room: tuple[int, int]) -> Layout:
    """Return how rows are set in a room: in as few pages as they take, and as few blocks.

    Args:
        rows: The rows.
        letters: The font.
        room: Width and height of the room in pixels.
    """
    plain = Layout(letters, (), 0, 0, 0, 0)
    margin = plain.margin
    columns = _columns(rows, letters)
    alone = max((letters.width(row[0]) for row in rows if len(row) == 1), default=0)
    block = max(alone, sum(columns) + margin * (len(columns) - 1))
    most = max(1, (room[1] - 2 * margin) // plain.line)
    beside = max(1, room[0] // (block + 2 * margin))
    if len(rows) > most * beside:
        most = max(1, most - 1)  # a line for the page number
    pages = max(1, -(-len(rows) // (most * beside)))
    blocks = max(1, min(beside, -(-len(rows) // most)))
    lines = min(most, -(-len(rows) // blocks))
    return Layout(letters, columns, block, blocks, lines, pages)


def _columns(rows: Sequence[Row], letters: Font) -> tuple[int, ...]:
    """Return the widths of the columns; rows of one cell have none."""
    tables = [row for row in rows if len(row) > 1]
    return tuple(
        max(letters.width(row[column]) for row in tables if column < len(row))
        for column in range(max(map(len, tables), default=0))
    )


def _narrowed(rows: Sequence[Row], letters: Font, width: int) -> Iterator[Row]:
    """Yield rows as lines no wider than a width, of which all but the first are indented."""
    indent = letters.width(_INDENT)
    for row in rows:
        text = ": ".join(row) if len(row) == 2 else " ".join(filter(None, row))
        first, *more = letters.broken(text, width - indent)
        yield (first,)
        yield from ((f"{_INDENT}{line}",) for line in more)


def _image(rows: Sequence[Row], layout: Layout, page: int) -> pygame.Surface:
    """Return a page drawn on its panel."""
    image = canvas(layout.size)
    frame, radius = image.get_rect(), layout.letters.size // 2
    pygame.draw.rect(image, _PAPER, frame, border_radius=radius)
    pygame.draw.rect(image, EDGE, frame, 1, border_radius=radius)
    margin, line = layout.margin, layout.line
    first = page * layout.blocks * layout.lines
    for number, row in enumerate(rows[first : first + layout.blocks * layout.lines]):
        block, place = divmod(number, layout.lines)
        x = margin + block * (layout.block + 2 * margin)
        _draw_row(image, row, layout, (x, margin + place * line))
    if layout.pages > 1:
        turn = layout.letters.image(f"{page + 1}/{layout.pages}", DIM)
        image.blit(turn, turn.get_rect(right=frame.right - margin, bottom=frame.bottom - margin))
    return image


def _draw_row(image: pygame.Surface, row: Row, layout: Layout, place: tuple[int, int]) -> None:
    x, y = place
    for column, cell in enumerate(row):
        text = layout.letters.image(cell, DIM if column == 0 and len(row) > 1 else BRIGHT)
        number = len(row) > 1 and is_number(cell)
        spare = layout.columns[column] - text.get_width() if number else 0
        image.blit(text, (x + spare, y))
        if len(row) > 1:
            x += layout.columns[column] + layout.margin
