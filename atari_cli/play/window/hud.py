"""The heads-up display: a bar with score, lives, frame, speed, pilot and joystick."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import pygame
import pygame.draw
import pygame.transform

from atari_cli.actions import ACTION_NAMES
from atari_cli.play.interface import View
from atari_cli.play.window.font import BRIGHT, DIM, Colour, Font, canvas

PANEL: Final = (14, 16, 22, 208)
EDGE: Final = (255, 255, 255, 28)
HUMAN_COLOUR: Final = (96, 205, 255)
POLICY_COLOUR: Final = (255, 190, 84)
RED: Final = (255, 76, 66)
_OFF: Final = (74, 80, 92)
_NARROW: Final = 20
"""Window width in multiples of the text size, below which values are shortened less."""


class Item(NamedTuple):
    """One item of the bar.

    Attributes:
        label: Its label; empty for an indicator with a light, which is on or absent.
        value: Its value.
        colour: Colour of the value.
        room: The widest value expected; its width is reserved, so that other items do not move.
    """

    label: str
    value: str
    colour: Colour = BRIGHT
    room: str = ""


def items_of(view: View) -> Iterator[Item]:
    """Yield the items of a view."""
    yield Item("score", f"{view.score:.0f}", room="00000")
    if view.game.lives:
        yield Item("lives", str(view.lives), room="0")
    yield Item("frame", str(view.frame), room="000000")
    yield Item("speed", f"{round(view.speed, 2):g}×", room="0.25×")
    yield Item("pilot", view.pilot, HUMAN_COLOUR if view.human else POLICY_COLOUR)
    yield Item("slot", str(view.slot))
    yield Item("sound", "muted" if view.muted else f"{view.volume} %", room="100 %")
    if view.recording:
        yield Item("", "rec", RED)
    if view.filming:
        yield Item("", "video", POLICY_COLOUR)


class Hud:
    """Draws the bar along the bottom of a window.

    In a wide window the items are in one row with their labels above, otherwise in as many rows as
    needed.
    """

    def __init__(self, values: Font, labels: Font) -> None:
        self._values, self._labels = values, labels
        self._gap = values.size // 2

    def draw(self, target: pygame.Surface, view: View) -> int:
        """Draw the bar and return its top edge, in pixels.

        Args:
            target: The window's surface.
            view: The view to describe.
        """
        width = target.get_width()
        narrow = width < _NARROW * self._values.size
        items = self._fitting(view, width // 2 if narrow else width // 4)
        height = self._values.size * (4 if narrow else 6) // 3
        stick = draw_stick(view.code, HUMAN_COLOUR if view.human else POLICY_COLOUR, height)
        room = width - 3 * self._gap - stick.get_width()
        rows = self._rows(items, room, stacked=True)
        stacked = len(rows) == 1
        if not stacked:
            rows = self._rows(items, room, stacked=False)
        text = self._row_height(stacked) * len(rows)
        height = max(text, stick.get_height()) + self._gap
        top = target.get_height() - height
        target.blit(panel((width, height)), (0, top))
        for number, row in enumerate(rows):
            y = top + (height - text) // 2 + number * self._row_height(stacked)
            self._draw_row(target, row, y, stacked)
        x = width - self._gap - stick.get_width()
        target.blit(stick, (x, top + (height - stick.get_height()) // 2))
        return top

    def _fitting(self, view: View, widest: int) -> list[Item]:
        """Return the items, with values shortened to a width."""
        return [
            item._replace(value=self._values.shortened(item.value, widest))
            for item in items_of(view)
        ]

    def _rows(self, items: Sequence[Item], room: int, stacked: bool) -> list[list[Item]]:
        rows: list[list[Item]] = [[]]
        used = 0
        for item in items:
            width = self._width(item, stacked)
            if rows[-1] and used + width > room:
                rows.append([])
                used = 0
            rows[-1].append(item)
            used += width + self._gap
        return rows

    def _width(self, item: Item, stacked: bool) -> int:
        """Return the width of an item, as large as its widest value needs."""
        value = max(self._values.width(item.value), self._values.width(item.room))
        return max(self._offset(item, stacked)[0] + value, self._labels.width(item.label))

    def _offset(self, item: Item, stacked: bool) -> tuple[int, int]:
        """Return how far right of its label or light, and below it, the value of an item is."""
        below = self._labels.line if stacked else 0
        if not item.label:
            return self._values.size * 3 // 5, below
        return (0 if stacked else self._labels.width(item.label) + self._gap // 2), below

    def _row_height(self, stacked: bool) -> int:
        return self._values.line + (self._labels.line if stacked else 2)

    def _draw_row(self, target: pygame.Surface, row: Sequence[Item], y: int, stacked: bool) -> None:
        x = self._gap
        for item in row:
            right, below = self._offset(item, stacked)
            value = self._values.image(item.value, item.colour)
            target.blit(value, (x + right, y + below))
            if item.label:
                label = self._labels.image(item.label, DIM)
                sunk = 0 if stacked else (self._values.line - self._labels.line) * 3 // 4
                target.blit(label, (x, y + sunk))
            else:
                light = _light(item.colour, self._values.size * 2 // 5)
                middle = y + below + self._values.line // 2 - 1
                target.blit(light, light.get_rect(left=x, centery=middle))
            x += self._width(item, stacked) + self._gap


@lru_cache(maxsize=4)
def panel(size: tuple[int, int]) -> pygame.Surface:
    """Return a translucent band with a bright upper edge; only for reading."""
    band = canvas(size)
    band.fill(PANEL)
    band.fill(EDGE, (0, 0, size[0], 1))
    return band


@lru_cache(maxsize=8)
def _light(colour: Colour, size: int) -> pygame.Surface:
    large = canvas((4 * size, 4 * size))
    pygame.draw.circle(large, colour, (2 * size, 2 * size), 2 * size)
    return pygame.transform.smoothscale(large, (size, size))


@lru_cache(maxsize=64)
def draw_stick(code: int, colour: Colour, height: int) -> pygame.Surface:
    """Return a drawing of the joystick, only for reading: the fire button and the stick from above.

    Args:
        code: ALE code of the action (0-17).
        colour: Colour of the stick when it is tilted.
        height: Height of the drawing in pixels; it is 1.5 times as wide.
    """
    # Drawn four times as large and scaled down, since pygame's circles are not smooth.
    unit = 4 * height
    image = canvas((unit * 3 // 2, unit))
    right, down = _tilt(code)
    fire = code == 1 or ACTION_NAMES[code].endswith("FIRE")
    centre = pygame.Vector2(unit, unit / 2)
    pygame.draw.circle(image, _OFF, (unit * 0.22, unit * 0.25), unit * 0.15, max(1, unit // 24))
    if fire:
        pygame.draw.circle(image, RED, (unit * 0.22, unit * 0.25), unit * 0.15)
    pygame.draw.circle(image, _OFF, centre, unit * 0.46, max(1, unit // 24))
    tilt = pygame.Vector2(right, down)
    tip = centre + (tilt.normalize() * unit * 0.26 if tilt else tilt)
    moved = colour if tilt else DIM
    pygame.draw.line(image, moved, centre, tip, max(1, unit // 8))
    pygame.draw.circle(image, moved, tip, unit * 0.19)
    return pygame.transform.smoothscale(image, (height * 3 // 2, height))


def _tilt(code: int) -> tuple[int, int]:
    """Return the tilt of an action's stick to the right and down, each -1, 0 or 1."""
    name = ACTION_NAMES[code]
    return ("RIGHT" in name) - ("LEFT" in name), ("DOWN" in name) - ("UP" in name)
