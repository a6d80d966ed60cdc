"""Screenshots and videos of a game in play."""

import os
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final

from atari_cli.config import RecordConfig
from atari_cli.errors import AtariError
from atari_cli.games import Game
from atari_cli.model import Bytes
from atari_cli.observation import PlayedFrame
from atari_cli.pictures.png import png
from atari_cli.recording import VideoWriter
from atari_cli.system.background import PATIENCE, Background, is_done
from atari_cli.system.files import remove, whole_file, writing

_MOST_QUEUED: Final = 60
"""Frames that may wait for the encoder; then the game waits for it."""


class Capture:
    """Takes screenshots and videos of a game; a video that fails does not end the game.

    A video is written in a thread, since its encoder may be slower than the game.

    Args:
        folder: The folder for the files.
        game: The game.
        zoom: Pixels of a screenshot per pixel of the screen, in both directions.
        patience: Seconds to wait for a video to begin.

    Attributes:
        written: The finished videos.
        failure: Why the last video failed; empty if it did not.
        is_filming: Whether a video is being written.
    """

    def __init__(self, folder: Path, game: Game, zoom: int, patience: float = PATIENCE) -> None:
        self.written: list[Path] = []
        self.failure = ""
        self.is_filming = False
        self._folder, self._game, self._zoom = folder, game, zoom
        self._patience = patience
        self._encoding = Background("video")
        self._queued: deque[Future[Any]] = deque()
        self._film: VideoCapture | None = None

    @property
    def is_behind(self) -> bool:
        """Whether a video has to catch up before the next frame is played."""
        self.look()
        return len(self._queued) > _MOST_QUEUED

    def photograph(self, screen: Bytes, frame: int) -> Path:
        """Write a screenshot and return its path.

        Args:
            screen: Palette indices, (height, 160) uint8.
            frame: Frames since the boot, for the name.

        Raises:
            RecordingError: If it cannot be written.
        """
        path = free_path(self._folder, f"{self._game.id}-frame-{frame}", ".png")
        try:
            # The game does not wait for the disk.
            with writing(path), whole_file(path, sync=False) as part:
                part.write_bytes(png(screen, self._game, self._zoom))
        finally:
            _remove_empty(path)
        return _as_known(path)

    def start(self) -> None:
        """Begin a video.

        Raises:
            MissingDependency: If ffmpeg is missing.
            RecordingError: If the file cannot be written.
        """
        self.failure, self.is_filming = "", True
        begun = self._encoding.start(self._open)
        if is_done(begun, self._patience) and begun.exception():
            self.is_filming = False
            begun.result()
        self._queued.append(begun)

    def add(self, frame: PlayedFrame) -> None:
        """Add a frame to the video, if one is being written."""
        if self.is_filming:
            self._queued.append(self._encoding.start(partial(self._write, frame)))

    def look(self) -> None:
        """Note whether the video has failed."""
        while self._queued and self._queued[0].done():
            error = self._queued.popleft().exception()
            if error:
                self.is_filming = False
                self.failure = self.failure or str(error)
            if error and not isinstance(error, AtariError):
                raise error

    def end(self) -> Future[str]:
        """End the video, and return what to say of it once it is written."""
        self.is_filming = False
        return self._encoding.start(self._finish)

    def stop(self) -> None:
        """Finish the video if one is being written, and wait for it."""
        self.end().result()
        self.look()
        self._encoding.close()

    def _open(self) -> None:
        config = RecordConfig(out=self._folder)
        path = free_path(self._folder, f"{self._game.id}-play", f".{config.format}")
        self._film = VideoCapture(path, self._game, config, sound=True)

    def _write(self, frame: PlayedFrame) -> None:
        if self._film:
            try:
                self._film.write(frame)
            except AtariError:
                self._film.abandon()
                self._film = None
                raise

    def _finish(self) -> str:
        film, self._film = self._film, None
        if film is None:
            return self.failure
        try:
            film.finish()
        except AtariError as error:
            self.failure = str(error)
            return self.failure
        self.written.append(film.path)
        return f"wrote {_as_known(film.path)}"


def _as_known(path: Path) -> Path:
    """Return a path as a player knows it: from the working directory, if it is in that."""
    with suppress(OSError, ValueError):
        return path.relative_to(Path.cwd())
    return path


def free_path(folder: Path, stem: str, suffix: str) -> Path:
    """Create an empty file `<stem><suffix>`, or else `<stem>-2<suffix>` and so on; return its path.

    Since the file is created, no other program takes the same name.

    Args:
        folder: Its folder, which is created if missing.
        stem: The name without its ending.
        suffix: The ending with its dot.

    Raises:
        RecordingError: If it cannot be created.
    """
    names = (f"{stem}-{number}{suffix}" if number > 1 else f"{stem}{suffix}" for number in count(1))
    with writing(folder / f"{stem}{suffix}"):
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            with suppress(FileExistsError), (folder / name).open("xb"):
                break
    return folder / name


class VideoCapture(VideoWriter):
    """A video of the frames shown, rewound or not, in a file that `free_path` created.

    After an error nothing is left of it, and the game continues without it.
    """

    def abandon(self) -> None:
        """Stop and delete the video; does nothing once finished or abandoned."""
        super().abandon()
        _remove_empty(self.path)


def _remove_empty(path: Path) -> None:
    """Remove a file of `free_path` that is still empty."""
    with suppress(OSError):
        if os.path.getsize(path) == 0:
            remove(path)
