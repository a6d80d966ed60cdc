"""The journal of a file of results: locked, and harmless when the disk is full."""

import os
from pathlib import Path

import pytest

from atari_cli.api.policies import find_policy
from atari_cli.config import EnvironmentConfig
from atari_cli.errors import InvalidSetting, OutputError
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


def test_an_episode_that_does_not_fit_is_reported_and_not_read_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The part that was written of the line that did not fit is ignored."""
    journal = ResultJournal(tmp_path / "run.csv", RUN, resume=False, overwrite=False)
    journal.add(EPISODE)
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, line: write(file, line[:10]))
    with pytest.raises(OutputError, match="No space left on device"):
        journal.add(EPISODE)
    monkeypatch.undo()
    assert journal.kept == 1
    journal.close()
    assert journal.path.read_bytes().count(b"\n") == 2
    again = ResultJournal(tmp_path / "run.csv", RUN, resume=True, overwrite=False)
    again.close()
    assert again.earlier == {3: EPISODE}


def test_a_journal_is_locked_until_the_file_is_written(tmp_path: Path) -> None:
    journal = ResultJournal(tmp_path / "run.csv", RUN, resume=False, overwrite=False)
    journal.add(EPISODE)
    for overwrite in (False, True):
        with pytest.raises(OutputError, match="another process writes"):
            ResultJournal(tmp_path / "run.csv", RUN, resume=not overwrite, overwrite=overwrite)
    journal.remove()
    assert not journal.path.exists()


def test_nothing_is_left_by_a_journal_that_cannot_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "write", lambda file, line: 0)
    with pytest.raises(OutputError, match="No space left"):
        ResultJournal(tmp_path / "run.csv", RUN, resume=False, overwrite=False)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("head", ['{"game": "breakout"}', "{}"])
def test_a_journal_without_a_run_is_refused(tmp_path: Path, head: str) -> None:
    (tmp_path / "run.csv.partial.jsonl").write_text(f"{head}\n{{}}\n")
    with pytest.raises(InvalidSetting, match="is not the journal of a run"):
        ResultJournal(tmp_path / "run.csv", RUN, resume=True, overwrite=False)


@pytest.mark.parametrize("line", ["5", "null", "[]", "{}", '{"episode": 7}', "X"])
def test_a_journal_is_read_up_to_its_first_damaged_line(tmp_path: Path, line: str) -> None:
    journal = ResultJournal(tmp_path / "run.csv", RUN, resume=False, overwrite=False)
    journal.add(EPISODE)
    journal.close()
    with journal.path.open("a") as file:
        file.write(f"{line}\n")
    again = ResultJournal(tmp_path / "run.csv", RUN, resume=True, overwrite=False)
    again.close()
    assert again.earlier == {3: EPISODE}
