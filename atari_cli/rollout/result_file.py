"""The file of a run's results and its journal, which survives a run that is interrupted.

While the run is played, `FILE.partial.jsonl` receives the description of the run as its first line
and each episode as it ends. The file itself appears when the run has ended; then the journal is
deleted.
"""

import csv
import errno
import io
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn

from atari_cli.config import RolloutConfig
from atari_cli.errors import InvalidSetting, OutputError
from atari_cli.model import EpisodeSummary
from atari_cli.rollout.description import RunDescription
from atari_cli.seeding import episode_seed
from atari_cli.system.files import BINARY, remove, whole_file, writing
from atari_cli.system.locking import Lock, try_lock, unlock

_SUFFIXES: Final = (".json", ".csv")
_EPISODE: Final = {
    "episode": int,
    "seed": int,
    "return": float,
    "steps": int,
    "frames": int,
    "terminated": bool,
    "truncated": bool,
}
"""The fields of an episode in a file, and their types."""

_ALL: Final = "ask for everything that it has, or choose another out"
_ANOTHER: Final = "choose another out, resume=True or overwrite=True"

_Row = Mapping[str, Any]


class ResultJournal:
    """The journal of a file of results: a line of JSON for the run, and one for each episode.

    It is locked until it is closed or removed.

    Args:
        results: The file of results; the journal is in the same folder.
        run: The description of the run.
        resume: Keep the episodes that the journal has.
        overwrite: Drop them.

    Attributes:
        path: The journal.
        earlier: The episodes that it had, by number.
        is_resumed: Whether it was there, of this run.
        is_locked: Whether other processes know that it is in use; False on a file system without
            locks.
        kept: Number of episodes in it.

    Raises:
        InvalidSetting: With `resume`, if it is of another run, or damaged.
        OutputError: If it exists without `resume` and `overwrite`, if another process is writing
            it, or if it cannot be written.
    """

    def __init__(
        self, results: Path, run: RunDescription, *, resume: bool, overwrite: bool
    ) -> None:
        self.path = results.with_name(f"{results.name}.partial.jsonl")
        self.earlier: dict[int, EpisodeSummary] = {}
        self.is_resumed = self.is_locked = False
        with writing(self.path, OutputError):
            self._file: int | None = os.open(self.path, os.O_CREAT | os.O_RDWR | BINARY, 0o666)
            try:
                lock = try_lock(self._file)
                if lock is Lock.TAKEN:
                    unlock(self._file)
                    self._file = None  # its content is the other's
                    raise OutputError(f"another process writes {results}; choose another out")
                self.is_locked = lock is Lock.OURS
                if os.fstat(self._file).st_size and not resume and not overwrite:
                    raise OutputError(
                        f"{self.path} keeps the episodes of a run that was interrupted; {_ANOTHER}"
                    )
                self._begin(run, resume)
            except BaseException:
                self.close()
                raise
        self.kept = len(self.earlier)

    def __reduce__(self) -> NoReturn:
        raise TypeError("results in progress cannot be copied or pickled")

    def add(self, episode: EpisodeSummary) -> None:
        """Add an episode.

        Raises:
            OutputError: If it cannot be written.
        """
        assert self._file is not None
        with writing(self.path, OutputError):
            _append(self._file, episode.as_json())
        self.kept += 1

    def close(self) -> None:
        """Close the journal; one without an episode is deleted. Calling it again does nothing."""
        if self._file is None:
            return
        has_episodes = len(_rows(self._file)) > 1
        file, self._file = self._file, None
        try:
            if not has_episodes and sys.platform != "win32":
                remove(self.path)  # while it is locked
        finally:
            unlock(file)
        if not has_episodes:
            remove(self.path)

    def remove(self) -> None:
        """Close the journal and delete it; it stays if another program has it open.

        Raises:
            OutputError: If it cannot be deleted.
        """
        with writing(self.path, OutputError), suppress(PermissionError):
            try:
                if self._file is not None and sys.platform != "win32":
                    remove(self.path)  # while it is locked
            finally:
                self.close()
            remove(self.path)

    def _begin(self, run: RunDescription, resume: bool) -> None:
        """Read the whole lines, cut off the rest, and write the line of the run."""
        assert self._file is not None
        rows = _rows(self._file) if resume else []
        if rows:
            try:
                found = _described(rows[0].row)
            except (LookupError, TypeError) as error:
                raise InvalidSetting(
                    f"{self.path} is not the journal of a run; overwrite=True drops it"
                ) from error
            _check_same(self.path, [found], run)
            self.is_resumed = True
        end = rows[0].end if rows else 0
        for line in rows[1:]:
            try:
                episode = _episode(line.row)
            except (LookupError, TypeError, ValueError):
                break
            self.earlier[episode.episode] = episode
            end = line.end
        os.ftruncate(self._file, end)
        os.lseek(self._file, 0, os.SEEK_END)
        if not rows:
            _append(self._file, asdict(run))


class _Line(NamedTuple):
    """A line of a journal: its content, and where it ends in the file."""

    row: _Row
    end: int


def _rows(file: int) -> list[_Line]:
    """Return the lines of a journal up to the first that is not whole."""
    place = os.lseek(file, 0, os.SEEK_CUR)
    os.lseek(file, 0, os.SEEK_SET)
    rows: list[_Line] = []
    end = 0
    with os.fdopen(os.dup(file), "rb") as reader:
        for line in reader:
            end += len(line)
            try:
                row = json.loads(line)
            except ValueError:
                break
            if not line.endswith(b"\n") or not isinstance(row, dict):
                break
            rows.append(_Line(row, end))
    os.lseek(file, place, os.SEEK_SET)
    return rows


def _append(file: int, row: _Row) -> None:
    line = json.dumps(row).encode() + b"\n"
    # One call, so that a kill leaves at most one line that is not whole.
    if os.write(file, line) != len(line):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def check_path(path: Path, may_exist: bool) -> None:
    """Check, before any work, that a file of results can be written.

    Args:
        path: The file.
        may_exist: Whether it is to be continued or replaced.

    Raises:
        InvalidSetting: If the name ends neither in .json nor in .csv.
        OutputError: If it is a folder or exists, or its folder does not.
    """
    if path.suffix.lower() not in _SUFFIXES:
        raise InvalidSetting(f"out must end in .json or .csv, got {path}")
    if path.is_dir():
        raise OutputError(f"{path} is a folder; choose another out")
    if os.path.lexists(path) and not may_exist:
        raise OutputError(f"{path} already exists; {_ANOTHER}")
    folder = Path(os.path.realpath(path)).parent
    if not folder.is_dir():
        raise OutputError(f"{folder} does not exist; create it or choose another out")


def read_results(
    path: Path, run: RunDescription, rollout: RolloutConfig
) -> dict[int, EpisodeSummary]:
    """Return the complete episodes of a file by number.

    Args:
        path: The file.
        run: The run that is to be continued.
        rollout: The episodes to play.

    Raises:
        InvalidSetting: If it is the file of another run, of more episodes, or no file of results.
        OutputError: If it cannot be read.
    """
    try:
        text = path.read_text("utf-8")
        if path.suffix.lower() == ".json":
            document = json.loads(text)
            rows, runs = document["episodes"], [_described(document["run"])]
        else:
            # Each row describes its run, since rows of several files can be put into one.
            rows = runs = list(csv.DictReader(io.StringIO(text)))
            if not rows:
                raise ValueError("it has no episode")
        episodes = [_episode(row) for row in rows]
    except OSError as error:
        raise OutputError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, LookupError, TypeError, AttributeError, csv.Error) as error:
        raise InvalidSetting(
            f"{path} is not a file of results, which `atari rollout` writes; choose another out"
        ) from error
    _check_same(path, runs, run)
    check_episodes(path, episodes, run, rollout)
    if rollout.steps is not None and sum(episode.steps for episode in episodes) > rollout.steps:
        raise InvalidSetting(f"{path} has more than {rollout.steps} steps: {_ALL}")
    return {episode.episode: episode for episode in episodes if episode.complete}


def check_episodes(
    path: Path, found: Iterable[EpisodeSummary], run: RunDescription, rollout: RolloutConfig
) -> None:
    """Check that the episodes in a file are those of a run, each once, and none would be dropped.

    Args:
        path: The file.
        found: Its episodes.
        run: The run.
        rollout: The episodes to play.

    Raises:
        InvalidSetting: If one is not to be played, is there twice, or has another seed.
    """
    numbers = set()
    for episode in found:
        number, expected = episode.episode, episode_seed(run.seed, episode.episode)
        if number not in rollout.indices:
            raise InvalidSetting(f"{path} has episode {number}, which is not to be played: {_ALL}")
        if number in numbers:
            raise InvalidSetting(f"{path} has episode {number} twice; choose another out")
        if episode.seed != expected:
            raise InvalidSetting(
                f"{path} is of another run: episode {number} has seed {episode.seed}, not "
                f"{expected}; choose another out"
            )
        numbers.add(number)


def _described(run: _Row) -> dict[str, Any]:
    """Return the columns of a description that was read from JSON; KeyError if one is missing."""
    return RunDescription(**{item.name: run[item.name] for item in fields(RunDescription)}).as_row()


def _check_same(path: Path, runs: Iterable[_Row], run: RunDescription) -> None:
    """Check that a file's runs are this one; a CSV file has every value as text."""
    expected = run.as_row()
    for found in runs:
        differences = [
            f"{name} {found.get(name)}, not {value}"
            for name, value in expected.items()
            if _as_text(found.get(name)) != _as_text(value)
        ]
        if differences:
            raise InvalidSetting(
                f"{path} is of another run: {'; '.join(differences)}. Give the same settings, or "
                "choose another out"
            )


def _as_text(value: object) -> str:
    return "" if value is None else str(value)


def _episode(row: _Row) -> EpisodeSummary:
    """Return an episode from its fields, which are texts in a CSV file."""
    values = {}
    for name, kind in _EPISODE.items():
        value = row[name]
        values[name] = value == "True" if kind is bool and isinstance(value, str) else kind(value)
    values["score"] = values.pop("return")
    return EpisodeSummary(**values)


def write_results(
    path: Path, document: _Row, run: RunDescription, episodes: Sequence[EpisodeSummary]
) -> None:
    """Write a file of results, whole or not at all.

    Args:
        path: The file.
        document: Everything, for a .json file.
        run: The run, for a .csv file.
        episodes: The lines of a .csv file, at least one.

    Raises:
        OutputError: If the file cannot be written.
    """
    if path.suffix.lower() == ".json":
        text = json.dumps(document, indent=2, allow_nan=False) + "\n"
    else:
        row = run.as_row()
        text = _as_csv([episode.as_json() | row for episode in episodes])
    with writing(path, OutputError), whole_file(path) as part:
        part.write_text(text, encoding="utf-8", newline="")


def _as_csv(rows: Sequence[_Row]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
