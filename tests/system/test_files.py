"""A file is written completely or not at all, and leftovers of killed processes are removed."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from atari_cli.errors import OutputError
from atari_cli.system import files
from atari_cli.system.files import (
    is_replaceable,
    part_path,
    remove,
    remove_parts,
    rename,
    replaceable_path,
    whole_file,
    write_failure,
    writing,
)

Hold = Callable[[Path], Callable[[], None]]


@pytest.mark.parametrize("sync", [True, False])
def test_a_file_appears_at_the_end_of_the_block(tmp_path: Path, sync: bool) -> None:
    path = tmp_path / "run.json"
    path.write_text("old")
    with whole_file(path, sync=sync) as part:
        part.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_an_exception_in_the_block_leaves_the_file_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text("old")
    with pytest.raises(ValueError, match="broken"), whole_file(path) as part:
        part.write_text("half")
        raise ValueError("broken")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_replaced_leaves_no_partial_file(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.mkdir()
    with pytest.raises(OSError, match="directory|Access"), whole_file(path) as part:
        part.write_text("new")
    assert list(tmp_path.iterdir()) == [path]


def test_another_temporary_name_can_be_given(tmp_path: Path) -> None:
    path, other = tmp_path / "pong-2.npz", part_path(tmp_path / "pong.npz")
    with whole_file(path, other) as part:
        assert part == other
        part.write_bytes(b"data")
    assert list(tmp_path.iterdir()) == [path]


def test_partial_files_of_killed_processes_are_removed_and_others_kept(tmp_path: Path) -> None:
    path = tmp_path / "pong[1].npz"
    for name in ("pong[1].npz.part", "pong[1].npz.123.part"):
        (tmp_path / name).touch()
    others = {"pong[1].npz", "pong1.npz.123.part", "pong[1].npz.part.rar"}
    for name in others:
        (tmp_path / name).touch()
    remove_parts(path)
    assert {file.name for file in tmp_path.iterdir()} == others


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, "No space left on device; free some space or choose another folder"),
        (errno.ENOENT, "out is not a folder; make it one or choose another folder"),
        (
            errno.EACCES,
            "Permission denied; check the folder's permissions or choose another folder",
        ),
        (errno.EROFS, "Read-only file system; choose another folder"),
        (errno.ENAMETOOLONG, "File name too long; choose another name"),
        (errno.EISDIR, "Is a directory; choose another name"),
    ],
)
def test_the_message_has_the_reason_and_the_remedy(number: int, expected: str) -> None:
    message = write_failure(Path("out/run.json"), OSError(number, os.strerror(number)))
    assert message.startswith(f"cannot write {Path('out/run.json')}: ")
    assert message.casefold().endswith(expected.casefold())


def test_a_system_error_is_raised_as_the_given_error(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    message = write_failure(path, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    with pytest.raises(OutputError) as raised, writing(path, OutputError):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert str(raised.value) == message
    with pytest.raises(ValueError, match="other"), writing(path):
        raise ValueError("other")


def test_a_name_that_windows_forbids_needs_another_name() -> None:
    error = OSError(errno.EINVAL, "The filename or volume label syntax is incorrect")
    message = write_failure(Path("bad|name.npz"), error)
    assert message.endswith("syntax is incorrect; choose another name")


def test_a_file_that_another_program_has_open_for_a_moment_is_replaced(
    tmp_path: Path, hold: Hold, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_PATIENCE", 60.0)
    old, new = tmp_path / "scores.json", tmp_path / "new"
    for act, left in (
        (lambda: rename(new, old), ["scores.json"]),
        (lambda: remove(old), ["new"]),
        (lambda: is_replaceable(old), ["new", "scores.json"]),
    ):
        old.write_text("old")
        new.write_text("new")
        close = hold(old)
        monkeypatch.setattr("time.sleep", lambda seconds, close=close: close())
        act()
        assert sorted(path.name for path in tmp_path.iterdir()) == left


def test_a_program_that_keeps_a_file_open_is_named_as_the_obstacle(
    tmp_path: Path, hold: Hold
) -> None:
    path = tmp_path / "run.csv"
    path.write_text("old")
    hold(path)
    expected = (
        f"cannot write {path}: another program has it open; close it there or choose another folder"
    )
    writer = writing(path, OutputError)
    with pytest.raises(OutputError) as raised, writer, whole_file(path) as part:
        part.write_text("new")
    assert str(raised.value) == expected
    with pytest.raises(OutputError) as raised, writing(path, OutputError):
        remove(path)
    assert str(raised.value) == expected
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_result_gets_the_next_free_name_while_another_program_has_the_file_open(
    tmp_path: Path, hold: Hold
) -> None:
    path = tmp_path / "run.csv"
    assert replaceable_path(path) == path
    path.write_text("old")
    (tmp_path / "run-2.csv").touch()
    assert replaceable_path(path) == path
    close = hold(path)
    assert not is_replaceable(path)
    assert replaceable_path(path) == tmp_path / "run-3.csv"
    close()
    assert replaceable_path(path) == path
