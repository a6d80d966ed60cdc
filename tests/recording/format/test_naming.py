"""File names contain game, policy, seed and episode; files are replaced only if asked."""

from pathlib import Path

import pytest

from atari_cli.config import RecordConfig
from atari_cli.errors import RecordingExists
from atari_cli.recording import check_free
from atari_cli.recording.format.naming import (
    episode_files,
    episode_path,
    journal_path,
    policy_slug,
)


@pytest.mark.parametrize(
    ("policy", "slug"),
    [
        ("random", "random"),
        ("repeat:FIRE", "repeat-fire"),
        ("script:moves/left right.txt", "script-left-right"),
        ("agents/My_Agent.py", "my-agent"),
        (r"C:\agents\best.py", "best"),
        ("package.module:Player", "package-module-player"),
        ("replay:recordings/pong-tracker-s0-000.npz", "replay-pong-tracker-s0-000"),
        ("../../etc/passwd", "passwd"),
        (
            "agents/mine.py:Careful(net='/nets/a.pt',depth=3)",
            "mine-py-careful-net-nets-a-pt-depth-3",
        ),
        ("日本", "日本"),
        ("агенты/Игрок_2.py", "игрок-2"),
        ("agents/u\u0308ber.py", "\u00fcber"),
        ("\udcff\udcfe", "policy"),
        ("🎮", "policy"),
        ("", "policy"),
        ("x" * 300, "x" * 40),
    ],
)
def test_a_policys_name_becomes_part_of_a_file_name(policy: str, slug: str) -> None:
    assert policy_slug(policy) == slug


def test_the_files_of_an_episode_are_next_to_each_other(tmp_path: Path) -> None:
    config = RecordConfig(out=tmp_path, format="mkv")
    npz = episode_path(config, "ms_pacman", "tracker", 12, 3)
    assert npz == tmp_path / "ms_pacman-tracker-s12-003.npz"
    assert episode_files(npz, config) == [npz, npz.with_suffix(".mkv")]
    assert episode_files(npz, RecordConfig(video=False)) == [npz]
    assert journal_path(npz).name == "ms_pacman-tracker-s12-003.journal"


@pytest.mark.parametrize("ending", ["npz", "mp4"])
def test_an_existing_file_is_found_before_anything_is_played(tmp_path: Path, ending: str) -> None:
    config = RecordConfig(out=tmp_path)
    check_free(config, "Pong", "random", 0, range(3))
    taken = tmp_path / f"pong-random-s0-002.{ending}"
    taken.touch()
    check_free(config, "Pong", "random", 0, range(2))
    with pytest.raises(RecordingExists, match=f"002.{ending} already exists.*overwrite=True"):
        check_free(config, "Pong", "random", 0, range(3))
    check_free(RecordConfig(out=tmp_path, overwrite=True), "Pong", "random", 0, range(3))


def test_an_existing_video_does_not_affect_a_recording_without_a_video(tmp_path: Path) -> None:
    (tmp_path / "pong-random-s0-000.mp4").touch()
    check_free(RecordConfig(out=tmp_path, video=False), "pong", "random", 0, range(1))


def test_the_names_of_a_thousand_million_episodes_are_checked_at_once(tmp_path: Path) -> None:
    config = RecordConfig(out=tmp_path)
    many = range(5, 10**9)
    for name in ("004.npz", "x.npz", ".npz", "-005.npz", "0050.txt"):
        (tmp_path / f"pong-random-s0-{name}").touch()
    (tmp_path / "pong-random-s01-007.npz").touch()
    check_free(config, "pong", "random", 0, many)
    (tmp_path / "pong-random-s0-123456789.npz").touch()
    with pytest.raises(RecordingExists, match="s0-123456789.npz already exists"):
        check_free(config, "pong", "random", 0, many)
    check_free(RecordConfig(out=tmp_path / "none"), "pong", "random", 0, many)
