"""An episode that goes back is consistent at every step, in memory, journal and file."""

import os
import random
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from atari_cli.environment import AtariEnvironment
from atari_cli.errors import InvalidSetting, RecordingError
from atari_cli.model import Progress
from atari_cli.recording import LiveEpisode, load_recording, recover, verify
from atari_cli.recording.journal import Journal, read_journal
from atari_cli.system.locking import Lock
from tests.recording.episodes import (
    abandon_live,
    finish,
    go_back,
    go_live,
    plain,
    play_live,
    read_arrays,
    record,
)
from tests.system.full_disk import full_disk

STICKY: dict[str, Any] = {"repeat_action_probability": 0.25, "noop_max": 30}


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_a_game_that_never_went_back_equals_that_of_a_recorder(tmp_path: Path) -> None:
    whole = record(tmp_path, "pong", 40, config=plain(tmp_path, screens=False), **STICKY)
    environment, live = go_live("pong", tmp_path, policy="random", **STICKY)
    chance = random.Random(7)
    for _ in range(40):
        result = environment.step(chance.randrange(len(environment.action_codes)))
        live.step(environment.last_action, 0, result)
    arrays, expected = read_arrays(finish(live)), read_arrays(whole)
    assert arrays.keys() == expected.keys()
    for name in expected.keys() - {"header"}:
        assert arrays[name].tobytes() == expected[name].tobytes(), name
    assert load_recording(tmp_path / "pong-random-s7-001.npz").header["totals"]["steps"] == 40


@pytest.mark.parametrize(
    ("game", "settings"),
    [
        ("breakout", {"frameskip": 1}),
        ("pong", STICKY),
        ("ms_pacman", {"frameskip": 3} | STICKY),
        ("qbert", {"frameskip": 1}),
    ],
)
def test_after_going_back_at_random_the_file_verifies(
    tmp_path: Path, game: str, settings: dict[str, Any]
) -> None:
    chance = random.Random(game)
    environment, live = go_live(game, tmp_path, **settings)
    for _ in range(8):
        play_live(environment, live, chance.randrange(40), chance)
        go_back(environment, live, chance.randint(0, live.steps))
    play_live(environment, live, 20, chance)
    path = finish(live)
    assert names(tmp_path) == [f"{game}-human-s7-000.npz"]
    recording = load_recording(path)
    verify(recording)
    assert recording.steps == live.steps >= 20
    assert set(recording.arrays["actors"].tolist()) == {0, 1}
    assert not recording.has_screens


def test_the_journal_always_contains_the_current_game(tmp_path: Path) -> None:
    environment, live = go_live("breakout", tmp_path, noop_max=8)
    chance = random.Random(2)

    def check() -> None:
        held = read_journal(tmp_path / "breakout-human-s7-000.journal")
        expected = live.episode().arrays
        if held is None:
            assert live.steps == 0
            return
        for name, values in held.arrays.items():
            assert values.tobytes() == expected[name].tobytes(), name

    for back in (9, 12, 0, 7):
        play_live(environment, live, 10, chance)
        check()
        go_back(environment, live, back)
        check()
    assert live.steps == 7


def test_progress_equals_that_of_the_environment_at_each_step() -> None:
    environment, live = go_live("ms_pacman", noop_max=9)
    moments = []
    for step in range(200):
        result = environment.step("LEFT" if step // 30 % 2 else "RIGHT")
        live.step(environment.last_action, 1, result)
        frames, score = environment.summary().frames, environment.summary().score
        moments.append(Progress(step + 1, frames, score, result.reward, environment.last_action))
    assert moments[-1].score > 0
    assert [live.arrays.progress(step) for step in range(1, 201)] == moments
    assert live.arrays.progress(0)[2:] == (0.0, 0.0, 0)
    with pytest.raises(InvalidSetting, match="from 0 to 200, got 201"):
        live.arrays.progress(201)


def test_a_cut_beyond_the_last_step_changes_nothing(tmp_path: Path) -> None:
    environment, live = go_live("pong", tmp_path)
    play_live(environment, live, 5, random.Random(1))
    with pytest.raises(InvalidSetting, match="from 0 to 5, got 6"):
        live.cut(6)
    live.cut(5)
    verify(load_recording(finish(live)))
    assert live.steps == 5


def test_an_episode_in_memory_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    environment, live = go_live("pong")
    play_live(environment, live, 10, random.Random(1))
    assert live.finish() == []
    assert not names(tmp_path)
    episode = live.episode()
    assert episode.header["totals"]["steps"] == episode.steps == 10


@pytest.mark.parametrize("played", [0, 10])
def test_a_game_without_a_step_leaves_nothing_behind(tmp_path: Path, played: int) -> None:
    environment, live = go_live("pong", tmp_path)
    play_live(environment, live, played, random.Random(1))
    go_back(environment, live, 0)
    assert live.finish() == []
    assert not names(tmp_path)


def test_each_game_takes_the_next_free_name(tmp_path: Path) -> None:
    (tmp_path / "pong-human-s7-000.npz").write_text("the user's")
    (tmp_path / "pong-human-s7-001.journal").write_text("waits for its recovery")
    games = [go_live("pong", tmp_path) for _ in range(2)]
    chance = random.Random(1)
    for environment, live in games:
        play_live(environment, live, 3, chance)
    paths = [finish(live) for _, live in games]
    assert [path.name for path in paths] == ["pong-human-s7-002.npz", "pong-human-s7-003.npz"]
    assert (tmp_path / "pong-human-s7-000.npz").read_text() == "the user's"
    assert (tmp_path / "pong-human-s7-001.journal").read_text() == "waits for its recovery"


def test_a_name_that_another_process_just_took_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = Journal.create

    def after_another(path: Path, *rest: Any) -> Journal:
        monkeypatch.setattr(Journal, "create", create)
        path.with_suffix(".npz").write_text("another's")
        return create(path, *rest)

    monkeypatch.setattr(Journal, "create", after_another)
    environment, live = go_live("pong", tmp_path)
    play_live(environment, live, 3, random.Random(1))
    assert finish(live).name == "pong-human-s7-001.npz"
    assert (tmp_path / "pong-human-s7-000.npz").read_text() == "another's"
    assert len(names(tmp_path)) == 2


def test_a_folder_whose_names_are_all_taken_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("atari_cli.recording.journal.try_lock", lambda file: Lock.TAKEN)
    with pytest.raises(RecordingError, match="every name in .*; choose another folder"):
        go_live("pong", tmp_path)


def test_a_file_that_took_the_name_in_the_meantime_is_kept(tmp_path: Path) -> None:
    environment, live = go_live("pong", tmp_path)
    play_live(environment, live, 3, random.Random(1))
    (tmp_path / "pong-human-s7-000.npz").write_text("the user's")
    path = finish(live)
    assert path.name == "pong-human-s7-000-2.npz"
    assert names(tmp_path) == [path.name, "pong-human-s7-000.npz"]
    assert (tmp_path / "pong-human-s7-000.npz").read_text() == "the user's"


def test_the_players_can_be_named_at_the_end(tmp_path: Path) -> None:
    environment, live = go_live("pong", tmp_path)
    play_live(environment, live, 3, random.Random(1))
    live.header["policy"] = "human+agents/\x1b[2J.py"
    assert load_recording(finish(live)).header["policy"] == "human+agents/?[2J.py"


def test_a_folder_that_cannot_be_created_is_reported_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RecordingError, match="is not a folder; make it one") as raised:
        go_live("pong", tmp_path / "file")
    assert "\n" not in str(raised.value)


def fill(folder: Path, room: int) -> tuple[AtariEnvironment, LiveEpisode]:
    """Play 60 steps on a disk that has `room` bytes left after 20 steps."""
    environment, live = go_live("pong", folder)
    chance = random.Random(1)
    play_live(environment, live, 20, chance)
    (journal,) = folder.iterdir()
    with full_disk(journal.stat().st_size + room):
        play_live(environment, live, 40, chance)
    return environment, live


def recover_after(live: LiveEpisode, folder: Path) -> list[Path]:
    """Recover the journals of a folder once the process of an episode has ended."""
    assert recover(folder) == []
    abandon_live(live)
    return recover(folder)


@pytest.mark.posix("limits the size of files")
def test_the_game_continues_in_memory_on_a_full_disk(tmp_path: Path) -> None:
    environment, live = fill(tmp_path, room=100)
    assert live.failure
    assert live.failure.startswith(f"cannot write {tmp_path}/pong-human-s7-000.journal: ")
    assert "free some space" in live.failure
    assert "\n" not in live.failure
    go_back(environment, live, 40)
    play_live(environment, live, 5, random.Random(2))
    path = finish(live)
    assert names(tmp_path) == [path.name]
    assert load_recording(path).steps == 45
    verify(load_recording(path))


def test_steps_that_are_written_together_are_in_the_journal_afterwards(tmp_path: Path) -> None:
    environment, live = go_live("pong", tmp_path)
    play_live(environment, live, 10, random.Random(1))
    journal = tmp_path / "pong-human-s7-000.journal"
    before = journal.stat().st_size
    with live.written_together():
        play_live(environment, live, 10, random.Random(2))
        go_back(environment, live, 15)
        assert journal.stat().st_size == before
    for steps in (15, 18):
        episode = read_journal(journal)
        assert episode is not None
        assert episode.steps == steps
        play_live(environment, live, 3, random.Random(3))
    verify(load_recording(finish(live)))


@pytest.mark.posix("limits the size of files")
def test_a_full_disk_is_noticed_after_steps_that_are_written_together(tmp_path: Path) -> None:
    environment, live = go_live("pong", tmp_path)
    play_live(environment, live, 10, random.Random(1))
    size = (tmp_path / "pong-human-s7-000.journal").stat().st_size
    with full_disk(size + 100):
        with live.written_together():
            play_live(environment, live, 20, random.Random(2))
        assert live.failure
        with pytest.raises(RecordingError, match="brings back 10 steps, not all 30"):
            live.finish()
    (path,) = recover_after(live, tmp_path)
    assert 10 <= load_recording(path).steps < 30


@pytest.mark.posix("limits the size of files")
def test_a_failure_to_write_the_file_is_reported_and_the_journal_stays_valid(
    tmp_path: Path,
) -> None:
    environment, live = fill(tmp_path, room=100)
    go_back(environment, live, 10)
    play_live(environment, live, 30, random.Random(2))
    with full_disk(100), pytest.raises(RecordingError, match="brings back 2. steps") as raised:
        live.finish()
    assert f"`atari recover {tmp_path}`" in str(raised.value)
    assert "not all 40" in str(raised.value)
    assert names(tmp_path) == ["pong-human-s7-000.journal"]
    (path,) = recover_after(live, tmp_path)
    assert 20 < load_recording(path).steps < 30
    verify(load_recording(path))


@pytest.mark.posix("limits the size of files")
def test_a_complete_journal_recovers_the_whole_game(tmp_path: Path) -> None:
    environment, live = go_live("pong", tmp_path)
    play_live(environment, live, 20, random.Random(1))
    with full_disk(100), pytest.raises(RecordingError, match="then finish what was played with"):
        live.finish()
    (path,) = recover_after(live, tmp_path)
    assert load_recording(path).steps == 20
    verify(load_recording(path))


@pytest.mark.posix("limits the size of files")
def test_finishing_can_be_tried_again(tmp_path: Path) -> None:
    _, live = fill(tmp_path, room=100)
    with full_disk(100), pytest.raises(RecordingError):
        live.finish()
    path = finish(live)
    assert names(tmp_path) == [path.name]
    assert load_recording(path).steps == 60
    verify(load_recording(path))


@pytest.mark.posix("limits the size of files")
def test_a_disk_that_is_full_from_the_start_is_left_empty(tmp_path: Path) -> None:
    with full_disk(20), pytest.raises(RecordingError, match="free some space"):
        go_live("pong", tmp_path)
    assert not names(tmp_path)


@pytest.mark.posix("deletes a file that is open")
def test_a_deleted_folder_is_noticed_and_created_again(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    environment, live = go_live("pong", folder)
    shutil.rmtree(folder)
    play_live(environment, live, 61, random.Random(1))
    assert live.failure
    assert live.failure.startswith(f"{folder}/pong-human-s7-000.journal was deleted; ")
    path = finish(live)
    assert names(folder) == [path.name]
    verify(load_recording(path))


@pytest.mark.posix("deletes a file that is open")
def test_a_game_is_reported_as_lost_if_a_file_is_in_place_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    environment, live = go_live("pong", folder)
    play_live(environment, live, 5, random.Random(1))
    shutil.rmtree(folder)
    folder.touch()
    with pytest.raises(RecordingError, match="the 5 steps that were played are lost"):
        live.finish()
    assert live.episode().steps == 5


def test_ctrl_c_at_the_end_is_raised_after_the_file_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment, live = go_live("pong", tmp_path)
    play_live(environment, live, 5, random.Random(1))

    def interrupted(*paths: Path) -> None:
        signal.raise_signal(signal.SIGINT)
        os.rename(*paths)

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        live.finish()
    path = finish(live)
    assert names(tmp_path) == [path.name]
    verify(load_recording(path))


def test_ctrl_c_during_a_step_leaves_a_complete_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment, live = go_live("pong", tmp_path)
    result = environment.step(2)
    with monkeypatch.context() as patch:
        append = Journal.append

        def interrupted(journal: Journal, *rest: Any) -> None:
            signal.raise_signal(signal.SIGINT)
            append(journal, *rest)

        patch.setattr(Journal, "append", interrupted)
        with pytest.raises(KeyboardInterrupt):
            live.step(environment.last_action, 1, result)
    play_live(environment, live, 5, random.Random(1))
    path = finish(live)
    assert load_recording(path).steps == 6
    verify(load_recording(path))


def test_the_game_so_far_can_be_written_anywhere_during_play(tmp_path: Path) -> None:
    environment, live = go_live("breakout")
    slot = tmp_path / "slot.npz"
    chance = random.Random(1)
    for steps in (8, 16):
        play_live(environment, live, 8, chance)
        live.write(slot)
        assert names(tmp_path) == ["slot.npz"]
        assert load_recording(slot).steps == steps
        verify(load_recording(slot))


@pytest.mark.posix("limits the size of files")
def test_a_game_that_cannot_be_written_keeps_the_earlier_file(tmp_path: Path) -> None:
    environment, live = go_live("breakout")
    slot = tmp_path / "slot.npz"
    chance = random.Random(1)
    play_live(environment, live, 8, chance)
    live.write(slot)
    play_live(environment, live, 8, chance)
    with full_disk(100), pytest.raises(RecordingError, match=r"cannot write .*slot\.npz: "):
        live.write(slot)
    assert names(tmp_path) == ["slot.npz"]
    assert load_recording(slot).steps == 8
    with pytest.raises(RecordingError, match="none is not a folder"):
        live.write(tmp_path / "none" / "slot.npz")
