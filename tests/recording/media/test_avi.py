"""ffmpeg reads the AVI stream from a pipe without loss."""

import subprocess

import imageio_ffmpeg
import numpy as np

from atari_cli.games import find_game, palette
from atari_cli.recording.media.avi import avi_header, avi_picture, avi_sound


def decoded(stream: bytes, *options: str) -> bytes:
    """Return the output of ffmpeg for a stream; an error fails the test."""
    program = imageio_ffmpeg.get_ffmpeg_exe()
    command = [program, "-loglevel", "error", "-f", "avi", "-i", "pipe:0", *options, "pipe:1"]
    result = subprocess.run(command, input=stream, capture_output=True, check=True)
    assert result.stderr == b""
    return result.stdout


def test_every_palette_index_and_every_sample_is_preserved() -> None:
    game = find_game("adventure")
    chance = np.random.default_rng(0)
    screens = chance.integers(0, 256, (3, game.height, game.width), np.uint8)
    samples = chance.integers(-(2**15), 2**15, (3, 512), np.int16)
    stream = avi_header(game, 1, game.fps, sound=True)
    for screen, frame in zip(screens, samples, strict=True):
        stream += avi_picture(screen.tobytes()) + avi_sound(frame)
    pixels = decoded(stream, "-f", "rawvideo", "-pix_fmt", "rgb24")
    assert pixels == palette("PAL")[screens].tobytes()
    assert decoded(stream, "-f", "s16le") == samples.astype("<i2").tobytes()


def test_a_stream_without_sound_has_only_pictures() -> None:
    game = find_game("pong")
    stream = avi_header(game, 2, game.fps, sound=False) + avi_picture(bytes(420 * 320))
    assert len(decoded(stream, "-f", "rawvideo", "-pix_fmt", "rgb24")) == 420 * 320 * 3
    header = stream[: stream.index(b"movi")]
    assert b"vids" in header
    assert b"auds" not in header
