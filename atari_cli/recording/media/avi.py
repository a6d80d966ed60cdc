"""A raw AVI stream, which carries pictures and sound to ffmpeg through one pipe.

See "AVI RIFF File Reference" in Microsoft's documentation of DirectShow. All numbers are
little-endian. A size of 0 means "until the end", since a stream's length is unknown.
"""

import struct

import numpy as np
from numpy.typing import NDArray

from atari_cli.games import Game, palette
from atari_cli.model import Bytes
from atari_cli.recording.media.sound import sample_rate


def avi_header(game: Game, scale: int, fps: int, sound: bool) -> bytes:
    """Return the start of the stream, up to its first frame.

    Args:
        game: The game, for its size and colours.
        scale: Pixels of a picture per Atari pixel, in both directions.
        fps: Pictures per second.
        sound: Whether samples follow each picture.
    """
    width, height = game.width * scale, game.height * scale
    streams = [_picture_stream(width, height, fps, palette(game.tv))]
    if sound:
        streams.append(_sound_stream(sample_rate(fps)))
    main = struct.pack("<10I16x", 1_000_000 // fps, 0, 0, 0, 0, 0, len(streams), 0, width, height)
    header = _list(b"hdrl", _chunk(b"avih", main), *streams)
    return b"RIFF" + bytes(4) + b"AVI " + header + b"LIST" + bytes(4) + b"movi"


def avi_picture(indices: bytes) -> bytes:
    """Return the next picture, given as the palette index of each pixel, row by row."""
    return _chunk(b"00db", indices)


def avi_sound(samples: NDArray[np.int16]) -> bytes:
    """Return the samples of the preceding picture."""
    return _chunk(b"01wb", samples.astype("<i2").tobytes())


def _picture_stream(width: int, height: int, fps: int, colours: Bytes) -> bytes:
    """Return the description of a stream of palette indices, 8 bits each."""
    stream = struct.pack("<4s16x7I8x", b"vids", 1, fps, 0, 0, width * height, 0, 0)
    # A negative height says that the top row comes first.
    bitmap = struct.pack("<IiiHH6I", 40, width, -height, 1, 8, 0, width * height, 0, 0, 256, 0)
    blue_green_red_0 = np.zeros((256, 4), np.uint8)
    blue_green_red_0[:, :3] = colours[:, ::-1]
    bitmap += blue_green_red_0.tobytes()
    return _list(b"strl", _chunk(b"strh", stream), _chunk(b"strf", bitmap))


def _sound_stream(rate: int) -> bytes:
    """Return the description of a stream of mono 16-bit samples."""
    stream = struct.pack("<4s16x7I8x", b"auds", 2, 2 * rate, 0, 0, 2 * rate, 0, 2)
    pcm = struct.pack("<HHIIHH", 1, 1, rate, 2 * rate, 2, 16)
    return _list(b"strl", _chunk(b"strh", stream), _chunk(b"strf", pcm))


def _list(name: bytes, *chunks: bytes) -> bytes:
    return _chunk(b"LIST", name + b"".join(chunks))


def _chunk(name: bytes, data: bytes) -> bytes:
    """Return a chunk; all have an even size and need no padding."""
    return name + struct.pack("<I", len(data)) + data
