"""On a file system without locks everything is recorded, with a warning."""

import errno
import json
from pathlib import Path

import pytest

from atari_cli.api import play as play_api
from atari_cli.cli import main
from atari_cli.config import RecordConfig
from atari_cli.play.interface import Command, Inputs
from atari_cli.recording import load_recording, recover, verify
from atari_cli.recording.journal import Journal
from tests.play.front_ends import Script

pytestmark = pytest.mark.posix("Windows has no flock")


@pytest.fixture(autouse=True, params=["ENOLCK", "ENOTSUP", "ENOSYS", "EINVAL"])
def no_locks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let flock fail as on Lustre, on FUSE and on some NFS."""
    import fcntl

    number = getattr(errno, request.param)

    def fail(*given: object) -> None:
        raise OSError(number, "no locks")

    monkeypatch.setattr(fcntl, "flock", fail)


def test_episodes_are_recorded_with_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["record", "--no-video", "--episodes", "2", "--max-frames", "40"]
    assert main([*words, "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().err.count("is on a file system without locks") == 1
    assert len(list(tmp_path.iterdir())) == 2
    for path in tmp_path.iterdir():
        verify(load_recording(path))


def test_a_game_is_played_and_recorded_with_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script([*(Inputs(code=1) for _ in range(9)), Inputs(commands=(Command.LEAVE,))])
    monkeypatch.setattr(play_api, "open_front_end", lambda terminal: lambda *_: script)
    assert main(["play", "breakout", "--out", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().err.count("is on a file system without locks") == 1
    (path,) = (tmp_path / "out").iterdir()
    assert load_recording(path).steps >= 9


def test_results_are_kept_with_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run.json"
    assert main(["rollout", "--episodes", "2", "--max-frames", "40", "--out", str(out)]) == 0
    assert capsys.readouterr().err.count("is on a file system without locks") == 1
    assert json.loads(out.read_text())["run"]["played"] == 2


def test_a_journal_that_may_be_in_use_is_recovered_only_by_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["record", "--no-video", "--max-frames", "40", "--out", str(tmp_path)]
    assert main(words) == 0
    (npz,) = tmp_path.iterdir()
    header = load_recording(npz).header
    journal = Journal.create(tmp_path / "pong-x-s0-000.journal", header, RecordConfig(out=tmp_path))
    journal.close()
    capsys.readouterr()
    assert main([*words, "--first-episode", "1"]) == 0
    assert "it may be in use" in capsys.readouterr().err
    assert journal.path.exists()
    assert recover(tmp_path) == []
    assert not journal.path.exists()
