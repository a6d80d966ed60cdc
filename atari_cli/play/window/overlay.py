"""Everything drawn over the picture: HUD, pages, messages, the slider of a recording."""

import time
from collections.abc import Callable, Sequence
from functools import cache, lru_cache, partial
from typing import Final

import pygame
import pygame.draw

from atari_cli.play.controls.keymap import Keymap
from atari_cli.play.interface import Row, View
from atari_cli.play.window.font import BRIGHT, DIM, SMALLEST, Colour, Font, canvas, letter_size
from atari_cli.play.window.help import help_rows
from atari_cli.play.window.hud import EDGE, PANEL, POLICY_COLOUR, RED, Hud, panel
from atari_cli.play.window.text_pages import TextPages

_MESSAGE: Final = 2.0
"""Minimum seconds for which a message is shown."""
_STATUS: Final = {"rewind": POLICY_COLOUR, "game over": RED}


class Overlay:
    """Draws the texts and indicators of a view over the picture.

    Args:
        keymap: The keys, for the help.
        clock: Returns the time in seconds.

    Attributes:
        slider: The area in which a click seeks in a recording; empty without one.
    """

    def __init__(self, keymap: Keymap, clock: Callable[[], float] = time.monotonic) -> None:
        self.slider = pygame.Rect(0, 0, 0, 0)
        self._clock = clock
        self._letters: Callable[[int], Font] = cache(Font)
        self._bar: Callable[[int], Hud] = cache(self._new_bar)
        self._pages = TextPages(self._letters)
        self._pill: Callable[[str, Colour, Font, int], pygame.Surface] = lru_cache(16)(_draw_pill)
        self._help: Callable[[bool, bool], Sequence[Row]] = cache(partial(help_rows, keymap))
        self._message, self._said = "", -_MESSAGE

    def draw(self, target: pygame.Surface, view: View) -> None:
        """Draw over a surface that already has the picture.

        Args:
            target: The window's surface, with the picture.
            view: The view.
        """
        now = self._clock()
        size = letter_size(target.get_size())
        bottom = self._bar(size).draw(target, view) if view.hud else target.get_height()
        bottom = self._draw_slider(target, view, size, bottom)
        has_page = view.help or bool(view.panel)
        if has_page:
            self._draw_page(target, view, size, now)
        else:
            self._pages.close()
        widest, message = target.get_width() - 3 * size, self._message_now(view.message, now)
        # At the top, since what the player moves is at the bottom in most games.
        status = pygame.Rect(size // 2, size // 2, 0, 0)
        if view.status and not has_page:
            colour = _STATUS.get(view.status, BRIGHT)
            pill = self._pill(view.status, colour, self._letters(size), widest)
            status = target.blit(pill, status)
        if message:
            pill = self._pill(message, BRIGHT, self._letters(size), widest)
            place = pill.get_rect(centerx=target.get_width() // 2, top=status.top)
            if has_page:
                place.bottom = bottom - size // 2
            elif place.left < status.right + size // 2 and status.width:
                place.top = status.bottom + size // 4
            target.blit(pill, place)

    def _draw_page(self, target: pygame.Surface, view: View, size: int, now: float) -> None:
        room = target.get_rect().inflate(-size // 2, -size // 2)
        rows = view.panel
        if view.help:
            rows = self._help(view.watching, room.width <= 30 * SMALLEST)
        self._pages.draw(target, rows, room, size, now)

    def _message_now(self, message: str, now: float) -> str:
        """Return the message to show, which stays long enough to be read."""
        if message:
            if message != self._message:
                self._said = now
            self._message = message
        elif now - self._said >= _MESSAGE:
            self._message = ""
        return self._message

    def _draw_slider(self, target: pygame.Surface, view: View, size: int, bottom: int) -> int:
        """Draw the position in a recording; return the top edge of the slider."""
        if view.position is None:
            self.slider = pygame.Rect(0, 0, 0, 0)
            return bottom
        step, steps = view.position
        letters = self._letters(size)
        height = letters.line + size
        band = pygame.Rect(0, bottom - height, target.get_width(), height)
        target.blit(panel(band.size), band)
        count = letters.image(f"{step}/{steps}")
        widest = letters.width("0" * len(f"{steps}") * 2 + "/")
        target.blit(count, count.get_rect(right=band.right - size // 2, centery=band.centery))
        left, right = size, band.right - size - max(widest, count.get_width())
        self.slider = pygame.Rect(left, band.top, max(1, right - left), height)
        _draw_knob(target, self.slider, step / steps if steps else 0.0, size)
        return band.top

    def _new_bar(self, size: int) -> Hud:
        return Hud(self._letters(size), self._letters(max(SMALLEST, size * 3 // 4)))


def _draw_knob(target: pygame.Surface, slider: pygame.Rect, part: float, size: int) -> None:
    """Draw the slider's groove, and its knob at a fraction of it."""
    groove = pygame.Rect(0, 0, slider.width, max(3, size // 5))
    groove.center = slider.center
    pygame.draw.rect(target, DIM, groove, border_radius=groove.height)
    knob = groove.left + round(part * (groove.width - 1)), groove.centery
    played = pygame.Rect(groove.left, groove.top, knob[0] - groove.left, groove.height)
    pygame.draw.rect(target, POLICY_COLOUR, played, border_radius=groove.height)
    pygame.draw.circle(target, BRIGHT, knob, max(5, size * 2 // 5))


def _draw_pill(text: str, colour: Colour, letters: Font, width: int) -> pygame.Surface:
    """Return a short text on its own panel, in several lines if necessary."""
    lines = [letters.image(line, colour) for line in letters.broken(text, width)]
    margin = letters.size // 2
    widest = max(line.get_width() for line in lines)
    size = widest + 2 * margin, len(lines) * letters.line + margin
    pill = canvas(size)
    pygame.draw.rect(pill, PANEL, pill.get_rect(), border_radius=margin)
    pygame.draw.rect(pill, EDGE, pill.get_rect(), 1, border_radius=margin)
    for number, line in enumerate(lines):
        y = margin // 2 + number * letters.line
        pill.blit(line, ((size[0] - line.get_width()) // 2, y))
    return pill
