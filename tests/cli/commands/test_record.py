"""`atari record` writes episodes to files, and replaces existing ones only if asked."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from atari_cli.recording import load_recording, verify
from atari_cli.system.signals import ENDING
from tests.cli.program import Program

PLAIN = ("record", "--no-video", "--max-frames", 120)
STICKY = ("--repeat-action-prob", 0.25)
PONG = "pong-random-s0-000.npz"

TALKING = """
import sys, threading

def policy(observation):
    print(observation.episode_frame_number, file=sys.stderr, flush=True)
    if observation.episode_frame_number == 400:
        threading.Event().wait()
    return 0
"""


def test_without_arguments_it_records_a_random_episode_of_pong(
    atari: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATARI_MAX_FRAMES", "60")
    text = atari("record")
    assert text.splitlines() == [
        "episode 0: return 0, 15 steps, 60 frames, truncated",
        f"wrote {Path('recordings', PONG)}",
        f"wrote {Path('recordings', PONG).with_suffix('.mp4')}",
    ]
    assert atari.files("recordings") == ["pong-random-s0-000.mp4", PONG]
    assert load_recording(Path("recordings", PONG)).has_screens
    assert b"ftyp" in Path("recordings", PONG).with_suffix(".mp4").read_bytes()[:16]


def test_each_episode_has_its_file(atari: Program) -> None:
    document = json.loads(atari(*PLAIN, "breakout", "--episodes", 2, "--seed", 5, "--json"))
    names = ["breakout-random-s5-000.npz", "breakout-random-s5-001.npz"]
    assert document["files"] == [str(Path("recordings", name)) for name in names]
    assert atari.files("recordings") == names
    for episode, file in zip(document["episodes"], document["files"], strict=True):
        recording = load_recording(file)
        verify(recording)
        assert recording.header["seed"] == episode["seed"]
        assert recording.header["totals"]["score"] == episode["return"]


def test_first_episode_has_the_meaning_that_it_has_for_rollout(atari: Program) -> None:
    run = ("breakout", "--seed", 3, "--max-frames", 200, *STICKY, "--json")
    played = json.loads(atari("rollout", "--episodes", 4, *run))["episodes"]
    recorded = json.loads(atari("record", "--no-video", "--first-episode", 3, *run))
    assert recorded["episodes"] == played[3:]
    assert recorded["files"] == [str(Path("recordings", "breakout-random-s3-003.npz"))]


def test_best_of_keeps_only_the_best_episode(atari: Program) -> None:
    words = ("record", "--no-video", "breakout", "--max-frames", 400, *STICKY)
    document = json.loads(atari(*words, "--best-of", 4, "--json"))
    scores = [episode["return"] for episode in document["episodes"]]
    assert len(set(scores)) > 1
    (file,) = document["files"]
    assert load_recording(file).header["totals"]["score"] == max(scores)
    assert load_recording(file).header["episode"] == scores.index(max(scores))
    assert atari.files("recordings") == [Path(file).name]


@pytest.mark.parametrize("count", ["0", "-3"])
def test_best_of_needs_at_least_one_episode(atari: Program, count: str) -> None:
    assert "--best-of must be a whole number" in atari.fails(2, *PLAIN, f"--best-of={count}")
    assert atari.files() == []


def test_best_of_and_episodes_cannot_be_combined(atari: Program) -> None:
    assert "not both" in atari.fails(2, *PLAIN, "--best-of", 2, "--episodes", 3)


def test_existing_files_are_refused_before_anything_is_played(atari: Program) -> None:
    atari(*PLAIN, "--episodes", 1, "--first-episode", 1)
    (name,) = atari.files("recordings")
    before = Path("recordings", name).read_bytes()
    assert f"{name} already exists" in atari.fails(1, *PLAIN, "--episodes", 2)
    assert atari.files("recordings") == [name]
    assert Path("recordings", name).read_bytes() == before
    atari(*PLAIN, "--episodes", 2, "--overwrite", *STICKY)
    assert atari.files("recordings") == [PONG, name]
    assert load_recording(Path("recordings", name)).config.repeat_action_probability == 0.25


def test_an_existing_video_is_refused_too(atari: Program) -> None:
    Path("recordings").mkdir()
    Path("recordings", "pong-random-s0-000.gif").write_bytes(b"mine")
    line = atari.fails(1, "record", "--max-frames", 60, "--format", "gif")
    assert "pong-random-s0-000.gif already exists" in line
    assert atari.files("recordings") == ["pong-random-s0-000.gif"]


def test_an_unwritable_folder_is_reported_in_one_line(atari: Program) -> None:
    Path("taken").write_text("mine")
    for folder in ("taken", Path("taken", "deeper")):
        assert "cannot write" in atari.fails(1, *PLAIN, "--out", folder)
    assert atari.files() == ["taken"]


def test_the_output_folder_is_created_with_its_parents(atari: Program) -> None:
    atari(*PLAIN, "--out", "a/b/c")
    assert atari.files("a/b/c") == [PONG]


def test_without_ffmpeg_episodes_can_be_recorded_without_a_video(
    atari: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(Path("no", "ffmpeg")))
    assert "pip install imageio-ffmpeg" in atari.fails(1, "record", "--max-frames", 60)
    assert "--no-video" in atari.notes
    assert not list(Path("recordings").glob("*"))
    atari(*PLAIN)
    assert atari.files("recordings") == [PONG]


def test_a_failed_episode_replaces_no_file(atari: Program) -> None:
    atari(*PLAIN)
    before = Path("recordings", PONG).read_bytes()
    Path("random.py").write_text(
        "def policy(observation):\n    return 0 if observation.episode_frame_number < 20 else 99\n"
    )
    atari.stops(1, *PLAIN, "--policy", "random.py", "--overwrite")
    assert Path("recordings", PONG).read_bytes() == before
    assert atari.files("recordings") == ["pong-random-s0-000-2.npz", PONG]
    assert load_recording("recordings/pong-random-s0-000-2.npz").steps == 5


def test_a_failed_best_of_keeps_a_complete_episode(atari: Program) -> None:
    """The part of the failed episode scores higher, because it lost no point."""
    Path("tires.py").write_text(
        "class Policy:\n"
        "    def __init__(self):\n"
        "        self.episode = -1\n"
        "    def reset(self, seed):\n"
        "        self.episode += 1\n"
        "    def __call__(self, observation):\n"
        "        return 99 if self.episode and observation.episode_frame_number > 40 else 0\n"
    )
    words = ("record", "--no-video", "--max-frames", 1200, "--policy", "tires.py")
    document = json.loads(atari.stops(1, *words, "--best-of", 3, "--json"))
    (file,) = document["files"]
    assert load_recording(file).header["episode"] == 0
    assert load_recording(file).header["totals"]["score"] < 0


def test_an_episode_that_ends_at_its_start_is_reported(atari: Program) -> None:
    atari.stops(1, "record", "--no-video", "--max-frames", 1, "--noop-max", 10)
    assert "nothing was recorded" in atari.notes


def test_output_of_a_policy_stays_out_of_the_results(atari: Program) -> None:
    Path("talks.py").write_text("def policy(observation):\n    print('hello')\n    return 0\n")
    for command in ("record", "rollout"):
        video = ("--no-video",) if command == "record" else ()
        words = (command, "--max-frames", 20, "--policy", "talks.py", "--episodes", 1)
        json.loads(atari(*words, *video, "--json"))
        assert atari.notes.count("hello") == 5


def test_a_recording_without_screens_verifies(atari: Program) -> None:
    atari(*PLAIN, "--no-screens")
    recording = load_recording(Path("recordings", PONG))
    assert not recording.has_screens
    verify(recording)


def test_steps_before_a_policy_failed_are_recorded(atari: Program) -> None:
    Path("short.py").write_text(
        "def policy(observation):\n    return 0 if observation.episode_frame_number < 60 else 99\n"
    )
    atari.stops(1, *PLAIN, "--policy", "short.py")
    assert "got 99" in atari.notes.splitlines()[-1]
    (name,) = atari.files("recordings")
    recording = load_recording(Path("recordings", name))
    verify(recording)
    assert recording.header["totals"]["terminated"] is False


def started(folder: Path, video: bool = False) -> subprocess.Popen[str]:
    """Start a recording and return its process when it has played a while."""
    (folder / "talking.py").write_text(TALKING)
    command = [sys.executable, "-m", "atari_cli", "record", "--policy", "talking.py"]
    command += ["--scale", "1"] if video else ["--no-video"]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    for _ in range(50):
        assert process.stderr.readline().strip().isdigit()
    return process


@pytest.fixture
def package_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a child in another folder import the package, which may not be installed."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))


@pytest.mark.posix("sends a signal to another process")
@pytest.mark.usefixtures("package_is_found")
@pytest.mark.parametrize(
    ("number", "endings"),
    [
        (signal.SIGINT, [".npz"]),
        (signal.SIGINT, [".mp4", ".npz"]),
        *(pytest.param(number, [".mp4", ".npz"], marks=pytest.mark.slow) for number in ENDING),
    ],
)
def test_a_signal_finishes_the_files(tmp_path: Path, number: int, endings: list[str]) -> None:
    with started(tmp_path, video=".mp4" in endings) as process:
        process.send_signal(number)
        out, err = process.communicate(timeout=120)
    assert process.returncode == 128 + number, err
    assert "Traceback" not in err
    path = tmp_path / "recordings" / "pong-talking-s0-000.npz"
    assert f"wrote {path.relative_to(tmp_path)}" in out
    assert sorted(file.suffix for file in path.parent.iterdir()) == endings
    assert load_recording(path).steps >= 49
    verify(load_recording(path))


@pytest.mark.usefixtures("package_is_found")
def test_the_next_recording_recovers_that_of_a_killed_program(
    atari: Program, tmp_path: Path
) -> None:
    with started(tmp_path) as process:
        process.kill()
        process.communicate(timeout=120)
    assert atari.files("recordings") == ["pong-talking-s0-000.journal"]
    atari(*PLAIN)
    path = Path("recordings", "pong-talking-s0-000.npz")
    assert f"recovered {path}" in atari.notes
    assert atari.files("recordings") == [PONG, path.name]
    assert load_recording(path).steps >= 49
    verify(load_recording(path))


def test_an_unrecoverable_journal_does_not_stop_a_recording(atari: Program) -> None:
    Path("recordings").mkdir()
    Path("recordings", "folder.journal").mkdir()
    atari(*PLAIN)
    assert "folder.journal" in atari.notes
    assert atari.files("recordings") == ["folder.journal", PONG]


def test_a_policy_that_changes_the_folder_does_not_move_its_recordings(atari: Program) -> None:
    Path("elsewhere").mkdir()
    Path("mover.py").write_text(
        "import os\n"
        "from pathlib import Path\n"
        "def policy(observation):\n"
        "    os.chdir(Path(__file__).parent / 'elsewhere')\n"
        "    return 0\n"
    )
    out = atari(*PLAIN, "--policy", "mover.py", "--episodes", 2)
    names = ["pong-mover-s0-000.npz", "pong-mover-s0-001.npz"]
    assert out.splitlines()[2:] == [f"wrote {Path('recordings', name)}" for name in names]
    assert atari.files("recordings") == names
    assert atari.files("elsewhere") == []


def test_a_policy_gets_its_arguments(atari: Program) -> None:
    Path("mine.py").write_text("def policy(observation, action): return action\n")
    words = ("--policy", "mine.py", "--policy-arg", "action=FIRE")
    atari(*PLAIN, *words)
    (path,) = Path("recordings").iterdir()
    assert path.name == "pong-mine-action-fire-s0-000.npz"
    recording = load_recording(path)
    assert recording.header["policy"] == "mine.py(action='FIRE')"
    assert set(recording.arrays["actions"]) == {1}
