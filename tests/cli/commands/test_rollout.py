"""`atari rollout` plays, prints statistics, writes files, and keeps finished episodes."""

import csv
import errno
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

import pytest

from atari_cli.cli import main
from atari_cli.cli.commands.rollout import name_ray_address
from atari_cli.rollout import RayBackend
from atari_cli.seeding import episode_seed
from atari_cli.system.signals import ENDING
from tests.cli.program import Program

SHORT = ("rollout", "breakout", "--max-frames", 200, "--repeat-action-prob", 0.25)

TALKING = """
import os, random, sys

class Policy:
    def reset(self, seed):
        print(os.getpid(), seed, file=sys.stderr, flush=True)

    def __call__(self, observation):
        return random.choice(observation.legal_actions)
"""

FAILING = """
import random

def policy(observation):
    if observation.episode_frame_number > 100 and random.random() < 0.1:
        raise ValueError("no idea")
    return 0
"""


def episodes(document: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(document)["episodes"]
    return listed


def test_json_holds_the_episodes_and_their_summary(atari: Program) -> None:
    document = json.loads(atari(*SHORT, "--episodes", 3, "--json"))
    assert list(document) == ["run", "episodes", "summary"]
    assert [set(episode) for episode in document["episodes"]] == 3 * [
        {"episode", "seed", "return", "steps", "frames", "terminated", "truncated"}
    ]
    assert [episode["episode"] for episode in document["episodes"]] == [0, 1, 2]
    summary = document["summary"]
    assert summary["episodes"] == summary["complete"] == 3
    assert set(summary["return"]) == {
        *("mean", "standard_deviation", "median", "min", "max"),
        *("interquartile_mean", "interval_95", "human_normalised"),
    }
    returns = [episode["return"] for episode in document["episodes"]]
    assert summary["return"]["mean"] == pytest.approx(sum(returns) / 3)
    assert atari.notes == ""


def test_the_table_shows_the_same_summary(atari: Program) -> None:
    text = atari(*SHORT, "--episodes", 3)
    for row in ("return mean", "95 % interval", "min … max", "steps/s"):
        assert row in text
    assert "50 steps, 200 frames" in text
    assert "human-normalised" not in text  # not for such short episodes
    assert "human-normalised" in atari("rollout", "breakout", "--episodes", 1)


def test_the_file_is_written_even_if_printing_fails(
    atari: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(document: object) -> None:
        raise OSError("gone")

    with monkeypatch.context() as patch:
        patch.setattr("atari_cli.cli.commands.rollout.print_json", closed)
        assert main([*map(str, SHORT), "--episodes", "2", "--json", "--out", "run.json"]) == 1
    assert len(json.loads(Path("run.json").read_text())["episodes"]) == 2


@pytest.mark.parametrize("policy", ["random", "failing.py"])
def test_results_are_printed_even_if_their_file_cannot_be_written(
    atari: Program, monkeypatch: pytest.MonkeyPatch, policy: str
) -> None:
    """A run that failed ends with its own error, not with that of the file."""
    Path("failing.py").write_text(FAILING)
    words = ("rollout", "--max-frames", 160, "--episodes", 6, "--policy", policy, "--json")

    def full(path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("atari_cli.rollout.result_file.whole_file", full)
        printed = episodes(atari.stops(1, *words, "--out", "run.json"))
    assert printed
    assert re.search(r"atari: cannot write \S+run.json: No space left on device", atari.notes)
    assert ("ValueError: no idea" in atari.notes.splitlines()[-1]) == (policy == "failing.py")
    if policy == "random":
        atari(*words, "--out", "run.json", "--resume")
        assert "6 episodes of run.json are kept" in atari.notes
        assert episodes(Path("run.json").read_text()) == printed


def test_an_unwritable_output_file_is_refused_before_anything_is_played(
    atari: Program,
) -> None:
    Path("run.json").mkdir()
    assert "is a folder" in atari.fails(1, *SHORT, "--out", "run.json", "--overwrite")


@pytest.mark.posix("/proc, where nothing can be written")
def test_an_output_file_in_an_unwritable_folder_is_refused(atari: Program) -> None:
    assert "cannot write" in atari.fails(1, *SHORT, "--out", "/proc/run.json")


def test_output_files_contain_the_printed_json(atari: Program) -> None:
    printed = json.loads(atari(*SHORT, "--episodes", 2, "--json", "--out", "run.json"))
    assert "wrote run.json" in atari.notes
    assert json.loads(Path("run.json").read_text()) == printed
    atari(*SHORT, "--episodes", 2, "--out", "run.csv")
    with Path("run.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [{name: row[name] for name in printed["episodes"][0]} for row in rows] == [
        {name: str(value) for name, value in episode.items()} for episode in printed["episodes"]
    ]
    atari(*SHORT, "--episodes", 2, "--out", "OTHER.CSV")
    assert Path("OTHER.CSV").read_bytes() == Path("run.csv").read_bytes()
    assert "out must end in .json or .csv" in atari.fails(2, *SHORT, "--out", "run.txt")


@pytest.mark.posix("makes a symbolic link")
def test_a_symlink_is_followed_and_a_dangling_one_is_refused(atari: Program) -> None:
    Path("store").mkdir()
    Path("run.csv").symlink_to("store/run.csv")
    assert "run.csv already exists" in atari.fails(1, *SHORT, "--out", "run.csv")
    atari(*SHORT, "--episodes", 1, "--out", "run.csv", "--overwrite")
    assert Path("run.csv").is_symlink()
    assert Path("store/run.csv").read_text().startswith("episode,")


def test_an_existing_output_file_is_refused_before_anything_is_played(atari: Program) -> None:
    Path("run.csv").write_text("mine")
    words = (*SHORT, "--episodes", 10**6)
    assert "run.csv already exists" in atari.fails(1, *words, "--out", "run.csv")
    assert "does not exist" in atari.fails(1, *words, "--out", "none/run.csv")
    assert Path("run.csv").read_text() == "mine"
    atari(*SHORT, "--episodes", 1, "--out", "run.csv", "--overwrite")
    assert Path("run.csv").read_text() != "mine"


def test_steps_limits_the_steps_of_all_episodes_together(atari: Program) -> None:
    document = json.loads(atari(*SHORT, "--steps", 120, "--json"))
    assert [episode["steps"] for episode in document["episodes"]] == [50, 50, 20]
    assert document["summary"]["complete"] == 2
    assert document["run"]["planned"] is None
    assert "3, 1 cut" in atari(*SHORT, "--steps", 120)


def test_a_run_can_begin_at_any_episode(atari: Program) -> None:
    whole = episodes(atari(*SHORT, "--episodes", 4, "--json"))
    assert episodes(atari(*SHORT, "--first-episode", 2, "--episodes", 2, "--json")) == whole[2:]


def test_resume_needs_a_file(atari: Program) -> None:
    assert "--resume needs --out" in atari.fails(2, *SHORT, "--resume")


def test_the_table_says_what_was_run(atari: Program) -> None:
    Path("fire.py").write_text("def policy(observation):\n    return 1\n", newline="\n")
    text = atari(*SHORT, "--episodes", 1, "--seed", 5, "--policy", "fire.py")
    sha256 = hashlib.sha256(Path("fire.py").read_bytes()).hexdigest()
    for said in ("breakout", "fire.py", sha256, "max_frames 200", "atari_cli ", "ale_py "):
        assert said in text
    assert re.search(r"^seed +5 *$", text, re.MULTILINE)
    assert "95 %" not in text  # of one episode
    assert "deviation" not in text


def test_workers_give_the_same_episodes(atari: Program) -> None:
    alone = episodes(atari(*SHORT, "--episodes", 4, "--json"))
    assert episodes(atari(*SHORT, "--episodes", 4, "--json", "--workers", 2)) == alone


def test_another_seed_gives_another_run_and_a_random_seed_is_printed(atari: Program) -> None:
    words = (*SHORT, "--episodes", 2, "--json")
    first = episodes(atari(*words))
    assert episodes(atari(*words, "--seed", 0)) == first
    assert episodes(atari(*words, "--seed", 1)) != first
    drawn = episodes(atari(*words, "--seed", "random"))
    seed = atari.notes.splitlines()[0].removeprefix("seed: ")
    assert episodes(atari(*words, "--seed", seed)) == drawn


def test_identical_episodes_are_announced_beforehand(atari: Program) -> None:
    words = ("rollout", "breakout", "--max-frames", 80, "--policy", "repeat:FIRE")
    atari(*words, "--episodes", 3)
    assert "all episodes will be the same" in atari.notes
    assert "try --repeat-action-prob" in atari.notes
    for chance in (("--noop-max", 30), ("--repeat-action-prob", 0.25), ("--episodes", 1)):
        atari(*words, *chance)
        assert "will be the same" not in atari.notes


def test_identical_episodes_of_a_users_policy_are_reported_afterwards(atari: Program) -> None:
    Path("fire.py").write_text("def policy(observation):\n    return 1\n")
    words = ("rollout", "breakout", "--max-frames", 80, "--policy", "fire.py", "--episodes", 3)
    atari(*words)
    assert "all 3 episodes have the same return and length" in atari.notes
    assert "try --repeat-action-prob" in atari.notes
    atari(*words, "--noop-max", 30)
    assert "have the same return" not in atari.notes


def test_settings_reach_the_environment(atari: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATARI_MAX_FRAMES", "60")
    monkeypatch.setenv("ATARI_FRAMESKIP", "3")
    (episode,) = episodes(atari("rollout", "--episodes", 1, "--json"))
    assert (episode["steps"], episode["frames"], episode["truncated"]) == (20, 60, True)
    (episode,) = episodes(atari("rollout", "--episodes", 1, "--json", "--frameskip", 5))
    assert (episode["steps"], episode["frames"]) == (12, 60)


def test_an_exception_in_a_policy_fails_only_its_episode(atari: Program) -> None:
    Path("failing.py").write_text(FAILING)
    words = ("rollout", "--max-frames", 160, "--episodes", 6, "--policy", "failing.py", "--json")
    kept = episodes(atari.stops(1, *words))
    assert 0 < len(kept) < 6
    assert 'failing.py", line 6' in atari.notes
    assert "ValueError: no idea" in atari.notes.splitlines()[-1]
    assert f"{len(kept)} of 6, {6 - len(kept)} failed" in atari.stops(1, *words[:-1])
    failed = sorted(set(range(6)) - {episode["episode"] for episode in kept})
    assert f"episodes {', '.join(map(str, failed))} failed" in atari.notes
    assert "atari_cli" not in atari.notes


def test_an_illegal_action_names_the_action_set(atari: Program) -> None:
    Path("wild.py").write_text("def policy(observation):\n    return 99\n")
    line = atari.fails(1, "rollout", "--episodes", 1, "--policy", "wild.py")
    assert "0 NOOP, 1 FIRE" in line
    assert "got 99" in line


def wait_for_a_second_episode_of_the_worker_that_played_the_first(stderr: IO[str]) -> None:
    first = str(episode_seed(0, 0))
    worker = None
    for line in stderr:
        pid, seed = line.split()
        if pid == worker:
            return
        if seed == first:
            worker = pid


@pytest.mark.posix("sends a signal to another process")
@pytest.mark.parametrize(
    ("number", "workers"),
    [
        (signal.SIGINT, 2),
        pytest.param(signal.SIGINT, 1, marks=pytest.mark.slow),
        *(
            pytest.param(number, workers, marks=pytest.mark.slow)
            for number in ENDING
            for workers in (1, 2)
        ),
    ],
)
def test_a_signal_keeps_the_finished_episodes_for_resume(
    tmp_path: Path, number: signal.Signals, workers: int
) -> None:
    (tmp_path / "talking.py").write_text(TALKING)
    words = [
        *(*map(str, SHORT), "--policy", str(tmp_path / "talking.py"), "--json"),
        *("--out", str(tmp_path / "run.csv"), "--workers", str(workers)),
    ]
    command = [sys.executable, "-m", "atari_cli", *words, "--episodes", "1000000"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        wait_for_a_second_episode_of_the_worker_that_played_the_first(process.stderr)
        process.send_signal(number)
        out, err = process.communicate(timeout=120)
    assert process.returncode == 128 + number
    document = json.loads(out)
    kept = document["episodes"]
    assert [episode["episode"] for episode in kept] == list(range(len(kept)))
    assert all(episode["truncated"] or episode["terminated"] for episode in kept)
    assert (document["run"]["planned"], document["run"]["interrupted"]) == (10**6, True)
    assert "Traceback" not in err
    assert re.search(r"run\.csv is not written; episodes kept for --resume: \d+", err)
    assert not (tmp_path / "run.csv").exists()
    assert main([*words, "--episodes", str(len(kept) + 2), "--resume"]) == 0
    with (tmp_path / "run.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["seed"]) for row in rows][: len(kept)] == [item["seed"] for item in kept]
    assert len(rows) == len(kept) + 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.csv", "talking.py"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("rollout --ray", "rollout --ray local"),
        ("rollout --ray pong", "rollout --ray local pong"),
        ("rollout --ray --json", "rollout --ray local --json"),
        ("rollout --ray auto pong", "rollout --ray auto pong"),
        ("rollout --ray local", "rollout --ray local"),
        ("rollout --ray ray://head:10001", "rollout --ray ray://head:10001"),
        ("rollout --ray 10.0.0.1:6379 pong", "rollout --ray 10.0.0.1:6379 pong"),
        ("rollout --ray=auto pong", "rollout --ray=auto pong"),
        ("rollout --ray [::1]:6379", "rollout --ray [::1]:6379"),
        ("rollout --workers 2", "rollout --workers 2"),
    ],
)
def test_the_ray_address_may_be_left_out(words: str, expected: str) -> None:
    assert name_ray_address(words.split()) == expected.split()


def test_the_address_is_passed_to_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    class Seen(Exception):
        pass

    def remember(self: RayBackend, address: str | None, workers: int | None) -> None:
        seen.append((address, workers))
        raise Seen

    monkeypatch.setattr(RayBackend, "__init__", remember)
    for words in (["--ray", "pong"], ["pong", "--ray", "head:6379", "--workers", "3"]):
        assert main(["rollout", *words]) == 1
    assert seen == [("local", None), ("head:6379", 3)]


WRITING = """
import ctypes, os, subprocess, sys

def policy(observation):
    if observation.episode_frame_number < 8:
        print("printed")
        os.write(1, b"written\\n")
        if os.name == "posix":
            ctypes.CDLL(None).printf(b"by C\\n")
        subprocess.run([sys.executable, "-c", "print('by a child')"])
    return 0
"""


@pytest.mark.parametrize("command", ["rollout", "record"])
def test_stdout_has_results_alone_whatever_a_policy_writes_there(
    tmp_path: Path, command: str
) -> None:
    (tmp_path / "writing.py").write_text(WRITING)
    words = [command, "pong", "--max-frames", "40", "--policy", "writing.py", "--episodes", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "atari_cli", *words, "--json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
    )
    assert len(episodes(done.stdout)) == 1
    for said in ("printed", "written", "by a child", *(["by C"] if os.name == "posix" else [])):
        assert said in done.stderr


@pytest.mark.parametrize("command", ["rollout", "info"])
def test_a_variable_without_effect_is_named(
    atari: Program, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("ATARI_REPEAT_ACTION_PROBABILITY", "0.25")
    words = ("--episodes", 1, "--max-frames", 40) if command == "rollout" else ()
    atari(command, "pong", *words)
    assert atari.notes.splitlines()[0] == (
        "ATARI_REPEAT_ACTION_PROBABILITY has no effect; did you mean ATARI_REPEAT_ACTION_PROB?"
    )
    monkeypatch.delenv("ATARI_REPEAT_ACTION_PROBABILITY")
    monkeypatch.setenv("ATARI_DATA_DIR", "data")
    atari(command, "pong", *words)
    assert "has no effect" not in atari.notes


@pytest.mark.posix("Windows gives a program no closed descriptors")
@pytest.mark.parametrize(
    "closed",
    [
        pytest.param("2>&-", marks=pytest.mark.slow),
        pytest.param("<&- 2>&-", marks=pytest.mark.slow),
        "<&- >&- 2>&-",
    ],
)
def test_closed_standard_files_harm_neither_workers_nor_the_journal(
    tmp_path: Path, closed: str
) -> None:
    """A file that was opened in their place would receive what a policy prints."""
    (tmp_path / "talking.py").write_text(
        "def policy(observation):\n    print('noise')\n    return 0\n"
    )
    words = f"{sys.executable} -m atari_cli rollout pong --max-frames 40 --episodes 2 --workers 2"
    command = f"{words} --policy talking.py --out run.csv {closed}"
    assert subprocess.run(["sh", "-c", command], cwd=tmp_path, check=False).returncode == 0
    assert "noise" not in (tmp_path / "run.csv").read_text()


def test_an_interrupted_overwrite_can_be_resumed(atari: Program) -> None:
    words = ("rollout", "pong", "--max-frames", 40, "--policy", "mine.py", "--out", "run.csv")
    Path("mine.py").write_text("def policy(observation):\n    return 0\n")
    atari(*words, "--episodes", 2)
    Path("mine.py").write_text(
        "seen = []\ndef policy(observation):\n    seen.append(1)\n"
        "    if len(seen) == 25:\n        raise KeyboardInterrupt\n    return 0\n"
    )
    atari.stops(130, *words, "--episodes", 4, "--overwrite")
    assert "episodes kept for --resume" in atari.notes
    atari(*words, "--episodes", 4, "--resume")
    assert len(Path("run.csv").read_text().splitlines()) == 5


def test_a_policy_may_change_the_working_directory(atari: Program) -> None:
    Path("elsewhere").mkdir()
    Path("mine.py").write_text(
        "import os\nos.chdir('elsewhere')\ndef policy(observation):\n    return 0\n"
    )
    here = Path.cwd()
    try:
        words = ("rollout", "pong", "--max-frames", 40, "--policy", "mine.py")
        atari(*words, "--episodes", 1, "--out", "run.csv")
    finally:
        os.chdir(here)
    assert atari.files() == ["elsewhere", "mine.py", "run.csv"]


@pytest.mark.posix("the names of files on Windows are text")
def test_a_name_that_is_not_utf8_can_be_written(atari: Program) -> None:
    Path("p\udcff.py").write_text("def policy(observation):\n    return 0\n")
    words = ("rollout", "pong", "--max-frames", 40, "--policy", "p\udcff.py", "--episodes", 1)
    atari(*words, "--out", "run.csv")
    assert r"p\udcff.py" in Path("run.csv").read_text("utf-8")
