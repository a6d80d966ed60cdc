"""A journal returns every complete step, whatever happened to its end, and has one owner."""

import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from atari_cli.config import EnvironmentConfig, RecordConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import InvalidRecording, RecordingExists
from atari_cli.recording.journal import Journal, JournalEpisode, read_journal
from atari_cli.recording.step_proof import StepProof

HEADER = {
    "game": "breakout",
    "rom_md5": "",
    "ale_py": "",
    "atari_cli": "",
    "policy": "",
    "created": "",
    "seed": 3,
    "run_seed": 0,
    "episode": 0,
    "fps": 60,
    "settings": asdict(EnvironmentConfig("breakout")),
}
ACTIONS = ["RIGHT", "FIRE", "LEFT", "NOOP", "RIGHT"]


def write_journal(path: Path, cut: int | None = None) -> list[int]:
    """Play five steps into a journal and return its size after the reset and after each.

    Args:
        cut: The number of steps to keep at the end, if not all.
    """
    environment = AtariEnvironment("breakout", noop_max=5, frameskip=3)
    config = RecordConfig(out=path.parent, video=False, screens=False)
    environment.reset(seed=3)
    proof = StepProof(environment.emulator)
    proof.update()
    journal = Journal.create(path, HEADER, config)
    journal.append(proof)
    sizes = [path.stat().st_size]
    for number, action in enumerate(ACTIONS):
        environment.step(action, 0.5 if number == 2 else 1.0)
        proof.update()
        journal.append(proof, environment.last_action, actor=number % 2)
        sizes.append(path.stat().st_size)
    if cut is not None:
        journal.cut(cut)
    journal.close()
    return sizes


def episode_in(path: Path) -> JournalEpisode:
    """Return the episode of a journal that has steps."""
    episode = read_journal(path)
    assert episode
    return episode


def test_a_journal_returns_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "x.journal"
    write_journal(path)
    episode = episode_in(path)
    arrays = episode.arrays
    noops = len(arrays["frame_actions"]) - 15
    assert episode.header == HEADER
    assert episode.record == RecordConfig(out=tmp_path, video=False, screens=False)
    assert arrays["actions"].tolist() == [3, 1, 4, 0, 3]
    assert arrays["actors"].tolist() == [0, 1, 0, 1, 0]
    assert arrays["frame_actions"][noops:].tolist() == np.repeat([3, 1, 4, 0, 3], 3).tolist()
    assert arrays["strengths"][noops:].tolist() == np.repeat([1, 1, 0.5, 1, 1], 3).tolist()
    assert len(set(arrays["hashes"].tolist())) > 1


def test_a_step_takes_few_bytes(tmp_path: Path) -> None:
    sizes = write_journal(tmp_path / "x.journal")
    assert sizes[2] - sizes[1] < 24


def test_reading_ends_at_the_last_complete_step_wherever_the_file_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "x.journal"
    sizes = write_journal(path)
    data = path.read_bytes()
    for length in range(len(data)):
        path.write_bytes(data[:length])
        whole = sum(size <= length for size in sizes) - 1
        episode = read_journal(path)
        assert (episode.steps if episode else 0) == max(whole, 0)


@pytest.mark.parametrize("tail", [bytes(100), b"\xff" * 100, struct.pack("<II", 0, 2**32 - 1)])
def test_garbage_left_at_the_end_by_a_crash_is_dropped(tmp_path: Path, tail: bytes) -> None:
    path = tmp_path / "x.journal"
    write_journal(path)
    with path.open("ab") as file:
        file.write(tail)
    assert episode_in(path).steps == 5


def played_back(path: Path, *changes: int | str) -> list[int]:
    """Play actions (names) and go back to steps (numbers) in a journal; return the remaining codes.

    The reader does not check hashes, so nothing is emulated again after a cut here.
    """
    environment = AtariEnvironment("breakout")
    environment.reset(seed=3)
    proof = StepProof(environment.emulator)
    proof.update()
    journal = Journal.create(path, HEADER, RecordConfig(out=path.parent))
    journal.append(proof)
    for change in changes:
        if isinstance(change, int):
            journal.cut(change)
        else:
            environment.step(change)
            proof.update()
            journal.append(proof, environment.last_action)
    journal.close()
    episode = read_journal(path)
    return episode.arrays["actions"].tolist() if episode else []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (("RIGHT", "FIRE", "LEFT", 1), [3]),
        (("RIGHT", "FIRE", "LEFT", 1, "NOOP"), [3, 0]),
        (("RIGHT", "FIRE", 1, "LEFT", "LEFT", 2, "NOOP"), [3, 4, 0]),
        (("RIGHT", "FIRE", 2), [3, 1]),
        (("RIGHT", "FIRE", 0, "LEFT"), [4]),
        (("RIGHT", "FIRE", 0), []),
        ((0,), []),
        ((0, "LEFT"), [4]),
    ],
)
def test_undone_steps_are_not_read(
    tmp_path: Path, changes: tuple[int | str, ...], expected: list[int]
) -> None:
    assert played_back(tmp_path / "x.journal", *changes) == expected


@pytest.mark.parametrize("wrong", [3, 2**32 - 1])
def test_reading_ends_at_a_cut_beyond_the_last_step(tmp_path: Path, wrong: int) -> None:
    assert played_back(tmp_path / "x.journal", "RIGHT", "FIRE", wrong, "LEFT", "NOOP") == [3, 1]


def test_an_incomplete_cut_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "x.journal"
    played_back(path, "RIGHT", "FIRE", "LEFT", 1)
    data = path.read_bytes()
    for lost in range(1, 12):
        path.write_bytes(data[:-lost])
        assert episode_in(path).steps == 3


def test_a_cut_removes_frames_and_strengths_too(tmp_path: Path) -> None:
    write_journal(tmp_path / "whole.journal")
    write_journal(tmp_path / "cut.journal", cut=2)
    whole = episode_in(tmp_path / "whole.journal").arrays
    cut = episode_in(tmp_path / "cut.journal").arrays
    kept = {"actions": 2, "actors": 2, "hashes": 3} | dict.fromkeys(
        ("frame_actions", "strengths"), len(whole["frame_actions"]) - 9
    )
    assert {name: len(values) for name, values in cut.items()} == kept
    for name, length in kept.items():
        assert np.array_equal(cut[name], whole[name][:length])


@pytest.mark.posix("deletes a file that is open")
def test_a_journal_knows_whether_it_was_deleted(tmp_path: Path) -> None:
    path = tmp_path / "x.journal"
    journal = Journal.create(path, HEADER, RecordConfig(out=tmp_path))
    assert journal.is_there()
    path.unlink()
    assert not journal.is_there()
    path.write_text("another's")
    assert not journal.is_there()
    journal.remove()
    assert path.read_text() == "another's"


def test_a_damaged_step_ends_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "x.journal"
    sizes = write_journal(path)
    data = bytearray(path.read_bytes())
    data[sizes[3] - 1] ^= 1
    path.write_bytes(data)
    assert episode_in(path).steps == 2


def test_a_file_that_is_not_a_journal_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.journal"
    path.write_bytes(b"something else entirely")
    with pytest.raises(InvalidRecording, match="not a journal of this version"):
        read_journal(path)


def test_an_open_journal_cannot_be_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "x.journal"
    journal = Journal.create(path, HEADER, RecordConfig(out=tmp_path))
    code = (
        "import sys; from pathlib import Path; from atari_cli.recording.journal import Journal\n"
        "print(Journal.take_over(Path(sys.argv[1])) is None)"
    )
    command = [sys.executable, "-c", code, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
    assert Journal.take_over(path) is None
    journal.close()
    taken = Journal.take_over(path)
    assert taken is not None
    taken.remove()
    assert not path.exists()


def test_a_journal_that_can_be_recovered_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "x.journal"
    write_journal(path)
    with pytest.raises(RecordingExists, match="atari recover"):
        Journal.create(path, HEADER, RecordConfig(out=tmp_path))
    assert episode_in(path).steps == 5
    with pytest.raises(RecordingExists, match="atari recover"):
        Journal.create(path, HEADER, RecordConfig(out=tmp_path, overwrite=True))
    assert episode_in(path).steps == 5


def test_a_damaged_header_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "x.journal"
    write_journal(path)
    data = bytearray(path.read_bytes())
    data[40] ^= 1
    path.write_bytes(data)
    with pytest.raises(InvalidRecording, match="its header is damaged"):
        read_journal(path)


def test_a_journal_in_use_is_not_replaced_even_with_overwrite(tmp_path: Path) -> None:
    path = tmp_path / "x.journal"
    config = RecordConfig(out=tmp_path, overwrite=True)
    journal = Journal.create(path, HEADER, config)
    size = path.stat().st_size
    with pytest.raises(RecordingExists, match="written by another process"):
        Journal.create(path, HEADER, config)
    assert path.stat().st_size == size
    journal.remove()


def test_closing_a_removed_journal_does_nothing(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "x.journal", HEADER, RecordConfig(out=tmp_path))
    journal.remove()
    journal.close()
    assert not list(tmp_path.iterdir())


def test_a_journal_that_cannot_be_deleted_is_empty_and_serves_the_next_recording(
    tmp_path: Path, hold: Callable[[Path], Callable[[], None]]
) -> None:
    path = tmp_path / "x.journal"
    journal = Journal.create(path, HEADER, RecordConfig(out=tmp_path))
    close = hold(path)
    journal.remove()
    assert path.exists()
    assert read_journal(path) is None
    close()
    again = Journal.create(path, HEADER, RecordConfig(out=tmp_path))
    again.close()
    with pytest.raises(RecordingExists, match="atari recover"):
        Journal.create(path, HEADER, RecordConfig(out=tmp_path))
