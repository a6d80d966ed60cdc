"""Recordings of killed processes are completed; recordings in progress are left alone."""

import json
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest

from atari_cli.config import RecordConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import RecordingError
from atari_cli.recording import BestOf, Recorder, load_recording, recover, verify
from tests.recording.episodes import (
    abandon,
    abandon_live,
    finish,
    go_back,
    go_live,
    plain,
    play,
    play_live,
    read_arrays,
    record,
    rewrite,
    writer_of,
)

KILLED = """
import sys
import threading
from pathlib import Path
from atari_cli.environment import AtariEnvironment
from atari_cli.recording import Recorder
from tests.recording.episodes import plain, play

class Talking(Recorder):
    def step(self, action, result, actor=0):
        super().step(action, result, actor)
        print(result.observation.episode_frame_number, flush=True)
        if environment.state.step_count == 100:
            threading.Event().wait()

environment = AtariEnvironment("breakout", repeat_action_probability=0.25, noop_max=30)
play(Talking(plain(Path(sys.argv[1]))), environment, 10**6)
"""


def test_a_kill_loses_at_most_a_second(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        played = [int(process.stdout.readline()) for _ in range(60)]
        assert recover(tmp_path) == []
        process.kill()
        # The output before the kill, perhaps with an incomplete last line.
        played += [int(line) for line in process.stdout if line.endswith("\n")]
    (journal,) = tmp_path.iterdir()
    assert journal.suffix == ".journal"
    (path,) = recover(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    recording = load_recording(path)
    totals = recording.header["totals"]
    assert played[-1] - totals["frames"] <= 60
    assert totals["terminated"] is totals["truncated"] is False
    assert recording.has_screens
    verify(recording)


KILLED_LIVE = """
import random
import sys
import threading
from pathlib import Path
from tests.recording.episodes import go_back, go_live, play_live

chance = random.Random(sys.argv[1])
environment, live = go_live("breakout", Path(sys.argv[1]), frameskip=1, noop_max=30)
for _ in range(12):
    play_live(environment, live, chance.randrange(40), chance)
    go_back(environment, live, chance.randint(live.steps // 2, live.steps))
    actions = live.episode().arrays["actions"].tolist()
    print(*actions, flush=True)
threading.Event().wait()
"""


def test_a_game_killed_after_going_back_and_forth_is_recovered_as_it_was(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-c", KILLED_LIVE, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(12):
            actions = process.stdout.readline()
        process.kill()
    (path,) = recover(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["breakout-human-s7-000.npz"]
    recording = load_recording(path)
    assert recording.arrays["actions"].tolist() == [int(code) for code in actions.split()]
    assert recording.steps > 0
    assert not recording.has_screens
    verify(recording)


def left_behind(folder: Path, steps: int = 20) -> Path:
    """Leave the journal of a game that went back by four steps, and return it."""
    environment, live = go_live("pong", folder)
    chance = random.Random(3)
    play_live(environment, live, steps, chance)
    go_back(environment, live, max(steps - 4, 0))
    abandon_live(live)
    (journal,) = folder.glob("*.journal")
    return journal


def test_a_game_rewound_to_its_start_has_nothing_to_recover(tmp_path: Path) -> None:
    left_behind(tmp_path, steps=4)
    assert recover(tmp_path) == []
    assert not list(tmp_path.iterdir())


def test_a_game_in_play_is_left_alone(tmp_path: Path) -> None:
    environment, live = go_live("pong", tmp_path)
    play_live(environment, live, 5, random.Random(1))
    assert recover(tmp_path) == []
    assert load_recording(finish(live)).steps == 5


def test_a_finished_file_that_names_the_players_is_kept(tmp_path: Path) -> None:
    """The process was killed after it wrote the file and before it ended the journal."""
    journal = left_behind(tmp_path)
    data = journal.read_bytes()
    (path,) = recover(tmp_path)
    rewrite(path, lambda header, arrays: header.update(policy="human+tracker"))
    before = path.read_bytes()
    journal.write_bytes(data)
    assert recover(tmp_path) == [path]
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_journal_of_another_run_does_not_replace_a_finished_file(tmp_path: Path) -> None:
    """The disk was full when the game went back, and the process was killed while it ended."""
    journal = left_behind(tmp_path)
    data = journal.read_bytes()
    (path,) = recover(tmp_path)
    before = path.read_bytes()
    journal.write_bytes(data[:-12])
    (other,) = recover(tmp_path)
    assert other.name == "pong-human-s7-000-2.npz"
    assert load_recording(other).steps == load_recording(path).steps + 4
    assert path.read_bytes() == before


def interrupted(folder: Path, steps: int = 30, **settings: Any) -> Path:
    """Leave a journal behind as a killed process does, and return it."""
    recorder = Recorder(plain(folder))
    play(recorder, AtariEnvironment("pong", **settings), steps)
    abandon(recorder)
    writer_of(recorder).abandon()
    (journal,) = folder.glob("*.journal")
    return journal


def test_a_recovered_file_equals_an_uninterrupted_one(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"repeat_action_probability": 0.25, "noop_max": 12}
    whole = record(tmp_path, "pong", 30, **settings)
    expected = read_arrays(whole)
    whole.unlink()
    interrupted(tmp_path, **settings)
    recovered = read_arrays(recover(tmp_path)[0])
    assert recovered.keys() == expected.keys()
    for name in expected.keys() - {"header"}:
        assert recovered[name].tobytes() == expected[name].tobytes(), name


def test_the_video_is_recovered_too(tmp_path: Path) -> None:
    recorder = Recorder(RecordConfig(out=tmp_path, scale=1, screens=False))
    play(recorder, AtariEnvironment("pong", keep_frames=True, sound=True), 20)
    abandon(recorder)
    writer_of(recorder).abandon()
    npz, video = recover(tmp_path)
    assert set(tmp_path.iterdir()) == {npz, video}
    assert not load_recording(npz).has_screens
    frames, _ = imageio_ffmpeg.count_frames_and_secs(str(video))
    assert frames == 81


def test_a_truncated_journal_loses_one_step(tmp_path: Path) -> None:
    journal = interrupted(tmp_path)
    journal.write_bytes(journal.read_bytes()[:-3])
    (path,) = recover(tmp_path)
    assert load_recording(path).steps == 29
    verify(load_recording(path))


def test_a_journal_without_steps_is_deleted(tmp_path: Path) -> None:
    interrupted(tmp_path, steps=0)
    assert recover(tmp_path) == []
    assert not list(tmp_path.iterdir())


def test_partial_files_of_a_journal_are_deleted_and_others_kept(tmp_path: Path) -> None:
    journal = interrupted(tmp_path)
    for ending in ("npz.part", "npz.123.part", "mp4.part", "mp4.123.part"):
        (tmp_path / f"{journal.stem}.{ending}").write_bytes(b"half")
    others = {
        "other.npz.part",
        "other.npz.123.part",
        f"{journal.stem}.part",
        f"{journal.stem}.part.rar",
    }
    for name in others:
        (tmp_path / name).write_bytes(b"half")
    (path,) = recover(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {path.name, *others}


def test_a_recording_in_progress_is_left_alone(tmp_path: Path) -> None:
    recorder = Recorder(plain(tmp_path))
    play(recorder, AtariEnvironment("pong"), 5)
    (tmp_path / "pong-random-s7-000.npz.part").touch()
    assert recover(tmp_path) == []
    assert len(list(tmp_path.glob("pong-*"))) == 2
    recorder.close()
    assert load_recording(recorder.written[0]).steps == 5


def test_a_missing_folder_has_nothing_to_recover(tmp_path: Path) -> None:
    assert recover(tmp_path / "none") == []


def test_a_journal_whose_file_was_finished_is_deleted(tmp_path: Path) -> None:
    """The process was killed after it wrote the file and before it ended the journal."""
    journal = interrupted(tmp_path)
    data = journal.read_bytes()
    (path,) = recover(tmp_path)
    before = path.read_bytes()
    journal.write_bytes(data)
    assert recover(tmp_path) == [path]
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("ending", ["npz", "mp4"])
def test_existing_files_of_the_same_name_are_not_replaced(
    tmp_path: Path, overwrite: bool, ending: str
) -> None:
    """This holds even with overwrite, because the recording was not finished."""
    recorder = Recorder(RecordConfig(out=tmp_path, scale=1, overwrite=overwrite))
    play(recorder, AtariEnvironment("pong", keep_frames=True, sound=True), 5)
    abandon(recorder)
    writer_of(recorder).abandon()
    taken = tmp_path / f"pong-random-s7-000.{ending}"
    taken.write_bytes(b"something of the user's")
    written = recover(tmp_path)
    assert [path.name for path in written] == [
        "pong-random-s7-000-2.npz",
        "pong-random-s7-000-2.mp4",
    ]
    verify(load_recording(written[0]))
    assert {*tmp_path.iterdir()} == {taken, *written}
    assert taken.read_bytes() == b"something of the user's"


def edit_header(journal: Path, **changes: object) -> None:
    """Change a journal's header and leave its steps as they are."""
    from atari_cli.recording.journal import _MAGIC, _checked, _whole_records

    (head, *steps), _ = _whole_records(journal.read_bytes())
    content = json.loads(head)
    content["header"].update(changes)
    records = [json.dumps(content).encode(), *steps]
    journal.write_bytes(_MAGIC + b"".join(map(_checked, records)))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ale_py": "0.1.2"}, "ale-py==0.1.2"),
        ({"seed": 8}, "step 0 differs in"),
        ({"settings": {"new": 1}}, "another version of atari"),
        ({"policy": None}, "another version of atari"),
    ],
)
def test_a_journal_that_does_not_replay_is_kept_and_others_are_recovered(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    journal = interrupted(tmp_path, noop_max=30)
    edit_header(journal, **changes)
    other = tmp_path / "zaxxon-random-s0-000.journal"
    recorder = Recorder(plain(tmp_path))
    play(recorder, AtariEnvironment("zaxxon"), 3)
    abandon(recorder)
    writer_of(recorder).abandon()
    with pytest.raises(
        RecordingError, match=f"cannot recover {re.escape(str(journal))}: .*{reason}"
    ):
        recover(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {
        journal.name,
        "zaxxon-random-s7-000.npz",
    }
    assert not other.exists()


@pytest.mark.parametrize("text", ["", "ATARI", "Dear diary,"])
def test_files_that_are_not_journals_are_left_alone(tmp_path: Path, text: str) -> None:
    diary = tmp_path / "diary.journal"
    diary.write_text(text)
    part = tmp_path / "diary.npz.part"
    part.touch()
    assert recover(tmp_path) == []
    assert diary.read_text() == text
    assert part.exists()


def test_a_journal_of_another_version_is_named(tmp_path: Path) -> None:
    journal = tmp_path / "x.journal"
    journal.write_bytes(b"ATARI-JOURNAL-2\nsomething new")
    with pytest.raises(RecordingError, match="cannot recover .*x.journal: not a journal of"):
        recover(tmp_path)
    assert journal.exists()


def test_a_killed_best_of_leaves_its_candidates(tmp_path: Path) -> None:
    sink = BestOf(plain(tmp_path))
    environment = AtariEnvironment("pong")
    for episode in range(2):
        play(sink, environment, 4, episode=episode)
    abandon(sink)
    assert sink._best is not None
    sink._best.leave()
    assert len(recover(tmp_path)) == 2
