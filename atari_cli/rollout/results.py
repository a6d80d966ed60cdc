"""The results of a run: its description, episodes, counts and statistics, and their file."""

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from atari_cli.config import EnvironmentConfig, RolloutConfig
from atari_cli.errors import InvalidSetting, OutputError, PolicyFailed
from atari_cli.games import find_game
from atari_cli.model import EpisodeSummary, PolicySource
from atari_cli.rollout.description import RunDescription
from atari_cli.rollout.result_file import (
    ResultJournal,
    check_episodes,
    check_path,
    read_results,
    write_results,
)
from atari_cli.rollout.run import Collect
from atari_cli.rollout.summary import Summary, summarise
from atari_cli.system.files import remove_parts, replaceable_path
from atari_cli.validation import as_path, check_type


@dataclass(frozen=True)
class RunCounts:
    """The number of episodes of a run by their outcome.

    Attributes:
        planned: Episodes to play; None with a budget of steps.
        played: Episodes that ended or were cut.
        failed: Episodes in which the policy failed; they are missing among the episodes.
        cut: Played episodes that did not end on their own.
        interrupted: Whether the run was interrupted; `played` then counts the episodes up to the
            first that is missing.
    """

    planned: int | None
    played: int
    failed: int
    cut: int
    interrupted: bool


class Results(Collect):
    """The results of a run, as a sink for `run_episodes` and a `with` block around it.

    With a path, each episode goes into a journal as soon as it ends; `write` makes the file.

    Args:
        config: The settings of the environment.
        policy: The source of the policy.
        rollout: Which episodes are to be played.
        path: The file, JSON or CSV by its name; None to write none.
        resume: Keep the episodes of the same run in the file and its journal, if they are there.
        overwrite: Replace the file if it exists, and drop the journal of an interrupted run.
        warn: Called with a line for the user if the journal can no longer be written, or cannot
            be locked.

    Attributes:
        path: The file.
        run: What decides the episodes.
        earlier: The complete episodes that the file and its journal held, for `run_episodes`.
        error: What broke the `with` block off; None if nothing did.

    Raises:
        InvalidSetting: If the name of the file has another ending, or with `resume` if file or
            journal are not a part of this run.
        OutputError: If the file or journal exists without `resume` and `overwrite`, if another
            process is writing it, or if it cannot be written.
    """

    def __init__(
        self,
        config: EnvironmentConfig,
        policy: PolicySource,
        rollout: RolloutConfig,
        path: Path | None = None,
        *,
        resume: bool = False,
        overwrite: bool = False,
        warn: Callable[[str], object] = lambda message: None,
    ) -> None:
        super().__init__()
        check_type("config", config, EnvironmentConfig)
        check_type("rollout", rollout, RolloutConfig)
        self.path = path
        self.run = RunDescription.of(config, policy, rollout.seed)
        self.earlier: list[EpisodeSummary] = []
        self.error: BaseException | None = None
        self._rollout = rollout
        self._warn = warn
        self._keeps = True
        self._journal: ResultJournal | None = None
        if path is None:
            if resume:
                raise InvalidSetting("resume needs out, the file of the run to resume")
            return
        # A policy may change the working directory.
        path = self.path = Path(os.path.abspath(as_path("path", path)))
        check_path(path, resume or overwrite)
        self._journal = ResultJournal(path, self.run, resume=resume, overwrite=overwrite)
        if not self._journal.is_locked:
            warn(f"{path.parent} is on a file system without locks: write {path.name} only once")
        try:
            found = self._find_earlier(path) if resume else {}
            remove_parts(path)
        except BaseException:
            self._journal.close()
            raise
        self.earlier = [found[number] for number in sorted(found)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.error = error
        if self._journal and (self.counts.interrupted or not self.episodes):
            self._journal.close()

    @property
    def journal(self) -> Path | None:
        """The journal's path; None without a file."""
        return self._journal.path if self._journal else None

    @property
    def kept(self) -> int:
        """Number of episodes in the journal."""
        return self._journal.kept if self._journal else 0

    def complete(self, summary: EpisodeSummary) -> None:
        """Add an episode to the journal.

        If it cannot be written, the run continues without: its results can still be shown.
        """
        if self._journal and self._keeps:
            try:
                self._journal.add(summary)
            except OutputError as error:
                self._keeps = False
                self._warn(f"{error}; the episodes from here on are not kept")

    def _find_earlier(self, path: Path) -> dict[int, EpisodeSummary]:
        """Return the episodes of the file and its journal."""
        assert self._journal
        found: dict[int, EpisodeSummary] = {}
        if path.exists():
            try:
                found = read_results(path, self.run, self._rollout)
            except InvalidSetting:
                # With a journal of this run, overwrite=True was given for the file of another.
                if not self._journal.is_resumed:
                    raise
        earlier = self._journal.earlier
        check_episodes(self._journal.path, earlier.values(), self.run, self._rollout)
        return found | self._journal.earlier

    @property
    def counts(self) -> RunCounts:
        """The number of episodes by their outcome."""
        played = len(self.episodes)
        interrupted = self.error is not None and not isinstance(self.error, PolicyFailed)
        planned = self._rollout.episodes
        if interrupted:
            # The policy failed in those that are missing before the last.
            last = self.episodes[-1].episode if self.episodes else self._rollout.first_episode - 1
            failed = last + 1 - self._rollout.first_episode - played
        elif planned is None:
            failed = 1 if self.error else 0  # it ended the run
        else:
            failed = planned - played
        cut = sum(not episode.complete for episode in self.episodes)
        return RunCounts(planned, played, failed, cut, interrupted)

    def summary(self, seconds: float | None = None) -> Summary:
        """Return the statistics of the episodes.

        Args:
            seconds: The wall time of the run, for its speed; ignored if a part of it was played
                before.

        Raises:
            InvalidSetting: If there is no episode.
        """
        seconds = None if self.earlier else seconds
        return summarise(self.episodes, find_game(self.run.game), seconds)

    def as_json(self) -> dict[str, Any]:
        """Return the content of a .json file; the same run gives the same document.

        Raises:
            InvalidSetting: If there is no episode.
        """
        return {
            "run": asdict(self.run) | asdict(self.counts),
            "episodes": [episode.as_json() for episode in self.episodes],
            "summary": self.summary().as_json(),
        }

    def write(self) -> Path:
        """Write the file, whole or not at all, delete the journal, and return the file's path.

        It is the next free name if another program keeps the file open, which Windows does not
        replace then.

        Raises:
            InvalidSetting: If there is no episode, or no path.
            OutputError: If the file cannot be written; the journal stays.
        """
        if self.path is None or self._journal is None:
            raise InvalidSetting("these results have no path")
        try:
            path = replaceable_path(self.path)
            write_results(path, self.as_json(), self.run, self.episodes)
        except BaseException:
            self._journal.close()
            raise
        self._journal.remove()
        return path
