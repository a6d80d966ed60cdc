"""A replay repeats the episode, and names everything in the recording that differs from it."""

from collections.abc import Callable
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest

from atari_cli.config import RecordConfig
from atari_cli.emulator import Emulator
from atari_cli.errors import (
    InvalidRecording,
    InvalidSetting,
    RecordingError,
    RecordingExists,
    ReplayMismatch,
)
from atari_cli.games import find_game
from atari_cli.recording import Replay, load_recording, render_video, verify
from tests.recording.episodes import Arrays, read_arrays, record, rewrite

STEPS = 80


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of Breakout with sticky actions, screens and strengths."""
    folder = tmp_path_factory.mktemp("original")
    return record(folder, "breakout", STEPS, repeat_action_probability=0.25, noop_max=9)


@pytest.fixture
def copy(original: Path, tmp_path: Path) -> Path:
    path = tmp_path / "copy.npz"
    path.write_bytes(original.read_bytes())
    return path


def test_a_replay_returns_the_recorded_results(original: Path) -> None:
    recording = load_recording(original)
    replay = Replay(recording)
    results = list(replay)
    assert len(results) == STEPS + 1
    assert [result.reward for result in results[1:]] == recording.arrays["rewards"].tolist()
    ram = np.stack([result.observation.ram for result in results])
    assert np.array_equal(ram, read_arrays(original)["ram"])
    assert [result.reward for result in replay] == [result.reward for result in results]


def test_a_replay_can_keep_frames_and_sound_that_were_not_recorded(original: Path) -> None:
    replay = Replay(load_recording(original), keep_frames=True, sound=True)
    for number, _ in zip(range(3), replay, strict=False):
        frames = replay.environment.frames
        assert len(frames) == 4 or number == 0
        assert frames[-1].audio is not None


def test_the_frame_actions_can_be_replayed_without_an_environment(tmp_path: Path) -> None:
    """An emulator that gets frame_actions and strengths goes through the same states."""
    path = record(tmp_path, "breakout", 50, strengths=cycle([0.5, 2.0, 1.0]), noop_max=5)
    arrays = read_arrays(path)
    emulator = Emulator(find_game("breakout"))
    for code, strength in zip(arrays["frame_actions"], arrays["strengths"], strict=True):
        emulator.act(int(code), float(strength))
    assert np.array_equal(emulator.screen(), arrays["screens"][-1])
    assert np.array_equal(emulator.ram(), arrays["ram"][-1])


def change_array(name: str, index: Any) -> Callable[[dict[str, Any], Arrays], None]:
    def change(header: dict[str, Any], arrays: Arrays) -> None:
        values = arrays[name]
        if values.dtype == bool:
            values[index] = ~values[index]
        else:
            values[index] += 1

    return change


@pytest.mark.parametrize(
    ("name", "index", "step"),
    [
        ("rewards", 30, 31),
        ("terminations", 30, 31),
        ("truncations", STEPS - 1, STEPS),
        ("lives", 0, 1),
        ("hashes", 0, 0),
        ("hashes", STEPS, STEPS),
        ("screens", (5, 209, 159), 5),
        ("ram", (STEPS, 0), STEPS),
        ("palette", (255, 2), 0),
    ],
)
def test_a_changed_array_is_named_with_its_first_step(
    copy: Path, name: str, index: Any, step: int
) -> None:
    rewrite(copy, change_array(name, index))
    with pytest.raises(ReplayMismatch) as error:
        verify(load_recording(copy))
    assert error.value.step == step
    assert error.value.differences == (name,)
    assert str(error.value) == f"step {step} differs in {name}"


def test_changed_inputs_are_found_even_if_the_digest_matches(copy: Path) -> None:
    def swap(header: dict[str, Any], arrays: Arrays) -> None:
        arrays["actions"][40:] = 3 + (arrays["actions"][40:] == 3)

    rewrite(copy, swap)
    with pytest.raises(ReplayMismatch) as error:
        verify(load_recording(copy))
    assert error.value.step == 41
    assert "frame_actions" in error.value.differences


@pytest.mark.parametrize("name", ["frame_actions", "strengths"])
@pytest.mark.parametrize("frame", [0, -1])
def test_changed_frames_are_named(copy: Path, name: str, frame: int) -> None:
    rewrite(copy, change_array(name, frame))
    with pytest.raises(ReplayMismatch) as error:
        verify(load_recording(copy))
    assert error.value.step == (STEPS if frame else 0)
    assert error.value.differences == (name,)


def test_changed_strengths_of_a_recording_without_sticky_actions_are_found(tmp_path: Path) -> None:
    path = record(tmp_path, "breakout", 30, strengths=cycle([0.5]))

    def change(header: dict[str, Any], arrays: Arrays) -> None:
        arrays["strengths"][81] = 0.75

    rewrite(path, change)
    with pytest.raises(ReplayMismatch, match="step 21 differs in strengths"):
        verify(load_recording(path))


@pytest.mark.parametrize("strength", [-1.0, np.nan, np.inf])
def test_invalid_strengths_are_refused(tmp_path: Path, strength: float) -> None:
    path = record(tmp_path, "breakout", 10)

    def change(header: dict[str, Any], arrays: Arrays) -> None:
        arrays["strengths"][8:12] = strength

    rewrite(path, change)
    with pytest.raises(InvalidRecording, match="step 3 cannot be played"):
        verify(load_recording(path))


@pytest.mark.parametrize("code", [5, 17, 18, 255])
def test_actions_outside_the_action_set_are_refused(copy: Path, code: int) -> None:
    def change(header: dict[str, Any], arrays: Arrays) -> None:
        arrays["actions"][2] = code

    rewrite(copy, change)
    with pytest.raises(InvalidRecording, match="step 3 cannot be played"):
        verify(load_recording(copy))


@pytest.mark.parametrize(
    ("name", "value"),
    [("score", 1.5), ("terminated", True), ("truncated", True)],
)
def test_changed_totals_are_found(copy: Path, name: str, value: Any) -> None:
    rewrite(copy, lambda header, arrays: header["totals"].update({name: value}))
    with pytest.raises(ReplayMismatch, match=f"step {STEPS} differs in totals"):
        verify(load_recording(copy))


@pytest.mark.parametrize(
    ("setting", "value"),
    [("noop_max", 30), ("repeat_action_probability", 0.5), ("mode", 4)],
)
def test_changed_settings_are_found(copy: Path, setting: str, value: Any) -> None:
    rewrite(copy, lambda header, arrays: header["settings"].update({setting: value}))
    with pytest.raises(ReplayMismatch):
        verify(load_recording(copy))


def test_a_changed_seed_is_found(copy: Path) -> None:
    rewrite(copy, lambda header, arrays: header.update(seed=8))
    with pytest.raises(ReplayMismatch):
        verify(load_recording(copy))


def test_a_reward_of_minus_zero_is_found(copy: Path) -> None:
    def change(header: dict[str, Any], arrays: Arrays) -> None:
        assert arrays["rewards"][4] == 0.0
        arrays["rewards"][4] = -0.0

    rewrite(copy, change)
    with pytest.raises(ReplayMismatch, match="step 5 differs in rewards"):
        verify(load_recording(copy))


def test_steps_after_the_games_end_are_found(tmp_path: Path) -> None:
    path = record(tmp_path, "breakout", 1000)
    recording = load_recording(path)
    assert recording.header["totals"]["terminated"]
    verify(recording)
    longer = dict(recording.arrays)
    for name in ("actions", "actors", "rewards", "terminations", "truncations", "lives", "hashes"):
        longer[name] = np.append(longer[name], longer[name][-1:])
    totals = recording.header["totals"] | {"steps": recording.steps + 1}
    header = recording.header | {"totals": totals}
    forged = replace(recording, header=header, arrays=longer, has_screens=False)
    with pytest.raises(ReplayMismatch, match=f"step {recording.steps + 1} differs in actions"):
        verify(forged)


def test_a_file_with_damaged_screens_is_refused(copy: Path) -> None:
    data = bytearray(copy.read_bytes())
    where = data.index(b"screens.npy") + 1000
    data[where : where + 8] = bytes(8)
    copy.write_bytes(data)
    with pytest.raises((InvalidRecording, ReplayMismatch)):
        verify(load_recording(copy))


@pytest.mark.parametrize("first_step", [-1, STEPS + 1])
def test_an_invalid_first_step_of_a_video_is_refused(
    original: Path, tmp_path: Path, first_step: int
) -> None:
    recording = load_recording(original)
    with pytest.raises(InvalidSetting, match=f"first_step must be .* from 0 to {STEPS}"):
        render_video(recording, tmp_path / "x.mp4", RecordConfig(), first_step)


def test_an_existing_video_is_replaced_only_if_asked(original: Path, tmp_path: Path) -> None:
    (tmp_path / "x.mp4").touch()
    with pytest.raises(RecordingExists, match="x.mp4 already exists"):
        render_video(load_recording(original), tmp_path / "x.mp4", RecordConfig())


@pytest.mark.parametrize(("ending", "first_step"), [("mp4", 0), ("mkv", 70), ("gif", STEPS)])
def test_a_video_can_begin_at_any_step(
    original: Path, tmp_path: Path, ending: str, first_step: int
) -> None:
    recording = load_recording(original)
    video = tmp_path / f"x.{ending}"
    render_video(recording, video, RecordConfig(format=ending, scale=1), first_step)
    assert list(tmp_path.iterdir()) == [video]
    frames, _ = imageio_ffmpeg.count_frames_and_secs(str(video))
    played = recording.header["totals"]["frames"]
    expected = 4 * (STEPS + 1 - first_step) if first_step else 1 + played
    assert frames == expected


def test_a_video_that_cannot_be_written_leaves_nothing_behind(
    original: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RecordingError, match="cannot write"):
        render_video(load_recording(original), tmp_path / "file" / "x.mp4", RecordConfig())
    assert [file.name for file in tmp_path.iterdir()] == ["file"]
