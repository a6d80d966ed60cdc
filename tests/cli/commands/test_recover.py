"""`atari recover` finishes recordings that were interrupted."""

from pathlib import Path

import pytest

from atari_cli.environment import AtariEnvironment
from atari_cli.recording import Recorder, load_recording, verify
from tests.cli.program import Program
from tests.recording.episodes import plain, play


def leave_journal(folder: Path, game: str) -> None:
    """Leave a journal behind as a killed process does."""
    recorder = Recorder(plain(folder))
    play(recorder, AtariEnvironment(game), 20)
    assert recorder._live is not None
    recorder._live.leave()


def test_each_journal_becomes_a_recording(atari: Program) -> None:
    folder = Path("recordings")
    leave_journal(folder, "pong")
    leave_journal(folder, "breakout")
    names = ["breakout-random-s7-000.npz", "pong-random-s7-000.npz"]
    assert atari("recover").splitlines() == [f"wrote {folder / name}" for name in names]
    assert atari.files("recordings") == names
    for name in names:
        assert load_recording(folder / name).steps == 20
        verify(load_recording(folder / name))


def test_another_folder_can_be_given(atari: Program) -> None:
    leave_journal(Path("elsewhere"), "pong")
    assert "wrote" in atari("recover", "elsewhere")
    assert atari.files("elsewhere") == ["pong-random-s7-000.npz"]


def test_nothing_to_recover_is_success(atari: Program) -> None:
    Path("recordings").mkdir()
    assert atari("recover") == ""
    assert atari.notes == "nothing to recover in recordings\n"


def test_without_a_folder_of_recordings_there_is_nothing_to_recover(atari: Program) -> None:
    assert atari("recover") == ""
    assert atari.notes == "nothing to recover in recordings\n"
    assert not Path("recordings").exists()


@pytest.mark.parametrize("name", ["none", "recordings"])
def test_a_named_folder_that_does_not_exist_is_refused(atari: Program, name: str) -> None:
    assert f"{name} does not exist; name the folder" in atari.fails(2, "recover", name)


@pytest.mark.parametrize("named", [["recordings"], []])
def test_a_file_is_refused(atari: Program, named: list[str]) -> None:
    Path("recordings").touch()
    reason = "expected a folder of recordings, got recordings"
    assert reason in atari.fails(2, "recover", *named)


def test_an_existing_file_is_kept_and_another_name_is_used(atari: Program) -> None:
    leave_journal(Path("recordings"), "pong")
    taken = Path("recordings", "pong-random-s7-000.npz")
    taken.write_bytes(b"mine")
    atari("recover")
    assert taken.read_bytes() == b"mine"
    assert atari.files("recordings") == ["pong-random-s7-000-2.npz", taken.name]
