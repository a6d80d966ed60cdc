"""A recorder keeps the played steps, with every setting and after every kind of failure."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest

from atari_cli.config import RecordConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import MissingDependency, RecordingError, RecordingExists
from atari_cli.games import all_games, find_game, palette
from atari_cli.model import StepResult
from atari_cli.recording import BestOf, Recorder, load_recording, recover, verify
from atari_cli.recording.episode import EpisodeWriter
from atari_cli.recording.format.npz import Spool
from tests.recording.episodes import plain, play, read_arrays, record, writer_of


@pytest.mark.parametrize(
    ("game", "settings"),
    [
        ("pong", {}),
        ("pong", {"repeat_action_probability": 0.25, "noop_max": 30, "frameskip": 1}),
        ("breakout", {"noop_max": 3, "full_action_space": True}),
        ("ms_pacman", {"repeat_action_probability": 0.25, "obs_type": "ram"}),
        ("defender", {"frameskip": 7, "difficulty": 0, "sound": True}),
        ("adventure", {"repeat_action_probability": 1.0, "mode": 2}),
        ("berzerk", {"noop_max": 10, "obs_type": "grayscale"}),
    ],
)
def test_every_recording_replays_bit_for_bit(
    tmp_path: Path, game: str, settings: dict[str, Any]
) -> None:
    recording = load_recording(record(tmp_path, game, 50, **settings))
    assert recording.steps == 50 or recording.header["totals"]["terminated"]
    assert recording.has_screens
    verify(recording)


@pytest.mark.slow
@pytest.mark.parametrize("game", [game.id for game in all_games()])
def test_every_game_can_be_recorded_and_replays_bit_for_bit(tmp_path: Path, game: str) -> None:
    settings: dict[str, Any] = {"repeat_action_probability": 0.25, "noop_max": 30}
    verify(load_recording(record(tmp_path, game, 60, **settings)))


def test_paddle_strengths_replay_bit_for_bit(tmp_path: Path) -> None:
    strengths = cycle([0.25, 1.0, 1.5, 0.0])
    recording = load_recording(record(tmp_path, "breakout", 60, strengths=strengths))
    assert set(recording.arrays["strengths"].tolist()) == {0.0, 0.25, 1.0, 1.5}
    verify(recording)


def test_the_arrays_contain_what_the_environment_returned(tmp_path: Path) -> None:
    environment = AtariEnvironment("breakout", noop_max=8)
    seen = []

    class Witness(Recorder):
        def step(self, action: int, result: StepResult, actor: int = 0) -> None:
            seen.append((action, result.reward, result.observation.lives, result.observation))
            super().step(action, result, actor)

    recorder = Witness(plain(tmp_path))
    play(recorder, environment, 400)
    summary = environment.summary()
    recorder.end(summary)
    arrays = read_arrays(recorder.written[0])
    assert arrays["actions"].tolist() == [step[0] for step in seen]
    assert arrays["rewards"].tolist() == [step[1] for step in seen]
    assert arrays["lives"].tolist() == [step[2] for step in seen]
    assert arrays["frame_actions"].tolist() == list(environment.emulator.inputs[0])
    assert arrays["rewards"].sum() == summary.score > 0
    assert arrays["terminations"].tolist()[-2:] == [False, True]
    rgb = palette(find_game("breakout").tv)[arrays["screens"]]
    for index in (0, 50, len(seen) - 1):
        assert np.array_equal(rgb[index + 1], seen[index][3].pixels)
        assert np.array_equal(arrays["ram"][index + 1], seen[index][3].ram)


def test_an_episode_that_reaches_max_frames_is_truncated(tmp_path: Path) -> None:
    path = record(tmp_path, "pong", 500, max_frames=90)
    arrays = read_arrays(path)
    assert arrays["truncations"].tolist() == [False] * 22 + [True]
    assert load_recording(path).header["totals"]["truncated"] is True
    verify(load_recording(path))


def test_each_episode_of_a_run_gets_a_file(tmp_path: Path) -> None:
    environment = AtariEnvironment("pong", max_frames=40)
    recorder = Recorder(plain(tmp_path))
    for episode in range(3):
        play(recorder, environment, 100, episode=episode)
        recorder.end(environment.summary(episode))
    names = [f"pong-random-s7-00{episode}.npz" for episode in range(3)]
    assert [path.name for path in recorder.written] == names
    assert sorted(file.name for file in tmp_path.iterdir()) == names
    assert [load_recording(path).header["seed"] for path in recorder.written] == [7, 8, 9]


def test_an_unfinished_episode_is_written_as_it_is(tmp_path: Path) -> None:
    recorder = Recorder(plain(tmp_path))
    play(recorder, AtariEnvironment("pong"), 12)
    recorder.close()
    recorder.close()
    (path,) = recorder.written
    totals = load_recording(path).header["totals"]
    expected = {"steps": 12, "frames": 48, "score": 0.0, "terminated": False, "truncated": False}
    assert totals == expected
    verify(load_recording(path))


def test_the_next_episode_finishes_an_interrupted_one(tmp_path: Path) -> None:
    recorder = Recorder(plain(tmp_path))
    environment = AtariEnvironment("pong")
    play(recorder, environment, 5)
    play(recorder, environment, 6, episode=1)
    recorder.close()
    assert [load_recording(path).steps for path in recorder.written] == [5, 6]


def test_an_episode_without_a_step_leaves_nothing_behind(tmp_path: Path) -> None:
    recorder = Recorder(plain(tmp_path))
    play(recorder, AtariEnvironment("pong"), 0)
    recorder.close()
    assert recorder.written == []
    assert not list(tmp_path.iterdir())


def test_the_actor_of_each_action_is_kept(tmp_path: Path) -> None:
    class Human(Recorder):
        def step(self, action: int, result: StepResult, actor: int = 1) -> None:
            super().step(action, result, actor)

    recorder = Human(plain(tmp_path))
    play(recorder, AtariEnvironment("pong"), 3)
    recorder.close()
    assert read_arrays(recorder.written[0])["actors"].tolist() == [1, 1, 1]


def test_existing_files_are_replaced_only_if_asked(tmp_path: Path) -> None:
    path = record(tmp_path, steps=5)
    before = path.read_bytes()
    with pytest.raises(RecordingExists, match="overwrite=True"):
        record(tmp_path, steps=9)
    assert path.read_bytes() == before
    overwrite = plain(tmp_path, overwrite=True)
    assert record(tmp_path, steps=9, config=overwrite) != path  # the episode is unfinished
    assert path.read_bytes() == before
    assert record(tmp_path, steps=99, config=overwrite, max_frames=36) == path
    assert load_recording(path).steps == 9
    assert len(list(tmp_path.iterdir())) == 2


def test_ending_an_episode_that_never_began_is_an_error(tmp_path: Path) -> None:
    environment = AtariEnvironment("pong")
    environment.reset(seed=1)
    with pytest.raises(RecordingError, match="no episode has begun"):
        Recorder(plain(tmp_path)).end(environment.summary())


def test_a_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RecordingError, match="cannot write .*file.*choose another folder"):
        record(tmp_path / "file" / "folder")
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_ctrl_c_in_the_middle_of_a_step_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(plain(tmp_path))
    environment = AtariEnvironment("pong", repeat_action_probability=0.25)
    play(recorder, environment, 8)

    append = Spool.append

    def interrupt(self: Spool, data: bytes) -> None:
        signal.raise_signal(signal.SIGINT)
        append(self, data)

    with monkeypatch.context() as patch:
        patch.setattr(Spool, "append", interrupt)
        result = environment.step(0)
        with pytest.raises(KeyboardInterrupt):
            recorder.step(environment.last_action, result)
    recorder.close()
    (path,) = recorder.written
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert load_recording(path).steps == 9
    verify(load_recording(path))


def test_ctrl_c_is_delayed_until_the_files_are_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(plain(tmp_path))
    environment = AtariEnvironment("pong", max_frames=80)
    play(recorder, environment, 100)
    finish = EpisodeWriter.finish

    def interrupt(self: EpisodeWriter, *parts: Any) -> list[Path]:
        signal.raise_signal(signal.SIGINT)
        return finish(self, *parts)

    monkeypatch.setattr(EpisodeWriter, "finish", interrupt)
    with pytest.raises(KeyboardInterrupt):
        recorder.end(environment.summary())
    recorder.close()
    (path,) = recorder.written
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    verify(load_recording(path))


@pytest.mark.parametrize("ending", ["mp4", "gif", "mkv"])
def test_the_video_of_a_recording_shows_every_frame(tmp_path: Path, ending: str) -> None:
    config = RecordConfig(out=tmp_path, scale=1, format=ending)
    path = record(tmp_path, "adventure", 12, config=config, noop_max=5, sound=ending != "gif")
    video = path.with_suffix(f".{ending}")
    assert {file for file in tmp_path.iterdir()} == {path, video}
    frames, _ = imageio_ffmpeg.count_frames_and_secs(str(video))
    assert frames == 1 + load_recording(path).header["totals"]["frames"]
    verify(load_recording(path))


def test_a_video_needs_an_environment_that_keeps_frames(tmp_path: Path) -> None:
    recorder = Recorder(RecordConfig(out=tmp_path))
    assert recorder.needs_frames
    with pytest.raises(RecordingError, match="keep_frames"):
        play(recorder, AtariEnvironment("pong"), 3)
    assert not list(tmp_path.iterdir())


def test_without_ffmpeg_no_file_is_created(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "no-ffmpeg"))
    with pytest.raises(MissingDependency, match="ffmpeg"):
        record(tmp_path / "out", config=RecordConfig(out=tmp_path / "out"))
    assert not list((tmp_path / "out").iterdir())


def test_a_killed_encoder_leaves_only_the_journal(tmp_path: Path) -> None:
    recorder = Recorder(RecordConfig(out=tmp_path, scale=1))
    environment = AtariEnvironment("pong", keep_frames=True)
    play(recorder, environment, 3)
    video = writer_of(recorder)._video
    assert video is not None
    encoder = video._process
    assert encoder is not None
    encoder.kill()
    encoder.wait()
    with pytest.raises(RecordingError, match="atari recover"):
        recorder.end(environment.summary())
    (journal,) = tmp_path.iterdir()
    assert journal.suffix == ".journal"
    recover(tmp_path)
    names = {"pong-random-s7-000.npz", "pong-random-s7-000.mp4"}
    assert {file.name for file in tmp_path.iterdir()} == names


UNTIL_FULL = """
import resource, sys
from pathlib import Path
from atari_cli.environment import AtariEnvironment
from atari_cli.errors import RecordingError
from atari_cli.recording import Recorder
from tests.recording.episodes import plain, play

if sys.argv[2] != "0":
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
recorder = Recorder(plain(Path(sys.argv[1])))
try:
    play(recorder, AtariEnvironment("ms_pacman", repeat_action_probability=0.25), 10**6)
except RecordingError as error:
    print(error)
recorder.close()
assert not recorder.written
"""


def record_until_full(folder: Path, file_size: int = 0) -> str:
    """Record in another process until nothing more can be written, and return its output."""
    command = [sys.executable, "-c", UNTIL_FULL, str(folder), str(file_size)]
    # On a full disk coverage could not write its own file at the end.
    unmeasured = {key: value for key, value in os.environ.items() if "COVERAGE" not in key}
    done = subprocess.run(command, capture_output=True, text=True, env=unmeasured)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def check_what_a_full_disk_leaves(folder: Path, message: str, reason: str) -> Path:
    (journal,) = folder.iterdir()
    assert journal.suffix == ".journal"
    assert message.count("\n") == 1
    assert f"{reason}; free some space" in message
    assert f"finish what was played with `atari recover {folder}`" in message
    return journal


@pytest.mark.posix("limits the size of files")
def test_a_full_disk_leaves_only_the_journal_which_can_be_recovered(tmp_path: Path) -> None:
    message = record_until_full(tmp_path, file_size=200_000)
    check_what_a_full_disk_leaves(tmp_path, message, "File too large")
    (path,) = recover(tmp_path)
    assert load_recording(path).steps > 20
    verify(load_recording(path))


@pytest.mark.posix("limits the size of files")
def test_a_disk_that_is_full_from_the_start_is_left_empty(tmp_path: Path) -> None:
    message = record_until_full(tmp_path, file_size=20)
    assert "File too large; free some space" in message
    assert not list(tmp_path.iterdir())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 300 kB; mounting it requires root."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False).returncode:
        pytest.skip("a small disk can be mounted only as root, on Linux")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.posix("limits the size of files")
@pytest.mark.slow
def test_a_file_system_that_is_full_keeps_only_the_journal(
    tmp_path: Path, small_disk: Path
) -> None:
    message = record_until_full(small_disk)
    journal = check_what_a_full_disk_leaves(small_disk, message, "No space left on device")
    with pytest.raises(RecordingError, match="No space left on device"):
        recover(small_disk)
    assert [file.name for file in small_disk.iterdir()] == [journal.name]
    roomy = tmp_path / "roomy"
    roomy.mkdir()
    shutil.move(journal, roomy)
    (path,) = recover(roomy)
    verify(load_recording(path))


LONG_RECORDING = """
import sys
from pathlib import Path
from atari_cli.environment import AtariEnvironment
from atari_cli.recording import Recorder, load_recording, verify
from atari_cli.sink import EpisodeStart
from tests.recording.episodes import plain

environment = AtariEnvironment("breakout", frameskip=1, max_frames=int(sys.argv[2]))
recorder = Recorder(plain(Path(sys.argv[1])))
result = environment.reset(seed=0)
recorder.begin(EpisodeStart(0, 0, "random", environment, result))
while not result.done:  # A ball that is never served is never lost.
    result = environment.step("LEFT" if environment.state.step_count % 70 < 35 else "RIGHT")
    recorder.step(environment.last_action, result)
recorder.close()
verify(load_recording(recorder.written[0]))
status = Path("/proc/self/status").read_text()
print(environment.state.step_count, status.partition("VmHWM:")[2].split()[0])
"""


@pytest.mark.posix("reads /proc")
@pytest.mark.parametrize(
    ("frames", "megabytes"),
    [
        pytest.param(36_000, 100, marks=pytest.mark.slow),
        pytest.param(108_000, 300, marks=pytest.mark.long),
    ],
)
def test_recording_and_verifying_a_long_episode_takes_little_memory(
    tmp_path: Path, frames: int, megabytes: int
) -> None:
    command = [sys.executable, "-c", LONG_RECORDING, str(tmp_path), str(frames)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    steps, peak_kib = map(int, done.stdout.split())
    assert steps == frames
    assert peak_kib * 1024 <= megabytes * 1e6


def best_of(out: Path, episodes: int, steps: int = 150) -> tuple[BestOf, list[float]]:
    """Play episodes of Ms. Pac-Man and return the open recorder and the scores."""
    sink = BestOf(plain(out))
    environment = AtariEnvironment("ms_pacman", repeat_action_probability=0.25)
    scores = []
    for episode in range(episodes):
        play(sink, environment, steps, episode=episode)
        sink.end(environment.summary(episode))
        scores.append(environment.summary().score)
    return sink, scores


def test_best_of_keeps_only_the_best_episode(tmp_path: Path) -> None:
    sink, scores = best_of(tmp_path, 5)
    assert len(set(scores)) > 1
    assert [file.suffix for file in tmp_path.iterdir()] == [".journal"]
    sink.close()
    (path,) = tmp_path.iterdir()
    assert sink.written == [path]
    recording = load_recording(path)
    assert recording.header["totals"]["score"] == max(scores)
    assert recording.header["episode"] == scores.index(max(scores))
    assert recording.has_screens
    verify(recording)


def test_best_of_keeps_the_first_of_equal_episodes(tmp_path: Path) -> None:
    sink = BestOf(plain(tmp_path))
    environment = AtariEnvironment("pong")
    for episode in range(3):
        play(sink, environment, 4, episode=episode)
        sink.end(environment.summary(episode))
    sink.close()
    assert [path.name for path in sink.written] == ["pong-random-s7-000.npz"]


def test_best_of_keeps_the_best_episode_of_an_interrupted_run(tmp_path: Path) -> None:
    sink, scores = best_of(tmp_path, 2)
    play(sink, AtariEnvironment("ms_pacman"), 1, episode=2)
    sink.close()
    (path,) = tmp_path.iterdir()
    assert load_recording(path).header["totals"]["score"] == max(scores)


def test_best_of_without_steps_keeps_nothing(tmp_path: Path) -> None:
    sink = BestOf(plain(tmp_path))
    play(sink, AtariEnvironment("pong"), 0)
    sink.close()
    sink.close()
    assert sink.written == []
    assert not list(tmp_path.iterdir())


def test_a_journal_that_another_program_reads_stops_no_run(
    tmp_path: Path, hold: Callable[[Path], object]
) -> None:
    environment = AtariEnvironment("pong")
    for sink in (Recorder(plain(tmp_path / "all")), BestOf(plain(tmp_path / "best"))):
        for episode in range(3):
            play(sink, environment, 10, episode=episode)
            hold(next(path for path in sink._config.out.iterdir() if path.suffix == ".journal"))
            sink.end(environment.summary(episode))
        sink.close()
        assert [load_recording(path).steps for path in sink.written] == [10] * len(sink.written)
        assert recover(sink._config.out) == []


@pytest.mark.parametrize("ending", ["npz", "mp4"])
def test_a_file_that_another_program_has_open_is_not_replaced_but_the_next_name_taken(
    tmp_path: Path, hold: Callable[[Path], object], ending: str
) -> None:
    config = RecordConfig(out=tmp_path, scale=1, overwrite=True)
    first = record(tmp_path, steps=5, config=config)
    hold(first.with_suffix(f".{ending}"))
    second = record(tmp_path, steps=7, config=config, max_frames=28)
    assert second.name == f"{first.stem}-2.npz"
    assert (load_recording(first).steps, load_recording(second).steps) == (5, 7)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".mp4", ".mp4", ".npz", ".npz"]
