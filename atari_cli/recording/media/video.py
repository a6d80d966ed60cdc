"""Videos with sound, written frame by frame by one ffmpeg that reads them from a pipe.

Pictures and sound go through the same pipe as an AVI stream (avi.py): they stay in sync without a
temporary file, a second pass or a thread, on any system.
"""

import os
import re
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import IO, Final, NoReturn

import numpy as np

from atari_cli.config import EnvironmentConfig, RecordConfig
from atari_cli.emulator import SAMPLES_PER_FRAME, SILENCE
from atari_cli.errors import MissingDependency, RecordingError
from atari_cli.games import Game, find_game
from atari_cli.model import Bytes
from atari_cli.observation import PlayedFrame
from atari_cli.recording.format.naming import write_error
from atari_cli.recording.media.avi import avi_header, avi_picture, avi_sound
from atari_cli.recording.media.sound import SoundFilter
from atari_cli.system.files import part_path, remove, rename
from atari_cli.system.locking import try_lock, unlock

_INSTALL: Final = (
    "run `pip install imageio-ffmpeg`, set IMAGEIO_FFMPEG_EXE to the path of an ffmpeg, or "
    "record without video"
)


@dataclass(frozen=True)
class _Format:
    """The options of ffmpeg for a format.

    Attributes:
        muxer: ffmpeg's name of the format.
        video: Options of the picture's encoder; the fields are those of `_options`.
        sound: Options of the sound's encoder; empty if the format has no sound.
        filters: Filters of the picture, with the same fields.
        scaled_by_ffmpeg: Whether the filters scale the picture; else the frames come scaled.
    """

    muxer: str
    video: str
    sound: str = ""
    filters: str = "null"
    scaled_by_ffmpeg: bool = False


_FORMATS: Final = {
    "mp4": _Format(
        "mp4",
        # ultrafast: veryfast takes about twice as long. Its savings hardly matter for flat areas
        #   that do not move, except for two that are used here:
        # cabac: the file shrinks by up to a third, at no cost that can be measured.
        # refs 2: sprites that flicker every other frame are found in the frame before the last.
        # qp 16: a constant quantiser needs no analysis of the frame before it is encoded; pixels
        #   are off by less than 1 of 255 on average, and a coarser one hardly saves anything.
        # faststart: the index comes first, so that a browser plays before it has the whole file.
        "-c:v libx264 -preset ultrafast -qp 16 -coder cabac -refs 2 -g {keyframes}"
        " -movflags +faststart",
        # AAC supports neither 30,720 nor 25,600 Hz; 48,000 preserves both. At 96 kbit/s the fast
        # coder is as close to the original as the slow one.
        "-c:a aac -aac_coder fast -b:a 96k -ar 48000",
        # Scaling in ffmpeg keeps the pipe small and runs in parallel with the emulation. The
        # colours are labelled, because players guess them from the height otherwise.
        "scale={width}:{height}:flags=neighbor:out_color_matrix=bt709:out_range=tv,format=yuv420p,"
        "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709,"
        "setsar={aspect}:max=1000",
        scaled_by_ffmpeg=True,
    ),
    "mkv": _Format(
        "matroska",
        # Quantiser 0 in RGB is lossless, and unlike FFV1 it spends nothing on still areas.
        "-c:v libx264rgb -preset ultrafast -qp 0 -coder cabac -refs 2 -g {keyframes}"
        " -pix_fmt bgr24",
        "-c:a flac",
        "setsar={aspect}:max=1000",
    ),
    "gif": _Format("gif", "-c:v gif -pix_fmt pal8"),
}

_GIF_FPS: Final = 50
"""A GIF's delays are in 1/100 s, and browsers slow down delays below 2: 50 is the maximum."""

_KEYFRAME_SECONDS: Final = 5
"""Seconds between keyframes, to which a player can seek."""


def check_ffmpeg() -> str:
    """Return the path of an ffmpeg that runs.

    Raises:
        MissingDependency: If there is no working ffmpeg.
    """
    program = _find_ffmpeg()
    try:
        result = subprocess.run([program, "-version"], capture_output=True, check=False)
    except OSError as error:
        raise MissingDependency(f"cannot run {program} ({error.strerror}); {_INSTALL}") from None
    if result.returncode or not result.stdout.startswith(b"ffmpeg version"):
        raise MissingDependency(f"{program} is not a working ffmpeg; {_INSTALL}")
    return program


def check_format(name: str) -> None:
    """Check that ffmpeg writes a format, by a video of one frame: some lack its encoders.

    Args:
        name: One of `VIDEO_FORMATS`.

    Raises:
        MissingDependency: If there is no working ffmpeg, or it does not write the format.
    """
    program = check_ffmpeg()
    game = find_game(EnvironmentConfig.game)
    frame = PlayedFrame(
        np.zeros((game.height, game.width), np.uint8), np.full(SAMPLES_PER_FRAME, SILENCE, np.uint8)
    )
    config = RecordConfig(format=name, scale=1)
    try:
        with tempfile.TemporaryDirectory() as folder:
            video = VideoWriter(Path(folder, f"video.{name}"), game, config, sound=True)
            video.write(frame)
            video.finish()
    except (OSError, RecordingError) as error:
        reason = str(error).rpartition(": ffmpeg says: ")[2]
        raise MissingDependency(f"{program} writes no {name}: {reason}; {_INSTALL}") from None


class VideoWriter:
    """Writes a video that plays every emulated frame at the console's speed.

    Only a few frames are in memory at a time. The file appears at its path when complete.

    Args:
        path: The video, in a folder that exists; `finish` replaces an existing file.
        game: The game, for its size, colours and frame rate.
        config: The format and the scale.
        sound: Include sound, if the format has any.

    Attributes:
        path: The video.

    Raises:
        MissingDependency: If ffmpeg is missing.
        RecordingError: If the file cannot be written; here and in `write` and `finish`.
    """

    def __init__(self, path: Path, game: Game, config: RecordConfig, sound: bool) -> None:
        form = _FORMATS[config.format]
        self.path = path
        self._part = part_path(path)
        self._scale = 1 if form.scaled_by_ffmpeg else config.scale
        self._sound = SoundFilter() if sound and form.sound else None
        self._gif_drops = config.format == "gif" and game.fps > _GIF_FPS
        self._frames = 0
        fps = _GIF_FPS if self._gif_drops else game.fps
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # abandon closes it
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None
        try:
            # An unwritable folder shows here, with a plainer message than ffmpeg's. By the lock,
            # `recover` knows that the part is in use.
            self._lock = os.open(self._part, os.O_CREAT | os.O_RDWR, 0o666)
            try_lock(self._lock)
            self._process = _start(_options(form, game, config.scale, fps), self._part, self._log)
        except BaseException as error:
            self.abandon()
            if isinstance(error, OSError):
                raise write_error(path, error) from error
            raise
        self._send(avi_header(game, self._scale, fps, self._sound is not None))

    def write(self, frame: PlayedFrame) -> None:
        """Add the next frame; with sound, it must have samples."""
        self._frames += 1
        # Every sixth NTSC frame is dropped, so that a GIF of 50 frames/s keeps the game's speed.
        if self._gif_drops and self._frames % 6 == 0:
            return
        data = avi_picture(_enlarged(frame.screen, self._scale))
        if self._sound:
            if frame.audio is None:
                raise RecordingError("a video with sound needs an environment with sound=True")
            data += avi_sound(self._sound.convert(frame.audio))
        self._send(data)

    def finish(self, path: Path | None = None) -> None:
        """Complete the file and put it at its path; does nothing once finished or abandoned.

        Args:
            path: Another path in the same folder.
        """
        if self._process is None:
            return
        self.path = path or self.path
        if self._frames == 0:
            self.abandon()
            raise RecordingError(f"cannot write {self.path}: no frame was played")
        try:
            _pipe(self._process).close()
        except OSError:
            self._fail()
        if self._process.wait():
            self._fail()
        self._unlock()  # Windows cannot rename an open file
        try:
            rename(self._part, self.path)
        except OSError as error:
            raise write_error(self.path, error) from error
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Stop and delete the video; does nothing once finished or abandoned."""
        if self._process is not None:
            self._process.kill()
            with suppress(OSError):
                _pipe(self._process).close()
            self._process.wait()
            self._process = None
        self._log.close()
        self._unlock()
        with suppress(OSError):
            remove(self._part)

    def _unlock(self) -> None:
        if self._lock is not None:
            unlock(self._lock)
            self._lock = None

    def _send(self, data: bytes) -> None:
        if self._process is None:
            raise RecordingError(f"{self.path} is closed; open another video")
        try:
            _pipe(self._process).write(data)
        except OSError:
            self._fail()

    def _fail(self) -> NoReturn:
        """Raise ffmpeg's error; it ends by itself when it can no longer write."""
        process = self._process
        if process is not None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)
        self._log.seek(0)
        reason = _first_error(self._log.read().decode(errors="replace"))
        status = process.returncode if process else None
        self.abandon()
        raise RecordingError(
            f"cannot write {self.path}: ffmpeg {reason or f'ended with status {status}'}"
        )


def _find_ffmpeg() -> str:
    try:
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        raise MissingDependency(f"a video needs ffmpeg; {_INSTALL}") from None


def _options(form: _Format, game: Game, scale: int, fps: int) -> list[str]:
    """Return ffmpeg's options for a video."""
    fields = {
        "width": game.width * scale,
        "height": game.height * scale,
        # The pixel aspect ratio at which the picture has the shape of a television.
        "aspect": Fraction(4 * game.height, 3 * game.width),
        "keyframes": _KEYFRAME_SECONDS * fps,
    }
    filters = ["-vf", form.filters.format(**fields)]
    encoders = f"{form.video} {form.sound}".format(**fields).split()
    return [*filters, *encoders, "-f", form.muxer]


def _start(options: list[str], file: Path, log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start an ffmpeg that encodes AVI from its standard input into a file."""
    program = _find_ffmpeg()
    command = [program, "-y", "-nostats", "-loglevel", "error", "-f", "avi", "-i", "pipe:0"]
    try:
        return subprocess.Popen(
            # Without `file:`, a name with a colon would be taken for a URL.
            [*command, *options, f"file:{file}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=log,
            # Ctrl-C must not reach ffmpeg, which would end the video before its last frames; nor
            # must Ctrl-Break or the end of Windows' console, so there it has a separate one.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise MissingDependency(f"cannot run {program}: {error.strerror}; {_INSTALL}") from None


def _pipe(process: subprocess.Popen[bytes]) -> IO[bytes]:
    if process.stdin is None:
        raise ValueError("ffmpeg was started without a pipe")
    return process.stdin


def _first_error(log: str) -> str:
    """Return the first line of ffmpeg's log, which has the cause, without addresses."""
    lines = [re.sub(r"^(\[[^]]* @ \w+\] *)+", "", line).strip() for line in log.splitlines()]
    return next((f"says: {line}" for line in lines if line), "")


def _enlarged(screen: Bytes, scale: int) -> bytes:
    """Return the rows of a screen with each pixel repeated in both directions."""
    if scale == 1:
        return screen.tobytes()
    height, width = screen.shape
    wide = screen.repeat(scale, axis=1)
    return np.broadcast_to(wide[:, None], (height, scale, width * scale)).tobytes()
