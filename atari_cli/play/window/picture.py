"""Palette indices as the pixels of a window: sharp, centred, with a black border."""

from typing import Final

import numpy as np
import pygame
import pygame.surfarray
from numpy.typing import NDArray

from atari_cli.games import Game, palette
from atari_cli.model import Bytes

# Half of each picture stays for the next: Stella's default for its phosphor blend.
_AFTERGLOW: Final = 0.5
_OPAQUE: Final = 255
# The pixel format of SDL's windows on all common displays: 0xRRGGBB in 32 bits.
_MASKS: Final = (0xFF0000, 0xFF00, 0xFF)


def window_size(game: Game, zoom: int, view: str) -> tuple[int, int]:
    """Return the width and height of a window that shows a game without a border.

    Args:
        game: The game.
        zoom: Pixels of the window per pixel of the screen, in both directions.
        view: `exact` or `tv`, as in `picture_area`.
    """
    height = game.height * zoom
    return (round(height * 4 / 3) if view == "tv" else game.width * zoom), height


def fitting_zoom(game: Game, zoom: int, view: str, room: tuple[int, int]) -> int:
    """Return the largest zoom, up to the requested one, at which a window fits the room.

    Args:
        game: The game.
        zoom: The requested zoom.
        view: `exact` or `tv`, as in `picture_area`.
        room: Width and height that are available, in pixels.
    """
    while zoom > 1 and any(
        side > most for side, most in zip(window_size(game, zoom, view), room, strict=True)
    ):
        zoom -= 1
    return zoom


def picture_area(size: tuple[int, int], game: Game, view: str) -> pygame.Rect:
    """Return the area of the picture in a window: as large as fits, in the middle.

    Args:
        size: Width and height of the window.
        game: The game.
        view: `exact` has square pixels, all of one size unless the window is smaller than the
            screen; `tv` is 4:3.
    """
    width, height = size
    if view == "tv":
        fitting = min(width, round(height * 4 / 3)), min(height, round(width * 3 / 4))
    else:
        scale: float = min(width / game.width, height / game.height)
        scale = int(scale) if scale >= 1 else scale
        fitting = max(1, int(game.width * scale)), max(1, int(game.height * scale))
    return pygame.Rect((width - fitting[0]) // 2, (height - fitting[1]) // 2, *fitting)


class Picture:
    """Draws screens onto surfaces.

    Args:
        game: The game, for its size and colours.
        view: `exact` or `tv`, as in `picture_area`.
        phosphor: Let pixels glow on, which hides the flicker of games that draw objects only on
            every other frame.

    Attributes:
        area: The area of the surface in which the last picture was drawn.
    """

    def __init__(self, game: Game, view: str = "exact", phosphor: bool = False) -> None:
        self.area = pygame.Rect(0, 0, game.width, game.height)
        self._game, self._view = game, view
        self._size = (0, 0)
        self._phosphor = phosphor
        self._colours = _colours(game)
        self._shown = np.zeros((game.height, game.width), np.uint32)
        # One more row and column, of black, for the border.
        self._framed = np.zeros((game.height + 1, game.width + 1), np.uint32)
        self._decay = (np.arange(256) * _AFTERGLOW).astype(np.uint8)

    def draw(self, target: pygame.Surface, screen: Bytes) -> None:
        """Fill a surface with a screen and black around it.

        Args:
            target: The window's surface.
            screen: Palette indices, (height, 160) uint8.
        """
        if target.get_size() != self._size:
            self._fit(target.get_size())
        self._framed[:-1, :-1] = self._light(screen)
        if target.get_masks()[:3] == _MASKS and target.get_pitch() == 4 * target.get_width():
            self._scale(pygame.surfarray.pixels2d(target).T)
        else:
            scaled = np.empty(target.get_size()[::-1], np.uint32)
            self._scale(scaled)
            target.blit(pygame.image.frombuffer(scaled.data, target.get_size(), "BGRA"), (0, 0))

    def _light(self, screen: Bytes) -> NDArray[np.uint32]:
        """Return the colours to show, (height, 160), each 0xFFRRGGBB."""
        before = self._decay[self._shown.view(np.uint8)] if self._phosphor else None
        # In any mode but the default, numpy writes to `out` without a temporary copy.
        np.take(self._colours, screen, out=self._shown, mode="clip")
        if before is not None:
            # Stella's rule, for each channel (PhosphorHandler.cxx).
            channels = self._shown.view(np.uint8)
            np.maximum(channels, before, out=channels)
        return self._shown

    def _scale(self, pixels: NDArray[np.uint32]) -> None:
        """Fill pixels, (height, width) of the window, with the screen and black around it."""
        wide = np.take(self._framed, self._columns, axis=1)
        np.take(wide, self._rows, axis=0, out=pixels, mode="clip")

    def _fit(self, size: tuple[int, int]) -> None:
        """Map each row and column of the window to those of the screen."""
        self._size = size
        self.area = picture_area(size, self._game, self._view)
        across, down = self.area.width, self.area.height
        self._columns = np.full(size[0], self._game.width)
        self._rows = np.full(size[1], self._game.height)
        left, top = self.area.topleft
        self._columns[left : left + across] = np.arange(across) * self._game.width // across
        self._rows[top : top + down] = np.arange(down) * self._game.height // down


def _colours(game: Game) -> NDArray[np.uint32]:
    """Return each palette index's colour as 0xFFRRGGBB on any machine, (256,) uint32."""
    red, green, blue = palette(game.tv).astype(np.uint32).T
    colours: NDArray[np.uint32] = _OPAQUE << 24 | red << 16 | green << 8 | blue
    return colours
