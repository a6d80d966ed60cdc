"""The program, run in a temporary folder, for the tests of the commands."""

import logging
from collections.abc import Iterator
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


@pytest.fixture(autouse=True)
def log_restored() -> Iterator[None]:
    """Undo the logging setup of `atari serve` in this process."""
    logger = logging.getLogger("atari")
    before = (logger.handlers, logger.level, logger.propagate)
    yield
    logger.handlers, logger.level, logger.propagate = before
