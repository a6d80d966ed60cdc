"""Write `atari_cli/server/static/pictures/<game>.png`: what each game shows two seconds after boot.

    python scripts/make_pictures.py

Right after the boot, many games show a title or nothing yet.
"""

from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from atari_cli.actions import NOOP
from atari_cli.emulator import Emulator
from atari_cli.games import Game, all_games, palette

FOLDER: Final = Path(__file__).resolve().parent.parent / "atari_cli/server/static/pictures"
SECONDS: Final = 2


def main() -> None:
    """Write all pictures."""
    FOLDER.mkdir(exist_ok=True)
    for game in all_games():
        (FOLDER / f"{game.id}.png").write_bytes(picture(game))


def picture(game: Game) -> bytes:
    """Return a screen of a game as a PNG file with a palette of the colours that are in it."""
    emulator = Emulator(game)
    emulator.act(NOOP, frames=SECONDS * game.fps)
    screen = emulator.screen()
    colours, pixels = np.unique(screen, return_inverse=True)
    image = Image.fromarray(pixels.reshape(screen.shape).astype(np.uint8))
    image.putpalette(palette(game.tv)[colours].tobytes())  # half the size of an RGB file
    file = BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


if __name__ == "__main__":
    main()
