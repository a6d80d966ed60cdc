"""A slot returns the episode that was saved in it, or says in one line why it cannot."""

import errno
import os
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from atari_cli.config import EnvironmentConfig
from atari_cli.errors import InvalidRecording, InvalidSetting, InvalidState, RecordingError
from atari_cli.games import find_game
from atari_cli.play.saved.slots import Slots
from atari_cli.recording import verify
from atari_cli.recording.format import schema
from tests.recording.episodes import plain, read_header, record, rewrite

PONG = find_game("pong")
CONFIG = EnvironmentConfig("pong", frameskip=1)


@dataclass
class FinishedGame:
    """A random episode that is written in the way of a live one."""

    folder: Path
    steps: int = 100
    game: str = "pong"
    settings: dict[str, Any] | None = None

    def write(self, path: Path) -> None:
        config = plain(self.folder / "played", screens=False, overwrite=True)
        settings = {"frameskip": 1} | (self.settings or {})
        record(self.folder, self.game, self.steps, config=config, **settings).replace(path)


class Unwritable:
    def write(self, path: Path) -> None:
        raise RecordingError(f"cannot write {path}: No space left on device; free some space")


@pytest.fixture
def slots(tmp_path: Path) -> Slots:
    return Slots(tmp_path / "data", PONG)


def test_a_slot_returns_the_saved_episode(slots: Slots, tmp_path: Path) -> None:
    slots.save(3, FinishedGame(tmp_path, 130).write)
    path = tmp_path / "data" / "slots" / "pong-3.npz"
    assert slots.path(3) == path
    recording = slots.load(3, CONFIG)
    assert (recording.path, recording.steps, recording.has_screens) == (path, 130, False)
    verify(recording)


def test_a_slot_is_described_by_game_score_and_time(slots: Slots, tmp_path: Path) -> None:
    assert slots.describe(0) is None
    slots.save(0, FinishedGame(tmp_path, 400).write)
    score = read_header(slots.path(0))["totals"]["score"]
    assert score < 0
    assert slots.describe(0) == f"pong, score {score:.0f}, 0:06"


def test_the_previous_content_of_a_slot_is_kept(slots: Slots, tmp_path: Path) -> None:
    for steps in (10, 20, 30):
        slots.save(9, FinishedGame(tmp_path, steps).write)
    folder = tmp_path / "data" / "slots"
    assert slots.load(9, CONFIG).steps == 30
    assert read_header(folder / "pong-9.previous.npz")["totals"]["steps"] == 20
    names = sorted(file.name for file in folder.iterdir())
    assert names == ["pong-9.npz", "pong-9.previous.npz", "slots.lock"]


def test_a_failed_save_keeps_the_slot_and_its_previous_content(
    slots: Slots, tmp_path: Path
) -> None:
    for steps in (10, 20):
        slots.save(1, FinishedGame(tmp_path, steps).write)
    with pytest.raises(RecordingError, match="No space left"):
        slots.save(1, Unwritable().write)
    folder = tmp_path / "data" / "slots"
    assert slots.load(1, CONFIG).steps == 20
    assert read_header(folder / "pong-1.previous.npz")["totals"]["steps"] == 10


def test_a_disk_too_full_for_both_files_keeps_only_the_slot(
    slots: Slots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slots.save(1, FinishedGame(tmp_path, 10).write)

    def full(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(RecordingError, match="No space left"):
        slots.save(1, FinishedGame(tmp_path, 20).write)
    assert slots.load(1, CONFIG).steps == 10
    folder = tmp_path / "data" / "slots"
    assert sorted(file.name for file in folder.iterdir()) == ["pong-1.npz", "slots.lock"]


class Killed(BaseException):
    """Ends a save at any point, as a kill does."""


@pytest.mark.parametrize("moves", range(3))
def test_a_save_killed_at_any_point_leaves_a_usable_slot(
    slots: Slots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moves: int
) -> None:
    for steps in (10, 20):
        slots.save(1, FinishedGame(tmp_path, steps).write)
    folder, left = tmp_path / "data" / "slots", moves
    (folder / "pong-1.npz.123.part").write_bytes(b"of an earlier kill")
    replace = os.replace

    def killed(path: Path, target: Path) -> None:
        nonlocal left
        if path.parent == folder:
            left -= 1
            if left < 0:
                raise Killed
        replace(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", killed)
        with suppress(Killed):
            slots.save(1, FinishedGame(tmp_path, 30).write)
    assert slots.load(1, CONFIG).steps == (30 if moves == 2 else 20)
    slots.save(1, FinishedGame(tmp_path, 40).write)
    assert slots.load(1, CONFIG).steps == 40
    names = sorted(file.name for file in folder.iterdir())
    assert names == ["pong-1.npz", "pong-1.previous.npz", "slots.lock"]


def test_a_file_in_place_of_the_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("mine")
    slots = Slots(tmp_path / "data", PONG)
    with pytest.raises(RecordingError, match=r"cannot write .*pong-0\.npz"):
        slots.save(0, FinishedGame(tmp_path, 5).write)
    assert slots.describe(0) is None
    assert (tmp_path / "data").read_text() == "mine"


@pytest.mark.parametrize("number", [-1, 10])
def test_there_are_ten_slots(slots: Slots, number: int) -> None:
    with pytest.raises(InvalidSetting, match="slot must be"):
        slots.path(number)


def test_loading_an_empty_slot_says_that_it_is_empty(slots: Slots) -> None:
    with pytest.raises(InvalidState, match="slot 4 of pong is empty; save into it first"):
        slots.load(4, CONFIG)


def test_loading_a_slot_of_another_game_names_that_game(slots: Slots, tmp_path: Path) -> None:
    others = Slots(tmp_path / "data", find_game("breakout"))
    others.save(0, FinishedGame(tmp_path, 5, "breakout").write)
    assert slots.describe(0) is None
    slots.path(0).write_bytes(others.path(0).read_bytes())
    assert str(slots.describe(0)).startswith("breakout, ")
    with pytest.raises(InvalidState, match="slot 0 of pong holds a game of breakout"):
        slots.load(0, CONFIG)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"frameskip": 4}, "frameskip 4, not 1; to load it, start with --frameskip 4"),
        ({"mode": 1}, "mode 1, not 0; to load it, start with --mode 1"),
        (
            {"difficulty": 3, "repeat_action_probability": 0.25},
            "difficulty 3, repeat_action_probability 0.25, not 0, 0.0; to load it, start with "
            "--difficulty 3 --repeat-action-prob 0.25",
        ),
        (
            {"full_action_space": True, "noop_max": 30},
            "full_action_space True, noop_max 30, not False, 0; to load it, start with "
            "--full-action-space --noop-max 30",
        ),
        ({"max_frames": 0}, "max_frames 0, not 108000; to load it, start with --max-frames 0"),
    ],
)
def test_loading_a_slot_with_other_settings_names_the_options_to_give(
    slots: Slots, tmp_path: Path, settings: dict[str, Any], expected: str
) -> None:
    slots.save(2, FinishedGame(tmp_path, 5, settings=settings).write)
    message = f"slot 2 of pong was saved with {expected}"
    with pytest.raises(InvalidState, match=f"^{re.escape(message)}$"):
        slots.load(2, CONFIG)
    same = CONFIG.with_settings(settings)
    assert slots.load(2, same).steps == 5


def test_a_slot_can_be_loaded_with_another_observation_type_or_sound(
    slots: Slots, tmp_path: Path
) -> None:
    slots.save(2, FinishedGame(tmp_path, 5).write)
    config = CONFIG.with_settings({"obs_type": "ram", "sound": True, "mode": 0, "difficulty": 0})
    assert slots.load(2, config).steps == 5


def test_loading_a_slot_of_another_ale_py_says_what_to_install(
    slots: Slots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(schema, "ale_version", lambda: "0.11.0")
        slots.save(5, FinishedGame(tmp_path, 5).write)
    with pytest.raises(
        RecordingError, match=r"slot 5 of pong was .* ale_py 0\.11\.0, .*pip install ale-py==0\.11"
    ):
        slots.load(5, CONFIG)
    assert slots.describe(5) is not None


def test_a_changed_slot_is_refused_as_damaged(slots: Slots, tmp_path: Path) -> None:
    slots.save(6, FinishedGame(tmp_path, 5).write)
    rewrite(slots.path(6), lambda header, arrays: header.update(seed=8), sign=False)
    with pytest.raises(InvalidRecording, match="digest"):
        slots.load(6, CONFIG)


@pytest.mark.parametrize("length", [0, 100, 600])
def test_a_truncated_slot_is_refused_as_damaged(slots: Slots, tmp_path: Path, length: int) -> None:
    slots.save(7, FinishedGame(tmp_path, 5).write)
    path = slots.path(7)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(InvalidRecording, match="not a whole recording"):
        slots.describe(7)
    with pytest.raises(InvalidRecording, match="not a whole recording"):
        slots.load(7, CONFIG)
    slots.save(7, FinishedGame(tmp_path, 6).write)
    assert slots.load(7, CONFIG).steps == 6


@pytest.mark.parametrize("held", ["pong-3.npz", "pong-3.previous.npz"])
def test_a_slot_that_another_program_has_open_keeps_its_contents(
    slots: Slots, tmp_path: Path, hold: Callable[[Path], Callable[[], None]], held: str
) -> None:
    for steps in (5, 6):
        slots.save(3, FinishedGame(tmp_path, steps).write)
    close = hold(tmp_path / "data" / "slots" / held)
    with pytest.raises(RecordingError, match="another program has it open; close it there"):
        slots.save(3, FinishedGame(tmp_path, 7).write)
    assert slots.load(3, CONFIG).steps == 6
    close()
    slots.save(3, FinishedGame(tmp_path, 7).write)
    assert slots.load(3, CONFIG).steps == 7
