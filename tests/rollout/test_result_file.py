"""The journal of a file of results: locked, and harmless when the disk is full."""

import os
from pathlib import Path

import pytest

from atari_cli.api.policies import find_policy
from atari_cli.config import EnvironmentConfig
from atari_cli.errors import OutputError
from atari_cli.model import EpisodeSummary
from atari_cli.rollout.description import RunDescription
from atari_cli.rollout.result_file import ResultJournal

PONG = EnvironmentConfig("pong")
RUN = RunDescription.of(PONG, find_policy("random", PONG), seed=0)
EPISODE = EpisodeSummary(3, 9, -21.0, 764, 3057, True, False)


def test_an_episode_comes_back_from_the_journal(tmp_path: Path) -> None:
    journal = ResultJournal(tmp_path / "run.csv", RUN, resume=False, overwrite=False)
    journal.add(EPISODE)
    journal.close()
    again = ResultJournal(tmp_path / "run.csv", RUN, resume=True, overwrite=False)
    again.close()
    assert again.earlier == {3: EPISODE}


def test_two_processes_do_not_write_one_file(tmp_path: Path) -> None:
    journal = ResultJournal(tmp_path / "run.csv", RUN, resume=False, overwrite=False)
    with pytest.raises(OutputError, match=r"another process writes .*run\.csv"):
        ResultJournal(tmp_path / "run.csv", RUN, resume=True, overwrite=False)
    journal.close()
    assert not journal.path.exists()


def test_a_full_disk_ends_the_journal_and_not_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The part that was written of the line that did not fit is ignored."""
    journal = ResultJournal(tmp_path / "run.csv", RUN, resume=False, overwrite=False)
    journal.add(EPISODE)
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, line: write(file, line[:10]))
    journal.add(EPISODE)
    monkeypatch.undo()
    journal.add(EPISODE)
    journal.close()
    assert journal.path.read_bytes().count(b"\n") == 2
    again = ResultJournal(tmp_path / "run.csv", RUN, resume=True, overwrite=False)
    again.close()
    assert again.earlier == {3: EPISODE}
