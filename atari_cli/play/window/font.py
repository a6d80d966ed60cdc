"""Text in the window: rendered once, cached, and broken into lines that fit."""

from collections.abc import Iterator
from itertools import chain
from typing import Final

import pygame
import pygame.font

Colour = tuple[int, int, int]

BRIGHT: Final = (238, 240, 246)
DIM: Final = (158, 166, 182)
SMALLEST: Final = 15
"""Smallest size of pygame's font that is easy to read, 11 pixels high."""
_LARGEST: Final = 40
_KEPT: Final = 512
"""Cached pieces of text; a HUD shows about 15, one of which changes each frame."""


def letter_size(window: tuple[int, int]) -> int:
    """Return a suitable text size for a window, given its width and height in pixels."""
    return max(SMALLEST, min(_LARGEST, window[0] // 27, window[1] // 36))


def canvas(size: tuple[int, int]) -> pygame.Surface:
    """Return a transparent surface of 32 bits a pixel, whatever the display has.

    With fewer, pygame can neither scale smoothly nor blend all colours.
    """
    return pygame.Surface(size, pygame.SRCALPHA, 32)


class Font:
    """Text of one size in pygame's own font."""

    def __init__(self, size: int) -> None:
        self._font = pygame.font.Font(None, size)
        self._images: dict[tuple[str, Colour], pygame.Surface] = {}
        self.size = size
        self.line = self._font.get_linesize()

    def width(self, text: str) -> int:
        """Return the width of a text in pixels."""
        return self._font.size(_printable(text))[0]

    def image(self, text: str, colour: Colour = BRIGHT) -> pygame.Surface:
        """Return a text on a transparent background.

        Args:
            text: The text.
            colour: Its colour.
        """
        key = text, colour
        image = self._images.get(key)
        if image is None:
            if len(self._images) >= _KEPT:
                self._images.clear()
            image = self._images[key] = self._font.render(_printable(text), True, colour)
        return image

    def broken(self, text: str, width: int) -> Iterator[str]:
        """Yield a text as lines of at most a width, broken between words if possible.

        Args:
            text: The text.
            width: The width in pixels.
        """
        line = ""
        for word in text.split():
            joined = f"{line} {word}" if line else word
            if self.width(joined) <= width:
                line = joined
                continue
            if line:
                yield line
            line = word
            while self.width(line) > width and len(line) > 1:
                fitting = self._fitting(line, width)
                yield line[:fitting]
                line = line[fitting:]
        yield line

    def shortened(self, text: str, width: int) -> str:
        """Return a text, or only its end if it is too wide, such as the path of a policy.

        Args:
            text: The text.
            width: The width in pixels.
        """
        ends = (f"…{text[start:]}" for start in range(1, len(text)))
        return next((end for end in chain([text], ends) if self.width(end) <= width), "…")

    def _fitting(self, text: str, width: int) -> int:
        """Return how many characters of a text fit, at least one."""
        fitting = (n for n in range(len(text), 1, -1) if self.width(text[:n]) <= width)
        return next(fitting, 1)


def _printable(text: str) -> str:
    """Return a text with `?` for what a font cannot draw."""
    return "".join(char if char.isprintable() and char <= "\uffff" else "?" for char in text)
