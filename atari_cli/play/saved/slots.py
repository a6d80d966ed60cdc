"""Ten save slots of a game. A slot is a recording of the game so far, without screens.

Loading one replays its inputs, so that a game continued from a slot is one continuous run.
"""

import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from atari_cli.config import EnvironmentConfig
from atari_cli.errors import InvalidState
from atari_cli.games import Game
from atari_cli.play.interface import SLOTS
from atari_cli.play.saved.high_scores import played_time
from atari_cli.recording import Recording, check_machine, load_header, load_recording
from atari_cli.system.files import remove_parts, whole_file, writing
from atari_cli.system.locking import locked
from atari_cli.validation import whole_number

_IRRELEVANT: Final = {"game", "obs_type", "sound"}
"""Settings that do not affect play; the game is compared separately."""

_OPTIONS: Final = {
    "repeat_action_probability": "--repeat-action-prob {}",
    "full_action_space": "--{}-action-space",
}
"""Options of `atari play` that are not spelled `--name value`."""


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

    def describe(self, number: int) -> str | None:
        """Return the contents of a slot in words: `pong, score -3, 0:42`; None if it is empty.

        Only the file's header is read.

        Raises:
            RecordingError: If the file cannot be read or is damaged.
        """
        path = self.path(number)
        if not path.exists():
            return None
        header = load_header(path)
        totals = header["totals"]
        time = played_time(totals["frames"], header["fps"])
        return f"{header['game']}, score {totals['score']:.10g}, {time}"

    def save(self, number: int, write: Callable[[Path], object]) -> None:
        """Write a recording into a slot and keep the slot's previous contents.

        Args:
            number: The slot.
            write: Writes the recording to a path, where an existing file is replaced.

        Raises:
            RecordingError: If it cannot be written; nothing is lost then.
        """
        path = self.path(number)
        with writing(path):
            self._folder.mkdir(parents=True, exist_ok=True)
            with locked(self._folder / "slots.lock"):
                _replace(path, write)

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


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """Write a slot and keep its previous contents; the slot exists at all times."""
    previous = path.with_suffix(".previous.npz")
    for file in (path, previous):
        remove_parts(file)  # of a save that was killed
    with whole_file(path, sync=False) as new:
        write(new)  # which waits for the disk
        if path.exists():
            with whole_file(previous, sync=False) as copy:
                shutil.copyfile(path, copy)


def _option(setting: str, value: Any) -> str:
    """Return the option of `atari play` that gives a setting."""
    if setting == "full_action_space":
        value = "full" if value else "minimal"
    usual = f"--{setting.replace('_', '-')} {{}}"
    return _OPTIONS.get(setting, usual).format(value)
