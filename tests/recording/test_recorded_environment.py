"""A program that steps its own loop makes the same recordings as `atari record`."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atari_cli.environment import AtariEnvironment
from atari_cli.errors import InvalidAction, InvalidSetting, RecordingError, ResetNeeded
from atari_cli.model import StepResult
from atari_cli.recording import (
    RecordedEnvironment,
    add_screens,
    load_recording,
    recover,
    verify,
)
from atari_cli.recording.live_episode import LiveEpisode
from tests.recording.episodes import plain, read_arrays, record

STICKY: dict[str, Any] = {"repeat_action_probability": 0.25, "noop_max": 30, "max_frames": 200}


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def play(recorded: RecordedEnvironment, seed: int, steps: int = 1000) -> None:
    chance = np.random.default_rng(seed)
    result = recorded.reset(seed=seed)
    while not result.done and steps:
        result = recorded.step(int(chance.choice(result.observation.legal_actions)))
        steps -= 1


def test_each_episode_becomes_a_file_that_verifies(tmp_path: Path) -> None:
    with RecordedEnvironment(AtariEnvironment("pong", **STICKY), tmp_path, policy="dqn") as pong:
        for seed in range(3):
            play(pong, seed)
            assert len(pong.written) == seed + 1
    assert names(tmp_path) == [f"pong-dqn-s0-00{episode}.npz" for episode in range(3)]
    for seed, path in enumerate(pong.written):
        recording = load_recording(path)
        verify(recording)
        header = recording.header
        assert (header["seed"], header["episode"], header["policy"]) == (seed, seed, "dqn")
        assert header["totals"]["truncated"] is True


def test_the_file_equals_that_of_a_recorder(tmp_path: Path) -> None:
    """`record` plays 40 random actions; the wrapper gets the same ones."""
    whole = record(tmp_path / "a", config=plain(tmp_path / "a", screens=False))
    first = load_recording(whole)
    with RecordedEnvironment(
        AtariEnvironment("pong"), tmp_path / "b", policy="random", run_seed=7
    ) as pong:
        pong.reset(seed=first.header["seed"])
        for code in first.arrays["actions"].tolist():
            pong.step(pong.environment.action_codes.index(code))
    (written,) = pong.written
    assert written.name == whole.name
    ours, theirs = read_arrays(written), read_arrays(whole)
    assert ours.keys() == theirs.keys()
    for name in ours.keys() - {"header"}:
        assert np.array_equal(ours[name], theirs[name]), name


def test_screens_can_be_added_afterwards(tmp_path: Path) -> None:
    with RecordedEnvironment(AtariEnvironment("breakout"), tmp_path) as breakout:
        play(breakout, 1, steps=20)
    add_screens(load_recording(breakout.written[0]), tmp_path / "whole.npz")
    assert load_recording(tmp_path / "whole.npz").has_screens


def test_an_unfinished_episode_is_written_at_the_next_reset_and_at_the_end(tmp_path: Path) -> None:
    with RecordedEnvironment(AtariEnvironment("pong"), tmp_path) as pong:
        play(pong, 1, steps=5)
        play(pong, 2, steps=7)
    assert [load_recording(path).steps for path in pong.written] == [5, 7]
    pong.close()
    assert len(pong.written) == 2


def test_an_episode_without_a_step_leaves_nothing_behind(tmp_path: Path) -> None:
    with RecordedEnvironment(AtariEnvironment("pong"), tmp_path) as pong:
        pong.reset(seed=1)
        pong.reset(seed=2)
    assert (names(tmp_path), pong.written) == ([], [])


def test_a_second_run_takes_the_next_free_numbers(tmp_path: Path) -> None:
    for _ in range(2):
        with RecordedEnvironment(AtariEnvironment("pong"), tmp_path) as pong:
            play(pong, 1, steps=3)
    assert names(tmp_path) == ["pong-agent-s0-000.npz", "pong-agent-s0-001.npz"]


def test_two_environments_can_share_a_folder(tmp_path: Path) -> None:
    first, second = (RecordedEnvironment(AtariEnvironment("pong"), tmp_path) for _ in range(2))
    with first, second:
        for recorded, seed in ((first, 1), (second, 2)):
            recorded.reset(seed=seed)
        first.step("NOOP")
        second.step("FIRE")
    assert names(tmp_path) == ["pong-agent-s0-000.npz", "pong-agent-s0-001.npz"]
    for path in first.written + second.written:
        verify(load_recording(path))


def test_an_invalid_setting_or_action_does_not_end_the_episode(tmp_path: Path) -> None:
    with RecordedEnvironment(AtariEnvironment("pong"), tmp_path) as pong:
        play(pong, 1, steps=3)
        with pytest.raises(InvalidSetting):
            pong.reset(frameskip=0)
        with pytest.raises(InvalidAction):
            pong.step(99)
        pong.step(0)
    assert load_recording(pong.written[0]).steps == 4


def test_a_step_needs_a_reset(tmp_path: Path) -> None:
    with RecordedEnvironment(AtariEnvironment("pong", max_frames=4), tmp_path) as pong:
        with pytest.raises(ResetNeeded):
            pong.step(0)
        play(pong, 1)
        with pytest.raises(ResetNeeded):
            pong.step(0)


def test_an_unwritable_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        RecordedEnvironment(AtariEnvironment("pong"), tmp_path / "file") as pong,
        pytest.raises(RecordingError, match="cannot write"),
    ):
        pong.reset()


KILLED = """
import os, signal
from atari_cli.environment import AtariEnvironment
from atari_cli.recording import RecordedEnvironment

pong = RecordedEnvironment(AtariEnvironment("pong"))
pong.reset(seed=1)
for _ in range(50):
    pong.step(0)
os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))  # on Windows, either kills
"""


def test_a_killed_loop_is_recovered(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED], cwd=tmp_path)
    assert done.returncode != 0
    assert names(tmp_path / "recordings") == ["pong-agent-s0-000.journal"]
    (path,) = recover(tmp_path / "recordings")
    recording = load_recording(path)
    assert recording.steps == 50
    verify(recording)


def test_ctrl_c_never_interrupts_the_recording_of_a_step(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Training loops catch Ctrl-C and continue."""
    record_step = LiveEpisode.step

    def interrupted(self: LiveEpisode, code: int, actor: int, result: StepResult) -> None:
        if result.observation.frame_number == 20:
            signal.raise_signal(signal.SIGINT)
        record_step(self, code, actor, result)

    monkeypatch.setattr(LiveEpisode, "step", interrupted)
    with RecordedEnvironment(AtariEnvironment("pong", max_frames=80), tmp_path) as pong:
        pong.reset(seed=1)
        caught = 0
        for _ in range(20):
            try:
                pong.step(3)
            except KeyboardInterrupt:
                caught += 1
    assert caught == 1
    recording = load_recording(pong.written[0])
    assert recording.steps == 20
    verify(recording)


def test_a_recording_that_failed_is_written_by_the_next_call_of_close(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pong = RecordedEnvironment(AtariEnvironment("pong"), tmp_path)
    play(pong, 1, steps=5)
    with monkeypatch.context() as full, pytest.raises(RecordingError, match="disk is full"):

        def fail(self: LiveEpisode) -> Path:
            raise RecordingError("the disk is full")

        full.setattr(LiveEpisode, "finish", fail)
        pong.close()
    assert pong.written == []
    pong.close()
    pong.close()
    (path,) = pong.written
    assert load_recording(path).steps == 5
