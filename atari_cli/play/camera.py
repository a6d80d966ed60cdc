"""The camera of a session: screenshots, and a video that is switched on and off."""

from pathlib import Path

from atari_cli.config import RecordConfig
from atari_cli.errors import AtariError
from atari_cli.games import Game
from atari_cli.model import Bytes
from atari_cli.observation import PlayedFrame
from atari_cli.play.film import Film, free_path, write_screenshot


class Camera:
    """Takes pictures of a game; what goes wrong with a video never ends the game.

    Args:
        folder: Where they go.
        game: The game.
        zoom: Pixels of a screenshot per pixel of the screen, in both directions.

    Attributes:
        written: The videos that are finished.
        failure: Why the last video broke off; empty if it did not.
    """

    def __init__(self, folder: Path, game: Game, zoom: int) -> None:
        self.written: list[Path] = []
        self.failure = ""
        self._folder, self._game, self._zoom = folder, game, zoom
        self._film: Film | None = None

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
        write_screenshot(path, self._game, screen, self._zoom)
        return path

    def start(self) -> None:
        """Begin a video.

        Raises:
            MissingDependency: If there is no ffmpeg.
            RecordingError: If the file cannot be written.
        """
        self.failure = ""
        config = RecordConfig(self._folder)
        path = free_path(self._folder, f"{self._game.id}-play", f".{config.format}")
        self._film = Film(path, self._game, config)

    def add(self, frame: PlayedFrame) -> None:
        """Add a frame to the video, if one is being written."""
        if self._film:
            try:
                self._film.add(frame)
            except AtariError as error:
                self._film, self.failure = None, str(error)

    def stop(self) -> None:
        """Finish the video, if one is being written."""
        film, self._film = self._film, None
        if film:
            try:
                self.written.append(film.finish())
            except AtariError as error:
                self.failure = str(error)
