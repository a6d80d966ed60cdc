"""Paths in commands that a message advises to run can be pasted into the system's shell."""

import shlex
import sys
from pathlib import Path

import pytest

from atari_cli.system.shell import quoted


@pytest.mark.posix("a shell of POSIX")
@pytest.mark.parametrize("name", ["runs", "my  runs", "it's", "$HOME", "a;b", 'say "hi"', "日本 ü"])
def test_the_shell_reads_a_quoted_path_as_that_path(name: str) -> None:
    assert shlex.split(f"atari recover {quoted(Path(name))}") == ["atari", "recover", name]


def test_a_path_of_plain_letters_stays_as_it_is(tmp_path: Path) -> None:
    assert quoted(tmp_path / "runs-1") == str(tmp_path / "runs-1")


def test_a_path_is_never_taken_for_an_option() -> None:
    assert Path(quoted(Path("-x"))) == Path("-x")
    assert not quoted(Path("-x")).startswith("-")


@pytest.mark.parametrize("name", ["my  runs", "a&b", "x;y", "日本 ü", "100%"])
def test_windows_knows_double_quotes_alone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert quoted(Path(name)) == f'"{name}"'
    assert quoted(Path("runs")) == "runs"
