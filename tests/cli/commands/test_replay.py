"""`atari replay` verifies a recording, or says in one line what is wrong with it."""

import json
import pickle
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from atari_cli.recording import load_recording
from tests.cli.program import Program
from tests.recording.episodes import Arrays, Change, plain, record, rewrite
from tests.server.conftest import until

STEPS = 40


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(tmp_path_factory.mktemp("recordings"), "breakout", STEPS)


@pytest.fixture
def file(original: Path, tmp_path: Path) -> Path:
    """A recording that a test may spoil."""
    return Path(shutil.copy(original, tmp_path / "episode.npz"))


def test_a_recording_is_verified(atari: Program, file: Path) -> None:
    lines = atari("replay", file).splitlines()
    score = load_recording(file).header["totals"]["score"]
    assert lines == [
        f"{file}: breakout, random, return {score:g}, 40 steps, 160 frames (2.7 s)",
        "verified: every step is the same, bit for bit",
    ]
    assert atari.notes == ""


def test_json_is_the_header(atari: Program, file: Path) -> None:
    document = json.loads(atari("replay", file, "--json"))
    assert document == load_recording(file).header | {"verified": True}
    assert document["totals"]["steps"] == STEPS


def brighten(header: dict[str, Any], arrays: Arrays) -> None:
    arrays["screens"][13, 100, 80] ^= 2


def enrich(header: dict[str, Any], arrays: Arrays) -> None:
    arrays["rewards"][20] += 1
    header["totals"]["score"] += 1


def steer(header: dict[str, Any], arrays: Arrays) -> None:
    arrays["hashes"][31] ^= 1


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (brighten, "step 13 differs in screens"),
        (enrich, "step 21 differs in rewards"),
        (steer, "step 31 differs in hashes"),
    ],
)
def test_a_tampered_file_fails_at_the_step_and_array_that_differ(
    atari: Program, file: Path, change: Change, expected: str
) -> None:
    rewrite(file, change)
    assert expected in atari.fails(1, "replay", file)


def test_changed_inputs_do_not_match_the_digest(atari: Program, file: Path) -> None:
    def change(header: dict[str, Any], arrays: Arrays) -> None:
        arrays["actions"][5] = 1 - arrays["actions"][5] // 3

    rewrite(file, change, sign=False)
    assert "digest" in atari.fails(1, "replay", file)


class Malicious:
    """Leaves a file behind if it is unpickled."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[Path]]:
        return (Path.touch, (Path("executed"),))


def test_a_file_that_is_not_a_recording_is_reported_in_one_line(atari: Program, file: Path) -> None:
    whole = file.read_bytes()
    spoiled = {
        "empty": b"",
        "junk": b"junk" * 1000,
        "pickle": pickle.dumps(Malicious()),
        "truncated": whole[: len(whole) // 2],
        "text": b"PK\x03\x04 is how a ZIP file begins",
    }
    for name, content in spoiled.items():
        file.write_bytes(content)
        assert f"{file} is not a whole recording" in atari.fails(1, "replay", file), name
    assert not Path("executed").exists()


def test_an_unreadable_file_is_reported_in_one_line(atari: Program, tmp_path: Path) -> None:
    assert "cannot read none.npz: No such file" in atari.fails(1, "replay", "none.npz")
    assert "cannot read" in atari.fails(1, "replay", tmp_path)


def test_a_recording_of_another_ale_is_refused_unless_any_version_is_allowed(
    atari: Program, file: Path
) -> None:
    rewrite(file, lambda header, arrays: header.update(ale_py="0.1.2"))
    assert "pip install ale-py==0.1.2" in atari.fails(1, "replay", file)
    assert "verified" in atari("replay", file, "--any-version")


@pytest.mark.parametrize("ending", ["mp4", "gif", "mkv"])
def test_a_video_can_be_written(atari: Program, file: Path, ending: str) -> None:
    video = Path(f"episode.{ending}")
    assert "verified" in atari("replay", file, "--video", video, "--scale", 1)
    assert f"wrote {video}" in atari.notes
    magic = {"mp4": b"ftyp", "gif": b"GIF89a", "mkv": b"\x1a\x45\xdf\xa3"}[ending]
    assert magic in video.read_bytes()[:16]
    assert atari.files() == sorted(["episode.npz", video.name])


def test_an_existing_video_is_replaced_only_with_overwrite(atari: Program, file: Path) -> None:
    Path("episode.gif").write_bytes(b"mine")
    atari.stops(1, "replay", file, "--video", "episode.gif", "--scale", 1)
    assert atari.notes.startswith("atari: episode.gif already exists")
    assert Path("episode.gif").read_bytes() == b"mine"
    atari("replay", file, "--video", "episode.gif", "--scale", 1, "--overwrite")
    assert Path("episode.gif").read_bytes() != b"mine"


def test_a_video_may_begin_at_a_later_step(atari: Program, file: Path) -> None:
    atari("replay", file, "--video", "whole.mkv", "--scale", 1)
    atari("replay", file, "--video", "end.mkv", "--scale", 1, "--from", STEPS - 5)
    assert Path("end.mkv").stat().st_size < Path("whole.mkv").stat().st_size / 2
    atari.stops(2, "replay", file, "--video", "none.mkv", "--from", STEPS + 1)
    assert "--from must be" in atari.notes
    assert not Path("none.mkv").exists()


def test_a_video_of_an_unknown_format_is_refused_first(atari: Program, file: Path) -> None:
    assert "must end in one of .mp4, .gif, .mkv" in atari.fails(
        2, "replay", file, "--video", "episode.avi"
    )
    assert "scale must be" in atari.fails(2, "replay", file, "--video", "a.mp4", "--scale", 0)


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A recording without screens."""
    return record(tmp_path, "pong", 20, config=plain(tmp_path, screens=False))


def test_screens_can_be_added_in_another_file(atari: Program, bare: Path) -> None:
    assert "verified: every step is the same" in atari("replay", bare, "--npz", "whole.npz")
    assert atari.notes == "wrote whole.npz\n"
    whole, original = load_recording("whole.npz"), load_recording(bare)
    assert (whole.has_screens, original.has_screens) == (True, False)
    assert whole.header == original.header
    assert "verified" in atari("replay", "whole.npz")


def test_screens_and_a_video_are_written_together(atari: Program, bare: Path) -> None:
    atari("replay", bare, "--npz", "whole.npz", "--video", "whole.gif", "--scale", 1)
    assert atari.notes == "wrote whole.npz\nwrote whole.gif\n"
    assert atari.files() == sorted([bare.name, "whole.gif", "whole.npz"])


def test_an_existing_npz_is_replaced_only_with_overwrite(atari: Program, bare: Path) -> None:
    Path("whole.npz").write_text("mine")
    assert "whole.npz already exists" in atari.fails(1, "replay", bare, "--npz", "whole.npz")
    assert Path("whole.npz").read_text() == "mine"
    atari("replay", bare, "--npz", "whole.npz", "--overwrite")
    assert load_recording("whole.npz").has_screens


def test_an_unwritable_npz_is_refused_first(atari: Program, bare: Path) -> None:
    told = {
        bare: (1, "is the recording itself; choose another file"),
        "whole.zip": (2, "--npz must end in .npz, got whole.zip"),
        "none/whole.npz": (1, "none is not a folder; make it one"),
    }
    for target, (code, expected) in told.items():
        assert expected in atari.fails(code, "replay", bare, "--npz", target, "--overwrite")
    assert "--terminal only shows the recording" in atari.fails(
        2, "replay", bare, "--npz", "whole.npz", "--watch"
    )
    assert atari.files() == [bare.name]


def test_json_says_where_a_recording_differs(atari: Program, file: Path) -> None:
    def change(header: dict[str, Any], arrays: Arrays) -> None:
        arrays["rewards"][7] += 1
        arrays["lives"][7] += 1

    rewrite(file, change)
    found = json.loads(atari.stops(1, "replay", file, "--json"))
    assert (found["verified"], found["step"], found["game"]) == (False, 8, "breakout")
    assert set(found["differs"]) == {"rewards", "lives"}
    assert atari.notes.count("\n") == 1


@pytest.mark.posix("sends a signal to another process")
@pytest.mark.parametrize(
    "option",
    [
        ("--video", "big.mp4", "--scale", "8"),
        pytest.param(("--npz", "big.npz"), marks=pytest.mark.slow),
    ],
)
def test_a_signal_leaves_no_unfinished_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: tuple[str, ...]
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    file = record(tmp_path, "breakout", 400, config=plain(tmp_path, screens=False))
    command = [sys.executable, "-m", "atari_cli", "replay", file.name, *option]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        assert until(lambda: any(tmp_path.glob("big.*")))
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in err) == (143, False)
    assert list(tmp_path.iterdir()) == [file]
