"""Recovering what can still be read: damaged journals, broken encoders, unfinished videos."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from atari_cli.config import RecordConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import InvalidRecording, RecordingError
from atari_cli.recording import BestOf, Recorder, load_recording, recover, verify
from atari_cli.recording.journal import _MAGIC, _checked, _whole_records, read_journal
from tests.recording.episodes import abandon, play, writer_of

STEPS = 30


def left_behind(folder: Path) -> Path:
    """Leave a journal behind as a killed process does, and return it."""
    folder.mkdir(exist_ok=True)
    recorder = Recorder(RecordConfig(out=folder, scale=1, video=False))
    play(recorder, AtariEnvironment("pong"), STEPS)
    abandon(recorder)
    writer_of(recorder).abandon()
    (journal,) = folder.glob("*.journal")
    return journal


def want_video(journal: Path) -> None:
    """Let a journal say that its recording was to have a video."""
    (head, *steps), _ = _whole_records(journal.read_bytes())
    content = json.loads(head)
    content["record"]["video"] = True
    records = [json.dumps(content).encode(), *steps]
    journal.write_bytes(_MAGIC + b"".join(map(_checked, records)))


def damage(journal: Path, place: int) -> bytes:
    """Change a byte of a journal, and return all."""
    data = bytearray(journal.read_bytes())
    data[place] ^= 0x55
    journal.write_bytes(data)
    return bytes(data)


def test_a_damaged_step_is_reported_and_the_journal_is_kept(tmp_path: Path) -> None:
    journal = left_behind(tmp_path)
    size = journal.stat().st_size
    data = damage(journal, size - 200)
    kept = tmp_path / f"{journal.name}.damaged"
    place = re.escape(str(kept))
    expected = rf"damaged after step \d+: its last \d+ of {size:,} bytes .* are kept in {place}"
    written: list[Path] = []
    with pytest.raises(RecordingError, match=expected):
        recover(tmp_path, wrote=written.append)
    assert kept.read_bytes() == data
    (npz,) = written
    assert {*tmp_path.iterdir()} == {kept, npz}
    verify(load_recording(npz))
    assert 0 < load_recording(npz).steps < STEPS
    assert recover(tmp_path) == [], "the damage is reported once"


def test_a_byte_that_is_damaged_anywhere_is_never_lost_without_a_word(tmp_path: Path) -> None:
    journal = left_behind(tmp_path)
    whole = journal.read_bytes()
    for place in range(len(whole)):
        damage(journal, place)
        try:
            episode = read_journal(journal)
        except InvalidRecording:
            pass
        else:
            assert episode, place
            assert episode.damaged or episode.steps >= STEPS - 1, place
        journal.write_bytes(whole)


@pytest.mark.parametrize("place", [0, 3, len(_MAGIC) + 1, len(_MAGIC) + 6, len(_MAGIC) + 40])
def test_a_journal_whose_head_is_damaged_is_named_and_stays(tmp_path: Path, place: int) -> None:
    journal = left_behind(tmp_path)
    data = damage(journal, place)
    with pytest.raises(
        RecordingError, match=re.escape(f"cannot recover {journal}: ") + ".*damaged"
    ):
        recover(tmp_path)
    assert journal.read_bytes() == data


def test_every_failure_is_named(tmp_path: Path) -> None:
    for number in range(3):
        journal = left_behind(tmp_path / str(number))
        damage(journal, 40)
        journal.rename(tmp_path / f"pong-random-s7-00{number}.journal")
    with pytest.raises(RecordingError, match=r"s7-000\.journal.*s7-001\.journal.*s7-002\.journal"):
        recover(tmp_path)


def test_an_empty_journal_is_removed(tmp_path: Path) -> None:
    """A process was killed before it had written the header."""
    empty = tmp_path / "pong-human-s0-000.journal"
    for content in (b"", _MAGIC[:9], _MAGIC, _MAGIC + b"12345678{"):
        empty.write_bytes(content)
        assert recover(tmp_path) == []
        assert not empty.exists()


@pytest.mark.posix("it replaces a program by a script")
@pytest.mark.usefixtures("no_x264")
def test_the_recording_does_not_wait_for_its_video(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    journal = left_behind(folder)
    want_video(journal)
    written: list[Path] = []
    video = journal.with_suffix(".mp4")
    expected = f"is written, but its video is not: .*Unknown encoder.*atari replay .*{video.name}"
    with pytest.raises(RecordingError, match=expected):
        recover(folder, wrote=written.append)
    assert [path.suffix for path in written] == [".npz"]
    assert [*folder.iterdir()] == written
    verify(load_recording(written[0]))


@pytest.mark.posix("it replaces a program by a script")
@pytest.mark.usefixtures("no_x264")
def test_a_recording_can_be_recovered_without_its_video(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    want_video(left_behind(folder))
    (npz,) = recover(folder, video=False)
    assert [*folder.iterdir()] == [npz]


@pytest.mark.posix("it replaces a program by a script")
@pytest.mark.usefixtures("no_x264")
def test_the_best_episode_does_not_wait_for_its_video(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    sink = BestOf(RecordConfig(out=folder, scale=1))
    environment = AtariEnvironment("pong", sound=True)
    play(sink, environment, 4)
    sink.end(environment.summary())
    with pytest.raises(RecordingError, match="its video is not"):
        sink.close()
    assert [*folder.iterdir()] == sink.written
    assert sink.written[0].suffix == ".npz"


FILM = """
import sys
from pathlib import Path
from atari_cli.environment import AtariEnvironment
from atari_cli.games import find_game
from atari_cli.play.saved.capture import Capture

environment = AtariEnvironment("pong", keep_frames=True, sound=True)
environment.reset(seed=0)
capture = Capture(Path(sys.argv[1]), find_game("pong"), 1)
capture.start()
while True:
    environment.step(0)
    for frame in environment.frames:
        capture.add(frame)
    print("filmed", flush=True)
"""


def test_a_video_of_a_killed_program_is_removed_and_named(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FILM, str(tmp_path)]
    removed: list[Path] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        for _ in range(20):
            program.stdout.readline()
        (part,) = tmp_path.glob("*.part")
        assert recover(tmp_path, removed=removed.append) == []
        assert part.exists(), "a video in progress is left alone"
        program.kill()
    recover(tmp_path, removed=removed.append)
    assert removed == [tmp_path / "pong-play.mp4"]
    assert not list(tmp_path.iterdir())


def test_other_unfinished_files_and_empty_videos_stay(tmp_path: Path) -> None:
    names = {"holiday.mp4", "holiday.mov.7.part", "notes.txt.12.part", "x.mp4.part"}
    for name in names:
        (tmp_path / name).touch()
    removed: list[Path] = []
    assert recover(tmp_path, removed=removed.append) == removed == []
    assert {path.name for path in tmp_path.iterdir()} == names


RECORD = """
import sys
from atari_cli.cli import main

sys.exit(main(sys.argv[1:]))
"""
SLOW = """
import sys

def policy(observation):
    print("asked", file=sys.stderr, flush=True)
    return 0
"""


@pytest.mark.posix("it sends signals")
@pytest.mark.parametrize("number", ["SIGTERM", pytest.param("SIGHUP", marks=pytest.mark.slow)])
def test_a_recording_that_is_ended_by_a_signal_is_finished(tmp_path: Path, number: str) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    words = ["record", "--policy", "slow.py", "--scale", "1", "--frameskip", "60"]
    command = [sys.executable, "-c", RECORD, *words]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as program:
        assert program.stdout
        assert program.stderr
        for _ in range(10):
            program.stderr.readline()
        sent = getattr(signal, number)
        program.send_signal(sent)
        program.stderr.read()
        out = program.stdout.read()
    assert program.returncode == 128 + sent
    files = sorted(path.name for path in (tmp_path / "recordings").iterdir())
    assert files == ["pong-slow-s0-000.mp4", "pong-slow-s0-000.npz"]
    assert all(name in out for name in files)
    assert load_recording(tmp_path / "recordings" / files[1]).steps >= 9
