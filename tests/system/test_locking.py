"""Only one process at a time holds the lock of a file."""

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from atari_cli.errors import RecordingError
from atari_cli.system import locking
from atari_cli.system.locking import Lock, locked, try_lock

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


FORK = """
import os, sys
from atari_cli.system.locking import try_lock

file = os.open(sys.argv[1], os.O_CREAT | os.O_RDWR)
print(try_lock(file).value, flush=True)
if not os.fork():
    try:
        os.write(file, b"by a child")
    except OSError as error:
        print(error.strerror, flush=True)
    sys.stdin.read()
os._exit(0)
"""


@pytest.mark.posix("Windows has no fork")
def test_a_child_that_outlives_its_parent_has_none_of_its_locks(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    command = [sys.executable, "-c", FORK, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        assert parent.stdin
        assert parent.stdout.readline() == "ours\n"
        assert parent.stdout.readline() == "Bad file descriptor\n"
        parent.wait(60)
        with locked(path):
            assert path.read_bytes() == b""
        parent.stdin.close()


@pytest.mark.posix("Windows has no flock")
@pytest.mark.parametrize("reason", [errno.ENOLCK, errno.ENOTSUP, errno.EINVAL])
def test_a_file_system_without_locks_differs_from_a_lock_that_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: int
) -> None:
    import fcntl

    reasons = [errno.EWOULDBLOCK, reason]

    def fail(*given: object) -> None:
        raise OSError(reasons.pop(0), "no lock")

    monkeypatch.setattr(fcntl, "flock", fail)
    with (tmp_path / "x.lock").open("w") as file:
        assert try_lock(file.fileno()) is Lock.TAKEN
        assert try_lock(file.fileno()) is Lock.NONE
