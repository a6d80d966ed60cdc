"""Write `atari_cli/server/static/pictures/<game>.png`: what each game shows two seconds after boot.

    python scripts/make_pictures.py

Right after the boot, many games show a title or nothing yet.
"""

import struct
import zlib
from pathlib import Path
from typing import Final

import numpy as np

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
    depth = next(depth for depth in (1, 2, 4, 8) if len(colours) <= 1 << depth)
    bits = np.unpackbits(pixels.astype(np.uint8).reshape(*screen.shape, 1), axis=2)[:, :, -depth:]
    rows = np.packbits(bits.reshape(game.height, -1), axis=1)
    lines = np.insert(rows, 0, 0, axis=1)  # each begins with the number of its filter: none
    head = struct.pack(">IIBBBBB", game.width, game.height, depth, 3, 0, 0, 0)
    parts = (
        (b"IHDR", head),
        (b"PLTE", palette(game.tv)[colours].tobytes()),
        (b"IDAT", zlib.compress(lines.tobytes(), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


if __name__ == "__main__":
    main()
