"""What the tests of the commands share: the program, in a folder of its own."""

from pathlib import Path

import pytest

from tests.cli.program import Program


@pytest.fixture
def atari(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Program:
    """Return the program; its working directory is `tmp_path`."""
    monkeypatch.chdir(tmp_path)
    return Program(tmp_path, capsys)
