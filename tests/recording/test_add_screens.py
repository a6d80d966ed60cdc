"""A recording without screens is verified and written again with its screens."""

import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atari_cli.errors import InvalidRecording, RecordingError, RecordingExists, ReplayMismatch
from atari_cli.recording import add_screens, check_add_screens, load_recording, verify
from tests.recording.episodes import Arrays, Change, plain, read_arrays, record, rewrite

SETTINGS: dict[str, Any] = {"repeat_action_probability": 0.25, "noop_max": 9}


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A recording without screens."""
    folder = tmp_path / "bare"
    return record(folder, "pong", 30, config=plain(folder, screens=False), **SETTINGS)


def test_the_result_equals_a_recording_with_screens(tmp_path: Path, bare: Path) -> None:
    target = tmp_path / "whole.npz"
    add_screens(load_recording(bare), target)
    expected = read_arrays(record(tmp_path / "screens", "pong", 30, **SETTINGS))
    found = read_arrays(target)
    assert (
        found.keys()
        == expected.keys()
        == read_arrays(bare).keys()
        | {
            "screens",
            "ram",
            "palette",
        }
    )
    for name in expected.keys() - {"header"}:
        assert np.array_equal(found[name], expected[name]), name
    assert load_recording(target).header == load_recording(bare).header
    verify(load_recording(target))


def test_actors_and_unknown_header_fields_are_kept(tmp_path: Path, bare: Path) -> None:
    def change(header: dict[str, Any], arrays: Arrays) -> None:
        header["note"] = "from later"
        arrays["actors"][10:] = 1

    rewrite(bare, change)
    add_screens(load_recording(bare), tmp_path / "whole.npz")
    recording = load_recording(tmp_path / "whole.npz")
    assert recording.header["note"] == "from later"
    assert recording.arrays["actors"].tolist() == [0] * 10 + [1] * 20


def test_progress_is_reported_for_each_step(tmp_path: Path, bare: Path) -> None:
    told: list[int] = []
    add_screens(load_recording(bare), tmp_path / "whole.npz", advance=told.append)
    assert sum(told) == 30


def test_existing_screens_are_compared_too(tmp_path: Path) -> None:
    path = record(tmp_path / "screens", "pong", 10)
    target = tmp_path / "again.npz"
    add_screens(load_recording(path), target)
    assert np.array_equal(read_arrays(target)["screens"], read_arrays(path)["screens"])

    def brighten(header: dict[str, Any], arrays: Arrays) -> None:
        arrays["screens"][7, 100, 80] ^= 2

    rewrite(path, brighten)
    with pytest.raises(ReplayMismatch, match="step 7 differs in screens"):
        add_screens(load_recording(path), target, overwrite=True)


def steer(header: dict[str, Any], arrays: Arrays) -> None:
    arrays["hashes"][21] ^= 1


def richer(header: dict[str, Any], arrays: Arrays) -> None:
    header["totals"]["score"] += 1


@pytest.mark.parametrize(
    ("change", "expected"),
    [(steer, "step 21 differs in hashes"), (richer, "step 30 differs in totals")],
)
def test_a_recording_that_does_not_replay_leaves_nothing_behind(
    tmp_path: Path, bare: Path, change: Change, expected: str
) -> None:
    rewrite(bare, change)
    with pytest.raises(ReplayMismatch, match=expected):
        add_screens(load_recording(bare), tmp_path / "whole.npz")
    assert [file.name for file in tmp_path.iterdir()] == ["bare"]


def test_an_action_that_cannot_be_played_is_named(tmp_path: Path, bare: Path) -> None:
    def change(header: dict[str, Any], arrays: Arrays) -> None:
        arrays["actions"][4] = 17

    rewrite(bare, change)
    with pytest.raises(InvalidRecording, match="step 5 cannot be played"):
        add_screens(load_recording(bare), tmp_path / "whole.npz")


def test_an_existing_file_is_replaced_only_if_asked(tmp_path: Path, bare: Path) -> None:
    target = tmp_path / "whole.npz"
    target.write_text("the user's")
    with pytest.raises(RecordingExists, match="overwrite=True"):
        add_screens(load_recording(bare), target)
    assert target.read_text() == "the user's"
    add_screens(load_recording(bare), target, overwrite=True)
    assert load_recording(target).has_screens


@pytest.mark.parametrize(
    "spelling",
    [
        "pong-random-s7-000.npz",
        pytest.param("link.npz", marks=pytest.mark.posix("makes a symbolic link")),
    ],
)
def test_the_recording_itself_is_never_replaced(bare: Path, spelling: str) -> None:
    if spelling == "link.npz":
        (bare.parent / spelling).symlink_to(bare)
    before = bare.read_bytes()
    with pytest.raises(RecordingError, match="is the recording itself; choose another file"):
        add_screens(load_recording(bare), bare.parent / spelling, overwrite=True)
    assert bare.read_bytes() == before


def test_a_missing_folder_is_reported_first(tmp_path: Path, bare: Path) -> None:
    with pytest.raises(RecordingError, match="none is not a folder; make it one"):
        check_add_screens(load_recording(bare), tmp_path / "none" / "whole.npz")


def test_ctrl_c_leaves_nothing_behind(tmp_path: Path, bare: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        add_screens(
            load_recording(bare),
            tmp_path / "whole.npz",
            advance=lambda steps: signal.raise_signal(signal.SIGINT),
        )
    assert [file.name for file in tmp_path.iterdir()] == ["bare"]
