"""Ten save slots of a game. A slot is a recording of the game so far, without screens.

Loading one replays its inputs, so that a game continued from a slot is one continuous run.
"""

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from atari_cli.checks import whole_number
from atari_cli.config import EnvironmentConfig
from atari_cli.errors import InvalidState
from atari_cli.games import Game
from atari_cli.play.interface import SLOTS
from atari_cli.play.saved.high_scores import played_time
from atari_cli.recording import Recording, check_machine, load_header, load_recording, write_error
from atari_cli.system.files import remove_parts, whole_file
from atari_cli.system.locking import locked

_IRRELEVANT: Final = {"game", "obs_type", "sound"}
"""Settings that do not affect play; the game is compared separately."""

_OPTIONS: Final = {
    "repeat_action_probability": "--repeat-action-prob {}",
    "full_action_space": "--{}-action-space",
}
"""Options of `atari play` that are not spelled `--name value`."""


class SavableEpisode(Protocol):
    """An episode that can be saved as far as it was played."""

    def write(self, path: Path) -> None:
        """Write a whole recording to a file; an existing one is replaced."""


@dataclass(frozen=True, slots=True)
class SlotInfo:
    """The contents of a slot.

    Attributes:
        game: The game's id.
        mode: The mode as ALE numbers it.
        difficulty: The difficulty as ALE numbers it.
        score: The score so far.
        frames: Frames since the boot.
        fps: Frames per second of the game.
        created: When its game began, in UTC, in ISO 8601.
    """

    game: str
    mode: int
    difficulty: int
    score: float
    frames: int
    fps: int
    created: str

    @property
    def time(self) -> str:
        """The time played, in minutes and seconds: `3:07`."""
        return played_time(self.frames, self.fps)

    def __str__(self) -> str:
        return f"{self.game}, score {self.score:.10g}, {self.time}"


class Slots:
    """The save slots of a game, as files `<folder>/slots/<game>-<number>.npz`.

    The previous contents of a slot are kept as `<game>-<number>.previous.npz`.

    Args:
        folder: The folder of the user's data; created by the first save.
        game: The game.
    """

    def __init__(self, folder: Path, game: Game) -> None:
        self._folder = folder / "slots"
        self._game = game

    def path(self, number: int) -> Path:
        """Return the file of a slot.

        Raises:
            InvalidSetting: If there is no such slot.
        """
        whole_number(0, SLOTS - 1)("slot", number)
        return self._folder / f"{self._game.id}-{number}.npz"

    def describe(self, number: int) -> SlotInfo | None:
        """Return the contents of a slot, None if it is empty; only the file's header is read.

        Raises:
            RecordingError: If the file cannot be read or is damaged.
        """
        path = self.path(number)
        return _info(load_header(path)) if path.exists() else None

    def save(self, number: int, live: SavableEpisode) -> None:
        """Write an episode into a slot and keep the slot's previous contents.

        Args:
            number: The slot.
            live: The episode to write.

        Raises:
            RecordingError: If it cannot be written; nothing is lost then.
        """
        path = self.path(number)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with locked(self._folder / "slots.lock"):
                _replace(path, live)
        except OSError as error:
            raise write_error(path, error) from error

    def load(self, number: int, config: EnvironmentConfig) -> Recording:
        """Return the recording in a slot, to be continued with the settings of a session.

        Args:
            number: The slot.
            config: The settings of the session.

        Raises:
            InvalidState: If the slot is empty, of another game or of other settings; the message
                names the options with which to load it.
            InvalidRecording: If the file is damaged.
            RecordingError: If it cannot be read, or was saved with another ale_py or ROM.
        """
        path = self.path(number)
        name = f"slot {number} of {self._game.id}"
        if not path.exists():
            raise InvalidState(f"{name} is empty; save into it first")
        header = load_header(path)
        check_machine(header, name)
        if header["game"] != self._game.id:
            raise InvalidState(
                f"{name} holds a game of {header['game']}; someone put it there: save over it, or "
                f"take {path} away"
            )
        self._check_settings(name, header["settings"], config)
        return load_recording(path)

    def _check_settings(self, name: str, saved: dict[str, Any], config: EnvironmentConfig) -> None:
        chosen = {
            "mode": self._game.choose_mode(config.mode),
            "difficulty": self._game.choose_difficulty(config.difficulty),
        }
        present = asdict(config) | chosen
        others = [key for key in saved if key not in _IRRELEVANT and saved[key] != present[key]]
        if others:
            then = ", ".join(f"{key} {saved[key]}" for key in others)
            now = ", ".join(str(present[key]) for key in others)
            options = " ".join(_option(key, saved[key]) for key in others)
            raise InvalidState(
                f"{name} was saved with {then}, not {now}; to load it, start with {options}"
            )


def _replace(path: Path, live: SavableEpisode) -> None:
    """Write a slot and keep its previous contents; the slot exists at all times."""
    previous = path.with_suffix(".previous.npz")
    for file in (path, previous):
        remove_parts(file)  # of a save that was killed
    with whole_file(path, sync=False) as new:
        live.write(new)  # which waits for the disk
        if path.exists():
            with whole_file(previous, sync=False) as copy:
                shutil.copyfile(path, copy)


def _option(setting: str, value: Any) -> str:
    """Return the option of `atari play` that gives a setting."""
    if setting == "full_action_space":
        value = "full" if value else "minimal"
    usual = f"--{setting.replace('_', '-')} {{}}"
    return _OPTIONS.get(setting, usual).format(value)


def _info(header: dict[str, Any]) -> SlotInfo:
    totals, settings = header["totals"], header["settings"]
    return SlotInfo(
        header["game"],
        settings["mode"],
        settings["difficulty"],
        totals["score"],
        totals["frames"],
        header["fps"],
        header["created"],
    )
