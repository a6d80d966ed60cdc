"""Only one process at a time holds the lock of a file."""

import subprocess
import sys
from pathlib import Path

import pytest

from atari_cli.errors import RecordingError
from atari_cli.system import locking
from atari_cli.system.locking import locked

HOLD = """
import sys
from pathlib import Path
from atari_cli.system.locking import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_released_lock_can_be_acquired_again(tmp_path: Path) -> None:
    for _ in range(2):
        with locked(tmp_path / "x.lock"):
            pass
    assert [file.name for file in tmp_path.iterdir()] == ["x.lock"]


def test_a_lock_waits_for_the_end_of_the_process_that_holds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.lock"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdin
        assert other.stdout.readline().strip() == b"held"
        with monkeypatch.context() as patch:
            patch.setattr(locking, "_SECONDS", 0.0)
            with (
                pytest.raises(RecordingError, match=r"another process holds .*x\.lock"),
                locked(path),
            ):
                pytest.fail("two processes had the lock")
        other.stdin.close()
        with locked(path):
            pass


def test_a_lock_is_released_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), locked(tmp_path / "x.lock"):
        raise ZeroDivisionError
    with locked(tmp_path / "x.lock"):
        pass
