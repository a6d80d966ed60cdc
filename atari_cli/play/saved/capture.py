"""Screenshots and videos of a game in play."""

import os
from contextlib import suppress
from itertools import count
from pathlib import Path

from atari_cli.config import RecordConfig
from atari_cli.errors import AtariError
from atari_cli.games import Game
from atari_cli.model import Bytes
from atari_cli.observation import PlayedFrame
from atari_cli.pictures.png import png
from atari_cli.recording import VideoWriter
from atari_cli.system.files import remove, whole_file, writing


class Capture:
    """Takes screenshots and videos of a game; a video that fails does not end the game.

    Args:
        folder: The folder for the files.
        game: The game.
        zoom: Pixels of a screenshot per pixel of the screen, in both directions.

    Attributes:
        written: The finished videos.
        failure: Why the last video failed; empty if it did not.
    """

    def __init__(self, folder: Path, game: Game, zoom: int) -> None:
        self.written: list[Path] = []
        self.failure = ""
        self._folder, self._game, self._zoom = folder, game, zoom
        self._film: VideoCapture | None = None

    @property
    def is_filming(self) -> bool:
        """Whether a video is being written."""
        return self._film is not None

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
        return path

    def start(self) -> None:
        """Begin a video.

        Raises:
            MissingDependency: If ffmpeg is missing.
            RecordingError: If the file cannot be written.
        """
        self.failure = ""
        config = RecordConfig(out=self._folder)
        path = free_path(self._folder, f"{self._game.id}-play", f".{config.format}")
        self._film = VideoCapture(path, self._game, config, sound=True)

    def add(self, frame: PlayedFrame) -> None:
        """Add a frame to the video, if one is being written."""
        if self._film:
            try:
                self._film.write(frame)
            except AtariError as error:
                self._film.abandon()
                self._film, self.failure = None, str(error)

    def stop(self) -> None:
        """Finish the video, if one is being written."""
        film, self._film = self._film, None
        if film:
            try:
                film.finish()
                self.written.append(film.path)
            except AtariError as error:
                self.failure = str(error)


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
