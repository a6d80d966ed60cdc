"""Screens as PNG files."""

from atari_cli.games import Game, palette
from atari_cli.model import Bytes


def png(indices: Bytes, game: Game, zoom: int = 1) -> bytes:
    """Return a screen as a PNG file in RGB.

    Args:
        indices: Palette indices, (height, 160) uint8.
        game: The game, for its colours.
        zoom: Pixels of the file per pixel of the screen, in both directions.
    """
    return pixels_png(palette(game.tv)[indices].repeat(zoom, axis=0).repeat(zoom, axis=1))


def pixels_png(pixels: Bytes) -> bytes:
    """Return pixels, (height, width, 3) or gray (height, width), as a PNG file."""
    from imageio.v3 import imwrite

    return bytes(imwrite("<bytes>", pixels, extension=".png", plugin="pillow"))
